import type { DeskClient, JournalEvent, MarketFrame, Snapshot, Status } from '@perpdesk/core/api';
import { type DeskState, initialState, type KeptRoute, keptRoutes, outdatedBy } from './desk-state.ts';

/** Options of {@link DeskStore}. */
export interface DeskStoreOptions {
  readonly client: DeskClient;
  /** Time between two notifications at most: 50 ms is 20 a second. Default 50. */
  readonly flushMs?: number;
  /** How long changes are gathered before a snapshot is fetched again. Default 150. */
  readonly refetchMs?: number;
}

const maxEvents = 300;

/**
 * One external store for all hooks: a snapshot of everything, the stream on top, listeners told a bounded number of times a
 * second however fast the messages come. Start it once; it may be started again after a stop.
 */
export class DeskStore {
  readonly client: DeskClient;
  readonly #flushMs: number;
  readonly #refetchMs: number;
  readonly #listeners = new Set<() => void>();
  readonly #outdated = new Set<KeptRoute>();
  #state: DeskState = initialState;
  #next: DeskState = initialState;
  #flush: ReturnType<typeof setTimeout> | undefined;
  #refetch: ReturnType<typeof setTimeout> | undefined;
  #stop: (() => void) | undefined;
  #generation = 0;

  constructor(options: DeskStoreOptions) {
    this.client = options.client;
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

  /** Fetches everything and listens. Returns its stop. */
  start(): () => void {
    if (this.#stop !== undefined) return this.#stop;
    this.#generation += 1;
    const unwatch = this.client.watch({
      onConnection: (connected) => {
        // What was missed while down comes by id; what has no id (status, prices) is fetched.
        if (connected && !this.#next.connected) this.#outdate(keptRoutes);
        this.#change({ connected });
      },
      onStatus: (status) => this.#onStatus(status),
      onMarket: (frame) => this.#onMarket(frame),
      onJournal: (event) => this.#onJournal(event),
      onResync: () => this.#outdate(keptRoutes),
    });
    this.#outdate(keptRoutes);
    void this.#fetchEvents(this.#generation);
    const stop = (): void => {
      unwatch();
      clearTimeout(this.#flush);
      clearTimeout(this.#refetch);
      this.#flush = undefined;
      this.#refetch = undefined;
      this.#generation += 1;
      if (this.#stop === stop) this.#stop = undefined;
    };
    this.#stop = stop;
    return stop;
  }

  /** Fetches snapshots again, soon. */
  refresh(routes: readonly KeptRoute[] = keptRoutes): void {
    this.#outdate(routes);
  }

  #onStatus(status: Status): void {
    this.#change({ resources: { ...this.#next.resources, '/status': { status: 'ready', data: status } } });
  }

  #onMarket({ tickers, candles }: MarketFrame): void {
    const byInstrument = { ...this.#next.tickers };
    for (const ticker of tickers) byInstrument[ticker.instrumentId] = ticker;
    const forming = { ...this.#next.forming };
    for (const candle of candles) forming[`${candle.instrumentId}:${candle.timeframe}`] = candle;
    this.#change({ tickers: byInstrument, forming });
  }

  #onJournal(event: JournalEvent): void {
    const newest = this.#next.events[0]?.position ?? 0;
    if (event.position <= newest) return;
    this.#change({ events: [event, ...this.#next.events].slice(0, maxEvents) });
    this.#outdate(outdatedBy(event.event.type));
  }

  #outdate(routes: readonly KeptRoute[]): void {
    for (const route of routes) this.#outdated.add(route);
    if (this.#outdated.size === 0) return;
    this.#refetch ??= setTimeout(() => {
      this.#refetch = undefined;
      const due = [...this.#outdated];
      this.#outdated.clear();
      for (const route of due) void this.#fetch(route, this.#generation);
    }, this.#refetchMs);
  }

  async #fetch<Route extends KeptRoute>(route: Route, generation: number): Promise<void> {
    try {
      const data = await this.client.get(route, route === '/rounds' ? { limit: 30 } : {});
      if (generation !== this.#generation) return;
      this.#put(route, data);
      if (route === '/tickers') this.#onMarket({ atMs: 0, tickers: data as Snapshot<'/tickers'>, candles: [] });
    } catch (error) {
      if (generation !== this.#generation) return;
      const failed = { ...this.#next.resources[route], status: 'failed', error: error instanceof Error ? error : new Error(String(error)) } as const;
      this.#change({ resources: { ...this.#next.resources, [route]: failed } });
    }
  }

  #put<Route extends KeptRoute>(route: Route, data: Snapshot<Route>): void {
    this.#change({ resources: { ...this.#next.resources, [route]: { status: 'ready', data } } });
  }

  async #fetchEvents(generation: number): Promise<void> {
    const events = await this.client.get('/events', { limit: 100 }).catch(() => []);
    if (generation !== this.#generation) return;
    const known = new Set(this.#next.events.map((event) => event.position));
    const merged = [...this.#next.events, ...events.filter((event) => !known.has(event.position))];
    this.#change({ events: merged.sort((a, b) => b.position - a.position).slice(0, maxEvents) });
  }

  /** Timers, not animation frames: those stop in hidden tabs. Only the last state is kept, never a queue. */
  #change(part: Partial<DeskState>): void {
    this.#next = { ...this.#next, ...part };
    this.#flush ??= setTimeout(() => {
      this.#flush = undefined;
      this.#state = this.#next;
      for (const listener of [...this.#listeners]) listener();
    }, this.#flushMs);
  }
}
