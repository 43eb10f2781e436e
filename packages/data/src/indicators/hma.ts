import { chunk, copyRows } from './chunk.ts';
import { lengthOf, outputColumn } from './columns.ts';
import { checkPeriod } from './period.ts';
import { partsOf, totalOf } from './state-parts.ts';
import { StreamingIndicator } from './streaming-indicator.ts';
import { runWma, wmaStateSize } from './wma.ts';

/** Options of {@link hma} and {@link Hma}. */
export interface HmaOptions {
  /**
   * Bars of the slow average; the fast takes half of them, the last smoothing their square root, both rounded down.
   * From 2.
   */
  readonly period: number;
}

const halfOf = (period: number): number => Math.floor(period / 2);
const rootOf = (period: number): number => Math.floor(Math.sqrt(period));
const fast = new Float64Array(chunk);
const slow = new Float64Array(chunk);

const sizesOf = (period: number) =>
  [wmaStateSize(halfOf(period)), wmaStateSize(period), wmaStateSize(rootOf(period))] as const;
type Parts = readonly [fast: Float64Array, slow: Float64Array, smooth: Float64Array];

function runHma(parts: Parts, period: number, values: Float64Array, out: Float64Array, from: number, to: number): void {
  for (let start = from; start < to; start += chunk) {
    const rows = Math.min(chunk, to - start);
    copyRows(values, start, rows, slow);
    runWma(parts[0], halfOf(period), slow, fast, 0, rows);
    runWma(parts[1], period, slow, slow, 0, rows);
    for (let row = 0; row < rows; row += 1) slow[row] = 2 * (fast[row] ?? Number.NaN) - (slow[row] ?? Number.NaN);
    runWma(parts[2], rootOf(period), slow, slow, 0, rows);
    for (let row = 0; row < rows; row += 1) out[start + row] = slow[row] ?? Number.NaN;
  }
}

/**
 * Hull moving average (Alan Hull, 2005): the weighted average over √period of twice the weighted average of half the
 * period less that of the whole. The first result is that of row period + ⌊√period⌋ − 2; NaN before.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function hma(values: Float64Array, options: HmaOptions, out?: Float64Array): Float64Array {
  const period = checkPeriod('period', options.period, 2);
  const length = lengthOf(values);
  const result = outputColumn(length, out);
  const sizes = sizesOf(period);
  runHma(partsOf(new Float64Array(totalOf(sizes)), sizes), period, values, result, 0, length);
  return result;
}

const input = new Float64Array(1);

/** {@link hma} value by value: O(1) amortised, no allocation. */
export class Hma extends StreamingIndicator {
  readonly #period: number;
  readonly #parts: Parts;
  readonly #value: Float64Array;

  /** @throws ValidationError `indicator.period` */
  constructor(options: HmaOptions) {
    const period = checkPeriod('period', options.period, 2);
    const value = new Float64Array(1);
    const sizes = sizesOf(period);
    super({ name: `hma(${period})`, stateSize: totalOf(sizes), outputs: [value] });
    this.#period = period;
    this.#parts = partsOf(this.state, sizes);
    this.#value = value;
  }

  /** Takes the next value. */
  update(value: number): void {
    input[0] = value;
    runHma(this.#parts, this.#period, input, this.#value, 0, 1);
  }

  /** The average after the last value. NaN while warming up. */
  get value(): number {
    return this.#value[0] ?? Number.NaN;
  }
}
