import {
  type Clock,
  compare,
  Decimal,
  type DomainEvent,
  type EventBus,
  type Health,
  type Logger,
  maximum,
  type Order,
  type OrderIntent,
  type Position,
  type Price,
  type Protection,
  type Service,
  silentLogger,
  type TakeProfit,
  type Unsubscribe,
  zeroSize,
} from '@perpdesk/core';
import { type Database, migrate } from '@perpdesk/core/database';
import { deriveClientOrderId } from '@perpdesk/core/security';
import type { PositionCloser } from '../controls/position-closer.ts';
import type { OrderDesk } from '../orders/order-desk.ts';
import type { Portfolio } from '../portfolio/portfolio.ts';
import { executionMigrations, executionNamespace } from '../store/execution-tables.ts';
import type { VenueDirectory } from '../venue/venue-directory.ts';
import { fallbackPlan } from './fallback-plan.ts';
import { type GuardRow, GuardStore, type PositionKey, positionKeyText } from './guard-store.ts';
import { type ProtectiveOrder, protectiveOrders, uncoveredSize } from './protection-plan.ts';

/** How a position is to be protected; handed over before its first order is sent. */
export interface GuardPlan extends PositionKey {
  readonly tradeId: string;
  readonly traceId: string;
  readonly stopLoss: Price;
  readonly takeProfits: readonly TakeProfit[];
  readonly leverage: number;
}

/** Options of {@link PositionGuard}. */
export interface PositionGuardOptions {
  readonly orderDesk: OrderDesk;
  readonly portfolio: Portfolio;
  readonly closer: PositionCloser;
  readonly venues: VenueDirectory;
  readonly eventBus: EventBus;
  readonly clock: Clock;
  readonly database: Database;
  /** Pause between tries to cover a position. Default 500 ms. */
  readonly retryMs?: number;
  /** How long a filled size may stand without a stop before it is closed at the market. Default 10 s. */
  readonly uncoveredLimitMs?: number;
  /** How often every position is compared with its venue. Default 60 s. */
  readonly sweepMs?: number;
  readonly logger?: Logger;
}

const followed = ['position.opened', 'position.changed', 'position.closed', 'order.filled', 'order.canceled'] as const;

/**
 * Keeps a stop over the whole of every position at its venue, and its targets; resizes them with each fill. A size that no
 * stop covers is told, covered again, or closed.
 */
export class PositionGuard implements Service {
  readonly name = 'positions';
  readonly #options: PositionGuardOptions;
  readonly #store: GuardStore;
  readonly #logger: Logger;
  readonly #rows = new Map<string, GuardRow>();
  /** The tail of each position's work: one thing at a time. */
  readonly #work = new Map<string, Promise<void>>();
  readonly #uncoveredSince = new Map<string, number>();
  readonly #told = new Map<string, string>();
  readonly #timers = new Map<string, () => void>();
  #unsubscribe: Unsubscribe | undefined;
  #health: Health = { status: 'stopped' };

  constructor(options: PositionGuardOptions) {
    this.#options = options;
    this.#store = new GuardStore(options.database);
    this.#logger = options.logger ?? silentLogger;
  }

  async start(): Promise<void> {
    const { database, eventBus, portfolio } = this.#options;
    await migrate(database, { namespace: executionNamespace, migrations: executionMigrations });
    for (const row of await this.#store.all()) this.#rows.set(positionKeyText(row), row);
    for (const position of portfolio.allPositions()) await this.protect(position);
    this.#unsubscribe = eventBus.subscribe({ group: this.name, types: followed }, (event) => this.#hear(event));
    this.#armSweep();
    this.#health = { status: 'healthy' };
  }

  async stop(): Promise<void> {
    this.#unsubscribe?.();
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
    await Promise.allSettled(this.#work.values());
    this.#health = { status: 'stopped' };
  }

  health(): Health {
    return this.#uncoveredSince.size === 0
      ? this.#health
      : { status: 'degraded', detail: `${this.#uncoveredSince.size} positions without a whole stop` };
  }

  /** Positions that have a part no stop covers, at this moment. */
  uncovered(): number {
    return this.#uncoveredSince.size;
  }

  /** Keeps the plan of a trade. Later plans of the same position replace it. @throws StoreError */
  async plan(plan: GuardPlan): Promise<void> {
    const key = positionKeyText(plan);
    const before = this.#rows.get(key);
    if (before?.tradeId === plan.tradeId) return;
    const held = this.#options.portfolio.position(plan);
    await this.#keep({
      ...plan,
      takeProfits: [...plan.takeProfits],
      plannedSize: held?.size ?? zeroSize,
      taken: [],
      slots: {},
    });
  }

  /** Brings the resting orders of a position to what they should be. Resolves when done or when it will be tried again. */
  protect(key: PositionKey): Promise<void> {
    const text = positionKeyText(key);
    const release = this.#options.clock.hold();
    const work = (this.#work.get(text) ?? Promise.resolve())
      .then(() => this.#protect(key))
      .catch((error: unknown) => {
        this.#logger.error({ error, ...key }, 'a position could not be protected');
        this.#again(key);
      })
      .finally(() => {
        if (this.#work.get(text) === work) this.#work.delete(text);
        release();
      });
    this.#work.set(text, work);
    return work;
  }

  async #hear(event: DomainEvent<(typeof followed)[number]>): Promise<void> {
    switch (event.type) {
      case 'position.opened':
      case 'position.changed':
        return this.protect(event.payload);
      case 'position.closed':
        return this.protect(event.payload.position);
      case 'order.filled':
        return this.#onFilled(event.payload.order);
      case 'order.canceled':
        if (event.payload.purpose === 'stop-loss' || event.payload.purpose === 'take-profit')
          await this.protect(event.payload);
    }
  }

  async #onFilled(order: Order): Promise<void> {
    if (order.purpose !== 'take-profit' || order.status !== 'filled') return;
    const row = this.#rows.get(positionKeyText(order));
    const slot = row && Object.entries(row.slots).find(([, sent]) => sent.clientOrderId === order.clientOrderId)?.[0];
    if (row === undefined || slot === undefined || row.taken.includes(slot)) return;
    await this.#keep({ ...row, taken: [...row.taken, slot] });
    await this.protect(order);
  }

  async #protect(key: PositionKey): Promise<void> {
    const { portfolio, venues } = this.#options;
    const position = portfolio.position(key);
    const resting = portfolio
      .openOrders(key.userId)
      .filter((order) => order.venue === key.venue && order.instrumentId === key.instrumentId && isProtective(order));
    if (position === undefined) {
      for (const order of resting) await this.#options.orderDesk.cancel(order);
      this.#covered(key);
      return;
    }
    const venue = venues.get(key.venue);
    const instrument = venue?.instruments().find((candidate) => candidate.id === key.instrumentId);
    if (venue === undefined || instrument === undefined) return this.#again(key);

    const row = await this.#rowOf(position);
    const wanted = protectiveOrders(position, row, instrument, new Set(row.taken));
    for (const order of wanted) await this.#bring(row, position, order, resting, venue.capabilities.amend);
    const slots = new Set(
      wanted.map((order) => this.#rows.get(positionKeyText(key))?.slots[order.slot]?.clientOrderId),
    );
    for (const order of resting) if (!slots.has(order.clientOrderId)) await this.#options.orderDesk.cancel(order);
    await this.#judge(position);
  }

  /** The plan of a position; a position nobody planned is an incident and gets a stop of last resort. */
  async #rowOf(position: Position): Promise<GuardRow> {
    const known = this.#rows.get(positionKeyText(position));
    const row = known ?? { ...fallbackPlan(position, this.#options.venues), slots: {}, taken: [] };
    if (known === undefined)
      this.#logger.warn(
        { instrumentId: position.instrumentId, venue: position.venue },
        'a position without a plan is adopted',
      );
    const plannedSize = maximum(row.plannedSize, position.size);
    if (known !== undefined && plannedSize === known.plannedSize) return known;
    const kept = { ...row, plannedSize };
    await this.#keep(kept);
    return kept;
  }

  async #bring(
    row: GuardRow,
    position: Position,
    wanted: ProtectiveOrder,
    resting: readonly Order[],
    canAmend: boolean,
  ): Promise<void> {
    const current = this.#rows.get(positionKeyText(row)) ?? row;
    const sent = current.slots[wanted.slot];
    const rests = sent === undefined ? undefined : resting.find((order) => order.clientOrderId === sent.clientOrderId);
    if (rests !== undefined && compare(rests.size, wanted.size) === 0 && rests.triggerPrice === wanted.triggerPrice)
      return;
    if (rests !== undefined && canAmend) {
      await this.#options.orderDesk.amend(this.#intent(current, position, wanted, rests.clientOrderId));
      return;
    }
    const attempt = (sent?.attempt ?? -1) + 1;
    const clientOrderId = deriveClientOrderId(row.tradeId, `${wanted.slot}:${attempt}`);
    await this.#keep({ ...current, slots: { ...current.slots, [wanted.slot]: { clientOrderId, attempt } } });
    const outcome = await this.#options.orderDesk.send(this.#intent(current, position, wanted, clientOrderId));
    if (outcome.outcome !== 'accepted')
      this.#logger.warn({ ...outcome, slot: wanted.slot, tradeId: row.tradeId }, 'a protective order was not accepted');
    // The new stop rests before the old one goes: no instant of less cover.
    else if (rests !== undefined) await this.#options.orderDesk.cancel(rests);
  }

  #intent(row: GuardRow, position: Position, wanted: ProtectiveOrder, clientOrderId: string): OrderIntent {
    return {
      clientOrderId,
      userId: row.userId,
      venue: row.venue,
      instrumentId: row.instrumentId,
      side: position.direction === 'long' ? 'sell' : 'buy',
      type: wanted.type,
      size: wanted.size,
      triggerPrice: wanted.triggerPrice,
      timeInForce: 'gtc',
      reduceOnly: true,
      purpose: wanted.purpose,
      origin: 'guard',
      traceId: row.traceId,
      tradeId: row.tradeId,
    };
  }

  /** Looks whether a stop covers all; tells, tries again, and at the limit closes. */
  async #judge(asked: Position): Promise<void> {
    const { clock, closer, eventBus, portfolio } = this.#options;
    const position = portfolio.position(asked);
    if (position === undefined) return this.#covered(asked);
    const { userId, venue, instrumentId } = position;
    const orders = portfolio.openOrders(userId).filter((order) => order.venue === venue);
    const uncovered = uncoveredSize(position, orders);
    await this.#tellProtection(position);
    if (new Decimal(uncovered).isZero()) return this.#covered(position);
    const text = positionKeyText(position);
    const sinceMs = this.#uncoveredSince.get(text) ?? clock.nowMs();
    if (!this.#uncoveredSince.has(text)) {
      this.#uncoveredSince.set(text, sinceMs);
      await eventBus.publish({
        type: 'protection.missing',
        key: userId,
        userId,
        payload: { userId, venue, instrumentId, uncovered },
      });
    }
    if (clock.nowMs() - sinceMs >= (this.#options.uncoveredLimitMs ?? 10_000)) {
      this.#logger.error({ userId, venue, instrumentId, uncovered }, 'a position could not be covered and is closed');
      await closer.close(position, { origin: 'guard', reason: 'unprotected' });
    }
    this.#again(position);
  }

  async #tellProtection(position: Position): Promise<void> {
    const { userId, venue, instrumentId } = position;
    const protection: Protection = this.#options.portfolio.protectionOf(position);
    const text = positionKeyText(position);
    const told = JSON.stringify(protection);
    if (this.#told.get(text) === told) return;
    this.#told.set(text, told);
    await this.#options.eventBus.publish({
      type: 'protection.changed',
      key: userId,
      userId,
      payload: { userId, venue, instrumentId, protection },
    });
  }

  #covered(key: PositionKey): void {
    const text = positionKeyText(key);
    this.#uncoveredSince.delete(text);
    if (this.#options.portfolio.position(key) === undefined) this.#told.delete(text);
    this.#timers.get(text)?.();
    this.#timers.delete(text);
  }

  #again(key: PositionKey): void {
    const text = positionKeyText(key);
    this.#timers.get(text)?.();
    this.#timers.set(
      text,
      this.#options.clock.setTimer(this.#options.retryMs ?? 500, () => void this.protect(key)),
    );
  }

  #armSweep(): void {
    const { clock, portfolio } = this.#options;
    this.#timers.set(
      'sweep',
      clock.setTimer(this.#options.sweepMs ?? 60_000, () => {
        const release = clock.hold();
        portfolio
          .reconcile()
          .then(() => Promise.all(portfolio.allPositions().map((position) => this.protect(position))))
          .catch((error: unknown) => this.#logger.error({ error }, 'positions could not be compared with their venues'))
          .finally(() => {
            if (this.#health.status !== 'stopped') this.#armSweep();
            release();
          });
      }),
    );
  }

  async #keep(row: GuardRow): Promise<void> {
    await this.#store.put(row);
    this.#rows.set(positionKeyText(row), row);
  }
}

const isProtective = (order: Order): boolean => order.purpose === 'stop-loss' || order.purpose === 'take-profit';
