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
export { Adx, type AdxColumns, type AdxOptions, adx } from './indicators/adx.ts';
export { Atr, type AtrOptions, atr } from './indicators/atr.ts';
export { Bollinger, type BollingerColumns, type BollingerOptions, bollinger } from './indicators/bollinger.ts';
export type { PriceColumns, PriceVolumeColumns } from './indicators/columns.ts';
export { Donchian, type DonchianColumns, type DonchianOptions, donchian } from './indicators/donchian.ts';
export { Ema, type EmaOptions, ema } from './indicators/ema.ts';
export { Macd, type MacdColumns, type MacdOptions, macd } from './indicators/macd.ts';
export { Obv, obv } from './indicators/obv.ts';
export { Roc, type RocOptions, roc } from './indicators/roc.ts';
export { Rsi, type RsiOptions, rsi } from './indicators/rsi.ts';
export { Sma, type SmaOptions, sma } from './indicators/sma.ts';
export {
  type DeviationColumns,
  StandardDeviation,
  type StandardDeviationOptions,
  standardDeviation,
} from './indicators/standard-deviation.ts';
export { StochRsi, type StochRsiColumns, type StochRsiOptions, stochRsi } from './indicators/stoch-rsi.ts';
export { type IndicatorState, StreamingIndicator } from './indicators/streaming-indicator.ts';
export { type TimedPriceVolumeColumns, Vwap, type VwapOptions, vwap } from './indicators/vwap.ts';
export type { CandleIndicator } from './pipeline/candle-indicator.ts';
export { deskIndicators } from './pipeline/desk-indicators.ts';
export { IndicatorPipeline, type IndicatorPipelineOptions, type SeriesKey } from './pipeline/indicator-pipeline.ts';
export type { CustomIndicatorSpec, IndicatorSpec, SourceOption } from './pipeline/indicator-spec.ts';
export type { MarketDataCounts } from './player/market-data-counts.ts';
export { MarketDataService, type MarketDataServiceOptions } from './player/market-data-service.ts';
export {
  MarketPlayer,
  type MarketPlayerOptions,
  type PlayerProgress,
  type PlayerResult,
} from './player/market-player.ts';
export type { MarketDataStore, StoreBatching } from './player/store-writer.ts';
export type { ReplayReport, RowFinding } from './replay/replay-report.ts';
export { ReplaySource, type ReplaySourceOptions } from './replay/replay-source.ts';
export { MarketSimulator } from './simulator/market-simulator.ts';
export type { MarketSimulatorOptions } from './simulator/simulator-setup.ts';
export type { SimulatorState } from './simulator/simulator-state.ts';
export type { DerivativesCapacity } from './state/derivatives-board.ts';
export { type Freshness, freshnessFor, minuteFreshness } from './state/freshness.ts';
export type { ReferenceChoice } from './state/instrument-list.ts';
export { MarketState, type MarketStateOptions } from './state/market-state.ts';
export { type SourceState, SqlSourceStateStore } from './store/sql-source-state-store.ts';
export {
  type InstantRange,
  SqlTimeSeriesStore,
  type SqlTimeSeriesStoreOptions,
} from './store/sql-time-series-store.ts';
