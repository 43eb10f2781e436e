import {
  ceilToLot,
  Decimal,
  floorToLot,
  type Instrument,
  type Rejection,
  type RiskStep,
  type TradeDirection,
  toSize,
} from '@perpdesk/core';
import { refusal } from '../decision/refusal.ts';
import { show } from '../decision/show.ts';
import { riskStep } from '../decision/step-result.ts';
import { availableMarginLimit } from '../exposure/available-margin.ts';
import type { ExposureContext } from '../exposure/exposure-context.ts';
import { type ExposureLimit, firstOverLimit, overLimit } from '../exposure/exposure-limit.ts';
import type { HeldPosition } from '../exposure/held-position.ts';
import { operatorCapLimit } from '../exposure/operator-cap.ts';
import { orderNotionalLimit } from '../exposure/order-notional.ts';
import { positionMarginLimit } from '../exposure/position-margin.ts';
import { tradeRiskLimit } from '../exposure/trade-risk.ts';
import { scaleByConfidence } from './risk-evaluation/confidence-scaling.ts';
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
  readonly scaling: Decimal;
  /** Advanced users: no trims; their limits refuse instead. */
  readonly advanced: boolean;
}

/** Trims that hold for every tier, after step 4. */
const lastCaps: readonly ExposureLimit[] = [orderNotionalLimit, operatorCapLimit, availableMarginLimit];
/** The least the venue takes at this price, in whole lots. */
export function smallestSize(instrument: Instrument, entry: Decimal): Decimal {
  const byNotional = new Decimal(instrument.minNotional).dividedBy(entry);
  const least = Decimal.max(byNotional, instrument.minSize, instrument.lotSize).toDecimalPlaces(30, Decimal.ROUND_UP);
  return new Decimal(ceilToLot(instrument.lotSize, toSize(least)));
}

/** One trim as it happened; written out only for the size that is taken. */
interface Trim {
  readonly step: string;
  readonly before: Decimal;
  readonly after: Decimal;
  /** Its factor, or the most that it allows. Absent: it does not apply. */
  readonly bound?: Decimal;
}

/** What the trims leave at one leverage, on the lot, or why they leave nothing. */
export interface TrimmedSize {
  readonly size: Decimal;
  readonly rejection?: Rejection;
  readonly inputs: Readonly<Record<'equity' | 'byRisk' | 'byMargin', Decimal>>;
  readonly leverage: number;
  readonly trims: readonly Trim[];
}

/** size₀ through scaling and trims, down to the lot, at one leverage. */
export function trimmedSize(input: SizingInput, leverage: number, smallest: Decimal): TrimmedSize {
  const { context, advanced, instrument } = input;
  const byRisk = tradeRiskLimit.allows(context, leverage) ?? new Decimal(0);
  const byMargin = positionMarginLimit.allows(context, leverage) ?? new Decimal(0);
  const trims: Trim[] = [];
  const made = { inputs: { equity: context.book.equity, byRisk, byMargin }, leverage, trims };
  let size = Decimal.min(byRisk, byMargin);
  const blocked = (limit: ExposureLimit): TrimmedSize => ({
    ...made,
    size,
    rejection: overLimit(limit, smallest, context, leverage) ?? belowMinimum(smallest, new Decimal(0)),
  });
  const trim = (step: string, after: Decimal, bound?: Decimal): void => {
    trims.push({ step, before: size, after, ...(bound === undefined ? {} : { bound }) });
    size = after;
  };
  if (!size.greaterThan(0)) return blocked(positionMarginLimit);
  trim('scaling', size.times(input.scaling), input.scaling);
  const limits: readonly ExposureLimit[] = advanced
    ? lastCaps
    : [firstTradeCap, portfolioRisk, exposureCap, ...lastCaps];
  for (const limit of limits) {
    if (limit === portfolioRisk)
      trim('confidence-scaling', scaleByConfidence(size, context.confidenceFactor), context.confidenceFactor);
    const allowed = limit.allows(context, leverage);
    if (allowed !== undefined && !allowed.greaterThan(0)) return blocked(limit);
    trim(limit.step, allowed === undefined ? size : Decimal.min(size, allowed), allowed);
  }
  const lots = wholeLots(size, instrument, [tradeRiskLimit, positionMarginLimit, ...limits], context, leverage);
  return { ...made, size: lots, ...(lots.lessThan(smallest) ? { rejection: belowMinimum(smallest, lots) } : {}) };
}

/** Writes the trims down. */
export function stepsOf({ inputs, leverage, trims }: TrimmedSize): readonly RiskStep[] {
  const { equity, byRisk, byMargin } = inputs;
  const bounds = { equity: show(equity), leverage, byRisk: show(byRisk), byMargin: show(byMargin) };
  const why = byRisk.lessThan(byMargin) ? 'Risk per trade bounds it.' : 'Margin per position bounds it.';
  return [
    riskStep('sizing', bounds, { size: show(Decimal.min(byRisk, byMargin)) }, why),
    ...trims.map(({ step, before, after, bound }) => {
      const note =
        bound === undefined
          ? 'Does not apply.'
          : step.endsWith('scaling')
            ? `Times ${show(bound)}.`
            : `Up to ${show(bound)} is allowed.`;
      return riskStep(step, { size: show(before) }, { size: show(after) }, note);
    }),
  ];
}

/** Floors to the lot. Divisions round at the 40th digit: where that made a size a hair too large, one lot less is right. */
function wholeLots(
  size: Decimal,
  instrument: Instrument,
  limits: readonly ExposureLimit[],
  context: ExposureContext,
  leverage: number,
): Decimal {
  const lots = new Decimal(floorToLot(instrument.lotSize, toSize(size.toDecimalPlaces(30, Decimal.ROUND_DOWN))));
  const fits = firstOverLimit(limits, lots, context, leverage) === undefined;
  return fits ? lots : Decimal.max(lots.minus(instrument.lotSize), 0);
}

const belowMinimum = (smallest: Decimal, size: Decimal): Rejection =>
  refusal('size.below-minimum', 'What the limits leave is less than the venue takes.', smallest, size);
