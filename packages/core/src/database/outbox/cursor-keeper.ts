import type { Consumers } from '../../bus/consumers.ts';
import type { WorkInFlight } from '../../bus/work-in-flight.ts';
import type { Clock, Release } from '../../clock/clock.ts';
import type { Logger } from '../../logger/logger.ts';
import type { GroupCursors } from './group-cursors.ts';
import type { OutboxConsumer } from './outbox-consumer.ts';

/** Options of {@link CursorKeeper}. */
export interface CursorKeeperOptions {
  readonly clock: Clock;
  readonly work: WorkInFlight;
  readonly logger: Logger;
  readonly cursors: GroupCursors;
  readonly consumers: Consumers<OutboxConsumer>;
  readonly everyEvents: number;
  readonly afterMs: number;
}

/** Writes the groups' cursors now and then: after so many events, or so long after the first. Handlers are idempotent, so late is right. */
export class CursorKeeper {
  readonly #options: CursorKeeperOptions;
  #relayed = 0;
  #cancelTimer: Release | undefined;
  #writing: Promise<void> | undefined;
  #urgent = false;

  constructor(options: CursorKeeperOptions) {
    this.#options = options;
  }

  /** Counts events that were handed out. */
  relayed(count: number): void {
    this.#relayed += count;
    if (this.#relayed >= this.#options.everyEvents) this.#writeSoon();
    else this.#cancelTimer ??= this.#options.clock.setTimer(this.#options.afterMs, () => this.#writeSoon());
  }

  /** A group that is new has its beginning written before the next event: a crash must not move it. */
  begun(): void {
    this.#urgent = true;
    queueMicrotask(() => this.#writeSoon());
  }

  /** Resolves when no beginning waits to be written. @throws StoreError */
  async beginningsWritten(): Promise<void> {
    if (this.#writing !== undefined) await this.#writing;
    if (this.#urgent) await this.write();
  }

  /** Notes how far a consumer is, such as one that leaves. */
  note(consumer: OutboxConsumer): void {
    const handledTo = consumer.handledTo();
    for (const type of consumer.types) this.#options.cursors.advance(consumer.group, type, handledTo);
  }

  /** Writes how far everyone is. @throws StoreError */
  async write(): Promise<void> {
    this.stop();
    this.#relayed = 0;
    this.#urgent = false;
    for (const consumer of this.#options.consumers.all()) this.note(consumer);
    try {
      await this.#options.cursors.flush();
    } catch (error) {
      this.#urgent = true;
      throw error;
    }
  }

  /** Ends the timer. */
  stop(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #writeSoon(): void {
    const { work, logger } = this.#options;
    if (this.#writing !== undefined) return;
    work.begin();
    this.#writing = this.write()
      .catch((error: unknown) => logger.warn({ error }, 'cursors could not be written'))
      .finally(() => {
        this.#writing = undefined;
        work.end();
      });
  }
}
