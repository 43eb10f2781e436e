import { type OpinionScore, SeededRandom } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { exampleScore } from '../testing/opinion-score.ts';
import { blockMeanInterval } from './block-bootstrap.ts';
import { compareModelWithRules } from './compare-sources.ts';

const dayMs = 86_400_000;

/** Days of eight triggers on which a model is right with one chance and the rules with another. */
function scoresOf(
  days: number,
  chance: { readonly model: number; readonly rules: number },
  seed: string,
): OpinionScore[] {
  const random = new SeededRandom(seed);
  return Array.from({ length: days * 8 }, (_, i) => i).flatMap((i) => {
    const atMs = Math.floor(i / 8) * dayMs + (i % 8) * 900_000;
    const move = (right: number) => (random.next() < right ? 'up' : 'down');
    return [
      exampleScore({ atMs, source: 'model', move: move(chance.model) }),
      exampleScore({ atMs, word: 'ruled', move: move(chance.rules) }),
    ];
  });
}

describe('compareModelWithRules', () => {
  it('default: tells the better one, with where the difference lies', () => {
    const found = compareModelWithRules(scoresOf(60, { model: 0.7, rules: 0.4 }, 'a'), { seed: 1 });
    expect(found).toMatchObject({ verdict: 'model-better', pairs: 480, blocks: 60 });
    // 0.12 for a hit and 0.52 for a miss: three tenths more hits are 0.12 better.
    expect(found.difference).toBeCloseTo(0.12, 1);
    expect(found.difference).toBeCloseTo((found.rules?.brier ?? 0) - (found.model?.brier ?? 0), 12);
    expect(found.interval?.[0]).toBeGreaterThan(0);
    expect(found.interval?.[1]).toBeGreaterThan(found.difference ?? 1);
    const mirrored = compareModelWithRules(scoresOf(60, { model: 0.4, rules: 0.7 }, 'a'), { seed: 1 });
    expect(mirrored.verdict).toBe('rules-better');
  });

  it('behavior: the same chance is no difference, and the same seed the same interval', () => {
    const scores = scoresOf(60, { model: 0.5, rules: 0.5 }, 'even');
    const found = compareModelWithRules(scores, { seed: 1 });
    expect(found.verdict).toBe('no-difference-found');
    expect(compareModelWithRules(scores, { seed: 1 })).toEqual(found);
    expect(compareModelWithRules(scores, { seed: 2 }).interval).not.toEqual(found.interval);
  });

  it('behavior: a lead over too few days says nothing, however large', () => {
    const few = compareModelWithRules(scoresOf(19, { model: 1, rules: 0 }, 'few'), { seed: 1 });
    expect(few).toMatchObject({
      verdict: 'not-enough-data',
      pairs: 152,
      blocks: 19,
      difference: expect.closeTo(0.4, 9),
    });
    expect(few).not.toHaveProperty('interval');
    expect(compareModelWithRules([], { seed: 1 })).toEqual({ verdict: 'not-enough-data', pairs: 0, blocks: 0 });
  });

  it('behavior: only what both were asked is compared', () => {
    const [model, rules] = scoresOf(1, { model: 1, rules: 1 }, 'x') as [OpinionScore, OpinionScore];
    const others = [
      exampleScore({ atMs: 5 * 900_000, source: 'model' }),
      exampleScore({ atMs: 6 * 900_000, word: 'ruled' }),
      exampleScore({ atMs: 7 * 900_000, source: 'rules' }),
      { ...rules, bars: 1, id: 'other horizon' },
      exampleScore({ word: 'final-turn', source: 'model' }),
    ];
    expect(compareModelWithRules([model, rules, ...others], { seed: 1 }).pairs).toBe(1);
  });
});

describe('blockMeanInterval', () => {
  it('behavior: holds the true mean about as often as it says, where the values of a day hang together', () => {
    const random = new SeededRandom('coverage');
    let held = 0;
    for (let run = 0; run < 300; run += 1) {
      const values = Array.from({ length: 30 }, (_, day) => {
        const shared = random.next() - 0.5;
        return Array.from({ length: 12 }, (_, i) => ({
          atMs: day * dayMs + i,
          value: shared + (random.next() - 0.5) / 4,
        }));
      }).flat();
      const [low, high] = blockMeanInterval(values, { seed: run, resamples: 400 })?.interval ?? [0, 0];
      if (low <= 0 && high >= 0) held += 1;
    }
    expect(held / 300).toBeGreaterThan(0.9);
  });

  it('error: refuses options out of range, and has no mean of nothing', () => {
    expect(blockMeanInterval([], { seed: 1 })).toBeUndefined();
    for (const options of [{ resamples: 99 }, { resamples: 100.5 }, { coverage: 1 }, { coverage: 0 }, { blockMs: 0 }])
      expect(() => blockMeanInterval([{ atMs: 0, value: 1 }], { seed: 1, ...options })).toThrow(
        expect.objectContaining({ code: 'bootstrap.options' }),
      );
  });
});
