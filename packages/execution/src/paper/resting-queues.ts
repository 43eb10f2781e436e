import {
  Decimal,
  floorToLot,
  type Instrument,
  type InstrumentId,
  type OrderBookSnapshot,
  sizeFromNumber,
  type Trade,
  toSize,
} from '@perpdesk/core';
import { joinQueue, type QueuePosition, resizeQueue, tradeThroughQueue } from '../matching/queue-position.ts';
import { exactPrice } from './account-figures.ts';
import type { PaperAccount, PaperOrder } from './paper-account.ts';

/** An order's place at its price, as books and trades showed it. */
interface QueuedOrder {
  readonly userId: string;
  readonly clientOrderId: string;
  readonly side: 'buy' | 'sell';
  readonly price: Decimal;
  /** Changes when the order is amended: it then queues anew. */
  readonly sinceMs: number;
  queue: QueuePosition;
  /** The venue's instant of the book that `queue` was fitted to. */
  bookAtMs: number;
  /** The queue before that book: a trade that the book had counted already is taken from it, and the book put on again. */
  before: QueuePosition;
  beforeAtMs: number;
  total: Decimal;
}

/** How much of a trade an order's turn came to. */
export interface TradeReach {
  readonly clientOrderId: string;
  readonly size: Decimal;
}

/**
 * Where resting limits stand in the venue's queues: behind all that the live book shows at their price when they are placed;
 * trades at the price take from the front, what disappears without one leaves from both sides in proportion, what comes joins
 * behind. An order whose price the visible book does not reach has no place, and fills only when the price trades beyond it.
 * Kept in memory: after a restart an order queues behind everything again.
 */
export class RestingQueues {
  readonly #byInstrument = new Map<InstrumentId, Map<string, QueuedOrder>>();

  /** Fits the queues of an account's resting limits on an instrument to what it has open. */
  follow(account: PaperAccount, instrument: Instrument, book: OrderBookSnapshot | undefined): void {
    const queues = this.#byInstrument.get(instrument.id) ?? new Map<string, QueuedOrder>();
    const kept = new Set<string>();
    for (const entry of account.orders.values()) {
      if (entry.order.instrumentId !== instrument.id || !rests(entry)) continue;
      const key = keyOf(account.userId, entry.order.clientOrderId);
      kept.add(key);
      const known = queues.get(key);
      if (known?.sinceMs === entry.sinceMs && known.price.equals(entry.order.price ?? 0)) continue;
      queues.delete(key);
      const joined = join(account.userId, entry, instrument, book);
      if (joined !== undefined) queues.set(key, joined);
    }
    for (const [key, { userId }] of queues) if (userId === account.userId && !kept.has(key)) queues.delete(key);
    if (queues.size === 0) this.#byInstrument.delete(instrument.id);
    else this.#byInstrument.set(instrument.id, queues);
  }

  /** Fits every queue of an instrument to a newer book. */
  see(instrument: Instrument, book: OrderBookSnapshot): void {
    for (const queued of this.#byInstrument.get(instrument.id)?.values() ?? []) {
      if (book.exchangeAtMs < queued.bookAtMs) continue;
      const total = shownAt(instrument, book, queued.side, queued.price);
      if (total === undefined) continue;
      if (book.exchangeAtMs > queued.bookAtMs) {
        queued.before = queued.queue;
        queued.beforeAtMs = queued.bookAtMs;
        queued.bookAtMs = book.exchangeAtMs;
      }
      queued.total = total;
      queued.queue = resizeQueue(queued.before, total, 'proportional');
    }
  }

  /** What a trade reaches of an account's orders, by price, then by the order of placing. */
  reach(account: PaperAccount, instrument: Instrument, trade: Trade): readonly TradeReach[] {
    const queues = this.#byInstrument.get(instrument.id);
    const price = exactPrice(trade.price);
    const resting = [...account.orders.values()].filter(
      (entry) =>
        entry.order.instrumentId === instrument.id &&
        rests(entry) &&
        entry.order.side !== trade.side &&
        entry.sinceMs <= trade.exchangeAtMs &&
        isAtOrThrough(entry, price),
    );
    const better = trade.side === 'sell' ? -1 : 1;
    resting.sort((a, b) => better * new Decimal(a.order.price ?? 0).comparedTo(b.order.price ?? 0));
    const reaches: TradeReach[] = [];
    const size = new Decimal(sizeFromNumber(instrument.lotSize, trade.size));
    let own = new Decimal(0);
    for (const entry of resting) {
      const { clientOrderId } = entry.order;
      const isThrough = !price.equals(entry.order.price ?? 0);
      const queued = queues?.get(keyOf(account.userId, clientOrderId));
      const reached = isThrough ? size : queued === undefined ? new Decimal(0) : takeFrom(queued, trade, size);
      // Queues shrink by shares of a lot; what fills is whole lots.
      const whole = new Decimal(floorToLot(instrument.lotSize, toSize(Decimal.max(0, reached.minus(own)))));
      const left = Decimal.min(whole, new Decimal(entry.order.size).minus(entry.order.filledSize));
      if (left.lessThanOrEqualTo(0)) continue;
      own = own.plus(left);
      reaches.push({ clientOrderId, size: left });
    }
    return reaches;
  }

  /** What is ahead of an order at its price; undefined while it has no place. */
  ahead(userId: string, instrumentId: InstrumentId, clientOrderId: string): Decimal | undefined {
    return this.#byInstrument.get(instrumentId)?.get(keyOf(userId, clientOrderId))?.queue.ahead;
  }
}

const keyOf = (userId: string, clientOrderId: string): string => `${clientOrderId}:${userId}`;
const rests = ({ order, active }: PaperOrder): boolean => active && order.type === 'limit';

function isAtOrThrough({ order }: PaperOrder, price: Decimal): boolean {
  const limit = order.price ?? 0;
  return order.side === 'buy' ? price.lessThanOrEqualTo(limit) : price.greaterThanOrEqualTo(limit);
}

/**
 * Takes a trade from the front of a queue; gives what is left of it for the order. One that the newest book had counted is
 * taken from the queue before that book; one older than both books was counted long ago.
 */
function takeFrom(queued: QueuedOrder, trade: Trade, size: Decimal): Decimal {
  if (trade.exchangeAtMs > queued.bookAtMs) {
    const { queue, reached } = tradeThroughQueue(queued.queue, size);
    queued.queue = queue;
    // The next book is put on what the trades have left.
    return reached;
  }
  if (trade.exchangeAtMs <= queued.beforeAtMs) return new Decimal(0);
  const { queue, reached } = tradeThroughQueue(queued.before, size);
  queued.before = queue;
  queued.queue = resizeQueue(queue, queued.total, 'proportional');
  return reached;
}

function join(
  userId: string,
  { order, sinceMs }: PaperOrder,
  instrument: Instrument,
  book: OrderBookSnapshot | undefined,
): QueuedOrder | undefined {
  if (book === undefined || order.price === undefined) return undefined;
  const price = new Decimal(order.price);
  const total = shownAt(instrument, book, order.side, price);
  if (total === undefined) return undefined;
  const queue = joinQueue(total);
  const { exchangeAtMs } = book;
  return {
    userId,
    clientOrderId: order.clientOrderId,
    side: order.side,
    price,
    sinceMs,
    queue,
    bookAtMs: exchangeAtMs,
    before: queue,
    beforeAtMs: exchangeAtMs,
    total,
  };
}

/** What a book shows at a price; undefined beyond its last visible level. */
function shownAt(
  instrument: Instrument,
  book: OrderBookSnapshot,
  side: 'buy' | 'sell',
  price: Decimal,
): Decimal | undefined {
  const levels = side === 'buy' ? book.bids : book.asks;
  for (const [levelPrice, size] of levels) {
    const order = price.comparedTo(exactPrice(levelPrice));
    if (order === 0) return new Decimal(sizeFromNumber(instrument.lotSize, size));
    if (side === 'buy' ? order > 0 : order < 0) return new Decimal(0);
  }
  return undefined;
}
