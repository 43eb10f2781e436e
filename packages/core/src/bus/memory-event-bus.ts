import type { Clock } from '../clock/clock.ts';
import type { DomainEvent, NewDomainEvent } from '../events/envelope.ts';
import type { DomainEventType } from '../events/event-map.ts';
import type { IdGenerator } from '../ids/id-generator.ts';
import { type Logger, silentLogger } from '../logger/logger.ts';
import type { DatabaseTransaction } from '../ports/database-transaction.ts';
import type { DeadLetter, EventBus, EventQuery, StoredEvent, Subscription, Unsubscribe } from '../ports/event-bus.ts';
import type { RetryPolicy } from '../ports/workflow-engine.ts';
import { EventBusInstruments } from '../telemetry/event-bus-instruments.ts';
import { closedBus, defaultCloseWithinMs, unfinished } from './closed-bus.ts';
import { Consumers } from './consumers.ts';
import { noConsumer, unknownDeadLetter } from './dead-letter-errors.ts';
import { Delivery, defaultRetry, type EventHandler } from './delivery.ts';
import { failureMessage, listenerFailure } from './listener-failure.ts';
import { MemoryJournal } from './memory-journal.ts';
import { sealEvent } from './seal-event.ts';
import { StartPositions } from './start-positions.ts';
import { WorkInFlight } from './work-in-flight.ts';

/** Options of {@link MemoryEventBus}. */
export interface MemoryEventBusOptions {
  readonly clock: Clock;
  readonly ids: IdGenerator;
  readonly logger?: Logger;
  /** Default: five tries, pausing 200, 400, 800 and 1,600 ms. */
  readonly retry?: RetryPolicy;
  /** How many events `read`, de-duplication and late subscribers reach back. Default 100,000. */
  readonly journalSize?: number;
  /** How long `close` waits for handlers that run. Default 5,000. */
  readonly closeWithinMs?: number;
  readonly instruments?: EventBusInstruments;
}

interface Consumer {
  readonly group: string;
  readonly types: readonly DomainEventType[];
  readonly starts: StartPositions;
  readonly delivery: Delivery;
  /** False until it was given what lies between its beginning and the present. */
  live: boolean;
}

/** How many dead letters are held. */
const deadLettersHeld = 10_000;

/**
 * The event bus of a single process that keeps nothing: what an agent or a Brix alone, a test or a browser needs. As the
 * durable one in all but that: in order per key, de-duplicated by id, retried, with dead letters and a bounded journal.
 * @example
 * const bus = new MemoryEventBus({ clock, ids });
 * bus.subscribe({ group: 'printer', types: ['round.opened'] }, (event) => console.log(event.payload.key));
 */
export class MemoryEventBus implements EventBus {
  readonly #clock: Clock;
  readonly #ids: IdGenerator;
  readonly #logger: Logger;
  readonly #retry: RetryPolicy;
  readonly #closeWithinMs: number;
  readonly #instruments: EventBusInstruments;
  readonly #journal: MemoryJournal;
  readonly #work: WorkInFlight;
  readonly #consumers = new Consumers<Consumer>();
  /** By group and type: the position up to which a group that is gone has handled. */
  readonly #cursors = new Map<string, number>();
  readonly #deadLetters = new Map<string, { readonly letter: DeadLetter; readonly position: number }>();
  /** The position up to which events were given to the consumers. */
  #delivered = 0;
  #delivering = false;
  #closed = false;

  constructor(options: MemoryEventBusOptions) {
    this.#clock = options.clock;
    this.#ids = options.ids;
    this.#logger = options.logger ?? silentLogger;
    this.#retry = options.retry ?? defaultRetry;
    this.#closeWithinMs = options.closeWithinMs ?? defaultCloseWithinMs;
    this.#instruments = options.instruments ?? new EventBusInstruments();
    this.#journal = new MemoryJournal(options.journalSize ?? 100_000);
    this.#work = new WorkInFlight(options.clock);
  }

  async publish<Type extends DomainEventType>(
    event: NewDomainEvent<Type>,
    options: { readonly transaction?: DatabaseTransaction; readonly signal?: AbortSignal } = {},
  ): Promise<DomainEvent<Type>> {
    options.signal?.throwIfAborted();
    if (this.#closed) throw closedBus(`take ${event.type}`);
    const known = event.id === undefined ? undefined : this.#journal.get(event.id);
    if (known !== undefined) return known.event as DomainEvent<Type>;
    const sealed = sealEvent(event, { clock: this.#clock, ids: this.#ids });
    if (options.transaction !== undefined) options.transaction.afterCommit(() => this.#accept(sealed));
    else if (event.id === undefined) this.#accept(sealed);
    else this.#keep(sealed);
    return sealed;
  }

  subscribe<Type extends DomainEventType>(
    subscription: Subscription<Type>,
    handler: (event: DomainEvent<Type>) => Promise<void> | void,
  ): Unsubscribe {
    const { group, types, from = 'now' } = subscription;
    if (this.#closed) throw closedBus(`begin the group "${group}"`);
    const begin = from === 'start' ? 0 : from === 'now' ? this.#journal.last : from;
    const starts = new StartPositions(types, (type) => this.#cursors.get(keyOf(group, type)) ?? begin);
    const consumer: Consumer = {
      group,
      types,
      starts,
      delivery: this.#delivery(group, handler as EventHandler),
      live: false,
    };
    this.#consumers.add(consumer);
    this.#deliverSoon();
    return () => this.#leave(consumer);
  }

  async read(query: EventQuery, options: { readonly signal?: AbortSignal } = {}): Promise<readonly StoredEvent[]> {
    options.signal?.throwIfAborted();
    return this.#journal.read(query);
  }

  async deadLetters(options: { readonly signal?: AbortSignal } = {}): Promise<readonly DeadLetter[]> {
    options.signal?.throwIfAborted();
    return [...this.#deadLetters.values()].map(({ letter }) => letter).reverse();
  }

  async redeliver(group: string, eventId: string, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    options.signal?.throwIfAborted();
    const found = this.#deadLetters.get(keyOf(group, eventId));
    if (found === undefined) throw unknownDeadLetter(group, eventId);
    const consumer = this.#consumers.find(group, found.letter.event.type);
    if (consumer === undefined) throw noConsumer(group, found.letter.event.type);
    consumer.delivery.redeliver({ position: found.position, event: found.letter.event });
  }

  /** Takes no more events and resolves when the handlers that run have finished. */
  async close(): Promise<void> {
    for (const consumer of this.#consumers.all()) this.#leave(consumer);
    if (!(await this.#work.settled(this.#closeWithinMs))) this.#logger.error({}, unfinished);
    this.#closed = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Takes an event of whose id it is not known yet whether it is new. Two transactions may have been given the same one. */
  #accept(event: DomainEvent): void {
    if (this.#journal.get(event.id) === undefined) this.#keep(event);
  }

  #keep(event: DomainEvent): void {
    this.#journal.append(event);
    this.#instruments.published(event);
    this.#deliverSoon();
  }

  /** Handlers run in a turn of their own, so that a publisher is not interrupted by them. */
  #deliverSoon(): void {
    if (this.#delivering) return;
    this.#delivering = true;
    this.#work.begin();
    queueMicrotask(() => {
      this.#delivering = false;
      for (const consumer of this.#consumers.all()) if (!consumer.live) this.#catchUp(consumer);
      for (const stored of this.#journal.after(this.#delivered)) {
        for (const consumer of this.#consumers.of(stored.event.type))
          if (consumer.live && consumer.starts.includes(stored)) consumer.delivery.push(stored);
        this.#delivered = stored.position;
      }
      this.#work.end();
    });
  }

  #catchUp(consumer: Consumer): void {
    consumer.live = true;
    if (consumer.starts.earliest >= this.#delivered) return;
    for (const stored of this.#journal.after(consumer.starts.earliest)) {
      if (stored.position > this.#delivered) return;
      if (consumer.starts.includes(stored)) consumer.delivery.push(stored);
    }
  }

  #leave(consumer: Consumer): void {
    this.#consumers.remove(consumer);
    consumer.delivery.stop();
    const handled = consumer.live ? (consumer.delivery.oldestPending() ?? this.#delivered + 1) - 1 : 0;
    for (const type of consumer.types)
      this.#cursors.set(keyOf(consumer.group, type), Math.max(consumer.starts.of(type), handled));
  }

  #delivery(group: string, handler: EventHandler): Delivery {
    return new Delivery({
      group,
      handler,
      clock: this.#clock,
      work: this.#work,
      retry: this.#retry,
      instruments: this.#instruments,
      logger: this.#logger,
      giveUp: (stored, attempts, error) => this.#giveUp(group, stored, attempts, error),
      onRedelivered: ({ event }) => this.#deadLetters.delete(keyOf(group, event.id)),
    });
  }

  async #giveUp(group: string, { position, event }: StoredEvent, attempts: number, error: unknown): Promise<void> {
    const letter = { group, event, attempts, error: failureMessage(error), atMs: this.#clock.nowMs() };
    const key = keyOf(group, event.id);
    this.#deadLetters.delete(key);
    this.#deadLetters.set(key, { letter, position });
    const [oldest] = this.#deadLetters.keys();
    if (this.#deadLetters.size > deadLettersHeld && oldest !== undefined) this.#deadLetters.delete(oldest);
    const failure = listenerFailure(group, event, attempts, error);
    if (failure !== undefined) await this.publish(failure);
  }
}

const keyOf = (group: string, what: string): string => `${group}\n${what}`;
