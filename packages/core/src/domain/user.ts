import * as z from 'zod';
import { rateSchema, usdSchema } from '../decimal.ts';
import { exitRulesSchema } from './exit-rules.ts';
import { userPoliciesSchema } from './user-policies.ts';

export const tierSchema = z.enum(['beginner', 'intermediate', 'advanced']);
export type Tier = z.infer<typeof tierSchema>;

/** monitor: log only. suggest: propose and wait. auto-bounded: act inside the user's limits. full-auto: act, still inside Brix. */
export const autonomySchema = z.enum(['monitor', 'suggest', 'auto-bounded', 'full-auto']);
export type Autonomy = z.infer<typeof autonomySchema>;

export const entryStyleSchema = z.enum(['sniper', 'ladder', 'market']);
export type EntryStyle = z.infer<typeof entryStyleSchema>;

export const marginModeSchema = z.enum(['isolated', 'cross']);
export type MarginMode = z.infer<typeof marginModeSchema>;

/** Limits of one user; each overrides the tier's default. Rates are fractions of equity (daily loss: of day-open equity). */
export const riskLimitsSchema = z.object({
  maxLeverage: z.number().positive(),
  riskPerTrade: rateSchema,
  maxPositionMargin: rateSchema,
  maxTotalMargin: rateSchema,
  maxOpenPositions: z.int().positive(),
  dailyLoss: rateSchema,
  marginMode: marginModeSchema,
  maxPortfolioRisk: rateSchema,
  /** Notional of the first filled trade per venue kind over equity; absent: no cap. */
  firstTradeNotional: rateSchema.exactOptional(),
  /** Largest notional of one order. */
  maxOrderNotional: usdSchema.exactOptional(),
  /** Notional at one venue, open, resting and pending; absent: no cap. */
  maxVenueNotional: usdSchema.exactOptional(),
  /** Loss since the user's week began (Monday, their time zone) over equity then; absent: no limit. */
  weeklyLoss: rateSchema.exactOptional(),
  /** Loss from the highest equity so far over that equity, transfers excluded; absent: no limit. */
  maxDrawdown: rateSchema.exactOptional(),
  /** So many losing trades in a row, then no new risk for `coolingOffMs`; absent: no limit. */
  maxLossesInRow: z.int().positive().exactOptional(),
  /** How long after the last of them. Default 1 hour. */
  coolingOffMs: z.int().positive().exactOptional(),
});
export type RiskLimits = z.infer<typeof riskLimitsSchema>;

/** What bounds acting without a human, on `auto-bounded`. */
export const autonomyBoundsSchema = z.object({
  maxNotional: usdSchema,
  minConfidence: z.number().min(0).max(1),
  maxTradesPerDay: z.int().nonnegative(),
});
export type AutonomyBounds = z.infer<typeof autonomyBoundsSchema>;

export const userSchema = z.object({
  id: z.string().min(1).max(64),
  name: z.string().max(100),
  active: z.boolean(),
  tier: tierSchema,
  autonomy: autonomySchema,
  /** By agent: it acts for the user at the stricter of this and `autonomy`. See `autonomyOf`. */
  agentAutonomy: z.record(z.string().min(1).max(64), autonomySchema).exactOptional(),
  bounds: autonomyBoundsSchema,
  limits: riskLimitsSchema.partial(),
  /** IANA name; the daily loss limit's day starts at its midnight. Default UTC. */
  timeZone: z.string(),
  /** Venues in order of preference; none: paper. */
  venues: z.array(z.string()),
  entryPreference: entryStyleSchema,
  aggression: z.enum(['passive', 'balanced', 'aggressive']),
  pyramiding: z.boolean(),
  flattenOnDailyLoss: z.boolean(),
  /** When the guard ends or tightens the user's positions beside their stops and targets. */
  exits: exitRulesSchema.exactOptional(),
  /** Weights by agent for personal scoring; absent: no re-scoring. */
  strategyProfile: z.record(z.string(), z.number().nonnegative()).exactOptional(),
  /** What keeps automatic entries back; absent: nothing beside autonomy and limits. */
  policies: userPoliciesSchema.exactOptional(),
});
export type User = z.infer<typeof userSchema>;
