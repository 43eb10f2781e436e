// The barrel of @perpdesk/execution: venues, the workflow of a trade, the guard of positions, the portfolio, the controls.
export { DeadMansSwitchService, type DeadMansSwitchServiceOptions } from './controls/dead-mans-switch-service.ts';
export { FlattenService, type FlattenServiceOptions } from './controls/flatten-service.ts';
export { KillSwitch, type KillSwitchOptions } from './controls/kill-switch.ts';
export { type CloseOutcome, type CloseRequest, PositionCloser } from './controls/position-closer.ts';
export type { PlanEdit } from './guard/edit-plan.ts';
export type { PositionKey } from './guard/guard-store.ts';
export { type GuardPlan, PositionGuard, type PositionGuardOptions } from './guard/position-guard.ts';
export { type ProtectionPlan, type ProtectiveOrder, protectiveOrders, uncoveredSize } from './guard/protection-plan.ts';
export type { UnprotectedTime } from './guard/unprotected-meter.ts';
export { type FeeTier, hyperliquidFeeTiers } from './matching/fee-tiers.ts';
export { OrderDesk, type OrderDeskOptions } from './orders/order-desk.ts';
export type { OrderFate, OrderRef, SendOutcome } from './orders/send-outcome.ts';
export { PaperVenue } from './paper/paper-venue.ts';
export type { PaperVenueOptions } from './paper/paper-venue-options.ts';
export { compareRuns } from './parity/compare-runs.ts';
export { compareWays, type Way, type WayReport } from './parity/compare-ways.ts';
export {
  type AccountingTerms,
  type Change,
  type CompareOptions,
  type Difference,
  type Disturbance,
  type LatencyBound,
  type ParityCause,
  type ParityCount,
  type ParityReport,
  type ParitySubject,
  parityCauses,
  paritySubjects,
  type RootDifference,
} from './parity/parity-report.ts';
export { type RenderParityOptions, renderParity } from './parity/render-parity.ts';
export { type Attribution, type AttributionAxis, attribute } from './performance/attribute.ts';
export { type ClosedTrade, readClosedTrades } from './performance/closed-trade.ts';
export { EquityRecorder, type EquityRecorderOptions } from './performance/equity-recorder.ts';
export type { EquityPoint } from './performance/equity-store.ts';
export { exportReport, type ReportTable } from './performance/export-report.ts';
export {
  type CurvePoint,
  type PortfolioReport,
  PortfolioReporter,
  type PortfolioReporterOptions,
  type ReportQuery,
} from './performance/portfolio-report.ts';
export { type Holding, Portfolio, type PortfolioOptions } from './portfolio/portfolio.ts';
export {
  chooseRoute,
  type RouteConsidered,
  type RouteDecision,
  type RouteLeg,
  type RouteRules,
} from './router/choose-route.ts';
export type { RouteCandidate, RouteRequest } from './router/route-candidate.ts';
export { type RoutedOrder, VenueRouter, type VenueRouterOptions } from './router/venue-router.ts';
export { type ApprovalEdit, approvalEditSchema } from './trade/approval-edit.ts';
export { type ApprovalVerdict, approvalDrift, approvalVerdict } from './trade/approval-policy.ts';
export type { PendingApproval } from './trade/approval-store.ts';
export type { EditOutcome } from './trade/edit-outcomes.ts';
export { type EntryLegIntent, entryIntents } from './trade/entry-intents.ts';
export { type PolicyHold, policyHolds } from './trade/policy-holds.ts';
export type { ReverseInput, ReverseResult } from './trade/reverse-workflow.ts';
export { TradeService, type TradeServiceOptions } from './trade/trade-service.ts';
export { LaneBudget, type LaneBudgetOptions } from './venue/lane-budget.ts';
export {
  type Departure,
  type OutboundMismatch,
  OutboundMismatchError,
  type OutboundOrder,
} from './venue/outbound-ledger.ts';
export { VenueBase, type VenueBaseOptions } from './venue/venue-base.ts';
export { VenueDirectory } from './venue/venue-directory.ts';
export { LocalWorkflowEngine, type LocalWorkflowEngineOptions } from './workflow-engine/local-workflow-engine.ts';
