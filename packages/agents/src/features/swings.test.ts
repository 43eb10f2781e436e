import { describe, expect, it } from 'vitest';
import { seriesOf } from '../testing/series.ts';
import { findSwings } from './swings.ts';

describe('findSwings', () => {
  it('default: finds the highs and lows that two bars on either side do not pass', () => {
    const swings = findSwings(seriesOf([1, 2, 5, 3, 2, 1, 2, 3, 4, 3, 2]));
    expect(swings.map(({ kind, index }) => [kind, index])).toEqual([
      ['high', 2],
      ['low', 5],
      ['high', 8],
    ]);
  });

  it('behavior: a plateau has one swing, its first bar', () => {
    expect(findSwings(seriesOf([1, 2, 5, 5, 2, 1])).filter(({ kind }) => kind === 'high')).toHaveLength(1);
  });

  it('behavior: the last two bars are no swings yet, whatever they are', () => {
    expect(findSwings(seriesOf([3, 3, 3, 3, 9, 3]))).toEqual([]);
  });
});
