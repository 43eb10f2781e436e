import { chunk, copyRows } from './chunk.ts';
import { lengthOf, outputColumn } from './columns.ts';
import { emaWeight, exponentialStateSize, runExponential } from './exponential.ts';
import { checkPeriod } from './period.ts';
import { partsOf, totalOf } from './state-parts.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link tema} and {@link Tema}. */
export interface TemaOptions {
  /** Bars of each average. From 1. */
  readonly period: number;
}

const once = new Float64Array(chunk);
const twice = new Float64Array(chunk);
const thrice = new Float64Array(chunk);

const sizesOf = () => [exponentialStateSize, exponentialStateSize, exponentialStateSize] as const;
type Parts = readonly [once: Float64Array, twice: Float64Array, thrice: Float64Array];

function runTema(
  parts: Parts,
  period: number,
  values: Float64Array,
  out: Float64Array,
  from: number,
  to: number,
): void {
  const weight = emaWeight(period);
  for (let start = from; start < to; start += chunk) {
    const rows = Math.min(chunk, to - start);
    copyRows(values, start, rows, once);
    runExponential(parts[0], period, weight, once, once, 0, rows);
    runExponential(parts[1], period, weight, once, twice, 0, rows);
    runExponential(parts[2], period, weight, twice, thrice, 0, rows);
    for (let row = 0; row < rows; row += 1) {
      const lead = (once[row] ?? Number.NaN) - (twice[row] ?? Number.NaN);
      out[start + row] = 3 * lead + (thrice[row] ?? Number.NaN);
    }
  }
}

/**
 * Triple exponential moving average (Mulloy, Technical Analysis of Stocks & Commodities, 1994) as TA-Lib's TEMA
 * (ta_TEMA.c): 3 · EMA − 3 · EMA of the EMA + EMA of that, each seeded by a simple mean. The first result is that of
 * row 3 · period − 3; NaN before.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function tema(values: Float64Array, options: TemaOptions, out?: Float64Array): Float64Array {
  const period = checkPeriod('period', options.period);
  const length = lengthOf(values);
  const result = outputColumn(length, out);
  const sizes = sizesOf();
  runTema(partsOf(new Float64Array(totalOf(sizes)), sizes), period, values, result, 0, length);
  return result;
}

const input = new Float64Array(1);

/** {@link tema} value by value: O(1), no allocation. */
export class Tema extends StreamingIndicator {
  readonly #period: number;
  readonly #parts: Parts;
  readonly #value: Float64Array;

  /** @throws ValidationError `indicator.period` */
  constructor(options: TemaOptions) {
    const period = checkPeriod('period', options.period);
    const value = new Float64Array(1);
    const sizes = sizesOf();
    super({ name: `tema(${period})`, stateSize: totalOf(sizes), outputs: [value] });
    this.#period = period;
    this.#parts = partsOf(this.state, sizes);
    this.#value = value;
  }

  /** Takes the next value. */
  update(value: number): void {
    input[0] = value;
    runTema(this.#parts, this.#period, input, this.#value, 0, 1);
  }

  /** The average after the last value. NaN while warming up. */
  get value(): number {
    return this.#value[0] ?? Number.NaN;
  }
}
