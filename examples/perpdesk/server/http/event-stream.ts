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
}

interface Client {
  readonly response: ServerResponse;
  readonly userId: string;
  /** Position of the last journal event written. */
  position: number;
}

/** Bytes that may wait in a client's socket: beyond the first it gets no market frames, beyond the second it is cut off. */
const conflateAbove = 256 * 1024;
const cutOffAbove = 1024 * 1024;
/** An id further back than this many events is answered by `resync`. */
const replayLimit = 5000;
const statusMs = 2000;
const heartbeatMs = 15_000;

/**
 * The one stream of a browser: the journal without loss, by position, and the market conflated into frames. Each message is
 * serialised once and written to the sockets as it is; who does not keep up loses frames first and is then cut off, to come
 * back with its last id.
 */
export class EventStream {
  readonly #options: EventStreamOptions;
  readonly #clients = new Set<Client>();
  readonly #tickers = new Map<string, Ticker>();
  readonly #candles = new Map<string, Candle>();
  readonly #unsubscribes: Unsubscribe[] = [];
  readonly #intervals: NodeJS.Timeout[] = [];
  #position = 0;
  #dirty = false;
  #reading = false;

  constructor(options: EventStreamOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { eventBus, marketBus, types, frameMs = 100 } = this.#options;
    const [newest] = await eventBus.read({ order: 'descending', limit: 1 });
    this.#position = newest?.position ?? 0;
    this.#unsubscribes.push(
      eventBus.subscribe({ group: 'api', types }, () => {
        this.#dirty = true;
      }),
      marketBus.subscribe({ type: 'ticker.updated' }, (ticker) => void this.#tickers.set(ticker.instrumentId, ticker)),
      marketBus.subscribe(
        { type: 'candle.updated' },
        (candle) => void this.#candles.set(`${candle.instrumentId}:${candle.timeframe}`, candle),
      ),
    );
    this.#every(frameMs, () => this.#frame());
    this.#every(statusMs, () => this.#broadcast(message('status', this.#options.status())));
    this.#every(heartbeatMs, () => this.#broadcast(Buffer.from(': heartbeat\n\n')));
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

  /** Serves one browser from the event after `lastPosition` on, or from now on. */
  async serve(response: ServerResponse, userId: string, lastPosition: number | undefined): Promise<void> {
    response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-cache, no-transform',
      'X-Accel-Buffering': 'no',
      Connection: 'keep-alive',
    });
    response.write(message('status', this.#options.status()));
    const client: Client = { response, userId, position: lastPosition ?? this.#position };
    response.on('close', () => this.#clients.delete(client));
    response.on('error', (error) => this.#options.logger.debug({ error }, 'a stream broke'));
    if (lastPosition !== undefined) await this.#catchUp(client, lastPosition);
    this.#clients.add(client);
    this.#dirty = true;
  }

  async #catchUp(client: Client, lastPosition: number): Promise<void> {
    const missed = await this.#options.eventBus.read({
      types: this.#options.types,
      afterPosition: lastPosition,
      limit: replayLimit + 1,
    });
    if (missed.length > replayLimit || lastPosition > this.#position) {
      client.response.write(message('resync', {}));
      client.position = this.#position;
      return;
    }
    for (const stored of missed) this.#write(client, stored, journalMessage(stored));
  }

  #every(ms: number, task: () => void): void {
    const interval = setInterval(task, ms);
    interval.unref();
    this.#intervals.push(interval);
  }

  #frame(): void {
    if (this.#clients.size > 0 && (this.#tickers.size > 0 || this.#candles.size > 0)) {
      const frame: MarketFrame = {
        atMs: this.#options.nowMs(),
        tickers: [...this.#tickers.values()],
        candles: [...this.#candles.values()],
      };
      this.#broadcast(message('market', frame), conflateAbove);
    }
    this.#tickers.clear();
    this.#candles.clear();
    if (this.#dirty && !this.#reading) void this.#readJournal();
  }

  async #readJournal(): Promise<void> {
    this.#reading = true;
    this.#dirty = false;
    try {
      // From the one furthest behind: who has just caught up may lack what came meanwhile.
      const afterPosition = Math.min(this.#position, ...[...this.#clients].map((client) => client.position));
      const events = await this.#options.eventBus.read({ types: this.#options.types, afterPosition, limit: 1000 });
      for (const stored of events) {
        const bytes = journalMessage(stored);
        for (const client of this.#clients) this.#write(client, stored, bytes);
        this.#position = Math.max(this.#position, stored.position);
      }
      if (events.length === 1000) this.#dirty = true;
    } catch (error) {
      this.#dirty = true;
      this.#options.logger.warn({ error }, 'the journal could not be read for the stream');
    } finally {
      this.#reading = false;
    }
  }

  #write(client: Client, { event, position }: StoredEvent, bytes: Buffer): void {
    if (position <= client.position) return;
    client.position = position;
    if (event.userId !== undefined && event.userId !== client.userId) return;
    this.#send(client, bytes, cutOffAbove);
  }

  #broadcast(bytes: Buffer, limit = cutOffAbove): void {
    for (const client of this.#clients) this.#send(client, bytes, limit);
  }

  #send(client: Client, bytes: Buffer, limit: number): void {
    const waiting = client.response.writableLength;
    if (waiting > cutOffAbove) {
      this.#clients.delete(client);
      client.response.destroy();
      this.#options.logger.warn({ waiting }, 'a client that did not keep up was cut off');
      return;
    }
    if (waiting <= limit) client.response.write(bytes);
  }
}

const message = (event: string, data: object): Buffer =>
  Buffer.from(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
const journalMessage = (stored: StoredEvent): Buffer =>
  Buffer.from(`id: ${stored.position}\nevent: journal\ndata: ${JSON.stringify(stored)}\n\n`);
