import { ceilToLot, Decimal, floorToLot, type Instrument, type Recommendation, type Rejection, type RiskStep, toSize, type TradeDirection } from '@perpdesk/core';
import { refusal } from '../decision/refusal.ts';
import { show } from '../decision/show.ts';
import { riskStep } from '../decision/step-result.ts';
import { availableMarginLimit } from '../exposure/available-margin.ts';
import type { ExposureContext } from '../exposure/exposure-context.ts';
import { type ExposureLimit, overLimit } from '../exposure/exposure-limit.ts';
import type { HeldPosition } from '../exposure/held-position.ts';
import { liquidationDistance, liquidationToStop, type PlannedPosition } from '../exposure/liquidation-distance.ts';
import { operatorCapLimit } from '../exposure/operator-cap.ts';
import { orderNotionalLimit } from '../exposure/order-notional.ts';
import { positionMarginLimit } from '../exposure/position-margin.ts';
import { tradeRiskLimit } from '../exposure/trade-risk.ts';
import { largestFitting, leverageCandidates } from './leverage.ts';
import { confidenceFactor, scaleByConfidence } from './risk-evaluation/confidence-scaling.ts';
import { exposureCap } from './risk-evaluation/exposure-cap.ts';
import { firstTradeCap } from './risk-evaluation/first-trade-cap.ts';
import { portfolioRisk } from './risk-evaluation/portfolio-risk.ts';

/** What a size is reckoned from. */
export interface SizingInput {
  readonly context: ExposureContext;
  readonly instrument: Instrument;
  readonly direction: TradeDirection;
  readonly held: HeldPosition | undefined;
  /** Multiplies size₀: see {@link scalingFactor}. */
  readonly scaling: Decimal;
  /** Advanced users: no trims; their limits refuse instead. */
  readonly advanced: boolean;
}

/** A size on the lot with its leverage, or why there is none. */
export type SizingResult =
  | { readonly ok: true; readonly size: Decimal; readonly leverage: number; readonly steps: readonly RiskStep[] }
  | { readonly ok: false; readonly rejection: Rejection; readonly steps: readonly RiskStep[] };

/** What multiplies size₀ by the plan's wish: fixed 1, volatility-based clamp(ATR median / ATR, 0.5, 1), confidence-based the factor. */
export function scalingFactor(plan: Pick<Recommendation, 'scaling' | 'atr' | 'atrMedian' | 'confidence'>): Decimal {
  switch (plan.scaling) {
    case 'fixed':
      return new Decimal(1);
    case 'volatility-based':
      return Decimal.min(1, Decimal.max('0.5', new Decimal(plan.atrMedian).dividedBy(plan.atr)));
    case 'confidence-based':
      return confidenceFactor(plan.confidence);
  }
}

/** Trims that hold for every tier, after step 4. */
const lastCaps: readonly ExposureLimit[] = [orderNotionalLimit, operatorCapLimit, availableMarginLimit];
/** The limits of step 4 that advanced users are refused by instead of trimmed to. */
const hardLimits: readonly ExposureLimit[] = [firstTradeCap, portfolioRisk, exposureCap];

/**
 * size₀ = min(riskPerTrade·equity / (|entry − stop| + fees per unit), maxPosition·equity·leverage / entry), times the plan's
 * scaling, through the trims, down to the lot (PRODUCT §2). Leverage is the highest at which liquidation is 1.5 stop distances
 * away. Where an instrument's margin tiers allow that leverage only below the wanted notional, the size is cut to what they
 * allow, unless a lower leverage allows more: so no limit that is tightened ever makes a size larger.
 */
export function sizePlan(input: SizingInput): SizingResult {
  const lot = new Decimal(input.instrument.lotSize);
  const smallest = smallestSize(input.instrument, input.context.entry);
  let best: Extract<SizingResult, { ok: true }> | undefined;
  let refusedAt: Extract<SizingResult, { ok: false }> | undefined;
  for (const leverage of leverageCandidates(input.context.limits.maxLeverage, input.instrument, input.held)) {
    const wanted = trimmedSize(input, leverage, smallest);
    if (!wanted.ok) {
      refusedAt ??= wanted;
      break;
    }
    if (best !== undefined && wanted.size.lessThanOrEqualTo(best.size)) break;
    const plan = plannedAt(input, leverage);
    const fitting = largestFitting(plan, wanted.size, smallest, lot, input.context.unitLoss);
    if (fitting === undefined) {
      refusedAt = tooClose(input, plan, smallest, wanted.steps);
      continue;
    }
    if (best === undefined || fitting.greaterThan(best.size)) {
      const step = riskStep('lot', { size: show(wanted.size) }, { size: show(fitting), leverage }, 'What the margin tiers allow, in whole lots.');
      best = { ok: true, size: fitting, leverage, steps: [...wanted.steps, step] };
    }
    if (fitting.equals(wanted.size)) break;
  }
  if (best === undefined) return refusedAt ?? tooClose(input, plannedAt(input, 1), smallest, []);
  const refusal_ = input.advanced ? firstRefusal(hardLimits, best.size, input.context, best.leverage) : undefined;
  return refusal_ === undefined ? best : { ok: false, rejection: refusal_, steps: best.steps };
}

const plannedAt = ({ direction, context, instrument, held }: SizingInput, leverage: number): PlannedPosition => ({
  direction,
  entry: context.entry,
  leverage,
  tiers: instrument.marginTiers,
  held,
});

/** The least the venue takes at this price, in whole lots. */
export function smallestSize(instrument: Instrument, entry: Decimal): Decimal {
  const byNotional = new Decimal(instrument.minNotional).dividedBy(entry);
  const least = Decimal.max(byNotional, instrument.minSize, instrument.lotSize).toDecimalPlaces(30, Decimal.ROUND_UP);
  return new Decimal(ceilToLot(instrument.lotSize, toSize(least)));
}

/** size₀ through scaling and trims, down to the lot, at one leverage. */
function trimmedSize(input: SizingInput, leverage: number, smallest: Decimal): SizingResult {
  const { context, advanced, instrument } = input;
  const steps: RiskStep[] = [];
  const log = (step: string, before: Decimal, after: Decimal, note: string): Decimal => {
    steps.push(riskStep(step, { size: show(before) }, { size: show(after) }, note));
    return after;
  };
  const byRisk = tradeRiskLimit.allows(context, leverage) ?? new Decimal(0);
  const byMargin = positionMarginLimit.allows(context, leverage) ?? new Decimal(0);
  let size = Decimal.min(byRisk, byMargin);
  const inputs = { equity: show(context.book.equity), leverage, byRisk: show(byRisk), byMargin: show(byMargin) };
  steps.push(riskStep('sizing', inputs, { size: show(size) }, byRisk.lessThan(byMargin) ? 'Risk per trade bounds it.' : 'Margin per position bounds it.'));
  const blocked = (limit: ExposureLimit): SizingResult => ({
    ok: false,
    rejection: overLimit(limit, smallest, context, leverage) ?? belowMinimum(smallest, new Decimal(0)),
    steps,
  });
  if (!size.greaterThan(0)) return blocked(positionMarginLimit);
  size = log('scaling', size, size.times(input.scaling), `Times ${show(input.scaling)}.`);
  const trims: readonly ExposureLimit[] = advanced ? lastCaps : [firstTradeCap, portfolioRisk, exposureCap, ...lastCaps];
  for (const limit of trims) {
    if (limit === portfolioRisk) {
      size = log('confidence-scaling', size, scaleByConfidence(size, context.confidenceFactor), `Times ${show(context.confidenceFactor)}.`);
    }
    const allowed = limit.allows(context, leverage);
    if (allowed !== undefined && !allowed.greaterThan(0)) return blocked(limit);
    if (allowed === undefined) size = log(limit.step, size, size, 'Does not apply.');
    else size = log(limit.step, size, Decimal.min(size, allowed), allowed.lessThan(size) ? `Trimmed to ${show(allowed)}.` : `Up to ${show(allowed)} is allowed.`);
  }
  size = wholeLots(size, instrument, [tradeRiskLimit, positionMarginLimit, ...trims], context, leverage);
  return size.lessThan(smallest) ? { ok: false, rejection: belowMinimum(smallest, size), steps } : { ok: true, size, leverage, steps };
}

/** Floors to the lot. Divisions round at the 40th digit: where that made a size a hair too large, one lot less is right. */
function wholeLots(size: Decimal, instrument: Instrument, limits: readonly ExposureLimit[], context: ExposureContext, leverage: number): Decimal {
  const lots = new Decimal(floorToLot(instrument.lotSize, toSize(size.toDecimalPlaces(30, Decimal.ROUND_DOWN))));
  const fits = firstRefusal(limits, lots, context, leverage) === undefined;
  return fits ? lots : Decimal.max(lots.minus(instrument.lotSize), 0);
}

function firstRefusal(limits: readonly ExposureLimit[], size: Decimal, context: ExposureContext, leverage: number): Rejection | undefined {
  for (const limit of limits) {
    const over = overLimit(limit, size, context, leverage);
    if (over !== undefined) return over;
  }
  return undefined;
}

const belowMinimum = (smallest: Decimal, size: Decimal): Rejection =>
  refusal('size.below-minimum', 'What the limits leave is less than the venue takes.', smallest, size);

function tooClose(input: SizingInput, plan: PlannedPosition, smallest: Decimal, steps: readonly RiskStep[]): Extract<SizingResult, { ok: false }> {
  const needed = input.context.unitLoss.times(liquidationToStop);
  const actual = liquidationDistance(plan, smallest) ?? needed;
  const rejection = refusal('liquidation.too-close', `At ${plan.leverage}× liquidation is under 1.5 stop distances away.`, needed, actual);
  return { ok: false, rejection, steps };
}
