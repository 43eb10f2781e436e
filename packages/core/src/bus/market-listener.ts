import type { Logger } from '../logger/logger.ts';
import type { MarketBacklog } from './market-backlog.ts';
import type { MarketCounts } from './market-counts.ts';
import type { WorkInFlight } from './work-in-flight.ts';

/** Options of {@link MarketListener}. */
export interface MarketListenerOptions<Payload> {
  readonly type: string;
  /** Only this key. Default: all. */
  readonly key?: string;
  readonly handler: (payload: Payload, key: string) => void | Promise<void>;
  /** Makes what events wait in: most handlers are never busy and need none. */
  readonly makeBacklog: () => MarketBacklog<Payload>;
  /** From how many waiting events on a publisher should wait. */
  readonly fullAt: number;
  readonly counts: MarketCounts;
  readonly work: WorkInFlight;
  readonly logger: Logger;
}

/**
 * One subscription. A topic calls its handler while it is free, and tells it what came of the call; while the handler's promise
 * is pending, events wait in the backlog.
 */
export class MarketListener<Payload> {
  readonly key: string | undefined;
  readonly handler: (payload: Payload, key: string) => void | Promise<void>;
  /** Whether the handler may be called. False while it is busy, and after the end. */
  isFree = true;
  readonly #options: MarketListenerOptions<Payload>;
  #backlog: MarketBacklog<Payload> | undefined;
  /** Calls whose promise is pending: more than one where a handler publishes, before its first await, what comes back to it. */
  #pending = 0;
  #ended = false;
  #waitingPublishers: (() => void)[] = [];

  constructor(options: MarketListenerOptions<Payload>) {
    this.key = options.key;
    this.handler = options.handler;
    this.#options = options;
  }

  /** Keeps an event for a handler that is busy. True when publishers should wait. */
  keep(payload: Payload, key: string): boolean {
    if (this.#ended) return false;
    this.#backlog ??= this.#options.makeBacklog();
    this.#backlog.keep(payload, key);
    return this.#isFull();
  }

  /** Is busy until a call's promise is settled; anything else that a handler gives back says nothing. */
  await(outcome: void | Promise<void>, key: string): void {
    if (!(outcome instanceof Promise)) return;
    const { work } = this.#options;
    this.isFree = false;
    this.#pending += 1;
    work.begin();
    void outcome
      .catch((error: unknown) => this.fail(error, key))
      .then(() => {
        this.#pending -= 1;
        this.isFree = this.#pending === 0 && !this.#ended;
        // The next may make the handler busy again, which begins a unit of work of its own before this one ends.
        while (this.isFree && this.#takeNext());
        if (!this.#isFull()) this.#letPublishersOn();
        work.end();
      });
  }

  /** Counts and logs a call that threw or rejected. */
  fail(error: unknown, key: string): void {
    this.#options.counts.failed += 1;
    try {
      this.#options.logger.error({ error, type: this.#options.type, key }, 'a market listener failed');
    } catch {
      // It is counted. A logger that fails must not cost the other listeners their event.
    }
  }

  /** Resolves when publishers need not wait any more. */
  hasRoom(): Promise<void> {
    return this.#isFull() ? new Promise((resolve) => this.#waitingPublishers.push(resolve)) : Promise.resolve();
  }

  /** Nothing is delivered after it. */
  end(): void {
    this.#ended = true;
    this.isFree = false;
    this.#backlog = undefined;
    this.#letPublishersOn();
  }

  #takeNext(): boolean {
    const next = this.#backlog?.next();
    if (next === undefined) return false;
    const { handler } = this;
    this.#options.counts.delivered += 1;
    try {
      this.await(handler(next.payload, next.key), next.key);
    } catch (error) {
      this.fail(error, next.key);
    }
    return true;
  }

  #isFull(): boolean {
    return (this.#backlog?.size ?? 0) >= this.#options.fullAt;
  }

  #letPublishersOn(): void {
    const waiting = this.#waitingPublishers;
    if (waiting.length === 0) return;
    this.#waitingPublishers = [];
    for (const resolve of waiting) resolve();
  }
}
