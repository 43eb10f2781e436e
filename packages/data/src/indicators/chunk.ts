/** Rows an indicator of several steps works on at a time, so that what one step wrote is in the cache for the next. */
export const chunk = 512;

/** Copies rows `start` to `start + rows` to the front of a column of `chunk` rows, where steps may overwrite them. */
export function copyRows(values: Float64Array, start: number, rows: number, into: Float64Array): void {
  for (let row = 0; row < rows; row += 1) into[row] = values[start + row] ?? Number.NaN;
}
