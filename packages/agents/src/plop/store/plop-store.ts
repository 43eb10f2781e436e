import type { PredictionAssessment, PredictionContract } from '@perpdesk/core';

/** How a contract came out. */
export type PlopOutcome = NonNullable<PredictionContract['resolution']>;

/** An assessment, and what came of it. */
export interface ScoredAssessment {
  readonly assessment: PredictionAssessment;
  readonly outcome: PlopOutcome;
}

/**
 * Where assessments wait for their outcomes, so that a restart forgets nothing. Of each contract one a UTC day is kept, the first: what is
 * said again a quarter of an hour later is no second opinion. Every method throws StoreError when the store fails.
 */
export interface PlopStore {
  /** Makes ready; once before all else. */
  open(): Promise<void>;
  /** Keeps an assessment. False where one of its contract and day is there already. */
  keep(assessment: PredictionAssessment): Promise<boolean>;
  /**
   * Hands out contracts that wait for an outcome, the longest unasked first, and marks them as asked at `atMs`: those past closing that
   * were not asked since `closedBeforeMs`, and others not since `openBeforeMs`, for a contract may be decided early. Those that closed before
   * `givenUpBeforeMs` are asked for no more.
   */
  take(query: {
    readonly atMs: number;
    readonly closedBeforeMs: number;
    readonly openBeforeMs: number;
    readonly givenUpBeforeMs: number;
    readonly limit: number;
  }): Promise<readonly string[]>;
  /** The assessments of a contract that have no outcome yet, oldest first. */
  waiting(contractId: string): Promise<readonly PredictionAssessment[]>;
  /** Says how a contract came out. The first word stands. */
  settle(contractId: string, outcome: PlopOutcome, atMs: number): Promise<void>;
  /** The assessments of a venue that came out YES or NO: the last settled `limit` of them, oldest first. */
  settled(query: {
    readonly venue: PredictionContract['venue'];
    readonly limit: number;
  }): Promise<readonly ScoredAssessment[]>;
}

const dayMs = 86_400_000;

/** The UTC day of an assessment, counted from the epoch. */
export const dayOf = ({ atMs }: Pick<PredictionAssessment, 'atMs'>): number => Math.floor(atMs / dayMs);
