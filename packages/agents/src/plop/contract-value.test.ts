import { describe, expect, it } from 'vitest';
import { contractValue } from './contract-value.ts';
import { exampleAssessment } from './testing/example-assessment.ts';

describe('contractValue', () => {
  it('default: worked by hand, for YES and for NO alike', () => {
    // YES is offered at 0.41; the fee is 0.07·0.41·0.59; ten days; half of the depth that counts; confidence 0.5.
    const cost = 0.41 + 0.07 * 0.41 * 0.59;
    const valuePerDay = (0.5 - cost) / cost / 10;
    const yes = contractValue(exampleAssessment(), 5_000);
    expect(yes?.cost).toBeCloseTo(cost, 12);
    expect(yes?.valuePerDay).toBeCloseTo(valuePerDay, 12);
    expect(yes?.score).toBeCloseTo(valuePerDay * 0.5 * 0.5, 12);
    const no = contractValue(exampleAssessment({ probability: 0.5, mid: 0.6, edge: -0.1, side: 'no' }), 5_000);
    expect(no?.score).toBeCloseTo(yes?.score ?? 0, 12);
  });

  it('behavior: sooner, surer and deeper is better, and an hour counts as a day', () => {
    const scoreOf = (changes = {}, depth = 5_000) => contractValue(exampleAssessment(changes), depth)?.score ?? 0;
    const { atMs } = exampleAssessment();
    expect(scoreOf({ closesAtMs: atMs + 5 * 86_400_000 })).toBeCloseTo(2 * scoreOf(), 12);
    expect(scoreOf({ closesAtMs: atMs + 3_600_000 })).toBeCloseTo(10 * scoreOf(), 12);
    expect(scoreOf({ confidence: 0.9 })).toBeGreaterThan(scoreOf());
    expect(scoreOf({}, 50_000)).toBeGreaterThan(scoreOf());
  });

  it('behavior: nothing without an edge, or where spread and fee eat it', () => {
    expect(contractValue(exampleAssessment({ side: 'none' }), 5_000)).toBeUndefined();
    expect(contractValue(exampleAssessment(), 0)).toBeUndefined();
    // 3.5 points of edge against half a spread of 2 and a fee of 1.7.
    const thin = exampleAssessment({ probability: 0.435, edge: 0.035, spread: 0.04 });
    expect(contractValue(thin, 5_000)).toBeUndefined();
    expect(contractValue({ ...thin, venue: 'polymarket' }, 5_000)?.valuePerDay).toBeCloseTo(0.015 / 0.42 / 10, 12);
  });
});
