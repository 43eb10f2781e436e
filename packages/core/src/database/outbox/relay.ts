import type { Consumers } from '../../bus/consumers.ts';
import type { WorkInFlight } from '../../bus/work-in-flight.ts';
import type { Clock, Release } from '../../clock/clock.ts';
import type { Logger } from '../../logger/logger.ts';
import type { StoredEvent } from '../../ports/event-bus.ts';
import type { EventReader } from './event-reader.ts';
import type { EventWriter } from './event-writer.ts';
import type { OutboxConsumer } from './outbox-consumer.ts';

/** Options of {@link Relay}. */
export interface RelayOptions {
  readonly consumers: Consumers<OutboxConsumer>;
  readonly reader: Pick<EventReader, 'head' | 'page'>;
  readonly writer: Pick<EventWriter, 'place'>;
  readonly clock: Clock;
  readonly work: WorkInFlight;
  readonly logger: Logger;
  /** How often to look for what other processes have published; 0: never. */
  readonly pollMs: number;
  /** Called with the number of events that were handed out. */
  readonly onRelayed: (count: number) => void;
}

const pageSize = 500;
/** The pause after a failed read of the journal. */
export const readAgainMs = 1_000;

/**
 * Hands out what becomes visible in the journal, in order and once: from memory what this process has just committed, from
 * the database what others have, which a hole in the positions gives away.
 */
export class Relay {
  readonly #options: RelayOptions;
  #relayedTo = 0;
  #reading: Promise<void> | undefined;
  #again = false;
  #timer: Release | undefined;
  #stopped = false;

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  /** The position up to which events have been handed out. */
  get relayedTo(): number {
    return this.#relayedTo;
  }

  /** Begins after what there is. @throws StoreError */
  async start(): Promise<void> {
    await this.#options.writer.place();
    this.#relayedTo = await this.#options.reader.head();
    this.#lookLater(this.#options.pollMs);
  }

  /** Looks no more by itself. */
  stop(): void {
    this.#stopped = true;
    this.#timer?.();
  }

  /** Resolves when a look that is under way has ended. */
  async looked(): Promise<void> {
    await this.#reading;
  }

  /** Takes what this process has committed, in order. */
  committed(batch: readonly StoredEvent[]): void {
    for (const [index, stored] of batch.entries()) {
      if (stored.position <= this.#relayedTo) continue;
      if (stored.position > this.#relayedTo + 1) {
        this.lookForMore();
        return;
      }
      this.#handOut(stored);
      if (index === batch.length - 1) this.#options.onRelayed(batch.length);
    }
  }

  /** Hands out what the database has beyond what was handed out, such as what callers' transactions have committed. */
  lookForMore(): void {
    this.#again = true;
    if (this.#reading !== undefined) return;
    const { work, logger, pollMs } = this.#options;
    this.#timer?.();
    work.begin();
    this.#reading = this.#look()
      .then(() => this.#lookLater(pollMs))
      .catch((error: unknown) => {
        logger.warn({ error }, 'the journal could not be read');
        this.#lookLater(readAgainMs);
      })
      .finally(() => work.end());
  }

  async #look(): Promise<void> {
    try {
      while (this.#again) {
        this.#again = false;
        await this.#options.writer.place();
        await this.#readTo(await this.#options.reader.head());
      }
    } finally {
      // At once with the last look at `again`, so that no call is overlooked.
      this.#reading = undefined;
    }
  }

  #lookLater(delayMs: number): void {
    if (this.#stopped || delayMs === 0 || this.#reading !== undefined) return;
    this.#timer?.();
    this.#timer = this.#options.clock.setTimer(delayMs, () => this.lookForMore());
  }

  async #readTo(head: number): Promise<void> {
    const { reader, consumers } = this.#options;
    while (this.#relayedTo < head) {
      const asked = consumers.all();
      const page = await reader.page(
        [...new Set(asked.flatMap(({ types }) => types))],
        this.#relayedTo,
        head,
        pageSize,
      );
      // Somebody who came meanwhile may take a type that was not asked for.
      if (consumers.all() !== asked) continue;
      for (const stored of page) if (stored.position > this.#relayedTo) this.#handOut(stored);
      if (page.length < pageSize) this.#relayedTo = Math.max(this.#relayedTo, head);
      this.#options.onRelayed(page.length);
    }
  }

  #handOut(stored: StoredEvent): void {
    for (const consumer of this.#options.consumers.of(stored.event.type)) consumer.take(stored);
    this.#relayedTo = stored.position;
  }
}
