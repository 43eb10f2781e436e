import { canonicalJson, isFinal, type Order } from '@perpdesk/core';
import { mergeOrder } from '../orders/merge-order.ts';

/** How many orders are remembered; of those that have ended, the oldest are forgotten beyond it. */
const kept = 2_000;

/** The orders of an account: those that are open, and those that have ended of late. */
export class KnownOrders {
  readonly #orders = new Map<string, Order>();
  /** Those of them that have not ended, in the same order. */
  readonly #standing = new Map<string, Order>();
  #open: readonly Order[] | undefined;
  #changed = new Set<string>();

  constructor(open: readonly Order[]) {
    for (const order of open) this.#set(order);
  }

  get(clientOrderId: string): Order | undefined {
    return this.#orders.get(clientOrderId);
  }

  /** Orders that rest or may rest at the venue. */
  open(): readonly Order[] {
    this.#open ??= [...this.#standing.values()].filter((order) => order.status !== 'intended');
    return this.#open;
  }

  /** Takes in news of an order. Returns it when it has ended without a whole fill by them, which is to be told. */
  note(news: Order): Order | undefined {
    const known = this.#orders.get(news.clientOrderId);
    const order = mergeOrder(known, news);
    if (order === known) return undefined;
    this.#set(order);
    this.#changed.add(order.clientOrderId);
    this.#forgetOld();
    const ended = isFinal(order.status) && order.status !== 'filled' && order.status !== known?.status;
    return ended ? order : undefined;
  }

  /** As {@link note}, for what is read again and again: an order that stands as it is known does not count as changed. */
  noteRead(news: Order): Order | undefined {
    const known = this.#orders.get(news.clientOrderId);
    return known !== undefined && isSame(mergeOrder(known, news), known) ? undefined : this.note(news);
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

  #set(order: Order): void {
    this.#orders.set(order.clientOrderId, order);
    if (isFinal(order.status)) this.#standing.delete(order.clientOrderId);
    else this.#standing.set(order.clientOrderId, order);
    this.#open = undefined;
  }

  #forgetOld(): void {
    if (this.#orders.size <= kept) return;
    for (const [id, order] of this.#orders) {
      if (this.#orders.size <= kept / 2) return;
      if (isFinal(order.status) && !this.#changed.has(id)) this.#orders.delete(id);
    }
  }
}

/** True of orders that are alike in every field. */
function isSame(order: Order, other: Order): boolean {
  const fields = Object.keys(order) as (keyof Order)[];
  return (
    fields.length === Object.keys(other).length &&
    fields.every((field) =>
      field === 'rejection'
        ? canonicalJson(order.rejection ?? null) === canonicalJson(other.rejection ?? null)
        : order[field] === other[field],
    )
  );
}
