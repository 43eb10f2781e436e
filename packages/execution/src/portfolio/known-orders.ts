import { isFinal, type Order } from '@perpdesk/core';
import { mergeOrder } from '../orders/merge-order.ts';

/** How many orders are remembered; of those that have ended, the oldest are forgotten beyond it. */
const kept = 2_000;

/** The orders of an account: those that are open, and those that have ended of late. */
export class KnownOrders {
  readonly #orders = new Map<string, Order>();
  #changed = new Set<string>();

  constructor(open: readonly Order[]) {
    for (const order of open) this.#orders.set(order.clientOrderId, order);
  }

  get(clientOrderId: string): Order | undefined {
    return this.#orders.get(clientOrderId);
  }

  /** Orders that rest or may rest at the venue. */
  open(): readonly Order[] {
    return [...this.#orders.values()].filter((order) => !isFinal(order.status) && order.status !== 'intended');
  }

  /** Takes in news of an order. Returns it when it has ended without a whole fill by them, which is to be told. */
  note(news: Order): Order | undefined {
    const known = this.#orders.get(news.clientOrderId);
    const order = mergeOrder(known, news);
    if (order === known) return undefined;
    this.#orders.set(order.clientOrderId, order);
    this.#changed.add(order.clientOrderId);
    this.#forgetOld();
    const ended = isFinal(order.status) && order.status !== 'filled' && order.status !== known?.status;
    return ended ? order : undefined;
  }

  /** Those that changed since this was asked last, as they stand. */
  takeChanged(): ReadonlyMap<string, Order> {
    const changed = new Map<string, Order>();
    for (const id of this.#changed) {
      const order = this.#orders.get(id);
      if (order !== undefined) changed.set(id, order);
    }
    this.#changed = new Set();
    return changed;
  }

  #forgetOld(): void {
    if (this.#orders.size <= kept) return;
    for (const [id, order] of this.#orders) {
      if (this.#orders.size <= kept / 2) return;
      if (isFinal(order.status) && !this.#changed.has(id)) this.#orders.delete(id);
    }
  }
}
