import type {
  FeedGapReason,
  Logger,
  PredictionContract,
  PredictionUpdate,
  StreamStatus,
  Unsubscribe,
} from '@perpdesk/core';

/** One contract that somebody watches, and who is told of it. */
export class WatchedContract {
  readonly contract: PredictionContract;
  readonly #listeners = new Set<(update: PredictionUpdate) => void>();
  readonly #logger: Logger;
  #status: StreamStatus['status'] = 'connecting';
  #lastGoodMs: number | undefined;
  #brokenBy: FeedGapReason | undefined;
  #resolved = false;

  constructor(contract: PredictionContract, logger: Logger) {
    this.contract = contract;
    this.#logger = logger;
  }

  get watchers(): number {
    return this.#listeners.size;
  }

  get isResolved(): boolean {
    return this.#resolved;
  }

  listen(listener: (update: PredictionUpdate) => void): Unsubscribe {
    // Each call is a listener of its own, also of the same function.
    const own = (update: PredictionUpdate): void => listener(update);
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  tell(update: PredictionUpdate): void {
    if (this.#resolved) return;
    for (const listener of this.#listeners) {
      try {
        listener(update);
      } catch (error) {
        this.#logger.error({ contractId: this.contract.id, error }, 'A listener of a prediction source threw.');
      }
    }
  }

  /** What is known is whole at `nowMs`: says the gap before it, where there was one. */
  whole(nowMs: number): void {
    const { id: contractId } = this.contract;
    if (this.#brokenBy !== undefined && this.#lastGoodMs !== undefined)
      this.tell({ kind: 'gap', contractId, reason: this.#brokenBy, fromMs: this.#lastGoodMs, toMs: nowMs });
    this.#brokenBy = undefined;
    this.#lastGoodMs = nowMs;
    this.become('live');
  }

  /** From the last whole instant on something may have been missed. */
  broken(reason: FeedGapReason, status: 'stale' | 'down'): void {
    this.#brokenBy ??= reason;
    this.become(status);
  }

  /** Nothing was missed up to `nowMs`. */
  heard(nowMs: number): void {
    if (this.#brokenBy === undefined && this.#lastGoodMs !== undefined) this.#lastGoodMs = nowMs;
  }

  become(status: StreamStatus['status']): void {
    if (this.#status === status) return;
    this.#status = status;
    this.tell({ kind: 'status', contractId: this.contract.id, status });
  }

  resolve(contract: PredictionContract): void {
    this.tell({ kind: 'resolved', contract });
    this.#resolved = true;
  }
}
