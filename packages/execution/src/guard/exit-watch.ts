import type { Clock, FundingRate, InstrumentId, Logger, Position, Release } from '@perpdesk/core';
import type { PositionCloser } from '../controls/position-closer.ts';
import type { Holding } from '../portfolio/portfolio.ts';
import { exitDue } from './follow-exits.ts';
import type { GuardBook } from './guard-book.ts';
import type { PositionKey } from './guard-store.ts';

/** Options of {@link ExitWatch}. */
export interface ExitWatchOptions {
  readonly book: GuardBook;
  readonly closer: PositionCloser;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly exitCheckMs?: number;
  readonly fundingRate?: (instrumentId: InstrumentId) => FundingRate | undefined;
  /** Has a position looked at, its stop moved on the way. */
  readonly look: (key: PositionKey) => Promise<void>;
}

/** Looks at positions with exit rules as time goes, and closes those whose time or funding has come. */
export class ExitWatch {
  readonly #options: ExitWatchOptions;
  #cancel: Release | undefined;
  #running = false;

  constructor(options: ExitWatchOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = true;
    this.#arm();
  }

  stop(): void {
    this.#running = false;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /**
   * Closes a position whose exit is due, by `known`, what is held for certain, where the venue can not say what there is. False when
   * that has to be tried again, for neither is known.
   */
  async judge(key: PositionKey, { fresh, position }: Holding, known: Position | undefined): Promise<boolean> {
    // A plan may have come with its rules since the last look.
    this.#arm();
    const { book, clock, closer, fundingRate, logger } = this.#options;
    const plan = book.row(key).standing?.plan;
    if (plan?.exits === undefined) return true;
    const reason = exitDue({
      rules: plan.exits,
      position,
      funding: fresh ? fundingRate?.(key.instrumentId) : undefined,
      nowMs: clock.nowMs(),
    });
    if (reason === undefined) return true;
    try {
      const held = known === undefined ? {} : { known };
      const outcome = await closer.close(key, { origin: 'guard', reason, traceId: plan.traceId, ...held });
      if (outcome.outcome !== 'accepted' && outcome.outcome !== 'flat')
        logger.error({ ...key, ...outcome, reason }, 'a position whose time has come could not be closed yet');
      return true;
    } catch (error) {
      // What no stop covers is judged all the same.
      logger.error({ error, ...key, reason }, 'a position whose time has come could not be closed yet');
      return false;
    }
  }

  /** Keeps a timer while there is a position with rules. */
  #arm(): void {
    if (!this.#running || this.#cancel !== undefined || this.#watched().length === 0) return;
    const { clock, exitCheckMs = 1_000, look } = this.#options;
    this.#cancel = clock.setTimer(exitCheckMs, () => {
      this.#cancel = undefined;
      const release = clock.hold();
      void Promise.all(this.#watched().map(look)).finally(() => {
        this.#arm();
        release();
      });
    });
  }

  #watched(): readonly PositionKey[] {
    return this.#options.book.rows().filter(({ standing }) => standing?.plan.exits !== undefined);
  }
}
