import type { Instrument, Rejection, RiskStep, TradeDirection } from '@perpdesk/core';
import { refusal } from '../decision/refusal.ts';
import { show } from '../decision/show.ts';
import { riskStep } from '../decision/step-result.ts';
import { Exact, exact, zero } from '../exact/exact.ts';
import { figure } from '../exact/figure.ts';
import { availableMarginLimit } from '../exposure/available-margin.ts';
import type { ExposureContext } from '../exposure/exposure-context.ts';
import { type ExposureLimit, firstOverLimit, overLimit } from '../exposure/exposure-limit.ts';
import type { HeldPosition } from '../exposure/held-position.ts';
import { operatorCapLimit } from '../exposure/operator-cap.ts';
import { orderNotionalLimit } from '../exposure/order-notional.ts';
import { positionMarginLimit } from '../exposure/position-margin.ts';
import { tradeRiskLimit } from '../exposure/trade-risk.ts';
import { venueExposureLimit } from '../exposure/venue-exposure.ts';
import { exposureCap } from './risk-evaluation/exposure-cap.ts';
import { firstTradeCap } from './risk-evaluation/first-trade-cap.ts';
import { portfolioRisk } from './risk-evaluation/portfolio-risk.ts';

/** What a size is reckoned from. */
export interface SizingInput {
  readonly context: ExposureContext;
  readonly instrument: Instrument;
  readonly direction: TradeDirection;
  readonly held: HeldPosition | undefined;
  /** Multiplies size₀: see `scalingFactor`. */
  readonly scaling: Exact;
  /** The least the venue takes at the entry. Default: reckoned. */
  readonly smallest?: Exact;
  /** Advanced users: no trims; their limits refuse instead. */
  readonly advanced: boolean;
}

/** Trims that hold for every tier, after step 4. */
const lastCaps: readonly ExposureLimit[] = [
  orderNotionalLimit,
  venueExposureLimit,
  operatorCapLimit,
  availableMarginLimit,
];
/** All trims of who is not advanced. */
const caps: readonly ExposureLimit[] = [firstTradeCap, portfolioRisk, exposureCap, ...lastCaps];
/** With what size₀ is made of. */
const allOf = (limits: readonly ExposureLimit[]): readonly ExposureLimit[] => [
  tradeRiskLimit,
  positionMarginLimit,
  ...limits,
];
const [allCaps, allLastCaps] = [allOf(caps), allOf(lastCaps)];

/** The least the venue takes at this price, in whole lots. */
export function smallestSize(instrument: Instrument, entry: Exact): Exact {
  const byNotional = exact(instrument.minNotional).dividedBy(entry);
  return Exact.max(byNotional, instrument.minSize, instrument.lotSize).ceilTo(instrument.lotSize);
}

/** One trim as it happened; written out only for the size that is taken. */
interface Trim {
  readonly step: string;
  readonly after: Exact;
  /** Its factor, or the most that it allows. Undefined: it does not apply. */
  readonly bound: Exact | undefined;
}

/** What the trims leave at one leverage, on the lot, or why they leave nothing. */
export interface TrimmedSize {
  readonly size: Exact;
  readonly rejection?: Rejection;
  readonly inputs: Readonly<Record<'equity' | 'byRisk' | 'byMargin', Exact>>;
  readonly leverage: number;
  readonly trims: readonly Trim[];
}

/** size₀ through scaling and trims, down to the lot, at one leverage. */
export function trimmedSize(input: SizingInput, leverage: number, smallest: Exact): TrimmedSize {
  const { context, advanced, instrument } = input;
  const byRisk = tradeRiskLimit.allows(context, leverage) ?? zero;
  const byMargin = positionMarginLimit.allows(context, leverage) ?? zero;
  const inputs = { equity: context.book.equity, byRisk, byMargin };
  const trims: Trim[] = [];
  const blocked = (limit: ExposureLimit, size: Exact): TrimmedSize => {
    const rejection = overLimit(limit, smallest, context, leverage) ?? belowMinimum(smallest, zero);
    return { size, rejection, inputs, leverage, trims };
  };
  let size = Exact.min(byRisk, byMargin);
  if (!size.greaterThan(0)) return blocked(positionMarginLimit, size);
  size = scaled(size, input.scaling);
  trims.push({ step: 'scaling', after: size, bound: input.scaling });
  for (const limit of advanced ? lastCaps : caps) {
    if (limit === portfolioRisk) {
      size = scaled(size, context.confidenceFactor);
      trims.push({ step: 'confidence-scaling', after: size, bound: context.confidenceFactor });
    }
    const bound = limit.allows(context, leverage);
    if (bound !== undefined) {
      if (!bound.greaterThan(0)) return blocked(limit, size);
      if (!size.lessThanOrEqualTo(bound)) size = bound;
    }
    trims.push({ step: limit.step, after: size, bound });
  }
  const lots = wholeLots(size, instrument, advanced ? allLastCaps : allCaps, context, leverage);
  return lots.lessThan(smallest)
    ? { size: lots, rejection: belowMinimum(smallest, lots), inputs, leverage, trims }
    : { size: lots, inputs, leverage, trims };
}

/** Writes the trims down. */
export function stepsOf({ inputs, leverage, trims }: TrimmedSize): RiskStep[] {
  const { equity, byRisk, byMargin } = inputs;
  const bounds = { equity: show(equity), leverage, byRisk: show(byRisk), byMargin: show(byMargin) };
  const tighter = byRisk.lessThan(byMargin);
  let size = tighter ? byRisk : byMargin;
  let values = { size: tighter ? bounds.byRisk : bounds.byMargin };
  const why = tighter ? 'Risk per trade bounds it.' : 'Margin per position bounds it.';
  const steps = [riskStep('sizing', bounds, values, why)];
  for (const { step, after, bound } of trims) {
    const before = values;
    // What a trim leaves alone is written once: there are ten thousand users.
    if (after !== size) values = { size: show(after) };
    size = after;
    steps.push(riskStep(step, before, values, noteOf(step, bound)));
  }
  return steps;
}

function noteOf(step: string, bound: Exact | undefined): string {
  if (bound === undefined) return 'Does not apply.';
  return step.endsWith('scaling') ? `Times ${show(bound)}.` : `Up to ${show(bound)} is allowed.`;
}

/**
 * Floors to the lot. What a budget buys is rounded down, so that it never costs more than the budget; only a margin is rounded
 * to the nearest at its 30th place, which may be above a budget of more places: there one lot less is right.
 */
function wholeLots(
  size: Exact,
  instrument: Instrument,
  limits: readonly ExposureLimit[],
  context: ExposureContext,
  leverage: number,
): Exact {
  const lots = size.floorTo(figure(instrument.lotSize));
  const { book, limits: rates } = context;
  const places = Math.max(figure(rates.maxPositionMargin).places, figure(rates.maxTotalMargin).places);
  if (book.equity.places + places <= 30) return lots;
  const fits = firstOverLimit(limits, lots, context, leverage) === undefined;
  return fits ? lots : Exact.max(lots.minus(instrument.lotSize), 0);
}

const scaled = (size: Exact, factor: Exact): Exact => (factor.equals(1) ? size : size.times(factor));

const belowMinimum = (smallest: Exact, size: Exact): Rejection =>
  refusal('size.below-minimum', 'What the limits leave is less than the venue takes.', smallest, size);
