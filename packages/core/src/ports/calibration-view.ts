import type { OpinionSource } from '../domain/opinion.ts';

/** An agent's record so far. */
export interface TrackRecord {
  /** Opinions scored. */
  readonly scored: number;
  /** Brier skill score against the base rate, out of sample; 0 without a record. */
  readonly skill: number;
  readonly hitRate: number;
}

/** How well agents did, as of the clock. */
export interface CalibrationView {
  /** Undefined without a record: the factor is then 1. */
  record(agent: string, source?: OpinionSource): TrackRecord | undefined;
}
