import {
  averageEntry,
  type CloseReason,
  type Fill,
  type FundingPayment,
  type Order,
  type OrderPurpose,
  type Position,
  type Price,
  plus,
  positionSchema,
  priceSchema,
  sizeSchema,
  type Usd,
  usdSchema,
  zeroUsd,
} from '@perpdesk/core';
import * as z from 'zod';

/** What is kept about an open position beside what the venue says: what it has cost and where it was left. */
export const heldPositionSchema = z.object({
  position: positionSchema,
  tradeId: z.string().exactOptional(),
  traceId: z.string().exactOptional(),
  realizedPnl: usdSchema,
  fees: usdSchema,
  funding: usdSchema,
  /** Fills that lessened it. */
  exits: z.array(z.object({ price: priceSchema, size: sizeSchema })),
  lastReason: z.enum(['order', 'liquidation', 'auto-deleveraging']).exactOptional(),
  lastPurpose: z.enum(['entry', 'stop-loss', 'take-profit', 'exit']).exactOptional(),
  lastOrigin: z.string().exactOptional(),
});
export type HeldPosition = z.infer<typeof heldPositionSchema>;

/** A position as it begins. */
export const newlyHeld = (position: Position): HeldPosition => ({
  position,
  realizedPnl: zeroUsd,
  fees: zeroUsd,
  funding: zeroUsd,
  exits: [],
});

/** Books a fill: fees always; realised profit and the exit price when it lessened the position. */
export function bookFill(
  held: HeldPosition,
  fill: Fill,
  order: Pick<Order, 'purpose' | 'origin' | 'tradeId' | 'traceId'> | undefined,
): HeldPosition {
  const opens = (held.position.direction === 'long') === (fill.side === 'buy');
  const tradeId = held.tradeId ?? order?.tradeId;
  const traceId = held.traceId ?? order?.traceId;
  return {
    ...held,
    ...(tradeId === undefined ? {} : { tradeId }),
    ...(traceId === undefined ? {} : { traceId }),
    fees: plus(held.fees, fill.fee),
    realizedPnl: plus(held.realizedPnl, fill.realizedPnl),
    ...(opens
      ? {}
      : {
          exits: [...held.exits, { price: fill.price, size: fill.size }],
          lastReason: fill.reason,
          ...(order === undefined ? {} : { lastPurpose: order.purpose, lastOrigin: order.origin }),
        }),
  };
}

/** Books funding. */
export const bookFunding = (held: HeldPosition, payment: FundingPayment): HeldPosition => ({
  ...held,
  funding: plus(held.funding, payment.amount),
});

/** Why a position that is gone has ended, by its last exit. */
export function closeReason(held: HeldPosition): CloseReason {
  if (held.lastReason === 'liquidation' || held.lastReason === 'auto-deleveraging') return held.lastReason;
  const byPurpose: Partial<Record<OrderPurpose, CloseReason>> = {
    'stop-loss': 'stop-loss',
    'take-profit': 'take-profit',
  };
  const known = held.lastPurpose === undefined ? undefined : byPurpose[held.lastPurpose];
  if (known !== undefined) return known;
  if (held.lastPurpose === undefined) return 'closed-elsewhere';
  return held.lastOrigin === 'kill-switch' ? 'kill-switch' : held.lastOrigin === 'guard' ? 'unprotected' : 'manual';
}

/** The average price of the exits; the mark where none is known. */
export const exitPrice = (held: HeldPosition): Price =>
  held.exits.length === 0 ? held.position.markPrice : averageEntry(held.exits);

/** Profit and costs of a position that is gone. */
export const settled = (
  held: HeldPosition,
): { readonly realizedPnl: Usd; readonly fees: Usd; readonly funding: Usd } => ({
  realizedPnl: held.realizedPnl,
  fees: held.fees,
  funding: held.funding,
});
