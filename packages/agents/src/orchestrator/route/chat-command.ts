import { autonomySchema, entryStyleSchema, sideSchema, tradeDirectionSchema } from '@perpdesk/core';
import * as z from 'zod';

/** A positive number as plain digits: what stood in the user's text, nothing reckoned. */
const digits = z.string().regex(/^\d{1,15}(?:\.\d{1,15})?$/);
const percent = z.string().regex(/^\d{1,3}(?:\.\d{1,6})?$/);
const market = z.string().regex(/^[A-Z0-9][A-Z0-9.:]{0,38}-PERP$/);
const name = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/);

/** The limits that a chat may propose to change. */
export const chatLimits = [
  'maxLeverage',
  'riskPerTrade',
  'maxPositionMargin',
  'maxTotalMargin',
  'maxOpenPositions',
  'dailyLoss',
  'maxPortfolioRisk',
  'maxOrderNotional',
  'weeklyLoss',
  'maxDrawdown',
  'maxLossesInRow',
] as const;
/** One of {@link chatLimits}. */
export type ChatLimit = (typeof chatLimits)[number];

/**
 * An action in the user's own words: only what was said, null for what was not. It does nothing and is not yet a proposal: `draftAction` holds it
 * against the desk's state and asks for what is missing.
 */
export const chatCommandSchema = z.union([
  z.strictObject({
    kind: z.literal('place-order'),
    market: market.nullable(),
    side: sideSchema.nullable(),
    type: z.enum(['market', 'limit']).nullable(),
    /** In base units. */
    size: digits.nullable(),
    /** A size in dollars, which has to be said in base units. */
    dollars: digits.nullable(),
    price: digits.nullable(),
    stopLoss: digits.nullable(),
    /** `percent` of the position leaves there. */
    takeProfits: z.array(z.strictObject({ price: digits, percent: percent.nullable() })).max(4),
    venue: name.nullable(),
    /** `5x`. */
    leverage: digits.nullable(),
  }),
  z.strictObject({
    kind: z.literal('close-position'),
    market: market.nullable(),
    direction: tradeDirectionSchema.nullable(),
    /** Of the position, in (0, 100]. */
    percent: percent.nullable(),
    venue: name.nullable(),
  }),
  z.strictObject({
    kind: z.literal('cancel-order'),
    /** A client order id or how it begins. */
    order: z
      .string()
      .regex(/^[0-9a-f]{8,32}$/)
      .nullable(),
    market: market.nullable(),
  }),
  z.strictObject({ kind: z.literal('pause-entries') }),
  z.strictObject({ kind: z.literal('resume-entries') }),
  z.strictObject({ kind: z.literal('set-autonomy'), agent: name.nullable(), autonomy: autonomySchema.nullable() }),
  z.strictObject({
    kind: z.literal('set-limits'),
    limit: z.enum(chatLimits),
    value: digits.nullable(),
    unit: z.enum(['percent', 'plain']),
  }),
  z.strictObject({
    kind: z.literal('set-preferences'),
    entryPreference: entryStyleSchema.nullable(),
    aggression: z.enum(['passive', 'balanced', 'aggressive']).nullable(),
  }),
]);
/** See {@link chatCommandSchema}. */
export type ChatCommand = z.infer<typeof chatCommandSchema>;
/** A command of one kind. */
export type CommandOf<Kind extends ChatCommand['kind']> = Extract<ChatCommand, { readonly kind: Kind }>;
