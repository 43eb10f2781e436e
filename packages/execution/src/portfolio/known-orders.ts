import { canonicalJson, compare, isFinal, maximum, type Order, plus, type Size, zeroSize } from '@perpdesk/core';
import { mergeOrder } from '../orders/merge-order.ts';

/** How many orders are remembered; of those that have ended, the oldest are forgotten beyond it. */
const kept = 2_000;

/**
 * The orders of an account: those that are open, and those that have ended of late. Shown they are in step with the
 * positions: what an order says has filled counts once the fill itself is known, so that it is never in neither.
 */
export class KnownOrders {
  readonly #orders = new Map<string, Order>();
  /** Those of them that have not ended, in the same order. */
  readonly #standing = new Map<string, Order>();
  /** What of each order came as fills. */
  readonly #filled = new Map<string, Size>();
  /** Orders that say more has filled than came as fills; true once a reading has not brought the rest. */
  readonly #ahead = new Map<string, boolean>();
  #open: readonly Order[] | undefined;
  #changed = new Set<string>();

  constructor(open: readonly Order[]) {
    for (const order of open) {
      this.#filled.set(order.clientOrderId, order.filledSize);
      this.#set(order);
    }
  }

  /** True while fills that orders tell of have not come. */
  get awaitsFills(): boolean {
    return this.#ahead.size > 0;
  }

  get(clientOrderId: string): Order | undefined {
    return this.#orders.get(clientOrderId);
  }

  /** An order as far as its fills are known: one that has filled is open until they are. */
  shown(clientOrderId: string): Order | undefined {
    const order = this.#orders.get(clientOrderId);
    return order === undefined ? undefined : this.#show(order);
  }

  /** Orders that rest or may rest at the venue, or whose fills are not known yet. */
  open(): readonly Order[] {
    this.#open ??= this.#findOpen();
    return this.#open;
  }

  #findOpen(): readonly Order[] {
    const standing = [...this.#standing.values()].filter(({ status }) => status !== 'intended');
    const ended = [...this.#ahead.keys()].flatMap((id) => (this.#standing.has(id) ? [] : (this.#orders.get(id) ?? [])));
    return [...standing, ...ended].map((order) => this.#show(order));
  }

  /** Counts a fill of an order. */
  fill(clientOrderId: string, size: Size): void {
    const filled = plus(this.#filled.get(clientOrderId) ?? zeroSize, size);
    this.#filled.set(clientOrderId, filled);
    const order = this.#orders.get(clientOrderId);
    if (order !== undefined) this.#compare(order);
    this.#open = undefined;
  }

  /** Takes what orders say has filled for filled, where a second reading has not brought the fills either. */
  settle(): void {
    for (const [id, wasRead] of this.#ahead) {
      if (wasRead) {
        this.#filled.set(id, this.#orders.get(id)?.filledSize ?? zeroSize);
        this.#ahead.delete(id);
        this.#changed.add(id);
      } else this.#ahead.set(id, true);
    }
    this.#open = undefined;
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
    this.#compare(order);
    this.#open = undefined;
  }

  #compare({ clientOrderId, filledSize }: Order): void {
    const isAhead = compare(filledSize, this.#filled.get(clientOrderId) ?? zeroSize) > 0;
    if (!isAhead) this.#ahead.delete(clientOrderId);
    else if (!this.#ahead.has(clientOrderId)) this.#ahead.set(clientOrderId, false);
  }

  #show(order: Order): Order {
    if (!this.#ahead.has(order.clientOrderId)) return order;
    const filledSize = this.#filled.get(order.clientOrderId) ?? zeroSize;
    const live = isFinal(order.status) ? { size: maximum(order.filledSize, filledSize) } : {};
    const status = isFinal(order.status)
      ? compare(filledSize, zeroSize) > 0
        ? 'partially-filled'
        : 'open'
      : order.status;
    return { ...order, ...live, status, filledSize };
  }

  #forgetOld(): void {
    if (this.#orders.size <= kept) return;
    for (const [id, order] of this.#orders) {
      if (this.#orders.size <= kept / 2) return;
      if (!isFinal(order.status) || this.#changed.has(id) || this.#ahead.has(id)) continue;
      this.#orders.delete(id);
      this.#filled.delete(id);
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
