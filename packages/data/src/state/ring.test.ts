import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ring } from './ring.ts';

describe('Ring', () => {
  it('default: the newest items, oldest first, as many as asked for or as there are', () => {
    const ring = new Ring<number>(3);
    for (const item of [1, 2, 3, 4]) ring.push(item);
    expect(ring.last(2)).toEqual([3, 4]);
    expect(ring.last(9)).toEqual([2, 3, 4]);
    expect(ring.newest()).toBe(4);
    expect(ring.newest(2)).toBe(2);
    expect(ring.newest(3)).toBeUndefined();
  });

  it('behavior: it gives what a list would, however full it is and however much is asked for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.array(fc.integer(), { maxLength: 20 }), (capacity, items) => {
        const ring = new Ring<number>(capacity);
        for (const item of items) ring.push(item);
        const held = items.slice(-capacity);
        for (let limit = 0; limit <= capacity + 1; limit += 1)
          expect(ring.last(limit)).toEqual(limit === 0 ? [] : held.slice(-limit));
      }),
    );
  });
});
