import { type PredictionContract, type PredictionUpdate, quoteFromBook, type Unsubscribe } from '@perpdesk/core';
import type { ContractStream, ContractStreamOptions } from './contract-stream.ts';
import { WatchedContract } from './watched-contract.ts';

interface Polled {
  readonly watched: WatchedContract;
  readonly stopping: AbortController;
  /** Ids of trades already told, those of the last answers. */
  known: ReadonlySet<string> | undefined;
}

/**
 * Watches contracts of a venue without a socket: asks for book and trades of each, again and again, one request after the
 * other. What lies between two answers is seen in the trades as far as one answer reaches back, in quotes not at all.
 */
export class PolledContracts implements ContractStream {
  readonly #options: ContractStreamOptions;
  readonly #polled = new Map<string, Polled>();
  readonly #running = new Set<Promise<void>>();

  constructor(options: ContractStreamOptions) {
    this.#options = options;
  }

  watch(contract: PredictionContract, listener: (update: PredictionUpdate) => void): Unsubscribe {
    let polled = this.#polled.get(contract.id);
    if (polled === undefined) {
      const watched = new WatchedContract(contract, this.#options.logger);
      polled = { watched, stopping: new AbortController(), known: undefined };
      this.#polled.set(contract.id, polled);
      const running: Promise<void> = this.#run(polled).finally(() => this.#running.delete(running));
      this.#running.add(running);
    }
    const { watched, stopping } = polled;
    const stop = watched.listen(listener);
    return () => {
      stop();
      if (watched.watchers > 0) return;
      stopping.abort();
      if (this.#polled.get(contract.id)?.watched === watched) this.#polled.delete(contract.id);
    };
  }

  heard(): void {}

  async close(): Promise<void> {
    for (const { stopping } of this.#polled.values()) stopping.abort();
    this.#polled.clear();
    await Promise.all(this.#running);
  }

  async #run(polled: Polled): Promise<void> {
    const { clock, timing } = this.#options;
    const { watched, stopping } = polled;
    let failures = 0;
    let askedAtMs = clock.nowMs();
    let lastWordAtMs = clock.nowMs();
    while (!stopping.signal.aborted && !watched.isResolved) {
      try {
        await this.#ask(polled);
        failures = 0;
        lastWordAtMs = clock.nowMs();
      } catch (error) {
        if (stopping.signal.aborted) return;
        failures += 1;
        const late = clock.nowMs() - lastWordAtMs >= timing.staleAfterMs;
        watched.broken('disconnected', late ? 'down' : 'stale');
        this.#options.logger.debug({ contractId: watched.contract.id, error }, 'A contract could not be asked for.');
      }
      if (clock.nowMs() >= watched.contract.closesAtMs && clock.nowMs() - askedAtMs >= timing.resolutionMs) {
        askedAtMs = clock.nowMs();
        await this.#lookForEnd(watched);
      }
      const pauseMs = Math.max(timing.pollMs, failures === 0 ? 0 : this.#backoffMs(failures));
      await clock.sleep(pauseMs, { signal: stopping.signal }).catch(() => {});
    }
  }

  async #ask(polled: Polled): Promise<void> {
    const { watched, stopping } = polled;
    const book = await this.#options.book(watched.contract);
    const trades = await this.#options.trades(watched.contract);
    if (stopping.signal.aborted) return;
    watched.whole(book.receivedAtMs);
    const { known } = polled;
    for (const trade of trades)
      if (known !== undefined && !known.has(trade.id ?? '')) watched.tell({ kind: 'trade', trade });
    polled.known = new Set(trades.map(({ id = '' }) => id));
    watched.tell({ kind: 'quote', quote: quoteFromBook(book) });
  }

  async #lookForEnd(watched: WatchedContract): Promise<void> {
    const now = await this.#options.renew(watched.contract).catch(() => undefined);
    if (now?.resolution !== undefined) watched.resolve(now);
  }

  #backoffMs(failures: number): number {
    const { firstBackoffMs, longestBackoffMs } = this.#options.timing;
    const longest = Math.min(longestBackoffMs, firstBackoffMs * 2 ** Math.min(20, failures - 1));
    return longest * (0.5 + this.#options.random.next() / 2);
  }
}
