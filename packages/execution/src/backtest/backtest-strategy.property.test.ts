import { type CandleColumns, SeededRandom } from '@perpdesk/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AccountState } from './account-state.ts';
import { backtestStrategy, type Strategy, type StrategyBacktestOptions } from './backtest-strategy.ts';
import { barLength } from './candle-check.ts';
import { MarketWindow } from './market-window.ts';
import { StrategyAccount } from './strategy-account.ts';
import { walk } from './testing/candles.ts';
import { TradeLog } from './trade-log.ts';
import { settledCosts } from './trading-costs.ts';

describe('backtestStrategy against a plain loop', () => {
  it('behavior: comes to the bit to what the account comes to, led bar by bar', () => {
    const seen = { stopped: 0, tookProfit: 0, liquidated: 0, funded: 0, quiet: 0 };
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 1, max: 250 }),
        fc.constantFrom(0, 0.03, 0.3, 1),
        fc.constantFrom(0, 0, 7, 2.5, 300),
        (seed, length, eagerness, warmUpBars) => {
          const random = new SeededRandom(seed);
          const candles = inWholePrices(walk(length, random, 0.03));
          const funding = random.next() < 0.5 ? someFunding(candles, random) : undefined;
          const options = (): StrategyBacktestOptions => ({
            candles,
            costs: { maxLeverage: 20, maintenanceMarginRate: 0.01, ...(funding === undefined ? {} : { funding }) },
            barMs: 60_000,
            warmUpBars,
            strategy: seldom(eagerness, new SeededRandom(`${seed}-orders`)),
          });
          const played = backtestStrategy(options());
          const { equity, maxDrawdown, state, trades } = barByBar(options());
          expect([...played.equity]).toEqual([...equity]);
          expect(played.trades).toEqual(trades);
          expect(played.maxDrawdown).toBe(maxDrawdown);
          const { fees, traded, liquidations, cut } = state;
          expect(played).toMatchObject({ fees, funding: state.funding, tradedNotional: traded, liquidations });
          expect(played).toMatchObject({ openSize: state.size, cutOrders: cut });
          for (const { reason, openedBar, closedBar } of trades) {
            seen.stopped += Number(reason === 'stop-loss');
            seen.tookProfit += Number(reason === 'take-profit');
            seen.quiet += Number(reason !== 'order' && closedBar > openedBar + 8);
          }
          seen.liquidated += liquidations;
          seen.funded += Number(state.funding !== 0);
        },
      ),
      { numRuns: 400 },
    );
    // The cases were there.
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(20);
  });
});

/** The plain loop: each bar is played in whole before the strategy is asked, and valued on its own. */
function barByBar({
  candles,
  costs,
  equity: start = 10_000,
  warmUpBars = 0,
  barMs,
  strategy,
}: StrategyBacktestOptions) {
  const log = new TradeLog();
  const state = new AccountState(start, settledCosts(costs ?? {}), log);
  const cursor = { index: 0 };
  const duration = barLength(candles, barMs);
  const market = new MarketWindow<never>(candles, cursor, duration, {});
  const account = new StrategyAccount(state, market);
  const equity = new Float64Array(candles.length);
  let peak = start;
  let maxDrawdown = 0;
  let trough = peak;
  state.settleFunding(candles.openAtMs[0] as number, candles.open[0] as number);
  for (let i = 0; i < candles.length; i += 1) {
    state.playBar(candles, i, duration);
    const now = state.cash + state.size * ((candles.close[i] as number) - state.entry);
    equity[i] = now;
    if (now > peak) {
      peak = now;
      trough = peak * (1 - maxDrawdown);
    } else if (now < trough) {
      maxDrawdown = (peak - now) / peak;
      trough = now;
    }
    cursor.index = i;
    if (i >= warmUpBars) strategy(market, account);
  }
  return { equity, maxDrawdown, state, trades: log.list(candles.openAtMs, duration) };
}

/** Acts at about such a fraction of the bars; in between a position is left to its stops. */
function seldom(eagerness: number, random: SeededRandom): Strategy {
  return (market, account) => {
    const price = market.close();
    if (random.next() >= eagerness || price < 20) return;
    const dice = random.next();
    const away = 1 + Math.floor(random.next() * 8);
    const side = dice < 0.5 ? 1 : -1;
    if (dice < 0.2 || dice > 0.8) account.target(side * random.next() * 25);
    else if (dice < 0.3) account.exit();
    else if (dice < 0.4 && account.size !== 0) account.protect({ stopLoss: price - Math.sign(account.size) * away });
    else
      account.enter({
        direction: side > 0 ? 'long' : 'short',
        exposure: random.next() * 3,
        stopLoss: price - side * away,
        takeProfit: price + side * away,
      });
  };
}

/** Prices on a grid, so that a bar often ends exactly where a stop waits. */
function inWholePrices(candles: CandleColumns): CandleColumns {
  const whole = (column: Float64Array): Float64Array => column.map((price) => Math.max(1, Math.round(price)));
  const { open, high, low, close } = candles;
  return { ...candles, open: whole(open), high: whole(high), low: whole(low), close: whole(close) };
}

/** Every five bars, at an open or within the bar. */
function someFunding({ openAtMs }: CandleColumns, random: SeededRandom) {
  const atMs = openAtMs
    .filter((_, index) => index % 5 === 4)
    .map((ms) => ms + (random.next() < 0.5 ? 0 : Math.floor(random.next() * 60_000)));
  return { atMs, rate: atMs.map(() => (random.next() - 0.5) * 0.02) };
}
