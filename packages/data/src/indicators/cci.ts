import { lengthOf, outputColumn, type PriceColumns } from './columns.ts';
import { checkPeriod } from './period.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link cci} and {@link Cci}. */
export interface CciOptions {
  /** Bars in the window. Default 20, from 2. */
  readonly period?: number;
}

const stateSize = (period: number): number => 2 + period;

/** State: bars seen (up to the period), place of the oldest, the last `period` typical prices. */
function runCci(
  state: Float64Array,
  period: number,
  columns: PriceColumns,
  out: Float64Array,
  from: number,
  to: number,
): void {
  const ring = 2;
  let seen = (state[0] ?? 0) | 0;
  let place = (state[1] ?? 0) | 0;
  for (let i = from; i < to; i += 1) {
    const price =
      ((columns.high[i] ?? Number.NaN) + (columns.low[i] ?? Number.NaN) + (columns.close[i] ?? Number.NaN)) / 3;
    out[i] = Number.NaN;
    if (price - price !== 0) {
      seen = place = 0;
      continue;
    }
    state[ring + place] = price;
    place = place + 1 === period ? 0 : place + 1;
    if (seen < period) seen += 1;
    if (seen < period) continue;
    // As distances from the present price, of which the digits that matter are left at any height of the price.
    let sum = 0;
    for (let slot = ring; slot < ring + period; slot += 1) sum += (state[slot] ?? 0) - price;
    const mean = sum / period;
    let deviation = 0;
    for (let slot = ring; slot < ring + period; slot += 1) deviation += Math.abs((state[slot] ?? 0) - price - mean);
    out[i] = deviation === 0 ? 0 : (-mean * period) / (0.015 * deviation);
  }
  state[0] = seen;
  state[1] = place;
}

/**
 * Commodity channel index (Donald Lambert, 1980) as TA-Lib's CCI (ta_CCI.c): the distance of the typical price from its
 * simple average in units of 0.015 mean absolute deviations. The first result is that of row `period − 1`; NaN before.
 * 0 where nothing moves. A mean absolute deviation takes a pass over the window: O(period) a row.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function cci(columns: PriceColumns, options: CciOptions = {}, out?: Float64Array): Float64Array {
  const period = checkPeriod('period', options.period ?? 20, 2);
  const length = lengthOf(columns.high, columns.low, columns.close);
  const result = outputColumn(length, out);
  runCci(new Float64Array(stateSize(period)), period, columns, result, 0, length);
  return result;
}

const input = { high: new Float64Array(1), low: new Float64Array(1), close: new Float64Array(1) };

/** {@link cci} bar by bar: O(period), no allocation. */
export class Cci extends StreamingIndicator {
  readonly #period: number;
  readonly #value: Float64Array;

  /** @throws ValidationError `indicator.period` */
  constructor(options: CciOptions = {}) {
    const period = checkPeriod('period', options.period ?? 20, 2);
    const value = new Float64Array(1);
    super({ name: `cci(${period})`, stateSize: stateSize(period), outputs: [value] });
    this.#period = period;
    this.#value = value;
  }

  /** Takes the next bar. */
  update(high: number, low: number, close: number): void {
    input.high[0] = high;
    input.low[0] = low;
    input.close[0] = close;
    runCci(this.state, this.#period, input, this.#value, 0, 1);
  }

  /** Mostly −100 to 100. NaN while warming up. */
  get value(): number {
    return this.#value[0] ?? Number.NaN;
  }
}
