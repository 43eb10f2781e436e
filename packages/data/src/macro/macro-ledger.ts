import type { MacroRecord } from '@perpdesk/core';
import { contentOf } from './event-history.ts';

/**
 * What sources have said since the start. The first reading of a source is taken as it stands: what it says was known when it
 * says so. What comes up in a later one was not known before it, whatever it says.
 */
export class MacroLedger {
  readonly #capacity: number;
  readonly #lastReadings = new Map<string, ReadonlySet<string>>();
  #records: MacroRecord[] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#records.length;
  }

  records(): readonly MacroRecord[] {
    return this.#records;
  }

  /** Enters a reading of a source, made at `atMs`. */
  enter(source: string, records: readonly MacroRecord[], atMs: number): void {
    const last = this.#lastReadings.get(source);
    const contents = records.map((record) => `${record.knownAtMs ?? ''} ${contentOf(record)}`);
    records.forEach((record, index) => {
      if (last === undefined) this.#records.push(record);
      else if (!last.has(contents[index] ?? ''))
        this.#records.push({ ...record, knownAtMs: Math.max(atMs, record.knownAtMs ?? atMs) });
    });
    this.#lastReadings.set(source, new Set(contents));
    if (this.#records.length <= this.#capacity) return;
    this.#records.sort((a, b) => b.scheduledAtMs - a.scheduledAtMs);
    this.#records.length = this.#capacity;
  }
}
