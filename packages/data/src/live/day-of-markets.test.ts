import { describe, expect, it } from 'vitest';
import { playDay } from './testing/day-of-markets.ts';

describe('a day of live markets, a quarter of an hour of it', () => {
  it('behavior: every bar is closed once, every trade is told, nothing is refused', async () => {
    const { candles, closed, counts, trades } = await playDay({ venues: 2, markets: 3, hours: 0.25 });
    // The bar that closes at the last instant is told with it.
    expect(candles).toBe(2 * 3 * 15);
    // Three of 5m, one of 15m, and at the start the newest of five timeframes.
    expect(closed).toBe(2 * 3 * (4 + 5));
    expect(trades).toBeGreaterThan(2 * 3 * 900);
    expect(counts).toMatchObject({ gaps: 0, partialBars: 0, duplicates: 0, late: 0, conflicting: 0, invalid: 0 });
  });
});
