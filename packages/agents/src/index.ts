// The one barrel of @perpdesk/agents: the sensing agents, Koda, and what runs them.

export { confidenceOf, directionOf, type Score, scoreOf } from './analyst/score.ts';
export type { Sensitivity } from './analyst/sensitivity.ts';
export { calibrationFactor } from './consensus/calibration-factor.ts';
export { type Freshness, freshness } from './consensus/freshness.ts';
export { type ConsensusRules, consensusRules, reachConsensus, type Seat } from './consensus/reach-consensus.ts';
export { type EntrySettings, Koda, type KodaOptions } from './koda/koda.ts';
export { KodaService, type KodaServiceOptions } from './koda/koda-service.ts';
export { Luma, type LumaOptions } from './luma/agent.ts';
export { type LumaDetails, type LumaLabel, lumaDetailsSchema } from './luma/schema.ts';
export { type LumaSettings, lumaSettings } from './luma/settings.ts';
export { Meridian, type MeridianOptions } from './meridian/agent.ts';
export { type MeridianDetails, meridianDetailsSchema } from './meridian/schema.ts';
export { type MeridianSettings, meridianSettings } from './meridian/settings.ts';
export {
  ScriptedModel,
  type ScriptedModelOptions,
  type ScriptedQuestion,
} from './model/scripted-model.ts';
export { chooseScaling, classifyArchetype, rivenFeatures } from './riven/classify.ts';
export { type LevelRules, levelRules, type PlannedLevels, planLevels } from './riven/plan-levels.ts';
export { type PlanRequest, Riven, type RivenOptions } from './riven/riven.ts';
export { AgentService, type AgentServiceOptions } from './service/agent-service.ts';
export { type DecisionStep, type DecisionTrace, traceDecision } from './trace/decision-trace.ts';
export { Vanta, type VantaOptions } from './vanta/agent.ts';
export { type StructureState, type VantaDetails, vantaDetailsSchema } from './vanta/schema.ts';
export { type DebateLimits, debateLimits } from './war-room/debate.ts';
export type { Spoken } from './war-room/speak.ts';
export { type RoundOutcome, WarRoom, type WarRoomOptions } from './war-room/war-room.ts';
export { WarRoomService, type WarRoomServiceOptions } from './war-room/war-room-service.ts';
