import { type Clock, type EventBus, isZero, type Logger, type Position, type Size } from '@perpdesk/core';
import type { PositionCloser } from '../controls/position-closer.ts';
import { type PositionKey, positionKeyText } from './guard-store.ts';

/** Options of {@link CoverWatch}. */
export interface CoverWatchOptions {
  readonly closer: PositionCloser;
  readonly eventBus: EventBus;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long a filled size may stand without a stop. */
  readonly limitMs: number;
  /** Pause between tries to close it then. */
  readonly retryMs: number;
}

/** Counts how long a part of a position stands without a stop: tells it once, and closes the position at the limit. */
export class CoverWatch {
  readonly #options: CoverWatchOptions;
  readonly #sinceMs = new Map<string, number>();
  readonly #closeAfterMs = new Map<string, number>();

  constructor(options: CoverWatchOptions) {
    this.#options = options;
  }

  /** Positions that have a part no stop covers, at this moment. */
  get size(): number {
    return this.#sinceMs.size;
  }

  /** True when the whole is covered. @throws VenueError when the position is to be closed and the venue can not say what there is. */
  async judge(position: Position, uncovered: Size, traceId: string | undefined): Promise<boolean> {
    if (isZero(uncovered)) {
      this.forget(position);
      return true;
    }
    const { clock, limitMs } = this.#options;
    const text = positionKeyText(position);
    const sinceMs = this.#sinceMs.get(text);
    if (sinceMs === undefined) {
      this.#sinceMs.set(text, clock.nowMs());
      await this.#tell(position, uncovered, traceId);
    } else if (clock.nowMs() >= Math.max(sinceMs + limitMs, this.#closeAfterMs.get(text) ?? 0)) {
      this.#closeAfterMs.set(text, clock.nowMs() + this.#options.retryMs);
      await this.#close(position, uncovered, traceId);
    }
    return false;
  }

  /** When a position that is not covered is to be closed, ms; undefined for one that is covered. */
  closesAtMs(key: PositionKey): number | undefined {
    const sinceMs = this.#sinceMs.get(positionKeyText(key));
    return sinceMs === undefined ? undefined : sinceMs + this.#options.limitMs;
  }

  forget(key: PositionKey): void {
    this.#sinceMs.delete(positionKeyText(key));
    this.#closeAfterMs.delete(positionKeyText(key));
  }

  async #close({ userId, venue, instrumentId }: Position, uncovered: Size, traceId: string | undefined): Promise<void> {
    const { closer, logger } = this.#options;
    const key = { userId, venue, instrumentId };
    logger.error({ ...key, uncovered }, 'a position could not be covered and is closed');
    const trace = traceId === undefined ? {} : { traceId };
    const outcome = await closer.close(key, { origin: 'guard', reason: 'unprotected', ...trace });
    if (outcome.outcome !== 'accepted' && outcome.outcome !== 'flat')
      logger.error({ ...key, ...outcome }, 'an uncovered position could not be closed yet');
  }

  async #tell({ userId, venue, instrumentId }: Position, uncovered: Size, traceId: string | undefined): Promise<void> {
    try {
      await this.#options.eventBus.publish({
        type: 'protection.missing',
        key: userId,
        userId,
        ...(traceId === undefined ? {} : { traceId }),
        payload: { userId, venue, instrumentId, uncovered },
      });
    } catch (error) {
      this.#options.logger.error({ error, userId, venue, instrumentId }, 'a missing stop could not be told');
    }
  }
}
