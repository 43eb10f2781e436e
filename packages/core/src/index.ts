// The one barrel of @perpdesk/core: vocabulary, ports, clock, decimals, ids, errors. Browser-safe: nothing here imports node:.
export { LocalMarketBus, type LocalMarketBusOptions } from './bus/local-market-bus.ts';
export type { MarketTopic } from './bus/market-topic.ts';
export { MemoryEventBus, type MemoryEventBusOptions } from './bus/memory-event-bus.ts';
export type { Clock, Release } from './clock/clock.ts';
export { type ClockPlace, SimulatedClock, type SimulatedClockOptions } from './clock/simulated-clock.ts';
export { SystemClock } from './clock/system-clock.ts';
export * from './decimal.ts';
export { Desk, type DeskOptions, type ServiceHealth } from './desk/desk.ts';
export { StaticUserDirectory } from './desk/static-user-directory.ts';
export * from './domain/account.ts';
export * from './domain/agent-autonomy.ts';
export * from './domain/candle.ts';
export * from './domain/chat.ts';
export * from './domain/derivatives.ts';
export * from './domain/exit-rules.ts';
export * from './domain/fill.ts';
export * from './domain/guidance.ts';
export * from './domain/instrument.ts';
export * from './domain/macro.ts';
export * from './domain/market-data.ts';
export * from './domain/opinion.ts';
export * from './domain/opinion-score.ts';
export * from './domain/order.ts';
export * from './domain/position.ts';
export * from './domain/prediction-assessment.ts';
export * from './domain/prediction-market.ts';
export * from './domain/proposal.ts';
export * from './domain/reading.ts';
export * from './domain/recommendation.ts';
export * from './domain/risk-decision.ts';
export * from './domain/round.ts';
export * from './domain/signal.ts';
export * from './domain/timeframe.ts';
export * from './domain/user.ts';
export * from './domain/user-policies.ts';
export * from './domain/volume-bar.ts';
export { ConfigError } from './errors/config-error.ts';
export { ModelError, type ModelErrorOptions } from './errors/model-error.ts';
export { PerpDeskError, type PerpDeskErrorOptions } from './errors/perpdesk-error.ts';
export { StoreError } from './errors/store-error.ts';
export { ValidationError } from './errors/validation-error.ts';
export { VenueError } from './errors/venue-error.ts';
export { causedBy, type DomainEvent, type NewDomainEvent } from './events/envelope.ts';
export {
  type DomainEventMap,
  type DomainEventType,
  type MarketEventMap,
  type MarketEventType,
  marketDelivery,
  type TurnDraft,
} from './events/event-map.ts';
export { canonicalJson, type JsonValue } from './events/json.ts';
export { type IdGenerator, SortableIdGenerator } from './ids/id-generator.ts';
export { type Random, SeededRandom, type SeededRandomState, SystemRandom } from './ids/random.ts';
export { type Logger, silentLogger } from './logger/logger.ts';
export { type BaseRate, baseRate } from './markets/base-rate.ts';
export { type CostToFill, costToFill } from './markets/cost-to-fill.ts';
export {
  type CrossAccount,
  type CrossPosition,
  crossEquity,
  crossLiquidationPrice,
  crossMaintenance,
} from './markets/cross-liquidation.ts';
export { fundingPer8h, fundingPerYear, openInterestQuadrant } from './markets/derivatives.ts';
export { fundingPayment, nextFundingAtMs } from './markets/funding.ts';
export { type IsolatedPosition, liquidationPrice } from './markets/liquidation-price.ts';
export { fromLogOdds, logOdds } from './markets/log-odds.ts';
export { ceilToLot, floorToLot, isOnLot, sizeFromNumber } from './markets/lots.ts';
export { initialMargin, maintenanceMargin, tierAt } from './markets/margin.ts';
export { type MarginRule, marginRules, venueLiquidationPrice } from './markets/margin-rules.ts';
export { type BareTier, continuousTiers, leverageTiers } from './markets/margin-tables.ts';
export { midsBeforeClosing } from './markets/mids-before-closing.ts';
export { type ProtectiveKind, roundLimitPrice, roundProtectiveTrigger } from './markets/order-price.ts';
export {
  calmarRatio,
  compoundAnnualGrowth,
  type Drawdown,
  type EquitySeries,
  expectancy,
  exposure,
  type PerformanceMetrics,
  type PeriodOptions,
  performanceMetrics,
  periodReturns,
  profitFactor,
  sharpeRatio,
  sortinoRatio,
  type TradeResult,
  turnoverPerYear,
  winRate,
  worstDrawdown,
  type YearlyRatioOptions,
} from './markets/performance-metrics.ts';
export { quoteFromBook } from './markets/prediction-quote.ts';
export { isOnRule, type PriceRounding, priceFromNumber, roundPrice } from './markets/price-rounding.ts';
export { averageEntry, realizedPnl, unrealizedPnl } from './markets/profit-and-loss.ts';
export { type QuoteDrift, quoteDrift } from './markets/quote-drift.ts';
export {
  brierScore,
  brierSkill,
  type Forecast,
  maxDrawdown,
  mean,
  median,
  type RatioOptions,
  sharpe,
  sortino,
  standardDeviation,
} from './markets/statistics.ts';
export type { AccountView } from './ports/account-view.ts';
export type { ActionOutcome, ActionPort } from './ports/action-port.ts';
export type {
  ApprovalAuthority,
  ApprovalVerifier,
  ApprovedOrder,
  Authorization,
  SpendOutcome,
} from './ports/approved-order.ts';
export type { AuditEntry, AuditLog, AuditRecord } from './ports/audit-log.ts';
export type { CalibrationView, TrackRecord } from './ports/calibration-view.ts';
export type { CredentialKey, CredentialVault } from './ports/credential-vault.ts';
export type { DatabaseTransaction } from './ports/database-transaction.ts';
export type {
  AskedModel,
  DecisionInputs,
  DecisionJournal,
  DecisionRecord,
  DecisionRecordKind,
  DecisionRecordQuery,
} from './ports/decision-journal.ts';
export type { ConcludedRound, DeskStateView, SharedDeskState, UserDeskState } from './ports/desk-state-view.ts';
export type { DeadLetter, EventBus, EventQuery, StoredEvent, Subscription, Unsubscribe } from './ports/event-bus.ts';
export type {
  CancelOutcome,
  DeadMansSwitch,
  ExecutionVenue,
  PlaceAllOptions,
  PlaceOutcome,
  VenueAccountReader,
  VenueCapabilities,
  VenueUpdate,
} from './ports/execution-venue.ts';
export type {
  LanguageModel,
  ModelAnswer,
  ModelCallContext,
  ModelCallOptions,
  ModelFacts,
  ModelRequest,
  ModelUsage,
} from './ports/language-model.ts';
export type { MacroReading, MacroSource } from './ports/macro-source.ts';
export type { MacroView } from './ports/macro-view.ts';
export type { MarketBus, MarketBusStats, MarketSubscription } from './ports/market-bus.ts';
export type {
  FeedChannel,
  FeedGap,
  FeedGapReason,
  FeedSubscription,
  FeedUpdate,
  MarketFeed,
  StreamStatus,
} from './ports/market-feed.ts';
export type { MarketObservation, MarketSource, MarketStep } from './ports/market-source.ts';
export type {
  DerivativesFeaturesView,
  DerivativesView,
  IndicatorSnapshot,
  MarketView,
} from './ports/market-view.ts';
export type { PastPrediction, PastPredictionQuery, PredictionHistory } from './ports/prediction-history.ts';
export { predictionHorizonsMs } from './ports/prediction-history.ts';
export type { PredictionHeadline, PredictionNews } from './ports/prediction-news.ts';
export type { PredictionPage, PredictionQuery, PredictionSource, PredictionUpdate } from './ports/prediction-source.ts';
export type { KeepWithDecision, OrderDecision, RiskGate, SignalRevision } from './ports/risk-gate.ts';
export type {
  AgentCallOptions,
  AgentReport,
  AgentTrigger,
  OpinionRequest,
  SensingAgent,
  TurnRequest,
} from './ports/sensing-agent.ts';
export type {
  MeasuredField,
  SeriesIdentity,
  SeriesKind,
  SeriesRows,
  SeriesSample,
  SeriesSilence,
  SeriesSpan,
  SeriesStore,
} from './ports/series-store.ts';
export type { Health, Service } from './ports/service.ts';
export type { SeriesRange, TimeSeriesStore, WriteOutcome } from './ports/time-series-store.ts';
export {
  type TradingScope,
  type TradingState,
  type TradingSwitch,
  tradingScopeSchema,
  tradingStateSchema,
} from './ports/trading-switch.ts';
export type { UserDirectory } from './ports/user-directory.ts';
export type { VenueBudget, VenueLane } from './ports/venue-budget.ts';
export type {
  RetryPolicy,
  WorkflowContext,
  WorkflowDefinition,
  WorkflowEngine,
  WorkflowRun,
  WorkflowStatus,
} from './ports/workflow-engine.ts';
export { DeskInstruments } from './telemetry/desk-instruments.ts';
export { EventBusInstruments } from './telemetry/event-bus-instruments.ts';
export { inSpan, type SpanSetting } from './telemetry/in-span.ts';
export { meter, type Stopwatch, systemStopwatch, tracer } from './telemetry/telemetry.ts';
export {
  isBookDelta,
  isCandle,
  isFundingRate,
  isInstrumentId,
  isLiquidation,
  isOpenInterest,
  isOpinion,
  isOrderBookSnapshot,
  isOrderIntent,
  isTicker,
  isTrade,
} from './validation/checks.ts';
export { foreignText } from './validation/foreign-text.ts';
export { whyRefused } from './validation/why-refused.ts';
