import { lengthOf, outputColumns } from './columns.ts';
import { checkPeriod } from './period.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link correlation} and {@link Correlation}. */
export interface CorrelationOptions {
  /** Pairs in the window. Default 20, from 2. */
  readonly period?: number;
}

/** What {@link correlation} gives: columns of the input's length. */
export interface CorrelationColumns {
  /** Pearson's r, −1 to 1; 0 where one of the two did not move. */
  readonly correlation: Float64Array;
  /** Change of the value per change of the benchmark (least squares); 0 where the benchmark did not move. */
  readonly beta: Float64Array;
}

/** Two series of one length, row by row of the same time: changes of an instrument and of the market, say. */
export interface PairColumns {
  readonly values: Float64Array;
  readonly benchmark: Float64Array;
}

const stateSize = (period: number): number => 9 + 5 * period;

/**
 * Sums over the last `period` pairs by the blocks of `runDeviation`, as distances from an anchor in the window.
 *
 * State: place in the block, 1 once a block was filled, both anchors, sums, sums of squares and of products of the
 * head; then per place the values or the last block's tail sums, the benchmark's, both tail squares and the tail
 * products.
 */
function runCorrelation(
  state: Float64Array,
  period: number,
  columns: PairColumns,
  out: CorrelationColumns,
  from: number,
  to: number,
): void {
  const tails = 9;
  let place = (state[0] ?? 0) | 0;
  let full = (state[1] ?? 0) !== 0;
  let anchorX = state[2] ?? 0;
  let anchorY = state[3] ?? 0;
  let sumX = state[4] ?? 0;
  let sumY = state[5] ?? 0;
  let squareX = state[6] ?? 0;
  let squareY = state[7] ?? 0;
  let product = state[8] ?? 0;
  for (let i = from; i < to; i += 1) {
    const value = columns.values[i] ?? Number.NaN;
    const other = columns.benchmark[i] ?? Number.NaN;
    const both = value + other;
    out.correlation[i] = out.beta[i] = Number.NaN;
    if (both - both !== 0) {
      place = anchorX = anchorY = sumX = sumY = squareX = squareY = product = 0;
      full = false;
      continue;
    }
    if (place === 0) {
      anchorX = value;
      anchorY = other;
      if (full) sumTails(state, tails, period, anchorX, anchorY);
      sumX = sumY = squareX = squareY = product = 0;
    }
    const x = value - anchorX;
    const y = other - anchorY;
    state[tails + place] = value;
    state[tails + period + place] = other;
    place += 1;
    sumX += x;
    sumY += y;
    squareX += x * x;
    squareY += y * y;
    product += x * y;
    const whole = place === period;
    if (full || whole) {
      const slot = tails + place;
      const totalX = whole ? sumX : sumX + (state[slot] ?? 0);
      const totalY = whole ? sumY : sumY + (state[slot + period] ?? 0);
      const x2 = (whole ? squareX : squareX + (state[slot + 2 * period] ?? 0)) - (totalX * totalX) / period;
      const y2 = (whole ? squareY : squareY + (state[slot + 3 * period] ?? 0)) - (totalY * totalY) / period;
      const xy = (whole ? product : product + (state[slot + 4 * period] ?? 0)) - (totalX * totalY) / period;
      const scale = Math.sqrt(Math.max(0, x2)) * Math.sqrt(Math.max(0, y2));
      out.correlation[i] = scale === 0 ? 0 : Math.max(-1, Math.min(1, xy / scale));
      out.beta[i] = y2 > 0 ? xy / y2 : 0;
    }
    if (whole) {
      place = 0;
      full = true;
    }
  }
  state[0] = place;
  state[1] = full ? 1 : 0;
  state[2] = anchorX;
  state[3] = anchorY;
  state[4] = sumX;
  state[5] = sumY;
  state[6] = squareX;
  state[7] = squareY;
  state[8] = product;
}

/** Turns the pairs of a filled block into sums over its tails, as distances from the next block's anchors. */
function sumTails(state: Float64Array, tails: number, period: number, anchorX: number, anchorY: number): void {
  let sumX = 0;
  let sumY = 0;
  let squareX = 0;
  let squareY = 0;
  let product = 0;
  for (let slot = tails + period - 1; slot > tails; slot -= 1) {
    const x = (state[slot] ?? 0) - anchorX;
    const y = (state[slot + period] ?? 0) - anchorY;
    sumX += x;
    sumY += y;
    squareX += x * x;
    squareY += y * y;
    product += x * y;
    state[slot] = sumX;
    state[slot + period] = sumY;
    state[slot + 2 * period] = squareX;
    state[slot + 3 * period] = squareY;
    state[slot + 4 * period] = product;
  }
}

/**
 * Correlation of two series over the last `period` rows, as TA-Lib's CORREL (ta_CORREL.c), and the beta of the first to
 * the second; stable where levels are high and moves small. Give it changes (returns) rather than prices: two prices
 * that both trend correlate whatever their moves. The first result is that of row `period − 1`; NaN before.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function correlation(
  columns: PairColumns,
  options: CorrelationOptions = {},
  out?: CorrelationColumns,
): CorrelationColumns {
  const period = checkPeriod('period', options.period ?? 20, 2);
  const length = lengthOf(columns.values, columns.benchmark);
  const column = outputColumns(length, 2);
  const result = {
    correlation: column(out?.correlation),
    beta: column(out?.beta),
  };
  runCorrelation(new Float64Array(stateSize(period)), period, columns, result, 0, length);
  return result;
}

const input = { values: new Float64Array(1), benchmark: new Float64Array(1) };

/** {@link correlation} pair by pair: O(1) amortised, no allocation. */
export class Correlation extends StreamingIndicator {
  readonly #period: number;
  readonly #columns: CorrelationColumns;

  /** @throws ValidationError `indicator.period` */
  constructor(options: CorrelationOptions = {}) {
    const period = checkPeriod('period', options.period ?? 20, 2);
    const columns = { correlation: new Float64Array(1), beta: new Float64Array(1) };
    super({
      name: `correlation(${period})`,
      stateSize: stateSize(period),
      outputs: [columns.correlation, columns.beta],
    });
    this.#period = period;
    this.#columns = columns;
  }

  /** Takes the next pair. */
  update(values: number, benchmark: number): void {
    input.values[0] = values;
    input.benchmark[0] = benchmark;
    runCorrelation(this.state, this.#period, input, this.#columns, 0, 1);
  }

  /** Pearson's r, −1 to 1; 0 where one of the two did not move. NaN while warming up, like the others. */
  get correlation(): number {
    return this.#columns.correlation[0] ?? Number.NaN;
  }

  /** Change of the value per change of the benchmark (least squares); 0 where the benchmark did not move. */
  get beta(): number {
    return this.#columns.beta[0] ?? Number.NaN;
  }
}
