import { closedBus, defaultCloseWithinMs, unfinished } from '../../bus/closed-bus.ts';
import { Consumers } from '../../bus/consumers.ts';
import { noConsumer, unknownDeadLetter } from '../../bus/dead-letter-errors.ts';
import { Delivery, defaultRetry, type EventHandler } from '../../bus/delivery.ts';
import { listenerFailure } from '../../bus/listener-failure.ts';
import { sealEvent } from '../../bus/seal-event.ts';
import { StartPositions } from '../../bus/start-positions.ts';
import { WorkInFlight } from '../../bus/work-in-flight.ts';
import type { Clock } from '../../clock/clock.ts';
import { ValidationError } from '../../errors/validation-error.ts';
import type { DomainEvent, NewDomainEvent } from '../../events/envelope.ts';
import type { DomainEventType } from '../../events/event-map.ts';
import type { IdGenerator } from '../../ids/id-generator.ts';
import { type Logger, silentLogger } from '../../logger/logger.ts';
import type { DatabaseTransaction } from '../../ports/database-transaction.ts';
import type {
  DeadLetter,
  EventBus,
  EventQuery,
  StoredEvent,
  Subscription,
  Unsubscribe,
} from '../../ports/event-bus.ts';
import type { RetryPolicy } from '../../ports/workflow-engine.ts';
import { EventBusInstruments } from '../../telemetry/event-bus-instruments.ts';
import { type Database, SqlTransaction } from '../database.ts';
import { migrate } from '../migrate.ts';
import { AppendQueue } from './append-queue.ts';
import { CursorKeeper } from './cursor-keeper.ts';
import { DeadLetterStore } from './dead-letter-store.ts';
import { EventReader } from './event-reader.ts';
import { rowOf } from './event-row.ts';
import { type EventWriter, eventWriter } from './event-writer.ts';
import { GroupCursors } from './group-cursors.ts';
import { OutboxConsumer } from './outbox-consumer.ts';
import { type OutboxTables, outboxMigrations, outboxNamespace } from './outbox-tables.ts';
import { Relay } from './relay.ts';

/** Options of {@link OutboxEventBus}. */
export interface OutboxEventBusOptions {
  /** Open it with durability `full`: what was published is then on disk when `publish` resolves, but for `relaxedTypes`. */
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: IdGenerator;
  readonly logger?: Logger;
  /** Default: five tries, pausing 200, 400, 800 and 1,600 ms. */
  readonly retry?: RetryPolicy;
  /** How many events may wait in memory for a subscription; the rest it reads from the journal. Default 1,000. */
  readonly maxPending?: number;
  /** Cursors are written after this many events, default 1,000, … */
  readonly cursorEveryEvents?: number;
  /** … or this long after the first, default 5,000. After a crash a group sees again what it handled since. */
  readonly cursorAfterMs?: number;
  /**
   * How often to look for what other processes have published; 0: never. Default 250 on PostgreSQL, 0 on SQLite. Switch it
   * off in a simulated run, whose time passes faster than a database answers.
   */
  readonly pollMs?: number;
  /**
   * Types whose events need not survive the loss of power by themselves, since the feed gives them again; default
   * `candle.closed`. Their commits do not wait for the disk; whatever is committed after takes them along.
   */
  readonly relaxedTypes?: readonly DomainEventType[];
  /** How long `close` waits for handlers that run. Default 5,000. */
  readonly closeWithinMs?: number;
  readonly instruments?: EventBusInstruments;
  /** Calls back in a later turn of the host's event loop. Default `setImmediate`. */
  readonly nextTurn?: (run: () => void) => void;
}

/**
 * The durable event bus: an outbox table in a SQLite or PostgreSQL database, and a relay in this process that hands each
 * event to every group, in order per key, at least once, over restarts. Events that are published without a transaction
 * share a commit with those of the same turn of the event loop; those with one are handed out after its commit. One process
 * at a time runs a group; several may publish.
 * @example
 * const bus = new OutboxEventBus({ database, clock, ids });
 * await bus.start();
 * await database.transaction((transaction) => bus.publish(event, { transaction }));
 */
export class OutboxEventBus implements EventBus {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #ids: IdGenerator;
  readonly #logger: Logger;
  readonly #retry: RetryPolicy;
  readonly #maxPending: number;
  readonly #closeWithinMs: number;
  readonly #instruments: EventBusInstruments;
  readonly #work: WorkInFlight;
  readonly #consumers = new Consumers<OutboxConsumer>();
  readonly #cursors: GroupCursors;
  readonly #cursorKeeper: CursorKeeper;
  readonly #deadLetters: DeadLetterStore;
  readonly #writer: EventWriter;
  readonly #reader: EventReader;
  readonly #queue: AppendQueue;
  readonly #relay: Relay;
  /** Subscriptions from before the start. */
  #early: (() => void)[] = [];
  #state: 'new' | 'running' | 'closing' | 'closed' = 'new';

  constructor(options: OutboxEventBusOptions) {
    this.#database = options.database;
    this.#clock = options.clock;
    this.#ids = options.ids;
    this.#logger = options.logger ?? silentLogger;
    this.#retry = options.retry ?? defaultRetry;
    this.#maxPending = options.maxPending ?? 1_000;
    this.#closeWithinMs = options.closeWithinMs ?? defaultCloseWithinMs;
    this.#instruments = options.instruments ?? new EventBusInstruments();
    this.#cursors = new GroupCursors(options.database);
    this.#writer = eventWriter(options.database);
    this.#reader = new EventReader(options.database);
    const work = new WorkInFlight(options.clock);
    this.#work = work;
    this.#deadLetters = new DeadLetterStore({ database: options.database, work, logger: this.#logger });
    this.#cursorKeeper = new CursorKeeper({
      clock: options.clock,
      work,
      logger: this.#logger,
      cursors: this.#cursors,
      consumers: this.#consumers,
      everyEvents: options.cursorEveryEvents ?? 1_000,
      afterMs: options.cursorAfterMs ?? 5_000,
    });
    this.#relay = new Relay({
      consumers: this.#consumers,
      reader: this.#reader,
      writer: this.#writer,
      clock: options.clock,
      work,
      logger: this.#logger,
      pollMs: options.pollMs ?? (options.database.dialect === 'postgres' ? 250 : 0),
      onRelayed: (count) => this.#cursorKeeper.relayed(count),
    });
    this.#queue = new AppendQueue({
      writer: this.#writer,
      reader: this.#reader,
      work,
      relaxedTypes: new Set(options.relaxedTypes ?? ['candle.closed']),
      nextTurn: options.nextTurn ?? ((run) => setImmediate(run)),
      beforeWriting: () => this.#cursorKeeper.beginningsWritten(),
      onCommitted: (batch) => this.#committed(batch),
    });
  }

  /**
   * Brings the tables up to date and goes on from the groups' cursors. Those who subscribed before begin now.
   * @throws ConfigError `database.newer` @throws StoreError
   */
  async start(): Promise<void> {
    if (this.#state !== 'new') return;
    await migrate(this.#database, { namespace: outboxNamespace, migrations: outboxMigrations });
    await this.#cursors.load();
    await this.#relay.start();
    this.#state = 'running';
    for (const begin of this.#early.splice(0)) begin();
  }

  async publish<Type extends DomainEventType>(
    event: NewDomainEvent<Type>,
    options: { readonly transaction?: DatabaseTransaction; readonly signal?: AbortSignal } = {},
  ): Promise<DomainEvent<Type>> {
    options.signal?.throwIfAborted();
    if (this.#state === 'new' || this.#state === 'closed') {
      throw closedBus(`take ${event.type}`);
    }
    const sealed: DomainEvent = sealEvent(event, { clock: this.#clock, ids: this.#ids });
    const kept = await (options.transaction === undefined
      ? this.#queue.append(sealed)
      : this.#appendIn(options.transaction, sealed));
    return kept as DomainEvent<Type>;
  }

  subscribe<Type extends DomainEventType>(
    subscription: Subscription<Type>,
    handler: (event: DomainEvent<Type>) => Promise<void> | void,
  ): Unsubscribe {
    if (this.#state !== 'new') return this.#begin(subscription, handler as EventHandler);
    let leave: Unsubscribe | undefined;
    const begin = (): void => {
      leave = this.#begin(subscription, handler as EventHandler);
    };
    this.#early.push(begin);
    return () => {
      this.#early = this.#early.filter((other) => other !== begin);
      leave?.();
    };
  }

  async read(query: EventQuery, options: { readonly signal?: AbortSignal } = {}): Promise<readonly StoredEvent[]> {
    options.signal?.throwIfAborted();
    await this.#relay.looked();
    return this.#reader.read(query);
  }

  async deadLetters(options: { readonly signal?: AbortSignal } = {}): Promise<readonly DeadLetter[]> {
    options.signal?.throwIfAborted();
    return this.#reader.deadLetters();
  }

  async redeliver(group: string, eventId: string, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    options.signal?.throwIfAborted();
    const [stored] = (await this.#deadLetters.has(group, eventId)) ? await this.#reader.byIds([eventId]) : [];
    if (stored === undefined) throw unknownDeadLetter(group, eventId);
    const consumer = this.#consumers.find(group, stored.event.type);
    if (consumer === undefined) throw noConsumer(group, stored.event.type);
    consumer.delivery.redeliver(stored);
  }

  /** Lets the handlers that run finish, writes what they publish and the cursors, and takes no more. The database stays open. */
  async close(): Promise<void> {
    if (this.#state === 'closed') return;
    const wasRunning = this.#state === 'running';
    this.#state = wasRunning ? 'closing' : 'closed';
    if (!wasRunning) return;
    this.#relay.stop();
    for (const consumer of this.#consumers.all()) consumer.stop();
    if (!(await this.#work.settled(this.#closeWithinMs))) this.#logger.error({}, unfinished);
    try {
      await this.#cursorKeeper.write();
    } catch (error) {
      this.#logger.warn({ error }, 'cursors could not be written');
    }
    for (const consumer of this.#consumers.all()) this.#consumers.remove(consumer);
    this.#cursorKeeper.stop();
    this.#state = 'closed';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #begin(subscription: Subscription<DomainEventType>, handler: EventHandler): Unsubscribe {
    const { group, types, from = 'now' } = subscription;
    if (this.#state !== 'running') throw closedBus(`begin the group "${group}"`);
    const begin = from === 'start' ? 0 : from === 'now' ? this.#relay.relayedTo : from;
    const starts = new StartPositions(types, (type) => this.#cursors.get(group, type) ?? begin);
    const consumer: OutboxConsumer = new OutboxConsumer({
      group,
      starts,
      reader: this.#reader,
      work: this.#work,
      maxPending: this.#maxPending,
      relayedTo: () => this.#relay.relayedTo,
      clock: this.#clock,
      logger: this.#logger,
      delivery: new Delivery({
        group,
        handler,
        clock: this.#clock,
        work: this.#work,
        retry: this.#retry,
        instruments: this.#instruments,
        logger: this.#logger,
        giveUp: (stored, attempts, error) => this.#giveUp(group, stored, attempts, error),
        onSettled: () => consumer.catchUp(),
        onRedelivered: ({ event }) => this.#deadLetters.forget(group, event.id),
      }),
    });
    this.#consumers.add(consumer);
    if (types.some((type) => this.#cursors.get(group, type) === undefined)) {
      for (const type of types) this.#cursors.advance(group, type, starts.of(type));
      this.#cursorKeeper.begun();
    }
    consumer.catchUp();
    return () => {
      if (!this.#consumers.remove(consumer)) return;
      this.#cursorKeeper.note(consumer);
      consumer.stop();
    };
  }

  #committed(batch: readonly StoredEvent[]): void {
    for (const { event } of batch) this.#instruments.published(event);
    this.#relay.committed(batch);
  }

  async #appendIn(transaction: DatabaseTransaction, event: DomainEvent): Promise<DomainEvent> {
    if (!(transaction instanceof SqlTransaction) || transaction.database !== this.#database) {
      throw new ValidationError(
        'transaction.foreign',
        `The transaction that ${event.type} is published in is none of the event bus's database.`,
      );
    }
    const written = await this.#writer.appendIn(transaction, rowOf(event));
    if (written === undefined) {
      const [kept] = await this.#reader.byIds([event.id], transaction.as<OutboxTables>());
      return kept?.event ?? event;
    }
    const { position } = written;
    transaction.afterCommit(() => {
      if (position !== undefined) this.#committed([{ position, event }]);
      else {
        this.#instruments.published(event);
        this.#relay.lookForMore();
      }
    });
    return event;
  }

  /** Keeps a dead letter together with the event that tells of it. */
  async #giveUp(group: string, stored: StoredEvent, attempts: number, error: unknown): Promise<void> {
    const failure = listenerFailure(group, stored.event, attempts, error);
    await this.#database.transaction(async (transaction) => {
      await this.#deadLetters.put(transaction, { group, stored, attempts, error, atMs: this.#clock.nowMs() });
      if (failure !== undefined) await this.publish(failure, { transaction });
    });
  }
}
