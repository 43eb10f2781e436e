import type { Logger } from '../logger/logger.ts';
import type { MarketBacklog } from './market-backlog.ts';
import type { WorkInFlight } from './work-in-flight.ts';

/** Options of {@link MarketListener}. */
export interface MarketListenerOptions<Payload> {
  readonly type: string;
  /** Only this key. Default: all. */
  readonly key?: string;
  readonly handler: (payload: Payload, key: string) => void | Promise<void>;
  readonly backlog: MarketBacklog<Payload>;
  /** From how many waiting events on a publisher should wait. */
  readonly fullAt: number;
  readonly work: WorkInFlight;
  readonly logger: Logger;
}

/** One subscription: its handler is called at once while it is free; while its promise is pending, events wait in the backlog. */
export class MarketListener<Payload> {
  readonly key: string | undefined;
  readonly backlog: MarketBacklog<Payload>;
  delivered = 0;
  failed = 0;
  readonly #options: MarketListenerOptions<Payload>;
  readonly #handler: (payload: Payload, key: string) => void | Promise<void>;
  #state: 'free' | 'busy' | 'ended' = 'free';
  #waitingPublishers: (() => void)[] = [];

  constructor(options: MarketListenerOptions<Payload>) {
    this.key = options.key;
    this.backlog = options.backlog;
    this.#options = options;
    this.#handler = options.handler;
  }

  /** Calls the handler, or keeps the event while it is busy. True when publishers should wait. */
  deliver(payload: Payload, key: string): boolean {
    if (this.#state !== 'free') {
      if (this.#state === 'busy') this.backlog.keep(payload, key);
      return this.#full();
    }
    this.delivered += 1;
    try {
      const outcome = this.#handler(payload, key);
      if (outcome !== undefined && outcome instanceof Promise) this.#await(outcome, key);
    } catch (error) {
      this.#fail(error, key);
    }
    return false;
  }

  /** Resolves when publishers need not wait any more. */
  hasRoom(): Promise<void> {
    return this.#full() ? new Promise((resolve) => this.#waitingPublishers.push(resolve)) : Promise.resolve();
  }

  /** Nothing is delivered after it. */
  end(): void {
    this.#state = 'ended';
    this.backlog.clear();
    this.#letPublishersOn();
  }

  #await(outcome: Promise<void>, key: string): void {
    const { work } = this.#options;
    if (this.#state === 'free') this.#state = 'busy';
    work.begin();
    void outcome
      .catch((error: unknown) => this.#fail(error, key))
      .then(() => {
        if (this.#state === 'busy') this.#state = 'free';
        // The next may make the handler busy again, which begins a unit of work of its own before this one ends.
        while (this.#state === 'free' && this.backlog.size > 0) {
          const next = this.backlog.next();
          if (next !== undefined) this.deliver(next.payload, next.key);
        }
        if (!this.#full()) this.#letPublishersOn();
        work.end();
      });
  }

  #full(): boolean {
    return this.#state === 'busy' && this.backlog.size >= this.#options.fullAt;
  }

  #letPublishersOn(): void {
    const waiting = this.#waitingPublishers;
    if (waiting.length === 0) return;
    this.#waitingPublishers = [];
    for (const resolve of waiting) resolve();
  }

  #fail(error: unknown, key: string): void {
    this.failed += 1;
    this.#options.logger.error({ error, type: this.#options.type, key }, 'a market listener failed');
  }
}
