import {
  type Account,
  type ApprovedOrder,
  type CancelOutcome,
  type ExecutionVenue,
  type Fill,
  type FundingPayment,
  type Instrument,
  type InstrumentId,
  type Order,
  type PlaceOutcome,
  type Position,
  type Rejection,
  type Unsubscribe,
  type VenueCapabilities,
  VenueError,
  type VenueUpdate,
} from '@perpdesk/core';
import type { FaultScript } from './fault-script.ts';
import { FaultyStream } from './faulty-stream.ts';
import type { ProcessClock } from './simulated-time.ts';

/** One way of a request, ms: a round trip takes twice as long. */
export const oneWayMs = 100;
/** After so long without an answer an adapter gives a request up: what the adapters of this repository do by default. */
export const adapterTimeoutMs = 10_000;

/** Options of {@link FaultyVenue}. */
export interface FaultyVenueOptions {
  readonly venue: ExecutionVenue;
  readonly process: ProcessClock;
  readonly faults: FaultScript;
  /** After how long a request is given up. */
  readonly timeoutMs: number;
  /** Called as an order leaves the desk. */
  readonly onSend: (order: ApprovedOrder) => void;
  /** Called as the desk hears that the venue did not take an order. */
  readonly onRejected: (order: ApprovedOrder) => void;
  /** Called at the points where a process may end: before a request has landed, and after. */
  readonly onCrashPoint: () => void;
}

const throttled = {
  outcome: 'rejected',
  rejection: { code: 'order.throttled', message: 'Too many requests.' },
} as const;
const halted = { code: 'venue.unhealthy', message: 'The venue is halted.' } as const;
const refused = {
  outcome: 'rejected',
  rejection: { code: 'order.invalid', message: 'The venue does not take the order.' },
} as const;
type Refused = { readonly outcome: 'rejected'; readonly rejection: Rejection };
const no = (reason: string) => ({ outcome: 'unknown', reason }) as const;

/** The way between one process of a desk and a venue: it takes time, and everything on it may go wrong. */
export class FaultyVenue implements ExecutionVenue {
  readonly #options: FaultyVenueOptions;
  readonly #venue: ExecutionVenue;

  constructor(options: FaultyVenueOptions) {
    this.#options = options;
    this.#venue = options.venue;
  }

  get name(): string {
    return this.#venue.name;
  }

  get capabilities(): VenueCapabilities {
    return this.#venue.capabilities;
  }

  instruments(): readonly Instrument[] {
    return this.#venue.instruments();
  }

  unhealthy(): string | undefined {
    return this.#options.faults.lasts('venue halted') ? halted.message : this.#venue.unhealthy();
  }

  async place(order: ApprovedOrder): Promise<PlaceOutcome> {
    this.#options.onSend(order);
    const outcome = await this.#act(() => this.#venue.place(order));
    if (outcome.outcome === 'rejected') this.#options.onRejected(order);
    return outcome;
  }

  amend(order: ApprovedOrder): Promise<PlaceOutcome> {
    this.#options.onSend(order);
    return this.#act(() => this.#venue.amend(order));
  }

  async placeAll(orders: readonly ApprovedOrder[]): Promise<readonly PlaceOutcome[]> {
    const outcomes: PlaceOutcome[] = [];
    for (const order of orders) outcomes.push(await this.place(order));
    return outcomes;
  }

  cancel(userId: string, id: string): Promise<CancelOutcome> {
    return this.#act(() => this.#venue.cancel(userId, id));
  }

  cancelAll(userId: string, instrumentId?: InstrumentId): Promise<CancelOutcome> {
    return this.#act(() => this.#venue.cancelAll(userId, instrumentId));
  }

  fetchOrder(userId: string, id: string): Promise<Order | undefined> {
    return this.#read(() => this.#venue.fetchOrder(userId, id));
  }

  fetchOpenOrders(userId: string): Promise<readonly Order[]> {
    return this.#read(() => this.#venue.fetchOpenOrders(userId));
  }

  async fetchPositions(userId: string): Promise<readonly Position[]> {
    const { faults } = this.#options;
    const positions = await this.#read(() => this.#venue.fetchPositions(userId));
    if (faults.lasts('positions fail')) {
      faults.count('position query failed');
      throw unreachable('Positions can not be read.');
    }
    if (!faults.lasts('positions empty')) return positions;
    faults.count('position query empty');
    return [];
  }

  fetchFills(userId: string, sinceMs: number): Promise<readonly Fill[]> {
    return this.#read(() => this.#venue.fetchFills(userId, sinceMs));
  }

  fetchAccount(userId: string): Promise<Account> {
    return this.#read(() => this.#venue.fetchAccount(userId));
  }

  fetchFunding(userId: string, sinceMs: number): Promise<readonly FundingPayment[]> {
    return this.#read(async () => (await this.#venue.fetchFunding?.(userId, sinceMs)) ?? []);
  }

  watch(userId: string, listener: (update: VenueUpdate) => void): Unsubscribe {
    return new FaultyStream({ ...this.#options, userId, listener }).open();
  }

  async #act<Outcome extends PlaceOutcome | CancelOutcome>(
    land: () => Promise<Outcome>,
  ): Promise<Outcome | ReturnType<typeof no> | Refused> {
    const { faults, onCrashPoint, process, timeoutMs } = this.#options;
    const sentAtMs = process.nowMs();
    onCrashPoint();
    const late = faults.strikes('late request') ? faults.between(200, 8_000) : 0;
    await process.travel(oneWayMs + late);
    const refusal = faults.throttle();
    if (refusal !== undefined) return this.#answer(refusal.bare ? no('429 Too Many Requests') : throttled);
    if (faults.lasts('venue halted')) {
      faults.count('refused by a halted venue');
      return this.#answer({ outcome: 'rejected', rejection: halted } as const);
    }
    if (faults.strikes('rejected')) return this.#answer(refused);
    if (faults.strikes('lost before')) return this.#unanswered(sentAtMs);
    const outcome = await land();
    onCrashPoint();
    if (process.ended) return this.#answer(outcome);
    if (faults.strikes('lost after')) return this.#unanswered(sentAtMs);
    if (faults.strikes('503 after')) return this.#answer(no('503 Service Unavailable'));
    if (!faults.strikes('late answer')) return this.#answer(outcome);
    const afterMs = faults.between(500, 30_000);
    if (afterMs + late + 2 * oneWayMs > timeoutMs) return this.#unanswered(sentAtMs, true);
    await process.travel(afterMs);
    return this.#answer(outcome);
  }

  async #answer<Outcome>(outcome: Outcome): Promise<Outcome> {
    await this.#options.process.travel(oneWayMs);
    return outcome;
  }

  /** The socket was reset, which is known at once, or nothing comes until the adapter gives up. */
  async #unanswered(
    sentAtMs: number,
    silent = this.#options.faults.between(0, 3) === 0,
  ): Promise<ReturnType<typeof no>> {
    const { process, timeoutMs } = this.#options;
    if (!silent) return this.#answer(no('The connection was reset.'));
    await process.travel(Math.max(0, sentAtMs + timeoutMs - process.nowMs()));
    return no(`No answer within ${timeoutMs} ms.`);
  }

  async #read<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    const { faults, process } = this.#options;
    await process.travel(oneWayMs);
    if (faults.throttle() !== undefined) {
      await process.travel(oneWayMs);
      throw new VenueError('venue.rate-limited', 'Too many requests.', { retryable: true });
    }
    const failed = faults.strikes('read failed');
    const answer = await ask();
    await process.travel(oneWayMs);
    if (failed) throw unreachable('The connection was reset.');
    return answer;
  }
}

const unreachable = (message: string): VenueError => new VenueError('venue.unreachable', message, { retryable: true });
