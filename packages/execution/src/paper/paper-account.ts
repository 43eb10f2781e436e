import {
  Decimal,
  decimal,
  type InstrumentId,
  isFinal,
  type MarginMode,
  type Order,
  type TradeDirection,
} from '@perpdesk/core';
import { unrealizedPnlOf } from '../matching/unrealized-pnl-of.ts';

/** A position in the paper ledger. Immutable, exact decimals. */
export interface PaperPosition {
  readonly instrumentId: InstrumentId;
  readonly direction: TradeDirection;
  readonly size: Decimal;
  /** Σ price·size of what is held. Kept instead of an average price, which a division would have rounded. */
  readonly cost: Decimal;
  /** Initial margin held; funding adds to and takes from that of an isolated position. */
  readonly margin: Decimal;
  readonly leverage: number;
  readonly marginMode: MarginMode;
  /** Since it was opened, before fees and funding. */
  readonly realizedPnl: Decimal;
  readonly openedAtMs: number;
  readonly updatedAtMs: number;
  /** The last funding instant that was paid for; at first when it was opened. */
  readonly fundedThroughMs: number;
}

/** An order in the paper ledger, with what only the venue knows. Immutable. */
export interface PaperOrder {
  readonly order: Order;
  /** Its place among the account's orders: earlier first. */
  readonly sequence: number;
  /** When it began to be as it is: placed, arrived after the latency, or amended. Bars that opened before do not touch it. */
  readonly sinceMs: number;
  /** When a cancellation that is on its way arrives. */
  readonly cancelAtMs?: number;
  /** False until it has been matched for the first time. */
  readonly active: boolean;
  /** A stop or take profit whose trigger was met and whose rest waits for liquidity. */
  readonly triggered: boolean;
  /** Σ price·size of its fills. */
  readonly filledValue: Decimal;
}

/** What an account has taken from a book that has not changed since. */
export interface TakenDepth {
  readonly book: object;
  readonly buy: Decimal;
  readonly sell: Decimal;
}

/** One user's account in the paper ledger. Immutable; every change gives another. */
export interface PaperAccount {
  readonly userId: string;
  readonly deposits: Decimal;
  readonly realizedPnl: Decimal;
  readonly fees: Decimal;
  readonly funding: Decimal;
  /** Counts orders, fills and liquidations: their ids derive from it. */
  readonly sequence: number;
  /** Counts committed changes. */
  readonly version: number;
  readonly positions: ReadonlyMap<InstrumentId, PaperPosition>;
  /** Open orders by client order id, in the order they were placed. */
  readonly orders: ReadonlyMap<string, PaperOrder>;
  /** Not kept over a restart. */
  readonly taken: ReadonlyMap<InstrumentId, TakenDepth>;
}

const zero = new Decimal(0);

/** An account as it begins. */
export const openPaperAccount = (userId: string, deposits: Decimal): PaperAccount => ({
  userId,
  deposits,
  realizedPnl: zero,
  fees: zero,
  funding: zero,
  sequence: 0,
  version: 0,
  positions: new Map(),
  orders: new Map(),
  taken: new Map(),
});

/** Cash: what the account holds before unrealised profit. */
export const balanceOf = (account: PaperAccount): Decimal =>
  account.deposits.plus(account.realizedPnl).minus(account.fees).plus(account.funding);

/** What is not filled yet. */
export const remainingOf = ({ order }: PaperOrder): Decimal => decimal(order.size).minus(decimal(order.filledSize));

/** The open orders of one instrument, in the order they were placed. */
export function ordersOn(account: PaperAccount, instrumentId: InstrumentId): readonly PaperOrder[] {
  const orders: PaperOrder[] = [];
  for (const entry of account.orders.values()) if (entry.order.instrumentId === instrumentId) orders.push(entry);
  return orders;
}

/** True when an order rests against the position, so that it can lessen it. */
export const opposes = (position: PaperPosition, side: 'buy' | 'sell'): boolean =>
  (position.direction === 'long') === (side === 'sell');

/** Unrealised profit at a mark: exact. */
export function unrealizedOf(position: PaperPosition, mark: Decimal): Decimal {
  return unrealizedPnlOf({ isLong: position.direction === 'long', size: position.size, cost: position.cost }, mark);
}

/** True while an order may still fill. */
export const isOpen = (order: Order): boolean => !isFinal(order.status);

/** What an account has taken from one side of this very book. */
export function takenFrom(
  account: PaperAccount,
  id: InstrumentId,
  book: object | undefined,
  side: 'buy' | 'sell',
): Decimal {
  const taken = account.taken.get(id);
  return taken !== undefined && taken.book === book ? taken[side] : zero;
}
