import type { MacroReading, MacroRecord, MacroSource } from '@perpdesk/core';
import { estimatedDates } from './estimated-dates.ts';
import { recordFromRow } from './macro-row.ts';
import { publishedSchedule } from './published-schedule.ts';

/** Options of {@link PublishedMacroSource}. */
export interface PublishedMacroSourceOptions {
  /** Also the dates that a rule gives and nobody has published yet, marked as estimated. Default true. */
  readonly estimates?: boolean;
}

/** The years dates are reckoned for where none are published. */
const estimatedYears = [2026, 2027];
const zone = 'America/New_York';

/**
 * The dates of United States releases that come with this package: rate decisions, consumer prices, payrolls, gross
 * domestic product, purchasing managers. Dates only: what is expected and what comes out is for other sources to say. What
 * is covered, and from where: docs/macro-calendar.md.
 */
export class PublishedMacroSource implements MacroSource {
  readonly name = 'published';
  readonly #records: readonly MacroRecord[];
  #read = false;

  constructor(options: PublishedMacroSourceOptions = {}) {
    const published = publishedSchedule.flatMap(({ series, known, time, days }) =>
      days.map((day) => this.#record({ series, at: `${day}T${time}`, knownAt: `${known}T12:00` })),
    );
    const said = new Set(published.map(keyOf));
    const estimated = (options.estimates === false ? [] : estimatedYears).flatMap((year) =>
      estimatedDates(year)
        .map(({ series, day, time }) =>
          this.#record({ series, at: `${day}T${time}`, knownAt: `${year - 1}-01-01T12:00`, estimated: true }),
        )
        .filter((record) => !said.has(keyOf(record))),
    );
    this.#records = [...published, ...estimated];
  }

  async fetch(options: { readonly signal?: AbortSignal } = {}): Promise<MacroReading> {
    options.signal?.throwIfAborted();
    const unchanged = this.#read;
    this.#read = true;
    return { records: this.#records, refused: { count: 0, reasons: [] }, unchanged };
  }

  #record(row: Record<string, unknown>): MacroRecord {
    return recordFromRow({ ...row, zone }, this.name);
  }
}

const keyOf = ({ series, referencePeriod }: MacroRecord): string => `${series} ${referencePeriod}`;
