import {
  type Account,
  type AccountView,
  type Clock,
  type EventBus,
  type ExecutionVenue,
  type Health,
  type InstrumentId,
  isFinal,
  isFresh,
  type Logger,
  type MarketView,
  minus,
  type Order,
  type Position,
  type Protection,
  plus,
  priceFromNumber,
  type Reading,
  type Service,
  silentLogger,
  sum,
  toSize,
  type Unsubscribe,
  type User,
  type UserDirectory,
  unrealizedPnl,
  type VenueUpdate,
} from '@perpdesk/core';
import { type Database, migrate } from '@perpdesk/core/database';
import type { PositionKey } from '../guard/guard-store.ts';
import { type ExecutionTables, executionMigrations, executionNamespace } from '../store/execution-tables.ts';
import type { VenueDirectory } from '../venue/venue-directory.ts';
import { calendarDay } from './calendar-day.ts';
import { type DayOpening, PortfolioStore } from './portfolio-store.ts';
import { type AccountChange, VenueAccount } from './venue-account.ts';

/** Options of {@link Portfolio}. */
export interface PortfolioOptions {
  readonly users: UserDirectory;
  readonly venues: VenueDirectory;
  readonly marketView: MarketView;
  readonly eventBus: EventBus;
  readonly database: Database;
  readonly clock: Clock;
  readonly logger?: Logger;
}

/** How often it is looked whether a user's day has begun: every zone's midnight falls on a quarter of an hour. */
const dayCheckMs = 900_000;

/**
 * What the desk knows of its users' accounts: the venues' word, in memory, with marks as of now. It tells the desk of fills,
 * positions and funding, each once, also those that happened while it was down.
 */
export class Portfolio implements Service, AccountView {
  readonly name = 'portfolio';
  readonly #options: PortfolioOptions;
  readonly #store: PortfolioStore;
  readonly #logger: Logger;
  readonly #accounts = new Map<string, VenueAccount>();
  readonly #users = new Map<string, User>();
  readonly #days = new Map<string, { readonly day: string; readonly opening: DayOpening }>();
  readonly #unsubscribes: Unsubscribe[] = [];
  /** The tail of each account's updates: one at a time, in the venue's order. */
  readonly #work = new Map<VenueAccount, Promise<void>>();
  #cancelDayCheck = (): void => {};
  #health: Health = { status: 'stopped' };

  constructor(options: PortfolioOptions) {
    this.#options = options;
    this.#store = new PortfolioStore(options.database);
    this.#logger = options.logger ?? silentLogger;
  }

  /** Takes up every active user's account at every venue the user may trade on. @throws StoreError */
  async start(): Promise<void> {
    const { database, users, venues } = this.#options;
    await migrate(database, { namespace: executionNamespace, migrations: executionMigrations });
    this.#health = { status: 'healthy' };
    for (const user of await users.active()) {
      this.#users.set(user.id, user);
      for (const venue of venues.all()) {
        if (venue.capabilities.kind === 'live' && !user.venues.includes(venue.name)) continue;
        await this.#open(user.id, venue);
      }
    }
    await this.#checkDays();
  }

  async stop(): Promise<void> {
    this.#cancelDayCheck();
    for (const unsubscribe of this.#unsubscribes.splice(0)) unsubscribe();
    await Promise.allSettled(this.#work.values());
    this.#health = { status: 'stopped' };
  }

  health(): Health {
    return this.#health;
  }

  account(userId: string, venue: string): Reading<Account> | undefined {
    const known = this.#accounts.get(accountKey(userId, venue));
    if (known?.account === undefined) return undefined;
    const nowMs = this.#options.clock.nowMs();
    const marked = [...known.held.values()].map((held) => this.#marked(held.position));
    const unrealized = sum(marked.map(({ position }) => position.unrealizedPnl));
    const change = minus(unrealized, known.account.unrealizedPnl);
    const value: Account = {
      ...known.account,
      unrealizedPnl: unrealized,
      equity: plus(known.account.equity, change),
      availableMargin: plus(known.account.availableMargin, change),
      atMs: nowMs,
    };
    const trusted = known.venue.unhealthy() === undefined && marked.every(({ fresh }) => fresh);
    return trusted
      ? { quality: 'fresh', value, atMs: nowMs }
      : { quality: 'stale', value, atMs: known.account.atMs, ageMs: nowMs - known.account.atMs };
  }

  positions(userId: string): readonly (Position & { readonly protection: Protection })[] {
    return this.#of(userId).flatMap((account) =>
      [...account.held.values()].map(({ position }) => ({
        ...this.#marked(position).position,
        protection: this.protectionOf(position),
      })),
    );
  }

  openOrders(userId: string): readonly Order[] {
    return this.#of(userId).flatMap((account) => account.openOrders());
  }

  filledTrades(userId: string, kind: 'paper' | 'live'): number {
    return this.#of(userId)
      .filter((account) => account.venue.capabilities.kind === kind)
      .reduce((count, account) => count + account.cursor.filledTrades, 0);
  }

  dayOpenEquity(userId: string, venue: string): Account['equity'] | undefined {
    const opening = this.#days.get(accountKey(userId, venue))?.opening;
    const deposits = this.#accounts.get(accountKey(userId, venue))?.account?.deposits;
    if (opening === undefined || deposits === undefined) return undefined;
    return plus(opening.equity, minus(deposits, opening.deposits));
  }

  /** One position, with the present mark. */
  position({ userId, venue, instrumentId }: PositionKey): Position | undefined {
    const held = this.#accounts.get(accountKey(userId, venue))?.held.get(instrumentId);
    return held === undefined ? undefined : this.#marked(held.position).position;
  }

  /** Every user's positions at every venue. */
  allPositions(): readonly Position[] {
    return [...this.#accounts.values()].flatMap((account) =>
      [...account.held.values()].map((held) => this.#marked(held.position).position),
    );
  }

  /** The orders that protect a position, as they rest. */
  protectionOf({ userId, venue, instrumentId }: PositionKey): Protection {
    const resting = this.openOrders(userId).filter(
      (order) => order.venue === venue && order.instrumentId === instrumentId && order.reduceOnly,
    );
    const left = (order: Order) => toSize(minus(order.size, order.filledSize));
    const stops = resting.filter((order) => order.purpose === 'stop-loss');
    const stopLoss = stops[0]?.triggerPrice;
    return {
      ...(stopLoss === undefined ? {} : { stopLoss }),
      stopSize: sum(stops.map(left)),
      takeProfits: resting.flatMap((order) =>
        order.purpose === 'take-profit' && order.triggerPrice !== undefined
          ? [{ price: order.triggerPrice, size: left(order) }]
          : [],
      ),
    };
  }

  /** Reads every account from its venue again and tells what differs; sends nothing. Failing venues are skipped and logged. */
  async reconcile(): Promise<void> {
    for (const account of this.#accounts.values()) await this.#enqueue(account, () => this.#reconcile(account));
  }

  async #open(userId: string, venue: ExecutionVenue): Promise<void> {
    const account = new VenueAccount(userId, venue);
    this.#accounts.set(accountKey(userId, venue.name), account);
    account.restore(await this.#store.positions(userId, venue.name), await this.#store.cursor(userId, venue.name));
    // From here on nothing is missed: updates queue behind the first reading.
    this.#unsubscribes.push(
      venue.watch(userId, (update) => void this.#enqueue(account, () => this.#apply(account, update))),
    );
    await this.#enqueue(account, () => this.#reconcile(account));
  }

  async #reconcile(account: VenueAccount): Promise<void> {
    const { userId, venue } = account;
    const orders = await venue.fetchOpenOrders(userId);
    const gone = account.adoptOrders(orders);
    for (const { clientOrderId } of gone) {
      const order = await venue.fetchOrder(userId, clientOrderId);
      if (order !== undefined && isFinal(order.status)) await this.#apply(account, { kind: 'order', order });
    }
    for (const fill of await venue.fetchFills(userId, account.cursor.atMs)) {
      const order = await venue.fetchOrder(userId, fill.clientOrderId);
      if (order !== undefined) await this.#apply(account, { kind: 'order', order });
      await this.#apply(account, { kind: 'fill', fill });
    }
    const positions = await venue.fetchPositions(userId);
    const held = new Set<InstrumentId>([...account.held.keys(), ...positions.map((position) => position.instrumentId)]);
    for (const instrumentId of [...held].sort()) {
      const position = positions.find((candidate) => candidate.instrumentId === instrumentId);
      await this.#apply(account, { kind: 'position', instrumentId, position });
    }
    account.account = await venue.fetchAccount(userId);
  }

  async #apply(account: VenueAccount, update: VenueUpdate): Promise<void> {
    const change = account.apply(update);
    if (change.events.length === 0 && change.put === undefined && change.cursor === undefined) return;
    await this.#keep(account, change);
  }

  async #keep({ userId, venue }: VenueAccount, change: AccountChange): Promise<void> {
    const { database, eventBus } = this.#options;
    await database.transaction(async (transaction) => {
      const tables = transaction.as<ExecutionTables>();
      if (change.put !== undefined) await this.#store.putPosition(change.put, tables);
      if (change.remove !== undefined) await this.#store.removePosition(userId, venue.name, change.remove, tables);
      if (change.cursor !== undefined) await this.#store.putCursor(userId, venue.name, change.cursor, tables);
      for (const event of change.events) await eventBus.publish(event, { transaction });
    });
  }

  #enqueue(account: VenueAccount, task: () => Promise<void>): Promise<void> {
    const release = this.#options.clock.hold();
    const work = (this.#work.get(account) ?? Promise.resolve())
      .then(task)
      .catch((error: unknown) => {
        this.#health = {
          status: 'degraded',
          detail: `the account at ${account.venue.name} could not be brought up to date`,
        };
        this.#logger.error({ error, venue: account.venue.name, userId: account.userId }, 'an account update failed');
      })
      .finally(release);
    this.#work.set(account, work);
    return work;
  }

  /** A position at the present mark, and whether that mark is fresh. */
  #marked(position: Position): { readonly position: Position; readonly fresh: boolean } {
    const ticker = this.#options.marketView.ticker(position.instrumentId);
    const instrument = this.#options.marketView.instrument(position.instrumentId);
    if (ticker === undefined || instrument === undefined) return { position, fresh: false };
    const markPrice = priceFromNumber(instrument.priceRule, ticker.value.mark, 'nearest');
    const { direction, entryPrice, size } = position;
    return {
      position: { ...position, markPrice, unrealizedPnl: unrealizedPnl({ direction, entryPrice, markPrice, size }) },
      fresh: isFresh(ticker),
    };
  }

  /** Notes the equity of every account whose user's day has begun. */
  async #checkDays(): Promise<void> {
    const { clock } = this.#options;
    const nowMs = clock.nowMs();
    for (const account of this.#accounts.values()) {
      const { userId, venue } = account;
      const key = accountKey(userId, venue.name);
      const day = calendarDay(nowMs, this.#users.get(userId)?.timeZone ?? 'UTC');
      const present = this.account(userId, venue.name)?.value;
      if (this.#days.get(key)?.day === day || present === undefined) continue;
      const kept = await this.#store.dayOpening(userId, venue.name, day);
      const opening = kept ?? { equity: present.equity, deposits: present.deposits };
      if (kept === undefined) await this.#store.putDayOpening(userId, venue.name, day, opening);
      this.#days.set(key, { day, opening });
    }
    this.#cancelDayCheck = clock.setTimer(dayCheckMs - (nowMs % dayCheckMs), () => {
      const release = clock.hold();
      this.#checkDays()
        .catch((error: unknown) => this.#logger.error({ error }, 'the day could not be opened'))
        .finally(release);
    });
  }

  #of(userId: string): readonly VenueAccount[] {
    return [...this.#accounts.values()].filter((account) => account.userId === userId);
  }
}

const accountKey = (userId: string, venue: string): string => `${userId}|${venue}`;
