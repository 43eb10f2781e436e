export { approvalContract, type MakeApprovalAuthority } from './approval-contract.ts';
export { auditLogContract, type MakeAuditLog } from './audit-log-contract.ts';
export { type ClockHarness, clockContract, type MakeClock } from './clock-contract.ts';
export { type Collected, collect } from './collect.ts';
export type { ContractCase } from './contract-case.ts';
export { credentialVaultContract, type MakeCredentialVault } from './credential-vault-contract.ts';
export { type DatabaseHarness, databaseContract, type MakeDatabase } from './database-contract.ts';
export {
  type DurableEventBusHarness,
  durableEventBusContract,
  type EventBusHarness,
  eventBusContract,
  type MakeDurableEventBus,
  type MakeEventBus,
} from './event-bus-contract.ts';
export { exampleOrderIntent } from './example-order-intent.ts';
export {
  type ExecutionVenueHarness,
  executionVenueContract,
  type MakeExecutionVenue,
} from './execution-venue-contract.ts';
export { findSecrets } from './find-secrets.ts';
export {
  type LanguageModelHarness,
  type LanguageModelReply,
  languageModelContract,
  type MakeLanguageModel,
} from './language-model-contract.ts';
export { type MakeMacroSource, macroSourceContract } from './macro-source-contract.ts';
export { type MakeMarketBus, type MarketBusHarness, marketBusContract } from './market-bus-contract.ts';
export { type MakeMarketFeed, type MarketFeedHarness, marketFeedContract } from './market-feed-contract.ts';
export { type MakePredictionHistory, predictionHistoryContract } from './prediction-history-contract.ts';
export {
  type MakePredictionSource,
  type PredictionSourceHarness,
  predictionSourceContract,
} from './prediction-source-contract.ts';
export { type RecordedSpan, recordSpans } from './record-spans.ts';
export { type MakeSensingAgent, type SensingAgentHarness, sensingAgentContract } from './sensing-agent-contract.ts';
export { type MakeSeriesStore, seriesStoreContract } from './series-store-contract.ts';
export { StaticMarketView, type StaticMarketViewOptions } from './static-market-view.ts';
export { StaticPredictionHistory, type StaticPredictionHistoryOptions } from './static-prediction-history.ts';
export { type TestDatabase, type TestDatabaseKind, testDatabases } from './test-databases.ts';
export { testClock, testIds, testStartAtMs } from './test-ids.ts';
export { type MakeTimeSeriesStore, timeSeriesStoreContract } from './time-series-store-contract.ts';
export {
  type MakeWorkflowEngine,
  type WorkflowEngineCase,
  type WorkflowEngineHarness,
  workflowEngineContract,
} from './workflow-engine-contract.ts';
