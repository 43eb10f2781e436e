import type { WorkInFlight } from '../../bus/work-in-flight.ts';
import type { DomainEvent } from '../../events/envelope.ts';
import type { DomainEventType } from '../../events/event-map.ts';
import type { StoredEvent } from '../../ports/event-bus.ts';
import type { EventReader } from './event-reader.ts';
import { type NewEventRow, rowOf } from './event-row.ts';
import type { EventWriter } from './event-writer.ts';

/** Options of {@link AppendQueue}. */
export interface AppendQueueOptions {
  readonly writer: EventWriter;
  readonly reader: EventReader;
  readonly work: WorkInFlight;
  /** Calls back in a later turn of the host's event loop, after all that is ready to run. */
  readonly nextTurn: (run: () => void) => void;
  /** What need not survive the loss of power by itself: a commit of nothing else does not wait for the disk. */
  readonly relaxedTypes: ReadonlySet<DomainEventType>;
  /** Done before the first event that follows a new group, so that no crash can lose the group its place. */
  readonly beforeWriting: () => Promise<void>;
  /** Called with what was committed, in order, before the publishers hear of it. */
  readonly onCommitted: (batch: readonly StoredEvent[]) => void;
}

interface Entry {
  readonly event: DomainEvent;
  readonly row: NewEventRow;
  readonly resolve: (event: DomainEvent) => void;
  readonly reject: (error: unknown) => void;
}

/** The most events of one commit. */
const largestBatch = 200;

/** Writes events in group commits: those published in one turn of the event loop, or while a commit runs, share the next. */
export class AppendQueue {
  readonly #options: AppendQueueOptions;
  #waiting: Entry[] = [];
  #running = false;

  constructor(options: AppendQueueOptions) {
    this.#options = options;
  }

  /** Resolves with the event once it is committed, with the kept one for a known id. @throws StoreError, ValidationError */
  append(event: DomainEvent): Promise<DomainEvent> {
    const row = rowOf(event);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ event, row, resolve, reject });
      if (this.#running) return;
      this.#running = true;
      this.#options.work.begin();
      this.#options.nextTurn(() => {
        void this.#drain().finally(() => this.#options.work.end());
      });
    });
  }

  async #drain(): Promise<void> {
    try {
      while (this.#waiting.length > 0) await this.#commit(this.#waiting.splice(0, largestBatch));
    } finally {
      this.#running = false;
    }
  }

  async #commit(batch: readonly Entry[]): Promise<void> {
    try {
      await this.#options.beforeWriting();
      const positions = await this.#options.writer.append(
        batch.map(({ row }) => row),
        batch.every(({ event }) => this.#options.relaxedTypes.has(event.type)) ? 'normal' : 'full',
      );
      const kept = new Map<string, DomainEvent>();
      const written: StoredEvent[] = [];
      for (const { event } of batch) {
        const position = positions.get(event.id);
        if (position === undefined || kept.has(event.id)) continue;
        kept.set(event.id, event);
        written.push({ position, event });
      }
      const repeated = batch.filter(({ event }) => !kept.has(event.id)).map(({ event }) => event.id);
      if (repeated.length > 0)
        for (const { event } of await this.#options.reader.byIds(repeated)) kept.set(event.id, event);
      this.#options.onCommitted(written.sort((a, b) => a.position - b.position));
      for (const { event, resolve } of batch) resolve(kept.get(event.id) ?? event);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
