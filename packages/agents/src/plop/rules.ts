import { type Evidence, isNoEdge, type OpinionSource, type PredictionAssessment } from '@perpdesk/core';
import { evidenceFrom } from '../analyst/assessment.ts';
import { roundSignificant } from '../features/feature-set.ts';
import { plopConfidence } from './confidence.ts';
import type { PlopReading } from './features.ts';
import { type Pool, pooled } from './pool/pool.ts';
import type { PoolInputs } from './pool/pool-terms.ts';

/** What a model adds: its probability, and what it rests on. */
export interface ModelView {
  readonly probability: number;
  readonly evidence: readonly Evidence[];
  readonly reasoning: string;
}

const cited = [
  'market.mid',
  'market.spread',
  'market.depthUsd',
  'market.imbalance',
  'market.drift24h',
  'market.volatility1h',
  'market.hoursToClose',
  'base.rate',
  'base.count',
] as const;

/**
 * Judges a reading: a pure function. The probability is the pool of market, base rate and, where there is one, a model's view; everything
 * else is computed from it by code, whoever judged.
 */
export function judgePlop(reading: PlopReading, pool: Pool, atMs: number, view?: ModelView): PredictionAssessment {
  const { contract, quote, mid, base } = reading;
  const inputs: PoolInputs = {
    market: mid,
    ...(base === undefined ? {} : { baseRate: roundSignificant(base.rate), baseCount: base.count }),
    ...(view === undefined ? {} : { model: view.probability }),
  };
  const probability = roundSignificant(pooled(inputs, pool));
  const edge = Math.round((probability - mid) * 1e9) / 1e9;
  const spread = Math.round((quote.ask - quote.bid) * 1e9) / 1e9;
  const noEdge = isNoEdge(edge, spread);
  const source: OpinionSource = view === undefined ? 'rules' : 'model';
  const words = wordsOf(reading, probability, edge, noEdge);
  return {
    id: `assessment:${contract.id}:${atMs}`,
    contractId: contract.id,
    venue: contract.venue,
    ...(contract.event === undefined ? {} : { event: contract.event }),
    atMs,
    closesAtMs: contract.closesAtMs,
    probability,
    mid,
    spread,
    edge,
    noEdge,
    side: noEdge ? 'none' : edge > 0 ? 'yes' : 'no',
    confidence: plopConfidence(quote, inputs, edge, pool),
    inputs,
    evidence: [...(view?.evidence ?? evidenceFrom(reading.features, cited))],
    source,
    reasoning: (view === undefined ? words : `${view.reasoning} ${words}`).slice(0, 2000),
  };
}

function wordsOf({ mid, base }: PlopReading, probability: number, edge: number, noEdge: boolean): string {
  const percent = (value: number): string => `${(value * 100).toFixed(1)} %`;
  const like = {
    1: 'of its category at a like price',
    2: 'of its series',
    3: 'of its series at a like price',
  } as const;
  const comparable =
    base === undefined
      ? 'There are too few comparable outcomes for a base rate.'
      : `${base.count} outcomes ${like[base.scope]} make a base rate of ${percent(base.rate)}.`;
  const verdict = noEdge
    ? 'That is no edge.'
    : `That is an edge of ${Math.abs(edge * 100).toFixed(1)} points for ${edge > 0 ? 'YES' : 'NO'}.`;
  return `The market says ${percent(mid)}, calibrated and pooled it is ${percent(probability)}. ${comparable} ${verdict}`;
}
