import { lengthOf, outputColumn } from './columns.ts';
import { checkPeriod } from './period.ts';
import { StreamingIndicator, type UpdateInPlace } from './streaming-indicator.ts';

/** Options of {@link roc} and {@link Roc}. */
export interface RocOptions {
  /** Bars between the two values. Default 10. */
  readonly period?: number;
}

const stateSize = (period: number): number => 2 + period;

/** State: place of the oldest value, 1 once `period` were seen, the last `period` values. */
function runRoc(
  state: Float64Array,
  period: number,
  values: Float64Array,
  out: Float64Array,
  from: number,
  to: number,
  at = 0,
): void {
  let place = (state[at] ?? 0) | 0;
  let full = (state[at + 1] ?? 0) !== 0;
  for (let i = from; i < to; i += 1) {
    const value = values[i] ?? Number.NaN;
    if (value - value !== 0) {
      place = 0;
      full = false;
      out[i] = Number.NaN;
      continue;
    }
    const before = state[at + 2 + place] ?? 0;
    out[i] = full && before !== 0 ? 100 * (value / before - 1) : Number.NaN;
    state[at + 2 + place] = value;
    place += 1;
    if (place === period) {
      place = 0;
      full = true;
    }
  }
  state[at] = place;
  state[at + 1] = full ? 1 : 0;
}

/** The next row of a full window in place, see `streaming-indicator.ts`. */
export function steadyRoc(numbers: Float64Array, at: number, values: Float64Array, period: number): boolean {
  const value = values[0] ?? Number.NaN;
  const place = (numbers[at] ?? 0) | 0;
  const before = numbers[at + 2 + place] ?? 0;
  if (numbers[at + 1] !== 1 || value - value !== 0 || before === 0) return false;
  numbers[at + 2 + place] = value;
  numbers[at] = place + 1 === period ? 0 : place + 1;
  numbers[at + stateSize(period)] = 100 * (value / before - 1);
  return true;
}

/**
 * Rate of change in percent against the value `period` rows before, as TA-Lib's ROC (ta_ROC.c). The first result is that
 * of row `period`; NaN before, and where the earlier value is 0 (TA-Lib: 0).
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function roc(values: Float64Array, options: RocOptions = {}, out?: Float64Array): Float64Array {
  const period = checkPeriod('period', options.period ?? 10);
  const length = lengthOf(values);
  const result = outputColumn(length, out);
  runRoc(new Float64Array(stateSize(period)), period, values, result, 0, length);
  return result;
}

const input = new Float64Array(1);

/** {@link roc} value by value: O(1), no allocation. */
export class Roc extends StreamingIndicator {
  readonly #period: number;
  readonly #value: Float64Array;

  /** @throws ValidationError `indicator.period` */
  constructor(options: RocOptions = {}) {
    const period = checkPeriod('period', options.period ?? 10);
    const value = new Float64Array(1);
    super({ name: `roc(${period})`, stateSize: stateSize(period), outputs: [value] });
    this.#period = period;
    this.#value = value;
  }

  /** The update as a function over numbers kept elsewhere; reads the first row of `values`. */
  inPlace(values: Float64Array): UpdateInPlace {
    const period = this.#period;
    const value = this.#value;
    const output = stateSize(period);
    return (numbers, at) => {
      if (steadyRoc(numbers, at, values, period)) return;
      runRoc(numbers, period, values, value, 0, 1, at);
      numbers[at + output] = value[0] ?? Number.NaN;
    };
  }

  /** Takes the next value. */
  update(value: number): void {
    input[0] = value;
    runRoc(this.state, this.#period, input, this.#value, 0, 1);
  }

  /** The change in percent. NaN while warming up or against 0. */
  get value(): number {
    return this.#value[0] ?? Number.NaN;
  }
}
