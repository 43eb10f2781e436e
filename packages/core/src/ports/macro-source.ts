import type { MacroRecord } from '../domain/macro.ts';

/** What a source answered. */
export interface MacroReading {
  /** All it knows, in any order; several of one series and period tell how it changed. */
  readonly records: readonly MacroRecord[];
  /** What could not be read: how many entries, and why for the first few. Foreign text in it is cleaned and capped. */
  readonly refused: { readonly count: number; readonly reasons: readonly string[] };
  /** True when it is known to be the same as at the call before. */
  readonly unchanged: boolean;
}

/** Where economic dates, expectations and figures come from: a file, an address, a published schedule. */
export interface MacroSource {
  /** Unique among the sources of a calendar; stands in each of its records. */
  readonly name: string;
  /**
   * Reads all the source knows now. One entry that can not be read is counted and leaves the others as they are.
   * @throws StoreError when a file can not be read. VenueError when an address does not answer as it should.
   */
  fetch(options?: { readonly signal?: AbortSignal }): Promise<MacroReading>;
}
