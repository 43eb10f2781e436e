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

/** A position and what of it no stop covers. */
export interface CoverSituation {
  readonly position: Position;
  /** What is held for certain; undefined where that is not known. */
  readonly known: Position | undefined;
  readonly uncovered: Size;
  readonly traceId: string | undefined;
}

/** Counts how long a part of a position stands without a stop: tells it once, and closes the position at the limit. */
export class CoverWatch {
  readonly #options: CoverWatchOptions;
  readonly #sinceMs = new Map<string, number>();
  readonly #closeAfterMs = new Map<string, number>();
  readonly #told = new Set<string>();

  constructor(options: CoverWatchOptions) {
    this.#options = options;
  }

  /** Positions that have a part no stop covers, at this moment. */
  get size(): number {
    return this.#told.size;
  }

  /**
   * True when the whole is covered. `known`: what is held for certain, by which it is closed where the venue can not say.
   * @throws VenueError when the position is to be closed, the venue can not say what there is, and nothing is held for certain.
   */
  async judge({ known, position, traceId, uncovered }: CoverSituation): Promise<boolean> {
    if (isZero(uncovered)) {
      this.forget(position);
      return true;
    }
    const { clock } = this.#options;
    const text = positionKeyText(position);
    this.expect(position);
    if (!this.#told.has(text)) {
      this.#told.add(text);
      await this.#tell(position, uncovered, traceId);
    } else if (clock.nowMs() >= Math.max(this.closesAtMs(position) ?? 0, this.#closeAfterMs.get(text) ?? 0)) {
      this.#closeAfterMs.set(text, clock.nowMs() + this.#options.retryMs);
      await this.#close(position, known, uncovered, traceId);
    }
    return false;
  }

  /** Counts from now on, and tells nobody: what its fills have left is covered, the venue has not said it yet. */
  expect(position: PositionKey): void {
    const text = positionKeyText(position);
    if (!this.#sinceMs.has(text)) this.#sinceMs.set(text, this.#options.clock.nowMs());
  }

  /** When a position that is not covered is to be closed, ms; undefined for one that is covered. */
  closesAtMs(key: PositionKey): number | undefined {
    const sinceMs = this.#sinceMs.get(positionKeyText(key));
    return sinceMs === undefined ? undefined : sinceMs + this.#options.limitMs;
  }

  forget(key: PositionKey): void {
    this.#sinceMs.delete(positionKeyText(key));
    this.#closeAfterMs.delete(positionKeyText(key));
    this.#told.delete(positionKeyText(key));
  }

  async #close(
    { userId, venue, instrumentId }: Position,
    known: Position | undefined,
    uncovered: Size,
    traceId: string | undefined,
  ): Promise<void> {
    const { closer, logger } = this.#options;
    const key = { userId, venue, instrumentId };
    logger.error({ ...key, uncovered }, 'a position could not be covered and is closed');
    const more = { ...(traceId === undefined ? {} : { traceId }), ...(known === undefined ? {} : { known }) };
    const outcome = await closer.close(key, { origin: 'guard', reason: 'unprotected', ...more });
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
