import * as z from 'zod';
import { VenueError } from '../errors/venue-error.ts';
import type { Unsubscribe } from '../ports/event-bus.ts';
import {
  type ActResult,
  actResultSchema,
  type CandleQuery,
  type JournalEvent,
  journalEventSchema,
  type MarketFrame,
  marketFrameSchema,
  problemSchema,
  type Snapshot,
  type SnapshotRoute,
  type Status,
  snapshotRoutes,
  statusSchema,
} from './contract.ts';

/** The part of EventSource (WHATWG HTML §9.2) that is used: browsers have it, elsewhere bring one. */
export interface EventSourceLike {
  addEventListener(type: string, listener: (event: { readonly data?: unknown }) => void): void;
  close(): void;
}

/** Options of {@link DeskClient}. */
export interface DeskClientOptions {
  /** Where the product is. Default: this page's origin. */
  readonly baseUrl?: string;
  /** Default: the platform's. */
  readonly fetch?: typeof fetch;
  /** Default: the platform's EventSource. */
  readonly createEventSource?: (url: string) => EventSourceLike;
}

/** What a stream tells. Every member is optional. */
export interface StreamListener {
  readonly onStatus?: (status: Status) => void;
  readonly onMarket?: (frame: MarketFrame) => void;
  readonly onJournal?: (event: JournalEvent) => void;
  /** Events were missed that can not be given again: fetch the snapshots. */
  readonly onResync?: () => void;
  /** The stream came up, or broke and is being opened again. */
  readonly onConnection?: (connected: boolean) => void;
  /** A message that does not fit the contract was dropped. */
  readonly onInvalid?: (error: Error) => void;
}

/** An error answer of the product: its stable code and sentence. */
export class DeskRequestError extends VenueError {
  override readonly name: string = 'DeskRequestError';
}

/**
 * Speaks the product's HTTP interface in its own types; every answer is checked. Works in browsers and in Node.
 * @example
 * const desk = new DeskClient({ baseUrl: 'http://127.0.0.1:4780' });
 * const positions = await desk.get('/positions');
 */
export class DeskClient {
  readonly #baseUrl: string;
  readonly #fetch: typeof fetch;
  readonly #createEventSource: ((url: string) => EventSourceLike) | undefined;

  constructor(options: DeskClientOptions = {}) {
    this.#baseUrl = `${options.baseUrl ?? ''}/api`;
    this.#fetch = options.fetch ?? ((...request) => globalThis.fetch(...request));
    this.#createEventSource = options.createEventSource;
  }

  /** Fetches a snapshot. @throws DeskRequestError with the server's code, or `desk.unreachable`, `desk.unreadable` */
  async get<Route extends SnapshotRoute>(
    route: Route,
    query: Readonly<Record<string, string | number>> = {},
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<Snapshot<Route>> {
    const search = Object.entries(query)
      .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
      .join('&');
    const schema: z.ZodType = snapshotRoutes[route];
    return (await this.#request(`${route}${search === '' ? '' : `?${search}`}`, schema, { ...options })) as Snapshot<Route>;
  }

  /** The last closed bars of a series, oldest first. @throws DeskRequestError */
  candles(query: CandleQuery, options: { readonly signal?: AbortSignal } = {}): Promise<Snapshot<'/candles'>> {
    const { instrumentId, timeframe, limit = 500 } = query;
    return this.get('/candles', { instrumentId, timeframe, limit: Number(limit) }, options);
  }

  /** Approves a waiting signal, exactly as its hash names it. @throws DeskRequestError */
  approve(signalId: string, contentHash: string): Promise<ActResult> {
    return this.#act(`/approvals/${encodeURIComponent(signalId)}/approve`, { contentHash });
  }

  /** Declines a waiting signal. @throws DeskRequestError */
  decline(signalId: string, reason: string): Promise<ActResult> {
    return this.#act(`/approvals/${encodeURIComponent(signalId)}/decline`, { reason });
  }

  /** Closes a position, or a fraction in (0, 1] of it, at the market. @throws DeskRequestError */
  closePosition(request: { readonly venue: string; readonly instrumentId: string; readonly fraction?: number }): Promise<ActResult> {
    return this.#act('/positions/close', request);
  }

  /** Halts new risk and cancels resting entries; protective stops stay. @throws DeskRequestError */
  halt(reason: string): Promise<ActResult> {
    return this.#act('/kill-switch', { reason });
  }

  /** Closes every position at the market. @throws DeskRequestError */
  flatten(): Promise<ActResult> {
    return this.#act('/flatten', {});
  }

  /** Listens to the stream until unsubscribed; it reconnects by itself and goes on where it was. */
  watch(listener: StreamListener): Unsubscribe {
    const source = this.#openSource();
    const on = <Schema extends z.ZodType>(event: string, schema: Schema, tell: ((value: z.output<Schema>) => void) | undefined): void =>
      source.addEventListener(event, ({ data }) => {
        try {
          tell?.(schema.parse(JSON.parse(String(data))));
        } catch (error) {
          listener.onInvalid?.(error instanceof Error ? error : new Error(String(error)));
        }
      });
    on('status', statusSchema, listener.onStatus);
    on('market', marketFrameSchema, listener.onMarket);
    on('journal', journalEventSchema, listener.onJournal);
    on('resync', z.looseObject({}), listener.onResync && (() => listener.onResync?.()));
    source.addEventListener('open', () => listener.onConnection?.(true));
    source.addEventListener('error', () => listener.onConnection?.(false));
    return () => source.close();
  }

  #openSource(): EventSourceLike {
    const url = `${this.#baseUrl}/stream`;
    if (this.#createEventSource !== undefined) return this.#createEventSource(url);
    const { EventSource } = globalThis as { readonly EventSource?: new (url: string) => EventSourceLike };
    if (EventSource === undefined) throw new DeskRequestError('stream.unsupported', 'This platform has no EventSource: pass createEventSource.');
    return new EventSource(url);
  }

  #act(route: string, body: object): Promise<ActResult> {
    return this.#request(route, actResultSchema, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  }

  async #request<Schema extends z.ZodType>(path: string, schema: Schema, init: RequestInit): Promise<z.output<Schema>> {
    let response: Response;
    try {
      response = await this.#fetch(`${this.#baseUrl}${path}`, init);
    } catch (cause) {
      if (init.signal?.aborted) throw cause;
      throw new DeskRequestError('desk.unreachable', 'The desk does not answer.', { cause, retryable: true });
    }
    const json: unknown = await response.json().catch(() => undefined);
    if (!response.ok) {
      const problem = problemSchema.safeParse(json);
      throw new DeskRequestError(problem.data?.code ?? 'desk.failed', problem.data?.detail ?? `The desk answered with status ${response.status}.`);
    }
    const answer = schema.safeParse(json);
    if (!answer.success) throw new DeskRequestError('desk.unreadable', `The desk's answer to ${path} does not fit this version.`, { cause: answer.error });
    return answer.data;
  }
}
