import { chunk } from './chunk.ts';
import { lengthOf, outputColumn, type PriceColumns } from './columns.ts';
import { checkPeriod } from './period.ts';
import { extremesStateSize, runExtremes } from './rolling-extremes.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link williamsR} and {@link WilliamsR}. */
export interface WilliamsROptions {
  /** Bars the close is placed among. Default 14. */
  readonly period?: number;
}

const highs = new Float64Array(chunk);
const lows = new Float64Array(chunk);

/** State: that of `runExtremes`. */
function runWilliamsR(
  state: Float64Array,
  period: number,
  columns: PriceColumns,
  out: Float64Array,
  from: number,
  to: number,
): void {
  for (let start = from; start < to; start += chunk) {
    const rows = Math.min(chunk, to - start);
    for (let row = 0; row < rows; row += 1) {
      const high = columns.high[start + row] ?? Number.NaN;
      const low = columns.low[start + row] ?? Number.NaN;
      const all = high + low + (columns.close[start + row] ?? Number.NaN);
      highs[row] = all - all === 0 ? high : Number.NaN;
      lows[row] = low;
    }
    runExtremes(state, period, highs, lows, highs, lows, 0, rows);
    for (let row = 0; row < rows; row += 1) {
      const high = highs[row] ?? Number.NaN;
      const width = high - (lows[row] ?? Number.NaN);
      out[start + row] = width === 0 ? -50 : (100 * ((columns.close[start + row] ?? Number.NaN) - high)) / width;
    }
  }
}

/**
 * Williams %R (Larry Williams, 1973) as TA-Lib's WILLR (ta_WILLR.c): how far the close lies below the highest high, in
 * percent of the range of the last `period` bars; 0 at the top, −100 at the bottom. The first result is that of row
 * `period − 1`; NaN before. Where nothing moved it is −50 (TA-Lib: 0).
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function williamsR(columns: PriceColumns, options: WilliamsROptions = {}, out?: Float64Array): Float64Array {
  const period = checkPeriod('period', options.period ?? 14);
  const length = lengthOf(columns.high, columns.low, columns.close);
  const result = outputColumn(length, out);
  runWilliamsR(new Float64Array(extremesStateSize(period)), period, columns, result, 0, length);
  return result;
}

const input = { high: new Float64Array(1), low: new Float64Array(1), close: new Float64Array(1) };

/** {@link williamsR} bar by bar: O(1) amortised, no allocation. */
export class WilliamsR extends StreamingIndicator {
  readonly #period: number;
  readonly #value: Float64Array;

  /** @throws ValidationError `indicator.period` */
  constructor(options: WilliamsROptions = {}) {
    const period = checkPeriod('period', options.period ?? 14);
    const value = new Float64Array(1);
    super({ name: `williamsR(${period})`, stateSize: extremesStateSize(period), outputs: [value] });
    this.#period = period;
    this.#value = value;
  }

  /** Takes the next bar. */
  update(high: number, low: number, close: number): void {
    input.high[0] = high;
    input.low[0] = low;
    input.close[0] = close;
    runWilliamsR(this.state, this.#period, input, this.#value, 0, 1);
  }

  /** −100 to 0. NaN while warming up. */
  get value(): number {
    return this.#value[0] ?? Number.NaN;
  }
}
