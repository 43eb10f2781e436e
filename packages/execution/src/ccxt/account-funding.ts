import { type Clock, type Decimal, type FundingPayment, type Logger, toRate, toUsd, VenueError } from '@perpdesk/core';
import { FundingTape } from './funding-tape.ts';
import type { NativeFunding } from './native-order.ts';
import type { VenueAdapter } from './venue-adapter.ts';
import type { VenueWire } from './venue-wire.ts';

/** How long funding that was read counts as all there is, ms, for sums that are told and not acted on. */
const holdMs = 60_000;
/** For how long after an instant at which funding is paid it is asked for each time, and for how long each minute, ms. */
const dueMs = 120_000;
const bookedMs = 900_000;
/** How long it counts as all there is once an instant is booked and the next has not come, ms. */
const quietMs = 600_000;
/** How far back funding is asked for again: venues book an instant over minutes, one instrument after the other. */
const overlapMs = 3_600_000;

/** Options of {@link AccountFunding}. */
export interface AccountFundingOptions {
  readonly userId: string;
  readonly name: string;
  readonly adapter: VenueAdapter;
  readonly wire: VenueWire;
  readonly clock: Clock;
  readonly logger: Logger;
  /** From when it is counted. */
  readonly sinceMs: number;
}

/** What one account received and paid for funding, read from the venue as seldom as will do. */
export class AccountFunding {
  /** Hears of each payment when it is first known, whoever asked. */
  onPayment: (payment: FundingPayment) => void = () => {};
  readonly #options: AccountFundingOptions;
  readonly #tape: FundingTape;
  /** Until when all funding since the counting began is known. */
  #knownThroughMs: number;
  #readAtMs: number | undefined;

  constructor(options: AccountFundingOptions) {
    this.#options = options;
    this.#tape = new FundingTape(options.sinceMs);
    this.#knownThroughMs = options.sinceMs;
  }

  /** Received less paid, as far as it was read; zero where the venue does not tell. */
  sum(): Decimal {
    return this.#tape.sum();
  }

  /**
   * Payments since an instant, oldest first, read anew unless none can have come; none where the venue does not tell or refuses.
   * @throws VenueError
   */
  async fetch(sinceMs: number, signal?: AbortSignal): Promise<readonly FundingPayment[]> {
    if (sinceMs < this.#options.sinceMs || !this.#isQuiet()) await this.#readSince(sinceMs, signal);
    return this.#tape.since(sinceMs);
  }

  /** Reads what is not known yet, at most once a minute. @throws VenueError */
  async read(signal?: AbortSignal): Promise<void> {
    const { clock, sinceMs } = this.#options;
    if (this.#isQuiet() || (this.#readAtMs !== undefined && clock.nowMs() < this.#readAtMs + holdMs)) return;
    await this.#readSince(Math.max(sinceMs, this.#knownThroughMs - overlapMs), signal);
  }

  /** True where funding is paid at known instants, while what the last one brought was read and the next has not come. */
  #isQuiet(): boolean {
    const { fundingEveryMs } = this.#options.adapter;
    const readAtMs = this.#readAtMs;
    if (fundingEveryMs === undefined || readAtMs === undefined) return false;
    const nowMs = this.#options.clock.nowMs();
    const sincePaidMs = nowMs % fundingEveryMs;
    if (sincePaidMs < dueMs || readAtMs < nowMs - sincePaidMs) return false;
    return nowMs < readAtMs + (sincePaidMs < bookedMs ? holdMs : quietMs);
  }

  async #readSince(sinceMs: number, signal?: AbortSignal): Promise<void> {
    const { adapter, clock, logger, name, userId, wire } = this.#options;
    if (adapter.fetchFunding === undefined) return;
    const askedAtMs = clock.nowMs();
    let told: readonly NativeFunding[];
    try {
      told = await adapter.fetchFunding(wire.in('account', signal), sinceMs);
    } catch (error) {
      if (!VenueError.is(error) || error.code !== 'venue.refused') throw error;
      // A key may have no right to it: the account is read and traded on all the same.
      logger.warn({ error, userId, venue: name }, 'funding can not be read');
      this.#readAtMs = askedAtMs;
      return;
    }
    for (const native of told) this.#take(native);
    // A reading that begins later than what is known leaves a gap: it does not count as all there is.
    if (sinceMs > this.#knownThroughMs) return;
    this.#knownThroughMs = Math.max(this.#knownThroughMs, askedAtMs);
    this.#readAtMs = askedAtMs;
  }

  #take(native: NativeFunding): void {
    const { name, userId, wire } = this.#options;
    const market = wire.market(native.nativeId);
    if (market === undefined) return;
    const { amount, atMs, id, price, rate, size } = native;
    const payment: FundingPayment = {
      // Venues number the payments of one account: another's may have the same.
      id: `${userId}:${id}`,
      userId,
      venue: name,
      instrumentId: market.instrument.id,
      amount: toUsd(amount),
      ...(rate === undefined ? {} : { rate: toRate(rate) }),
      ...(size === undefined || price === undefined ? {} : { notional: toUsd(size.times(market.unit).times(price)) }),
      atMs,
    };
    if (this.#tape.add(payment)) this.onPayment(payment);
  }
}
