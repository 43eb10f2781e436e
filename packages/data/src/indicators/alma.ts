import { ValidationError } from '@perpdesk/core';
import { lengthOf, outputColumn } from './columns.ts';
import { checkFactor } from './factor.ts';
import { checkPeriod } from './period.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link alma} and {@link Alma}. */
export interface AlmaOptions {
  /** Bars averaged. Default 9. */
  readonly period?: number;
  /** Where the weight lies: 0 the oldest bar, 1 the newest. Default 0.85. */
  readonly offset?: number;
  /** How pointed the curve is: its deviation is period / sigma. Default 6, above 0. */
  readonly sigma?: number;
}

interface CheckedOptions extends Required<AlmaOptions> {
  /** Oldest first; they add up to 1. */
  readonly weights: Float64Array;
}

function check({ period = 9, offset = 0.85, sigma = 6 }: AlmaOptions): CheckedOptions {
  checkPeriod('period', period);
  checkFactor('sigma', sigma);
  if (!(offset >= 0 && offset <= 1)) {
    throw new ValidationError('indicator.period', `offset must be from 0 to 1, got ${offset}.`);
  }
  const middle = offset * (period - 1);
  const width = 2 * (period / sigma) ** 2;
  const weights = Float64Array.from({ length: period }, (_, i) => Math.exp(-((i - middle) ** 2) / width));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return { period, offset, sigma, weights: weights.map((weight) => weight / total) };
}

const stateSize = (period: number): number => 2 + period;

/** State: values seen (up to the period), place of the oldest, the last `period` values. */
function runAlma(
  state: Float64Array,
  options: CheckedOptions,
  values: Float64Array,
  out: Float64Array,
  from: number,
  to: number,
): void {
  const { period, weights } = options;
  const ring = 2;
  let seen = (state[0] ?? 0) | 0;
  let place = (state[1] ?? 0) | 0;
  for (let i = from; i < to; i += 1) {
    const value = values[i] ?? Number.NaN;
    if (value - value !== 0) {
      seen = place = 0;
      out[i] = Number.NaN;
      continue;
    }
    state[ring + place] = value;
    place = place + 1 === period ? 0 : place + 1;
    if (seen < period) seen += 1;
    let average = 0;
    const older = period - place;
    for (let k = 0; k < older; k += 1) average += (state[ring + place + k] ?? 0) * (weights[k] ?? 0);
    for (let k = older; k < period; k += 1) average += (state[ring + k - older] ?? 0) * (weights[k] ?? 0);
    out[i] = seen === period ? average : Number.NaN;
  }
  state[0] = seen;
  state[1] = place;
}

/**
 * Arnaud Legoux moving average (Legoux and Kouzis-Loukas, 2009): weights along a normal curve whose middle lies towards
 * the newest bar, as TradingView's ta.alma. The first result is that of row `period − 1`; NaN before. Any finite
 * impulse response of free weights takes a pass over the window: O(period) a row.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function alma(values: Float64Array, options: AlmaOptions = {}, out?: Float64Array): Float64Array {
  const checked = check(options);
  const length = lengthOf(values);
  const result = outputColumn(length, out);
  runAlma(new Float64Array(stateSize(checked.period)), checked, values, result, 0, length);
  return result;
}

const input = new Float64Array(1);

/** {@link alma} value by value: O(period), no allocation. */
export class Alma extends StreamingIndicator {
  readonly #options: CheckedOptions;
  readonly #value: Float64Array;

  /** @throws ValidationError `indicator.period` */
  constructor(options: AlmaOptions = {}) {
    const checked = check(options);
    const value = new Float64Array(1);
    super({
      name: `alma(${checked.period},${checked.offset},${checked.sigma})`,
      stateSize: stateSize(checked.period),
      outputs: [value],
    });
    this.#options = checked;
    this.#value = value;
  }

  /** Takes the next value. */
  update(value: number): void {
    input[0] = value;
    runAlma(this.state, this.#options, input, this.#value, 0, 1);
  }

  /** The average of the last `period` values. NaN while warming up. */
  get value(): number {
    return this.#value[0] ?? Number.NaN;
  }
}
