import * as z from 'zod';
import { accountSchema } from '../domain/account.ts';
import { candleSchema } from '../domain/candle.ts';
import { chatMessageSchema, longestChatText } from '../domain/chat.ts';
import { guidanceSchema } from '../domain/guidance.ts';
import { instrumentIdSchema, instrumentSchema } from '../domain/instrument.ts';
import { tickerSchema } from '../domain/market-data.ts';
import { opinionSchema, opinionSourceSchema } from '../domain/opinion.ts';
import { orderSchema } from '../domain/order.ts';
import { positionSchema, protectionSchema } from '../domain/position.ts';
import { predictionDiscoverySchema } from '../domain/prediction-assessment.ts';
import { proposalSchema } from '../domain/proposal.ts';
import {
  consensusSchema,
  degradationSchema,
  roundSchema,
  standAsideReasonSchema,
  turnSchema,
} from '../domain/round.ts';
import { signalSchema } from '../domain/signal.ts';
import { timeframeSchema } from '../domain/timeframe.ts';
import { autonomySchema, tierSchema } from '../domain/user.ts';
import type { JsonValue } from '../events/json.ts';
import { tradingStateSchema } from '../ports/trading-switch.ts';
import { decisionReviewSchema } from './decision-review.ts';

/** How the desk is and what it runs on. */
export const statusSchema = z.object({
  /** `simulated`, `replay` or `live`. */
  source: z.string(),
  /** One plain sentence for people: what the data is and how fast it runs. */
  notice: z.string(),
  /** Times real time; absent where the source runs as fast as it goes. */
  speed: z.number().exactOptional(),
  /** The desk's own instant. */
  atMs: z.int(),
  /** What it trades with: simulated fills, a venue's test net, or real money. */
  money: z.enum(['paper', 'testnet', 'live']),
  tradingState: tradingStateSchema,
  user: z.object({ id: z.string(), name: z.string(), tier: tierSchema, autonomy: autonomySchema }),
  services: z.array(
    z.object({
      name: z.string(),
      status: z.enum(['healthy', 'degraded', 'failed', 'stopped']),
      detail: z.string().exactOptional(),
    }),
  ),
});
export type Status = z.infer<typeof statusSchema>;

/** A listed instrument; `reference`: its candles call its market's rounds. */
export const listedInstrumentSchema = instrumentSchema.extend({ reference: z.boolean() });
export type ListedInstrument = z.infer<typeof listedInstrumentSchema>;

/** A position with the orders that protect it. */
export const guardedPositionSchema = positionSchema.extend({ protection: protectionSchema });
export type GuardedPosition = z.infer<typeof guardedPositionSchema>;

/** A round of the War Room as the journal tells it. */
export const roundRecordSchema = z.object({
  round: roundSchema,
  traceId: z.string(),
  atMs: z.int(),
  turns: z.array(turnSchema),
  /** Absent while it runs. */
  outcome: z.enum(['published', 'stood-aside']).exactOptional(),
  reason: standAsideReasonSchema.exactOptional(),
  consensus: consensusSchema.exactOptional(),
  recommendationId: z.string().exactOptional(),
  /** Who fell back or was spoken for; absent where all worked as meant. */
  degraded: z.array(degradationSchema).exactOptional(),
});
export type RoundRecord = z.infer<typeof roundRecordSchema>;

/** A signal that waits for its user's answer. */
export const approvalSchema = z.object({
  signal: signalSchema,
  guidance: guidanceSchema,
  /** Named when approving: it binds what is sent. */
  contentHash: z.string(),
  expiresAtMs: z.int(),
});
export type Approval = z.infer<typeof approvalSchema>;

/** A conversation with the desk, without what was said in it. */
export const conversationSchema = z.object({ id: z.string(), startedAtMs: z.int(), lastAtMs: z.int() });
export type ConversationSummary = z.infer<typeof conversationSchema>;

const trackRecordSchema = z.object({
  /** Opinions scored, older ones counted less. */
  scored: z.number().nonnegative(),
  /** Brier skill against the base rate: above 0 it knew more than that. */
  skill: z.number(),
  /** Share of opinions whose direction came true, in [0, 1]. */
  hitRate: z.number().min(0).max(1),
});

/** How well an agent did so far, four bars on; `bySource`: what its rules and its models did apart, where they spoke. */
export const agentRecordSchema = trackRecordSchema.extend({
  agent: z.string(),
  bySource: z.partialRecord(opinionSourceSchema, trackRecordSchema),
});
export type AgentRecord = z.infer<typeof agentRecordSchema>;

/** What models cost on a day, what questions under way may take included. */
export const modelSpendingSchema = z.object({
  /** UTC: `2026-11-26`. */
  day: z.string(),
  calls: z.int().nonnegative(),
  /** Of the calls, those without a usable answer. */
  failedCalls: z.int().nonnegative(),
  inputTokens: z.number().nonnegative(),
  outputTokens: z.number().nonnegative(),
  /** Dollars, as far as prices are known. */
  usd: z.number().nonnegative(),
  modelMs: z.number().nonnegative(),
});
export type ModelSpending = z.infer<typeof modelSpendingSchema>;

/** JSON as it came off the wire: it is parsed already, so only its presence is checked. */
const jsonValueSchema = z.custom<JsonValue>((value) => value !== undefined, 'is missing');

/** An event of the journal with its position. The payload is by type; see DomainEventMap. */
export const journalEventSchema = z.object({
  position: z.int(),
  event: z.object({
    id: z.string(),
    type: z.string(),
    version: z.literal(1),
    atMs: z.int(),
    key: z.string(),
    userId: z.string().exactOptional(),
    traceId: z.string(),
    causationId: z.string().exactOptional(),
    payload: jsonValueSchema,
  }),
});
export type JournalEvent = z.infer<typeof journalEventSchema>;

/** What one frame of the stream says of the market since the last frame: the newest ticker of each instrument, the newest state of each bar. */
export const marketFrameSchema = z.object({
  atMs: z.int(),
  tickers: z.array(tickerSchema),
  /** Forming bars, and the last state of those that closed since the last frame; the bars of a series oldest first. */
  candles: z.array(candleSchema),
});
export type MarketFrame = z.infer<typeof marketFrameSchema>;

/** RFC 9457 problem details, with the stable code of the error. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string(),
});
export type Problem = z.infer<typeof problemSchema>;

const limit = (maximum: number, fallback: number) =>
  z.coerce.number<number>().int().min(1).max(maximum).default(fallback);

export const candleQuerySchema = z.object({
  instrumentId: instrumentIdSchema,
  timeframe: timeframeSchema,
  limit: limit(1500, 500),
});
export type CandleQuery = z.input<typeof candleQuerySchema>;
export const roundsQuerySchema = z.object({ limit: limit(200, 30) });
/** Newest first; `after`: only events after this position of the journal. */
export const eventsQuerySchema = z.object({
  after: z.coerce.number<number>().int().nonnegative().default(0),
  limit: limit(500, 100),
});
/** The last messages of a conversation. */
export const conversationQuerySchema = z.object({ id: z.string().min(1).max(100), limit: limit(200, 50) });
/** All events that one candle or command led to, oldest first. */
export const traceQuerySchema = z.object({ id: z.string().min(1).max(300) });

// Strict: a misspelt `fraction` must not close the whole position.
export const approveRequestSchema = z.strictObject({ contentHash: z.string().regex(/^[0-9a-f]{64}$/) });
export const declineRequestSchema = z.strictObject({ reason: z.string().max(300) });
export const closeRequestSchema = z.strictObject({
  venue: z.string().min(1),
  instrumentId: instrumentIdSchema,
  fraction: z.number().gt(0).lte(1).default(1),
});
export type CloseRequest = z.input<typeof closeRequestSchema>;
export const haltRequestSchema = z.strictObject({ reason: z.string().max(300) });
export const flattenRequestSchema = z.strictObject({});
export const forgetRequestSchema = z.strictObject({});

/** What an act came to. */
export const actResultSchema = z.object({ outcome: z.string(), detail: z.string().exactOptional() });
export type ActResult = z.infer<typeof actResultSchema>;

/** The POST routes below `/api` and the body that each needs. All answer an ActResult. */
export const actRoutes = {
  '/approvals/{signalId}/approve': approveRequestSchema,
  '/approvals/{signalId}/decline': declineRequestSchema,
  '/positions/close': closeRequestSchema,
  '/kill-switch': haltRequestSchema,
  '/flatten': flattenRequestSchema,
  '/chat/forget': forgetRequestSchema,
} as const;
export type ActRoute = keyof typeof actRoutes;

/** A question to the desk; without a conversation a new one is begun. Strict: who asks is not for a body to say. */
export const askRequestSchema = z.strictObject({
  conversationId: z.string().min(1).max(100).exactOptional(),
  text: z.string().min(1).max(longestChatText),
});
export type AskRequest = z.input<typeof askRequestSchema>;
export const declineProposalRequestSchema = z.strictObject({ reason: z.string().max(300).exactOptional() });

/** The POST routes below `/api` that answer with more than what an act came to: the body each needs, and the answer. */
export const answeredRoutes = {
  '/chat': { body: askRequestSchema, answer: chatMessageSchema },
  '/proposals/{proposalId}/approve': { body: approveRequestSchema, answer: proposalSchema },
  '/proposals/{proposalId}/decline': { body: declineProposalRequestSchema, answer: proposalSchema },
} as const;
export type AnsweredRoute = keyof typeof answeredRoutes;

/** The GET routes and what they answer, all below `/api`. */
export const snapshotRoutes = {
  '/status': statusSchema,
  '/instruments': z.array(listedInstrumentSchema),
  '/candles': z.array(candleSchema),
  '/tickers': z.array(tickerSchema),
  '/opinions': z.array(opinionSchema),
  '/rounds': z.array(roundRecordSchema),
  '/positions': z.array(guardedPositionSchema),
  '/orders': z.array(orderSchema),
  '/accounts': z.array(accountSchema),
  '/approvals': z.array(approvalSchema),
  '/conversations': z.array(conversationSchema),
  '/conversation': z.array(chatMessageSchema),
  '/proposals': z.array(proposalSchema),
  '/predictions': z.array(predictionDiscoverySchema),
  '/track-records': z.array(agentRecordSchema),
  '/model-spend': modelSpendingSchema,
  '/events': z.array(journalEventSchema),
  '/trace': z.array(journalEventSchema),
  '/decision': decisionReviewSchema,
} as const;
export type SnapshotRoute = keyof typeof snapshotRoutes;
export type Snapshot<Route extends SnapshotRoute> = z.infer<(typeof snapshotRoutes)[Route]>;

/** The queries of the snapshot routes that take one. */
export const snapshotQueries = {
  '/candles': candleQuerySchema,
  '/rounds': roundsQuerySchema,
  '/conversation': conversationQuerySchema,
  '/events': eventsQuerySchema,
  '/trace': traceQuerySchema,
  '/decision': traceQuerySchema,
} as const;
/** The query of a snapshot route; nothing where it takes none. */
export type SnapshotQuery<Route extends SnapshotRoute> = Route extends keyof typeof snapshotQueries
  ? z.input<(typeof snapshotQueries)[Route]>
  : Readonly<Record<string, never>>;
/** The snapshot routes that answer nothing without a query. */
export type QueriedRoute = '/candles' | '/conversation' | '/trace' | '/decision';

/**
 * The event names of the one SSE stream, `/api/stream`. `journal` carries a JournalEvent whose position is the SSE id, so
 * that `Last-Event-ID` goes on without loss; `market` a conflated MarketFrame; `status` a Status; `resync` says that the id
 * is too old: fetch the snapshots again.
 */
export const streamEvents = ['journal', 'market', 'status', 'resync'] as const;
