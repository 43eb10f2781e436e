import { chunk, copyRows } from './chunk.ts';
import { lengthOf, outputColumn } from './columns.ts';
import { checkPeriod } from './period.ts';
import { rollingSumSize, runRollingSum } from './rolling-sum.ts';
import { partsOf, totalOf } from './state-parts.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link dpo} and {@link Dpo}. */
export interface DpoOptions {
  /** Bars averaged. Default 20, from 3. */
  readonly period?: number;
}

/** How many rows back the value lies that the average is taken from. */
const backOf = (period: number): number => Math.floor(period / 2) + 1;
const averages = new Float64Array(chunk);

const sizesOf = (period: number) => [1 + backOf(period), rollingSumSize(period)] as const;
type Parts = readonly [ring: Float64Array, average: Float64Array];

/** State of the ring: place of the oldest value, the last values. */
function runDpo(parts: Parts, period: number, values: Float64Array, out: Float64Array, from: number, to: number): void {
  const back = backOf(period);
  const ring = parts[0];
  let place = (ring[0] ?? 0) | 0;
  for (let start = from; start < to; start += chunk) {
    const rows = Math.min(chunk, to - start);
    copyRows(values, start, rows, averages);
    runRollingSum(parts[1], period, period, averages, averages, 0, rows);
    for (let row = 0; row < rows; row += 1) {
      const value = values[start + row] ?? Number.NaN;
      const finite = value - value === 0;
      out[start + row] = (ring[1 + place] ?? 0) - (averages[row] ?? Number.NaN);
      if (finite) ring[1 + place] = value;
      place = !finite || place + 1 === back ? 0 : place + 1;
    }
  }
  ring[0] = place;
}

/**
 * Detrended price oscillator in the form that reads the past only: the value ⌊period / 2⌋ + 1 rows back less the simple
 * average of the last `period` values (as StockCharts and Tulip; the centred form sets it at that earlier row, which at
 * that row's time nobody knew). The first result is that of row `period − 1`; NaN before.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function dpo(values: Float64Array, options: DpoOptions = {}, out?: Float64Array): Float64Array {
  const period = checkPeriod('period', options.period ?? 20, 3);
  const length = lengthOf(values);
  const result = outputColumn(length, out);
  const sizes = sizesOf(period);
  runDpo(partsOf(new Float64Array(totalOf(sizes)), sizes), period, values, result, 0, length);
  return result;
}

const input = new Float64Array(1);

/** {@link dpo} value by value: O(1) amortised, no allocation. */
export class Dpo extends StreamingIndicator {
  readonly #period: number;
  readonly #parts: Parts;
  readonly #value: Float64Array;

  /** @throws ValidationError `indicator.period` */
  constructor(options: DpoOptions = {}) {
    const period = checkPeriod('period', options.period ?? 20, 3);
    const value = new Float64Array(1);
    const sizes = sizesOf(period);
    super({ name: `dpo(${period})`, stateSize: totalOf(sizes), outputs: [value] });
    this.#period = period;
    this.#parts = partsOf(this.state, sizes);
    this.#value = value;
  }

  /** Takes the next value. */
  update(value: number): void {
    input[0] = value;
    runDpo(this.#parts, this.#period, input, this.#value, 0, 1);
  }

  /** In units of the value. NaN while warming up. */
  get value(): number {
    return this.#value[0] ?? Number.NaN;
  }
}
