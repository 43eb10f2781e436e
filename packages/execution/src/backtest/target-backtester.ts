import { type CandleColumns, ValidationError } from '@perpdesk/core';
import { barLength, checkCandles } from './candle-check.ts';
import { settledCosts, type TradingCosts } from './trading-costs.ts';

/** Options of {@link targetBacktester}. */
export interface TargetBacktesterOptions {
  readonly candles: CandleColumns;
  readonly costs?: TradingCosts;
  /** Dollars. Default 10,000. */
  readonly equity?: number;
  readonly barMs?: number;
}

/** Exposures wanted, one for each bar. Whole ones fit in bytes, of which eight times as many fit in a cache. */
export type TargetColumn = Float64Array | Float32Array | Int8Array;

/** What a column of targets came to; dollars, float64. */
export interface TargetBacktest {
  readonly equityEnd: number;
  readonly fees: number;
  /** Received minus paid. */
  readonly funding: number;
  readonly maxDrawdown: number;
  readonly tradedNotional: number;
  /** Positions that ended. */
  readonly trades: number;
  readonly liquidations: number;
}

/**
 * Backtests columns of targets over the same candles, for sweeps: target i is the exposure (notional over equity: 1 long, −1
 * short, 0 flat, NaN as it is) wanted once bar i has closed; where it changes, an order fills at the next open. The arithmetic
 * is that of {@link backtestStrategy} with `account.target`, without stops and without a list of trades. The columns are the
 * caller's: that value i rests on bars up to i is for them to see to.
 * @throws ValidationError as {@link backtestStrategy}; the returned function, `targets.length`.
 * @example
 * const run = targetBacktester({ candles });
 * const { equityEnd } = run(crossTargets(sma(candles.close, { period: 10 }), sma(candles.close, { period: 30 })));
 */
export function targetBacktester(
  options: TargetBacktesterOptions,
): (targets: TargetColumn, equityColumn?: Float64Array) => TargetBacktest {
  const { candles, equity: equityStart = 10_000 } = options;
  const barMs = barLength(candles, options.barMs);
  checkCandles(candles);
  if (!(equityStart > 0 && Number.isFinite(equityStart)))
    throw new ValidationError('equity.invalid', `A backtest begins with equity above 0, got ${equityStart}.`);
  const costs = settledCosts(options.costs ?? {});
  const { takerFeeRate, slippageRate, maxLeverage, maintenanceMarginRate, funding: rates } = costs;
  const { length, openAtMs, open, high, low, close } = candles;
  const fundingRate = rates?.rate ?? new Float64Array(0);
  const fundingBar = settlingBars(rates?.atMs ?? new Float64Array(0), openAtMs, length);
  const settlesWithin = (row: number, bar: number): boolean =>
    (rates?.atMs[row] ?? Number.POSITIVE_INFINITY) < (openAtMs[bar] as number) + barMs;
  const perLeverage = 1 + maxLeverage * takerFeeRate;

  return (targets, equityColumn) => {
    if (targets.length < length || (equityColumn !== undefined && equityColumn.length < length))
      throw new ValidationError('targets.length', `There are ${targets.length} targets for ${length} bars.`);
    let cash = equityStart;
    let size = 0;
    let entry = 0;
    // What is watched for a liquidation, without a branch: side × the worst price of a bar at or below the bound.
    let side = 0;
    let worst = low;
    let bound = Number.NEGATIVE_INFINITY;
    let fees = 0;
    let funding = 0;
    let traded = 0;
    let trades = 0;
    let liquidations = 0;
    let peak = cash;
    let maxDrawdown = 0;
    let trough = cash;
    let target = 0;
    let wanted = 0;
    let pending = false;
    let row = 0;
    while (fundingBar[row] === 0) row += 1;
    let nextFundingBar = fundingBar[row] ?? length;

    for (let i = 0; i < length; ) {
      // What happens at the open of a bar and within it.
      if (i === nextFundingBar) {
        const notional = size * (open[i] as number);
        for (; fundingBar[row] === i; row += 1) {
          const amount = -notional * (fundingRate[row] as number);
          cash += amount;
          funding += amount;
        }
        nextFundingBar = fundingBar[row] ?? length;
        bound = liquidationBound(size, entry, cash, maintenanceMarginRate);
      }
      if (pending) {
        const first = open[i] as number;
        // A position that the open liquidates takes the order with it: below, with the bar.
        if (side * first > bound) {
          pending = false;
          const price = first * (wanted > size ? 1 + slippageRate : 1 - slippageRate);
          const held = Math.abs(size);
          let units = Math.abs(wanted);
          const equity = cash + size * (first - entry);
          const most = (maxLeverage * Math.max(0, equity)) / (price * perLeverage);
          const sameSide = wanted * size > 0;
          if (units > most && !(sameSide && units <= held)) units = sameSide ? Math.max(held, most) : most;
          const staying = sameSide ? Math.min(units, held) : 0;
          const closed = held - staying;
          const opened = units - staying;
          if (closed > 0) {
            cash += (size > 0 ? closed : -closed) * (price - entry);
            if (staying === 0) trades += 1;
          }
          const notional = (closed + opened) * price;
          const fee = notional * takerFeeRate;
          cash -= fee;
          fees += fee;
          traded += notional;
          if (units === 0) entry = 0;
          else if (opened > 0) entry = (staying * entry + opened * price) / units;
          size = wanted < 0 ? -units : units;
          side = Math.sign(size);
          worst = size < 0 ? high : low;
          bound = liquidationBound(size, entry, cash, maintenanceMarginRate);
        }
      }
      if (side * (worst[i] as number) <= bound) {
        const isLong = size > 0;
        const first = open[i] as number;
        const seen = isLong ? Math.min(first, bound) : Math.max(first, -bound);
        // At the open, before the order that it voids, or within the bar: then what settles in it is paid, never received.
        for (; !pending && fundingBar[row] === i + 1 && settlesWithin(row, i); row += 1) {
          const amount = Math.min(0, -size * seen * (fundingRate[row] as number));
          cash += amount;
          funding += amount;
        }
        nextFundingBar = fundingBar[row] ?? length;
        const price = seen * (isLong ? 1 - slippageRate : 1 + slippageRate);
        const notional = Math.abs(size) * price;
        cash += size * (price - entry) - notional * takerFeeRate;
        const penalty = Math.min(Math.max(0, cash), notional * maintenanceMarginRate);
        cash = Math.max(0, cash - penalty);
        fees += notional * takerFeeRate + penalty;
        traded += notional;
        trades += 1;
        liquidations += 1;
        size = 0;
        entry = 0;
        pending = false;
        side = 0;
        bound = Number.NEGATIVE_INFINITY;
      }
      // Then bars in which nothing happens: most of them, and in a loop of its own their figures stay in registers.
      const until = Math.min(length, nextFundingBar);
      do {
        const last = close[i] as number;
        const now = cash + size * (last - entry);
        if (equityColumn !== undefined) equityColumn[i] = now;
        if (now > peak) {
          peak = now;
          trough = peak * (1 - maxDrawdown);
        } else if (now < trough) {
          maxDrawdown = (peak - now) / peak;
          trough = now;
        }
        const next = targets[i] as number;
        i += 1;
        if (next !== target && !Number.isNaN(next)) {
          target = next;
          wanted = (next * Math.max(0, now)) / last;
          pending = true;
          break;
        }
      } while (i < until && side * (worst[i] as number) > bound);
    }
    const equityEnd = length === 0 ? equityStart : cash + size * ((close[length - 1] as number) - entry);
    return { equityEnd, fees, funding, maxDrawdown, tradedNotional: traded, trades, liquidations };
  };
}

/** The bar at whose open each rate settles: the first that opens at or after its instant; past the end where there is none. */
function settlingBars(atMs: Float64Array, openAtMs: Float64Array, length: number): Int32Array {
  let bar = 0;
  return Int32Array.from(atMs, (settlesAtMs) => {
    while (bar < length && (openAtMs[bar] as number) < settlesAtMs) bar += 1;
    return bar;
  });
}

/** The price at which a position is liquidated, negated for a short; never reached when flat. */
function liquidationBound(size: number, entry: number, cash: number, rate: number): number {
  if (size === 0) return Number.NEGATIVE_INFINITY;
  // Equity = rate × notional, solved for the price: one formula for both sides.
  return (size * entry - cash) / (Math.abs(size) * (1 - Math.sign(size) * rate));
}
