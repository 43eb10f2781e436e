import type { PredictionQuote } from '@perpdesk/core';
import { clamp } from '../features/measures.ts';
import type { Pool } from './pool/pool.ts';
import type { PoolInputs } from './pool/pool-terms.ts';
import { plopDefaults } from './settings.ts';

/**
 * How much a probability rests on, in [0, 1]: √(d/(d + 5,000) × (1 − spread/0.2)) for a price that money stands behind, d the depth in
 * dollars; × (0.5 + 0.5·n/(n + 200)) for the n outcomes that the pool was learnt from; × (0.7 + 0.3·share) for the share of other sources
 * (base rate, model) that lie on the same side of the market as the result.
 */
export function plopConfidence(quote: PredictionQuote, inputs: PoolInputs, edge: number, pool: Pool): number {
  const { halfDepthUsd, emptySpread, halfOutcomes } = plopDefaults.confidence;
  const depth = quote.depthUsd / (quote.depthUsd + halfDepthUsd);
  const tightness = clamp(1 - (quote.ask - quote.bid) / emptySpread, 0, 1);
  const learnt = 0.5 + (0.5 * pool.outcomes) / (pool.outcomes + halfOutcomes);
  const others = [inputs.baseRate, inputs.model].filter((said) => said !== undefined);
  const agreeing = others.filter((said) => Math.sign(said - inputs.market) === Math.sign(edge)).length;
  const share = others.length === 0 ? 1 : agreeing / others.length;
  return clamp(Math.sqrt(depth * tightness) * learnt * (0.7 + 0.3 * share), 0, 1);
}
