import { at } from './series.ts';

/** `value` kept within [low, high]. */
export const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

/** `value / full` kept within [−1, 1]: how much of the textbook case a reading is. */
export const share = (value: number, full: number): number => clamp(value / full, -1, 1);

/** The arithmetic mean of a column's rows from `start` up to, not including, `end`. NaN of none. */
export function meanOf(column: readonly number[], start = 0, end = column.length): number {
  let total = 0;
  for (let i = start; i < end; i += 1) total += at(column, i);
  return total / (end - start);
}

/** The population standard deviation, around the mean. */
export function deviationOf(
  column: readonly number[],
  start = 0,
  end = column.length,
  mean = meanOf(column, start, end),
): number {
  let squares = 0;
  for (let i = start; i < end; i += 1) squares += (at(column, i) - mean) ** 2;
  return Math.sqrt(squares / (end - start));
}

/** The share of values at or below `value`, in [0, 1]. */
export function percentileOf(values: readonly number[], value: number): number {
  let below = 0;
  for (const other of values) if (other <= value) below += 1;
  return below / values.length;
}

/** The least-squares slope per row over the last `rows` of a column. */
export function slopeOf(column: readonly number[], rows: number): number {
  const start = column.length - rows;
  const middle = (rows - 1) / 2;
  const mean = meanOf(column, start);
  let covariance = 0;
  let variance = 0;
  for (let i = 0; i < rows; i += 1) {
    covariance += (i - middle) * (at(column, start + i) - mean);
    variance += (i - middle) ** 2;
  }
  return covariance / variance;
}
