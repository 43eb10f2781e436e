import { lengthOf, outputColumn } from './columns.ts';
import { checkPeriod } from './period.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link ulcerIndex} and {@link UlcerIndex}. */
export interface UlcerIndexOptions {
  /** Values in the window. Default 14. */
  readonly period?: number;
}

/** State: values seen (up to the period), place of the oldest, the last `period` values. */
function runUlcerIndex(
  state: Float64Array,
  period: number,
  values: Float64Array,
  out: Float64Array,
  from: number,
  to: number,
): void {
  const ring = 2;
  let seen = (state[0] ?? 0) | 0;
  let place = (state[1] ?? 0) | 0;
  for (let i = from; i < to; i += 1) {
    const value = values[i] ?? Number.NaN;
    out[i] = Number.NaN;
    if (value - value !== 0) {
      seen = place = 0;
      continue;
    }
    state[ring + place] = value;
    place = place + 1 === period ? 0 : place + 1;
    if (seen < period) seen += 1;
    if (seen < period) continue;
    let top = state[ring + place] ?? 0;
    let squares = 0;
    for (let k = 0; k < period; k += 1) {
      const slot = place + k < period ? place + k : place + k - period;
      const member = state[ring + slot] ?? 0;
      top = Math.max(top, member);
      const drawdown = (member - top) / top;
      squares += drawdown * drawdown;
    }
    const index = 100 * Math.sqrt(squares / period);
    out[i] = index - index === 0 ? index : Number.NaN;
  }
  state[0] = seen;
  state[1] = place;
}

/**
 * Ulcer index in percent (Peter Martin, 1987): the root of the mean squared drawdown of the last `period` values, each
 * from the highest of the window up to it (as Skender's; others take the high of a further window before). The first
 * result is that of row `period − 1`; NaN before, and where the highest is 0. As the highs begin anew with each window,
 * it takes a pass over it: O(period) a row.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function ulcerIndex(values: Float64Array, options: UlcerIndexOptions = {}, out?: Float64Array): Float64Array {
  const period = checkPeriod('period', options.period ?? 14);
  const length = lengthOf(values);
  const result = outputColumn(length, out);
  runUlcerIndex(new Float64Array(2 + period), period, values, result, 0, length);
  return result;
}

const input = new Float64Array(1);

/** {@link ulcerIndex} value by value: O(period), no allocation. */
export class UlcerIndex extends StreamingIndicator {
  readonly #period: number;
  readonly #value: Float64Array;

  /** @throws ValidationError `indicator.period` */
  constructor(options: UlcerIndexOptions = {}) {
    const period = checkPeriod('period', options.period ?? 14);
    const value = new Float64Array(1);
    super({ name: `ulcerIndex(${period})`, stateSize: 2 + period, outputs: [value] });
    this.#period = period;
    this.#value = value;
  }

  /** Takes the next value. */
  update(value: number): void {
    input[0] = value;
    runUlcerIndex(this.state, this.#period, input, this.#value, 0, 1);
  }

  /** In percent, 0 and up. NaN while warming up. */
  get value(): number {
    return this.#value[0] ?? Number.NaN;
  }
}
