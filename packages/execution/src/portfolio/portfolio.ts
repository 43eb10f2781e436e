import {
  type Account,
  type AccountView,
  type Clock,
  type EventBus,
  type ExecutionVenue,
  type Health,
  type Logger,
  type MarketView,
  type Order,
  type Position,
  type Protection,
  plus,
  type Reading,
  type Release,
  type Service,
  type Size,
  silentLogger,
  type Unsubscribe,
  type User,
  type UserDirectory,
} from '@perpdesk/core';
import { type Database, migrate } from '@perpdesk/core/database';
import type { PositionKey } from '../guard/guard-store.ts';
import { executionMigrations, executionNamespace } from '../store/execution-tables.ts';
import type { VenueDirectory } from '../venue/venue-directory.ts';
import { DayOpenings } from './day-openings.ts';
import { FollowedAccount } from './followed-account.ts';
import { markAccount } from './mark-account.ts';
import { markPosition, shownPosition } from './mark-position.ts';
import { PortfolioStore } from './portfolio-store.ts';
import { protectionOf } from './protection-of.ts';

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

/** A position and where it comes from. */
export interface Holding {
  readonly position: Position;
  /** Its number among the positions of its account: another position has another. */
  readonly number: number;
  /** The trades that entered it, in the order they did. */
  readonly tradeIds: readonly string[];
  /** True when the mark is of now. */
  readonly fresh: boolean;
  /** Its size by fills: the venue's word may be from before the last of them. */
  readonly filled: Size;
  /**
   * True when fills of after the venue's word have left less than that says, namely `filled`; `read`: all fills are known that
   * led there, not only those that were heard.
   */
  readonly ahead: 'read' | 'heard' | undefined;
  /** All that fills made it of, what was closed of it included. */
  readonly entered: Size;
}

/** How often it is looked whether a user's day has begun: every zone's midnight falls on a quarter of an hour. */
const dayCheckMs = 900_000;

/**
 * What the desk knows of its users' accounts: the venues' word, in memory at once, with marks as of now. It tells the desk of
 * fills, positions and funding, each once, also those that happened while it was down; while the database does not answer
 * the view goes on, and what is to be told waits.
 */
export class Portfolio implements Service, AccountView {
  readonly name = 'portfolio';
  readonly #options: PortfolioOptions;
  readonly #store: PortfolioStore;
  readonly #logger: Logger;
  readonly #days: DayOpenings;
  readonly #accounts = new Map<string, FollowedAccount>();
  /** The same by user, then by venue. */
  readonly #byUser = new Map<string, Map<string, FollowedAccount>>();
  readonly #users = new Map<string, User>();
  readonly #listeners = new Set<(key: PositionKey) => void>();
  #cancelDayCheck: Release = () => {};
  #running = false;

  constructor(options: PortfolioOptions) {
    this.#options = options;
    this.#store = new PortfolioStore(options.database);
    this.#logger = options.logger ?? silentLogger;
    this.#days = new DayOpenings({ store: this.#store, clock: options.clock, logger: this.#logger });
  }

  /** Takes up every active user's account at every venue the user may trade on. @throws StoreError */
  async start(): Promise<void> {
    const { database, users, venues } = this.#options;
    await migrate(database, { namespace: executionNamespace, migrations: executionMigrations });
    this.#running = true;
    const active = await users.active();
    for (const user of active) this.#users.set(user.id, user);
    // Side by side: a venue that does not answer keeps nobody else's positions from being looked at.
    await Promise.all(
      active.flatMap((user) =>
        venues
          .all()
          .filter(({ capabilities, name }) => capabilities.kind !== 'live' || user.venues.includes(name))
          .map((venue) => this.#follow(user, venue)),
      ),
    );
    this.#openDays();
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#cancelDayCheck();
    for (const followed of this.#accounts.values()) await followed.stop();
  }

  health(): Health {
    if (!this.#running) return { status: 'stopped' };
    const detail = [...this.#accounts.values()].map(({ trouble }) => trouble).find((trouble) => trouble !== undefined);
    return detail === undefined ? { status: 'healthy' } : { status: 'degraded', detail };
  }

  /** Calls back with a position that may have changed, or whose orders have, once the desk was told or could not be. */
  watch(listener: (key: PositionKey) => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  account(userId: string, venue: string): Reading<Account> | undefined {
    const followed = this.#accounts.get(keyOf(userId, venue));
    const told = followed?.account.account;
    if (followed === undefined || told === undefined) return undefined;
    const nowMs = this.#options.clock.nowMs();
    const marked = followed.account.allHeld().map((held) => markPosition(held, this.#options.marketView));
    const value = markAccount(
      told,
      marked.map(({ position }) => position),
      nowMs,
    );
    return followed.trusted && marked.every(({ fresh }) => fresh)
      ? { quality: 'fresh', value, atMs: nowMs }
      : { quality: 'stale', value, atMs: told.atMs, ageMs: nowMs - told.atMs };
  }

  positions(userId: string): readonly (Position & { readonly protection: Protection })[] {
    return this.#of(userId).flatMap(({ account }) => {
      const orders = account.openOrders();
      return account.allHeld().map((held) => {
        const { position } = shownPosition(held, this.#options.marketView);
        return { ...position, protection: protectionOf(position, orders) };
      });
    });
  }

  openOrders(userId: string): readonly Order[] {
    const followed = this.#of(userId);
    // Mostly there is one: its list stays the same while nothing changes.
    return followed.length === 1
      ? (followed[0]?.account.openOrders() ?? [])
      : followed.flatMap(({ account }) => account.openOrders());
  }

  filledTrades(userId: string, kind: 'paper' | 'live'): number {
    return this.#of(userId)
      .filter(({ venue }) => venue.capabilities.kind === kind)
      .reduce((count, { account }) => count + account.cursor.positions, 0);
  }

  dayOpenEquity(userId: string, venue: string): Account['equity'] | undefined {
    const present = this.account(userId, venue)?.value;
    return present && this.#days.equity(this.#timeZone(userId), present);
  }

  /** One position, with the present mark. */
  position(key: PositionKey): Position | undefined {
    return this.holding(key)?.position;
  }

  /** One position, with the present mark, and where it comes from. */
  holding({ userId, venue, instrumentId }: PositionKey): Holding | undefined {
    const account = this.#accounts.get(keyOf(userId, venue))?.account;
    const held = account?.held(instrumentId);
    if (account === undefined || held === undefined) return undefined;
    const { position, fresh } = shownPosition(held, this.#options.marketView);
    const { exitSize, number, size, trades } = held;
    const tradeIds = trades.map(({ tradeId }) => tradeId);
    return {
      position,
      fresh,
      number,
      tradeIds,
      filled: size,
      ahead: account.ahead(held),
      entered: plus(size, exitSize),
    };
  }

  /** Every user's positions at every venue. */
  allPositions(): readonly Position[] {
    return [...this.#accounts.values()].flatMap(({ account }) =>
      account.allHeld().map((held) => shownPosition(held, this.#options.marketView).position),
    );
  }

  /** An order as far as its fills are known, also one that has ended of late. */
  order({ userId, venue, clientOrderId }: Pick<Order, 'userId' | 'venue' | 'clientOrderId'>): Order | undefined {
    return this.#accounts.get(keyOf(userId, venue))?.account.shownOrder(clientOrderId);
  }

  /** True when the venue has said what the user holds: only then is no position flat. */
  isKnown({ userId, venue }: Pick<PositionKey, 'userId' | 'venue'>): boolean {
    return this.#accounts.get(keyOf(userId, venue))?.known ?? false;
  }

  /**
   * True when what is held is known by its fills at least: the venue has said what there is, or all its fills since were read.
   * Before, what an earlier life has kept may be long gone.
   */
  isReckoned({ userId, venue }: Pick<PositionKey, 'userId' | 'venue'>): boolean {
    return this.#accounts.get(keyOf(userId, venue))?.account.fillsRead ?? false;
  }

  /** Takes in what the desk itself knows of an order it sends: it is seen before the venue tells of it. */
  noteOrder(order: Order): void {
    this.#accounts.get(keyOf(order.userId, order.venue))?.note(order);
  }

  /** Takes in that a venue refused to reduce a position for it knows of none: where it does not show it either, it is gone. */
  refute({ userId, venue, instrumentId }: PositionKey): void {
    this.#accounts.get(keyOf(userId, venue))?.refute(instrumentId);
  }

  /** Reads every account from its venue again and tells what differs; sends nothing. Failing venues are logged and asked again. */
  async reconcile(): Promise<void> {
    await Promise.all([...this.#accounts.values()].map((followed) => followed.reconcile()));
  }

  async #follow(user: User, venue: ExecutionVenue): Promise<void> {
    const key = { userId: user.id, venue: venue.name };
    const followed = await FollowedAccount.open({
      ...this.#options,
      logger: this.#logger,
      store: this.#store,
      userId: user.id,
      venue,
      onChanged: (instruments) => {
        for (const instrumentId of instruments)
          for (const listener of this.#listeners) listener({ ...key, instrumentId });
      },
    });
    this.#accounts.set(keyOf(user.id, venue.name), followed);
    this.#byUser.set(user.id, (this.#byUser.get(user.id) ?? new Map()).set(venue.name, followed));
    await this.#days.load(key, this.#timeZone(user.id));
    await followed.start();
  }

  /** Notes what accounts are worth when a day begins, though nobody asks. */
  #openDays(): void {
    const { clock } = this.#options;
    for (const { account, venue } of this.#accounts.values()) {
      const { userId } = account;
      if (!this.#days.isOpen(this.#timeZone(userId), { userId, venue: venue.name }))
        this.dayOpenEquity(userId, venue.name);
    }
    this.#cancelDayCheck = clock.setTimer(dayCheckMs - (clock.nowMs() % dayCheckMs), () => this.#openDays());
  }

  #timeZone(userId: string): string {
    return this.#users.get(userId)?.timeZone ?? 'UTC';
  }

  #of(userId: string): readonly FollowedAccount[] {
    return [...(this.#byUser.get(userId)?.values() ?? [])];
  }
}

const keyOf = (userId: string, venue: string): string => `${userId}|${venue}`;
