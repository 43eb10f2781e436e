import {
  type Account,
  type Fill,
  type FundingPayment,
  type InstrumentId,
  isZero,
  type NewDomainEvent,
  type Order,
  type Position,
  type VenueUpdate,
} from '@perpdesk/core';
import { closeRecord } from './close-record.ts';
import { type FillCursor, isKnownFill } from './fill-cursor.ts';
import { type HeldPosition, isAheadOfWord } from './held-position.ts';
import { KnownOrders } from './known-orders.ts';
import { PositionBook, type PositionNews } from './position-book.ts';
import { isLive } from './protection-of.ts';
import type { Untold } from './untold.ts';

/** What a venue says of an account when it is asked. */
export interface AccountReading extends OrdersReading {
  readonly positions: readonly Position[];
  readonly account: Account;
}

/** The part of it that says what became of orders. */
export interface OrdersReading {
  /** When it was begun. */
  readonly atMs: number;
  readonly openOrders: readonly Order[];
  /** Orders that were asked for one by one: those that do not rest any more, those behind fills. */
  readonly lookedUp: readonly Order[];
  /** False where the venue does not show an order that it may only be slow to list. */
  readonly isSettled: boolean;
  /** In the venue's order. */
  readonly fills: readonly Fill[];
  readonly payments: readonly FundingPayment[];
}

/**
 * One user's account at one venue, in memory and in step with what the venue tells. What follows of it to keep and to tell
 * is gathered until it is taken.
 */
export class VenueAccount {
  readonly userId: string;
  readonly venue: string;
  account: Account | undefined;
  readonly #orders: KnownOrders;
  readonly #positions: PositionBook;
  /** Of each instrument the newest fill that lessened its position and that a reading of all fills has come after. */
  readonly #readThrough = new Map<InstrumentId, number | undefined>();
  #fillsRead = false;
  #positionsRead = false;
  #events: NewDomainEvent[] = [];

  constructor(options: {
    readonly userId: string;
    readonly venue: string;
    readonly cursor: FillCursor;
    readonly held: readonly HeldPosition[];
    readonly openOrders: readonly Order[];
  }) {
    this.userId = options.userId;
    this.venue = options.venue;
    this.#orders = new KnownOrders(options.openOrders);
    this.#positions = new PositionBook({ ...options, tell: (news) => this.#tell(news) });
  }

  get cursor(): FillCursor {
    return this.#positions.cursor;
  }

  held(instrumentId: InstrumentId): HeldPosition | undefined {
    return this.#positions.get(instrumentId);
  }

  allHeld(): readonly HeldPosition[] {
    return this.#positions.all();
  }

  order(clientOrderId: string): Order | undefined {
    return this.#orders.get(clientOrderId);
  }

  /** An order in step with the positions: what has filled of it is what came as fills. */
  shownOrder(clientOrderId: string): Order | undefined {
    return this.#orders.shown(clientOrderId);
  }

  /** True while fills that orders tell of have not come. */
  get awaitsFills(): boolean {
    return this.#orders.awaitsFills;
  }

  /** True while fills have made a position smaller than the venue has said since. */
  get awaitsWord(): boolean {
    return this.allHeld().some(isAheadOfWord);
  }

  /** True once the venue has said which positions stand: what it tells of an account says nothing of them. */
  get positionsRead(): boolean {
    return this.#positionsRead;
  }

  /** True once all fills until a moment of this life are known: before, what was kept may be long gone. */
  get fillsRead(): boolean {
    return this.#fillsRead;
  }

  /** How far fills are ahead of the venue's word on a position; `read`: all fills are known that led there. */
  ahead(held: HeldPosition): 'read' | 'heard' | undefined {
    if (!isAheadOfWord(held)) return undefined;
    const { instrumentId, lessenedAtMs } = held;
    return this.#readThrough.has(instrumentId) && this.#readThrough.get(instrumentId) === lessenedAtMs
      ? 'read'
      : 'heard';
  }

  /** Orders that rest or may rest at the venue, in step with the positions. */
  openOrders(): readonly Order[] {
    return this.#orders.open();
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
        this.#positions.stand(update.instrumentId, update.position);
        break;
      case 'funding':
        this.#onFunding(update.payment);
        break;
      case 'account':
        if (this.#takeAccount(update.account))
          this.#events.push({ ...this.#about(), type: 'account.changed', payload: update.account });
    }
  }

  /**
   * Takes in a whole reading: what happened unheard of is told now, in the order it happened. Instruments of which it says
   * nothing (`apart`) stand as they were told, and as its fills make them.
   */
  adopt(reading: AccountReading, apart: ReadonlySet<InstrumentId>): void {
    this.adoptOrders(reading, apart);
    this.#orders.settle();
    this.adoptStanding(reading, apart);
  }

  /** As much of a reading as says what stands. Instruments of which it says nothing (`apart`) stand as they were told. */
  adoptStanding(reading: Pick<AccountReading, 'positions' | 'account'>, apart: ReadonlySet<InstrumentId>): void {
    this.#positionsRead = true;
    const shown = new Map(reading.positions.map((position) => [position.instrumentId, position]));
    const ids = new Set([...this.allHeld().map(({ instrumentId }) => instrumentId), ...shown.keys()]);
    for (const id of [...ids].sort()) if (!apart.has(id)) this.#positions.stand(id, shown.get(id));
    this.#takeAccount(reading.account);
  }

  /** As much of a reading as there is before the venue has said what stands: what became of orders, and their fills. */
  adoptOrders(reading: OrdersReading, apart: ReadonlySet<InstrumentId>): void {
    for (const order of [...reading.openOrders, ...reading.lookedUp])
      this.#takeOrder(order, (news) => this.#orders.noteRead(news));
    for (const entry of inOrder(reading)) {
      if ('amount' in entry) this.#onFunding(entry);
      else if (!isKnownFill(this.cursor, entry)) {
        this.#positions.turn(entry.instrumentId);
        this.#onFill(entry);
      }
    }
    this.#positions.read(reading.atMs);
    this.#fillsRead = true;
    for (const { instrumentId, lessenedAtMs } of this.allHeld())
      if (!apart.has(instrumentId)) this.#readThrough.set(instrumentId, lessenedAtMs);
  }

  /** What is to be kept and told by now; undefined when there is nothing. */
  takeUntold(): Untold | undefined {
    const held = this.#positions.takeChanged();
    const orders = this.#orders.takeChanged();
    const events = this.#events;
    this.#events = [];
    return events.length + held.size + orders.size === 0 ? undefined : { events, held, orders, cursor: this.cursor };
  }

  /** False of an account as it stood before the one that is known: news overtake each other. */
  #takeAccount(account: Account): boolean {
    if (this.account !== undefined && account.atMs < this.account.atMs) return false;
    this.account = account;
    return true;
  }

  #onOrder(news: Order): void {
    this.#takeOrder(news, (order) => this.#orders.note(order));
  }

  #takeOrder(news: Order, note: (news: Order) => Order | undefined): void {
    const before = this.#orders.get(news.clientOrderId);
    const ended = note(news);
    // One that rested is rejected as it fires: what it covered is not covered any more.
    if (ended?.status === 'rejected' && before !== undefined && isLive(before))
      this.#positions.touch(ended.instrumentId);
    this.#tellEnd(ended);
  }

  #tellEnd(ended: Order | undefined): void {
    if (ended === undefined) return;
    const type = ended.status === 'rejected' ? 'order.rejected' : 'order.canceled';
    this.#events.push({ ...this.#about(`${type}:${ended.clientOrderId}`, ended.traceId), type, payload: ended });
  }

  #onFill(fill: Fill): void {
    const order = this.#orders.get(fill.clientOrderId);
    // Its fills have closed what was held, which the venue has not told yet: an entry begins the next.
    if (order?.purpose === 'entry' && !isKnownFill(this.cursor, fill)) this.#positions.turn(fill.instrumentId);
    // A fill of no order (a liquidation) shows as its position's change.
    const lessened = this.#positions.fill(fill, order);
    if (lessened === undefined || order === undefined) return;
    this.#orders.fill(order.clientOrderId, fill.size);
    const id = `order.filled:${fill.venue}:${fill.id}`;
    const netted = order.purpose === 'entry' && !isZero(lessened) ? { netted: lessened } : {};
    const payload = { order, fill, ...netted };
    this.#events.push({ ...this.#about(id, order.traceId), type: 'order.filled', payload });
  }

  #onFunding(payment: FundingPayment): void {
    if (!this.#positions.pay(payment)) return;
    const id = `funding.paid:${payment.venue}:${payment.id}`;
    const traceId = this.held(payment.instrumentId)?.traceId;
    this.#events.push({ ...this.#about(id, traceId), type: 'funding.paid', payload: payment });
  }

  #tell({ held, kind }: PositionNews): void {
    const { number, position, revision, traceId } = held;
    const name = `${this.venue}:${this.userId}:${number}`;
    if (kind === 'closed') {
      const about = this.#about(`position.closed:${name}`, traceId);
      this.#events.push({ ...about, type: 'position.closed', payload: closeRecord(held) });
      return;
    }
    const id = kind === 'opened' ? `position.opened:${name}` : `position.changed:${name}:${revision}`;
    this.#events.push({ ...this.#about(id, traceId), type: `position.${kind}`, payload: position });
  }

  #about(id?: string, traceId?: string) {
    return {
      key: this.userId,
      userId: this.userId,
      ...(id === undefined ? {} : { id }),
      ...(traceId === undefined ? {} : { traceId }),
    };
  }
}

/** Fills and payments as they happened. A payment comes first: it was for what stood when its instant came. */
function inOrder({ fills, payments }: OrdersReading): readonly (Fill | FundingPayment)[] {
  return [...payments, ...fills].sort((a, b) => a.atMs - b.atMs);
}
