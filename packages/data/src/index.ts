// The one barrel of @perpdesk/data.
export { CandleBuffer, candleAt } from './candles/candle-buffer.ts';
export {
  CandleRollup,
  type CandleRollupOptions,
  type RollupCounts,
  type RollupListener,
  type RollupOutcome,
  type SkippedBar,
} from './candles/candle-rollup.ts';
export { findGaps } from './candles/find-gaps.ts';
export type { ReplayReport, RowFinding } from './replay/replay-report.ts';
export { ReplaySource, type ReplaySourceOptions } from './replay/replay-source.ts';
export { MarketSimulator } from './simulator/market-simulator.ts';
export type { MarketSimulatorOptions } from './simulator/simulator-setup.ts';
export type { SimulatorState } from './simulator/simulator-state.ts';
