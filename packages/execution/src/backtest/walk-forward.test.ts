import { describe, expect, it } from 'vitest';
import { walkForward, walkForwardSplits } from './walk-forward.ts';

const span = (from: number, to: number) => ({ from, to });

describe('walk-forward', () => {
  it('default: trainings roll along, tests follow one another to the end', () => {
    expect(walkForwardSplits({ bars: 11, trainBars: 4, testBars: 3 })).toEqual([
      { train: span(0, 4), test: span(4, 7) },
      { train: span(3, 7), test: span(7, 10) },
      { train: span(6, 10), test: span(10, 11) },
    ]);
  });

  it('behavior: anchored trainings grow, an embargo stands between, a step of its own overlaps', () => {
    expect(
      walkForwardSplits({ bars: 12, trainBars: 4, testBars: 3, stepBars: 2, anchored: true, embargoBars: 1 }),
    ).toEqual([
      { train: span(0, 4), test: span(5, 8) },
      { train: span(0, 6), test: span(7, 10) },
      { train: span(0, 8), test: span(9, 12) },
      { train: span(0, 10), test: span(11, 12) },
    ]);
    expect(walkForwardSplits({ bars: 4, trainBars: 4, testBars: 1 })).toEqual([]);
  });

  it('behavior: the best of the training, not of the test, is run on the test', () => {
    const values = [9, 1, 1, 1, 1, 9];
    const seen: string[] = [];
    const folds = walkForward({
      splits: walkForwardSplits({ bars: 6, trainBars: 3, testBars: 3 }),
      candidates: ['NaN', 'first', 'last', 'equal'],
      score: (name, { from, to }) => {
        seen.push(`${name} ${from}-${to}`);
        return name === 'first' || name === 'equal'
          ? (values[from] ?? 0)
          : name === 'last'
            ? (values[to - 1] ?? 0)
            : Number.NaN;
      },
      run: (name, { from, to }) => `${name} on ${from}-${to}`,
    });
    expect(folds).toEqual([
      { train: span(0, 3), test: span(3, 6), parameters: 'first', trainScore: 9, result: 'first on 3-6' },
    ]);
    expect(seen).toEqual(['NaN 0-3', 'first 0-3', 'last 0-3', 'equal 0-3']);
    const none = { candidates: ['a'], score: () => Number.NaN, run: () => 1 };
    expect(walkForward({ splits: walkForwardSplits({ bars: 3, trainBars: 2, testBars: 1 }), ...none })).toEqual([]);
  });

  it('error: lengths that can not be', () => {
    expect(() => walkForwardSplits({ bars: 10, trainBars: 0, testBars: 1 })).toThrow('trainBars can not be 0.');
    expect(() => walkForwardSplits({ bars: 10, trainBars: 1, testBars: 1, stepBars: 0.5 })).toThrow(/stepBars/);
  });
});
