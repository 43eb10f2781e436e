import {
  type Clock,
  compare,
  type ExecutionVenue,
  type Fill,
  type InstrumentId,
  isZero,
  type Logger,
  type Order,
  type Position,
  type Release,
  type Unsubscribe,
  VenueError,
  type VenueUpdate,
  zeroSize,
} from '@perpdesk/core';
import { AbsenceDoubt } from './absence-doubt.ts';
import { isKnownFill } from './fill-cursor.ts';
import { readOrders, readStanding, readStandingAlone } from './read-account.ts';
import { ResumedReads } from './resumed-reads.ts';
import type { AccountReading, OrdersReading, VenueAccount } from './venue-account.ts';

/** Options of {@link AccountFeed}. */
export interface AccountFeedOptions {
  readonly account: VenueAccount;
  readonly venue: ExecutionVenue;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called when the account has changed. */
  readonly onChanged: () => void;
}

/** How often the account is read in a row while there is cause to. */
const readings = 3;
/** Pauses before it is read again after readings that failed, ms: the first, doubled up to the longest. */
const firstPauseMs = 500;
const longestPauseMs = 5_000;
/** The longest pause of a reading that goes on where it broke off: short, for a try that fails is one request. */
const brokenPauseMs = 1_000;
/** For how long a reading that broke off may go on where it was, ms; then it begins anew. */
const resumedForMs = 10_000;
/** How long a fill that its order tells of, or the position it made, may stay out before the venue is asked, ms. */
const newsDueMs = 500;

/** A reading that was begun. */
interface Begun {
  readonly atMs: number;
  /** How many early updates there were. */
  readonly early: number;
  /** What was told since. */
  readonly told: Set<InstrumentId>;
  readonly reads: { readonly orders: ResumedReads; readonly standing: ResumedReads };
  /** What became of orders, once that was answered. */
  orders?: OrdersReading;
}

/** What a reading leaves open: nothing; what stands of what was told meanwhile; whether an order is there that is listed late. */
type Outcome = 'done' | 'told' | 'unsettled';

/**
 * Brings an account in memory into step with its venue: takes in what the venue tells the moment it does, and compares the
 * whole when asked to. Nothing that is told waits for a reading, but for what only the venue can say of it; of what was told
 * while the account was read the reading says nothing. One in which the venue did not answer goes on from there: begun anew each
 * time it would need all of its answers in a row, and might never come to its end.
 */
export class AccountFeed {
  readonly #options: AccountFeedOptions;
  readonly #doubt = new AbsenceDoubt();
  /** Updates that came before the first reading was taken in; undefined once it was. */
  #early: VenueUpdate[] | undefined = [];
  /** Of instruments of which something is being asked: what is told of them meanwhile. */
  readonly #queues = new Map<InstrumentId, VenueUpdate[]>();
  /** What was told since the reading that is under way began. */
  #told: Set<InstrumentId> | undefined;
  /** As that, of the comparison that is under way. */
  #toldApart: Set<InstrumentId> | undefined;
  #reading: Promise<void> | undefined;
  #comparing: Promise<void> | undefined;
  /** The reading that is to go on where it broke off. */
  #broken: Begun | undefined;
  #again = false;
  #pauseMs = firstPauseMs;
  #failure: string | undefined;
  #unsubscribe: Unsubscribe | undefined;
  #retry: Release | undefined;
  #cancelNewsDue: Release | undefined;
  #stopped = false;

  constructor(options: AccountFeedOptions) {
    this.#options = options;
  }

  /** Why the account may not be what the venue holds. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** True once the venue has said what there is: before, nothing held does not mean flat. */
  get known(): boolean {
    return this.#options.account.positionsRead;
  }

  /** Listens, then reads: nothing in between is missed. Resolves also when the venue can not be read; it is asked again. */
  async start(): Promise<void> {
    const { account, venue } = this.#options;
    this.#unsubscribe = venue.watch(account.userId, (update) => this.#hear(update));
    await this.read();
    this.#begin(0);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe?.();
    this.#retry?.();
    this.#cancelNewsDue?.();
    await this.#comparing;
    await this.#reading;
  }

  /** Takes in what the desk itself knows of an order. */
  note(order: Order): void {
    this.#options.account.apply({ kind: 'order', order });
    this.#awaitNews();
    this.#options.onChanged();
  }

  /**
   * Takes in that the venue knows of nothing to reduce: said more than once, and with answers that do not show the position
   * either, it is gone. The account is read.
   */
  refute(instrumentId: InstrumentId): void {
    const held = this.#options.account.held(instrumentId);
    if (held === undefined) return;
    this.#doubt.refute(held);
    this.#readSoon();
  }

  /** Compares the account with the venue. Never rejects: a failure is kept, and the next try set. */
  read(): Promise<void> {
    this.#reading ??= this.#held(async () => {
      try {
        await this.#readThrough();
        this.#failure = undefined;
        this.#pauseMs = firstPauseMs;
      } catch (error) {
        this.#failed(error);
      } finally {
        this.#reading = undefined;
      }
    });
    return this.#reading;
  }

  /** Reads, or once more after the reading that is under way: it began before the cause. */
  #readSoon(): void {
    this.#again = true;
    this.#broken = undefined;
    void this.read();
  }

  /** @throws VenueError */
  async #readThrough(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      this.#again = false;
      const outcome = await this.#readOnce();
      if (!this.#again && outcome === 'done') return;
      if (!this.#again && outcome === 'told') return this.#compareLater();
      if (!this.#again || attempt === readings) return this.#readLater(longestPauseMs);
    }
  }

  /**
   * Asks what stands of what was told while all was read: that alone was left open. Where what has filled does not come to it,
   * and where the venue does not answer, all is read.
   */
  async #compare(): Promise<void> {
    // One that has begun since says more.
    if (this.#reading !== undefined) return;
    const { account, venue, clock, onChanged } = this.#options;
    const told = new Set<InstrumentId>();
    this.#toldApart = told;
    const reading = await readStandingAlone(account, venue, told, clock.nowMs()).catch(() => undefined);
    this.#toldApart = undefined;
    if (this.#reading !== undefined || this.#stopped) return;
    if (reading === undefined) return void this.read();
    this.#doubt.doubted(account, reading, clock.nowMs(), told);
    account.adoptStanding(reading, told);
    onChanged();
    if (told.size > 0) this.#compareLater();
  }

  /** @throws VenueError */
  async #readOnce(): Promise<Outcome> {
    const { account, venue, clock, onChanged } = this.#options;
    const begun = this.#beginOrResume();
    const { early, told } = begun;
    this.#told = told;
    try {
      const reading = await this.#askAll(begun).catch((error: unknown) => {
        if (VenueError.is(error) && error.retryable) this.#broken = begun;
        // What fills say is not kept back for what stands: it may be all there is to protect by for a while.
        if (begun.orders !== undefined) this.#adoptOrders(begun.orders, told);
        throw error;
      });
      const doubted = this.#doubt.doubted(account, reading, clock.nowMs(), told);
      account.adopt(reading, new Set([...told, ...doubted]));
      this.#begin(early);
      this.#awaitNews();
      onChanged();
      if (doubted.length === 0) return !reading.isSettled ? 'unsettled' : told.size > 0 ? 'told' : 'done';
      throw new VenueError(
        'positions.doubtful',
        `${venue.name} does not show ${doubted[0]}, which is held and which no fill has closed.`,
        { retryable: true },
      );
    } finally {
      // What is told while it pauses counts too.
      if (this.#told === told && this.#broken !== begun) this.#told = undefined;
    }
  }

  async #askAll(begun: Begun): Promise<AccountReading> {
    const { account } = this.#options;
    const { atMs, reads } = begun;
    begun.orders ??= await readOrders(account, reads.orders.fromStart(), atMs);
    return readStanding(account, reads.standing.fromStart(), begun.orders);
  }

  #adoptOrders(orders: OrdersReading, told: ReadonlySet<InstrumentId>): void {
    this.#options.account.adoptOrders(orders, told);
    this.#options.onChanged();
  }

  #beginOrResume(): Begun {
    const nowMs = this.#options.clock.nowMs();
    const broken = this.#broken;
    this.#broken = undefined;
    if (broken !== undefined && nowMs < broken.atMs + resumedForMs) return broken;
    const { venue } = this.#options;
    const reads = { orders: new ResumedReads(venue), standing: new ResumedReads(venue) };
    return { atMs: nowMs, early: this.#early?.length ?? 0, told: new Set(), reads };
  }

  /** Goes on with what came before the first reading: it has what was told before it began; fills and ends count once. */
  #begin(readFrom: number): void {
    const early = this.#early;
    if (early === undefined) return;
    this.#early = undefined;
    for (const [index, update] of early.entries())
      if (index >= readFrom || (update.kind !== 'position' && update.kind !== 'account')) this.#take(update);
    this.#options.onChanged();
  }

  #hear(update: VenueUpdate): void {
    if (this.#early !== undefined) {
      this.#early.push(update);
      return;
    }
    const about = aboutOf(update);
    if (about !== undefined) {
      this.#told?.add(about);
      this.#toldApart?.add(about);
    }
    this.#take(update);
    this.#awaitNews();
    this.#options.onChanged();
  }

  /** Asks the venue for fills that orders tell of, and for positions that fills have lessened, where they do not come by themselves. */
  #awaitNews(): void {
    const { account, clock } = this.#options;
    if (this.#stopped || this.#cancelNewsDue !== undefined) return;
    if (!account.awaitsFills && !account.awaitsWord) return;
    this.#cancelNewsDue = clock.setTimer(newsDueMs, () => {
      this.#cancelNewsDue = undefined;
      if (account.awaitsFills) this.#readSoon();
      // A reading that broke off goes on: what it lacks is the position.
      else if (account.awaitsWord) void this.read();
    });
  }

  #take(update: VenueUpdate): void {
    const about = aboutOf(update);
    const queue = about === undefined ? undefined : this.#queues.get(about);
    if (queue !== undefined) queue.push(update);
    else if (update.kind === 'fill') this.#takeFill(update);
    else if (update.kind === 'position') this.#takePosition(update);
    else this.#options.account.apply(update);
  }

  #takeFill(update: FillUpdate): void {
    const { account } = this.#options;
    const { clientOrderId, instrumentId, reason, side } = update.fill;
    const order = account.order(clientOrderId);
    const held = account.held(instrumentId);
    if (isKnownFill(account.cursor, update.fill)) return;
    if (reason === 'order' && order === undefined) this.#ask(update, () => this.#fetchOrderOf(update));
    // An entry against what is held: what closed that was not told.
    else if (
      order?.purpose === 'entry' &&
      held !== undefined &&
      !isZero(held.size) &&
      !adds(side, held.position.direction)
    )
      this.#ask(update, () => this.#readFresh());
    else account.apply(update);
  }

  #takePosition(update: PositionUpdate): void {
    const { account } = this.#options;
    const { instrumentId, position } = update;
    const held = account.held(instrumentId);
    if (position === undefined) {
      if (held === undefined || isZero(held.size)) account.apply(update);
      // It is gone, and the fills that closed it were not told yet: the venue is asked for all.
      else this.#readSoon();
      return;
    }
    // No newer than the fills that are known, and not what they come to: it may be from before the last of them.
    const isDoubtful =
      position.updatedAtMs <= account.cursor.atMs && compare(position.size, held?.size ?? zeroSize) !== 0;
    // Until the venue has answered the larger counts: a stop that is too large closes no more than there is.
    if (!isDoubtful || (held !== undefined && isMore(position, held.position))) account.apply(update);
    if (isDoubtful) this.#readSoon();
  }

  async #fetchOrderOf({ fill }: FillUpdate): Promise<void> {
    const { account, venue } = this.#options;
    const order = await venue.fetchOrder(account.userId, fill.clientOrderId);
    if (order !== undefined) account.apply({ kind: 'order', order });
  }

  /** A reading that begins now. @throws VenueError */
  async #readFresh(): Promise<void> {
    await this.#reading;
    this.#broken = undefined;
    await this.read();
  }

  /** Asks before a fill is taken in. What is told of its instrument waits; without an answer all is taken in as it is. */
  #ask(update: FillUpdate, question: () => Promise<void>): void {
    const { account, onChanged } = this.#options;
    const { instrumentId } = update.fill;
    this.#queues.set(instrumentId, []);
    void this.#held(async () => {
      await question().catch((error: unknown) => this.#failed(error));
      const queue = this.#queues.get(instrumentId) ?? [];
      this.#queues.delete(instrumentId);
      account.apply(update);
      for (const later of queue) this.#take(later);
      onChanged();
    });
  }

  #failed(error: unknown): void {
    const { account, logger } = this.#options;
    this.#failure = `the account at ${account.venue} could not be read`;
    logger.error({ error, venue: account.venue, userId: account.userId }, this.#failure);
    this.#readLater(this.#broken === undefined ? this.#pauseMs : Math.min(this.#pauseMs, brokenPauseMs));
    this.#pauseMs = Math.min(longestPauseMs, this.#pauseMs * 2);
  }

  #readLater(pauseMs: number): void {
    this.#later(pauseMs, () => void this.read());
  }

  #compareLater(): void {
    this.#later(longestPauseMs, () => {
      this.#comparing = this.#held(() => this.#compare());
    });
  }

  #later(pauseMs: number, act: () => void): void {
    if (this.#stopped) return;
    this.#retry?.();
    this.#retry = this.#options.clock.setTimer(pauseMs, act);
  }

  async #held(act: () => Promise<void>): Promise<void> {
    const release = this.#options.clock.hold();
    try {
      await act();
    } finally {
      release();
    }
  }
}

type FillUpdate = Extract<VenueUpdate, { readonly kind: 'fill' }>;
type PositionUpdate = Extract<VenueUpdate, { readonly kind: 'position' }>;

/** Whose standing an update changes; news of an order change none, and an account says of when it is. */
function aboutOf(update: VenueUpdate): InstrumentId | undefined {
  switch (update.kind) {
    case 'order':
    case 'account':
      return undefined;
    case 'fill':
      return update.fill.instrumentId;
    case 'position':
      return update.instrumentId;
    case 'funding':
      return update.payment.instrumentId;
  }
}

const adds = (side: Fill['side'], direction: Position['direction']): boolean =>
  (side === 'buy') === (direction === 'long');

const isMore = (told: Position, held: Position): boolean =>
  told.direction === held.direction && compare(told.size, held.size) > 0;
