import { lengthOf, outputColumn } from './columns.ts';
import { checkPeriod } from './period.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link momentum} and {@link Momentum}. */
export interface MomentumOptions {
  /** Bars between the two values. Default 10. */
  readonly period?: number;
}

/** State: place of the oldest value, 1 once `period` were seen, the last `period` values. */
function runMomentum(
  state: Float64Array,
  period: number,
  values: Float64Array,
  out: Float64Array,
  from: number,
  to: number,
): void {
  let place = (state[0] ?? 0) | 0;
  let full = (state[1] ?? 0) !== 0;
  for (let i = from; i < to; i += 1) {
    const value = values[i] ?? Number.NaN;
    if (value - value !== 0) {
      place = 0;
      full = false;
      out[i] = Number.NaN;
      continue;
    }
    out[i] = full ? value - (state[2 + place] ?? 0) : Number.NaN;
    state[2 + place] = value;
    place += 1;
    if (place === period) {
      place = 0;
      full = true;
    }
  }
  state[0] = place;
  state[1] = full ? 1 : 0;
}

/**
 * Momentum: the value less that of `period` rows before, as TA-Lib's MOM (ta_MOM.c). The first result is that of row
 * `period`; NaN before.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function momentum(values: Float64Array, options: MomentumOptions = {}, out?: Float64Array): Float64Array {
  const period = checkPeriod('period', options.period ?? 10);
  const length = lengthOf(values);
  const result = outputColumn(length, out);
  runMomentum(new Float64Array(2 + period), period, values, result, 0, length);
  return result;
}

const input = new Float64Array(1);

/** {@link momentum} value by value: O(1), no allocation. */
export class Momentum extends StreamingIndicator {
  readonly #period: number;
  readonly #value: Float64Array;

  /** @throws ValidationError `indicator.period` */
  constructor(options: MomentumOptions = {}) {
    const period = checkPeriod('period', options.period ?? 10);
    const value = new Float64Array(1);
    super({ name: `momentum(${period})`, stateSize: 2 + period, outputs: [value] });
    this.#period = period;
    this.#value = value;
  }

  /** Takes the next value. */
  update(value: number): void {
    input[0] = value;
    runMomentum(this.state, this.#period, input, this.#value, 0, 1);
  }

  /** The change, in units of the value. NaN while warming up. */
  get value(): number {
    return this.#value[0] ?? Number.NaN;
  }
}
