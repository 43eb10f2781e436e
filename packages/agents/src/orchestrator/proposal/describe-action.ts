import { Decimal, foreignText, type ProposedAction, type RiskLimits, ValidationError } from '@perpdesk/core';
import { capital, listed, showExact } from '../answer/show.ts';

/** As long as a proposal's summary may be. */
const longest = 500;

/**
 * Says what an action does, in one sentence made of its members alone: every amount exactly as it would be sent.
 * @throws ValidationError `proposal.action` for one that can not be shown whole
 */
export function describeAction(action: ProposedAction): string {
  const sentence = `${capital(wordsOf(action))}.`;
  if (sentence.length > longest)
    throw new ValidationError('proposal.action', `This action takes more than ${longest} characters to show.`);
  return sentence;
}

type ActionOf<Kind extends ProposedAction['kind']> = Extract<ProposedAction, { readonly kind: Kind }>;

/** A name out of a configuration or a chat. */
const named = (name: string): string => foreignText(name, 100);
const percent = (fraction: string | number): string => `${showExact(new Decimal(fraction).times(100))} %`;

function wordsOf(action: ProposedAction): string {
  switch (action.kind) {
    case 'place-order':
      return order(action);
    case 'close-position':
      return `${new Decimal(action.fraction).equals(1) ? 'close all' : `close ${percent(action.fraction)}`} of the position in ${named(action.instrumentId)} at ${named(action.venue)}`;
    case 'cancel-order':
      return `cancel the order ${action.clientOrderId}`;
    case 'pause-entries':
      return 'pause new entries; stops, targets and exits go on';
    case 'resume-entries':
      return 'resume new entries';
    case 'set-autonomy':
      return `set ${action.agent === undefined ? 'your autonomy' : `the autonomy of ${named(action.agent)}`} to ${action.autonomy}`;
    case 'set-limits':
      return `set ${listed(limitsIn(action.limits))}`;
    case 'set-preferences':
      return `set ${listed([
        ...(action.entryPreference === undefined ? [] : [`entry style to ${action.entryPreference}`]),
        ...(action.aggression === undefined ? [] : [`aggression to ${action.aggression}`]),
      ])}`;
  }
}

function order(action: ActionOf<'place-order'>): string {
  const { side, size, instrumentId, venue, price, stopLoss, takeProfits, leverage } = action;
  const where = venue === undefined ? 'at your best venue' : `at ${named(venue)}`;
  const how = price === undefined ? 'at the market' : `at a limit of ${showExact(price)}`;
  const targets = takeProfits.map((target) => `${showExact(target.price)} (${percent(target.fraction)})`);
  return [
    `${side} ${showExact(size)} ${named(instrumentId)} ${where} ${how}`,
    ...(leverage === undefined ? [] : [`at ${leverage}x leverage`]),
    `stop at ${showExact(stopLoss)}`,
    targets.length === 0 ? 'no target' : `${targets.length === 1 ? 'target' : 'targets'} at ${listed(targets)}`,
  ].join(', ');
}

type Limits = Required<RiskLimits>;

/** How each limit is said. Every limit of a user stands here, or it could be changed unseen. */
const limitWords: { readonly [Name in keyof Limits]: (value: Limits[Name]) => string } = {
  maxLeverage: (value) => `the highest leverage to ${showExact(value)}`,
  riskPerTrade: (value) => `risk per trade to ${percent(value)}`,
  maxPositionMargin: (value) => `margin per position to ${percent(value)}`,
  maxTotalMargin: (value) => `total margin to ${percent(value)}`,
  maxOpenPositions: (value) => `open positions to ${value}`,
  dailyLoss: (value) => `daily loss to ${percent(value)}`,
  marginMode: (value) => `margin mode to ${value}`,
  maxPortfolioRisk: (value) => `portfolio risk to ${percent(value)}`,
  firstTradeNotional: (value) => `first trade to ${percent(value)}`,
  maxOrderNotional: (value) => `order notional to ${showExact(value)} USD`,
  maxVenueNotional: (value) => `notional per venue to ${showExact(value)} USD`,
  weeklyLoss: (value) => `weekly loss to ${percent(value)}`,
  maxDrawdown: (value) => `drawdown to ${percent(value)}`,
  maxLossesInRow: (value) => `losses in a row to ${value}`,
  coolingOffMs: (value) => `cooling off to ${showExact(new Decimal(value).dividedBy(60_000))} min`,
};

function limitsIn(limits: ActionOf<'set-limits'>['limits']): readonly string[] {
  return (Object.keys(limitWords) as (keyof Limits)[]).flatMap((name) => {
    const value = limits[name];
    // The value is that of the name, which the compiler does not follow through a list.
    const say = limitWords[name] as (value: unknown) => string;
    return value === undefined ? [] : [say(value)];
  });
}
