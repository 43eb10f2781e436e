import { Decimal } from '@perpdesk/core';
import type { ExchangeOrder } from './exchange-order.ts';

/** One place in the queue of a price: an account's order, or what other participants rest there together. */
export interface QueueEntry {
  readonly id: number;
  readonly order?: ExchangeOrder;
  /** Of other participants' entries; an order knows its own. */
  size: Decimal;
}

/** The queue at one price, first come first served. */
export class PriceLevel {
  readonly price: Decimal;
  readonly key: number;
  /** Keeps the order of arrival: a map iterates as it was filled. */
  readonly queue = new Map<number, QueueEntry>();
  /** What other participants rest here. */
  outside = new Decimal(0);
  readonly #ids: { next: number };

  constructor(price: Decimal, key: number, ids: { next: number }) {
    this.price = price;
    this.key = key;
    this.#ids = ids;
  }

  get isEmpty(): boolean {
    return this.queue.size === 0;
  }

  /** Who is filled first. */
  front(): QueueEntry | undefined {
    return this.queue.values().next().value;
  }

  addOrder(order: ExchangeOrder): void {
    this.queue.set(order.orderId, { id: order.orderId, order, size: order.remaining });
  }

  removeOrder(order: ExchangeOrder): void {
    this.queue.delete(order.orderId);
  }

  /** Takes from other participants' place in the queue. */
  takeOutside(entry: QueueEntry, size: Decimal): void {
    entry.size = entry.size.minus(size);
    this.outside = this.outside.minus(size);
    if (entry.size.isZero()) this.queue.delete(entry.id);
  }

  /**
   * Sets what other participants rest here. More of it queues at the back; less of it leaves from the back, the least that
   * the accounts' orders can gain: what really went is not seen.
   */
  setOutside(total: Decimal): void {
    if (total.greaterThan(this.outside)) {
      // Its ids are negative, so that they never meet an order's.
      this.#ids.next -= 1;
      this.queue.set(this.#ids.next, { id: this.#ids.next, size: total.minus(this.outside) });
      this.outside = total;
      return;
    }
    let excess = this.outside.minus(total);
    if (excess.isZero()) return;
    for (const entry of [...this.queue.values()].reverse()) {
      if (entry.order !== undefined) continue;
      const part = Decimal.min(entry.size, excess);
      this.takeOutside(entry, part);
      excess = excess.minus(part);
      if (excess.isZero()) return;
    }
  }

  /** What rests here in all. */
  total(): { readonly size: Decimal; readonly count: number } {
    let size = this.outside;
    for (const { order } of this.queue.values()) if (order !== undefined) size = size.plus(order.remaining);
    return { size, count: this.queue.size };
  }
}
