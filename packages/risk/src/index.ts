// The one barrel of @perpdesk/risk: Brix, its service, tiers, the pure steps and controls, risk state and the kill switch.
export { type ExplainedStep, type Explanation, explain } from './decision/explain.ts';
export type { CloseProposal, StepResult, StepValues } from './decision/step-result.ts';
export type { Quote } from './decision/usable-quote.ts';
export { Exact, type ExactInput, type ExactRounding, exact } from './exact/exact.ts';
export {
  type CorrelatedRisk,
  type Correlation,
  lossCorrelation,
  portfolioLoss,
  type RiskPart,
} from './exposure/correlated-risk.ts';
export { type DailyResult, dailyResult } from './exposure/daily-loss.ts';
export { type DrawdownResult, drawdownResult } from './exposure/drawdown.ts';
export type { ExposureContext } from './exposure/exposure-context.ts';
export { type ExposureLimit, overLimit } from './exposure/exposure-limit.ts';
export type { HeldPosition } from './exposure/held-position.ts';
export { liquidationDistance, liquidationToStop, type PlannedPosition } from './exposure/liquidation-distance.ts';
export { lossAtStop } from './exposure/loss-at-stop.ts';
export { type ClosedTrade, coolingOffDefaultMs, lossesInRow } from './exposure/losses-in-row.ts';
export { type InstrumentLookup, type VenueBook, type VenueBookInput, venueBook } from './exposure/venue-book.ts';
export { type WeeklyResult, weeklyResult } from './exposure/weekly-loss.ts';
export { Brix } from './gate/brix.ts';
export type { BrixOptions, OperatorLimits, RankedVenue, TradableVenue } from './gate/brix-options.ts';
export { BrixService, type BrixServiceOptions } from './gate/brix-service.ts';
export type { LimitNotice } from './gate/limit-watch.ts';
export { entryControls, exitControls, type Judgement, judge } from './order/judge.ts';
export type { EntryInput, ExitInput, OrderControl, OrderVenue } from './order/order-input.ts';
export { type OrderLimits, orderLimitDefaults } from './order/order-limits.ts';
export { type ParsedIntent, parseIntent } from './order/validity.ts';
export { decisionId, type Evaluation, evaluate, signalId } from './recommendation/evaluate.ts';
export { minimumConfidence } from './recommendation/plan-refused.ts';
export { PreparedPlan } from './recommendation/prepared-plan.ts';
export { maximumBasis } from './recommendation/rebase-levels.ts';
export type {
  Listing,
  NewRiskGuard,
  OperatorBudget,
  RecommendationInput,
  VenueCandidate,
} from './recommendation/recommendation-input.ts';
export { confidenceFactor } from './recommendation/risk-evaluation/confidence-scaling.ts';
export { scalingFactor } from './recommendation/scaling-factor.ts';
export { type SizingResult, sizePlan } from './recommendation/sizing.ts';
export { type SizingInput, smallestSize } from './recommendation/trimmed-size.ts';
export { MemoryRiskStateStore } from './state/memory-risk-state-store.ts';
export { type DrawnLeg, orderReservation, type PendingEntry } from './state/pending-entry.ts';
export type { RiskMemory } from './state/risk-memory.ts';
export { operatorStateId, type RiskChange, type RiskState, type RiskStateStore } from './state/risk-state-store.ts';
export { SqlRiskStateStore } from './state/sql-risk-state-store.ts';
export { DurableTradingSwitch, type DurableTradingSwitchOptions } from './switch/durable-trading-switch.ts';
export type { HaltRecord } from './switch/halt-file.ts';
export { MemoryTradingSwitch } from './switch/memory-trading-switch.ts';
export type { RearmRequest, Reauthenticate } from './switch/reauthenticate.ts';
export { longestLeaseMs, SharedLease, type SharedLeaseOptions } from './switch/shared-lease.ts';
export { LimitBook, type LimitBookOptions, type LimitRequest } from './tiers/limit-book.ts';
export { type LimitChange, limitChange, raisedLimitDelayMs } from './tiers/limit-change.ts';
export { type LimitRecord, type LimitStore, MemoryLimitStore, SqlLimitStore } from './tiers/limit-store.ts';
export { limitsFor } from './tiers/limits-for.ts';
export { tierDefaults } from './tiers/tier-defaults.ts';
export { type WarningLevel, warningLevels } from './warnings/limit-crossings.ts';
export { type LimitUsage, limitUsages, type WarnedLimit } from './warnings/limit-usage.ts';
