import { type CandleColumns, type EquitySeries, ValidationError } from '@perpdesk/core';
import { AccountState } from './account-state.ts';
import { barLength, checkCandles } from './candle-check.ts';
import { causalColumns, type DeriveColumn } from './causal-columns.ts';
import { type BarCursor, MarketWindow } from './market-window.ts';
import { StrategyAccount } from './strategy-account.ts';
import { type StrategyTrade, TradeLog } from './trade-log.ts';
import { settledCosts, type TradingCosts } from './trading-costs.ts';

/** Decides, called once after each bar that closed. */
export type Strategy<Column extends string = string> = (market: MarketWindow<Column>, account: StrategyAccount) => void;

/** Options of {@link backtestStrategy}. */
export interface StrategyBacktestOptions<Column extends string = never> {
  /** Oldest first. */
  readonly candles: CandleColumns;
  readonly strategy: Strategy<Column>;
  /** Columns that are derived once from all candles and read bar by bar; see {@link causalColumns}. */
  readonly columns?: Readonly<Record<Column, DeriveColumn>>;
  readonly costs?: TradingCosts;
  /** Dollars. Default 10,000. */
  readonly equity?: number;
  /** So many bars at the beginning are only looked at: the strategy is not asked. Default 0. */
  readonly warmUpBars?: number;
  /** How long a bar lasts, ms. Default: the shortest time between two opens. */
  readonly barMs?: number;
}

/** How a strategy did. Dollars, float64: equityEnd = equityStart + pnl − fees + funding up to rounding. */
export interface StrategyBacktest {
  readonly equityStart: number;
  readonly equityEnd: number;
  /** Realised and unrealised at the last close, before fees and funding. */
  readonly pnl: number;
  readonly fees: number;
  /** Received minus paid. */
  readonly funding: number;
  /** Equity at the close of each bar. */
  readonly equity: Float64Array;
  /** The deepest fall from a peak, as a fraction of it, over closes. */
  readonly maxDrawdown: number;
  /** Notional of all fills. */
  readonly tradedNotional: number;
  /** Those that ended, in that order. */
  readonly trades: readonly StrategyTrade[];
  /** Base units still held at the end, signed. */
  readonly openSize: number;
  readonly liquidations: number;
  /** Orders that the leverage allowed had made smaller. */
  readonly cutOrders: number;
  /** Bars, and how long each lasts. */
  readonly bars: number;
  readonly barMs: number;
  /** Equity with its instants, from the first open after the warm-up. */
  series(): EquitySeries;
}

/**
 * Runs a strategy over candles, bar by bar. What it sees has closed; what it orders fills at the next open, with slippage and
 * fee; stops, take-profits and liquidation act within bars, the worse first; funding settles at the first open at or after its
 * instant, on what was held. All in float64 and without lots: for research. An order that has no next bar is not filled. Candles
 * are looked at in whole before the first bar, and are not to change while it runs.
 * @throws ValidationError for candles, costs or orders that can not be, and for look-ahead.
 * @example
 * const result = backtestStrategy({
 *   candles,
 *   columns: { fast: ({ close }) => sma(close, { period: 10 }), slow: ({ close }) => sma(close, { period: 30 }) },
 *   strategy: ({ columns }, account) => account.target(columns.fast() > columns.slow() ? 1 : 0),
 * });
 */
export function backtestStrategy<Column extends string = never>(
  options: StrategyBacktestOptions<Column>,
): StrategyBacktest {
  const { candles, strategy, equity: equityStart = 10_000, warmUpBars = 0 } = options;
  if (!(equityStart > 0 && Number.isFinite(equityStart)))
    throw new ValidationError('equity.invalid', `A backtest begins with equity above 0, got ${equityStart}.`);
  const barMs = barLength(candles, options.barMs);
  checkCandles(candles);
  const columns = causalColumns(candles, options.columns ?? ({} as Readonly<Record<Column, DeriveColumn>>));
  const costs = settledCosts(options.costs ?? {});
  const log = new TradeLog();
  const state = new AccountState(equityStart, costs, log);
  const cursor = { index: 0 };
  const market = new MarketWindow<Column>(candles, cursor, barMs, columns);
  const account = new StrategyAccount(state, market);
  const { length, openAtMs, close } = candles;
  const equity = new Float64Array(length);
  const maxDrawdown = playBars({ candles, barMs, state, equity, warmUpBars, cursor, market, account, strategy });
  const equityEnd = length === 0 ? equityStart : (equity[length - 1] as number);
  const { size, entry } = state;
  const last = length === 0 ? 0 : (close[length - 1] as number);
  let trades: readonly StrategyTrade[] | undefined;
  return {
    equityStart,
    equityEnd,
    pnl: state.realized + size * (last - entry),
    fees: state.fees,
    funding: state.funding,
    equity,
    maxDrawdown,
    tradedNotional: state.traded,
    get trades() {
      trades ??= log.list(openAtMs, barMs);
      return trades;
    },
    openSize: size,
    liquidations: state.liquidations,
    cutOrders: state.cut,
    bars: length,
    barMs,
    series: () => equitySeries(candles, equity, { equityStart, barMs, from: Math.min(warmUpBars, length) }),
  };
}

/** What {@link playBars} runs on. */
interface BarRun<Column extends string> {
  readonly candles: CandleColumns;
  readonly barMs: number;
  readonly state: AccountState;
  readonly equity: Float64Array;
  readonly warmUpBars: number;
  readonly cursor: BarCursor;
  readonly market: MarketWindow<Column>;
  readonly account: StrategyAccount;
  readonly strategy: Strategy<Column>;
}

/**
 * The hot loop, alone in its function. What happens to a position is played out of line; between, only the strategy is asked, and
 * what was held is valued afterwards, in a loop of its own whose figures stay in registers. Returns the deepest drawdown.
 */
function playBars<Column extends string>(run: BarRun<Column>): number {
  const { candles, state, equity, barMs, warmUpBars, cursor, market, account, strategy } = run;
  const { length, openAtMs, open, close } = candles;
  let peak = state.cash;
  let maxDrawdown = 0;
  /** Below this the fall from the peak is deeper than any before. */
  let trough = peak;
  // What settled before there was anything to hold concerns nobody.
  if (length > 0) state.settleFunding(openAtMs[0] as number, open[0] as number);
  let fundingBar = 0;

  let i = warmUpBars > 0 ? Math.min(Math.ceil(warmUpBars), length) : 0;
  equity.fill(state.cash, 0, i);
  /** So far ahead is looked for what ends a position: as far as it was between the last two orders, further as none comes. */
  let ahead = 1;
  let orderedBar = i;

  while (i < length) {
    if (state.touched) {
      ahead = i - orderedBar;
      orderedBar = i;
    } else ahead = Math.max(ahead, i - orderedBar);
    state.playBar(candles, i, barMs);
    const { cash, size, entry } = state;
    const from = i;
    // Who holds nothing waits for nothing but his next order.
    let until = length;
    if (size !== 0) {
      fundingBar = firstOpenAt(openAtMs, length, fundingBar, state.fundingAtMs);
      until = firstReached(candles, i + 1, Math.min(fundingBar, i + ahead), state);
    }
    do {
      cursor.index = i;
      strategy(market, account);
      i += 1;
    } while (i < until && !state.touched);
    // While flat, equity stays what it is at the first bar.
    const valued = size === 0 ? from + 1 : i;
    for (let bar = from; bar < valued; bar += 1) {
      const now = cash + size * ((close[bar] as number) - entry);
      equity[bar] = now;
      if (now > peak) {
        peak = now;
        trough = peak * (1 - maxDrawdown);
      } else if (now < trough) {
        maxDrawdown = (peak - now) / peak;
        trough = now;
      }
    }
    if (valued < i) equity.fill(cash, valued, i);
  }
  return maxDrawdown;
}

/** The first bar from one on whose prices reach a bound, or where the search ends. */
function firstReached(
  { low, high }: CandleColumns,
  from: number,
  until: number,
  { lower, upper }: { readonly lower: number; readonly upper: number },
): number {
  let bar = from;
  while (bar < until && (low[bar] as number) > lower && (high[bar] as number) < upper) bar += 1;
  return bar;
}

/** The first bar from one on that opens at or after an instant; past the end where there is none. */
function firstOpenAt(openAtMs: Float64Array, length: number, from: number, atMs: number): number {
  if (atMs === Number.POSITIVE_INFINITY) return length;
  let bar = from;
  while (bar < length && (openAtMs[bar] as number) < atMs) bar += 1;
  return bar;
}

function equitySeries(
  { openAtMs, length }: CandleColumns,
  equity: Float64Array,
  { equityStart, barMs, from }: { readonly equityStart: number; readonly barMs: number; readonly from: number },
): EquitySeries {
  if (from === length) return { atMs: [], equity: [] };
  const atMs = new Float64Array(length - from + 1);
  const values = new Float64Array(length - from + 1);
  atMs[0] = openAtMs[from] as number;
  values[0] = equityStart;
  for (let i = from; i < length; i += 1) atMs[i - from + 1] = (openAtMs[i] as number) + barMs;
  values.set(equity.subarray(from), 1);
  return { atMs, equity: values };
}
