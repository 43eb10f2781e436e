import { median } from '@perpdesk/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RankedNumbers } from './ranked-numbers.ts';

describe('RankedNumbers', () => {
  it('default: the middle, and the middle of the distances from it', () => {
    const ranked = new RankedNumbers(4);
    for (const value of [9, 1, 2, 4]) ranked.add(value);
    expect([ranked.length, ranked.median(), ranked.medianDistance(3)]).toEqual([4, 3, 1.5]);
    ranked.remove(9);
    expect([ranked.length, ranked.median(), ranked.medianDistance(2)]).toEqual([3, 2, 1]);
    ranked.clear();
    expect([ranked.length, ranked.median(), ranked.medianDistance(0)]).toEqual([0, Number.NaN, Number.NaN]);
  });

  it('behavior: to the bit what sorting says, whatever comes and goes', () => {
    const value = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true, noDefaultInfinity: true }));
    const act = fc.record({ value, removes: fc.option(fc.nat(), { nil: undefined, freq: 2 }) });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60, size: 'max' }), value, (acts, from) => {
        const ranked = new RankedNumbers(60);
        const held: number[] = [];
        for (const { value: added, removes } of acts) {
          if (removes !== undefined && held.length > 0) {
            for (const gone of held.splice(removes % held.length, 1)) ranked.remove(gone);
          }
          ranked.add(added);
          held.push(added);
          const middle = median(held) ?? 0;
          expect(ranked.median() === middle).toBe(true);
          for (const place of [middle, from]) {
            expect(ranked.medianDistance(place)).toBe(median(held.map((each) => Math.abs(each - place))));
          }
        }
      }),
    );
  });
});
