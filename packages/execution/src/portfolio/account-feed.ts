import {
  type Clock,
  compare,
  type ExecutionVenue,
  type Fill,
  isZero,
  type Logger,
  type Order,
  type Position,
  type Release,
  type Unsubscribe,
  VenueError,
  type VenueUpdate,
} from '@perpdesk/core';
import { AbsenceDoubt } from './absence-doubt.ts';
import { isKnownFill } from './fill-cursor.ts';
import { readAccount } from './read-account.ts';
import type { VenueAccount } from './venue-account.ts';

/** Options of {@link AccountFeed}. */
export interface AccountFeedOptions {
  readonly account: VenueAccount;
  readonly venue: ExecutionVenue;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called when the account has changed. */
  readonly onChanged: () => void;
}

/** How often a reading is tried while the account keeps changing under it. */
const readings = 3;
/** Pause after a reading that failed. */
const retryMs = 5_000;

/**
 * Brings an account in memory into step with its venue: takes in what the venue tells the moment it does, and compares the
 * whole when asked to. What came while the account was being read is not undone by the reading.
 */
export class AccountFeed {
  readonly #options: AccountFeedOptions;
  readonly #waiting: VenueUpdate[] = [];
  readonly #doubt = new AbsenceDoubt();
  /** Updates heard so far. */
  #heard = 0;
  /** True while updates have to wait: for the first reading, or for an order to be looked up. */
  #busy = true;
  #reading: Promise<void> | undefined;
  #failure: string | undefined;
  #unsubscribe: Unsubscribe | undefined;
  #retry: Release | undefined;
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
    return this.#options.account.account !== undefined;
  }

  /** Listens, then reads: nothing in between is missed. Resolves also when the venue can not be read; it is asked again. */
  async start(): Promise<void> {
    const { account, venue } = this.#options;
    this.#unsubscribe = venue.watch(account.userId, (update) => this.#hear(update));
    await this.read();
    this.#goOn();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe?.();
    this.#retry?.();
    await this.#reading;
  }

  /** Takes in what the desk itself knows of an order. */
  note(order: Order): void {
    this.#options.account.apply({ kind: 'order', order });
    this.#options.onChanged();
  }

  /** Compares the account with the venue. Never rejects: a failure is kept, and the next try set. */
  read(): Promise<void> {
    this.#reading ??= this.#held(async () => {
      try {
        await this.#read();
        this.#failure = undefined;
      } catch (error) {
        this.#failed(error);
      } finally {
        this.#reading = undefined;
      }
    });
    return this.#reading;
  }

  async #read(): Promise<void> {
    const { account, venue, clock, onChanged } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      const heard = this.#heard;
      const reading = await readAccount(account, venue, clock.nowMs());
      const quiet = heard === this.#heard;
      if (!quiet && attempt < readings) continue;
      // It is being told of faster than it can be read: what is told keeps it in step.
      if (!quiet && this.known) return this.#readLater();
      // What waits was told before the reading began, which has it all; fills and ends count once however often they come.
      if (quiet) this.#drop((update) => update.kind === 'position' || update.kind === 'account');
      const doubted = this.#doubt.doubted(account, reading, clock.nowMs());
      account.adopt({ ...reading, positions: [...reading.positions, ...doubted] });
      onChanged();
      if (doubted.length === 0) return;
      throw new VenueError(
        'positions.doubtful',
        `${venue.name} does not show ${doubted[0]?.instrumentId}, which is held and which no fill has closed.`,
        { retryable: true },
      );
    }
  }

  #hear(update: VenueUpdate): void {
    this.#heard += 1;
    this.#waiting.push(update);
    if (!this.#busy) this.#goOn();
  }

  #goOn(): void {
    const { account, onChanged } = this.#options;
    this.#busy = false;
    for (let update = this.#waiting.shift(); update !== undefined; update = this.#waiting.shift()) {
      const missing = this.#missing(update);
      if (missing !== undefined) return this.#lookUp(missing, update);
      account.apply(update);
    }
    onChanged();
  }

  /** What has to be asked instead of taking an update in as it is. */
  #missing(update: VenueUpdate): (() => Promise<void>) | undefined {
    const { account } = this.#options;
    if (update.kind === 'fill') {
      if (isKnownFill(account.cursor, update.fill)) return undefined;
      const { clientOrderId, instrumentId, reason, side } = update.fill;
      const order = account.order(clientOrderId);
      if (reason === 'order' && order === undefined) return () => this.#fillOfUnknown(update);
      const held = account.held(instrumentId);
      // An entry against what is held: what closed that was not told.
      const isAgainst =
        order?.purpose === 'entry' && held !== undefined && !isZero(held.size) && !adds(side, held.position.direction);
      return isAgainst ? () => this.#read() : undefined;
    }
    if (update.kind !== 'position') return undefined;
    const held = account.held(update.instrumentId);
    if (update.position !== undefined) {
      // No newer than the fills that are known, and not what they come to: it may be from before the last of them.
      const { size, updatedAtMs } = update.position;
      const isOld = held !== undefined && updatedAtMs <= account.cursor.atMs && compare(size, held.size) !== 0;
      return isOld ? () => this.#read() : undefined;
    }
    // It is gone, and the fills that closed it were not told yet: the venue is asked for all.
    return held === undefined || isZero(held.size) ? undefined : () => this.#read();
  }

  async #fillOfUnknown(update: Extract<VenueUpdate, { readonly kind: 'fill' }>): Promise<void> {
    const { account, venue } = this.#options;
    const order = await venue.fetchOrder(account.userId, update.fill.clientOrderId);
    if (order !== undefined) account.apply({ kind: 'order', order });
    account.apply(update);
  }

  /** Later updates wait for the answer; without one the update is taken in as it is. */
  #lookUp(ask: () => Promise<void>, update: VenueUpdate): void {
    this.#busy = true;
    void this.#held(async () => {
      try {
        await ask();
      } catch (error) {
        this.#failed(error);
        this.#options.account.apply(update);
      }
      this.#goOn();
    });
  }

  #failed(error: unknown): void {
    const { account, logger } = this.#options;
    this.#failure = `the account at ${account.venue} could not be read`;
    logger.error({ error, venue: account.venue, userId: account.userId }, this.#failure);
    this.#readLater();
  }

  #readLater(): void {
    if (this.#stopped) return;
    this.#retry?.();
    this.#retry = this.#options.clock.setTimer(retryMs, () => void this.read());
  }

  #drop(isOld: (update: VenueUpdate) => boolean): void {
    const left = this.#waiting.filter((update) => !isOld(update));
    this.#waiting.splice(0, this.#waiting.length, ...left);
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

const adds = (side: Fill['side'], direction: Position['direction']): boolean =>
  (side === 'buy') === (direction === 'long');
