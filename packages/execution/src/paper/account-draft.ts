import type { InstrumentId, Order, VenueUpdate } from '@perpdesk/core';
import { tellAccount, tellPosition } from './account-figures.ts';
import { isOpen, type PaperAccount, type PaperOrder, type PaperPosition } from './paper-account.ts';
import type { PaperContext } from './paper-context.ts';

/** One change of an account: what it is now, and what has to be kept and told, in order. */
export interface Transition {
  readonly before: PaperAccount;
  readonly account: PaperAccount;
  readonly updates: readonly VenueUpdate[];
  /** The orders that changed, as they stand at the end. */
  readonly orders: readonly PaperOrder[];
}

/** A change being made: the account as it is so far, and what happened on the way. Lives for one call of the matching. */
export class AccountDraft {
  readonly context: PaperContext;
  readonly #before: PaperAccount;
  readonly #updates: VenueUpdate[] = [];
  readonly #orders = new Map<string, PaperOrder>();
  #account: PaperAccount;

  constructor(account: PaperAccount, context: PaperContext) {
    this.context = context;
    this.#before = account;
    this.#account = account;
  }

  get account(): PaperAccount {
    return this.#account;
  }

  position(id: InstrumentId): PaperPosition | undefined {
    return this.#account.positions.get(id);
  }

  /** The order as it stands in this change, final ones included. */
  order(clientOrderId: string): PaperOrder | undefined {
    return this.#orders.get(clientOrderId) ?? this.#account.orders.get(clientOrderId);
  }

  /** The next number of the account. */
  number(): number {
    const sequence = this.#account.sequence + 1;
    this.change({ sequence });
    return sequence;
  }

  /** The name of something numbered: `paper:alice:f12`. */
  name(kind: 'o' | 'f' | 'l', sequence: number): string {
    return `${this.context.venue}:${this.#account.userId}:${kind}${sequence}`;
  }

  change(changes: Partial<Pick<PaperAccount, 'realizedPnl' | 'fees' | 'funding' | 'sequence' | 'taken'>>): void {
    this.#account = { ...this.#account, ...changes };
  }

  /** Keeps an order and tells it. */
  putOrder(entry: PaperOrder): PaperOrder {
    const id = entry.order.clientOrderId;
    const orders = new Map(this.#account.orders);
    if (isOpen(entry.order)) orders.set(id, entry);
    else orders.delete(id);
    this.#account = { ...this.#account, orders };
    this.#orders.set(id, entry);
    this.#updates.push({ kind: 'order', order: entry.order });
    return entry;
  }

  /** Ends an order that is open. */
  endOrder(entry: PaperOrder, rejection?: Order['rejection']): PaperOrder {
    const { order } = entry;
    const ended: Order = {
      ...order,
      status: 'canceled',
      updatedAtMs: this.context.atMs,
      ...(rejection === undefined ? {} : { rejection }),
    };
    return this.putOrder({ ...entry, order: ended });
  }

  /** Keeps a position, or that it is gone, and tells it unless another change of the same act follows. */
  putPosition(id: InstrumentId, position: PaperPosition | undefined, options: { readonly tell?: boolean } = {}): void {
    const positions = new Map(this.#account.positions);
    if (position === undefined) positions.delete(id);
    else positions.set(id, position);
    this.#account = { ...this.#account, positions };
    if (options.tell !== false) this.tellPosition(id);
  }

  tellPosition(id: InstrumentId): void {
    const position = this.position(id);
    const told = position === undefined ? undefined : tellPosition(this.#account, position, this.context);
    this.tell({ kind: 'position', position: told, instrumentId: id });
  }

  tell(update: VenueUpdate): void {
    this.#updates.push(update);
  }

  /** The change, or undefined when nothing happened. */
  finish(): Transition | undefined {
    if (this.#updates.length === 0) return undefined;
    const account = { ...this.#account, version: this.#before.version + 1 };
    const updates: VenueUpdate[] = [...this.#updates, { kind: 'account', account: tellAccount(account, this.context) }];
    return { before: this.#before, account, updates, orders: [...this.#orders.values()] };
  }
}
