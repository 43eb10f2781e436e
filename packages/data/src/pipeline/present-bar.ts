import type { Candle } from '@perpdesk/core';

/** One row of numbers, of which each column is a view: a bar is written to one place. */
const row = new Float64Array(6);
const column = (place: number): Float64Array => row.subarray(place, place + 1);

/** The bar that is being taken, as columns of one row: what all indicators of candles read. */
export const presentBar = {
  openAtMs: column(0),
  open: column(1),
  high: column(2),
  low: column(3),
  close: column(4),
  volume: column(5),
};

/** Makes a candle the present bar. */
export function presentBarIs(candle: Candle): void {
  row[0] = candle.openAtMs;
  row[1] = candle.open;
  row[2] = candle.high;
  row[3] = candle.low;
  row[4] = candle.close;
  row[5] = candle.volume;
}
