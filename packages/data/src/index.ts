// The one barrel of @perpdesk/data.
export type { BookChecksum, BookProof, LevelText } from './book/book-checksum.ts';
export {
  type BookBreak,
  type BookCounts,
  type BookListener,
  BookSynchronizer,
  type BookSynchronizerOptions,
  type DeltaOutcome,
} from './book/book-synchronizer.ts';
export { OkxChecksum } from './book/okx-checksum.ts';
export { OrderBook, type OrderBookOptions } from './book/order-book.ts';
export type { SequenceRule } from './book/sequence-rule.ts';
export * as sequenceRules from './book/sequence-rules.ts';
export type { BarListener, CorrectionReason } from './candles/bar-listener.ts';
export { CandleBuffer, candleAt } from './candles/candle-buffer.ts';
export {
  CandleBuilder,
  type CandleBuilderOptions,
  type RevisionOutcome,
  type TradeCounts,
  type TradeOutcome,
} from './candles/candle-builder.ts';
export {
  CandleRollup,
  type CandleRollupOptions,
  type RollupCounts,
  type RollupListener,
  type RollupOutcome,
  type SkippedBar,
} from './candles/candle-rollup.ts';
export { findGaps } from './candles/find-gaps.ts';
export type { TradeCandle } from './candles/trade-bar.ts';
export {
  type VenueBarCounts,
  type VenueBarOutcome,
  VenueCandles,
  type VenueCandlesOptions,
} from './candles/venue-candles.ts';
export type { CaptureFinding, CaptureFrame, CaptureReport } from './captures/capture-frame.ts';
export { readCryptofeedCapture } from './captures/cryptofeed-capture.ts';
export { readHftbacktestCapture } from './captures/hftbacktest-capture.ts';
export type { CaptureReader } from './captures/read-capture.ts';
export { DerivativesEngine, type DerivativesEngineOptions } from './derivatives/derivatives-engine.ts';
export type { DerivativesFreshness, DerivativesGap } from './derivatives/instrument-tracker.ts';
export { CcxtFeed, type CcxtFeedOptions, type FeedCounts } from './feeds/ccxt-feed.ts';
export type { FeedTiming } from './feeds/feed-timing.ts';
export type { FeedVenue } from './feeds/venue-feeds.ts';
export { Adl, adl } from './indicators/adl.ts';
export { Adx, type AdxColumns, type AdxOptions, adx } from './indicators/adx.ts';
export { Alligator, type AlligatorColumns, type AlligatorOptions, alligator } from './indicators/alligator.ts';
export { Alma, type AlmaOptions, alma } from './indicators/alma.ts';
export { AnchoredVwap, type AnchoredVwapOptions, anchoredVwap } from './indicators/anchored-vwap.ts';
export { Aroon, type AroonColumns, type AroonOptions, aroon } from './indicators/aroon.ts';
export { Atr, type AtrOptions, atr } from './indicators/atr.ts';
export {
  AwesomeOscillator,
  type AwesomeOscillatorOptions,
  awesomeOscillator,
} from './indicators/awesome-oscillator.ts';
export { BalanceOfPower, balanceOfPower } from './indicators/balance-of-power.ts';
export { Bollinger, type BollingerColumns, type BollingerOptions, bollinger } from './indicators/bollinger.ts';
export { Cci, type CciOptions, cci } from './indicators/cci.ts';
export {
  ChaikinOscillator,
  type ChaikinOscillatorOptions,
  chaikinOscillator,
} from './indicators/chaikin-oscillator.ts';
export { Chandelier, type ChandelierColumns, type ChandelierOptions, chandelier } from './indicators/chandelier.ts';
export { Choppiness, type ChoppinessOptions, choppiness } from './indicators/choppiness.ts';
export { Cmf, type CmfOptions, cmf } from './indicators/cmf.ts';
export { Cmo, type CmoOptions, cmo } from './indicators/cmo.ts';
export type { PriceColumns, PriceVolumeColumns } from './indicators/columns.ts';
export {
  Correlation,
  type CorrelationColumns,
  type CorrelationOptions,
  correlation,
  type PairColumns,
} from './indicators/correlation.ts';
export {
  CumulativeVolumeDelta,
  type CumulativeVolumeDeltaColumns,
  cumulativeVolumeDelta,
  type SidedVolumeColumns,
} from './indicators/cumulative-volume-delta.ts';
export { Dema, type DemaOptions, dema } from './indicators/dema.ts';
export { Donchian, type DonchianColumns, type DonchianOptions, donchian } from './indicators/donchian.ts';
export { Dpo, type DpoOptions, dpo } from './indicators/dpo.ts';
export { ElderRay, type ElderRayColumns, type ElderRayOptions, elderRay } from './indicators/elder-ray.ts';
export { Ema, type EmaOptions, ema } from './indicators/ema.ts';
export { ForceIndex, type ForceIndexOptions, forceIndex } from './indicators/force-index.ts';
export { Fractals, type FractalsColumns, type FractalsOptions, fractals } from './indicators/fractals.ts';
export {
  FundingStatistics,
  type FundingStatisticsColumns,
  type FundingStatisticsOptions,
  fundingStatistics,
} from './indicators/funding-statistics.ts';
export { GarmanKlass, type GarmanKlassOptions, garmanKlass } from './indicators/garman-klass.ts';
export { HeikinAshi, type HeikinAshiColumns, heikinAshi } from './indicators/heikin-ashi.ts';
export { Hma, type HmaOptions, hma } from './indicators/hma.ts';
export { Ichimoku, type IchimokuColumns, type IchimokuOptions, ichimoku } from './indicators/ichimoku.ts';
export { Kama, type KamaOptions, kama } from './indicators/kama.ts';
export { Keltner, type KeltnerColumns, type KeltnerOptions, keltner } from './indicators/keltner.ts';
export { Klinger, type KlingerColumns, type KlingerOptions, klinger } from './indicators/klinger.ts';
export {
  LinearRegression,
  type LinearRegressionColumns,
  type LinearRegressionOptions,
  linearRegression,
} from './indicators/linear-regression.ts';
export { Macd, type MacdColumns, type MacdOptions, macd } from './indicators/macd.ts';
export { MassIndex, type MassIndexOptions, massIndex } from './indicators/mass-index.ts';
export { Mcginley, type McginleyOptions, mcginley } from './indicators/mcginley.ts';
export { Mfi, type MfiOptions, mfi } from './indicators/mfi.ts';
export { Momentum, type MomentumOptions, momentum } from './indicators/momentum.ts';
export { Natr, type NatrOptions, natr } from './indicators/natr.ts';
export { Obv, obv } from './indicators/obv.ts';
export type { OpenPriceColumns } from './indicators/open-columns.ts';
export {
  OpenInterestStatistics,
  type OpenInterestStatisticsColumns,
  type OpenInterestStatisticsOptions,
  openInterestStatistics,
} from './indicators/open-interest-statistics.ts';
export { Parkinson, type ParkinsonOptions, parkinson } from './indicators/parkinson.ts';
export {
  PivotPoints,
  type PivotPointsColumns,
  type PivotPointsOptions,
  pivotPoints,
  type TimedPriceColumns,
} from './indicators/pivot-points.ts';
export { Ppo, type PpoColumns, type PpoOptions, ppo } from './indicators/ppo.ts';
export { Psar, type PsarColumns, type PsarOptions, psar } from './indicators/psar.ts';
export {
  RealisedVolatility,
  type RealisedVolatilityOptions,
  realisedVolatility,
} from './indicators/realised-volatility.ts';
export { Roc, type RocOptions, roc } from './indicators/roc.ts';
export { Rsi, type RsiOptions, rsi } from './indicators/rsi.ts';
export { Sma, type SmaOptions, sma } from './indicators/sma.ts';
export { Smi, type SmiColumns, type SmiOptions, smi } from './indicators/smi.ts';
export { Smma, type SmmaOptions, smma } from './indicators/smma.ts';
export {
  type DeviationColumns,
  StandardDeviation,
  type StandardDeviationOptions,
  standardDeviation,
} from './indicators/standard-deviation.ts';
export { Starc, type StarcColumns, type StarcOptions, starc } from './indicators/starc.ts';
export { StochRsi, type StochRsiColumns, type StochRsiOptions, stochRsi } from './indicators/stoch-rsi.ts';
export { Stochastic, type StochasticColumns, type StochasticOptions, stochastic } from './indicators/stochastic.ts';
export { type IndicatorState, StreamingIndicator, type UpdateInPlace } from './indicators/streaming-indicator.ts';
export { Supertrend, type SupertrendColumns, type SupertrendOptions, supertrend } from './indicators/supertrend.ts';
export { Tema, type TemaOptions, tema } from './indicators/tema.ts';
export { Trima, type TrimaOptions, trima } from './indicators/trima.ts';
export { Trix, type TrixOptions, trix } from './indicators/trix.ts';
export { Tsi, type TsiColumns, type TsiOptions, tsi } from './indicators/tsi.ts';
export { UlcerIndex, type UlcerIndexOptions, ulcerIndex } from './indicators/ulcer-index.ts';
export {
  UltimateOscillator,
  type UltimateOscillatorOptions,
  ultimateOscillator,
} from './indicators/ultimate-oscillator.ts';
export { Vortex, type VortexColumns, type VortexOptions, vortex } from './indicators/vortex.ts';
export { type TimedPriceVolumeColumns, Vwap, type VwapOptions, vwap } from './indicators/vwap.ts';
export { VwapBands, type VwapBandsColumns, type VwapBandsOptions, vwapBands } from './indicators/vwap-bands.ts';
export { Vwma, type VwmaOptions, vwma } from './indicators/vwma.ts';
export { WilliamsR, type WilliamsROptions, williamsR } from './indicators/williams-r.ts';
export { Wma, type WmaOptions, wma } from './indicators/wma.ts';
export { ZScore, type ZScoreOptions, zScore } from './indicators/z-score.ts';
export { ZigZag, type ZigZagColumns, type ZigZagOptions, zigZag } from './indicators/zig-zag.ts';
export { LivePlayer, type LivePlayerOptions } from './live/live-player.ts';
export { LiveSource, type LiveSourceOptions } from './live/live-source.ts';
export { FileMacroSource, type FileMacroSourceOptions } from './macro/file-macro-source.ts';
export { HttpMacroSource, type HttpMacroSourceOptions } from './macro/http-macro-source.ts';
export { MacroCalendar, type MacroCalendarOptions } from './macro/macro-calendar.ts';
export type { MacroFormat } from './macro/macro-content.ts';
export { type MacroSeries, macroSeries } from './macro/macro-series.ts';
export { type MacroTimeline, type MacroTimelineOptions, macroTimeline } from './macro/macro-timeline.ts';
export { PublishedMacroSource, type PublishedMacroSourceOptions } from './macro/published-macro-source.ts';
export type { FeedItem } from './macro/read-rss.ts';
export type { CandleIndicator } from './pipeline/candle-indicator.ts';
export { deskIndicators } from './pipeline/desk-indicators.ts';
export {
  IndicatorPipeline,
  type IndicatorPipelineOptions,
  type IndicatorPreview,
  type SeriesKey,
  type WarmFromOptions,
} from './pipeline/indicator-pipeline.ts';
export { IndicatorSets } from './pipeline/indicator-sets.ts';
export type { CustomIndicatorSpec, IndicatorKind, IndicatorSpec } from './pipeline/indicator-spec.ts';
export type { SourceOption } from './pipeline/packed-indicator.ts';
export type { MarketDataCounts } from './player/market-data-counts.ts';
export { MarketDataService, type MarketDataServiceOptions } from './player/market-data-service.ts';
export {
  MarketPlayer,
  type MarketPlayerOptions,
  type PlayerProgress,
  type PlayerResult,
} from './player/market-player.ts';
export type { MarketDataStore, StoreBatching } from './player/store-writer.ts';
export type { PredictionSourceOptions } from './prediction/ccxt-prediction-source.ts';
export { DiscoveryScan, type DiscoveryScanOptions } from './prediction/discovery-scan.ts';
export { KalshiSource } from './prediction/kalshi-source.ts';
export { PolymarketSource } from './prediction/polymarket-source.ts';
export { type PredictionReference, predictionReference } from './prediction/prediction-reference.ts';
export type { PredictionTiming } from './prediction/prediction-timing.ts';
export { PredictionWatch, type PredictionWatchOptions } from './prediction/prediction-watch.ts';
export { resolvePrediction } from './prediction/resolve-prediction.ts';
export { SqlPredictionHistory, type SqlPredictionHistoryOptions } from './prediction/sql-prediction-history.ts';
export { FeedRecorder, type FeedRecorderOptions, type RecorderCounts } from './recorder/feed-recorder.ts';
export { type RecordingContents, readRecording, recordingContents } from './recorder/read-recording.ts';
export { RecordedFeed, type RecordedFeedOptions } from './recorder/recorded-feed.ts';
export { RecordedSource, type RecordedSourceOptions } from './recorder/recorded-source.ts';
export { type RecordingDamage, type RecordingReport, RecordingReporter } from './recorder/recording-report.ts';
export type { OpenSegmentFile, SegmentFile } from './recorder/segment-file.ts';
export type { RecordedUpdate } from './recorder/segment-format.ts';
export type { ReplayReport, RowFinding } from './replay/replay-report.ts';
export { ReplaySource, type ReplaySourceOptions } from './replay/replay-source.ts';
export { MarketSimulator } from './simulator/market-simulator.ts';
export type { MarketSimulatorOptions } from './simulator/simulator-setup.ts';
export type { SimulatorState } from './simulator/simulator-state.ts';
export type { DerivativesCapacity } from './state/derivatives-board.ts';
export { type Freshness, freshnessFor, minuteFreshness } from './state/freshness.ts';
export type { ReferenceChoice } from './state/instrument-list.ts';
export { MarketState, type MarketStateOptions } from './state/market-state.ts';
export {
  type BarRetention,
  defaultRetention,
  type RetentionPolicy,
  type RowRetention,
} from './store/retention/retention-policy.ts';
export {
  type RetentionReport,
  RetentionService,
  type RetentionServiceOptions,
} from './store/retention/retention-service.ts';
export { type SourceState, SqlSourceStateStore } from './store/sql-source-state-store.ts';
export { SqlTimeSeriesStore, type SqlTimeSeriesStoreOptions } from './store/sql-time-series-store.ts';
export { exportSeries, type SeriesExport } from './store/transfer/export-series.ts';
export { type ImportOutcome, importSeries, type SeriesImport } from './store/transfer/import-series.ts';
export type { ImportFinding } from './store/transfer/series-columns.ts';
export type { TransferFormat } from './store/transfer/transfer-file.ts';
