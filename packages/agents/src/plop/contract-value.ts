import type { PredictionAssessment, PredictionDiscovery } from '@perpdesk/core';
import { plopDefaults, predictionFees } from './settings.ts';

const dayMs = 86_400_000;

/** What a contract's cheap side is worth; see {@link contractValue}. */
export type ContractValue = Pick<PredictionDiscovery, 'cost' | 'valuePerDay' | 'score'>;

/**
 * What buying the cheap side now is expected to bring. Cost: the best offer of that side (mid + spread/2, of NO 1 − mid + spread/2) and the
 * taker's fee, k·price·(1 − price). Value per day: (probability of the side − cost) / cost / days until closing, no fewer than one day
 * (capital is not free sooner). Score: value per day × confidence × d/(d + 5,000), d the depth in dollars: what can be had of it.
 * @returns undefined without an edge, or where spread and fee eat it.
 */
export function contractValue(
  assessment: PredictionAssessment,
  depthUsd: number,
  fees: Readonly<Record<PredictionAssessment['venue'], number>> = predictionFees,
): ContractValue | undefined {
  const { side, probability, mid, spread, venue, closesAtMs, atMs, confidence } = assessment;
  if (side === 'none') return undefined;
  const price = Math.min(1, (side === 'yes' ? mid : 1 - mid) + spread / 2);
  const cost = price + fees[venue] * price * (1 - price);
  const value = (side === 'yes' ? probability : 1 - probability) - cost;
  const days = Math.max(1, (closesAtMs - atMs) / dayMs);
  const valuePerDay = value / cost / days;
  const score = valuePerDay * confidence * (depthUsd / (depthUsd + plopDefaults.confidence.halfDepthUsd));
  return value > 0 && score > 0 ? { cost, valuePerDay, score } : undefined;
}
