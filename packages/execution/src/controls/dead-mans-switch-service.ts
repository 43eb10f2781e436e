import {
  type AccountView,
  type CancelOutcome,
  type Clock,
  type ExecutionVenue,
  type Health,
  type Logger,
  type Release,
  type Service,
  silentLogger,
  type UserDirectory,
} from '@perpdesk/core';
import type { VenueDirectory } from '../venue/venue-directory.ts';

/** Options of {@link DeadMansSwitchService}. */
export interface DeadMansSwitchServiceOptions {
  readonly users: UserDirectory;
  readonly venues: VenueDirectory;
  readonly accounts: AccountView;
  readonly clock: Clock;
  /** After how long without a beat a venue cancels what rests. Default 60 s; never shorter than the venue takes. */
  readonly afterMs?: number;
  readonly logger?: Logger;
}

/**
 * Beats the venues' dead man's switches, a third of their time apart: for accounts that are flat and have entries resting, so
 * that a desk that dies leaves no entry behind. Where a position is open, or anything protective rests, the switch is taken
 * away: it would take the stop with it (PRODUCT §3). A venue that refuses it is left alone and shown.
 */
export class DeadMansSwitchService implements Service {
  readonly name = 'dead-mans-switch';
  readonly #options: DeadMansSwitchServiceOptions;
  readonly #logger: Logger;
  readonly #afterMs: number;
  readonly #armed = new Set<string>();
  #cancel: Release | undefined;
  #beating: Promise<void> = Promise.resolve();

  constructor(options: DeadMansSwitchServiceOptions) {
    this.#options = options;
    this.#logger = options.logger ?? silentLogger;
    this.#afterMs = options.afterMs ?? 60_000;
  }

  async start(): Promise<void> {
    this.#later();
  }

  /** Stops beating, and takes the switches away: what rests is looked after by whoever stops the desk. */
  async stop(): Promise<void> {
    this.#cancel?.();
    this.#cancel = undefined;
    await this.#beating;
    for (const { userId, venue } of await this.#accounts()) await this.#disarm(userId, venue);
  }

  health(): Health {
    return this.#cancel === undefined
      ? { status: 'stopped' }
      : { status: 'healthy', detail: `${this.#armed.size} armed` };
  }

  /** Sets or takes away every switch by what its account holds now. */
  async beat(): Promise<void> {
    for (const { userId, venue } of await this.#accounts()) {
      const { accounts } = this.#options;
      const at = <Place extends { readonly venue: string }>(all: readonly Place[]): readonly Place[] =>
        all.filter((one) => one.venue === venue.name);
      const orders = at(accounts.openOrders(userId));
      const isWanted =
        accounts.account(userId, venue.name) !== undefined &&
        at(accounts.positions(userId)).length === 0 &&
        orders.length > 0 &&
        orders.every(({ purpose, reduceOnly }) => purpose === 'entry' && !reduceOnly);
      await (isWanted ? this.#arm(userId, venue) : this.#disarm(userId, venue));
    }
  }

  async #arm(userId: string, venue: ExecutionVenue): Promise<void> {
    const { deadMansSwitch } = venue;
    if (deadMansSwitch === undefined || deadMansSwitch.unavailable(userId) !== undefined) return;
    const afterMs = Math.max(this.#afterMs, deadMansSwitch.shortestMs);
    const outcome = await this.#attempt(venue, userId, () => deadMansSwitch.arm(userId, afterMs));
    // A lost answer may have set it.
    if (outcome?.outcome !== 'rejected') this.#armed.add(keyOf(userId, venue));
  }

  async #disarm(userId: string, venue: ExecutionVenue): Promise<void> {
    const { deadMansSwitch } = venue;
    if (deadMansSwitch === undefined || !this.#armed.has(keyOf(userId, venue))) return;
    const outcome = await this.#attempt(venue, userId, () => deadMansSwitch.disarm(userId));
    if (outcome?.outcome === 'accepted') this.#armed.delete(keyOf(userId, venue));
  }

  async #attempt(
    venue: ExecutionVenue,
    userId: string,
    act: () => Promise<CancelOutcome>,
  ): Promise<CancelOutcome | undefined> {
    try {
      return await act();
    } catch (error) {
      this.#logger.warn({ error, userId, venue: venue.name }, 'a dead man’s switch could not be beaten');
      return undefined;
    }
  }

  async #accounts(): Promise<readonly { readonly userId: string; readonly venue: ExecutionVenue }[]> {
    const { users, venues } = this.#options;
    const withSwitch = venues.all().filter(({ deadMansSwitch }) => deadMansSwitch !== undefined);
    return (await users.active()).flatMap((user) =>
      withSwitch.filter(({ name }) => user.venues.includes(name)).map((venue) => ({ userId: user.id, venue })),
    );
  }

  #later(): void {
    const { clock } = this.#options;
    this.#cancel = clock.setTimer(Math.floor(this.#afterMs / 3), () => {
      const release = clock.hold();
      this.#beating = this.beat()
        .catch((error: unknown) => this.#logger.error({ error }, 'the dead man’s switches could not be looked at'))
        .finally(release);
      this.#later();
    });
  }
}

const keyOf = (userId: string, venue: ExecutionVenue): string => `${userId}|${venue.name}`;
