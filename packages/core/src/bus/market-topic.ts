import type { MarketCounts } from './market-counts.ts';
import type { MarketListener } from './market-listener.ts';

/** One key of one event type. A publisher that often speaks on it takes it once, which spares the look-up by name. */
export interface MarketTopic<Payload> {
  readonly key: string;
  /** The newest event of a state; undefined of a stream. */
  readonly latest: Payload | undefined;
  /** Delivers at once to handlers that are free. The promise, if any, resolves when slow stream handlers have room. */
  publish(payload: Payload): void | Promise<void>;
}

/** A topic inside this process: the listeners of one key, called directly. */
export class LocalMarketTopic<Payload> implements MarketTopic<Payload> {
  readonly key: string;
  readonly #keepsLatest: boolean;
  readonly #counts: MarketCounts;
  /** Replaced and never changed, so that a delivery under way goes on over the one it began with. */
  #listeners: readonly MarketListener<Payload>[];
  #latest: Payload | undefined;
  /** True while the listeners are being called: what they publish here then comes after, for all of them. */
  #publishing = false;
  #next: Payload[] = [];

  constructor(options: {
    readonly key: string;
    readonly delivery: 'state' | 'stream';
    readonly listeners: readonly MarketListener<Payload>[];
    readonly counts: MarketCounts;
  }) {
    this.key = options.key;
    this.#keepsLatest = options.delivery === 'state';
    this.#listeners = options.listeners;
    this.#counts = options.counts;
  }

  get latest(): Payload | undefined {
    return this.#latest;
  }

  publish(payload: Payload): void | Promise<void> {
    if (this.#publishing) {
      this.#next.push(payload);
      return;
    }
    if (this.#keepsLatest) this.#latest = payload;
    this.#counts.published += 1;
    this.#publishing = true;
    const listeners = this.#listeners;
    const { key } = this;
    let delivered = 0;
    let full = false;
    for (let i = 0; i < listeners.length; i += 1) {
      const listener = listeners[i];
      if (listener === undefined) continue;
      try {
        if (listener.isFree) {
          delivered += 1;
          const { handler } = listener;
          const outcome = handler(payload, key);
          if (outcome !== undefined) listener.await(outcome, key);
        } else if (listener.keep(payload, key)) full = true;
      } catch (error) {
        listener.fail(error, key);
      }
    }
    this.#counts.delivered += delivered;
    this.#publishing = false;
    const after = this.#next.length > 0 ? this.#publishNext() : undefined;
    return full ? Promise.all(listeners.map((listener) => listener.hasRoom())).then(() => {}) : after;
  }

  add(listener: MarketListener<Payload>): void {
    this.#listeners = [...this.#listeners, listener];
  }

  remove(listener: MarketListener<Payload>): void {
    this.#listeners = this.#listeners.filter((other) => other !== listener);
  }

  #publishNext(): void | Promise<void> {
    const payloads = this.#next;
    this.#next = [];
    return payloads.map((payload) => this.publish(payload)).findLast((room) => room !== undefined);
  }
}
