// The one barrel of @perpdesk/agents: the sensing agents, Koda, and what runs them.

export { confidenceOf, directionOf, type Score, scoreOf } from './analyst/score.ts';
export type { Sensitivity } from './analyst/sensitivity.ts';
export {
  type BlockBootstrapOptions,
  blockMeanInterval,
  type MeanInterval,
  type TimedValue,
} from './calibration/block-bootstrap.ts';
export { brierOf, forecastOf, moveBetween, moveNamedBy } from './calibration/brier.ts';
export {
  type BookEntry,
  CalibrationBook,
  type CalibrationBookOptions,
  type DetailedRecord,
  type RecordQuery,
} from './calibration/calibration-book.ts';
export { CalibrationService, type CalibrationServiceOptions } from './calibration/calibration-service.ts';
export type {
  CalibrationChange,
  CalibrationStore,
  KeptCalibration,
  ScoreQuery,
} from './calibration/calibration-store.ts';
export {
  compareModelWithRules,
  type SourceComparison,
  type SourceSummary,
} from './calibration/compare-sources.ts';
export { DailyRecords, type DailyRecordsOptions } from './calibration/daily-records.ts';
export { driftDefaults } from './calibration/drift-detector.ts';
export { MemoryCalibrationStore } from './calibration/memory-calibration-store.ts';
export type { Reliability, ReliabilityPoint } from './calibration/reliability.ts';
export { calibrationDefaults } from './calibration/settings.ts';
export { SqlCalibrationStore } from './calibration/sql-calibration-store.ts';
export { calibrationFactor } from './consensus/calibration-factor.ts';
export { type ConsensusAccount, type ConsensusLine, explainConsensus } from './consensus/explain-consensus.ts';
export { type Freshness, freshness } from './consensus/freshness.ts';
export {
  type Challenge,
  type ConsensusRules,
  consensusRules,
  isStrong,
  reachConsensus,
  type Seat,
} from './consensus/reach-consensus.ts';
export {
  FeatureAgent,
  type FeatureAgentOptions,
  type FeatureJudgement,
  type FeatureReading,
} from './custom/feature-agent.ts';
export {
  DecisionRecorder,
  type DecisionRecorderOptions,
  type NewDecisionRecord,
} from './journal/decision-recorder.ts';
export { MemoryDecisionJournal } from './journal/memory-decision-journal.ts';
export { SqlDecisionJournal } from './journal/sql-decision-journal.ts';
export { type AdviseOptions, type EntrySettings, Koda, type KodaModel, type KodaOptions } from './koda/agent.ts';
export { KodaService, type KodaServiceOptions } from './koda/koda-service.ts';
export { Luma, type LumaOptions } from './luma/agent.ts';
export { type LumaDetails, type LumaLabel, lumaDetailsSchema } from './luma/schema.ts';
export { type LumaSettings, lumaSettings } from './luma/settings.ts';
export { Meridian, type MeridianOptions } from './meridian/agent.ts';
export { type MeridianDetails, meridianDetailsSchema } from './meridian/schema.ts';
export { type MeridianSettings, meridianSettings } from './meridian/settings.ts';
export { BudgetedModel, type BudgetedModelOptions } from './model/budget/budgeted-model.ts';
export { MemoryModelLedger } from './model/budget/memory-model-ledger.ts';
export type { ModelBudget, ModelBudgets, RoundBudget } from './model/budget/model-budget.ts';
export type {
  BudgetScope,
  ModelLedger,
  ModelSpend,
  Reservation,
  ReserveOutcome,
  Settlement,
  Spending,
  SpendingLimit,
  SpendingQuery,
} from './model/budget/model-ledger.ts';
export { SqlModelLedger } from './model/budget/sql-model-ledger.ts';
export type { AnswerStore, KeptAnswer } from './model/cache/answer-store.ts';
export { CachedModel, type CachedModelOptions } from './model/cache/cached-model.ts';
export { SqlAnswerStore } from './model/cache/sql-answer-store.ts';
export { untilNextClose } from './model/cache/until-next-close.ts';
export { MemberDraft } from './model/call/member-draft.ts';
export { questionKey } from './model/call/question-key.ts';
export { DeskModel, type DeskModelOptions } from './model/desk-model.ts';
export { FallbackModel, type FallbackModelOptions } from './model/fallback/fallback-model.ts';
export { RetryingModel, type RetryingModelOptions } from './model/fallback/retrying-model.ts';
export type { CircuitBreakerOptions } from './model/guard/circuit-breaker.ts';
export { GuardedModel, type GuardedModelOptions } from './model/guard/guarded-model.ts';
export { SettledModel, type SettledModelOptions } from './model/guard/settled-model.ts';
export { MemoryModelJournal } from './model/journal/memory-model-journal.ts';
export type { ModelJournal, ModelRecordQuery, ModelRecordsToForget } from './model/journal/model-journal.ts';
export type { ModelOutcome, ModelRecord } from './model/journal/model-record.ts';
export { RecordingModel, type RecordingModelOptions } from './model/journal/recording-model.ts';
export { ReplayModel, type ReplayModelOptions } from './model/journal/replay-model.ts';
export { SqlModelJournal } from './model/journal/sql-model-journal.ts';
export { TimedReplayModel, type TimedReplayModelOptions } from './model/journal/timed-replay-model.ts';
export type { ModelPrices } from './model/price/cost.ts';
export {
  ScriptedModel,
  type ScriptedModelOptions,
  type ScriptedQuestion,
} from './model/scripted-model.ts';
export { TracedModel, type TracedModelOptions } from './model/traced/traced-model.ts';
export { type AnswerRequest, type ComposedAnswer, composeAnswer } from './orchestrator/answer/compose-answer.ts';
export type { PlopDesk, PlopVerdict } from './orchestrator/answer/plop-desk.ts';
export type { ChatParts, ChatQuestion } from './orchestrator/chat-parts.ts';
export { type DeskChatPartsOptions, deskChatParts } from './orchestrator/desk-chat-parts.ts';
export {
  type Conversation,
  ConversationMemory,
  type ConversationMemoryOptions,
} from './orchestrator/memory/conversation-memory.ts';
export type { MemoryLimits } from './orchestrator/memory/settings.ts';
export { describeAction } from './orchestrator/proposal/describe-action.ts';
export { freshMid, type ReadMid } from './orchestrator/proposal/price-drift.ts';
export { ProposalDesk } from './orchestrator/proposal/proposal-desk.ts';
export type {
  DecisionListener,
  ProposalDeskOptions,
  ProposeOptions,
} from './orchestrator/proposal/proposal-desk-options.ts';
export type { KeptProposal } from './orchestrator/proposal/proposal-store.ts';
export { type ProposalLimits, proposalLimits } from './orchestrator/proposal/settings.ts';
export { type ChatCommand, type ChatLimit, chatCommandSchema } from './orchestrator/route/chat-command.ts';
export {
  type ChatIntent,
  type ChatRoute,
  chatRouteSchema,
  type RefusalKind,
} from './orchestrator/route/chat-route.ts';
export type { DeskNames } from './orchestrator/route/question.ts';
export { type RouteOptions, routeQuestion } from './orchestrator/route/route-by-model.ts';
export { routeByRules } from './orchestrator/route/route-by-rules.ts';
export {
  type Ask,
  type AskOptions,
  Orchestrator,
  type OrchestratorOptions,
} from './orchestrator/service/orchestrator.ts';
export { OrchestratorService, type OrchestratorServiceOptions } from './orchestrator/service/orchestrator-service.ts';
export { type ChatLimits, chatLimits } from './orchestrator/service/settings.ts';
export {
  type AssessOptions,
  Plop,
  type PlopAnswer,
  type PlopOptions,
  type PoolView,
} from './plop/agent.ts';
export { PlopCalibration, type PlopCalibrationOptions } from './plop/calibration.ts';
export { type ContractValue, contractValue } from './plop/contract-value.ts';
export type { PlopReading } from './plop/features.ts';
export { findContract, referencesIn } from './plop/find-contract.ts';
export { PlopScorer, type PlopScorerOptions } from './plop/plop-scorer.ts';
export { PlopService, type PlopServiceOptions } from './plop/plop-service.ts';
export type { PoolRecord } from './plop/pool/fit-weights.ts';
export { learnPool, type Pool, pooled, poolRules, priorPool } from './plop/pool/pool.ts';
export type { PoolInputs } from './plop/pool/pool-terms.ts';
export type { PoolWeights } from './plop/pool/pool-weights.ts';
export { type PlopRefusal, type PlopRefusalCode, plopRefusalCodes } from './plop/refusal.ts';
export { plopDefaults, predictionFees } from './plop/settings.ts';
export { MemoryPlopStore } from './plop/store/memory-plop-store.ts';
export type { PlopOutcome, PlopStore, ScoredAssessment } from './plop/store/plop-store.ts';
export { SqlPlopStore } from './plop/store/sql-plop-store.ts';
export { type PlanOptions, Riven, type RivenOptions } from './riven/agent.ts';
export { rivenFeatures } from './riven/features.ts';
export { type PlannedLevels, planLevels } from './riven/plan-levels.ts';
export type { PlanRequest } from './riven/plan-request.ts';
export { chooseScaling, classifyArchetype } from './riven/rules.ts';
export { type LevelRules, levelRules } from './riven/settings.ts';
export { AgentService, type AgentServiceOptions } from './service/agent-service.ts';
export { type CutoffComparison, compareCutoff } from './study/compare-cutoff.ts';
export { type CostEstimate, type CostSample, estimateStudyCost } from './study/estimate-cost.ts';
export type { StudyCounts } from './study/study-counter.ts';
export { StudyModel, type StudyModelOptions, type StudyOutcome } from './study/study-model.ts';
export { type DecisionStep, type DecisionTrace, traceDecision } from './trace/decision-trace.ts';
export type { Difference } from './trace/difference.ts';
export { breakEvenNotional, type ExpectedEdge, expectedEdge } from './trace/expected-edge.ts';
export {
  type AskedQuestion,
  type DecisionCost,
  type DecisionExplanation,
  type ExplainDecisionOptions,
  type ExplainedPlan,
  type ExplainedStep,
  explainDecision,
} from './trace/explain-decision.ts';
export { type DecisionReplay, type ReplayDecisionOptions, replayDecision } from './trace/replay-decision.ts';
export type { ChangedVersion, MissingStep, ReplayDifference } from './trace/replay-findings.ts';
export type { ReplaySources } from './trace/replay-sources.ts';
export { Vanta, type VantaOptions } from './vanta/agent.ts';
export { type StructureState, type VantaDetails, vantaDetailsSchema } from './vanta/schema.ts';
export type { Checkpointer } from './war-room/checkpointed-debate.ts';
export { type DebateLimits, debateLimits } from './war-room/debate.ts';
export type { HoldOptions, RoundOutcome } from './war-room/round-outcome.ts';
export type { Spoken, TurnFailure } from './war-room/speak.ts';
export { WarRoom, type WarRoomOptions } from './war-room/war-room.ts';
export { WarRoomService, type WarRoomServiceOptions } from './war-room/war-room-service.ts';
