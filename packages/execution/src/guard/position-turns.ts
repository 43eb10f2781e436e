import type { Clock, Logger, Release } from '@perpdesk/core';
import { type PositionKey, positionKeyText } from './guard-store.ts';

/** Options of {@link PositionTurns}. */
export interface PositionTurnsOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** The first pause before a position that was not brought to an end is looked at again, ms; it doubles up to four times that. */
  readonly retryMs: number;
  /** When a position has to be looked at again at the latest, though its pause lasts longer. */
  readonly dueAtMs?: (key: PositionKey) => number | undefined;
  /** What is done for a position; false, or throwing: it has to be done again. */
  readonly act: (key: PositionKey) => Promise<boolean>;
}

interface Turn {
  again: boolean;
  done: Promise<void>;
}

/** How often a position is looked at within one pause before it has to wait for the next. */
const mostLooks = 100;
/** How much longer than the first pause the longest is. */
const longestPauses = 4;

/**
 * Takes turns with each position: one thing at a time, once more where something changed meanwhile, again after a pause
 * where it did not succeed. Pauses grow, so that a venue that takes nothing is not asked faster and faster, and stay short, so
 * that one that takes requests again is not missed. A venue that cancels what it has just accepted can not keep it busy for ever.
 */
export class PositionTurns {
  readonly #options: PositionTurnsOptions;
  readonly #turns = new Map<string, Turn>();
  readonly #retries = new Map<string, Release>();
  /** The next pause of each position that was not brought to an end. */
  readonly #pausesMs = new Map<string, number>();
  readonly #looks = new Map<string, { readonly sinceMs: number; count: number }>();
  #stopped = false;

  constructor(options: PositionTurnsOptions) {
    this.#options = options;
  }

  /** Has a position looked at. Resolves when it was, or will be again after a pause. */
  take({ userId, venue, instrumentId }: PositionKey): Promise<void> {
    const key = { userId, venue, instrumentId };
    const text = positionKeyText(key);
    const under = this.#turns.get(text);
    if (under !== undefined) {
      under.again = true;
      return under.done;
    }
    const turn: Turn = { again: true, done: Promise.resolve() };
    this.#turns.set(text, turn);
    turn.done = this.#run(key, turn);
    return turn.done;
  }

  /** Ends the pauses and waits for what is being done. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const cancel of this.#retries.values()) cancel();
    this.#retries.clear();
    await Promise.all([...this.#turns.values()].map(({ done }) => done));
  }

  async #run(key: PositionKey, turn: Turn): Promise<void> {
    const release = this.#options.clock.hold();
    let done = false;
    try {
      while (turn.again) {
        turn.again = false;
        done = !this.#isTooOften(key) && (await this.#options.act(key));
      }
    } catch (error) {
      done = false;
      this.#options.logger.error({ error, ...key }, 'a position could not be protected');
    } finally {
      this.#turns.delete(positionKeyText(key));
      this.#retry(key, done);
      release();
    }
  }

  #isTooOften(key: PositionKey): boolean {
    const text = positionKeyText(key);
    const nowMs = this.#options.clock.nowMs();
    const looks = this.#looks.get(text);
    if (looks === undefined || nowMs - looks.sinceMs >= this.#options.retryMs) {
      this.#looks.set(text, { sinceMs: nowMs, count: 1 });
      return false;
    }
    looks.count += 1;
    return looks.count > mostLooks;
  }

  #retry(key: PositionKey, done: boolean): void {
    const text = positionKeyText(key);
    this.#retries.get(text)?.();
    this.#retries.delete(text);
    if (done || this.#stopped) {
      this.#pausesMs.delete(text);
      return;
    }
    const { clock, dueAtMs, retryMs } = this.#options;
    const pauseMs = this.#pausesMs.get(text) ?? retryMs;
    this.#pausesMs.set(text, Math.min(pauseMs * 2, retryMs * longestPauses));
    const leftMs = (dueAtMs?.(key) ?? Number.POSITIVE_INFINITY) - clock.nowMs();
    this.#retries.set(
      text,
      clock.setTimer(leftMs > 0 ? Math.min(pauseMs, leftMs) : pauseMs, () => void this.take(key)),
    );
  }
}
