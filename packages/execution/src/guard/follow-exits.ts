import {
  type CloseReason,
  compare,
  Decimal,
  type ExitRules,
  type FundingRate,
  type Instrument,
  type Position,
  type Price,
  roundProtectiveTrigger,
  toPrice,
} from '@perpdesk/core';
import type { Trail } from './guard-store.ts';

/** What exit rules are judged on. The mark is the position's, and is fresh. */
export interface ExitSituation {
  readonly rules: ExitRules;
  readonly position: Pick<Position, 'direction' | 'entryPrice' | 'markPrice' | 'openedAtMs'>;
  /** The stop of the plan: what was approved. R is its distance from the entry. */
  readonly stopLoss: Price;
  readonly trail: Trail | undefined;
  readonly instrument: Pick<Instrument, 'priceRule'>;
  readonly nowMs: number;
}

const dayMs = 86_400_000;
/** Pause between two moves of one stop: venues limit how often orders change. */
const movePauseMs = 5_000;
/** A trailing stop moves once it can by this share of its distance, so that it does not move with every tick. */
const leastMove = 0.1;
/** A better mark is kept once it is better by this share: not every tick is written down. */
const leastNews = 0.0001;

/** How far the stop has followed: the best mark, and where the stop has moved to. The same object when nothing has changed. */
export function followTrail(situation: ExitSituation): Trail {
  const { instrument, nowMs, position, rules } = situation;
  const sign = position.direction === 'long' ? 1 : -1;
  const before = situation.trail ?? { best: position.entryPrice, movedAtMs: 0 };
  const gained = new Decimal(position.markPrice).minus(before.best).times(sign);
  const isNews = gained.greaterThan(new Decimal(before.best).times(leastNews));
  const followed = isNews ? { ...before, best: position.markPrice } : before;
  const wanted = wantedStop(situation, new Decimal(followed.best), sign);
  if (wanted === undefined || nowMs < before.movedAtMs + movePauseMs) return followed;
  const stopLoss = roundProtectiveTrigger(instrument.priceRule, {
    direction: position.direction,
    kind: 'stop-loss',
    price: toPrice(wanted),
  });
  const present = tighterStop(position.direction, situation.stopLoss, before.stopLoss);
  const gain = new Decimal(stopLoss).minus(present).times(sign);
  const least = before.stopLoss === undefined ? 0 : wanted.times(rules.trailing?.distance ?? 0).times(leastMove);
  // A stop on the far side of the mark would fire at once: the price has come back already, and the stop there is decides.
  const beyond = new Decimal(position.markPrice).minus(stopLoss).times(sign).lessThanOrEqualTo(0);
  if (beyond || gain.lessThanOrEqualTo(0) || gain.lessThan(least)) return followed;
  return { ...followed, stopLoss, movedAtMs: nowMs };
}

/** Why a position is to be closed at the market now, if it is. */
export function exitDue({
  funding,
  nowMs,
  position,
  rules,
}: Pick<ExitSituation, 'nowMs' | 'rules'> & {
  readonly position: Pick<Position, 'direction' | 'openedAtMs'>;
  /** The rate in force; undefined where it is not known: then funding closes nothing. */
  readonly funding: FundingRate | undefined;
}): CloseReason | undefined {
  if (rules.maxHoldMs !== undefined && nowMs >= position.openedAtMs + rules.maxHoldMs) return 'time-exit';
  if (rules.maxFundingPerDay === undefined || funding === undefined) return undefined;
  const daily = new Decimal(funding.rate)
    .times(dayMs)
    .dividedBy(funding.intervalMs)
    .times(position.direction === 'long' ? 1 : -1);
  return daily.greaterThan(rules.maxFundingPerDay) ? 'funding-exit' : undefined;
}

/** The stop that is nearer to profit. */
export const tighterStop = (direction: Position['direction'], stop: Price, other: Price | undefined): Price =>
  other === undefined ? stop : better(stop, other, direction === 'long' ? 1 : -1);

const better = (price: Price, other: Price, sign: number): Price => (compare(price, other) * sign > 0 ? price : other);

/** Where the rules want the stop for the best mark so far; undefined while none of them is on. */
function wantedStop({ position, rules, stopLoss }: ExitSituation, best: Decimal, sign: number): Decimal | undefined {
  const entry = new Decimal(position.entryPrice);
  const r = entry.minus(stopLoss).abs();
  const gain = best.minus(entry).times(sign);
  const { breakEven, trailing } = rules;
  const wanted: Decimal[] = [];
  if (breakEven !== undefined && gain.greaterThanOrEqualTo(r.times(breakEven.atR)))
    wanted.push(entry.times(new Decimal(1).plus(new Decimal(breakEven.offset).times(sign))));
  if (trailing !== undefined && gain.greaterThanOrEqualTo(r.times(trailing.fromR)))
    wanted.push(best.times(new Decimal(1).minus(new Decimal(trailing.distance).times(sign))));
  return wanted.reduce<Decimal | undefined>(
    (tightest, stop) => (tightest === undefined || stop.minus(tightest).times(sign).greaterThan(0) ? stop : tightest),
    undefined,
  );
}
