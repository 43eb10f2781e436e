// The barrel of @perpdesk/execution/backtest: strategies and whole desks on recorded data, sweeps, splits, reports.
export {
  type BacktestReport,
  backtestReportSchema,
  deskReport,
  type ReportOptions,
  type ReportTrade,
  strategyReport,
} from './backtest-report.ts';
export {
  backtestStrategy,
  type Strategy,
  type StrategyBacktest,
  type StrategyBacktestOptions,
} from './backtest-strategy.ts';
export { causalColumns, type DeriveColumn, sliceCandles } from './causal-columns.ts';
export type { ColumnReader, MarketWindow } from './market-window.ts';
export { type MonthlyReturn, monthlyReturns } from './monthly-returns.ts';
export { type ParameterGrid, type ParameterSet, parameterSets } from './parameter-grid.ts';
export { renderBacktestReport } from './render-report.ts';
export {
  type BacktestContext,
  type BacktestDesk,
  type BacktestPlayer,
  type CreateBacktestDesk,
  type DeskBacktest,
  type DeskTrade,
  type ParameterValue,
  type RunBacktestOptions,
  runBacktest,
} from './run-backtest.ts';
export { type Quantile, type ShuffledTrades, type ShuffleTradesOptions, shuffleTrades } from './shuffle-trades.ts';
export type { StrategyAccount, StrategyOrder, StrategyProtection } from './strategy-account.ts';
export { type SweepOptions, type SweepRow, shareColumns, sweep } from './sweep.ts';
export type { SweepModule, SweepSpan } from './sweep-module.ts';
export {
  type TargetBacktest,
  type TargetBacktesterOptions,
  type TargetColumn,
  targetBacktester,
} from './target-backtester.ts';
export type { ExitReason, StrategyTrade } from './trade-log.ts';
export type { FundingColumns, TradingCosts } from './trading-costs.ts';
export {
  type BarSpan,
  type WalkForwardFold,
  type WalkForwardOptions,
  type WalkForwardSplit,
  walkForward,
  walkForwardSplits,
} from './walk-forward.ts';
