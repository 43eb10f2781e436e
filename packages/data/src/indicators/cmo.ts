import { lengthOf, outputColumn } from './columns.ts';
import { checkPeriod } from './period.ts';
import { rsiStateSize, runRsi } from './rsi.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link cmo} and {@link Cmo}. */
export interface CmoOptions {
  /** Changes smoothed over. Default 14, from 2. */
  readonly period?: number;
}

/** State: that of `runRsi`. */
function runCmo(
  state: Float64Array,
  period: number,
  values: Float64Array,
  out: Float64Array,
  from: number,
  to: number,
): void {
  runRsi(state, period, values, out, from, to);
  for (let i = from; i < to; i += 1) out[i] = 2 * (out[i] ?? Number.NaN) - 100;
}

/**
 * Chande momentum oscillator, −100 to 100, (gains − losses) / (gains + losses), with Wilder's smoothing of both as
 * TA-Lib's CMO (ta_CMO.c), which makes it 2 · RSI − 100; Chande's own (The New Technical Trader, 1994) sums them over
 * the window instead. The first result is that of row `period`; NaN before. 0 where no value moved.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function cmo(values: Float64Array, options: CmoOptions = {}, out?: Float64Array): Float64Array {
  const period = checkPeriod('period', options.period ?? 14, 2);
  const length = lengthOf(values);
  const result = outputColumn(length, out);
  runCmo(new Float64Array(rsiStateSize), period, values, result, 0, length);
  return result;
}

const input = new Float64Array(1);

/** {@link cmo} value by value: O(1), no allocation. */
export class Cmo extends StreamingIndicator {
  readonly #period: number;
  readonly #value: Float64Array;

  /** @throws ValidationError `indicator.period` */
  constructor(options: CmoOptions = {}) {
    const period = checkPeriod('period', options.period ?? 14, 2);
    const value = new Float64Array(1);
    super({ name: `cmo(${period})`, stateSize: rsiStateSize, outputs: [value] });
    this.#period = period;
    this.#value = value;
  }

  /** Takes the next value. */
  update(value: number): void {
    input[0] = value;
    runCmo(this.state, this.#period, input, this.#value, 0, 1);
  }

  /** −100 to 100. NaN while warming up. */
  get value(): number {
    return this.#value[0] ?? Number.NaN;
  }
}
