import {
  type Account,
  type ExecutionVenue,
  type Fill,
  type FundingPayment,
  type InstrumentId,
  isFinal,
  type NewDomainEvent,
  type Order,
  type Position,
  type VenueUpdate,
} from '@perpdesk/core';
import {
  bookFill,
  bookFunding,
  closeReason,
  exitPrice,
  type HeldPosition,
  newlyHeld,
  settled,
} from './held-position.ts';
import type { FillCursor } from './portfolio-store.ts';

/** What changes on disk, and what the desk is told, by one update. */
export interface AccountChange {
  readonly events: readonly NewDomainEvent[];
  readonly put?: HeldPosition;
  readonly remove?: InstrumentId;
  readonly cursor?: FillCursor;
}

const nothing: AccountChange = { events: [] };

/** One user's account at one venue, in memory: turns the venue's updates into changes and events, each fill once. */
export class VenueAccount {
  readonly userId: string;
  readonly venue: ExecutionVenue;
  account: Account | undefined;
  readonly held = new Map<InstrumentId, HeldPosition>();
  readonly #orders = new Map<string, Order>();
  /** Fills of positions that the venue has not told yet. */
  readonly #early = new Map<InstrumentId, Fill[]>();
  #cursor: FillCursor = { atMs: 0, ids: [], filledTrades: 0 };

  constructor(userId: string, venue: ExecutionVenue) {
    this.userId = userId;
    this.venue = venue;
  }

  /** Takes up what an earlier process kept. */
  restore(held: readonly HeldPosition[], cursor: FillCursor): void {
    for (const position of held) this.held.set(position.position.instrumentId, position);
    this.#cursor = cursor;
  }

  get cursor(): FillCursor {
    return this.#cursor;
  }

  openOrders(): readonly Order[] {
    return [...this.#orders.values()].filter((order) => !isFinal(order.status));
  }

  /** Takes the venue's list of resting orders as the truth. Orders that were open and are not in it any more are given back. */
  adoptOrders(open: readonly Order[]): readonly Order[] {
    const present = new Set(open.map((order) => order.clientOrderId));
    const gone = this.openOrders().filter((order) => !present.has(order.clientOrderId));
    for (const order of open) this.#orders.set(order.clientOrderId, order);
    return gone;
  }

  apply(update: VenueUpdate): AccountChange {
    switch (update.kind) {
      case 'order':
        return this.#onOrder(update.order);
      case 'fill':
        return this.#onFill(update.fill);
      case 'position':
        return this.#onPosition(update.instrumentId, update.position);
      case 'funding':
        return this.#onFunding(update.payment);
      case 'account':
        this.account = update.account;
        return {
          events: [{ type: 'account.changed', key: this.userId, userId: this.userId, payload: update.account }],
        };
    }
  }

  #onOrder(order: Order): AccountChange {
    this.#orders.set(order.clientOrderId, order);
    this.#forgetOldOrders();
    if (order.status === 'canceled' || order.status === 'expired') {
      return {
        events: [
          {
            ...this.#about(`order.canceled:${order.clientOrderId}`, order.traceId),
            type: 'order.canceled',
            payload: order,
          },
        ],
      };
    }
    if (order.status === 'rejected') {
      return {
        events: [
          {
            ...this.#about(`order.rejected:${order.clientOrderId}`, order.traceId),
            type: 'order.rejected',
            payload: order,
          },
        ],
      };
    }
    return nothing;
  }

  #onFill(fill: Fill): AccountChange {
    if (fill.atMs < this.#cursor.atMs || (fill.atMs === this.#cursor.atMs && this.#cursor.ids.includes(fill.id)))
      return nothing;
    const ids = fill.atMs === this.#cursor.atMs ? [...this.#cursor.ids, fill.id] : [fill.id];
    this.#cursor = { ...this.#cursor, atMs: fill.atMs, ids };
    const order = this.#orders.get(fill.clientOrderId);
    const held = this.held.get(fill.instrumentId);
    if (held === undefined) this.#early.set(fill.instrumentId, [...(this.#early.get(fill.instrumentId) ?? []), fill]);
    else this.held.set(fill.instrumentId, bookFill(held, fill, order));
    const put = this.held.get(fill.instrumentId);
    return {
      cursor: this.#cursor,
      ...(put === undefined ? {} : { put }),
      // A fill of an order nobody here sent (a liquidation, a trade by hand) shows as its position's change.
      events:
        order === undefined
          ? []
          : [
              {
                ...this.#about(`order.filled:${fill.venue}:${fill.id}`, order.traceId),
                type: 'order.filled',
                payload: { order, fill },
              },
            ],
    };
  }

  #onPosition(instrumentId: InstrumentId, position: Position | undefined): AccountChange {
    const held = this.held.get(instrumentId);
    if (position === undefined) {
      this.#early.delete(instrumentId);
      if (held === undefined) return nothing;
      this.held.delete(instrumentId);
      const payload = {
        position: held.position,
        reason: closeReason(held),
        exitPrice: exitPrice(held),
        ...settled(held),
        ...(held.tradeId === undefined ? {} : { tradeId: held.tradeId }),
      };
      return {
        remove: instrumentId,
        events: [{ ...this.#about(undefined, held.traceId), type: 'position.closed', payload }],
      };
    }
    if (held !== undefined) {
      if (position.updatedAtMs < held.position.updatedAtMs) return nothing;
      const now = { ...held, position };
      this.held.set(instrumentId, now);
      if (held.position.size === position.size && held.position.direction === position.direction) return nothing;
      return {
        put: now,
        events: [{ ...this.#about(undefined, held.traceId), type: 'position.changed', payload: position }],
      };
    }
    const early = this.#early.get(instrumentId) ?? [];
    this.#early.delete(instrumentId);
    const opened = early.reduce(
      (sum, fill) => bookFill(sum, fill, this.#orders.get(fill.clientOrderId)),
      newlyHeld(position),
    );
    this.held.set(instrumentId, opened);
    this.#cursor = { ...this.#cursor, filledTrades: this.#cursor.filledTrades + 1 };
    return {
      put: opened,
      cursor: this.#cursor,
      events: [{ ...this.#about(undefined, opened.traceId), type: 'position.opened', payload: position }],
    };
  }

  #onFunding(payment: FundingPayment): AccountChange {
    const held = this.held.get(payment.instrumentId);
    const put = held === undefined ? undefined : bookFunding(held, payment);
    if (put !== undefined) this.held.set(payment.instrumentId, put);
    return {
      events: [
        {
          ...this.#about(`funding.paid:${payment.venue}:${payment.id}`, held?.traceId),
          type: 'funding.paid',
          payload: payment,
        },
      ],
      ...(put === undefined ? {} : { put }),
    };
  }

  #about(id: string | undefined, traceId: string | undefined) {
    return {
      ...(id === undefined ? {} : { id }),
      key: this.userId,
      userId: this.userId,
      ...(traceId === undefined ? {} : { traceId }),
    };
  }

  #forgetOldOrders(): void {
    if (this.#orders.size < 2000) return;
    for (const [id, order] of this.#orders) {
      if (this.#orders.size <= 1000) return;
      if (isFinal(order.status)) this.#orders.delete(id);
    }
  }
}
