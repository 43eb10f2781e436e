import {
  type FeedGapReason,
  type PredictionContract,
  type PredictionUpdate,
  type Release,
  type Unsubscribe,
  ValidationError,
} from '@perpdesk/core';
import type { CcxtClient } from '@perpdesk/core/ccxt';
import { defaultTiming } from '../feeds/feed-timing.ts';
import { ReconnectGate } from '../feeds/reconnect-gate.ts';
import { StreamSupervisor } from '../feeds/stream-supervisor.ts';
import type { ContractStream, ContractStreamOptions } from './contract-stream.ts';
import type { TokenFact } from './prediction-venue.ts';
import { type LevelFact, SocketBook } from './socket-book.ts';
import { WatchedContract } from './watched-contract.ts';

interface Streamed {
  readonly token: string;
  readonly watched: WatchedContract;
  readonly book: SocketBook;
  supervisor: StreamSupervisor | undefined;
  isStopped: boolean;
  /** When a whole book was last asked for, or waited for from. */
  askedBookAtMs: number;
  askedEndAtMs: number;
  /** The venue says it is resolved, not yet how. */
  isEnding: boolean;
}

/**
 * Watches contracts on the venue's socket: keeps a book of each from whole books and changed levels, and holds it against the
 * best prices that the venue says with each change. Where they differ, or no whole book comes, it is asked for, and what was
 * told before it counts as broken.
 */
export class SocketContracts implements ContractStream {
  readonly #options: ContractStreamOptions;
  readonly #gate: ReconnectGate;
  readonly #streams = new Map<string, Streamed>();
  readonly #ending = new Set<Promise<void>>();
  #client: CcxtClient | undefined;
  #cancelTick: Release | undefined;

  constructor(options: ContractStreamOptions) {
    this.#options = options;
    const { clock, random, timing } = options;
    this.#gate = new ReconnectGate({ clock, random, timing: { ...defaultTiming, ...timing } });
  }

  watch(contract: PredictionContract, listener: (update: PredictionUpdate) => void): Unsubscribe {
    const token = contract.tokens?.yes;
    if (token === undefined)
      throw new ValidationError('prediction.contract', `${contract.id} has no tokens to watch; resolve it first.`);
    let stream = this.#streams.get(token);
    if (stream === undefined) {
      const nowMs = this.#options.clock.nowMs();
      stream = {
        token,
        watched: new WatchedContract(contract, this.#options.logger),
        book: new SocketBook(contract.id),
        supervisor: undefined,
        isStopped: false,
        askedBookAtMs: nowMs,
        askedEndAtMs: nowMs,
        isEnding: false,
      };
      this.#streams.set(token, stream);
      void this.#begin(stream);
      if (this.#cancelTick === undefined) this.#tick();
    }
    const own = stream;
    const stop = own.watched.listen(listener);
    return () => {
      stop();
      if (own.watched.watchers === 0) this.#end(own);
    };
  }

  heard(url: string, facts: readonly TokenFact[]): void {
    const nowMs = this.#options.clock.nowMs();
    // One word on the socket is a sign of life of all that is subscribed on it.
    for (const { supervisor, watched } of this.#streams.values()) {
      if (supervisor?.subscription?.url !== url) continue;
      supervisor.heard(nowMs);
      watched.heard(nowMs);
    }
    const levels = new Map<Streamed, LevelFact[]>();
    for (const fact of facts) {
      if (fact.kind === 'resolved') {
        for (const token of fact.tokens) this.#lookForEnd(this.#streams.get(token), nowMs);
        continue;
      }
      const stream = this.#streams.get(fact.token);
      if (stream === undefined) continue;
      if (fact.kind === 'level') levels.set(stream, [...(levels.get(stream) ?? []), fact]);
      else if (fact.kind === 'book') {
        stream.book.reset(fact.book);
        this.#tellQuote(stream, nowMs);
      } else {
        const { id: contractId } = stream.watched.contract;
        stream.watched.tell({ kind: 'trade', trade: { contractId, ...fact.trade, receivedAtMs: nowMs } });
      }
    }
    for (const [stream, changes] of levels) if (stream.book.change(changes)) this.#tellQuote(stream, nowMs);
  }

  async close(): Promise<void> {
    for (const stream of [...this.#streams.values()]) this.#end(stream);
    await Promise.all(this.#ending);
  }

  async #begin(stream: Streamed): Promise<void> {
    const { clock, timing, logger } = this.#options;
    const { watched } = stream;
    try {
      this.#client ??= await this.#options.client();
    } catch (error) {
      logger.error({ contractId: watched.contract.id, error }, 'A prediction market can not be watched.');
      watched.become('down');
      return;
    }
    if (stream.isStopped) return;
    const down = (reason: FeedGapReason): void => {
      stream.book.lose();
      // The socket gives a whole book at the beginning: only where it does not is one asked for.
      stream.askedBookAtMs = clock.nowMs();
      watched.broken(reason, 'down');
    };
    stream.supervisor = new StreamSupervisor({
      clock,
      client: this.#client,
      gate: this.#gate,
      timing: { ...defaultTiming, ...timing },
      symbol: stream.token,
      call: (exchange, symbol) => exchange.watchOrderBook(symbol),
      silentAfterMs: timing.staleAfterMs,
      events: { back: () => {}, changed: () => {}, down },
    });
    stream.supervisor.start();
  }

  #tellQuote(stream: Streamed, nowMs: number): void {
    const { watched, book } = stream;
    const quote = book.quote(nowMs);
    if (quote === undefined) {
      watched.broken('sequence', 'stale');
      return;
    }
    watched.whole(nowMs);
    watched.tell({ kind: 'quote', quote });
  }

  #tick(): void {
    const { clock, timing } = this.#options;
    this.#cancelTick = clock.setTimer(timing.tickMs, () => {
      const nowMs = clock.nowMs();
      for (const stream of [...this.#streams.values()]) this.#lookAfter(stream, nowMs);
      if (this.#streams.size > 0) this.#tick();
      else this.#cancelTick = undefined;
    });
  }

  #lookAfter(stream: Streamed, nowMs: number): void {
    const { timing } = this.#options;
    const { supervisor, watched, book } = stream;
    supervisor?.tick(nowMs);
    if (supervisor?.status === 'stale') watched.broken('silent', 'stale');
    if (supervisor?.subscription !== undefined && !book.isWhole && nowMs - stream.askedBookAtMs >= timing.resyncMs)
      this.#askBook(stream, nowMs);
    if (stream.isEnding || nowMs >= watched.contract.closesAtMs) this.#lookForEnd(stream, nowMs);
  }

  /** Fetches a whole book; changes that come meanwhile are laid over it. */
  #askBook(stream: Streamed, nowMs: number): void {
    stream.askedBookAtMs = nowMs;
    stream.book.collect();
    this.#options.book(stream.watched.contract).then(
      (book) => {
        if (stream.isStopped || stream.supervisor?.subscription === undefined || stream.book.isWhole) return;
        stream.book.reset(book);
        this.#tellQuote(stream, this.#options.clock.nowMs());
      },
      (error: unknown) => {
        this.#options.logger.debug({ contractId: stream.watched.contract.id, error }, 'A book could not be fetched.');
      },
    );
  }

  #lookForEnd(stream: Streamed | undefined, nowMs: number): void {
    if (stream === undefined) return;
    const isNews = !stream.isEnding && nowMs < stream.watched.contract.closesAtMs;
    if (!isNews && nowMs - stream.askedEndAtMs < this.#options.timing.resolutionMs) return;
    stream.isEnding = true;
    stream.askedEndAtMs = nowMs;
    this.#options.renew(stream.watched.contract).then(
      (contract) => {
        if (stream.isStopped || contract.resolution === undefined) return;
        stream.watched.resolve(contract);
        this.#end(stream);
      },
      () => undefined,
    );
  }

  #end(stream: Streamed): void {
    if (stream.isStopped) return;
    stream.isStopped = true;
    this.#streams.delete(stream.token);
    const url = stream.supervisor?.subscription?.url;
    const ending: Promise<void> = (stream.supervisor?.stop() ?? Promise.resolve()).finally(() =>
      this.#ending.delete(ending),
    );
    this.#ending.add(ending);
    if (this.#streams.size > 0) return;
    this.#cancelTick?.();
    this.#cancelTick = undefined;
    if (url !== undefined) this.#client?.sockets.drop(url, 'nothing is watched any more');
  }
}
