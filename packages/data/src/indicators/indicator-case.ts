// The one shape in which the tests and the bench say the same of every indicator.
import type { OpenPriceColumns } from './open-columns.ts';
import type { StreamingIndicator } from './streaming-indicator.ts';
import type { TimedPriceVolumeColumns } from './vwap.ts';

/** All that any indicator reads. */
export interface CaseColumns extends TimedPriceVolumeColumns, OpenPriceColumns {
  readonly buyVolume: Float64Array;
  readonly sellVolume: Float64Array;
}

/** A streaming indicator that takes row `i` of columns, and what it then says. */
export interface StreamingCase {
  readonly indicator: StreamingIndicator;
  update(i: number): void;
  values(): readonly number[];
}

/** One indicator, batch and streaming, outputs in one order. */
export interface IndicatorCase {
  readonly name: string;
  /** The first row that has every output; undefined where that depends on the data. */
  readonly firstRow: number | undefined;
  batch(columns: CaseColumns): readonly Float64Array[];
  stream(columns: CaseColumns): StreamingCase;
}

/** Row `i` of a column. */
export const at = (column: Float64Array, i: number): number => column[i] ?? Number.NaN;

/** An indicator of one column: it is given the closes. */
export const ofValue = <Indicator extends StreamingIndicator & { update(value: number): void }>(
  create: () => Indicator,
  read: (indicator: Indicator) => readonly number[],
  firstRow: number | undefined,
  batch: (values: Float64Array) => readonly Float64Array[],
): IndicatorCase =>
  ofBar(
    create,
    (indicator, columns, i) => indicator.update(at(columns.close, i)),
    read,
    firstRow,
    (columns) => batch(columns.close),
  );

/** An indicator of several columns. */
export function ofBar<Indicator extends StreamingIndicator>(
  create: () => Indicator,
  update: (indicator: Indicator, columns: CaseColumns, i: number) => void,
  read: (indicator: Indicator) => readonly number[],
  firstRow: number | undefined,
  batch: (columns: CaseColumns) => readonly Float64Array[],
): IndicatorCase {
  return {
    name: create().name,
    firstRow,
    batch,
    stream: (columns) => {
      const indicator = create();
      return { indicator, update: (i) => update(indicator, columns, i), values: () => read(indicator) };
    },
  };
}
