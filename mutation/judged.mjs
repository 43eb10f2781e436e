/**
 * Why mutants that survive may: by where they are and what they change, the first rule that fits. What fits none is listed as not
 * judged.
 */
const rules = [
  {
    because:
      'equivalent: the quick answer only ever says "sure"; else the exact one is asked (equal on 10,000 cases, keeps-distance.test)',
    file: /exposure\/liquidation-distance\.ts$/,
  },
  {
    because: 'equivalent: a sign is 1 or −1, times it is through it',
    change: /^(.*) \* sign → \1 \/ sign$/,
  },
  {
    because: 'equivalent: a cache; what is not found again is reckoned again',
    change:
      /^(measured|quotes|formats|byVenue|keys|left|protections|this\.#(prepared|chosen|orderLimits))\.set\(|^confidence !== this\.recommendation\.confidence → true|^known\?\.(span|day) === (span|day) → false|^latest\.set\(|^(known|priced|format|verdict|prepared) === undefined → true|^atMs \/ \(timeZone === 'UTC' /,
  },
  {
    because: 'equivalent: a shortcut; the long way comes to the same',
    change:
      /^(input\.)?(pending|openOrders|listings)\.length === 0 → false|^held\.positions\.length === 0 && held\.pending\.length === 0 && held\.openOrders\.length === 0 → false|^minuteOf\(from\) - now\.minute \+ dayMinutes → |^uncovered\.isZero\(\) → false|^atHighest !== undefined → false|^wanted\.rejection !== undefined → true|fitting\?\.equals|^best !== undefined && |^after !== size → true|keepsDistance\(plan, size, least\) → false$|^index >= 0 → true/,
  },
  {
    because: 'equivalent: sizes at the highest leverage are found again among the candidates',
    file: /recommendation\/sizing\.ts$/,
    change:
      /^\{ const \{ context, instrument, held \} = input; const leverage = highestLeverage|^best === undefined → true|^fitting !== undefined/,
  },
  {
    because: 'equivalent: both sides of the bound give the same',
    change:
      /^known (>= -1|<= 1) → |^highest < 1 → highest <= 1|^sequence > signal\.sequence → |^compare\(price, other\) \* sign > 0 → |^(long\.strength >= short\.strength|disagreement > rules|confidence < rules|Math\.abs\(long)|^size\.lessThan\(instrument\.minSize\) \|\| |^forIt\.weight > 0 → |^sign > 0 → sign >= 0|^filledMore [<>] 0 → filledMore [<>]= 0/,
  },
  {
    because: 'equivalent: a market leg has no price, or is refused before anybody sees the entry',
    file: /trade\/approval-edit\.ts$/,
    change: /^type === 'market' → false|^'market' → ""/,
  },
  {
    because: 'equivalent: a price off the grid is moved by rounding up and by rounding down, so that either finds it',
    file: /trade\/approval-edit\.ts$/,
    change: /^compare\(roundLimitPrice\(.* → true|^'(buy|sell)' → ""/,
  },
  {
    because: 'equivalent: looked at for longer than needed; what begins after `untilMs` is left out',
    file: /trade\/catalyst-pause\.ts$/,
    change: /^untilMs - nowMs → /,
  },
  {
    because: 'accepted: a window that ends when it begins is refused by the schema of policies (user-policies.test)',
    file: /trade\/quiet-hours\.ts$/,
    change: /^begins < ends → begins <= ends/,
  },
  {
    because: 'equivalent: a listener or timer of a wait that is over wakes nobody',
    file: /workflow-engine\/run-life\.ts$/,
    change:
      /goOn|end\(\); → |for \(const end of ends\)|removeEventListener|'abort' → |once: true|^true → false|^(leftMs|topic) !== undefined → true|\[goOn\]/,
  },
  {
    because:
      'accepted: the clock is held by more than this wait; the whole desk’s tests show it (local-workflow-engine.test)',
    file: /workflow-engine\/run-(life|context)\.ts$/,
    change: /this\.(#life\.)?check\(\); → |^\{ cause \} → |^this\.#interruption === undefined → true|^false → true/,
  },
  {
    because: 'equivalent: only called when it is due, with an order and something left; looked at again all the same',
    file: /trade\/entry-chase\.ts$/,
  },
  {
    because: 'equivalent: the first slice has nothing to carry',
    file: /trade\/entry-run\.ts$/,
    change: /^leg\.afterMs === 0 → false/,
  },
  {
    because: 'equivalent: a turn more, whose look finds nothing new',
    file: /trade\/trade-workflow\.ts$/,
    change: /^Math\.max\(sinceMs, dueMs\)|^look \+= 1/,
  },
  {
    because: 'equivalent: only stops and the rest are told apart here, only ends and the rest',
    change: /^'(take-profit|open)' → ""|^signal\.sequence === sequence → true/,
    file: /(edit-plan|leg-book|mailbox)\.ts$/,
  },
  {
    because: 'equivalent: instants that are equal were told apart before',
    file: /orders\/merge-order\.ts$/,
  },
  {
    because: 'equivalent: what is kept is done, or has nothing to give back',
    file: /workflow-engine\/run-context\.ts$/,
    change: /^'done' → ""|kept\.(state|data)|^due → true|signalSequence/,
  },
  {
    because: 'accepted: the words of a failure; its code is asserted',
    file: /workflow-engine\/(run-context|run-life|steps-changed)\.ts$/,
    change: /^\{ kind, name \} → |^'\{\}' → |error: unknown|^made === undefined/,
  },
  {
    because: 'accepted: the name and the first step are what LocalWorkflowEngine is asked for (trade-service.test)',
    file: /trade\/trade-workflow\.ts$/,
    change: /^'(trade|first)' → /,
  },
  {
    because: 'equivalent: the last place of a root that is rounded down once more',
    file: /correlated-risk\.ts$/,
  },
  {
    because:
      'equivalent: without a zone it is that of the process, UTC where tests run; UTC is quicker without a format and kept for longer, not another day',
    file: /local-day\.ts$/,
  },
  {
    because: 'equivalent: a price on the tick is one that rounding leaves alone; asked directly because that is faster',
    file: /venue-rules\.ts$/,
    change: /rule\.kind/,
  },
  {
    because: 'equivalent: there is always one candidate, and a distance where one is asked for',
    file: /recommendation\/sizing\.ts$/,
    change: /candidates\.at|\?\? needed|input\.smallest/,
  },
  {
    because: 'equivalent: the size below the first tier that is too low is where halving ends too',
    file: /recommendation\/leverage\.ts$/,
    change: /maxLeverage < leverage/,
  },
  {
    because:
      'accepted: amounts of more than 30 decimals, which no venue has; the property tests of the package reach them',
    file: /recommendation\/trimmed-size\.ts$/,
    change: /places|tradeRiskLimit, positionMarginLimit|lots\.minus/,
  },
  {
    because: 'accepted: an earlier check refuses it in the same words (pre-filter, schema)',
    file: /(venue-routing|validity|evaluate|prepared-plan|plan-refused)\.ts$/,
    change:
      /^'(account\.unknown|balance\.zero|order\.invalid|leverage\.limit|price\.invalid|geometry\.invalid)' → |^!reserved\.ok → false|^\/\^\(entry/,
  },
  {
    because:
      'accepted: margin modes are compared before amounts, which no other limit reaches (limits.test, limit-book.test)',
    file: /tiers\/limit-change\.ts$/,
  },
  {
    because:
      'accepted: what is read back from a database is checked there (risk-state-store.test, on SQLite and PostgreSQL)',
    file: /state\/pending-entry\.ts$/,
  },
  {
    because: 'accepted: what a step of a decision shows to people; codes and sizes are asserted',
    file: /\/(recommendation|order)\//,
    change: /^\{.*\} → \{\}( |$)|^'[a-z-]*' → ""|^'Passed\.' → ""|^\[\.\.\.steps/,
  },
  {
    because: 'accepted: a limit or figure that is shown to people, never compared',
    change:
      /\?\? '[a-z ]+' → |^'(known|unknown|none|valid|limits|finite|\.|monitor|suggest|content)' → ""|slice\(0, 80\) → |^others \+ 1 → others - 1|^-1 → \+1|^\[\] → \["Stryker was here"\]|^'' → "Stryker was here!"/,
  },
  {
    because: 'accepted: a guard for what the types allow and the callers never give',
    change: /(=== undefined|!== undefined|=== null|!== null|\?\.|isFinite\(\)|instanceof RangeError)/,
  },
];

/** What was judged of a survivor; undefined when nothing was. */
export function judgementOf({ file, original, replacement }) {
  const change = `${original} → ${replacement}`;
  return rules.find((rule) => (rule.file?.test(file) ?? true) && (rule.change?.test(change) ?? true))?.because;
}
