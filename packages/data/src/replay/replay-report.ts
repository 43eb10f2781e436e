import type { CandleGap, InstrumentId } from '@perpdesk/core';
import type { SkippedBar } from '../candles/candle-rollup.ts';

/** A row of a file and what is the matter with it. */
export interface RowFinding {
  /** Relative to the replayed directory. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly reason: string;
}

/** What a replay found in its directory: everything that was read, put right or left out. */
export interface ReplayReport {
  /** 1m bars that are replayed. */
  readonly candles: number;
  /** The same by instrument. */
  readonly candlesByInstrument: Readonly<Record<InstrumentId, number>>;
  /** Minutes missing between the first and the last replayed bar of an instrument. */
  readonly gaps: readonly CandleGap[];
  /** Higher bars that had only some of their minutes: they never close. */
  readonly partialBars: readonly SkippedBar[];
  /** Rows that say again what another row said: left out. */
  readonly duplicates: number;
  /** Rows of a time that an earlier row has, with other values: the first is kept. Each is in `findings`. */
  readonly conflicts: number;
  /** Rows older than one before them in their file: put in their place. Each is in `findings`. */
  readonly outOfOrder: number;
  /** Rows that can not be read, the first 100 of each file; `malformedCount` counts all. */
  readonly malformed: readonly RowFinding[];
  readonly malformedCount: number;
  /** Rows in conflict or out of order, the first 100 of each file. */
  readonly findings: readonly RowFinding[];
  /** Files whose names are of no known format, relative to the directory. */
  readonly ignoredFiles: readonly string[];
  /** What else is worth knowing, a sentence each. */
  readonly notes: readonly string[];
}

const listedPerFile = 100;

/** Collects what a {@link ReplayReport} says while files are read. */
export class ReportBuilder {
  readonly candlesByInstrument: Record<InstrumentId, number> = {};
  readonly gaps: CandleGap[] = [];
  readonly partialBars: SkippedBar[] = [];
  readonly ignoredFiles: string[] = [];
  readonly notes: string[] = [];
  readonly #malformed: RowFinding[] = [];
  readonly #findings: RowFinding[] = [];
  readonly #listed = new Map<string, number>();
  readonly #duplicatesByFile = new Map<string, number>();
  #malformedCount = 0;
  #conflicts = 0;
  #outOfOrder = 0;

  malformed(finding: RowFinding): void {
    this.#malformedCount += 1;
    this.#list(this.#malformed, 'malformed', finding);
  }

  outOfOrder(finding: RowFinding): void {
    this.#outOfOrder += 1;
    this.#list(this.#findings, 'odd', finding);
  }

  conflict(finding: RowFinding): void {
    this.#conflicts += 1;
    this.#list(this.#findings, 'odd', finding);
  }

  duplicate(file: string): void {
    this.#duplicatesByFile.set(file, (this.#duplicatesByFile.get(file) ?? 0) + 1);
  }

  build(): ReplayReport {
    let duplicates = 0;
    const notes = [...this.notes];
    for (const [file, count] of this.#duplicatesByFile) {
      duplicates += count;
      notes.push(`${file} holds ${count} duplicate ${count === 1 ? 'row' : 'rows'}.`);
    }
    return {
      candles: Object.values(this.candlesByInstrument).reduce((total, count) => total + count, 0),
      candlesByInstrument: { ...this.candlesByInstrument },
      gaps: [...this.gaps],
      partialBars: [...this.partialBars],
      duplicates,
      conflicts: this.#conflicts,
      outOfOrder: this.#outOfOrder,
      malformed: [...this.#malformed],
      malformedCount: this.#malformedCount,
      findings: [...this.#findings],
      ignoredFiles: [...this.ignoredFiles],
      notes,
    };
  }

  #list(list: RowFinding[], kind: string, finding: RowFinding): void {
    const key = `${kind} ${finding.file}`;
    const listed = this.#listed.get(key) ?? 0;
    if (listed >= listedPerFile) return;
    this.#listed.set(key, listed + 1);
    list.push(finding);
  }
}
