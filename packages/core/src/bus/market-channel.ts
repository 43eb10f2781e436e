import type { MarketCounts } from './market-counts.ts';
import type { MarketListener } from './market-listener.ts';
import { LocalMarketTopic } from './market-topic.ts';

/** The events of one type: its topics by key, and who listens to all of them. */
export class MarketChannel<Payload> {
  readonly delivery: 'state' | 'stream';
  readonly #counts: MarketCounts;
  readonly #topics = new Map<string, LocalMarketTopic<Payload>>();
  /** Those of all keys, in the order they came: a topic that opens begins with them. */
  #everywhere: readonly MarketListener<Payload>[] = [];

  constructor(delivery: 'state' | 'stream', counts: MarketCounts) {
    this.delivery = delivery;
    this.#counts = counts;
  }

  /** The topic of a key, opened when it is first needed. */
  topic(key: string): LocalMarketTopic<Payload> {
    return this.#topics.get(key) ?? this.#open(key);
  }

  latest(key: string): Payload | undefined {
    return this.#topics.get(key)?.latest;
  }

  add(listener: MarketListener<Payload>): void {
    if (listener.key !== undefined) {
      this.topic(listener.key).add(listener);
      return;
    }
    this.#everywhere = [...this.#everywhere, listener];
    for (const topic of this.#topics.values()) topic.add(listener);
  }

  remove(listener: MarketListener<Payload>): void {
    if (listener.key !== undefined) {
      this.#topics.get(listener.key)?.remove(listener);
      return;
    }
    this.#everywhere = this.#everywhere.filter((other) => other !== listener);
    for (const topic of this.#topics.values()) topic.remove(listener);
  }

  #open(key: string): LocalMarketTopic<Payload> {
    const topic = new LocalMarketTopic<Payload>({
      key,
      delivery: this.delivery,
      listeners: this.#everywhere,
      counts: this.#counts,
    });
    this.#topics.set(key, topic);
    return topic;
  }
}
