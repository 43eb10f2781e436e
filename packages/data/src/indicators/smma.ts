import { lengthOf, outputColumn } from './columns.ts';
import { exponentialStateSize, runExponential } from './exponential.ts';
import { checkPeriod } from './period.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link smma} and {@link Smma}. */
export interface SmmaOptions {
  /** Bars; the newest weighs 1 / period. From 1. */
  readonly period: number;
}

/** State: that of `runExponential`. */
export function runSmma(
  state: Float64Array,
  period: number,
  values: Float64Array,
  out: Float64Array,
  from: number,
  to: number,
): void {
  runExponential(state, period, 1 / period, values, out, from, to);
}

/**
 * Smoothed moving average (RMA, Wilder's smoothing; New Concepts in Technical Trading Systems, 1978): as an exponential
 * average whose newest value weighs 1 / period, seeded by the simple mean of the first `period` values, as inside
 * TA-Lib's ATR and RSI and as TradingView's ta.rma. The first result is that of row `period − 1`; NaN before.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function smma(values: Float64Array, options: SmmaOptions, out?: Float64Array): Float64Array {
  const period = checkPeriod('period', options.period);
  const length = lengthOf(values);
  const result = outputColumn(length, out);
  runSmma(new Float64Array(exponentialStateSize), period, values, result, 0, length);
  return result;
}

const input = new Float64Array(1);

/** {@link smma} value by value: O(1), no allocation. */
export class Smma extends StreamingIndicator {
  readonly #period: number;
  readonly #value: Float64Array;

  /** @throws ValidationError `indicator.period` */
  constructor(options: SmmaOptions) {
    const period = checkPeriod('period', options.period);
    const value = new Float64Array(1);
    super({ name: `smma(${period})`, stateSize: exponentialStateSize, outputs: [value] });
    this.#period = period;
    this.#value = value;
  }

  /** Takes the next value. */
  update(value: number): void {
    input[0] = value;
    runSmma(this.state, this.#period, input, this.#value, 0, 1);
  }

  /** The average after the last value. NaN while warming up. */
  get value(): number {
    return this.#value[0] ?? Number.NaN;
  }
}
