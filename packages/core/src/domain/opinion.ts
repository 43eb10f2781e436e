import * as z from 'zod';
import { instrumentIdSchema, marketIdSchema } from './instrument.ts';
import { timeframeSchema } from './timeframe.ts';

/** The three agents that sense the market for a debate. Builders add more under names of their own. */
export const sensingAgents = ['vanta', 'luma', 'meridian'] as const;

export const directionSchema = z.enum(['long', 'short', 'neutral']);
export type Direction = z.infer<typeof directionSchema>;

/** A direction that is traded. */
export const tradeDirectionSchema = z.enum(['long', 'short']);
export type TradeDirection = z.infer<typeof tradeDirectionSchema>;

/** Who made an opinion: a model, or the agent's own rules. */
export const opinionSourceSchema = z.enum(['model', 'rules']);
export type OpinionSource = z.infer<typeof opinionSourceSchema>;

/** A number an opinion rests on, by the name of the computed feature. */
export const evidenceSchema = z.object({ feature: z.string(), value: z.number() });
export type Evidence = z.infer<typeof evidenceSchema>;

/** A price at which behaviour is expected to change. `strength` in [0, 1]: touches, age and volume. */
export const keyLevelSchema = z.object({
  kind: z.enum(['support', 'resistance']),
  price: z.number().positive(),
  strength: z.number().min(0).max(1),
});
export type KeyLevel = z.infer<typeof keyLevelSchema>;

export const regimeSchema = z.enum(['trending', 'ranging', 'volatile', 'quiet', 'transitioning']);
export type Regime = z.infer<typeof regimeSchema>;

/** What an agent's rules made of the data that its model judged. */
export const ruledSchema = z.object({
  direction: directionSchema,
  score: z.number().min(-100).max(100),
  confidence: z.number().min(0).max(1),
});
export type Ruled = z.infer<typeof ruledSchema>;

/** One agent's independent view of a market. */
export const opinionSchema = z.object({
  /** `opinion:<agent>:<market>:<atMs>`: one per agent, market and trigger. */
  id: z.string(),
  agent: z.string(),
  market: marketIdSchema,
  instrumentId: instrumentIdSchema,
  timeframe: timeframeSchema,
  /** The close of the candle (or the release) it was made on. */
  atMs: z.int(),
  /** Its usual distance to the next one; older than twice this it is stale, than four times missing. */
  refreshMs: z.int().positive(),
  direction: directionSchema,
  /** −100 (bearish) to +100 (bullish), rescaled to the components whose data is there. */
  score: z.number().min(-100).max(100),
  confidence: z.number().min(0).max(1),
  /** The share of its components whose data is there. */
  completeness: z.number().min(0).max(1),
  source: opinionSourceSchema,
  /** Where a model made it: what the rules would have said, so that the two are scored side by side. */
  ruled: ruledSchema.exactOptional(),
  regime: regimeSchema.exactOptional(),
  keyLevels: z.array(keyLevelSchema),
  evidence: z.array(evidenceSchema),
  reasoning: z.string().max(2000),
  /** What only this agent says (Luma's components, Meridian's catalysts, …), by the agent's own schema. */
  details: z.record(z.string(), z.json()),
});
export type Opinion = z.infer<typeof opinionSchema>;
