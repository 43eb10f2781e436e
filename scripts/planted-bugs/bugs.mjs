// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are code
/**
 * Bugs that trading software is known to have, one edit each: `find` stands exactly once in `file` and becomes `replace`; one of
 * `tests` has to fail then. A text that is not there any more is an error, so that the list follows the code.
 */

const execution = 'packages/execution/src';
const risk = 'packages/risk/src';
const core = 'packages/core/src';
const agents = 'packages/agents/src';

const orderDesk = [`${execution}/orders/order-desk.test.ts`];
const tradeService = [`${execution}/trade/trade-service.test.ts`];
const guard = [`${execution}/guard/position-guard.test.ts`];
const judge = [`${risk}/order/judge.test.ts`];
const approval = [`${core}/approval/approval.test.ts`];
const portfolio = [`${execution}/portfolio/portfolio.test.ts`, `${execution}/portfolio/divergence.test.ts`];
const engine = [`${execution}/workflow-engine/local-workflow-engine.test.ts`];
const hyperliquid = [`${execution}/ccxt/venues/hyperliquid.test.ts`];
const pricing = [`${core}/markets/price-rounding.test.ts`];

export const bugs = [
  // An order is sent once.
  {
    name: 'the id of an order is random at every try',
    file: `${execution}/trade/entry-run.ts`,
    find: '-again-${index}`, () => acts.send(leg, clientOrderId), patient)',
    replace: '-again-${index}`, () => acts.send(leg, crypto.randomUUID().replaceAll("-", "")), patient)',
    tests: [`${execution}/trade/entry-run.test.ts`],
  },
  {
    name: 'the id of a step depends on when it is derived',
    file: `${execution}/workflow-engine/run-context.ts`,
    find: 'return deriveClientOrderId(this.runId, step);',
    replace: 'return deriveClientOrderId(this.runId, `${step}:${this.#clock.nowMs()}`);',
    tests: [`${execution}/workflow-engine/run-journal.test.ts`],
  },
  {
    name: 'an order whose answer is lost is sent again at once',
    file: `${execution}/orders/order-desk.ts`,
    find: 'venue.place(decision.order)',
    replace: `venue.place(decision.order).then(async (first) => {
      if (first.outcome !== 'unknown') return first;
      const again = await this.#options.riskGate.authorize(intent);
      return again.outcome === 'approved' ? venue.place(again.order) : first;
    })`,
    tests: orderDesk,
  },
  {
    name: 'an adapter posts again when the connection fails',
    file: `${core}/ccxt/account-requester.ts`,
    find: 'return await this.#transport(signed, AbortSignal.any(signals));',
    replace: `return await this.#transport(signed, AbortSignal.any(signals)).catch(() =>
        this.#transport(signed, AbortSignal.any(signals)),
      );`,
    tests: [`${core}/ccxt/account-requests.test.ts`, `${execution}/ccxt/lost-answers.test.ts`],
  },
  {
    name: 'ccxt sends failed requests again',
    file: `${core}/ccxt/harden-exchange.ts`,
    find: 'maxRetriesOnFailure: 0',
    replace: 'maxRetriesOnFailure: 3',
    tests: [`${execution}/ccxt/sent-once.test.ts`],
  },
  {
    name: 'an order that is not found has never landed, however young it is',
    file: `${execution}/orders/order-fates.ts`,
    find: "this.#options.clock.nowMs() > landsUntilMs ? 'never-landed' : 'absent'",
    replace: "landsUntilMs >= 0 ? 'never-landed' : 'absent'",
    tests: orderDesk,
  },
  {
    name: 'the intent is not waited for before the order leaves',
    file: `${execution}/orders/order-desk.ts`,
    find: 'await this.#journal.intend({ order, authorizationExpiresAtMs });',
    replace: 'void this.#journal.intend({ order, authorizationExpiresAtMs }).catch(() => undefined);',
    tests: [...orderDesk, `${execution}/orders/kept-first.test.ts`],
  },
  {
    name: 'unknown is told as rejected',
    file: `${execution}/venue/venue-base.ts`,
    find: "if (left) return { outcome: 'unknown', reason: reasonOf(error) };",
    replace: "if (left) return refused({ code: 'venue.unhealthy', message: reasonOf(error) });",
    tests: [`${execution}/venue/venue-base.test.ts`],
  },
  {
    name: 'a 5xx of the venue counts as a refusal',
    file: `${execution}/ccxt/venues/hyperliquid.ts`,
    find: "if (status >= 500) return { kind: 'unknown', code: String(status), message: '' };",
    replace: "if (status >= 500) return { kind: 'refused', code: String(status), message: '' };",
    tests: [...hyperliquid, `${execution}/ccxt/lost-answers.test.ts`],
  },
  {
    name: 'client order ids are cut short',
    file: `${core}/security/derive-client-order-id.ts`,
    find: '.slice(0, 32)',
    replace: '.slice(0, 16)',
    tests: [
      `${execution}/ccxt/hyperliquid-contract.test.ts`,
      `${execution}/controls/controls.test.ts`,
      ...tradeService,
    ],
  },
  {
    name: 'a nonce is used twice',
    file: `${core}/ccxt/harden-exchange.ts`,
    find: 'last = Math.max(last + 1, clock.nowMs());',
    replace: 'last = Math.max(last, clock.nowMs());',
    tests: [`${core}/ccxt/account-requests.test.ts`, `${core}/ccxt/ccxt-client.test.ts`, ...hyperliquid],
  },
  {
    name: 'a builder is paid with every order',
    file: `${execution}/ccxt/venues/hyperliquid.ts`,
    find: "grouping: bracket ? 'normalTpsl' : 'na' };",
    replace: "grouping: bracket ? 'normalTpsl' : 'na', builder: { b: `0x${'1'.repeat(40)}`, f: 10 } };",
    tests: hyperliquid,
  },
  // Only what was authorised leaves.
  {
    name: 'an authorisation can be spent twice',
    file: `${core}/approval/spent-ledger.ts`,
    find: 'if (this.#expiries.has(id)) return false;',
    replace: 'if (this.#expiries.has(id)) return true;',
    tests: approval,
  },
  {
    name: 'the content of an authorisation is not checked',
    file: `${core}/approval/spending-verifier.ts`,
    find: 'this.#signatureOf(authorization) ?? contentOf(snapshot) ?? this.#lifetimeOf(authorization)',
    replace: 'this.#signatureOf(authorization) ?? this.#lifetimeOf(authorization)',
    tests: approval,
  },
  {
    name: 'an expired authorisation is taken',
    file: `${core}/approval/spending-verifier.ts`,
    find: 'if (nowMs >= expiresAtMs) return',
    replace: 'if (nowMs >= expiresAtMs + 1_000) return',
    tests: approval,
  },
  {
    name: 'a mismatch at the last hop is only logged',
    file: `${execution}/venue/venue-base.ts`,
    find: '    this.#outbound.depart(order);\n',
    replace: `    try {
      this.#outbound.depart(order);
    } catch (error) {
      this.logger.error({ error }, 'an order and its authorisation do not match');
    }
`,
    tests: [`${execution}/venue/venue-base.test.ts`],
  },
  {
    name: 'an amendment goes past the verifier',
    file: `${execution}/venue/venue-base.ts`,
    find: "return this.#act('amend', order, options, (intent, send) => this.sendAmend(intent, send));",
    replace: 'return this.sendAmend(order.intent, { ...options, expiresAtMs: order.authorization.expiresAtMs });',
    tests: [`${execution}/venue/venue-base.test.ts`, ...hyperliquid],
  },
  {
    name: 'an amendment that Brix refuses goes on under what it allowed before',
    file: `${execution}/orders/order-desk.ts`,
    find: `      if (decision.outcome === 'rejected') return this.#refuse(intent, decision.rejection);
      const authorizationExpiresAtMs`,
    replace: `      if (decision.outcome === 'rejected') return { outcome: 'accepted', order: this.#order(intent, 'open') };
      const authorizationExpiresAtMs`,
    tests: [...orderDesk],
  },
  {
    name: 'an approval is taken after its time',
    file: `${execution}/trade/trade-service.ts`,
    find: 'if (this.#options.wallClock.nowMs() < expiresAtMs)',
    replace: 'if (this.#options.wallClock.nowMs() < expiresAtMs + 60_000)',
    tests: tradeService,
  },
  {
    name: 'the hash that a user approved is not compared',
    file: `${execution}/trade/approval-acts.ts`,
    find: 'if (answer.contentHash !== approvalHash(signal, guidance)) {',
    replace: "if (answer.contentHash === '') {",
    tests: tradeService,
  },
  {
    name: "one user answers another user's approval",
    file: `${execution}/trade/trade-service.ts`,
    find: 'if (approval?.signal.userId !== userId)',
    replace: 'if (approval === undefined)',
    tests: tradeService,
  },
  {
    name: "another user's orders are visible",
    file: `${execution}/portfolio/portfolio.ts`,
    find: 'const followed = this.#of(userId);',
    replace: 'const followed = [...this.#accounts.values()];',
    tests: [`${execution}/portfolio/users-apart.test.ts`],
  },
  // Limits and states.
  {
    name: 'the daily loss passes at the limit itself',
    file: `${risk}/exposure/loss-limits.ts`,
    find: 'if (!daily.loss.lessThan(dayLimit))',
    replace: 'if (daily.loss.greaterThan(dayLimit))',
    tests: [`${risk}/exposure/loss-limits.test.ts`, ...judge],
  },
  {
    name: 'one position more than the limit',
    file: `${risk}/order/exposure.ts`,
    find: 'open.size >= input.limits.maxOpenPositions',
    replace: 'open.size > input.limits.maxOpenPositions',
    tests: judge,
  },
  {
    name: 'one order more than the throttle',
    file: `${risk}/order/message-throttle.ts`,
    find: 'entryMessages < orderLimits.entryMessages\n',
    replace: 'entryMessages <= orderLimits.entryMessages\n',
    tests: judge,
  },
  {
    name: 'an exposure a hair above its limit passes',
    file: `${risk}/exposure/exposure-limit.ts`,
    find: 'measured.actual.lessThanOrEqualTo(measured.limit)',
    replace: 'Number(measured.actual.toFixed(6)) <= Number(measured.limit.toFixed(6))',
    tests: [`${risk}/order/exact-limits.test.ts`],
  },
  {
    name: 'a stale mark is sized on',
    file: `${risk}/decision/usable-quote.ts`,
    find: "if (reading.quality !== 'fresh') {",
    replace: "if (reading.quality === 'gapped') {",
    tests: [...judge, `${risk}/recommendation/evaluate.test.ts`],
  },
  {
    name: 'the daily loss leaves out what is not realised',
    file: `${risk}/exposure/daily-loss.ts`,
    find: 'const equity = exact(account.equity);',
    replace: 'const equity = exact(account.balance);',
    tests: [`${risk}/exposure/daily-loss.test.ts`],
  },
  {
    name: 'an entry against an open position flips it',
    file: `${risk}/order/one-direction.ts`,
    find: 'if (held.some((position) => position.direction !== direction)) {',
    replace: 'if (held.length > 1 && held.some((position) => position.direction !== direction)) {',
    tests: judge,
  },
  {
    name: 'a stop on the wrong side of the price passes',
    file: `${risk}/order/stop.ts`,
    find: '(long ? price.greaterThan(stopLoss) : price.lessThan(stopLoss))',
    replace: '!price.equals(stopLoss)',
    tests: judge,
  },
  {
    name: 'an order of unknown outcome does not block its market',
    file: `${risk}/order/unresolved.ts`,
    find: "order.status === 'unresolved' &&",
    replace: "order.status === 'rejected' &&",
    tests: judge,
  },
  {
    name: 'the margin tier of the smallest position counts for all',
    file: `${core}/markets/margin.ts`,
    find: 'if (amount.greaterThanOrEqualTo(tier.notionalFrom)) found = tier;',
    replace: 'if (amount.greaterThanOrEqualTo(tier.notionalFrom)) found ??= tier;',
    tests: [`${core}/markets/liquidation-price.test.ts`, `${core}/markets/venue-margin.test.ts`],
  },
  {
    name: 'the leverage of the lowest tier counts at any size',
    file: `${risk}/exposure/liquidation-distance.ts`,
    find: 'const tier = tiers.findLast(',
    replace: 'const tier = tiers.find(',
    tests: [`${risk}/recommendation/sizing.test.ts`, ...judge],
  },
  {
    name: 'a reservation is never given back',
    file: `${risk}/gate/brix.ts`,
    find: '...(left === undefined ? { remove: [signalId] } : { put: [left] }),',
    replace: '...(left === undefined ? { put: [entry] } : { put: [left] }),',
    tests: [`${risk}/gate/brix.test.ts`],
  },
  {
    name: 'two orders take the same budget',
    file: `${risk}/state/memory-risk-state-store.ts`,
    find: 'if (row.version !== change.expectedVersion) return false;',
    replace: '',
    tests: [`${risk}/state/risk-state-store.test.ts`, `${risk}/gate/budget.test.ts`],
  },
  {
    name: 'legs may be more than their signal',
    file: `${risk}/order/within-signal.ts`,
    find: 'const asked = open.plus(underway).plus(intent.size);',
    replace: 'const asked = open.plus(intent.size);',
    tests: [...judge, `${risk}/gate/brix.test.ts`],
  },
  {
    name: 'the kill switch is set after an await',
    file: `${risk}/switch/durable-trading-switch.ts`,
    find: '    if (!loosening) {\n      apply(this.#records, scope, record);\n',
    replace: `    await Promise.resolve();
    if (!loosening) {
      apply(this.#records, scope, record);
`,
    tests: [`${risk}/switch/durable-trading-switch.test.ts`, `${risk}/gate/kill-switch.test.ts`],
  },
  {
    name: 'a halt stops the exits',
    file: `${risk}/gate/order-door.ts`,
    find: 'const late = intent.reduceOnly ? undefined : newRiskRefused(this.#inputs.guard(intent));',
    replace: 'const late = newRiskRefused(this.#inputs.guard(intent));',
    tests: [`${risk}/gate/kill-switch.test.ts`, `${risk}/gate/brix.test.ts`],
  },
  {
    name: 'what is reducing takes new risk',
    file: `${risk}/decision/new-risk.ts`,
    find: "if (guard.tradingState === 'reducing') {",
    replace: "if (guard.tradingState === 'halted') {",
    tests: [...judge, `${risk}/gate/kill-switch.test.ts`],
  },
  {
    name: 'a lease that has lapsed is held on to',
    file: `${risk}/switch/shared-lease.ts`,
    find: 'return ageMs >= 0 && ageMs < this.#leaseMs;',
    replace: 'return ageMs >= 0;',
    tests: [`${risk}/switch/shared-lease.test.ts`],
  },
  {
    name: 'an entry goes out though the audit log can not be written',
    file: `${risk}/gate/kept-entry.ts`,
    find: `      await this.#desk.auditLog?.append(this.#record);
      return undefined;
    } catch (error) {
      return this.#unwritten(error);`,
    replace: `      await this.#desk.auditLog?.append(this.#record);
      return undefined;
    } catch {
      return undefined;`,
    tests: [`${risk}/gate/brix.test.ts`, `${risk}/gate/kill-switch.test.ts`],
  },
  // Protection.
  {
    name: 'the stop waits for the whole fill',
    file: `${execution}/guard/position-guard.ts`,
    find: 'holding === undefined || (await this.#protector.protect(key, holding, this.#lead.toCover(key, holding)));',
    replace: `holding === undefined ||
      portfolio
        .openOrders(key.userId)
        .some((order) => order.purpose === 'entry' && order.instrumentId === key.instrumentId) ||
      (await this.#protector.protect(key, holding, this.#lead.toCover(key, holding)));`,
    tests: [...guard, ...tradeService],
  },
  {
    name: 'the sibling of a stop that has filled stays',
    file: `${execution}/guard/protector.ts`,
    find: 'for (const order of this.#resting(key)) await orderDesk.cancel(order);\n',
    replace: '',
    tests: guard,
  },
  {
    name: 'the old stop goes before the new one rests',
    file: `${execution}/guard/protector.ts`,
    find: '    const clientOrderId = await this.#nextId(key, wanted.slot, order);\n',
    replace: `    if (rests) await this.#options.orderDesk.cancel(order);
    const clientOrderId = await this.#nextId(key, wanted.slot, order);
`,
    tests: guard,
  },
  {
    name: 'a stop loses its reduce-only flag at the wire',
    file: `${execution}/ccxt/venues/hyperliquid.ts`,
    find: 'r: intent.reduceOnly,',
    replace: 'r: false,',
    tests: hyperliquid,
  },
  {
    name: 'a protective order is not reduce-only',
    file: `${execution}/guard/protector.ts`,
    find: '      reduceOnly: true,\n',
    replace: '      reduceOnly: false,\n',
    tests: guard,
  },
  {
    name: 'targets sum to more than the position',
    file: `${execution}/guard/protection-plan.ts`,
    find: 'Decimal.min(planned.minus(taken.get(slot) ?? 0), left)',
    replace: 'planned.minus(taken.get(slot) ?? 0)',
    tests: [`${execution}/guard/protection-plan.test.ts`],
  },
  {
    name: 'a user moves the stop to the wrong side',
    file: `${execution}/guard/edit-plan.ts`,
    find: 'if (compare(markPrice, stop) * sign <= 0) {',
    replace: 'if (compare(markPrice, stop) === 0) {',
    tests: [`${execution}/guard/edit-plan.test.ts`, `${execution}/guard/exit-rules.test.ts`],
  },
  {
    name: 'a trailing stop moves back',
    file: `${execution}/guard/follow-exits.ts`,
    find: 'if (beyond || gain.lessThanOrEqualTo(0) || gain.lessThan(least)) return followed;',
    replace: 'if (beyond || gain.isZero() || gain.abs().lessThan(least)) return followed;',
    tests: [`${execution}/guard/follow-exits.test.ts`, `${execution}/guard/exit-rules.test.ts`],
  },
  {
    name: 'the dead man’s switch is armed with a position open',
    file: `${execution}/controls/dead-mans-switch-service.ts`,
    find: 'at(accounts.positions(userId)).length === 0 &&',
    replace: '',
    tests: [`${execution}/controls/dead-mans-switch-service.test.ts`, `${execution}/controls/flat-only.test.ts`],
  },
  {
    name: 'stops and targets are rounded away from firing',
    file: `${core}/markets/order-price.ts`,
    find: "return roundPrice(rule, options.price, up ? 'up' : 'down');",
    replace: "return roundPrice(rule, options.price, up ? 'down' : 'up');",
    tests: pricing,
  },
  {
    name: 'limits are rounded towards crossing',
    file: `${core}/markets/order-price.ts`,
    find: "roundPrice(rule, price, side === 'buy' ? 'down' : 'up');",
    replace: "roundPrice(rule, price, side === 'buy' ? 'up' : 'down');",
    tests: pricing,
  },
  // What the venue says, and the books.
  {
    name: 'an empty answer is flat at once',
    file: `${execution}/portfolio/absence-doubt.ts`,
    find: 'const confirmMs = 120_000;',
    replace: 'const confirmMs = 0;',
    tests: [...portfolio, ...guard],
  },
  {
    name: 'a fill counts twice after a reconnect',
    file: `${execution}/portfolio/fill-cursor.ts`,
    find: 'fill.atMs < fillsSinceMs(cursor) || fill.id in cursor.ids;',
    replace: 'fill.atMs < fillsSinceMs(cursor);',
    tests: portfolio,
  },
  {
    name: 'late news takes back a fill',
    file: `${execution}/trade/leg-book.ts`,
    find: 'leg.filled = Decimal.max(leg.filled, filledSize);',
    replace: 'leg.filled = new Decimal(filledSize);',
    tests: [`${execution}/trade/leg-book.test.ts`],
  },
  {
    name: 'longs receive a funding that they pay',
    file: `${execution}/matching/funding-amount.ts`,
    find: '(position.isLong ? amount.negated() : amount)',
    replace: '(position.isLong ? amount : amount.negated())',
    tests: [
      `${execution}/matching/shared-maths.test.ts`,
      `${execution}/paper/matching.test.ts`,
      `${execution}/paper/paper-venue.test.ts`,
    ],
  },
  {
    name: 'fees are taken off the fees',
    file: `${execution}/portfolio/held-position.ts`,
    find: 'fees: plus(held.fees, fill.fee),',
    replace: 'fees: minus(held.fees, fill.fee),',
    tests: [`${execution}/portfolio/held-position.test.ts`, ...portfolio],
  },
  {
    name: 'a size goes through a float',
    file: `${execution}/trade/entry-intents.ts`,
    find: 'left = left.minus(sent);',
    replace: 'left = new Decimal(left.toNumber() - sent.toNumber());',
    tests: [`${execution}/trade/entry-intents.test.ts`],
  },
  {
    name: 'a position is summed in floats',
    file: `${execution}/portfolio/held-position.ts`,
    find: '    size: plus(held.size, fill.size),\n    cost',
    replace: '    size: toSize(Number(held.size) + Number(fill.size)),\n    cost',
    tests: [`${execution}/portfolio/held-position.test.ts`, ...portfolio],
  },
  // A trade, and what keeps it alive.
  {
    name: 'what a slice left is carried twice',
    file: `${execution}/trade/entry-run.ts`,
    find: '    this.#sent = this.#sent.filter(({ clientOrderId }) => this.#options.book.rests(clientOrderId));\n',
    replace: '',
    tests: [`${execution}/trade/entry-run.test.ts`],
  },
  {
    name: 'a chase sends before its last order has ended',
    file: `${execution}/trade/entry-chase.ts`,
    find: '      if (book.rests(orderId)) return this.#again(sinceMs + cancelAnswerMs);\n',
    replace: '',
    tests: [`${execution}/trade/entry-chase.test.ts`],
  },
  {
    name: 'a closing that is told twice counts twice',
    file: `${execution}/trade/closings.ts`,
    find: 'this.#closings.set(closing.id, closing);',
    replace: 'this.#closings.set(`${closing.id}:${this.#closings.size}`, closing);',
    tests: [`${execution}/trade/closings.test.ts`, `${execution}/trade/trade-workflow.test.ts`],
  },
  {
    name: 'a step in the journal is done again after a crash',
    file: `${execution}/workflow-engine/run-context.ts`,
    find: `        kept === undefined
          ? await this.#life.attempt(name, fn, options.retry)`,
    replace: `        kept === undefined || kept.state === 'done'
          ? await this.#life.attempt(name, fn, options.retry)`,
    tests: engine,
  },
  {
    name: 'the key of a signal is not looked at',
    file: `${execution}/workflow-engine/step-journal.ts`,
    find: 'dedup_key: signal.dedupKey,',
    replace: 'dedup_key: `${signal.dedupKey}:${Math.random()}`,',
    tests: engine,
  },
  {
    name: 'an engine takes runs whose owner is alive',
    file: `${execution}/workflow-engine/local-workflow-engine.ts`,
    find: 'if (leaseUntilMs > nowMs) nextLookMs',
    replace: 'if (leaseUntilMs > nowMs + 3_600_000) nextLookMs',
    tests: engine,
  },
  // What leads to a plan.
  {
    name: 'the debate leaves the weights out',
    file: `${agents}/consensus/reach-consensus.ts`,
    find: 'result.strength += vote.weight * vote.factor * vote.confidence;',
    replace: 'result.strength += vote.factor * vote.confidence;',
    tests: [`${agents}/consensus/reach-consensus.test.ts`],
  },
  {
    name: 'neutral words count for either side',
    file: `${agents}/consensus/reach-consensus.ts`,
    find: 'if (vote.direction !== direction) continue;',
    replace: "if (vote.direction !== direction && vote.direction !== 'neutral') continue;",
    tests: [`${agents}/consensus/reach-consensus.test.ts`],
  },
  {
    name: 'a size is rounded up to the lot',
    file: `${risk}/recommendation/trimmed-size.ts`,
    find: 'const lots = size.floorTo(figure(instrument.lotSize));',
    replace: 'const lots = size.ceilTo(figure(instrument.lotSize));',
    tests: [`${risk}/recommendation/sizing.test.ts`],
  },
];
