import { lengthOf, outputColumn, type PriceColumns } from './columns.ts';
import { checkPeriod } from './period.ts';
import { StreamingIndicator, type UpdateInPlace } from './streaming-indicator.ts';
import { trueRange } from './true-range.ts';

/** Options of {@link atr} and {@link Atr}. */
export interface AtrOptions {
  /** True ranges smoothed over. Default 14. */
  readonly period?: number;
}

const stateSize = 3;

/** State: bars seen (up to period + 1), the previous close, the average; its sum while warming up. */
function runAtr(
  state: Float64Array,
  period: number,
  columns: PriceColumns,
  out: Float64Array,
  from: number,
  to: number,
  at = 0,
): void {
  const { high: highs, low: lows, close: closes } = columns;
  const weight = 1 / period;
  let seen = state[at] ?? 0;
  let previous = state[at + 1] ?? 0;
  let average = state[at + 2] ?? 0;
  let i = from;
  while (i < to) {
    for (; i < to && seen <= period; i += 1) {
      const high = highs[i] ?? Number.NaN;
      const low = lows[i] ?? Number.NaN;
      const close = closes[i] ?? Number.NaN;
      const all = high + low + close;
      out[i] = Number.NaN;
      if (all - all !== 0) {
        seen = previous = average = 0;
        continue;
      }
      if (seen > 0) average += trueRange(high, low, previous) * weight;
      seen += 1;
      previous = close;
      if (seen > period) out[i] = average;
    }
    for (; i < to; i += 1) {
      const high = highs[i] ?? Number.NaN;
      const low = lows[i] ?? Number.NaN;
      const close = closes[i] ?? Number.NaN;
      const all = high + low + close;
      if (all - all !== 0) {
        seen = previous = average = 0;
        break;
      }
      average += (trueRange(high, low, previous) - average) * weight;
      previous = close;
      out[i] = average;
    }
  }
  state[at] = seen;
  state[at + 1] = previous;
  state[at + 2] = average;
}

/** The next row of a warm average in place, see `streaming-indicator.ts`. */
export function steadyAtr(numbers: Float64Array, at: number, bars: PriceColumns, period: number): boolean {
  const high = bars.high[0] ?? Number.NaN;
  const low = bars.low[0] ?? Number.NaN;
  const close = bars.close[0] ?? Number.NaN;
  const all = high + low + close;
  if ((numbers[at] ?? 0) <= period || all - all !== 0) return false;
  const average = numbers[at + 2] ?? 0;
  const next = average + (trueRange(high, low, numbers[at + 1] ?? 0) - average) * (1 / period);
  numbers[at + 1] = close;
  numbers[at + 2] = next;
  numbers[at + stateSize] = next;
  return true;
}

/**
 * Average true range with Wilder's smoothing (New Concepts in Technical Trading Systems, 1978), as TA-Lib's ATR
 * (ta_ATR.c): the true range needs a previous close, the average is seeded by the mean of the first `period` true ranges,
 * so that the first result is at row `period`. NaN before. 0 where nothing moves.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function atr(columns: PriceColumns, options: AtrOptions = {}, out?: Float64Array): Float64Array {
  const period = checkPeriod('period', options.period ?? 14);
  const length = lengthOf(columns.close, columns.high, columns.low);
  const result = outputColumn(length, out);
  runAtr(new Float64Array(stateSize), period, columns, result, 0, length);
  return result;
}

const input = { high: new Float64Array(1), low: new Float64Array(1), close: new Float64Array(1) };

/** {@link atr} bar by bar: O(1), no allocation. */
export class Atr extends StreamingIndicator {
  readonly #period: number;
  readonly #value: Float64Array;

  /** @throws ValidationError `indicator.period` */
  constructor(options: AtrOptions = {}) {
    const period = checkPeriod('period', options.period ?? 14);
    const value = new Float64Array(1);
    super({ name: `atr(${period})`, stateSize, outputs: [value] });
    this.#period = period;
    this.#value = value;
  }

  /** The update as a function over numbers kept elsewhere; reads the first row of `columns`. */
  inPlace(columns: PriceColumns): UpdateInPlace {
    const period = this.#period;
    const value = this.#value;
    return (numbers, at) => {
      if (steadyAtr(numbers, at, columns, period)) return;
      runAtr(numbers, period, columns, value, 0, 1, at);
      numbers[at + stateSize] = value[0] ?? Number.NaN;
    };
  }

  /** Takes the next bar. */
  update(high: number, low: number, close: number): void {
    input.high[0] = high;
    input.low[0] = low;
    input.close[0] = close;
    runAtr(this.state, this.#period, input, this.#value, 0, 1);
  }

  /** The average after the last bar, in price units. NaN while warming up. */
  get value(): number {
    return this.#value[0] ?? Number.NaN;
  }
}
