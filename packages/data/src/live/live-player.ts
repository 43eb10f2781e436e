import type { MarketSource } from '@perpdesk/core';
import type { MarketDataService } from '../player/market-data-service.ts';

/** Options of {@link LivePlayer}. */
export interface LivePlayerOptions {
  readonly source: MarketSource;
  readonly service: MarketDataService;
}

/**
 * Gives a desk on the machine's clock what a live source says, step after step. A desk that is behind is given what has come
 * meanwhile as one step. What closed last before the start is told once prices are there, so that the desk speaks at once.
 */
export class LivePlayer {
  readonly #options: LivePlayerOptions;
  readonly #aborter = new AbortController();
  #preparing: Promise<void> | undefined;
  #running: Promise<void> | undefined;

  constructor(options: LivePlayerOptions) {
    this.#options = options;
  }

  /** Lists the instruments and warms the desk. Called before services start; `run` calls it where it was not. */
  prepare(): Promise<void> {
    this.#preparing ??= this.#prepare();
    return this.#preparing;
  }

  /** Plays until it is stopped. Rejects with what the source or the event bus throws. */
  run(): Promise<void> {
    this.#running ??= this.#run();
    return this.#running;
  }

  /** Plays no further; resolves when the step being worked off is done. */
  async stop(): Promise<void> {
    this.#aborter.abort();
    await this.#running?.catch(() => {});
  }

  async #prepare(): Promise<void> {
    const { source, service } = this.#options;
    const { signal } = this.#aborter;
    service.list(await source.instruments({ signal }));
    await service.warm(source.history({ signal }), source.background?.({ signal }));
  }

  async #run(): Promise<void> {
    const { source, service } = this.#options;
    const { signal } = this.#aborter;
    try {
      await this.prepare();
      for await (const step of source.steps({ signal })) {
        if (signal.aborted) break;
        await service.ingest(step);
        await service.announce();
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}
