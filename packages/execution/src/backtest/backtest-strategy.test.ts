import { type CandleColumns, SeededRandom } from '@perpdesk/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backtestStrategy, type Strategy } from './backtest-strategy.ts';
import { sliceCandles } from './causal-columns.ts';
import type { StrategyAccount, StrategyOrder } from './strategy-account.ts';
import { candlesOf, walk } from './testing/candles.ts';

const free = { takerFeeRate: 0, makerFeeRate: 0, slippageRate: 0, maintenanceMarginRate: 0, maxLeverage: 10 };

/** Does at each bar what is planned for it. */
const plan =
  (acts: Readonly<Record<number, (account: StrategyAccount) => void>>): Strategy =>
  (market, account) =>
    acts[market.index]?.(account);

const enter =
  (order: StrategyOrder) =>
  (account: StrategyAccount): void =>
    account.enter(order);

describe('backtestStrategy', () => {
  it('default: decides at the close, fills at the next open with slippage and fee', () => {
    const result = backtestStrategy({
      candles: candlesOf([
        [100, 101, 99, 100],
        [110, 121, 109, 120],
        [120, 131, 119, 130],
        [130, 141, 129, 140],
      ]),
      equity: 1000,
      costs: { ...free, takerFeeRate: 0.001, slippageRate: 0.01 },
      strategy: plan({ 0: enter({ direction: 'long', size: 2 }), 2: (account) => account.exit() }),
    });
    // Bought 2 at 110 × 1.01 = 111.1, sold at 130 × 0.99 = 128.7.
    const fees = 0.001 * 2 * (111.1 + 128.7);
    expect(result.trades).toEqual([
      {
        direction: 'long',
        size: 2,
        entryPrice: expect.closeTo(111.1, 9),
        exitPrice: expect.closeTo(128.7, 9),
        netPnl: expect.closeTo(35.2 - fees, 9),
        fees: expect.closeTo(fees, 9),
        funding: 0,
        openedBar: 1,
        closedBar: 3,
        openedAtMs: Date.UTC(2026, 0, 1, 0, 1),
        closedAtMs: Date.UTC(2026, 0, 1, 0, 3),
        reason: 'order',
      },
    ]);
    expect([...result.equity]).toEqual([
      1000,
      expect.closeTo(1000 + 2 * 8.9 - 0.2222, 9),
      expect.closeTo(1000 + 2 * 18.9 - 0.2222, 9),
      expect.closeTo(1000 + 35.2 - fees, 9),
    ]);
    expect(result.tradedNotional).toBeCloseTo(2 * (111.1 + 128.7), 9);
    expect(result.series().atMs[0]).toBe(Date.UTC(2026, 0, 1));
    expect(result.series().equity[4]).toBe(result.equityEnd);
  });

  it('default: short, added to, turned round', () => {
    const result = backtestStrategy({
      candles: candlesOf([
        [100, 100, 100, 100],
        [100, 100, 100, 100],
        [80, 80, 80, 80],
        [60, 60, 60, 60],
        [90, 90, 90, 90],
      ]),
      equity: 1000,
      costs: free,
      strategy: plan({
        0: enter({ direction: 'short', size: 1 }),
        1: enter({ direction: 'short', size: 3 }),
        2: enter({ direction: 'long', notional: 160 }),
      }),
    });
    // Entered 1 at 100 and 2 at 80, left 3 at 60: (300 − 260) … then long 2 at 60, worth 90.
    expect(result.trades).toMatchObject([
      { direction: 'short', size: 3, entryPrice: 260 / 3, exitPrice: 60, openedBar: 1, closedBar: 3 },
    ]);
    expect(result.trades[0]?.netPnl).toBeCloseTo(80, 9);
    expect(result.openSize).toBe(2);
    expect(result.equityEnd).toBeCloseTo(1000 + 80 + 60, 9);
    expect(result.pnl).toBeCloseTo(140, 9);
  });

  it('behavior: within a bar the stop comes before the target, for both sides', () => {
    const wide = [100, 120, 80, 100] as const;
    for (const [direction, stopLoss, takeProfit] of [
      ['long', 90, 110],
      ['short', 110, 90],
    ] as const) {
      const { trades, equityEnd } = backtestStrategy({
        candles: candlesOf([[100, 100, 100, 100], wide]),
        equity: 1000,
        costs: free,
        strategy: plan({ 0: enter({ direction, size: 1, stopLoss, takeProfit }) }),
      });
      expect(trades).toMatchObject([{ reason: 'stop-loss', exitPrice: stopLoss, openedBar: 1, closedBar: 1 }]);
      expect(equityEnd).toBe(990);
    }
  });

  it('behavior: a gap fills a stop at the open; a target needs a trade beyond it and gets no better price', () => {
    const run = (last: readonly [number, number, number, number]) =>
      backtestStrategy({
        candles: candlesOf([[100, 100, 100, 100], [100, 105, 95, 100], last]),
        equity: 1000,
        costs: free,
        strategy: plan({ 0: enter({ direction: 'long', size: 1, stopLoss: 90, takeProfit: 110 }) }),
      }).trades;
    expect(run([85, 95, 84, 95])).toMatchObject([{ reason: 'stop-loss', exitPrice: 85 }]);
    expect(run([100, 110, 100, 105])).toEqual([]);
    expect(run([115, 116, 112, 114])).toMatchObject([{ reason: 'take-profit', exitPrice: 110 }]);
    expect(run([100, 100, 90, 95])).toMatchObject([{ reason: 'stop-loss', exitPrice: 90 }]);
  });

  it('behavior: a target that the fill finds passed already is taken at the market, and so is a stop', () => {
    const run = (open: number) =>
      backtestStrategy({
        candles: candlesOf([
          [100, 100, 100, 100],
          [open, open + 1, open - 1, open],
        ]),
        costs: { ...free, slippageRate: 0.01 },
        strategy: plan({ 0: enter({ direction: 'short', size: 1, stopLoss: 110, takeProfit: 90 }) }),
      }).trades;
    expect(run(80)).toMatchObject([{ reason: 'take-profit', entryPrice: 79.2, exitPrice: 80.8, closedBar: 1 }]);
    expect(run(120)).toMatchObject([{ reason: 'stop-loss', entryPrice: 118.8, exitPrice: 121.2 }]);
  });

  it('behavior: an order for less of a position that the open stopped out is void, one for the other side is not', () => {
    const run = (order: StrategyOrder) =>
      backtestStrategy({
        candles: candlesOf([
          [100, 100, 100, 100],
          [100, 100, 100, 100],
          [80, 81, 79, 80],
        ]),
        costs: free,
        strategy: plan({ 0: enter({ direction: 'long', size: 2, stopLoss: 90 }), 1: enter(order) }),
      });
    expect(run({ direction: 'long', size: 1 })).toMatchObject({ openSize: 0, trades: [{ exitPrice: 80, size: 2 }] });
    expect(run({ direction: 'short', size: 1 })).toMatchObject({ openSize: -1, trades: [{ reason: 'stop-loss' }] });
  });

  it('behavior: a stop is moved from the next bar on, and goes with its position', () => {
    const result = backtestStrategy({
      candles: candlesOf([
        [100, 100, 100, 100],
        [100, 110, 100, 110],
        [110, 111, 104, 110],
        [110, 110, 50, 100],
      ]),
      costs: free,
      strategy: plan({
        0: enter({ direction: 'long', size: 1, stopLoss: 90 }),
        1: (account) => account.protect({ stopLoss: 105 }),
        2: (account) => {
          expect([account.size, account.stopLoss, account.entryPrice]).toEqual([0, Number.NaN, 0]);
          account.enter({ direction: 'long', size: 1 });
        },
      }),
    });
    expect(result.trades).toMatchObject([{ exitPrice: 105, closedBar: 2, reason: 'stop-loss' }]);
    expect(result.openSize).toBe(1);
  });

  it('behavior: funding is settled on what was held before the open, at its price', () => {
    const minute = 60_000;
    const startMs = Date.UTC(2026, 0, 1);
    const run = (size: number) =>
      backtestStrategy({
        candles: candlesOf([
          [100, 100, 100, 100],
          [100, 100, 100, 100],
          [200, 200, 200, 200],
          [200, 200, 200, 200],
        ]),
        equity: 1000,
        costs: {
          ...free,
          funding: {
            // The first two find nothing held, the last never comes.
            atMs: Float64Array.of(startMs, startMs + minute, startMs + 1.5 * minute, startMs + 9 * minute),
            rate: Float64Array.of(0.5, 0.5, 0.01, 0.5),
          },
        },
        strategy: plan({
          0: (account) => account.enter({ direction: size > 0 ? 'long' : 'short', size: Math.abs(size) }),
          2: (account) => account.exit(),
        }),
      });
    // A positive rate: longs pay shorts.
    expect(run(1)).toMatchObject({ funding: -2, equityEnd: 1098 });
    expect(run(-1)).toMatchObject({ funding: 2, equityEnd: 902 });
    expect(run(1).trades[0]).toMatchObject({ funding: -2, netPnl: 98 });
  });

  it('behavior: funding due in the bar of a stop is paid and never received', () => {
    const startMs = Date.UTC(2026, 0, 1);
    const run = (rate: number) =>
      backtestStrategy({
        candles: candlesOf([
          [100, 100, 100, 100],
          [100, 100, 80, 100],
          [100, 100, 100, 100],
        ]),
        equity: 1000,
        costs: { ...free, funding: { atMs: Float64Array.of(startMs + 90_000), rate: Float64Array.of(rate) } },
        strategy: plan({ 0: enter({ direction: 'long', size: 1, stopLoss: 90 }) }),
      }).funding;
    expect([run(0.01), run(-0.01)]).toEqual([expect.closeTo(-0.9, 12), 0]);
  });

  it('behavior: liquidates where margin is used up, takes the rest of it, and leaves nothing owed', () => {
    const costs = { ...free, maxLeverage: 10, maintenanceMarginRate: 0.02 };
    const run = (low: number, open = 100) =>
      backtestStrategy({
        candles: candlesOf([
          [100, 100, 100, 100],
          [100, 100, 100, 100],
          [open, Math.max(open, 100), low, Math.max(low, 99)],
        ]),
        equity: 1000,
        costs,
        strategy: plan({ 0: enter({ direction: 'long', size: 100 }) }),
      });
    // (entry·size − cash) / (size·(1 − mmr)) = (10000 − 1000) / 98
    const price = 9000 / 98;
    const liquidated = run(80);
    expect(liquidated.liquidations).toBe(1);
    expect(liquidated.trades).toMatchObject([{ reason: 'liquidation', exitPrice: expect.closeTo(price, 9) }]);
    expect(liquidated.equityEnd).toBeCloseTo(0, 6);
    expect(run(92).liquidations).toBe(0);
    // A gap beyond what was there: the account is empty, not in debt.
    const gap = run(50, 50);
    expect(gap).toMatchObject({ liquidations: 1, equityEnd: 0 });
    expect(gap.equityStart + gap.pnl - gap.fees + gap.funding).toBeCloseTo(0, 9);
  });

  it('behavior: an order beyond the leverage allowed is cut to it, fee included', () => {
    const result = backtestStrategy({
      candles: candlesOf([
        [100, 100, 100, 100],
        [100, 100, 100, 100],
      ]),
      equity: 1000,
      costs: { ...free, maxLeverage: 3, takerFeeRate: 0.01 },
      strategy: plan({ 0: (account) => account.target(50) }),
    });
    expect(result.cutOrders).toBe(1);
    expect(result.openSize).toBeCloseTo(3000 / (100 * 1.03), 9);
    expect((result.openSize * 100) / result.equityEnd).toBeCloseTo(3, 9);
  });

  it('behavior: the warm-up is seen and not acted on; an order without a next bar is not filled', () => {
    const asked: number[] = [];
    const result = backtestStrategy({
      candles: walk(10, new SeededRandom(1)),
      warmUpBars: 7,
      strategy: ({ index, close }, account) => {
        asked.push(index);
        void close;
        account.target(index === 9 ? 1 : 0);
      },
    });
    expect(asked).toEqual([7, 8, 9]);
    expect(result).toMatchObject({ openSize: 0, tradedNotional: 0 });
    expect(result.series().atMs).toHaveLength(4);
  });

  it('behavior: nothing to run on is no error', () => {
    const empty = backtestStrategy({ candles: candlesOf([]), barMs: 60_000, strategy: () => {} });
    expect(empty).toMatchObject({ equityStart: 10_000, equityEnd: 10_000, pnl: 0, trades: [] });
    expect(empty.series()).toEqual({ atMs: [], equity: [] });
  });

  it('behavior: the books balance whatever is done', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 60 }), (seed, length) => {
        const random = new SeededRandom(seed);
        const candles = walk(length, random, 0.1);
        const result = backtestStrategy({
          candles,
          costs: { maxLeverage: 20, maintenanceMarginRate: 0.01, funding: someFunding(candles, random) },
          barMs: 60_000,
          strategy: gambler(random),
        });
        const { equityStart, pnl, fees, funding, equityEnd } = result;
        const scale = 1 + result.tradedNotional;
        expect(Math.abs(equityStart + pnl - fees + funding - equityEnd) / scale).toBeLessThan(1e-12);
        expect(Math.min(...result.equity)).toBeGreaterThanOrEqual(-1e-6 * scale);
        const closed = result.trades.reduce((sum, trade) => sum + trade.netPnl, 0);
        if (result.openSize === 0) expect(Math.abs(equityStart + closed - equityEnd) / scale).toBeLessThan(1e-12);
      }),
    );
  });

  it('behavior: what comes after a bar changes nothing decided or owned up to it', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 2, max: 50 }), fc.nat(), (seed, length, cutAt) => {
        const candles = walk(length, new SeededRandom(seed), 0.1);
        const cut = 1 + (cutAt % (length - 1));
        const later = changedAfter(candles, cut, new SeededRandom(`${seed}-other`));
        const [first, second, third] = [candles, later, sliceCandles(candles, 0, cut)].map((seen) => {
          const decisions: number[][] = [];
          const gamble = gambler(new SeededRandom(seed));
          const { equity } = backtestStrategy({
            candles: seen,
            barMs: 60_000,
            costs: { maxLeverage: 5 },
            columns: { mean: meanOfThree },
            strategy: (market, account) => {
              decisions.push([market.closedAtMs, market.columns.mean(), account.size, account.equity]);
              gamble(market, account);
            },
          });
          return { decisions: decisions.slice(0, cut), equity: [...equity.subarray(0, cut)] };
        });
        expect(second).toEqual(first);
        expect(third).toEqual(first);
      }),
    );
  });

  it('error: no way to a later bar', () => {
    const candles = walk(5, new SeededRandom(1));
    const ask = (ago: number) => () =>
      backtestStrategy({ candles, columns: { mean: meanOfThree }, strategy: ({ columns }) => void columns.mean(ago) });
    expect(ask(-1)).toThrow(/counted back from the last closed one, got -1/);
    expect(ask(0.5)).toThrow(/got 0.5/);
    expect(ask(Number.NaN)).toThrow(/got NaN/);
    backtestStrategy({
      candles,
      strategy: (market) => {
        expect(market.close(market.index + 1)).toBeNaN();
        expect(() => market.close(-1)).toThrow(/look|counted back/);
        expect(() => Object.assign(market, { index: 4 })).toThrow(TypeError);
      },
    });
  });

  it('error: columns that look ahead, bars, orders and costs that can not be', () => {
    const candles = walk(300, new SeededRandom(1));
    const shifted = ({ close }: CandleColumns) => Float64Array.from(close, (_, i) => close[i + 1] ?? 0);
    const scaled = ({ close }: CandleColumns) => close.map((price) => price / Math.max(...close));
    for (const column of [shifted, scaled])
      expect(() => backtestStrategy({ candles, columns: { column }, strategy: () => {} })).toThrow(/Column column is/);
    const asked: number[] = [];
    const broken = (change: (copy: CandleColumns) => void) => () => {
      const copy = changedAfter(candles, 300, new SeededRandom(1));
      change(copy);
      backtestStrategy({ candles: copy, strategy: () => asked.push(1) });
    };
    expect(broken(({ high }) => high.fill(1, 7, 8))).toThrow(/Bar 7 opens at \d+ with open/);
    expect(broken(({ close }) => close.fill(Number.NaN, 299))).toThrow(/Bar 299/);
    expect(broken(({ openAtMs }) => openAtMs.fill(5, 9, 10))).toThrow(/Bar \d+ opens at 5, after one at/);
    // All bars are looked at before the first one is decided on.
    expect(asked).toEqual([]);
    const act = (order: StrategyOrder) => () =>
      backtestStrategy({ candles, strategy: (_, account) => account.enter(order) });
    expect(act({ direction: 'long' })).toThrow(/can not be for NaN/);
    expect(act({ direction: 'long', size: -1 })).toThrow(/can not be for -1/);
    expect(act({ direction: 'long', size: 1, stopLoss: 1e9 })).toThrow(
      /A long at .* can not have a stop at 1000000000/,
    );
    expect(act({ direction: 'short', size: 1, takeProfit: 1e9 })).toThrow(/can not have a take-profit/);
    expect(() => backtestStrategy({ candles, costs: { maxLeverage: 0 }, strategy: () => {} })).toThrow(/maxLeverage/);
    expect(() => backtestStrategy({ candles, equity: 0, strategy: () => {} })).toThrow(/above 0, got 0/);
    expect(() => backtestStrategy({ candles: candlesOf([[1, 1, 1, 1]]), strategy: () => {} })).toThrow(/give barMs/);
  });
});

/** Orders of all kinds, drawn from what it sees and from chance. */
function gambler(random: SeededRandom): Strategy {
  return (market, account) => {
    const dice = random.next();
    const price = market.close();
    const up = price > market.open(1) || market.high(2) > market.low();
    const side = dice < 0.5 === up ? 1 : -1;
    if (dice < 0.3) account.target(side * random.next() * 8);
    else if (dice < 0.6)
      account.enter({
        direction: side > 0 ? 'long' : 'short',
        exposure: random.next() * 8,
        stopLoss: price * (1 - side * 0.05),
        takeProfit: price * (1 + side * 0.05),
      });
    else if (dice < 0.7) account.exit();
    else if (account.size !== 0) account.protect({ stopLoss: price * (1 - Math.sign(account.size) * 0.03) });
  };
}

function someFunding({ openAtMs }: CandleColumns, random: SeededRandom) {
  const atMs = openAtMs.filter((_, index) => index % 5 === 4).map((ms) => ms + Math.floor(random.next() * 60_000));
  return { atMs, rate: atMs.map(() => (random.next() - 0.5) * 0.02) };
}

const meanOfThree = ({ close }: CandleColumns): Float64Array =>
  close.map((price, i) => (price + (close[i - 1] ?? price) + (close[i - 2] ?? price)) / 3);

function changedAfter(candles: CandleColumns, cut: number, random: SeededRandom): CandleColumns {
  const other = walk(candles.length, random, 0.3);
  const merge = (name: 'open' | 'high' | 'low' | 'close' | 'volume') =>
    candles[name].map((value, index) => (index < cut ? value : (other[name][index] as number)));
  return {
    length: candles.length,
    openAtMs: candles.openAtMs.slice(),
    open: merge('open'),
    high: merge('high'),
    low: merge('low'),
    close: merge('close'),
    volume: merge('volume'),
  };
}
