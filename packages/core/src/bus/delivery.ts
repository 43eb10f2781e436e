import type { Clock, Release } from '../clock/clock.ts';
import type { DomainEvent } from '../events/envelope.ts';
import type { Logger } from '../logger/logger.ts';
import type { StoredEvent } from '../ports/event-bus.ts';
import type { RetryPolicy } from '../ports/workflow-engine.ts';
import type { EventBusInstruments } from '../telemetry/event-bus-instruments.ts';
import type { WorkInFlight } from './work-in-flight.ts';

/** How often a handler is tried: five times, pausing 200, 400, 800 and 1,600 ms between. */
export const defaultRetry: RetryPolicy = { attempts: 5, delayMs: 200 };

/** Pauses stop doubling after this many, so that a long list of attempts does not wait for days. */
const longestDoubling = 10;

/** What a handler is, whatever types it subscribed to. */
export type EventHandler = (event: DomainEvent) => Promise<void> | void;

/** Options of {@link Delivery}. */
export interface DeliveryOptions {
  readonly group: string;
  readonly handler: EventHandler;
  readonly clock: Clock;
  readonly work: WorkInFlight;
  readonly retry: RetryPolicy;
  readonly instruments: EventBusInstruments;
  readonly logger: Logger;
  /** Keeps an event that was tried in vain. While it rejects it is asked again, the key waiting. */
  readonly giveUp: (stored: StoredEvent, attempts: number, error: unknown) => Promise<void>;
  /** Called when a key has nothing more waiting. */
  readonly onSettled?: () => void;
  /** Called when an event that was delivered again has been handled. */
  readonly onRedelivered?: (stored: StoredEvent) => void;
}

/** The events of one key that wait for a handler; the first is being handled or waits to be tried again. */
interface Lane {
  readonly key: string;
  readonly waiting: StoredEvent[];
  /** How often the first was tried in vain. */
  attempts: number;
}

/**
 * Gives events to one handler: those of a key one after another, keys side by side. A handler that fails is tried again
 * after growing pauses on the clock, its key waiting and the clock not held; then the event is given up and its key goes on.
 */
export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #pending = new Set<number>();
  readonly #lanes = new Map<string, Lane>();
  readonly #pauses = new Set<Release>();
  readonly #redelivered = new Set<number>();
  #stopped = false;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  /** How many events wait or are being handled. */
  get pending(): number {
    return this.#pending.size;
  }

  /** The position of an event before which all are done with. */
  oldestPending(): number | undefined {
    for (const position of this.#pending) return position;
    return undefined;
  }

  /** Hands over an event, positions growing. A handler that is free for its key is called at once. */
  push(stored: StoredEvent): void {
    if (this.#stopped) return;
    const busy = this.#lanes.get(stored.event.key);
    if (busy !== undefined) {
      this.#pending.add(stored.position);
      busy.waiting.push(stored);
      return;
    }
    const startedAt = this.#options.instruments.stopwatch();
    let outcome: unknown;
    let failure: { readonly error: unknown } | undefined;
    try {
      outcome = this.#options.handler(stored.event);
    } catch (error) {
      failure = { error };
    }
    // Most handlers of most events return at once: no lane is opened for them.
    if (failure === undefined && !isPromise(outcome)) {
      this.#done(stored, startedAt);
      return;
    }
    const lane: Lane = { key: stored.event.key, waiting: [stored], attempts: 0 };
    this.#pending.add(stored.position);
    this.#lanes.set(lane.key, lane);
    this.#options.work.begin();
    if (failure !== undefined) this.#failed(lane, stored, failure.error);
    else if (isPromise(outcome)) this.#follow(lane, stored, startedAt, outcome);
  }

  /** Hands over an event that was given up; it waits its turn behind what is there of its key. */
  redeliver(stored: StoredEvent): void {
    if (this.#pending.has(stored.position)) return;
    this.#redelivered.add(stored.position);
    this.push(stored);
  }

  /** Takes nothing more and lets go of what waits. Handlers that run finish; `work` tells when. */
  stop(): void {
    this.#stopped = true;
    for (const cancel of this.#pauses) cancel();
    this.#pauses.clear();
  }

  /** Works a lane off until it is empty, a handler takes time or one fails. Until then it is a unit of work in flight. */
  #work(lane: Lane): void {
    for (let stored = lane.waiting[0]; stored !== undefined && !this.#stopped; stored = lane.waiting[0]) {
      const startedAt = this.#options.instruments.stopwatch();
      try {
        const outcome: unknown = this.#options.handler(stored.event);
        if (isPromise(outcome)) {
          this.#follow(lane, stored, startedAt, outcome);
          return;
        }
      } catch (error) {
        this.#failed(lane, stored, error);
        return;
      }
      this.#leave(lane, stored);
      this.#done(stored, startedAt);
    }
    this.#lanes.delete(lane.key);
    this.#options.work.end();
    this.#options.onSettled?.();
  }

  #follow(lane: Lane, stored: StoredEvent, startedAt: number, outcome: PromiseLike<unknown>): void {
    outcome.then(
      () => {
        this.#leave(lane, stored);
        this.#done(stored, startedAt);
        this.#work(lane);
      },
      (error: unknown) => this.#failed(lane, stored, error),
    );
  }

  #failed(lane: Lane, stored: StoredEvent, error: unknown): void {
    const { group, retry, logger, instruments } = this.#options;
    lane.attempts += 1;
    instruments.failed(group, stored.event);
    const { id: eventId, type } = stored.event;
    logger.warn({ group, eventId, type, attempts: lane.attempts, error }, 'a listener failed');
    if (lane.attempts < retry.attempts) this.#pause(lane, () => this.#work(lane));
    else this.#giveUp(lane, stored, error);
  }

  #giveUp(lane: Lane, stored: StoredEvent, error: unknown): void {
    const { group, giveUp, instruments, logger } = this.#options;
    giveUp(stored, lane.attempts, error).then(
      () => {
        instruments.givenUp(group, stored.event);
        this.#redelivered.delete(stored.position);
        this.#leave(lane, stored);
        this.#work(lane);
      },
      (failure: unknown) => {
        logger.error({ group, eventId: stored.event.id, error: failure }, 'a dead letter could not be kept');
        this.#pause(lane, () => this.#giveUp(lane, stored, error));
      },
    );
  }

  /** Lets go of the clock and comes back to the lane later, after a pause that doubles with each failure. */
  #pause(lane: Lane, resume: () => void): void {
    const { clock, retry, work } = this.#options;
    if (!this.#stopped) {
      const delayMs = retry.delayMs * 2 ** Math.min(lane.attempts - 1, longestDoubling);
      const cancel = clock.setTimer(delayMs, () => {
        this.#pauses.delete(cancel);
        work.begin();
        resume();
      });
      this.#pauses.add(cancel);
    }
    work.end();
  }

  #leave(lane: Lane, stored: StoredEvent): void {
    lane.waiting.shift();
    lane.attempts = 0;
    this.#pending.delete(stored.position);
  }

  #done(stored: StoredEvent, startedAt: number): void {
    const { group, instruments, onRedelivered } = this.#options;
    instruments.handled(group, stored.event, instruments.stopwatch() - startedAt);
    if (this.#redelivered.delete(stored.position)) onRedelivered?.(stored);
  }
}

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
