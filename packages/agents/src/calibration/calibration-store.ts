import type { OpinionScore, ScoredWord } from '@perpdesk/core';
import type { MoveCounts } from './base-rates.ts';
import type { BookEntry } from './calibration-book.ts';
import type { DriftState } from './drift-detector.ts';
import type { PendingScore } from './pending-score.ts';

/** What a restart goes on from. */
export interface KeptCalibration {
  readonly pending: readonly PendingScore[];
  readonly entries: readonly BookEntry[];
  readonly baseRates: readonly KeptBaseRates[];
  readonly drifts: readonly KeptDrift[];
}

/** What was counted under a key. */
export interface KeptBaseRates {
  readonly key: string;
  readonly counts: MoveCounts;
}

/** An alarm's memory under a key. */
export interface KeptDrift {
  readonly key: string;
  readonly state: DriftState;
}

/** What one piece of work changes: all of it is kept, or nothing. */
export interface CalibrationChange {
  readonly opened: readonly PendingScore[];
  /** Ids of views that wait no longer. */
  readonly settled: readonly string[];
  readonly scores: readonly OpinionScore[];
  readonly entries: readonly BookEntry[];
  readonly baseRates: readonly KeptBaseRates[];
  readonly drifts: readonly KeptDrift[];
}

/** Which scores are wanted, by when their horizon passed: from inclusive, to exclusive. */
export interface ScoreQuery {
  readonly agent?: string;
  readonly words?: readonly ScoredWord[];
  readonly bars?: number;
  readonly fromMs?: number;
  readonly toMs?: number;
  /** The newest so many, given oldest first. Default 10,000. */
  readonly limit?: number;
}

/** Where views wait, scores and records are kept. Every method throws StoreError when the database fails. */
export interface CalibrationStore {
  /** Makes its tables. Called before anything else. */
  open(): Promise<void>;
  load(): Promise<KeptCalibration>;
  /** Keeps a change whole. What is opened or scored again is left as it is. */
  commit(change: CalibrationChange): Promise<void>;
  /** Those of these ids that are scored. */
  scored(ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** Scores, oldest first. */
  scores(query?: ScoreQuery): Promise<readonly OpinionScore[]>;
  /** Lets go of single scores whose horizon passed before an instant. Records stay. */
  prune(beforeMs: number): Promise<void>;
}
