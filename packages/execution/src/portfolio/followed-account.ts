import type { Clock, EventBus, ExecutionVenue, InstrumentId, Logger, Order } from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import { OrderStore } from '../orders/order-store.ts';
import { AccountFeed } from './account-feed.ts';
import { AccountTeller } from './account-teller.ts';
import { type FillCursor, newCursor } from './fill-cursor.ts';
import type { PortfolioStore } from './portfolio-store.ts';
import { VenueAccount } from './venue-account.ts';

/** Options of {@link FollowedAccount}. */
export interface FollowedAccountOptions {
  readonly userId: string;
  readonly venue: ExecutionVenue;
  readonly store: PortfolioStore;
  readonly eventBus: EventBus;
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onChanged: (instruments: readonly InstrumentId[]) => void;
}

/** How far before the beginning fills are looked at, so that a clock that goes fast hides none of ours. */
const beginningMs = 60_000;

/** An account that is kept in step with its venue and told of. */
export class FollowedAccount {
  readonly account: VenueAccount;
  readonly venue: ExecutionVenue;
  readonly #feed: AccountFeed;
  readonly #teller: AccountTeller;

  private constructor(account: VenueAccount, options: FollowedAccountOptions) {
    this.account = account;
    this.venue = options.venue;
    this.#teller = new AccountTeller({ ...options, account });
    this.#feed = new AccountFeed({ ...options, account, onChanged: () => void this.#teller.tell() });
  }

  /** Takes up what an earlier process kept of the account. @throws StoreError */
  static async open(options: FollowedAccountOptions): Promise<FollowedAccount> {
    const { database, store, userId, venue } = options;
    const key = { userId, venue: venue.name };
    const account = new VenueAccount({
      ...key,
      cursor: (await store.cursor(key)) ?? (await begin(options)),
      held: await store.positions(key),
      openOrders: await new OrderStore(database).open(userId, venue.name),
    });
    return new FollowedAccount(account, options);
  }

  async start(): Promise<void> {
    await this.#feed.start();
    await this.#teller.tell();
  }

  async stop(): Promise<void> {
    await this.#feed.stop();
    await this.#teller.stop();
  }

  /** True once the venue has said what there is. */
  get known(): boolean {
    return this.#feed.known;
  }

  /** True when the account is what the venue holds, as far as anybody knows. */
  get trusted(): boolean {
    return this.#feed.failure === undefined && this.venue.unhealthy() === undefined;
  }

  /** What is wrong with following it. */
  get trouble(): string | undefined {
    return this.#teller.failing ? `the account at ${this.venue.name} can not be kept` : this.#feed.failure;
  }

  note(order: Order): void {
    this.#feed.note(order);
  }

  /** Takes in that the venue knows of nothing to reduce. */
  refute(instrumentId: InstrumentId): void {
    this.#feed.refute(instrumentId);
  }

  /** Compares the account with the venue; resolves when what differs was told or has failed for now. */
  async reconcile(): Promise<void> {
    await this.#feed.read();
    await this.#teller.tell();
  }
}

/** Where a new account begins: now, kept before anything is sent. @throws StoreError */
async function begin({ clock, logger, store, userId, venue }: FollowedAccountOptions): Promise<FillCursor> {
  const nowMs = clock.nowMs();
  let cursor = newCursor(nowMs, []);
  try {
    cursor = newCursor(nowMs, await venue.fetchFills(userId, nowMs - beginningMs));
  } catch (error) {
    logger.warn({ error, venue: venue.name, userId }, 'earlier fills could not be read');
  }
  await store.putCursor({ userId, venue: venue.name }, cursor);
  return cursor;
}
