import { describe, expect, it } from 'vitest';
import { isNoEdge, type PredictionAssessment, predictionAssessmentSchema } from './prediction-assessment.ts';

const assessment: PredictionAssessment = {
  id: 'assessment:kalshi:KXRAIN-1:5',
  contractId: 'kalshi:KXRAIN-1',
  venue: 'kalshi',
  atMs: 5,
  closesAtMs: 10,
  probability: 0.45,
  mid: 0.4,
  spread: 0.02,
  edge: 0.05,
  noEdge: false,
  side: 'yes',
  confidence: 0.5,
  inputs: { market: 0.4 },
  evidence: [{ feature: 'market.mid', value: 0.4 }],
  source: 'rules',
  reasoning: 'Because.',
};
const accepts = (changes: Partial<PredictionAssessment>): boolean =>
  predictionAssessmentSchema.safeParse({ ...assessment, ...changes }).success;

describe('predictionAssessmentSchema', () => {
  it('default: an assessment whose parts agree', () => {
    expect(predictionAssessmentSchema.parse(assessment)).toEqual(assessment);
  });

  it('error: an edge, a side or a certainty that does not follow', () => {
    expect(accepts({ edge: 0.06 })).toBe(false);
    expect(accepts({ side: 'no' })).toBe(false);
    expect(accepts({ noEdge: true, side: 'none' })).toBe(false);
    expect(accepts({ probability: 1, edge: 0.6 })).toBe(false);
    expect(accepts({ mid: 0, probability: 0.05 })).toBe(false);
  });
});

describe('isNoEdge', () => {
  it('default: below 3 points or half the spread; the bound itself is an edge', () => {
    expect([0.029, 0.03, -0.03, -0.029].map((edge) => isNoEdge(edge, 0.02))).toEqual([true, false, false, true]);
    expect([0.049, 0.05].map((edge) => isNoEdge(edge, 0.1))).toEqual([true, false]);
    // 0.43 − 0.4 is a little less than 0.03 in floats.
    expect(isNoEdge(0.43 - 0.4, 0)).toBe(false);
  });
});
