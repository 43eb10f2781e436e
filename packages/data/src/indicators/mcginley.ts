import { lengthOf, outputColumn } from './columns.ts';
import { checkFactor } from './factor.ts';
import { checkPeriod } from './period.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link mcginley} and {@link Mcginley}. */
export interface McginleyOptions {
  /** Bars, about as many as of the exponential average it is set beside. Default 14. */
  readonly period?: number;
  /** Share of the period that slows it down: McGinley recommends 0.6, the default. Above 0. */
  readonly share?: number;
}

function check(options: McginleyOptions): Required<McginleyOptions> {
  return {
    period: checkPeriod('period', options.period ?? 14),
    share: checkFactor('share', options.share ?? 0.6),
  };
}

/** State: 1 once a value was seen, the average. */
function runMcginley(
  state: Float64Array,
  options: Required<McginleyOptions>,
  values: Float64Array,
  out: Float64Array,
  from: number,
  to: number,
): void {
  const slowness = options.period * options.share;
  let seen = state[0] ?? 0;
  let average = state[1] ?? 0;
  for (let i = from; i < to; i += 1) {
    const value = values[i] ?? Number.NaN;
    if (value - value !== 0) {
      seen = average = 0;
      out[i] = Number.NaN;
      continue;
    }
    const ratio = value / average;
    const step = (value - average) / (slowness * ratio * ratio * ratio * ratio);
    // From 0, or to 0, no ratio leads: it begins anew at the value.
    const steps = seen === 1 && step - step === 0 && Math.abs(step) <= Math.abs(value - average);
    average = steps ? average + step : value;
    out[i] = average;
    seen = 1;
  }
  state[0] = seen;
  state[1] = average;
}

/**
 * McGinley dynamic (John R. McGinley, 1990s; in the form of Skender): an average that follows falls
 * faster than rises, each step being (value − average) / (share · period · (value / average)⁴). It begins at the first
 * value, results from row 0. Where a fall is so steep that the step would overshoot the value, it is the value.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function mcginley(values: Float64Array, options: McginleyOptions = {}, out?: Float64Array): Float64Array {
  const checked = check(options);
  const length = lengthOf(values);
  const result = outputColumn(length, out);
  runMcginley(new Float64Array(2), checked, values, result, 0, length);
  return result;
}

const input = new Float64Array(1);

/** {@link mcginley} value by value: O(1), no allocation. */
export class Mcginley extends StreamingIndicator {
  readonly #options: Required<McginleyOptions>;
  readonly #value: Float64Array;

  /** @throws ValidationError `indicator.period` */
  constructor(options: McginleyOptions = {}) {
    const checked = check(options);
    const value = new Float64Array(1);
    super({ name: `mcginley(${checked.period},${checked.share})`, stateSize: 2, outputs: [value] });
    this.#options = checked;
    this.#value = value;
  }

  /** Takes the next value. */
  update(value: number): void {
    input[0] = value;
    runMcginley(this.state, this.#options, input, this.#value, 0, 1);
  }

  /** The average after the last value. NaN before the first. */
  get value(): number {
    return this.#value[0] ?? Number.NaN;
  }
}
