import {
  closeReasonSchema,
  compare,
  Decimal,
  decimal,
  type Fill,
  type FundingPayment,
  instrumentIdSchema,
  isZero,
  minimum,
  minus,
  notional,
  type Order,
  type Position,
  type Price,
  plus,
  positionSchema,
  type Size,
  sizeSchema,
  toPrice,
  toSize,
  toUsd,
  usdSchema,
  zeroSize,
  zeroUsd,
} from '@perpdesk/core';
import * as z from 'zod';

const tradeShareSchema = z.object({ tradeId: z.string(), size: sizeSchema });

/** What is kept about an open position beside what the venue says: what it is made of and what it has cost. */
export const heldPositionSchema = z.object({
  instrumentId: instrumentIdSchema,
  /** Its number among the positions of its account, from 1. */
  number: z.int().positive(),
  /** How often its change was told. */
  revision: z.int(),
  /** As the venue last told it; reckoned from fills until it has (`opened` is false). */
  position: positionSchema,
  /** Whether the desk was told that it opened. */
  opened: z.boolean(),
  /** Its size by fills. */
  size: sizeSchema,
  /** Σ price·size of what is held, exact: an average price would have been rounded by its division. */
  cost: usdSchema,
  /** The trades whose entries it is made of, in the order they entered. */
  trades: z.array(tradeShareSchema),
  traceId: z.string().exactOptional(),
  realizedPnl: usdSchema,
  fees: usdSchema,
  funding: usdSchema,
  /** Fills that lessened it: how much, and Σ price·size of it. */
  exitSize: sizeSchema,
  exitValue: usdSchema,
  /** The instant of the newest of them. */
  lessenedAtMs: z.int().exactOptional(),
  /** The last of them. */
  lastReason: z.enum(['order', 'liquidation', 'auto-deleveraging']).exactOptional(),
  lastPurpose: z.enum(['entry', 'stop-loss', 'take-profit', 'exit']).exactOptional(),
  lastOrigin: z.string().exactOptional(),
  lastCloseReason: closeReasonSchema.exactOptional(),
});
export type HeldPosition = z.infer<typeof heldPositionSchema>;

/** What is known of the order behind a fill. */
export type FilledOrder = Pick<
  Order,
  'purpose' | 'origin' | 'closeReason' | 'tradeId' | 'traceId' | 'leverage' | 'marginMode' | 'reduceOnly'
>;

const nothingBooked = {
  revision: 0,
  trades: [],
  realizedPnl: zeroUsd,
  fees: zeroUsd,
  funding: zeroUsd,
  exitSize: zeroSize,
  exitValue: zeroUsd,
} as const;

/** A position that the venue tells of and no fill explains. */
export const adoptedPosition = (position: Position, number: number): HeldPosition => ({
  ...nothingBooked,
  trades: [],
  instrumentId: position.instrumentId,
  number,
  position,
  opened: false,
  size: position.size,
  cost: notional(position.entryPrice, position.size),
});

/** A position that a fill begins, before the venue has told of it. */
export function begunPosition(fill: Fill, order: FilledOrder | undefined, number: number): HeldPosition {
  const position: Position = {
    userId: fill.userId,
    venue: fill.venue,
    instrumentId: fill.instrumentId,
    direction: fill.side === 'buy' ? 'long' : 'short',
    size: zeroSize,
    entryPrice: fill.price,
    markPrice: fill.price,
    leverage: order?.leverage ?? 1,
    marginMode: order?.marginMode ?? 'isolated',
    margin: zeroUsd,
    unrealizedPnl: zeroUsd,
    realizedPnl: zeroUsd,
    openedAtMs: fill.atMs,
    updatedAtMs: fill.atMs,
  };
  const begun = { ...adoptedPosition(position, number), size: zeroSize, cost: zeroUsd };
  return bookFill(begun, fill, order);
}

/** Books a fill: fees always; cost and share of its trade when it adds; realised profit and the exit when it lessens. */
export function bookFill(held: HeldPosition, fill: Fill, order: FilledOrder | undefined): HeldPosition {
  const booked = addsTo(held, fill) ? added(held, fill, order) : lessened(held, fill, order);
  const traceId = held.traceId ?? order?.traceId;
  const next = {
    ...booked,
    fees: plus(held.fees, fill.fee),
    ...(traceId === undefined ? {} : { traceId }),
  };
  return held.opened ? next : { ...next, position: reckoned(next, fill) };
}

/** How much of a fill lessens a position: no more than is left of it by fills. */
export const lessenedBy = (held: HeldPosition, fill: Fill): Size =>
  addsTo(held, fill) ? zeroSize : minimum(held.size, fill.size);

/**
 * The two parts of a fill that turns a position round, which some venues tell as one: what closes it has all the profit, what opens the
 * other way none, the fee goes by size. Undefined of any other: only an entry's can, and only where something is left to close.
 */
export function turnedBy(
  fill: Fill,
  order: FilledOrder | undefined,
  lessened: Size,
): { readonly closing: Fill; readonly opening: Fill } | undefined {
  if (order?.purpose !== 'entry' || isZero(lessened) || compare(lessened, fill.size) >= 0) return undefined;
  const share = new Decimal(lessened).dividedBy(fill.size);
  const fee = toUsd(new Decimal(fill.fee).times(share).toDecimalPlaces(feeDecimals));
  return {
    closing: { ...fill, size: lessened, fee },
    opening: { ...fill, size: minus(fill.size, lessened), fee: minus(fill.fee, fee), realizedPnl: zeroUsd },
  };
}

/** Fees are divided to so many decimals; the second part has the rest, so that both add up to what was charged. */
const feeDecimals = 8;

const addsTo = ({ position }: HeldPosition, { side }: Fill): boolean =>
  (position.direction === 'long') === (side === 'buy');

function added(held: HeldPosition, fill: Fill, order: FilledOrder | undefined): HeldPosition {
  const tradeId = order?.purpose === 'entry' ? order.tradeId : undefined;
  const known = held.trades.find((trade) => trade.tradeId === tradeId);
  const others = held.trades.filter((trade) => trade.tradeId !== tradeId);
  const share = tradeId === undefined ? undefined : { tradeId, size: plus(known?.size ?? zeroSize, fill.size) };
  return {
    ...held,
    size: plus(held.size, fill.size),
    cost: plus(held.cost, notional(fill.price, fill.size)),
    // A trade keeps its place: it has the one order for ever.
    trades:
      share === undefined
        ? held.trades
        : known === undefined
          ? [...others, share]
          : held.trades.map((trade) => (trade.tradeId === share.tradeId ? share : trade)),
  };
}

function lessened(held: HeldPosition, fill: Fill, order: FilledOrder | undefined): HeldPosition {
  const value = notional(fill.price, fill.size);
  // What the venue took as the cost of this part, its rounding included: so that the rest is the exact rest.
  const released = held.position.direction === 'long' ? minus(value, fill.realizedPnl) : plus(value, fill.realizedPnl);
  const left = new Decimal(held.size).minus(fill.size);
  const gone = left.lessThanOrEqualTo(0);
  const { lastCloseReason: _, ...rest } = held;
  return {
    ...rest,
    size: gone ? zeroSize : toSize(left),
    cost: gone ? zeroUsd : minus(held.cost, released),
    realizedPnl: plus(held.realizedPnl, fill.realizedPnl),
    exitSize: plus(held.exitSize, fill.size),
    exitValue: plus(held.exitValue, value),
    lessenedAtMs: Math.max(fill.atMs, held.lessenedAtMs ?? 0),
    lastReason: fill.reason,
    ...(order === undefined ? {} : { lastPurpose: order.purpose, lastOrigin: order.origin }),
    ...(order?.closeReason === undefined ? {} : { lastCloseReason: order.closeReason }),
  };
}

/** The position as fills alone say it stands; as it last stood when they have closed it. */
function reckoned(held: HeldPosition, fill: Fill): Position {
  const { position } = held;
  const size = new Decimal(held.size);
  if (size.isZero()) return { ...position, markPrice: fill.price, updatedAtMs: fill.atMs };
  const cost = new Decimal(held.cost);
  return {
    ...position,
    size: held.size,
    entryPrice: averagePrice(cost, size),
    markPrice: fill.price,
    margin: toUsd(cost.dividedBy(position.leverage).toDecimalPlaces(8, Decimal.ROUND_UP)),
    realizedPnl: held.realizedPnl,
    updatedAtMs: fill.atMs,
  };
}

/** True while fills of after the venue's word on a position have made it smaller than that says. */
export const isAheadOfWord = ({ lessenedAtMs = 0, opened, position, size }: HeldPosition): boolean =>
  size !== position.size && compare(size, position.size) < 0 && (!opened || lessenedAtMs > position.updatedAtMs);

/** Takes over what the venue says a position is. Where fills say otherwise, some were not heard of: the venue is right. */
export function toldPosition(held: HeldPosition, position: Position): HeldPosition {
  const entryCost = decimal(position.entryPrice).times(decimal(position.size));
  const explained =
    compare(held.size, position.size) === 0 &&
    entryCost.minus(decimal(held.cost)).abs().lessThanOrEqualTo(entryCost.times(costTolerance));
  return explained ? { ...held, position } : { ...held, position, size: position.size, cost: toUsd(entryCost) };
}

/** How far the cost by fills may lie from the venue's entry price, which is rounded, and still be that price's cost. */
const costTolerance = 1e-6;

/** Books funding. */
export const bookFunding = (held: HeldPosition, payment: FundingPayment): HeldPosition => ({
  ...held,
  funding: plus(held.funding, payment.amount),
});

/** An average for people to read: rounded, never booked. */
export const averagePrice = (value: Decimal, size: Decimal): Price =>
  toPrice(value.dividedBy(size).toSignificantDigits(15));
