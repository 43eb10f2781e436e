import { lengthOf, outputColumns } from './columns.ts';
import { checkPeriod } from './period.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link linearRegression} and {@link LinearRegression}. */
export interface LinearRegressionOptions {
  /** Values in the window. Default 14, from 2. */
  readonly period?: number;
}

/** What {@link linearRegression} gives: columns of the input's length. */
export interface LinearRegressionColumns {
  /** Change per row along the line. */
  readonly slope: Float64Array;
  /** The line at the oldest row of the window. */
  readonly intercept: Float64Array;
  /** The line at the present row. */
  readonly value: Float64Array;
  /** Share of the variance that the line explains, 0 to 1; 0 where nothing moved. */
  readonly rSquared: Float64Array;
}

const stateSize = (period: number): number => 6 + 3 * period;

/**
 * Least squares over the last `period` values by the blocks of `runDeviation`: sums, weighted sums and squares of
 * distances from an anchor in the window, the head added up row by row, the tails of the last block from the back, once
 * per block.
 *
 * State: place in the block, 1 once a block was filled, anchor, sum, weighted sum and squares of the head; then per
 * place this block's value or the last block's tail sum, that tail's weighted sum and its squares.
 */
function runLinearRegression(
  state: Float64Array,
  period: number,
  values: Float64Array,
  out: LinearRegressionColumns,
  from: number,
  to: number,
): void {
  const sums = 6;
  const weights = sums + period;
  const squares = weights + period;
  const middle = (period - 1) / 2;
  const spread = (period * (period * period - 1)) / 12;
  let place = (state[0] ?? 0) | 0;
  let full = (state[1] ?? 0) !== 0;
  let anchor = state[2] ?? 0;
  let sum = state[3] ?? 0;
  let weighted = state[4] ?? 0;
  let square = state[5] ?? 0;
  for (let i = from; i < to; i += 1) {
    const value = values[i] ?? Number.NaN;
    if (value - value !== 0) {
      place = anchor = sum = weighted = square = 0;
      full = false;
      out.slope[i] = out.intercept[i] = out.value[i] = out.rSquared[i] = Number.NaN;
      continue;
    }
    if (place === 0) {
      anchor = value;
      if (full) sumTails(state, sums, period, anchor);
      sum = weighted = square = 0;
    }
    const distance = value - anchor;
    state[sums + place] = value;
    place += 1;
    sum += distance;
    weighted += place * distance;
    square += distance * distance;
    const whole = place === period;
    if (full || whole) {
      // Weights run from 1 at the oldest row of the window.
      const total = whole ? sum : sum + (state[sums + place] ?? 0);
      const first = whole ? weighted : (state[weights + place] ?? 0) + (period - place) * sum + weighted;
      const second = whole ? square : square + (state[squares + place] ?? 0);
      const shared = first - total - total * middle;
      const variance = Math.max(0, second - (total * total) / period);
      const slope = shared / spread;
      const mean = anchor + total / period;
      out.slope[i] = slope;
      out.intercept[i] = mean - slope * middle;
      out.value[i] = mean + slope * middle;
      out.rSquared[i] = variance === 0 ? 0 : Math.min(1, (slope * shared) / variance);
    } else {
      out.slope[i] = out.intercept[i] = out.value[i] = out.rSquared[i] = Number.NaN;
    }
    if (whole) {
      place = 0;
      full = true;
    }
  }
  state[0] = place;
  state[1] = full ? 1 : 0;
  state[2] = anchor;
  state[3] = sum;
  state[4] = weighted;
  state[5] = square;
}

/** Turns the values of a filled block into sums over its tails, as distances from the next block's anchor. */
function sumTails(state: Float64Array, sums: number, period: number, anchor: number): void {
  let sum = 0;
  let weighted = 0;
  let square = 0;
  for (let slot = period - 1; slot > 0; slot -= 1) {
    const distance = (state[sums + slot] ?? 0) - anchor;
    sum += distance;
    weighted += sum;
    square += distance * distance;
    state[sums + slot] = sum;
    state[sums + period + slot] = weighted;
    state[sums + 2 * period + slot] = square;
  }
}

/**
 * Least-squares line through the last `period` values, as TA-Lib's LINEARREG_SLOPE, LINEARREG_INTERCEPT and LINEARREG
 * (ta_LINEARREG.c), with r². Stable where prices are high and moves small; value + slope is TA-Lib's TSF. The first
 * result is that of row `period − 1`; NaN before.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function linearRegression(
  values: Float64Array,
  options: LinearRegressionOptions = {},
  out?: LinearRegressionColumns,
): LinearRegressionColumns {
  const period = checkPeriod('period', options.period ?? 14, 2);
  const length = lengthOf(values);
  const column = outputColumns(length, 4);
  const result = {
    slope: column(out?.slope),
    intercept: column(out?.intercept),
    value: column(out?.value),
    rSquared: column(out?.rSquared),
  };
  runLinearRegression(new Float64Array(stateSize(period)), period, values, result, 0, length);
  return result;
}

const input = new Float64Array(1);

/** {@link linearRegression} value by value: O(1) amortised, no allocation. */
export class LinearRegression extends StreamingIndicator {
  readonly #period: number;
  readonly #columns: LinearRegressionColumns;

  /** @throws ValidationError `indicator.period` */
  constructor(options: LinearRegressionOptions = {}) {
    const period = checkPeriod('period', options.period ?? 14, 2);
    const columns = {
      slope: new Float64Array(1),
      intercept: new Float64Array(1),
      value: new Float64Array(1),
      rSquared: new Float64Array(1),
    };
    super({
      name: `linearRegression(${period})`,
      stateSize: stateSize(period),
      outputs: [columns.slope, columns.intercept, columns.value, columns.rSquared],
    });
    this.#period = period;
    this.#columns = columns;
  }

  /** Takes the next value. */
  update(value: number): void {
    input[0] = value;
    runLinearRegression(this.state, this.#period, input, this.#columns, 0, 1);
  }

  /** Change per row along the line. NaN while warming up, like the others. */
  get slope(): number {
    return this.#columns.slope[0] ?? Number.NaN;
  }

  /** The line at the oldest row of the window. */
  get intercept(): number {
    return this.#columns.intercept[0] ?? Number.NaN;
  }

  /** The line at the present row. */
  get value(): number {
    return this.#columns.value[0] ?? Number.NaN;
  }

  /** Share of the variance that the line explains, 0 to 1; 0 where nothing moved. */
  get rSquared(): number {
    return this.#columns.rSquared[0] ?? Number.NaN;
  }
}
