import { ValidationError } from '@perpdesk/core';

/** What indicators over whole bars read: columns of one length, oldest first. `CandleColumns` of core is one. */
export interface PriceColumns {
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
}

/** Prices with the volume of each bar, in base units. */
export interface PriceVolumeColumns extends PriceColumns {
  readonly volume: Float64Array;
}

/**
 * The common length of input columns.
 * @throws ValidationError `indicator.columns` when they differ.
 */
export function lengthOf(first: Float64Array, ...others: readonly Float64Array[]): number {
  for (const other of others) {
    if (other.length !== first.length) {
      throw new ValidationError(
        'indicator.columns',
        `Columns must have one length, got ${first.length} and ${other.length}.`,
      );
    }
  }
  return first.length;
}

/**
 * The column that results go to: the caller's, at least as long as the input, or a new one.
 * @throws ValidationError `indicator.columns` when the caller's is too short.
 */
export function outputColumn(length: number, out?: Float64Array): Float64Array {
  if (out === undefined) return new Float64Array(length);
  if (out.length >= length) return out;
  throw new ValidationError('indicator.columns', `${length} results do not fit into a column of ${out.length}.`);
}

/**
 * {@link outputColumn} of `count` columns: gives one for each of the caller's, or a new one. The new ones lie one after the other in
 * one `ArrayBuffer`: pages of memory are the dearest part of a long result, and one large piece costs about half of several. So one
 * column keeps all in memory, and transferring one's buffer to a worker transfers all.
 * @throws ValidationError `indicator.columns` when the caller's is too short.
 */
export function outputColumns(length: number, count: number): (out?: Float64Array) => Float64Array {
  let buffer: ArrayBuffer | undefined;
  let given = 0;
  return (out) => {
    if (out !== undefined) return outputColumn(length, out);
    buffer ??= new ArrayBuffer(Float64Array.BYTES_PER_ELEMENT * length * count);
    given += 1;
    return new Float64Array(buffer, Float64Array.BYTES_PER_ELEMENT * length * (given - 1), length);
  };
}

/**
 * True when nothing that is written lies where something is read. Columns of one result share a buffer, each with a part of
 * its own.
 */
export const areApart = (read: readonly Float64Array[], written: readonly Float64Array[]): boolean =>
  read.every((source) => written.every((target) => !overlaps(source, target)));

const overlaps = (one: Float64Array, other: Float64Array): boolean =>
  one.buffer === other.buffer &&
  one.byteOffset < other.byteOffset + other.byteLength &&
  other.byteOffset < one.byteOffset + one.byteLength;
