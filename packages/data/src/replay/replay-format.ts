import type { Instrument, InstrumentId, Timeframe } from '@perpdesk/core';
import type { ObservedPrecision } from '../instruments/observed-precision.ts';
import type { RowFields } from './row-fields.ts';

/** What a row's numbers are written into: at most six. */
export type RowNumbers = Float64Array;

/** How the rows of a file are read. */
export interface RowLayout {
  /** Fields of a row. */
  readonly fields: number;
  /** The first line, where the format has one. It may be absent from a file. */
  readonly header?: readonly string[];
  /**
   * Writes a row's numbers: candles `openAtMs, open, high, low, close, volume in base units`; quotes `openAtMs, bid, ask`
   * at the minute's close; funding `settlesAtMs, rate, intervalMs`. Returns what is wrong, in words, or undefined.
   */
  readonly read: (fields: RowFields, numbers: RowNumbers) => string | undefined;
}

/** A file whose name a format knows. */
export interface RecordedFile {
  readonly kind: 'candles' | 'quotes' | 'funding';
  readonly instrumentId: InstrumentId;
  /** The symbol as the file names it: two symbols of one instrument are not mixed. */
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  /** Set for candles. */
  readonly timeframe?: Timeframe;
  readonly layout: RowLayout;
  readonly format: ReplayFormat;
}

/** What is known of an instrument beside its rows. */
export interface RecordedInstrument {
  readonly instrument: Instrument;
  /** Said in the report where something had to be assumed. */
  readonly note?: string;
}

/** A way recordings are named and written. New ones go into the list of `replay-formats.ts`. */
export interface ReplayFormat {
  readonly name: string;
  /** Tells a file by its path: folder names down to the file's own. */
  recognise(path: readonly string[]): RecordedFile | undefined;
  /** The rules of a recorded instrument, from the venue's documents or from its rows. */
  instrument(file: RecordedFile, observed: ObservedPrecision, lastClose: number): RecordedInstrument;
}

/** The numbers in a candle row and in the others. */
export const rowWidth = { candles: 6, quotes: 3, funding: 3 } as const;
