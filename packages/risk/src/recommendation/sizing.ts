import type { Rejection, RiskStep } from '@perpdesk/core';
import { refusal } from '../decision/refusal.ts';
import { show } from '../decision/show.ts';
import { riskStep } from '../decision/step-result.ts';
import type { Exact } from '../exact/exact.ts';
import { figure } from '../exact/figure.ts';
import { type ExposureLimit, firstOverLimit } from '../exposure/exposure-limit.ts';
import { liquidationDistance, liquidationToStop, type PlannedPosition } from '../exposure/liquidation-distance.ts';
import { fittingLeverages, highestLeverage, largestFitting, leverageCandidates, leverageFits } from './leverage.ts';
import { exposureCap } from './risk-evaluation/exposure-cap.ts';
import { firstTradeCap } from './risk-evaluation/first-trade-cap.ts';
import { portfolioRisk } from './risk-evaluation/portfolio-risk.ts';
import { type SizingInput, smallestSize, stepsOf, type TrimmedSize, trimmedSize } from './trimmed-size.ts';

/** A size on the lot with its leverage, or why there is none. */
export type SizingResult =
  | { readonly ok: true; readonly size: Exact; readonly leverage: number; readonly steps: readonly RiskStep[] }
  | { readonly ok: false; readonly rejection: Rejection; readonly steps: readonly RiskStep[] };

/** The limits of step 4 that advanced users are refused by instead of trimmed to. */
const hardLimits: readonly ExposureLimit[] = [firstTradeCap, portfolioRisk, exposureCap];

/**
 * size₀ = min(riskPerTrade·equity / (|entry − stop| + fees per unit), maxPosition·equity·leverage / entry), times the plan's
 * scaling, through the trims, down to the lot (PRODUCT §2). Leverage is the highest at which liquidation is 1.5 stop distances
 * away. Where an instrument's margin tiers allow that leverage only below the wanted notional, the size is cut to what they
 * allow, unless a lower leverage allows more: so no limit that is tightened ever makes a size larger.
 */
export function sizePlan(input: SizingInput): SizingResult {
  const { context, instrument } = input;
  const lot = figure(instrument.lotSize);
  const smallest = input.smallest ?? smallestSize(instrument, context.entry);
  const atHighest = sizeAtHighest(input, smallest);
  if (atHighest !== undefined) return atHighest;
  let best: { readonly size: Exact; readonly leverage: number; readonly wanted: TrimmedSize } | undefined;
  const candidates = leverageCandidates(context.limits.maxLeverage, instrument, input.held);
  for (const leverage of fittingLeverages(candidates, (each) =>
    leverageFits(plannedAt(input, each), smallest, context.unitLoss),
  )) {
    const plan = plannedAt(input, leverage);
    const wanted = trimmedSize(input, leverage, smallest);
    if (wanted.rejection !== undefined) {
      if (best === undefined) return { ok: false, rejection: wanted.rejection, steps: stepsOf(wanted) };
      break;
    }
    if (best !== undefined && wanted.size.lessThanOrEqualTo(best.size)) break;
    const fitting = largestFitting(plan, wanted.size, smallest, lot, context.unitLoss);
    if (fitting !== undefined && (best === undefined || fitting.greaterThan(best.size)))
      best = { size: fitting, leverage, wanted };
    if (fitting?.equals(wanted.size)) break;
  }
  if (best === undefined)
    return { ok: false, rejection: tooClose(input, plannedAt(input, candidates.at(-1) ?? 1), smallest), steps: [] };
  return taken(input, best.size, best.leverage, best.wanted);
}

/** The size at the highest leverage, when it fits there whole: it does for most, and then no other is looked at. */
function sizeAtHighest(input: SizingInput, smallest: Exact): SizingResult | undefined {
  const { context, instrument, held } = input;
  const leverage = highestLeverage(context.limits.maxLeverage, instrument, held);
  const wanted = trimmedSize(input, leverage, smallest);
  if (wanted.rejection !== undefined) return undefined;
  return leverageFits(plannedAt(input, leverage), wanted.size, context.unitLoss)
    ? taken(input, wanted.size, leverage, wanted)
    : undefined;
}

function taken(input: SizingInput, size: Exact, leverage: number, wanted: TrimmedSize): SizingResult {
  const steps = stepsOf(wanted);
  const after = { size: show(size), leverage };
  steps.push(riskStep('lot', { size: show(wanted.size) }, after, 'What the margin tiers allow, in whole lots.'));
  const over = input.advanced ? firstOverLimit(hardLimits, size, input.context, leverage) : undefined;
  return over === undefined ? { ok: true, size, leverage, steps } : { ok: false, rejection: over, steps };
}

const plannedAt = ({ direction, context, instrument, held }: SizingInput, leverage: number): PlannedPosition => ({
  direction,
  entry: context.entry,
  leverage,
  tiers: instrument.marginTiers,
  held,
});

function tooClose(input: SizingInput, plan: PlannedPosition, smallest: Exact): Rejection {
  const needed = input.context.unitLoss.times(liquidationToStop);
  const actual = liquidationDistance(plan, smallest) ?? needed;
  return refusal(
    'liquidation.too-close',
    `At ${plan.leverage}× liquidation is under 1.5 stop distances away.`,
    needed,
    actual,
  );
}
