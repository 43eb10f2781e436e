import {
  type EquitySeries,
  minus,
  performanceMetrics,
  plus,
  toUsd,
  tradeDirectionSchema,
  type Usd,
  usdSchema,
  type YearlyRatioOptions,
} from '@perpdesk/core';
import * as z from 'zod';
import type { StrategyBacktest } from './backtest-strategy.ts';
import { monthlyReturns } from './monthly-returns.ts';
import type { DeskBacktest } from './run-backtest.ts';
import type { ShuffledTrades } from './shuffle-trades.ts';
import { thinEquity } from './thin-equity.ts';

const quantilesSchema = z.array(z.object({ share: z.number(), value: z.number() }));

/** One row of a report's trades. Dollars as decimal strings, prices and sizes to read. */
export const reportTradeSchema = z.object({
  direction: tradeDirectionSchema,
  instrumentId: z.string().exactOptional(),
  openedAtMs: z.number(),
  closedAtMs: z.number(),
  size: z.number(),
  entryPrice: z.number(),
  exitPrice: z.number(),
  /** Fees and funding included. */
  netPnl: usdSchema,
  fees: usdSchema,
  funding: usdSchema,
  reason: z.string(),
});
export type ReportTrade = z.infer<typeof reportTradeSchema>;

const drawdownSchema = z.object({
  fraction: z.number(),
  amount: z.number(),
  peakAtMs: z.number(),
  troughAtMs: z.number(),
  recoveredAtMs: z.number().exactOptional(),
});

/** The figures of core's `performanceMetrics`: what is undefined is left out. */
export const reportMetricsSchema = z.object({
  fromMs: z.number().exactOptional(),
  toMs: z.number().exactOptional(),
  totalReturn: z.number().exactOptional(),
  compoundAnnualGrowth: z.number().exactOptional(),
  sharpeRatio: z.number().exactOptional(),
  sortinoRatio: z.number().exactOptional(),
  calmarRatio: z.number().exactOptional(),
  worstDrawdown: drawdownSchema.exactOptional(),
  trades: z.int().nonnegative(),
  winRate: z.number().exactOptional(),
  profitFactor: z.number().exactOptional(),
  expectancy: z.number().exactOptional(),
  exposure: z.number().exactOptional(),
  turnoverPerYear: z.number().exactOptional(),
});

/** The JSON report of a backtest. equityEnd = equityStart + pnl − fees + funding; exactly so where arithmetic is decimal. */
export const backtestReportSchema = z.object({
  version: z.literal(1),
  name: z.string(),
  /** `decimal`: a desk's ledger. `float64`: a strategy's study, amounts rounded to 12 decimals. */
  arithmetic: z.enum(['decimal', 'float64']),
  fromMs: z.number(),
  toMs: z.number(),
  equityStart: usdSchema,
  equityEnd: usdSchema,
  pnl: usdSchema,
  fees: usdSchema,
  funding: usdSchema,
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).exactOptional(),
  metrics: reportMetricsSchema,
  /** Thinned for drawing; highs and lows are all there. */
  curve: z.array(z.object({ atMs: z.number(), equity: z.number(), drawdown: z.number() })),
  months: z.array(z.object({ month: z.string(), return: z.number() })),
  /** The last ones, where there are more than fit; `metrics.trades` counts all. */
  trades: z.array(reportTradeSchema),
  shuffled: z
    .object({
      runs: z.number(),
      maxDrawdown: quantilesSchema,
      equityEnd: quantilesSchema,
      ruined: z.number(),
      asDeep: z.number(),
    })
    .exactOptional(),
  /** Of a desk's journal. */
  digest: z.string().exactOptional(),
});
export type BacktestReport = z.infer<typeof backtestReportSchema>;

/** Options of {@link strategyReport} and {@link deskReport}. */
export interface ReportOptions {
  readonly name: string;
  readonly parameters?: BacktestReport['parameters'];
  readonly shuffled?: ShuffledTrades;
  /** How ratios are made yearly. Default: daily returns, 365 a year. */
  readonly ratios?: YearlyRatioOptions;
  /** Points of the curve. Default 1,000. */
  readonly curvePoints?: number;
  /** Rows of the table of trades. Default 500. */
  readonly tradeRows?: number;
}

/** Writes a strategy's backtest up. */
export function strategyReport(backtest: StrategyBacktest, options: ReportOptions): BacktestReport {
  const series = backtest.series();
  return write(options, {
    arithmetic: 'float64',
    series,
    tradedNotional: backtest.tradedNotional,
    equityStart: rounded(backtest.equityStart),
    equityEnd: rounded(backtest.equityEnd),
    pnl: rounded(backtest.pnl),
    fees: rounded(backtest.fees),
    funding: rounded(backtest.funding),
    results: backtest.trades,
    trades: backtest.trades.map(({ netPnl, fees, funding, openedBar: _, closedBar: __, ...trade }) => ({
      ...trade,
      netPnl: rounded(netPnl),
      fees: rounded(fees),
      funding: rounded(funding),
    })),
  });
}

/** Writes a desk's backtest up. */
export function deskReport(backtest: DeskBacktest, options: ReportOptions): BacktestReport {
  const trades = backtest.trades.map((trade): ReportTrade => {
    const { position } = trade;
    return {
      direction: position.direction,
      instrumentId: position.instrumentId,
      openedAtMs: position.openedAtMs,
      closedAtMs: trade.closedAtMs,
      size: Number(position.size),
      entryPrice: Number(position.entryPrice),
      exitPrice: Number(trade.exitPrice),
      netPnl: minus(plus(trade.realizedPnl, trade.funding), trade.fees),
      fees: trade.fees,
      funding: trade.funding,
      reason: trade.reason,
    };
  });
  const { equity } = backtest;
  return {
    ...write(options, {
      arithmetic: 'decimal',
      series: { atMs: equity.map((point) => point.atMs), equity: equity.map((point) => Number(point.equity)) },
      tradedNotional: backtest.fills.reduce((sum, fill) => sum + Number(fill.price) * Number(fill.size), 0),
      equityStart: backtest.equityStart,
      equityEnd: backtest.equityEnd,
      pnl: backtest.pnl,
      fees: backtest.fees,
      funding: backtest.funding,
      results: trades.map((trade) => ({ ...trade, netPnl: Number(trade.netPnl) })),
      trades,
    }),
    ...(backtest.digest === undefined ? {} : { digest: backtest.digest }),
  };
}

function write(
  options: ReportOptions,
  figures: Pick<BacktestReport, 'arithmetic' | 'equityStart' | 'equityEnd' | 'pnl' | 'fees' | 'funding' | 'trades'> & {
    readonly series: EquitySeries;
    readonly tradedNotional: number;
    readonly results: Parameters<typeof performanceMetrics>[0]['trades'];
  },
): BacktestReport {
  const { series, tradedNotional, results, trades, ...amounts } = figures;
  const { name, parameters, shuffled, ratios, curvePoints = 1000, tradeRows = 500 } = options;
  const { atMs } = series;
  return {
    version: 1,
    name,
    ...amounts,
    fromMs: atMs[0] ?? 0,
    toMs: atMs[atMs.length - 1] ?? 0,
    ...(parameters === undefined ? {} : { parameters }),
    metrics: performanceMetrics({
      series,
      trades: results,
      tradedNotional,
      ...(ratios === undefined ? {} : { ratios }),
    }),
    curve: thinEquity(series, curvePoints),
    months: monthlyReturns(series),
    trades: tradeRows === 0 ? [] : trades.slice(-tradeRows),
    ...(shuffled === undefined
      ? {}
      : { shuffled: { ...shuffled, maxDrawdown: [...shuffled.maxDrawdown], equityEnd: [...shuffled.equityEnd] } }),
  };
}

/** As a decimal string without a tail that floating point made up. */
const rounded = (amount: number): Usd => toUsd(Number(amount.toFixed(12)));
