import {
  type Clock,
  type Fill,
  type FundingPayment,
  type InstrumentId,
  isFinal,
  type Logger,
  type Order,
  type Position,
  type Release,
  type Unsubscribe,
  type VenueUpdate,
} from '@perpdesk/core';
import type { CcxtClient, SentSubscription } from '@perpdesk/core/ccxt';
import type { AccountSession } from './account-session.ts';
import type { NativeOrder } from './native-order.ts';
import type { NativeNews, VenueAdapter } from './venue-adapter.ts';

/** Pauses between connections, ms: the first, doubled up to the longest. */
const firstPauseMs = 250;
const longestPauseMs = 15_000;
/** How often it is looked whether a subscription has gone out, and when the venue has surely taken it, ms. */
const confirmEveryMs = 100;
const surelyTakenMs = 2_000;
/** How long fills that an order tells of may stay out before they are read, ms: they come beside it, over the same socket. */
const fillsDueMs = 20;
/** For how long what fills have made of positions waits for more that has come already, ms: it is read once for all of it. */
const positionsDueMs = 250;

export interface AccountStreamOptions {
  readonly session: AccountSession;
  readonly adapter: VenueAdapter;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told of each fill before its listeners are. */
  readonly onFill: (fill: Fill) => void;
}

/**
 * A user's account as it happens. Messages of the socket are taken in their order; after each connection the account is
 * read by REST and what was missed is told, so that a cut loses nothing. Each fill is told once. Fills that orders tell of and
 * that do not come are read, whatever else is being told. Funding comes over no socket that is watched: it is told when the
 * account is read.
 */
export class AccountStream {
  readonly #options: AccountStreamOptions;
  readonly #listeners = new Set<(update: VenueUpdate) => void>();
  readonly #held = new Set<InstrumentId>();
  readonly #open = new Map<string, Order>();
  /** What was told last of each thing: what is as it was is not told again. */
  readonly #told = new Map<string, string>();
  readonly #ending = new AbortController();
  #turn: Promise<unknown> = Promise.resolve();
  readonly #up = new Set<VenueAdapter['watches'][number]>();
  #resyncing = false;
  #again = false;
  #running = false;
  #cancelResync: Release = () => {};
  /** True once what was there before the first listener has been read. */
  #telling = false;
  /** True while funding is known and what it made of the account is still to be told. */
  #funded = false;
  /** Messages that have come and are not told yet. */
  readonly #waiting: NativeNews[] = [];
  /** Since when fills were told and what they made of positions was not. */
  #positionsSinceMs: number | undefined;
  /** Orders of which more has filled than has come as fills. */
  readonly #lacking: NativeOrder[] = [];
  #cancelFillsDue: Release | undefined;

  constructor(options: AccountStreamOptions) {
    this.#options = options;
    options.session.onFill = (fill) => this.#onFill(fill);
    options.session.funding.onPayment = (payment) => this.#onFunding(payment);
    options.session.isTold = () => this.live;
  }

  /** True while the socket is up and nothing is known to be missing. */
  get live(): boolean {
    return this.#up.size === this.#options.adapter.watches.length && !this.#resyncing;
  }

  listen(listener: (update: VenueUpdate) => void): Unsubscribe {
    this.#listeners.add(listener);
    if (!this.#running) this.#start();
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Takes a message of the socket; true when it was one of the account's. */
  take(frame: unknown): boolean {
    let news: NativeNews | undefined;
    try {
      news = this.#options.adapter.readNews(frame);
    } catch (error) {
      // What it told is not known: the account is read instead.
      this.#options.logger.warn(
        { error, venue: this.#options.adapter.venue },
        'a message of the account can not be read',
      );
      this.resync();
      return true;
    }
    if (news === undefined) return false;
    const told = news;
    this.#waiting.push(told);
    this.#awaitFills(told.orders ?? []);
    this.#inTurn(() => {
      this.#waiting.shift();
      return this.#tell(told);
    });
    return true;
  }

  /** Reads the account and tells what is not known yet. */
  resync(): void {
    if (this.#ending.signal.aborted) return;
    if (this.#resyncing) {
      this.#again = true;
      return;
    }
    this.#resyncing = true;
    this.#inTurn(async () => {
      let pauseMs = firstPauseMs;
      while (!this.#ending.signal.aborted) {
        this.#again = false;
        try {
          await this.#read(true);
          if (this.#again) continue;
          break;
        } catch (error) {
          this.#options.logger.warn({ error, venue: this.#options.adapter.venue }, 'an account could not be read');
          await this.#pause(pauseMs);
          pauseMs = Math.min(longestPauseMs, pauseMs * 2);
        }
      }
      this.#resyncing = false;
    });
  }

  /** Resolves when everything that came so far has been told. */
  settled(): Promise<unknown> {
    return this.#turn;
  }

  stop(): void {
    this.#ending.abort(new Error('stopped'));
    this.#cancelResync();
    this.#cancelFillsDue?.();
    this.#listeners.clear();
  }

  #start(): void {
    this.#running = true;
    this.#inTurn(() => this.#read(false));
    const { client } = this.#options.session;
    for (const watch of this.#options.adapter.watches) void this.#keepWatching(client, watch);
  }

  async #keepWatching(client: CcxtClient, watch: VenueAdapter['watches'][number]): Promise<void> {
    let pauseMs = firstPauseMs;
    while (!this.#ending.signal.aborted) {
      try {
        await client.watch(watch, (subscription) => {
          void this.#confirm(client, watch, subscription).then(() => {
            pauseMs = firstPauseMs;
          });
        });
      } catch (error) {
        if (this.#ending.signal.aborted) return;
        this.#up.delete(watch);
        this.#options.logger.warn({ error, venue: client.venue }, 'the account’s socket is down');
        await this.#pause(pauseMs);
        pauseMs = Math.min(longestPauseMs, pauseMs * 2);
      }
    }
  }

  /**
   * Between what was read last and a subscription something may have happened: the account is read once it has gone out, and
   * again when the venue has surely taken it.
   */
  async #confirm(
    client: CcxtClient,
    watch: VenueAdapter['watches'][number],
    subscription: SentSubscription,
  ): Promise<void> {
    const gone = (): boolean => client.sockets.isOpen(subscription.url) && client.sockets.wasSent(subscription);
    while (!gone()) {
      if (this.#ending.signal.aborted || !client.sockets.urls().includes(subscription.url)) return;
      await this.#pause(confirmEveryMs);
    }
    this.#up.add(watch);
    this.resync();
    // Once for all that go out together: readings are what the venue counts.
    this.#cancelResync();
    this.#cancelResync = this.#options.clock.setTimer(surelyTakenMs, () => this.resync());
  }

  async #pause(ms: number): Promise<void> {
    await this.#options.clock.sleep(ms, { signal: this.#ending.signal }).catch(() => undefined);
  }

  async #tell(news: NativeNews): Promise<void> {
    const { session } = this.#options;
    const answers = await Promise.allSettled((news.orders ?? []).map((native) => session.orderOfNews(native)));
    const orders = answers.flatMap((answer) => (answer.status === 'fulfilled' ? (answer.value ?? []) : []));
    for (const order of orders) if (!isGivenUp(order)) this.#tellOrder(order);
    // What ended for another had filled is told after that: fills may have come while it was asked after.
    const fills = news.fills ?? [];
    for (const native of [...fills, ...this.#waiting.flatMap((waiting) => waiting.fills ?? [])])
      await session.takeFill(native);
    for (const order of orders) if (isGivenUp(order)) this.#tellOrder(order);
    for (const answer of answers) if (answer.status === 'rejected') throw answer.reason;
    // Also where somebody else had read them: what they have made of the position was not told.
    if (fills.length > 0 || news.accountChanged) this.#positionsSinceMs ??= this.#options.clock.nowMs();
    await this.#tellPositionsDue();
  }

  /** One reading that begins after the last of what has come, not one for each. */
  async #tellPositionsDue(): Promise<void> {
    const sinceMs = this.#positionsSinceMs;
    if (sinceMs === undefined) return;
    if (this.#waiting.length > 0 && this.#options.clock.nowMs() < sinceMs + positionsDueMs) return;
    await this.#tellPositions();
  }

  /** Has fills read that orders tell of and that do not come beside them; whatever else is being told meanwhile. */
  #awaitFills(orders: readonly NativeOrder[]): void {
    const { clock, logger, session } = this.#options;
    session.see(orders);
    const lacking = orders.filter((order) => session.lacksFills(order, []));
    // Before anything is told all of it is read anyway.
    if (lacking.length === 0 || !this.#telling) return;
    this.#lacking.push(...lacking);
    this.#cancelFillsDue ??= clock.setTimer(fillsDueMs, () => {
      this.#cancelFillsDue = undefined;
      this.#readLacking().catch((error: unknown) => {
        logger.warn({ error, venue: this.#options.adapter.venue }, 'fills that were not told could not be read');
        this.resync();
      });
    });
  }

  async #readLacking(): Promise<void> {
    const { session } = this.#options;
    const coming = this.#waiting.flatMap(({ fills }) => fills ?? []);
    const isLacking = this.#lacking.splice(0).some((order) => session.lacksFills(order, coming));
    if (!isLacking) return;
    await session.readFills();
    // What they have made of positions was not told either.
    this.#inTurn(() => this.#tellPositions());
  }

  /** What happened while nobody listened; told, or taken as known where it is from before the first listener. */
  async #read(telling: boolean): Promise<void> {
    const { session } = this.#options;
    this.#telling ||= telling;
    await session.readFills();
    await session.funding.read();
    this.#telling = true;
    const open = await session.fetchOpenOrders();
    const ids = new Set(open.map(({ clientOrderId }) => clientOrderId));
    const gone: Order[] = [];
    for (const known of this.#open.values()) {
      if (ids.has(known.clientOrderId)) continue;
      const order = await session.fetchOrder(known.clientOrderId, undefined);
      if (order !== undefined) gone.push(order);
    }
    for (const order of [...open, ...gone]) this.#tellOrder(order, telling);
    await this.#tellPositions(telling);
  }

  #tellOrder(order: Order, telling = true): void {
    if (isFinal(order.status)) this.#open.delete(order.clientOrderId);
    else this.#open.set(order.clientOrderId, order);
    this.#tellNew(`order ${order.clientOrderId}`, { kind: 'order', order }, telling);
    if (isFinal(order.status)) this.#told.delete(`order ${order.clientOrderId}`);
  }

  /** A fill that is new, whoever read it: from the socket, after a cut, or beside positions. */
  #onFill(fill: Fill): void {
    this.#held.add(fill.instrumentId);
    this.#options.onFill(fill);
    if (this.#telling) this.#emit({ kind: 'fill', fill });
  }

  #onFunding(payment: FundingPayment): void {
    if (!this.#telling) return;
    this.#emit({ kind: 'funding', payment });
    // What it made of the account was not told either; several that are read together are told together.
    if (this.#funded) return;
    this.#funded = true;
    this.#inTurn(() => {
      this.#funded = false;
      return this.#tellPositions();
    });
  }

  async #tellPositions(telling = true): Promise<void> {
    const { session } = this.#options;
    this.#positionsSinceMs = undefined;
    const positions = new Map<InstrumentId, Position>();
    for (const position of await session.fetchPositions()) positions.set(position.instrumentId, position);
    for (const instrumentId of new Set([...this.#held, ...positions.keys()])) {
      const position = positions.get(instrumentId);
      if (position === undefined) this.#held.delete(instrumentId);
      else this.#held.add(instrumentId);
      this.#tellNew(`position ${instrumentId}`, { kind: 'position', instrumentId, position }, telling);
    }
    this.#tellNew('account', { kind: 'account', account: await session.fetchAccount() }, telling);
  }

  #tellNew(name: string, update: VenueUpdate, telling: boolean): void {
    // When a position or an account was looked at is no news of it.
    const at = update.kind === 'position' ? 'updatedAtMs' : 'atMs';
    const content = JSON.stringify(update, (key, value: unknown) => (key === at ? undefined : value));
    if (this.#told.get(name) === content) return;
    this.#told.set(name, content);
    if (telling) this.#emit(update);
  }

  #emit(update: VenueUpdate): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(update);
      } catch (error) {
        this.#options.logger.error({ error, kind: update.kind }, 'a listener of an account failed');
      }
    }
  }

  #inTurn(act: () => Promise<unknown>): void {
    this.#turn = this.#turn
      .then(() => (this.#ending.signal.aborted ? undefined : act()))
      .catch((error: unknown) => {
        if (this.#ending.signal.aborted) return;
        this.#options.logger.warn(
          { error, venue: this.#options.adapter.venue },
          'news of an account could not be told',
        );
        // Not from inside its own turn: the next one reads what this one could not.
        this.resync();
      });
  }
}

const isGivenUp = ({ status }: Order): boolean => status === 'canceled' || status === 'rejected';
