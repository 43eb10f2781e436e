import {
  type Account,
  type Fill,
  type FundingPayment,
  type InstrumentId,
  isFinal,
  isZero,
  type NewDomainEvent,
  type Order,
  type Position,
  type VenueUpdate,
} from '@perpdesk/core';
import { mergeOrder } from '../orders/merge-order.ts';
import { closeRecord } from './close-record.ts';
import { type FillCursor, isKnownFill, isKnownPayment, withFill, withPayment } from './fill-cursor.ts';
import {
  adoptedPosition,
  begunPosition,
  bookFill,
  bookFunding,
  type HeldPosition,
  toldPosition,
} from './held-position.ts';
import type { Untold } from './untold.ts';

/** What a venue says of an account when it is asked. */
export interface AccountReading {
  readonly openOrders: readonly Order[];
  /** Orders that were asked for one by one: those that do not rest any more, those behind fills. */
  readonly lookedUp: readonly Order[];
  /** In the venue's order. */
  readonly fills: readonly Fill[];
  readonly payments: readonly FundingPayment[];
  readonly positions: readonly Position[];
  readonly account: Account;
}

/** How many orders are remembered; of those that have ended, the oldest are forgotten beyond it. */
const keptOrders = 2_000;

/**
 * One user's account at one venue, in memory and in step with what the venue tells: each fill and payment is taken in once.
 * What follows of it to keep and to tell is gathered until it is taken.
 */
export class VenueAccount {
  readonly userId: string;
  readonly venue: string;
  account: Account | undefined;
  readonly #held = new Map<InstrumentId, HeldPosition>();
  readonly #orders = new Map<string, Order>();
  #cursor: FillCursor;
  #events: NewDomainEvent[] = [];
  #changedHeld = new Set<InstrumentId>();
  #changedOrders = new Set<string>();

  constructor(options: {
    readonly userId: string;
    readonly venue: string;
    readonly cursor: FillCursor;
    readonly held: readonly HeldPosition[];
    readonly openOrders: readonly Order[];
  }) {
    this.userId = options.userId;
    this.venue = options.venue;
    this.#cursor = options.cursor;
    for (const held of options.held) this.#held.set(held.instrumentId, held);
    for (const order of options.openOrders) this.#orders.set(order.clientOrderId, order);
  }

  get cursor(): FillCursor {
    return this.#cursor;
  }

  held(instrumentId: InstrumentId): HeldPosition | undefined {
    return this.#held.get(instrumentId);
  }

  allHeld(): readonly HeldPosition[] {
    return [...this.#held.values()];
  }

  order(clientOrderId: string): Order | undefined {
    return this.#orders.get(clientOrderId);
  }

  /** Orders that rest or may rest at the venue. */
  openOrders(): readonly Order[] {
    return [...this.#orders.values()].filter((order) => !isFinal(order.status) && order.status !== 'intended');
  }

  /** Takes in one thing the venue told as it happened. */
  apply(update: VenueUpdate): void {
    switch (update.kind) {
      case 'order':
        this.#onOrder(update.order);
        break;
      case 'fill':
        this.#onFill(update.fill);
        break;
      case 'position':
        this.#onPosition(update.instrumentId, update.position);
        break;
      case 'funding':
        this.#onFunding(update.payment);
        break;
      case 'account':
        this.account = update.account;
        this.#events.push({ ...this.#about(undefined, undefined), type: 'account.changed', payload: update.account });
    }
  }

  /** Takes in a whole reading: what happened unheard of is told now, in the order it happened. */
  adopt(reading: AccountReading): void {
    for (const order of [...reading.openOrders, ...reading.lookedUp]) this.#onOrder(order);
    for (const entry of inOrder(reading)) {
      if ('amount' in entry) this.#onFunding(entry);
      else if (!isKnownFill(this.#cursor, entry)) {
        // Its fills have closed it, and this one begins the next.
        const held = this.#held.get(entry.instrumentId);
        if (held !== undefined && isZero(held.size)) this.#close(held);
        this.#onFill(entry);
      }
    }
    const told = new Map(reading.positions.map((position) => [position.instrumentId, position]));
    for (const id of [...new Set([...this.#held.keys(), ...told.keys()])].sort()) this.#onPosition(id, told.get(id));
    this.account = reading.account;
  }

  /** What is to be kept and told by now; undefined when there is nothing. */
  takeUntold(): Untold | undefined {
    if (this.#events.length + this.#changedHeld.size + this.#changedOrders.size === 0) return undefined;
    const untold: Untold = {
      events: this.#events,
      held: new Map([...this.#changedHeld].map((id) => [id, this.#held.get(id)])),
      orders: new Map(
        [...this.#changedOrders].flatMap((id) => {
          const order = this.#orders.get(id);
          return order === undefined ? [] : [[id, order] as const];
        }),
      ),
      cursor: this.#cursor,
    };
    this.#events = [];
    this.#changedHeld = new Set();
    this.#changedOrders = new Set();
    return untold;
  }

  #onOrder(news: Order): void {
    const known = this.#orders.get(news.clientOrderId);
    const order = mergeOrder(known, news);
    if (order === known) return;
    this.#orders.set(order.clientOrderId, order);
    this.#changedOrders.add(order.clientOrderId);
    this.#forgetOldOrders();
    const type = order.status === 'rejected' ? 'order.rejected' : 'order.canceled';
    if (!isFinal(order.status) || order.status === 'filled' || order.status === known?.status) return;
    this.#events.push({ ...this.#about(`${type}:${order.clientOrderId}`, order.traceId), type, payload: order });
  }

  #onFill(fill: Fill): void {
    if (isKnownFill(this.#cursor, fill)) return;
    this.#cursor = withFill(this.#cursor, fill);
    const order = this.#orders.get(fill.clientOrderId);
    const held = this.#held.get(fill.instrumentId);
    this.#put(held === undefined ? begunPosition(fill, order, this.#nextNumber()) : bookFill(held, fill, order));
    // A fill of no order (a liquidation) shows as its position's change.
    if (order === undefined) return;
    const id = `order.filled:${fill.venue}:${fill.id}`;
    this.#events.push({ ...this.#about(id, order.traceId), type: 'order.filled', payload: { order, fill } });
  }

  #onPosition(instrumentId: InstrumentId, position: Position | undefined): void {
    const held = this.#held.get(instrumentId);
    if (position === undefined) {
      if (held !== undefined) this.#close(held);
      return;
    }
    if (held === undefined) return this.#open(adoptedPosition(position, this.#nextNumber()));
    if (held.position.direction !== position.direction) {
      this.#close(held);
      return this.#open(adoptedPosition(position, this.#nextNumber()));
    }
    if (!held.opened) return this.#open(toldPosition(held, position));
    if (position.updatedAtMs < held.position.updatedAtMs) return;
    const told = toldPosition(held, position);
    // Only what the desk is told of has to outlive the process: the rest the venue says again.
    if (held.position.size === position.size && told.cost === held.cost) {
      this.#held.set(instrumentId, told);
      return;
    }
    const changed = { ...told, revision: told.revision + 1 };
    this.#put(changed);
    const id = `position.changed:${this.#name(changed)}:${changed.revision}`;
    this.#events.push({ ...this.#about(id, changed.traceId), type: 'position.changed', payload: position });
  }

  #onFunding(payment: FundingPayment): void {
    if (isKnownPayment(this.#cursor, payment)) return;
    this.#cursor = withPayment(this.#cursor, payment);
    const held = this.#held.get(payment.instrumentId);
    if (held !== undefined && payment.atMs >= held.position.openedAtMs) this.#put(bookFunding(held, payment));
    const id = `funding.paid:${payment.venue}:${payment.id}`;
    this.#events.push({ ...this.#about(id, held?.traceId), type: 'funding.paid', payload: payment });
  }

  #open(held: HeldPosition): void {
    const opened = { ...held, opened: true };
    this.#put(opened);
    const id = `position.opened:${this.#name(opened)}`;
    this.#events.push({ ...this.#about(id, opened.traceId), type: 'position.opened', payload: opened.position });
  }

  #close(held: HeldPosition): void {
    if (!held.opened) this.#open(held);
    this.#held.delete(held.instrumentId);
    this.#changedHeld.add(held.instrumentId);
    const id = `position.closed:${this.#name(held)}`;
    this.#events.push({ ...this.#about(id, held.traceId), type: 'position.closed', payload: closeRecord(held) });
  }

  #put(held: HeldPosition): void {
    this.#held.set(held.instrumentId, held);
    this.#changedHeld.add(held.instrumentId);
  }

  #nextNumber(): number {
    this.#cursor = { ...this.#cursor, positions: this.#cursor.positions + 1 };
    return this.#cursor.positions;
  }

  #name({ number }: HeldPosition): string {
    return `${this.venue}:${this.userId}:${number}`;
  }

  #about(id: string | undefined, traceId: string | undefined) {
    return {
      key: this.userId,
      userId: this.userId,
      ...(id === undefined ? {} : { id }),
      ...(traceId === undefined ? {} : { traceId }),
    };
  }

  #forgetOldOrders(): void {
    if (this.#orders.size <= keptOrders) return;
    for (const [id, order] of this.#orders) {
      if (this.#orders.size <= keptOrders / 2) return;
      if (isFinal(order.status) && !this.#changedOrders.has(id)) this.#orders.delete(id);
    }
  }
}

/** Fills and payments as they happened. A payment comes first: it was for what stood when its instant came. */
function inOrder({ fills, payments }: AccountReading): readonly (Fill | FundingPayment)[] {
  return [...payments, ...fills].sort((a, b) => a.atMs - b.atMs);
}
