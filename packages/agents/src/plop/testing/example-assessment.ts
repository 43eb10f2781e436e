import type { PredictionAssessment } from '@perpdesk/core';
import { testStartAtMs } from '@perpdesk/core/testing';

/** An assessment that finds YES ten points too cheap. */
export function exampleAssessment(changes: Partial<PredictionAssessment> = {}): PredictionAssessment {
  const { contractId = 'kalshi:KXRAIN-26DEC06-T1', atMs = testStartAtMs } = changes;
  return {
    id: `assessment:${contractId}:${atMs}`,
    contractId,
    venue: 'kalshi',
    atMs,
    closesAtMs: testStartAtMs + 10 * 86_400_000,
    probability: 0.5,
    mid: 0.4,
    spread: 0.02,
    edge: 0.1,
    noEdge: false,
    side: 'yes',
    confidence: 0.5,
    inputs: { market: 0.4 },
    evidence: [{ feature: 'market.mid', value: 0.4 }],
    source: 'rules',
    reasoning: 'Because.',
    ...changes,
  };
}
