import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exampleScore } from '../testing/opinion-score.ts';
import { agedTo, noScores, type ScoreSums, withScore } from './score-sums.ts';

const halfLifeMs = 1_000_000;
const scores = fc.array(
  fc.record({
    atMs: fc.integer({ min: 0, max: 5_000_000 }),
    confidence: fc.double({ min: 0, max: 1, noNaN: true }),
    move: fc.constantFrom('up', 'flat', 'down'),
  }),
  { minLength: 1, maxLength: 20 },
);

/** One more score into sums that are as of its instant, or of later. */
function plusOne(sums: ScoreSums, score: ReturnType<typeof exampleScore>): ScoreSums {
  const now = sums.count === 0 ? { ...sums, atMs: score.dueAtMs } : agedTo(sums, score.dueAtMs, halfLifeMs);
  const weight = 2 ** ((score.dueAtMs - now.atMs) / halfLifeMs);
  const hits = score.hit ? weight : 0;
  return {
    atMs: now.atMs,
    count: now.count + 1,
    weight: now.weight + weight,
    hits: now.hits + hits,
    brier: now.brier + weight * score.brier,
    baseBrier: now.baseBrier + weight * score.baseBrier,
    bins: now.bins.map((bin, index) =>
      index === Math.min(9, Math.floor(10 * score.confidence))
        ? {
            weight: bin.weight + weight,
            confidence: bin.confidence + weight * score.confidence,
            hits: bin.hits + hits,
            count: bin.count + 1,
          }
        : bin,
    ),
  };
}

describe('withScore', () => {
  it('behavior: ages what is there to the very bit, then adds the score by its own age', () => {
    fc.assert(
      fc.property(scores, (given) => {
        let sums = noScores();
        let expected = noScores();
        for (const some of given) {
          const score = exampleScore(some);
          const before = structuredClone(sums);
          const next = withScore(sums, score, halfLifeMs);
          expected = plusOne(expected, score);
          expect(next).toEqual(expected);
          expect(sums).toEqual(before);
          sums = next;
        }
      }),
    );
  });
});
