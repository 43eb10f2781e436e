import {
  type Decimal,
  type MarginMode,
  type Order,
  type OrderIntent,
  type OrderStatus,
  type OrderType,
  type RejectionCode,
  type Side,
  toPrice,
  toSize,
} from '@perpdesk/core';
import type { TradedMarket } from './traded-markets.ts';

/** An order as its venue tells of it: in the venue's names and units, its numbers as they were written. */
export interface NativeOrder {
  readonly nativeId: string;
  readonly venueOrderId: string;
  /** The venue's form of our id; undefined for an order that was given none. */
  readonly clientId: string | undefined;
  readonly side: Side;
  readonly type: OrderType;
  readonly size: Decimal;
  readonly filled: Decimal;
  readonly price: Decimal | undefined;
  readonly averagePrice: Decimal | undefined;
  readonly triggerPrice: Decimal | undefined;
  readonly timeInForce: OrderIntent['timeInForce'];
  readonly reduceOnly: boolean;
  readonly status: OrderStatus;
  /** Kept apart from ordinary orders by the venue: asked for, cancelled and amended elsewhere. */
  readonly conditional: boolean;
  /** True where the message tells of the state alone, not of type, trigger and time in force. */
  readonly partial?: boolean;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** An execution as its venue tells of it. */
export interface NativeFill {
  readonly nativeId: string;
  readonly id: string;
  readonly venueOrderId: string;
  readonly clientId: string | undefined;
  readonly side: Side;
  readonly price: Decimal;
  readonly size: Decimal;
  /** In the settlement asset; negative: a rebate. */
  readonly fee: Decimal;
  readonly maker: boolean;
  /** Undefined where the venue does not tell. */
  readonly realizedPnl: Decimal | undefined;
  readonly reason: 'order' | 'liquidation' | 'auto-deleveraging';
  readonly atMs: number;
}

/** Funding as its venue tells of it. */
export interface NativeFunding {
  readonly nativeId: string;
  /** One per payment of an account. */
  readonly id: string;
  /** In the settlement asset: above zero received, below paid. */
  readonly amount: Decimal;
  /** The market's rate: above zero longs pay. Undefined where the venue does not tell. As `size` and `price`. */
  readonly rate: Decimal | undefined;
  /** Of the position it was reckoned on, unsigned. */
  readonly size: Decimal | undefined;
  /** The price it was reckoned at. */
  readonly price: Decimal | undefined;
  readonly atMs: number;
}

/** A position as its venue tells of it; never an empty one. */
export interface NativePosition {
  readonly nativeId: string;
  /** Negative when short. */
  readonly signedSize: Decimal;
  readonly entryPrice: Decimal;
  readonly markPrice: Decimal | undefined;
  readonly leverage: Decimal;
  readonly marginMode: MarginMode;
  /** Without unrealised profit. */
  readonly margin: Decimal | undefined;
  readonly unrealizedPnl: Decimal;
  readonly liquidationPrice: Decimal | undefined;
  readonly updatedAtMs: number | undefined;
}

/** What became of one order of a request, by the venue's words. */
export type WireOutcome =
  | {
      readonly kind: 'accepted';
      readonly venueOrderId: string | undefined;
      readonly status: OrderStatus;
      readonly filled?: Decimal;
      readonly averagePrice?: Decimal;
    }
  | { readonly kind: 'rejected'; readonly code: RejectionCode; readonly message: string }
  | { readonly kind: 'unknown'; readonly reason: string };

/** What an order request carries, read from the bytes that are about to leave. In the venue's names and units. */
export interface WireOrder {
  /** What order requests call the market. */
  readonly wireId: string;
  readonly clientId: string;
  /** Undefined where the bytes do not say: changes of orders. As `type` and `reduceOnly`. */
  readonly side: Side | undefined;
  readonly type: OrderType | undefined;
  readonly size: Decimal;
  readonly price: Decimal | undefined;
  readonly triggerPrice: Decimal | undefined;
  /** Undefined where the bytes do not say: market orders and triggers of most venues. */
  readonly timeInForce: OrderIntent['timeInForce'] | undefined;
  readonly reduceOnly: boolean | undefined;
  /** True where size and prices are whole numbers of the market's smallest units. */
  readonly inSmallestUnits?: boolean;
}

/** An order in our terms. What we meant by it is known for what was sent from here, and guessed for the rest. */
export function orderOf(
  native: NativeOrder,
  market: TradedMarket,
  known: { readonly userId: string; readonly clientOrderId: string; readonly intent: OrderIntent | undefined },
): Order {
  const { instrument, unit } = market;
  const { intent } = known;
  const size = native.size.times(unit);
  const filled = native.filled.times(unit);
  const state = {
    size: toSize(size),
    venueOrderId: native.venueOrderId,
    status: native.status,
    filledSize: toSize(filled),
    ...(native.averagePrice === undefined || filled.isZero() ? {} : { averagePrice: toPrice(native.averagePrice) }),
    createdAtMs: native.createdAtMs,
    updatedAtMs: native.updatedAtMs,
  };
  if (native.partial && intent !== undefined) return { ...intent, ...state };
  const meaning = intent ?? {
    clientOrderId: known.clientOrderId,
    userId: known.userId,
    venue: instrument.venue,
    instrumentId: instrument.id,
    purpose: purposeOf(native),
    origin: 'api' as const,
  };
  const { price: _price, triggerPrice: _trigger, ...meant } = { price: undefined, triggerPrice: undefined, ...meaning };
  // A market order rests nowhere: its limit is the worst price it was given, here or by the adapter.
  const price = intent?.type === 'market' ? intent.price : native.type === 'limit' ? native.price : undefined;
  return {
    ...meant,
    side: native.side,
    type: intent?.type === 'market' ? 'market' : native.type,
    ...(price === undefined ? {} : { price: toPrice(price) }),
    ...(native.triggerPrice === undefined ? {} : { triggerPrice: toPrice(native.triggerPrice) }),
    timeInForce: intent?.timeInForce ?? native.timeInForce,
    reduceOnly: native.reduceOnly,
    ...state,
  };
}

function purposeOf({ type, reduceOnly }: NativeOrder): Order['purpose'] {
  if (!reduceOnly) return 'entry';
  return type === 'stop-market' ? 'stop-loss' : type === 'take-profit-market' ? 'take-profit' : 'exit';
}
