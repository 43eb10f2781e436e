import {
  type ApprovedOrder,
  Decimal,
  type Fill,
  isFinal,
  type Order,
  type OrderIntent,
  type VenueUpdate,
} from '@perpdesk/core';
import { CoverAudit } from './cover-audit.ts';
import type { RunLog } from './run-log.ts';

interface Held {
  size: Decimal;
  /** Σ of price × size of what was bought less what was sold. */
  cost: Decimal;
  /** Of the entry that came last. */
  leverage: number;
  openedAtMs: number;
}

/** A user's account as its venue's updates make it. */
export interface AuditedAccount {
  readonly userId: string;
  readonly held: Map<string, Held>;
  readonly orders: Map<string, Order>;
  /** Those of them that have not ended. */
  readonly live: Map<string, Order>;
  cash: Decimal;
  fees: Decimal;
  funding: Decimal;
}

/** Options of {@link VenueAudit}. */
export interface VenueAuditOptions {
  readonly log: RunLog;
  readonly nowMs: () => number;
  readonly markOf: (instrumentId: string) => number | undefined;
  /** What every account began with. */
  readonly deposit: string;
}

/**
 * Keeps books of its own of all that happens at the venue, straight from it and by no code of the desk, and says what must
 * never be: an order that nobody approved, more filled for a trade than its signal was sized to, one user's order in another's
 * account.
 */
export class VenueAudit {
  readonly cover = new CoverAudit();
  readonly accounts = new Map<string, AuditedAccount>();
  /** How much each signal may fill. */
  readonly #signals = new Map<string, Decimal>();
  readonly #entered = new Map<string, Decimal>();
  readonly #approved = new Set<string>();
  readonly #sent = new Set<string>();
  readonly #byHand = new Set<string>();
  readonly #fills = new Set<string>();
  readonly #options: VenueAuditOptions;

  constructor(options: VenueAuditOptions) {
    this.#options = options;
  }

  /** Trades that filled. */
  get trades(): number {
    return this.#entered.size;
  }

  get fills(): number {
    return this.#fills.size;
  }

  account(userId: string): AuditedAccount {
    let account = this.accounts.get(userId);
    if (account === undefined) {
      const zero = new Decimal(0);
      account = { userId, held: new Map(), orders: new Map(), live: new Map(), cash: zero, fees: zero, funding: zero };
      this.accounts.set(userId, account);
    }
    return account;
  }

  /** Brix gave this authorisation. */
  approved(authorizationId: string): void {
    this.#approved.add(authorizationId);
  }

  /** An order is sent by hand, beside the desk. */
  byHand(clientOrderId: string): void {
    this.#byHand.add(clientOrderId);
  }

  isByHand(clientOrderId: string): boolean {
    return this.#byHand.has(clientOrderId);
  }

  signal(id: string, size: string): void {
    this.#signals.set(`trade:${id}`, new Decimal(size));
  }

  /** An order leaves the desk. */
  sent({ authorization, intent }: ApprovedOrder): void {
    this.#sent.add(intent.clientOrderId);
    const { log } = this.#options;
    log.note(`${intent.userId} sends ${describe(intent)}`);
    if (!this.#approved.has(authorization.id)) log.violation('unapproved order', describe(intent));
    if (intent.tradeId !== undefined && intent.purpose === 'entry' && !intent.tradeId.endsWith(`:${intent.userId}`))
      log.violation('cross-user order', `${intent.tradeId} for ${intent.userId}`);
  }

  /** The venue tells of an account. */
  hear(userId: string, update: VenueUpdate): void {
    const account = this.account(userId);
    const { log } = this.#options;
    switch (update.kind) {
      case 'order':
        log.note(`${userId} ${describe(update.order)} ${update.order.status} ${update.order.filledSize}`);
        this.#order(account, update.order);
        break;
      case 'fill':
        this.#fill(account, update.fill);
        break;
      case 'funding':
        account.funding = account.funding.plus(update.payment.amount);
        break;
      default:
        break;
    }
    for (const instrumentId of account.held.keys()) this.#judgeCover(account, instrumentId);
  }

  /** What an account is worth: what it began with, what was bought and sold, what it paid and was paid, what it holds at the mark. */
  equity(userId: string): Decimal {
    const { cash, fees, funding, held } = this.account(userId);
    let equity = new Decimal(this.#options.deposit).plus(cash).minus(fees).plus(funding);
    for (const [id, { size }] of held) equity = equity.plus(size.times(this.#options.markOf(id) ?? 0));
    return equity;
  }

  /** Trades whose fills were never held against a signal: the journal has it later. */
  judgeTrades(): void {
    for (const [tradeId, filled] of this.#entered) {
      const size = this.#signals.get(tradeId);
      if (size === undefined) this.#options.log.violation('trade without a signal', tradeId);
      else if (filled.greaterThan(size))
        this.#options.log.violation('duplicate exposure', `${tradeId}: ${filled.toFixed()} of ${size.toFixed()}`);
    }
  }

  #order(account: AuditedAccount, order: Order): void {
    if (order.userId !== account.userId)
      this.#options.log.violation('cross-user order', `${order.clientOrderId} of ${order.userId} in ${account.userId}`);
    if (!this.#sent.has(order.clientOrderId) && !this.#byHand.has(order.clientOrderId))
      this.#options.log.violation('order of nobody', describe(order));
    account.orders.set(order.clientOrderId, order);
    if (isFinal(order.status)) account.live.delete(order.clientOrderId);
    else account.live.set(order.clientOrderId, order);
  }

  #fill(account: AuditedAccount, fill: Fill): void {
    const { log } = this.#options;
    if (this.#fills.has(fill.id)) log.violation('fill told twice by the venue', fill.id);
    this.#fills.add(fill.id);
    const size = new Decimal(fill.size).times(fill.side === 'buy' ? 1 : -1);
    const held = account.held.get(fill.instrumentId) ?? {
      size: new Decimal(0),
      cost: new Decimal(0),
      leverage: 1,
      openedAtMs: fill.atMs,
    };
    const order = account.orders.get(fill.clientOrderId);
    const value = size.times(fill.price);
    const after = held.size.plus(size);
    const grows = held.size.isZero() || held.size.isPositive() === size.isPositive();
    if (grows && order?.leverage !== undefined) held.leverage = order.leverage;
    held.cost = grows ? held.cost.plus(value) : held.cost.times(held.size.isZero() ? 0 : after.dividedBy(held.size));
    held.size = after;
    account.held.set(fill.instrumentId, held);
    account.cash = account.cash.minus(value);
    account.fees = account.fees.plus(fill.fee);
    log.note(
      `${account.userId} fill ${fill.side} ${fill.size} ${fill.instrumentId} at ${fill.price} of ${order?.purpose ?? fill.reason}`,
    );
    if (order?.tradeId === undefined || order.purpose !== 'entry') return;
    const entered = (this.#entered.get(order.tradeId) ?? new Decimal(0)).plus(fill.size);
    this.#entered.set(order.tradeId, entered);
    const signal = this.#signals.get(order.tradeId);
    if (signal !== undefined && entered.greaterThan(signal))
      log.violation('duplicate exposure', `${order.tradeId}: ${entered.toFixed()} of ${signal.toFixed()}`);
  }

  #judgeCover(account: AuditedAccount, instrumentId: string): void {
    const size = account.held.get(instrumentId)?.size ?? new Decimal(0);
    const closing = size.isPositive() ? 'sell' : 'buy';
    let covered = new Decimal(0);
    for (const order of account.live.values()) {
      if (order.instrumentId !== instrumentId || order.type !== 'stop-market' || !order.reduceOnly) continue;
      if (order.side === closing) covered = covered.plus(order.size).minus(order.filledSize);
    }
    const uncovered = Decimal.max(0, size.abs().minus(covered));
    this.cover.note(account.userId, instrumentId, uncovered, this.#options.nowMs());
  }
}

const describe = ({
  clientOrderId,
  instrumentId,
  origin,
  price,
  purpose,
  side,
  size,
  triggerPrice,
  type,
}: OrderIntent): string =>
  `${purpose} ${type} ${side} ${size} ${instrumentId}${price === undefined ? '' : ` limit ${price}`}${triggerPrice === undefined ? '' : ` trigger ${triggerPrice}`} by ${origin} ${clientOrderId.slice(0, 8)}`;
