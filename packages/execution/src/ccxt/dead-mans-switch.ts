import type { CancelOutcome, Clock, DeadMansSwitch, Logger, RejectionCode } from '@perpdesk/core';
import type { AccountSession } from './account-session.ts';
import { cancelOutcome } from './outcomes.ts';
import type { VenueAdapter } from './venue-adapter.ts';

export interface VenueDeadMansSwitchOptions {
  readonly adapter: VenueAdapter;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly session: (userId: string) => Promise<AccountSession>;
  /** Told when the venue refuses the switch to a user: it is off for them from then on. */
  readonly onOff: (userId: string, reason: string) => void;
}

const refused = (code: RejectionCode, message: string): CancelOutcome => ({
  outcome: 'rejected',
  rejection: { code, message },
});

/**
 * A venue's dead man's switch by the one rule that keeps it from making an unprotected position: armed only while flat with
 * resting entries and nothing protective, and taken away as soon as that ends.
 */
export class VenueDeadMansSwitch implements DeadMansSwitch {
  readonly shortestMs: number;
  readonly #options: VenueDeadMansSwitchOptions;
  readonly #off = new Map<string, string>();
  readonly #armed = new Set<string>();

  constructor(options: VenueDeadMansSwitchOptions) {
    this.#options = options;
    this.shortestMs = options.adapter.shortestDeadManMs ?? 5_000;
  }

  unavailable(userId: string): string | undefined {
    return this.#off.get(userId);
  }

  /** True while the venue's timer runs for the user, as far as we set it. */
  isArmed(userId: string): boolean {
    return this.#armed.has(userId);
  }

  async arm(userId: string, afterMs: number, options: { readonly signal?: AbortSignal } = {}): Promise<CancelOutcome> {
    const { adapter } = this.#options;
    const off = this.#off.get(userId);
    if (off !== undefined) return refused('venue.unhealthy', off);
    if (!(afterMs >= this.shortestMs))
      return refused('order.invalid', `The switch takes ${this.shortestMs} ms at least, not ${afterMs}.`);
    const session = await this.#options.session(userId);
    if ((await session.fetchPositions(options.signal)).length > 0)
      return refused('position.exists', 'A position is open: the switch would take its stop.');
    const open = await session.fetchOpenOrders(options.signal);
    if (open.some(({ reduceOnly, purpose }) => reduceOnly || purpose !== 'entry'))
      return refused('stop.missing', 'A protective order rests: the switch would take it.');
    if (open.length === 0) return refused('order.unknown', 'No entry rests.');
    const markets = session
      .in('close')
      .markets()
      .filter(({ instrument }) => open.some(({ instrumentId }) => instrumentId === instrument.id));
    // Counted as armed whatever comes back: a lost answer may have set it.
    this.#armed.add(userId);
    const outcome = await this.#set(session, afterMs, markets, options.signal);
    if (outcome.outcome === 'rejected') {
      this.#armed.delete(userId);
      if (outcome.rejection.code !== 'order.throttled') this.#turnOff(userId, outcome.rejection.message);
    }
    // A fill may have come in between: then it must not stand.
    else if ((await session.fetchPositions(options.signal)).length > 0) {
      await this.disarm(userId, options);
      return refused(
        'position.exists',
        `A position was opened on ${adapter.venue} meanwhile: the switch is taken away again.`,
      );
    }
    return outcome;
  }

  async disarm(userId: string, options: { readonly signal?: AbortSignal } = {}): Promise<CancelOutcome> {
    if (!this.#armed.has(userId)) return { outcome: 'accepted' };
    const session = await this.#options.session(userId);
    const outcome = await this.#set(session, undefined, session.in('protect').markets(), options.signal);
    if (outcome.outcome === 'accepted') this.#armed.delete(userId);
    else this.#options.logger.error({ userId, ...outcome }, 'a dead man’s switch could not be taken away');
    return outcome;
  }

  async #set(
    session: AccountSession,
    afterMs: number | undefined,
    markets: Parameters<NonNullable<VenueAdapter['setDeadMan']>>[2],
    signal: AbortSignal | undefined,
  ): Promise<CancelOutcome> {
    const { adapter } = this.#options;
    if (adapter.setDeadMan === undefined) return refused('order.invalid', `${adapter.venue} has no such switch.`);
    try {
      return cancelOutcome(await adapter.setDeadMan(session.in('protect', signal), afterMs, markets));
    } catch (error) {
      return { outcome: 'unknown', reason: error instanceof Error ? error.message : String(error) };
    }
  }

  #turnOff(userId: string, reason: string): void {
    const said = `The venue refused its dead man’s switch: ${reason}`;
    this.#off.set(userId, said);
    this.#options.logger.warn({ userId, venue: this.#options.adapter.venue, reason }, 'a dead man’s switch is off');
    this.#options.onOff(userId, said);
  }
}
