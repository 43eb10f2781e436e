import { ValidationError } from '../errors/validation-error.ts';
import { type RatioOptions, sharpe, sortino } from './statistics.ts';

/** Years are of 365 days: these markets never close. */
const yearMs = 365 * 86_400_000;
const dayMs = 86_400_000;

/**
 * Equity at instants, as columns of one length, oldest first: dollars, float64, for study and display; what is owed to
 * somebody is reckoned in decimals elsewhere. Money paid in or out must be taken out of it before, or it reads as a result.
 */
export interface EquitySeries {
  /** ms UTC, never falling. */
  readonly atMs: ArrayLike<number>;
  readonly equity: ArrayLike<number>;
}

/** One position from its opening to its end. */
export interface TradeResult {
  readonly openedAtMs: number;
  readonly closedAtMs: number;
  /** Dollars, fees and funding included. */
  readonly netPnl: number;
}

/** How equity is cut into periods. */
export interface PeriodOptions {
  /** Length of a period, which begins at its multiples since the epoch. Default a day, UTC. */
  readonly periodMs?: number;
}

/** Options of {@link sharpeRatio} and {@link sortinoRatio}. */
export interface YearlyRatioOptions extends PeriodOptions {
  /** The yearly return that needs no risk (Sharpe) or is aimed for (Sortino), spread evenly over periods. Default 0. */
  readonly targetPerYear?: number;
}

/**
 * Simple returns of the whole periods of a series: equity at a boundary is that of the last point at or before it, what
 * begins or ends within a period is left out. Ends with the period in which equity is used up.
 * @throws ValidationError `equity.unordered`, `equity.columns`, `period.invalid`
 */
export function periodReturns(series: EquitySeries, options: PeriodOptions = {}): number[] {
  const { atMs, equity } = series;
  const periodMs = periodOf(options);
  checkColumns(series);
  const returns: number[] = [];
  if (atMs.length === 0) return returns;
  let boundaryMs = Math.ceil((atMs[0] as number) / periodMs) * periodMs;
  let before: number | undefined;
  for (let i = 0; i < atMs.length; i += 1) {
    const nextMs = i + 1 < atMs.length ? (atMs[i + 1] as number) : (atMs[i] as number) + 1;
    for (; boundaryMs < nextMs && (atMs[i] as number) <= boundaryMs; boundaryMs += periodMs) {
      const now = equity[i] as number;
      if (before !== undefined) returns.push(now / before - 1);
      if (now <= 0) return returns;
      before = now;
    }
  }
  return returns;
}

/**
 * The yearly Sharpe ratio: mean excess return of whole periods over its sample standard deviation, × √(periods a year of 365
 * days). See {@link sharpe}. Undefined of fewer than two whole periods or without variation.
 * @throws ValidationError as {@link periodReturns}
 */
export function sharpeRatio(series: EquitySeries, options: YearlyRatioOptions = {}): number | undefined {
  return sharpe(periodReturns(series, options), ratioOptions(options));
}

/**
 * The yearly Sortino ratio: mean excess return of whole periods over the root mean square of all periods' shortfalls,
 * × √(periods a year of 365 days). See {@link sortino}. Undefined without a whole period or without a shortfall.
 * @throws ValidationError as {@link periodReturns}
 */
export function sortinoRatio(series: EquitySeries, options: YearlyRatioOptions = {}): number | undefined {
  return sortino(periodReturns(series, options), ratioOptions(options));
}

/** The deepest fall of equity from a peak. */
export interface Drawdown {
  /** Of the peak: 0.25 is a quarter lost; above 1 when more than all was. */
  readonly fraction: number;
  /** Dollars. */
  readonly amount: number;
  readonly peakAtMs: number;
  readonly troughAtMs: number;
  /** When equity was at the peak's again; absent when it never was. */
  readonly recoveredAtMs?: number;
}

/** The fall that is deepest as a fraction of its peak, the first of equals; undefined when equity never fell. */
export function worstDrawdown({ atMs, equity }: EquitySeries): Drawdown | undefined {
  let peak = 0;
  let worst: { fraction: number; peak: number; trough: number } | undefined;
  for (let i = 1; i < equity.length; i += 1) {
    const value = equity[i] as number;
    const top = equity[peak] as number;
    if (value >= top) peak = i;
    else if (top > 0 && (top - value) / top > (worst?.fraction ?? 0))
      worst = { fraction: (top - value) / top, peak, trough: i };
  }
  if (worst === undefined) return undefined;
  const top = equity[worst.peak] as number;
  let back = worst.trough;
  while (back < equity.length && (equity[back] as number) < top) back += 1;
  return {
    fraction: worst.fraction,
    amount: top - (equity[worst.trough] as number),
    peakAtMs: atMs[worst.peak] as number,
    troughAtMs: atMs[worst.trough] as number,
    ...(back < equity.length ? { recoveredAtMs: atMs[back] as number } : {}),
  };
}

/**
 * Compound annual growth rate: (last / first)^(365 days / time between) − 1; −1 when all is lost. Undefined without time or
 * without equity at the start. Of less than a year it extrapolates: read it with the length of the series.
 */
export function compoundAnnualGrowth({ atMs, equity }: EquitySeries): number | undefined {
  const last = equity.length - 1;
  const elapsedMs = last < 1 ? 0 : (atMs[last] as number) - (atMs[0] as number);
  const first = equity[0] ?? 0;
  if (elapsedMs <= 0 || first <= 0) return undefined;
  const growth = (equity[last] as number) / first;
  return growth <= 0 ? -1 : growth ** (yearMs / elapsedMs) - 1;
}

/** Compound annual growth over the worst drawdown (T. W. Young, "Calmar ratio", Futures, 1991, over the whole series). */
export function calmarRatio(series: EquitySeries): number | undefined {
  const growth = compoundAnnualGrowth(series);
  const drawdown = worstDrawdown(series);
  return growth === undefined || drawdown === undefined ? undefined : growth / drawdown.fraction;
}

/** The share of trades that ended above zero, fees and funding included; one that ended at zero did not win. Undefined of none. */
export function winRate(trades: readonly TradeResult[]): number | undefined {
  if (trades.length === 0) return undefined;
  return trades.filter(({ netPnl }) => netPnl > 0).length / trades.length;
}

/** What winning trades made over what losing ones lost. Undefined without a loss. */
export function profitFactor(trades: readonly TradeResult[]): number | undefined {
  const { won, lost } = gainsAndLosses(trades);
  return lost === 0 ? undefined : won / lost;
}

/** What a trade made on average, dollars, fees and funding included. Undefined of none. */
export function expectancy(trades: readonly TradeResult[]): number | undefined {
  const { won, lost } = gainsAndLosses(trades);
  return trades.length === 0 ? undefined : (won - lost) / trades.length;
}

/** The share of the time from `fromMs` to `toMs` in which at least one position was open. Undefined without time. */
export function exposure(
  trades: readonly Pick<TradeResult, 'openedAtMs' | 'closedAtMs'>[],
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): number | undefined {
  if (!(toMs > fromMs)) return undefined;
  let heldMs = 0;
  let untilMs = fromMs;
  for (const { openedAtMs, closedAtMs } of trades.toSorted((a, b) => a.openedAtMs - b.openedAtMs)) {
    const endMs = Math.min(closedAtMs, toMs);
    heldMs += Math.max(0, endMs - Math.max(openedAtMs, untilMs));
    untilMs = Math.max(untilMs, endMs);
  }
  return heldMs / (toMs - fromMs);
}

/**
 * How often a year equity was traded: notional of all fills over the time-weighted mean equity, × 365 days / time between.
 * Undefined without time or when mean equity is not above zero.
 */
export function turnoverPerYear(series: EquitySeries, tradedNotional: number): number | undefined {
  const { atMs, equity } = series;
  let area = 0;
  for (let i = 1; i < atMs.length; i += 1)
    area += (equity[i - 1] as number) * ((atMs[i] as number) - (atMs[i - 1] as number));
  return area > 0 ? (tradedNotional * yearMs) / area : undefined;
}

/** Everything above in one. Absent: undefined there. */
export interface PerformanceMetrics {
  readonly fromMs?: number;
  readonly toMs?: number;
  /** Last equity over first, − 1. */
  readonly totalReturn?: number;
  readonly compoundAnnualGrowth?: number;
  readonly sharpeRatio?: number;
  readonly sortinoRatio?: number;
  readonly calmarRatio?: number;
  readonly worstDrawdown?: Drawdown;
  readonly trades: number;
  readonly winRate?: number;
  readonly profitFactor?: number;
  readonly expectancy?: number;
  readonly exposure?: number;
  readonly turnoverPerYear?: number;
}

/**
 * How a series of equity and the trades behind it did, in the terms of the functions of this file.
 * @throws ValidationError as {@link periodReturns}
 * @example
 * performanceMetrics({ series: { atMs: [0, day, 2 * day], equity: [100, 110, 99] }, trades, tradedNotional: 400 });
 * // { totalReturn: -0.01, worstDrawdown: { fraction: 0.1, … }, sharpeRatio: 0, … }
 */
export function performanceMetrics(options: {
  readonly series: EquitySeries;
  readonly trades: readonly TradeResult[];
  /** Dollars of all fills, both sides of every trade. */
  readonly tradedNotional: number;
  readonly ratios?: YearlyRatioOptions;
}): PerformanceMetrics {
  const { series, trades, tradedNotional, ratios } = options;
  const { atMs, equity } = series;
  const [fromMs, toMs] = [atMs[0], atMs[atMs.length - 1]];
  const first = equity[0] ?? 0;
  const span = fromMs === undefined || toMs === undefined ? undefined : { fromMs, toMs };
  return {
    ...span,
    trades: trades.length,
    ...present({
      totalReturn: first > 0 ? (equity[equity.length - 1] as number) / first - 1 : undefined,
      compoundAnnualGrowth: compoundAnnualGrowth(series),
      sharpeRatio: sharpeRatio(series, ratios),
      sortinoRatio: sortinoRatio(series, ratios),
      calmarRatio: calmarRatio(series),
      worstDrawdown: worstDrawdown(series),
      winRate: winRate(trades),
      profitFactor: profitFactor(trades),
      expectancy: expectancy(trades),
      exposure: span && exposure(trades, span),
      turnoverPerYear: turnoverPerYear(series, tradedNotional),
    }),
  };
}

function gainsAndLosses(trades: readonly TradeResult[]): { readonly won: number; readonly lost: number } {
  let won = 0;
  let lost = 0;
  for (const { netPnl } of trades) {
    if (netPnl > 0) won += netPnl;
    else lost -= netPnl;
  }
  return { won, lost };
}

function ratioOptions({ targetPerYear = 0, ...period }: YearlyRatioOptions): RatioOptions {
  const periodsPerYear = yearMs / periodOf(period);
  return { periodsPerYear, target: targetPerYear / periodsPerYear };
}

function periodOf({ periodMs = dayMs }: PeriodOptions): number {
  if (Number.isSafeInteger(periodMs) && periodMs > 0) return periodMs;
  throw new ValidationError('period.invalid', `A period is in whole milliseconds above zero, got ${periodMs}.`);
}

function checkColumns({ atMs, equity }: EquitySeries): void {
  if (atMs.length !== equity.length) {
    throw new ValidationError('equity.columns', `${atMs.length} instants do not go with ${equity.length} equities.`);
  }
  for (let i = 1; i < atMs.length; i += 1) {
    if (!((atMs[i] as number) >= (atMs[i - 1] as number))) {
      throw new ValidationError('equity.unordered', `Instant ${atMs[i]} comes after ${atMs[i - 1]}.`);
    }
  }
}

/** Leaves out what is undefined. */
function present<Fields extends object>(fields: Fields): { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Fields]?: Exclude<Fields[Key], undefined>;
  };
}
