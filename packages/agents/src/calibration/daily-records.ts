import type { CalibrationView, Clock, TrackRecord } from '@perpdesk/core';

const dayMs = 86_400_000;
/** How long before a day its records are closed: what was scored until then is in them in every process, whatever it waited for. */
const closesBeforeMs = 3_600_000;

/** The first instant whose scores are not in the records of the day that holds `atMs`. */
const closedAtMs = (atMs: number): number => Math.floor(atMs / dayMs) * dayMs - closesBeforeMs;

/** Options of {@link DailyRecords}. */
export interface DailyRecordsOptions {
  readonly clock: Clock;
  readonly agents: () => readonly string[];
  /** The record of an agent by all that is known. */
  readonly read: (agent: string) => TrackRecord | undefined;
}

/**
 * The records that weights go by: those of the hour before the UTC day began, for all of the day. A score that falls in the very instant of a round
 * would be in the record or not by which came first; this way a round weighs its agents alike live, replayed and in a backtest, and
 * a day's weights can be read off in the morning. Without a record of the day before the factor is 1.
 */
export class DailyRecords implements CalibrationView {
  readonly #options: DailyRecordsOptions;
  /** Those of the day whose records were closed last. */
  #records = new Map<string, TrackRecord>();
  #closedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: DailyRecordsOptions) {
    this.#options = options;
  }

  /** Of the present day. The source plays no part: an agent has one weight. */
  record(agent: string): TrackRecord | undefined {
    this.#close(closedAtMs(this.#options.clock.nowMs()));
    return this.#records.get(agent);
  }

  /** To be called before a score is taken in: one of after the closing is not to be in the day's records. */
  expect(dueAtMs: number): void {
    this.#close(closedAtMs(dueAtMs + closesBeforeMs));
  }

  /** Begins anew, from what is known then. */
  reset(): void {
    this.#closedAtMs = Number.NEGATIVE_INFINITY;
    this.#records.clear();
  }

  #close(atMs: number): void {
    if (atMs <= this.#closedAtMs) return;
    this.#closedAtMs = atMs;
    this.#records = new Map(
      this.#options.agents().flatMap((agent) => {
        const record = this.#options.read(agent);
        return record === undefined ? [] : [[agent, record] as const];
      }),
    );
  }
}
