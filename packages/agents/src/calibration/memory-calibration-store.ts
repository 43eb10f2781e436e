import type { OpinionScore } from '@perpdesk/core';
import { type BookEntry, entryKey } from './calibration-book.ts';
import type {
  CalibrationChange,
  CalibrationStore,
  KeptBaseRates,
  KeptCalibration,
  KeptDrift,
  ScoreQuery,
} from './calibration-store.ts';
import type { PendingScore } from './pending-score.ts';

/** Keeps calibration in memory: for backtests and desks that remember nothing. The newest scores are held: 20,000 by default, and up to a quarter more. */
export class MemoryCalibrationStore implements CalibrationStore {
  readonly #scoresHeld: number;
  readonly #pending = new Map<string, PendingScore>();
  readonly #scores = new Map<string, OpinionScore>();
  readonly #entries = new Map<string, BookEntry>();
  readonly #baseRates = new Map<string, KeptBaseRates>();
  readonly #drifts = new Map<string, KeptDrift>();
  /** No score's horizon passed before this: a day that lets go of nothing need not look through all of them. */
  #noneBeforeMs = Number.POSITIVE_INFINITY;

  constructor(options: { readonly scoresHeld?: number } = {}) {
    this.#scoresHeld = options.scoresHeld ?? 20_000;
  }

  async open(): Promise<void> {}

  async load(): Promise<KeptCalibration> {
    return {
      pending: [...this.#pending.values()],
      entries: [...this.#entries.values()],
      baseRates: [...this.#baseRates.values()],
      drifts: [...this.#drifts.values()],
    };
  }

  async commit(change: CalibrationChange): Promise<void> {
    for (const view of change.opened) if (!this.#pending.has(view.id)) this.#pending.set(view.id, view);
    for (const id of change.settled) this.#pending.delete(id);
    for (const score of change.scores) {
      if (this.#scores.has(score.id)) continue;
      this.#scores.set(score.id, score);
      this.#noneBeforeMs = Math.min(this.#noneBeforeMs, score.dueAtMs);
    }
    for (const entry of change.entries) this.#entries.set(entryKey(entry), entry);
    for (const rates of change.baseRates) this.#baseRates.set(rates.key, rates);
    for (const drift of change.drifts) this.#drifts.set(drift.key, drift);
    // Seldom and many at once: a map is slow to begin with what was taken out before.
    if (this.#scores.size <= 1.25 * this.#scoresHeld) return;
    for (const id of this.#scores.keys()) {
      if (this.#scores.size <= this.#scoresHeld) return;
      this.#scores.delete(id);
    }
  }

  async scored(ids: readonly string[]): Promise<ReadonlySet<string>> {
    return new Set(ids.filter((id) => this.#scores.has(id)));
  }

  async scores(query: ScoreQuery = {}): Promise<readonly OpinionScore[]> {
    const { agent, words, bars, fromMs = Number.NEGATIVE_INFINITY, toMs = Number.POSITIVE_INFINITY } = query;
    return [...this.#scores.values()]
      .filter(
        (score) =>
          (agent === undefined || score.agent === agent) &&
          (words === undefined || words.includes(score.word)) &&
          (bars === undefined || score.bars === bars) &&
          score.dueAtMs >= fromMs &&
          score.dueAtMs < toMs,
      )
      .sort((a, b) => a.dueAtMs - b.dueAtMs || (a.id < b.id ? -1 : 1))
      .slice(-(query.limit ?? 10_000));
  }

  async prune(beforeMs: number): Promise<void> {
    if (beforeMs <= this.#noneBeforeMs) return;
    this.#noneBeforeMs = Number.POSITIVE_INFINITY;
    for (const [id, { dueAtMs }] of this.#scores) {
      if (dueAtMs < beforeMs) this.#scores.delete(id);
      else this.#noneBeforeMs = Math.min(this.#noneBeforeMs, dueAtMs);
    }
  }
}
