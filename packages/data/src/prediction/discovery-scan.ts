import {
  type Clock,
  type Health,
  type Logger,
  type PredictionContract,
  type PredictionSource,
  type Release,
  type Service,
  silentLogger,
} from '@perpdesk/core';

/** Options of {@link DiscoveryScan}. */
export interface DiscoveryScanOptions {
  readonly clock: Clock;
  readonly sources: readonly PredictionSource[];
  /** Told of each contract once; again only when it fell out of what is remembered. Must not throw. */
  readonly found: (contract: PredictionContract) => void;
  /** From the end of one scan to the next. Default 15 min. */
  readonly everyMs?: number;
  /** Pages asked for of each source in one scan. Default 4. */
  readonly pages?: number;
  /** Contracts on a page, 1 to 100. Default 50. */
  readonly pageSize?: number;
  /** Contracts told in one scan of all sources. Default 50. */
  readonly mostFound?: number;
  /** At least so much in the last 24 hours. Default 10,000. */
  readonly minVolume24h?: number;
  /** Closing no sooner than this from now. Default 1 hour. */
  readonly closesAfterMs?: number;
  /** Closing no later than this from now. Default 60 days. */
  readonly closesWithinMs?: number;
  /** What else must hold. */
  readonly wanted?: (contract: PredictionContract) => boolean;
  /** Contracts remembered as told. Default 5,000. */
  readonly memory?: number;
  /** Unique in a desk. Default `prediction`. */
  readonly name?: string;
  readonly logger?: Logger;
}

const hourMs = 3_600_000;

/**
 * Looks through prediction markets for contracts worth a look, again and again: so many pages of each source, the most traded
 * first where the source orders them, by volume and closing time. A source that fails is said in the health and asked again at the next
 * scan; the others go on.
 */
export class DiscoveryScan implements Service {
  readonly name: string;
  readonly #options: DiscoveryScanOptions;
  readonly #logger: Logger;
  readonly #told = new Set<string>();
  readonly #failures = new Map<string, string>();
  #abort = new AbortController();
  #cancel: Release = () => {};
  #running: Promise<void> | undefined;
  #scans = 0;
  #found = 0;
  #isStarted = false;

  constructor(options: DiscoveryScanOptions) {
    this.name = options.name ?? 'prediction';
    this.#options = options;
    this.#logger = options.logger ?? silentLogger;
  }

  /** Begins the first scan and does not wait for it. */
  async start(): Promise<void> {
    this.#abort = new AbortController();
    this.#isStarted = true;
    this.#next(0);
  }

  async stop(): Promise<void> {
    this.#isStarted = false;
    this.#abort.abort();
    this.#cancel();
    await this.#running;
  }

  health(): Health {
    if (!this.#isStarted) return { status: 'stopped' };
    const detail = `${this.#scans} scans, ${this.#found} contracts found`;
    const failed = [...this.#failures].map(([venue, why]) => `${venue}: ${why}`);
    return failed.length === 0
      ? { status: 'healthy', detail }
      : { status: 'degraded', detail: [...failed, detail].join('; ') };
  }

  #next(delayMs: number): void {
    this.#cancel = this.#options.clock.setTimer(delayMs, () => {
      this.#running = this.#scan(this.#abort.signal).finally(() => {
        if (this.#isStarted) this.#next(this.#options.everyMs ?? hourMs / 4);
      });
    });
  }

  async #scan(signal: AbortSignal): Promise<void> {
    let left = this.#options.mostFound ?? 50;
    for (const source of this.#options.sources) {
      if (left <= 0 || signal.aborted) break;
      try {
        left -= await this.#scanOne(source, left, signal);
        this.#failures.delete(source.venue);
      } catch (error) {
        if (signal.aborted) return;
        const why = error instanceof Error ? error.message : String(error);
        this.#failures.set(source.venue, why);
        this.#logger.warn({ venue: source.venue, why }, 'A prediction market could not be looked through.');
      }
    }
    this.#scans += 1;
  }

  /** @returns how many were told. */
  async #scanOne(source: PredictionSource, most: number, signal: AbortSignal): Promise<number> {
    const { clock, minVolume24h = 10_000, closesAfterMs = hourMs, closesWithinMs = 1440 * hourMs } = this.#options;
    const nowMs = clock.nowMs();
    let told = 0;
    let cursor: string | undefined;
    for (let page = 0; page < (this.#options.pages ?? 4); page += 1) {
      const answer = await source.search(
        {
          minVolume24h,
          closesFromMs: nowMs + closesAfterMs,
          closesBeforeMs: nowMs + closesWithinMs,
          limit: this.#options.pageSize ?? 50,
          ...(cursor === undefined ? {} : { cursor }),
        },
        { signal },
      );
      for (const contract of answer.contracts) {
        if (told >= most) return told;
        if (this.#told.has(contract.id) || this.#options.wanted?.(contract) === false) continue;
        this.#remember(contract.id);
        told += 1;
        this.#found += 1;
        this.#options.found(contract);
      }
      cursor = answer.cursor;
      if (cursor === undefined) break;
    }
    return told;
  }

  #remember(id: string): void {
    this.#told.add(id);
    const [oldest] = this.#told;
    if (this.#told.size > (this.#options.memory ?? 5_000) && oldest !== undefined) this.#told.delete(oldest);
  }
}
