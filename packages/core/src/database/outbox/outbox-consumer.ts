import type { Delivery } from '../../bus/delivery.ts';
import type { StartPositions } from '../../bus/start-positions.ts';
import type { WorkInFlight } from '../../bus/work-in-flight.ts';
import type { Clock } from '../../clock/clock.ts';
import type { DomainEventType } from '../../events/event-map.ts';
import type { Logger } from '../../logger/logger.ts';
import type { StoredEvent } from '../../ports/event-bus.ts';
import type { EventReader } from './event-reader.ts';
import { readAgainMs } from './relay.ts';

/** Options of {@link OutboxConsumer}. */
export interface OutboxConsumerOptions {
  readonly group: string;
  readonly starts: StartPositions;
  readonly delivery: Delivery;
  readonly reader: Pick<EventReader, 'page'>;
  readonly work: WorkInFlight;
  /** How many events may wait in memory. */
  readonly maxPending: number;
  /** The position up to which the relay has handed events out. */
  readonly relayedTo: () => number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * One subscription: handed events as they are relayed while it keeps up; when too many wait, it reads the journal by
 * pages, at its own speed, until it has caught up. So what waits in memory is bounded, whatever a group's speed.
 */
export class OutboxConsumer {
  readonly group: string;
  readonly types: readonly DomainEventType[];
  readonly starts: StartPositions;
  readonly #options: OutboxConsumerOptions;
  #readTo: number;
  #live = false;
  #reading = false;
  #stopped = false;

  constructor(options: OutboxConsumerOptions) {
    this.group = options.group;
    this.types = options.starts.types;
    this.starts = options.starts;
    this.#options = options;
    this.#readTo = options.starts.earliest;
  }

  get delivery(): Delivery {
    return this.#options.delivery;
  }

  /** The position up to which everything is handled. */
  handledTo(): number {
    const oldest = this.delivery.oldestPending();
    if (oldest !== undefined) return oldest - 1;
    return this.#live ? this.#options.relayedTo() : this.#readTo;
  }

  /** Takes an event of its types that is being relayed, or leaves it to be read. */
  take(stored: StoredEvent): void {
    if (!this.#live) return;
    if (this.delivery.pending >= this.#options.maxPending) {
      this.#live = false;
      this.#readTo = stored.position - 1;
    } else if (this.starts.includes(stored)) this.delivery.push(stored);
  }

  /** Reads on from the journal, unless it is live, reading already or has enough to do. */
  catchUp(): void {
    if (this.#live || this.#reading || this.#stopped || !this.#hasRoom()) return;
    this.#reading = true;
    this.#options.work.begin();
    const { work, clock, logger } = this.#options;
    this.#readPages()
      .catch((error: unknown) => {
        logger.warn({ error, group: this.group }, 'the journal could not be read');
        if (!this.#stopped) clock.setTimer(readAgainMs, () => this.catchUp());
      })
      .finally(() => work.end());
  }

  /** Takes nothing more; `handledTo` tells from then on how far it got. */
  stop(): void {
    if (this.#live) this.#readTo = this.#options.relayedTo();
    this.#live = false;
    this.#stopped = true;
    this.delivery.stop();
  }

  async #readPages(): Promise<void> {
    // A turn later: never in the midst of the relay's handing out, when `relayedTo` lags behind.
    await Promise.resolve();
    try {
      while (!this.#stopped && !this.#live && this.#hasRoom()) await this.#readPage();
    } finally {
      // At once with the last look at the room, so that no lane that empties afterwards is overlooked.
      this.#reading = false;
    }
  }

  async #readPage(): Promise<void> {
    const { reader, relayedTo, maxPending } = this.#options;
    const upTo = relayedTo();
    if (this.#readTo >= upTo) {
      this.#live = true;
      return;
    }
    const size = Math.max(1, Math.floor(maxPending / 2));
    const page = await reader.page(this.types, this.#readTo, upTo, size);
    if (this.#stopped) return;
    for (const stored of page) if (this.starts.includes(stored)) this.delivery.push(stored);
    this.#readTo = page.length < size ? upTo : (page.at(-1)?.position ?? upTo);
  }

  #hasRoom(): boolean {
    return this.delivery.pending <= this.#options.maxPending / 2;
  }
}
