import { describe, expect, it } from 'vitest';
import { exampleScore } from '../testing/opinion-score.ts';
import { reliabilityOf } from './reliability.ts';
import { noScores, withScore } from './score-sums.ts';

const sumsOf = (said: readonly (readonly [confidence: number, hits: boolean])[]) =>
  said.reduce(
    (sums, [confidence, hits]) =>
      withScore(sums, exampleScore({ confidence, move: hits ? 'up' : 'flat' }), Number.POSITIVE_INFINITY),
    noScores(),
  );

describe('reliabilityOf', () => {
  it('default: what was said against what came, by stretches of confidence', () => {
    const said = [0.61, 0.65, 0.69, 0.65].map((confidence, i) => [confidence, i === 0] as const);
    const found = reliabilityOf(sumsOf([...said, [0.9, true], [1, true]]).bins);
    expect(found?.points).toEqual([
      { from: 0.6, to: 0.7, count: 4, confidence: expect.closeTo(0.65, 12), hitRate: 0.25 },
      { from: 0.9, to: 1, count: 2, confidence: expect.closeTo(0.95, 12), hitRate: 1 },
    ]);
    // Half of six hit; 4/6 · 0.4² + 2/6 · 0.05², and 4/6 · 0.25² + 2/6 · 0.5².
    expect(found?.uncertainty).toBeCloseTo(0.25, 12);
    expect(found?.reliability).toBeCloseTo((4 / 6) * 0.16 + (2 / 6) * 0.0025, 12);
    expect(found?.resolution).toBeCloseTo((4 / 6) * 0.0625 + (2 / 6) * 0.25, 12);
  });

  it('behavior: reliability − resolution + uncertainty is the Brier score of a hit, where a stretch holds one confidence', () => {
    const said = [0.15, 0.15, 0.35, 0.35, 0.35, 0.75, 0.75, 0.75, 0.75].map(
      (confidence, i) => [confidence, i % 3 === 0] as const,
    );
    const found = reliabilityOf(sumsOf(said).bins);
    const brier = said.reduce((sum, [confidence, hit]) => sum + (confidence - (hit ? 1 : 0)) ** 2, 0) / said.length;
    const { reliability = 0, resolution = 0, uncertainty = 0 } = found ?? {};
    expect(reliability - resolution + uncertainty).toBeCloseTo(brier, 12);
  });

  it('behavior: of nothing there is none', () => {
    expect(reliabilityOf(noScores().bins)).toBeUndefined();
  });
});
