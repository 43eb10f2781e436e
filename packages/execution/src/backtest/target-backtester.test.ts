import { SeededRandom } from '@perpdesk/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backtestStrategy } from './backtest-strategy.ts';
import { targetBacktester } from './target-backtester.ts';
import { candlesOf, walk } from './testing/candles.ts';

describe('targetBacktester', () => {
  it('default: by hand', () => {
    const run = targetBacktester({
      candles: candlesOf([
        [100, 100, 100, 100],
        [110, 110, 110, 110],
        [120, 120, 120, 120],
      ]),
      equity: 1000,
      costs: { takerFeeRate: 0.001, slippageRate: 0, maxLeverage: 2, maintenanceMarginRate: 0 },
    });
    // 1 × 1000 / 100 = 10 units at 110, sold at 120.
    const equity = new Float64Array(3);
    expect(run(Float64Array.of(1, 0, 0), equity)).toEqual({
      equityEnd: expect.closeTo(1000 + 100 - 1.1 - 1.2, 9),
      fees: expect.closeTo(2.3, 12),
      funding: 0,
      maxDrawdown: expect.closeTo(0.0011, 12),
      tradedNotional: 2300,
      trades: 1,
      liquidations: 0,
    });
    expect([...equity]).toEqual([1000, expect.closeTo(998.9, 9), expect.closeTo(1097.7, 9)]);
    expect(run(Int8Array.of(1, 0, 0))).toEqual(run(Float64Array.of(1, 0, 0)));
    expect(run(new Float64Array(3).fill(Number.NaN)).tradedNotional).toBe(0);
  });

  it('behavior: without candles nothing happens, whatever funding there is', () => {
    const costs = { funding: { atMs: Float64Array.of(0), rate: Float64Array.of(0.01) } };
    for (const given of [{}, { costs }]) {
      const run = targetBacktester({ candles: candlesOf([]), equity: 1000, barMs: 60_000, ...given });
      expect(run(new Int8Array(0))).toMatchObject({ equityEnd: 1000, funding: 0, trades: 0 });
    }
  });

  it('behavior: comes to what backtestStrategy comes to, with costs, funding, cuts and liquidations', () => {
    let liquidations = 0;
    let cuts = 0;
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 2, max: 80 }), fc.constantFrom(0.5, 2, 6), (seed, length, reach) => {
        const random = new SeededRandom(seed);
        const candles = walk(length, random, 0.15);
        // With holes: what settles in one settles on what stands after it.
        let laterMs = 0;
        candles.openAtMs.forEach((ms, i) => {
          laterMs += random.next() < 0.1 ? 600_000 : 0;
          candles.openAtMs[i] = ms + laterMs;
        });
        const targets = Float64Array.from({ length }, () => {
          const dice = random.next();
          return dice < 0.4 ? Number.NaN : dice < 0.6 ? 0 : (random.next() - 0.5) * 2 * reach;
        });
        const atMs = candles.openAtMs.filter((_, i) => i % 7 === 3).map((ms) => ms + Math.floor(random.next() * 3e5));
        const costs = {
          maxLeverage: 4,
          maintenanceMarginRate: 0.02,
          funding: { atMs, rate: atMs.map(() => (random.next() - 0.5) * 0.02) },
        };
        let last = 0;
        const whole = backtestStrategy({
          candles,
          costs,
          strategy: ({ index }, account) => {
            const target = targets[index] as number;
            if (Number.isNaN(target) || target === last) return;
            last = target;
            account.target(target);
          },
        });
        const equity = new Float64Array(length);
        const fast = targetBacktester({ candles, costs })(targets, equity);
        liquidations += fast.liquidations;
        cuts += whole.cutOrders;
        const close = (a: number, b: number) => expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-9 * (1 + Math.abs(b)));
        for (let i = 0; i < length; i += 1) close(equity[i] as number, whole.equity[i] as number);
        close(fast.fees, whole.fees);
        close(fast.funding, whole.funding);
        close(fast.maxDrawdown, whole.maxDrawdown);
        close(fast.tradedNotional, whole.tradedNotional);
        expect([fast.trades, fast.liquidations]).toEqual([whole.trades.length, whole.liquidations]);
      }),
      { numRuns: 500 },
    );
    // The cases were there.
    expect(liquidations).toBeGreaterThan(20);
    expect(cuts).toBeGreaterThan(100);
  });

  it('error: too few targets, bars that can not be', () => {
    const candles = walk(5, new SeededRandom(1));
    expect(() => targetBacktester({ candles })(new Float64Array(4))).toThrow('There are 4 targets for 5 bars.');
    candles.low.fill(-1, 2, 3);
    expect(() => targetBacktester({ candles })).toThrow(/Bar 2/);
  });
});
