import type { ServerResponse } from 'node:http';
import type {
  Candle,
  DomainEventType,
  EventBus,
  Logger,
  MarketBus,
  StoredEvent,
  Ticker,
  Unsubscribe,
} from '@perpdesk/core';
import type { MarketFrame, Status } from '@perpdesk/core/api';
import { type JournalMessage, JournalTail, journalMessage } from './journal-tail.ts';
import { HttpProblem } from './problem.ts';
import { StreamClient } from './stream-client.ts';

/** Options of {@link EventStream}. */
export interface EventStreamOptions {
  readonly eventBus: EventBus;
  readonly marketBus: MarketBus;
  /** The types that are streamed; what is frequent and drawn from market frames is left out. */
  readonly types: readonly DomainEventType[];
  readonly status: () => Status;
  readonly nowMs: () => number;
  readonly logger: Logger;
  /** Time between market frames. Default 100 ms. */
  readonly frameMs?: number;
  /** Time between two states of the desk. Default 2,000 ms. */
  readonly statusMs?: number;
  /** Time between heartbeats; a client that is stuck over two of them is cut off. Default 15,000 ms. */
  readonly heartbeatMs?: number;
  /** An id that lies further back than this many positions is answered by `resync`. Default 20,000. */
  readonly replayLimit?: number;
  /** Events kept in memory for those who keep up. Default 2,000. */
  readonly tailMessages?: number;
  /** Streams at once. Default 64. */
  readonly maxClients?: number;
}

const pageSize = 200;
/** How long a browser waits before it comes back. */
const reconnectMs = 1000;

/**
 * The one stream of a browser: the journal without loss, by position, and the market conflated into frames. Each message is
 * serialised once and written to the sockets as it is. Who does not keep up costs a bounded buffer: it is given no frames,
 * then takes the journal at its own pace from the store, and is cut off once it takes nothing.
 */
export class EventStream {
  readonly #options: EventStreamOptions;
  readonly #clients = new Set<StreamClient>();
  readonly #tickers = new Map<string, Ticker>();
  /** By series and bar: the last state of a bar that closes is not lost to the first of the next. */
  readonly #candles = new Map<string, Candle>();
  readonly #unsubscribes: Unsubscribe[] = [];
  readonly #intervals: NodeJS.Timeout[] = [];
  #tail = new JournalTail({ position: 0 });
  #dirty = true;
  #reading: Promise<void> | undefined;
  /** The store could not be read: tried again with the next status, not with every frame. */
  #failed = false;

  constructor(options: EventStreamOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { eventBus, marketBus, types, frameMs = 100, statusMs = 2000, heartbeatMs = 15_000 } = this.#options;
    const { tailMessages: maxMessages = 2000 } = this.#options;
    this.#unsubscribes.push(
      eventBus.subscribe({ group: 'api', types }, () => {
        this.#dirty = true;
      }),
      marketBus.subscribe({ type: 'ticker.updated' }, (ticker) => void this.#tickers.set(ticker.instrumentId, ticker)),
      marketBus.subscribe({ type: 'candle.updated' }, (candle) => void this.#candles.set(barKey(candle), candle)),
    );
    const [newest] = await eventBus.read({ order: 'descending', limit: 1 });
    this.#tail = new JournalTail({ position: newest?.position ?? 0, maxMessages });
    this.#every(frameMs, () => this.#frame());
    this.#every(statusMs, () => {
      this.#failed = false;
      this.#offer(() => message('status', this.#options.status()));
    });
    this.#every(heartbeatMs, () => this.#beat());
  }

  stop(): void {
    for (const unsubscribe of this.#unsubscribes.splice(0)) unsubscribe();
    for (const interval of this.#intervals.splice(0)) clearInterval(interval);
    for (const { response } of this.#clients) response.end();
    this.#clients.clear();
  }

  get clients(): number {
    return this.#clients.size;
  }

  /** Serves one browser from the event after `lastPosition` on, or from now on. @throws HttpProblem `stream.busy` */
  async serve(response: ServerResponse, userId: string, lastPosition: number | undefined): Promise<void> {
    if (this.#clients.size >= (this.#options.maxClients ?? 64))
      throw new HttpProblem(503, 'stream.busy', 'Too many streams are open.');
    // An id ahead of what was read so far may be one just given from the store, or one of another journal.
    if (lastPosition !== undefined && lastPosition > this.#tail.position) {
      await this.#reading;
      await this.#readJournal();
    }
    response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-cache, no-transform',
      'X-Accel-Buffering': 'no',
      Connection: 'keep-alive',
    });
    response.on('error', (error) => this.#options.logger.debug({ error }, 'a stream broke'));
    const client = new StreamClient({ response, userId, position: lastPosition ?? this.#tail.position });
    response.write(Buffer.concat([Buffer.from(`retry: ${reconnectMs}\n`), message('status', this.#options.status())]));
    if (client.position > this.#tail.position) this.#resync(client);
    if (client.gone) return;
    this.#clients.add(client);
    response.on('close', () => this.#clients.delete(client));
    this.#feed(client);
  }

  #every(ms: number, task: () => void): void {
    const interval = setInterval(task, ms);
    interval.unref();
    this.#intervals.push(interval);
  }

  #frame(): void {
    if (this.#tickers.size > 0 || this.#candles.size > 0) {
      const tickers = [...this.#tickers.values()];
      const candles = [...this.#candles.values()];
      this.#tickers.clear();
      this.#candles.clear();
      const frame: MarketFrame = { atMs: this.#options.nowMs(), tickers, candles };
      this.#offer(
        () => message('market', frame),
        (client) => {
          client.lacksFrames = true;
        },
      );
    }
    for (const client of this.#clients) {
      if (client.lacksFrames && client.offer(message('resync', {}))) client.lacksFrames = false;
    }
    if (this.#dirty && !this.#failed && this.#reading === undefined) void this.#readJournal();
  }

  #beat(): void {
    for (const client of this.#clients) {
      if (!client.isStuck()) continue;
      this.#options.logger.warn({ waiting: client.response.writableLength }, 'a client that took nothing was cut off');
      client.response.destroy();
      this.#clients.delete(client);
    }
    this.#offer(() => Buffer.from(': heartbeat\n\n'));
  }

  /** To every client that keeps up; serialised only if there is one. */
  #offer(make: () => Buffer, refused: (client: StreamClient) => void = () => {}): void {
    let bytes: Buffer | undefined;
    for (const client of this.#clients) {
      bytes ??= make();
      if (!client.offer(bytes)) refused(client);
    }
  }

  /** Reads on to the newest event, once at a time, and feeds everyone. */
  #readJournal(): Promise<void> {
    this.#reading ??= this.#readOn().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #readOn(): Promise<void> {
    try {
      let page: readonly StoredEvent[];
      do {
        this.#dirty = false;
        page = await this.#read(this.#tail.position);
        for (const stored of page) this.#tail.push(journalMessage(stored));
        for (const client of this.#clients) this.#feed(client);
      } while (page.length === pageSize);
    } catch (error) {
      this.#dirty = true;
      this.#failed = true;
      this.#options.logger.warn({ error }, 'the journal could not be read for the stream');
    }
  }

  #read(afterPosition: number): Promise<readonly StoredEvent[]> {
    return this.#options.eventBus.read({ types: this.#options.types, afterPosition, limit: pageSize });
  }

  /** Gives a client what it lacks: from the tail at once, or from the store at the pace of its socket. */
  #feed(client: StreamClient): void {
    if (client.busy || client.gone) return;
    const lacks = this.#tail.after(client.position);
    if (lacks !== undefined && giveWhileRoom(client, lacks)) return;
    client.busy = true;
    this.#catchUp(client)
      .catch((error: unknown) => {
        // It comes back with its last id.
        this.#options.logger.warn({ error }, 'a client could not be brought up to date and was cut off');
        client.response.destroy();
      })
      .finally(() => {
        client.busy = false;
        // What was read while it was busy.
        this.#feed(client);
      });
  }

  async #catchUp(client: StreamClient): Promise<void> {
    const { replayLimit = 20_000 } = this.#options;
    for (;;) {
      await client.room();
      if (client.gone) return;
      if (this.#tail.position - client.position > replayLimit) this.#resync(client);
      const tail = this.#tail.after(client.position);
      if (tail !== undefined) {
        if (giveWhileRoom(client, tail)) return;
        continue;
      }
      const { floor } = this.#tail;
      const page = await this.#read(client.position);
      if (giveWhileRoom(client, page.map(journalMessage)) && page.length < pageSize)
        client.position = Math.max(client.position, floor);
    }
  }

  /** Goes on from now; the id moves the browser's own, which would be too old again. */
  #resync(client: StreamClient): void {
    client.position = this.#tail.position;
    client.response.write(Buffer.concat([Buffer.from(`id: ${client.position}\n`), message('resync', {})]));
  }
}

/** True when all was given: there was room for the last one. */
function giveWhileRoom(client: StreamClient, messages: readonly JournalMessage[]): boolean {
  for (const next of messages) {
    if (client.full) return false;
    client.give(next);
  }
  return true;
}

const barKey = ({ instrumentId, timeframe, openAtMs }: Candle): string => `${instrumentId}:${timeframe}:${openAtMs}`;
const message = (event: string, data: object): Buffer =>
  Buffer.from(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
