import { describe, expect, it } from 'vitest';
import { BaseRates } from './base-rates.ts';

const thirds = { up: 1 / 3, flat: 1 / 3, down: 1 / 3 };

describe('BaseRates', () => {
  it('default: thirds at first, then what was before, one more of each', () => {
    const rates = new BaseRates();
    expect(rates.ratesOf('luma', 1_000)).toEqual(thirds);
    rates.add('luma', 'up', 1_000);
    rates.add('luma', 'flat', 2_000);
    expect(rates.ratesOf('luma', 2_001)).toEqual({ up: 2 / 5, flat: 2 / 5, down: 1 / 5 });
    expect(rates.ratesOf('vanta', 2_001)).toEqual(thirds);
    expect(rates.countsOf('luma')).toEqual({ up: 1, flat: 1, down: 0 });
  });

  it('behavior: what came out at the instant of a view does not count, whichever market came first', () => {
    const rates = new BaseRates();
    rates.add('luma', 'down', 1_000);
    const before = rates.ratesOf('luma', 2_000);
    rates.add('luma', 'up', 2_000);
    const between = rates.ratesOf('luma', 2_000);
    rates.add('luma', 'up', 2_000);
    rates.add('luma', 'flat', 1_500);
    expect([before, between]).toEqual(Array(2).fill({ up: 1 / 4, flat: 1 / 4, down: 1 / 2 }));
    expect(rates.ratesOf('luma', 2_000)).toEqual({ up: 1 / 5, flat: 2 / 5, down: 2 / 5 });
    expect(rates.ratesOf('luma', 2_001)).toEqual({ up: 3 / 7, flat: 2 / 7, down: 2 / 7 });
  });

  it('behavior: what was counted before a restart counts, and is forgotten when cleared', () => {
    const rates = new BaseRates();
    rates.restore('luma', { up: 1, flat: 0, down: 0 });
    expect(rates.ratesOf('luma', 1_000)).toEqual({ up: 1 / 2, flat: 1 / 4, down: 1 / 4 });
    rates.add('luma', 'up', 1_000);
    rates.clear();
    expect(rates.ratesOf('luma', 1_000)).toEqual(thirds);
  });
});
