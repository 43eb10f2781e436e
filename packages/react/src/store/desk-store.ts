import {
  type Candle,
  type Clock,
  type InstrumentId,
  PerpDeskError,
  SystemClock,
  type Ticker,
  type Timeframe,
} from '@perpdesk/core';
import type { DeskClient, JournalEvent, MarketFrame, Snapshot } from '@perpdesk/core/api';
import { BarFeed } from './bar-feed.ts';
import { type DeskState, initialState, type KeptRoute, keptRoutes, type Resource } from './desk-state.ts';
import { outdatedBy } from './outdated-by.ts';
import { sameJson } from './same-json.ts';
import { SnapshotFetcher } from './snapshot-fetcher.ts';

/** Options of {@link DeskStore}. */
export interface DeskStoreOptions {
  readonly client: DeskClient;
  /** Time between two notifications at least: 50 ms is 20 a second. Default 50. */
  readonly flushMs?: number;
  /** How long changes are gathered before a snapshot is fetched again. Default 150. */
  readonly refetchMs?: number;
  /** Default: the machine's. */
  readonly clock?: Clock;
}

type FetchedRoute = KeptRoute | '/events';
const everything: readonly FetchedRoute[] = [...keptRoutes, '/events'];
const maxEvents = 300;
/** What moves with the market while a position is open, without an event of its own. */
const marked = ['/positions', '/accounts'] as const;

/**
 * One external store for all hooks: a snapshot of everything, the stream on top, listeners told a bounded number of times a
 * second however fast the messages come. It may be started again after a stop.
 */
export class DeskStore {
  readonly client: DeskClient;
  readonly #clock: Clock;
  readonly #flushMs: number;
  readonly #refetchMs: number;
  readonly #listeners = new Set<() => void>();
  readonly #bars = new BarFeed();
  /** Until when a refused snapshot is left alone, as its refusal asked. */
  readonly #restsUntilMs = new Map<FetchedRoute, number>();
  #fetcher: SnapshotFetcher<FetchedRoute> | undefined;
  /** What listeners have been told, and what they will be told next. */
  #state: DeskState = initialState;
  #next: DeskState = initialState;
  #cancelFlush: (() => void) | undefined;
  #flushedAtMs = Number.NEGATIVE_INFINITY;
  #users = 0;
  #stop = (): void => {};

  constructor(options: DeskStoreOptions) {
    this.client = options.client;
    this.#clock = options.clock ?? new SystemClock();
    this.#flushMs = options.flushMs ?? 50;
    this.#refetchMs = options.refetchMs ?? 150;
  }

  /** For useSyncExternalStore. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The present state; the same object until something changed. */
  readonly get = (): DeskState => this.#state;

  /**
   * Fetches everything and listens until stopped; started by several, until the last of them stops.
   * @throws DeskRequestError `stream.unsupported` where the client has no EventSource.
   */
  start(): () => void {
    if (this.#users === 0) this.#stop = this.#listen();
    this.#users += 1;
    let used = true;
    return () => {
      if (!used) return;
      used = false;
      this.#users -= 1;
      if (this.#users === 0) this.#stop();
    };
  }

  /** Fetches snapshots again, soon. Nothing while stopped: a start fetches all. */
  refresh(routes: readonly KeptRoute[] = keptRoutes): void {
    this.#fetcher?.outdate(this.#rested(routes));
  }

  /** Calls back with the last bars of a series as the stream told them, then with each newer state, at the pace of notifications. */
  watchBars(instrumentId: InstrumentId, timeframe: Timeframe, listener: (candle: Candle) => void): () => void {
    return this.#bars.watch(instrumentId, timeframe, listener);
  }

  #listen(): () => void {
    const fetcher = new SnapshotFetcher<FetchedRoute>({
      fetch: (route, signal) => (route === '/events' ? this.#fetchEvents(signal) : this.#fetch(route, signal)),
      clock: this.#clock,
      gatherMs: this.#refetchMs,
    });
    this.#fetcher = fetcher;
    const unwatch = this.client.watch({
      onConnection: (connected) => {
        if (connected) this.#restart(fetcher);
        this.#change({ connected });
      },
      onStatus: (status) => {
        this.#put('/status', status);
        const { resources } = this.#next;
        const failed = keptRoutes.filter((route) => resources[route].status === 'failed');
        fetcher.outdate(this.#rested([...failed, ...(resources['/positions'].data?.length ? marked : [])]));
      },
      onMarket: (frame) => this.#onMarket(frame),
      onJournal: (event) => {
        fetcher.outdate(this.#rested(outdatedBy(event.event.type)));
        this.#addEvents([event]);
      },
      onResync: () => {
        this.#change({ events: initialState.events });
        this.#restart(fetcher);
      },
      onInvalid: (streamError) => this.#change({ streamError }),
    });
    fetcher.fetchNow(everything);
    return () => {
      unwatch();
      fetcher.stop();
      this.#fetcher = undefined;
      this.#bars.clear();
      this.#cancelFlush?.();
      this.#cancelFlush = undefined;
      // Silently: nobody is left to be told, and the next start must not look connected.
      this.#next = { ...this.#next, connected: false };
      this.#state = this.#next;
    };
  }

  /** The stream begins: journal events go on by id, but prices and bars may have holes, and a snapshot may be older than the first event. */
  #restart(fetcher: SnapshotFetcher<FetchedRoute>): void {
    this.#bars.clear();
    const { streamError: _, ...rest } = this.#next;
    this.#next = { ...rest, epoch: rest.epoch + 1 };
    fetcher.outdate(this.#rested(everything));
  }

  #onMarket({ tickers, candles }: MarketFrame): void {
    this.#bars.take(candles);
    this.#change({ tickers: { ...this.#next.tickers, ...byInstrument(tickers) } });
  }

  async #fetch<Route extends KeptRoute>(route: Route, signal: AbortSignal): Promise<void> {
    try {
      const data = await this.client.get<Route>(route, undefined, { signal });
      if (signal.aborted) return;
      this.#put(route, data);
      // What the stream has told is newer than any snapshot.
      if (route === '/tickers') {
        const tickers = byInstrument(this.#next.resources['/tickers'].data ?? []);
        this.#change({ tickers: { ...tickers, ...this.#next.tickers } });
      }
    } catch (error) {
      if (signal.aborted) return;
      if (PerpDeskError.is(error) && error.retryAfterMs !== undefined)
        this.#restsUntilMs.set(route, this.#clock.nowMs() + error.retryAfterMs);
      this.#set(route, { ...this.#next.resources[route], ...failure(error) });
    }
  }

  /** Without those to be left alone; what has failed is fetched with the first status after. */
  #rested<Route extends FetchedRoute>(routes: readonly Route[]): readonly Route[] {
    const nowMs = this.#clock.nowMs();
    return routes.filter((route) => (this.#restsUntilMs.get(route) ?? nowMs) <= nowMs);
  }

  async #fetchEvents(signal: AbortSignal): Promise<void> {
    try {
      const events = await this.client.get('/events', {}, { signal });
      if (!signal.aborted) this.#addEvents(events);
    } catch (error) {
      if (!signal.aborted) this.#change({ events: { ...this.#next.events, ...failure(error) } });
    }
  }

  /** Data that says the same keeps its identity, so that nothing renders again. */
  #put<Route extends KeptRoute>(route: Route, data: Snapshot<Route>): void {
    const known: Resource<Snapshot<Route>> = this.#next.resources[route];
    if (known.data !== undefined && sameJson(known.data, data)) {
      if (known.status !== 'ready') this.#set(route, { status: 'ready', data: known.data });
      return;
    }
    this.#set(route, { status: 'ready', data });
  }

  #set<Route extends KeptRoute>(route: Route, resource: Resource<Snapshot<Route>>): void {
    this.#change({ resources: { ...this.#next.resources, [route]: resource } });
  }

  #addEvents(events: readonly JournalEvent[]): void {
    const { data = [], status } = this.#next.events;
    const known = new Set(data.map((event) => event.position));
    const added = events.filter((event) => !known.has(event.position));
    if (added.length === 0 && status === 'ready') return;
    const all = [...added, ...data].sort((a, b) => b.position - a.position).slice(0, maxEvents);
    this.#change({ events: { status: 'ready', data: all } });
  }

  /** Timers, not animation frames: those stop in hidden tabs. Only the last state is kept, never a queue. */
  #change(part: Partial<DeskState>): void {
    this.#next = { ...this.#next, ...part };
    this.#cancelFlush ??= this.#clock.setTimer(this.#flushedAtMs + this.#flushMs - this.#clock.nowMs(), () => {
      this.#cancelFlush = undefined;
      this.#flushedAtMs = this.#clock.nowMs();
      this.#state = this.#next;
      this.#bars.flush();
      for (const listener of [...this.#listeners]) listener();
    });
  }
}

const failure = (error: unknown) =>
  ({ status: 'failed', error: error instanceof Error ? error : new Error(String(error)) }) as const;

const byInstrument = (tickers: readonly Ticker[]): Readonly<Record<string, Ticker>> =>
  Object.fromEntries(tickers.map((ticker) => [ticker.instrumentId, ticker]));
