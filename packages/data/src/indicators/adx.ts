import { lengthOf, outputColumn, type PriceColumns } from './columns.ts';
import { checkPeriod } from './period.ts';
import { StreamingIndicator } from './streaming-indicator.ts';
import { trueRange } from './true-range.ts';

/** Options of {@link adx} and {@link Adx}. */
export interface AdxOptions {
  /** Bars smoothed over, in both steps. Default 14, from 2. */
  readonly period?: number;
}

/** What {@link adx} gives: columns of the input's length, each 0 to 100. */
export interface AdxColumns {
  /** Strength of the trend, whichever way it goes. */
  readonly adx: Float64Array;
  /** +DI: the share of the true range that is movement upwards. */
  readonly plus: Float64Array;
  /** −DI: the same downwards. */
  readonly minus: Float64Array;
}

const stateSize = 8;

/**
 * State: bars seen (up to 2 · period), previous high, low and close, smoothed +DM, −DM and true range, ADX (the sum of DX
 * while it warms up).
 */
function runAdx(
  state: Float64Array,
  period: number,
  columns: PriceColumns,
  out: AdxColumns,
  from: number,
  to: number,
): void {
  const { high: highs, low: lows, close: closes } = columns;
  const { adx: strengths, plus: pluses, minus: minuses } = out;
  const weight = 1 / period;
  let seen = state[0] ?? 0;
  let previousHigh = state[1] ?? 0;
  let previousLow = state[2] ?? 0;
  let previousClose = state[3] ?? 0;
  let plus = state[4] ?? 0;
  let minus = state[5] ?? 0;
  let range = state[6] ?? 0;
  let strength = state[7] ?? 0;
  for (let i = from; i < to; i += 1) {
    const high = highs[i] ?? Number.NaN;
    const low = lows[i] ?? Number.NaN;
    const close = closes[i] ?? Number.NaN;
    const all = high + low + close;
    strengths[i] = Number.NaN;
    pluses[i] = Number.NaN;
    minuses[i] = Number.NaN;
    if (all - all !== 0) {
      seen = 0;
      plus = 0;
      minus = 0;
      range = 0;
      strength = 0;
      continue;
    }
    if (seen > 0) {
      const up = high - previousHigh;
      const down = previousLow - low;
      if (seen >= period) {
        plus -= plus * weight;
        minus -= minus * weight;
        range -= range * weight;
      }
      if (up > down && up > 0) plus += up;
      else if (down > up && down > 0) minus += down;
      range += trueRange(high, low, previousClose);
    }
    if (seen >= period) {
      const scale = range === 0 ? 0 : 100 / range;
      pluses[i] = plus * scale;
      minuses[i] = minus * scale;
      const moved = plus + minus;
      const index = moved === 0 ? 0 : (100 * Math.abs(plus - minus)) / moved;
      const last = 2 * period - 1;
      strength += seen > last ? (index - strength) * weight : index * weight;
      if (seen >= last) strengths[i] = strength;
    }
    if (seen < 2 * period) seen += 1;
    previousHigh = high;
    previousLow = low;
    previousClose = close;
  }
  state[0] = seen;
  state[1] = previousHigh;
  state[2] = previousLow;
  state[3] = previousClose;
  state[4] = plus;
  state[5] = minus;
  state[6] = range;
  state[7] = strength;
}

/**
 * Average directional index with +DI and −DI (Wilder, New Concepts in Technical Trading Systems, 1978) as TA-Lib's ADX,
 * PLUS_DI and MINUS_DI (ta_ADX.c): movements and true ranges are summed over the first period − 1 changes, then smoothed; the
 * ADX is seeded by the mean of the first `period` values of DX. With 14 the first DI is at row 14, the first ADX at row 27;
 * NaN before. Where nothing moves all are 0.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function adx(columns: PriceColumns, options: AdxOptions = {}, out?: AdxColumns): AdxColumns {
  const period = checkPeriod('period', options.period ?? 14, 2);
  const length = lengthOf(columns.close, columns.high, columns.low);
  const result = {
    adx: outputColumn(length, out?.adx),
    plus: outputColumn(length, out?.plus),
    minus: outputColumn(length, out?.minus),
  };
  runAdx(new Float64Array(stateSize), period, columns, result, 0, length);
  return result;
}

const input = { high: new Float64Array(1), low: new Float64Array(1), close: new Float64Array(1) };

/** {@link adx} bar by bar: O(1), no allocation. */
export class Adx extends StreamingIndicator {
  readonly #period: number;
  readonly #columns: AdxColumns;

  /** @throws ValidationError `indicator.period` */
  constructor(options: AdxOptions = {}) {
    const period = checkPeriod('period', options.period ?? 14, 2);
    const columns = { adx: new Float64Array(1), plus: new Float64Array(1), minus: new Float64Array(1) };
    super({ name: `adx(${period})`, stateSize, outputs: [columns.adx, columns.plus, columns.minus] });
    this.#period = period;
    this.#columns = columns;
  }

  /** Takes the next bar. */
  update(high: number, low: number, close: number): void {
    input.high[0] = high;
    input.low[0] = low;
    input.close[0] = close;
    runAdx(this.state, this.#period, input, this.#columns, 0, 1);
  }

  /** Strength of the trend, 0 to 100. NaN while warming up, as each of the three. */
  get value(): number {
    return this.#columns.adx[0] ?? Number.NaN;
  }

  /** +DI, 0 to 100. */
  get plus(): number {
    return this.#columns.plus[0] ?? Number.NaN;
  }

  /** −DI, 0 to 100. */
  get minus(): number {
    return this.#columns.minus[0] ?? Number.NaN;
  }
}
