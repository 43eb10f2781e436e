import * as z from 'zod';
import { priceSchema, rateSchema, sizeSchema, usdSchema } from '../decimal.ts';

/** A market, whatever the venue: `BTC-PERP`. */
export const marketIdSchema = z.string().regex(/^[A-Z0-9][A-Z0-9.:]*-PERP$/);
export type MarketId = z.infer<typeof marketIdSchema>;

/** One market at one venue: `BTC-PERP@hyperliquid`. */
export const instrumentIdSchema = z.templateLiteral([z.string(), '@', z.string()]);
export type InstrumentId = z.infer<typeof instrumentIdSchema>;

/** Joins market and venue. */
export const instrumentId = (market: MarketId, venue: string): InstrumentId => `${market}@${venue}`;
/** The market of an instrument. */
export const marketOf = (id: InstrumentId): MarketId => id.slice(0, id.lastIndexOf('@'));
/** The venue of an instrument. */
export const venueOf = (id: InstrumentId): string => id.slice(id.lastIndexOf('@') + 1);

/**
 * How a venue rounds prices. `tick`: multiples of a tick. `significant-figures`: at most `figures` significant figures and
 * at most `maxDecimals` decimals, whole numbers always allowed (Hyperliquid: 5 figures, 6 − szDecimals decimals).
 */
export const priceRuleSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('tick'), tick: priceSchema }),
  z.object({
    kind: z.literal('significant-figures'),
    figures: z.int().positive(),
    maxDecimals: z.int().nonnegative(),
  }),
]);
export type PriceRule = z.infer<typeof priceRuleSchema>;

/** One step of a venue's margin table, from a notional on. */
export const marginTierSchema = z.object({
  /** The notional from which the tier holds. The first tier starts at "0". */
  notionalFrom: usdSchema,
  maxLeverage: z.number().positive(),
  maintenanceMarginRate: rateSchema,
  /** What the maintenance margin is lowered by, so that it is continuous over tiers. */
  maintenanceDeduction: usdSchema,
});
export type MarginTier = z.infer<typeof marginTierSchema>;

export const instrumentSchema = z.object({
  id: instrumentIdSchema,
  market: marketIdSchema,
  venue: z.string(),
  base: z.string(),
  quote: z.string(),
  /** The asset that margin, PnL, fees and funding are paid in. */
  settle: z.string(),
  contract: z.enum(['linear', 'inverse']),
  /** Linear: base units per contract (sizes are always in base units, so this is the lot's origin only). Inverse: quote units per contract. */
  contractSize: sizeSchema,
  priceRule: priceRuleSchema,
  /** Sizes are multiples of this. */
  lotSize: sizeSchema,
  minSize: sizeSchema,
  minNotional: usdSchema,
  /** Lowest notional first; never empty. */
  marginTiers: z.array(marginTierSchema).min(1),
  makerFeeRate: rateSchema,
  takerFeeRate: rateSchema,
  /** The distance of two funding settlements; settlements fall on its multiples since the epoch. */
  fundingIntervalMs: z.int().positive(),
  status: z.enum(['trading', 'halted', 'settled']),
});
export type Instrument = z.infer<typeof instrumentSchema>;
