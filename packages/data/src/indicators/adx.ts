import { lengthOf, outputColumns, type PriceColumns } from './columns.ts';
import { checkPeriod } from './period.ts';
import { StreamingIndicator, type UpdateInPlace } from './streaming-indicator.ts';
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

/** A movement that counts: above 0 and above the opposite one; else 0. Without a branch, which would be mispredicted. */
const moveOf = (movement: number, opposite: number): number => {
  const move = 0.5 * (Math.abs(movement) + movement);
  return move * Number(movement > opposite);
};

/** DX: how one-sided the movements are, 0 to 100. */
function directionOf(plus: number, minus: number): number {
  const moved = plus + minus;
  return moved === 0 ? 0 : (100 * Math.abs(plus - minus)) / moved;
}

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
  at = 0,
): void {
  const { high: highs, low: lows, close: closes } = columns;
  const { adx: strengths, plus: pluses, minus: minuses } = out;
  const weight = 1 / period;
  let seen = state[at] ?? 0;
  let previousHigh = state[at + 1] ?? 0;
  let previousLow = state[at + 2] ?? 0;
  let previousClose = state[at + 3] ?? 0;
  let plus = state[at + 4] ?? 0;
  let minus = state[at + 5] ?? 0;
  let range = state[at + 6] ?? 0;
  let strength = state[at + 7] ?? 0;
  const last = 2 * period - 1;
  let i = from;
  while (i < to) {
    for (; i < to && seen <= last; i += 1) {
      const high = highs[i] ?? Number.NaN;
      const low = lows[i] ?? Number.NaN;
      const close = closes[i] ?? Number.NaN;
      const all = high + low + close;
      strengths[i] = pluses[i] = minuses[i] = Number.NaN;
      if (all - all !== 0) {
        seen = plus = minus = range = strength = 0;
        continue;
      }
      if (seen > 0) {
        const keep = seen >= period ? 1 - weight : 1;
        const up = high - previousHigh;
        const down = previousLow - low;
        plus = plus * keep + moveOf(up, down);
        minus = minus * keep + moveOf(down, up);
        range = range * keep + trueRange(high, low, previousClose);
      }
      if (seen >= period) {
        const scale = range === 0 ? 0 : 100 / range;
        pluses[i] = plus * scale;
        minuses[i] = minus * scale;
        strength += directionOf(plus, minus) * weight;
        if (seen === last) strengths[i] = strength;
      }
      seen += 1;
      previousHigh = high;
      previousLow = low;
      previousClose = close;
    }
    for (; i < to; i += 1) {
      const high = highs[i] ?? Number.NaN;
      const low = lows[i] ?? Number.NaN;
      const close = closes[i] ?? Number.NaN;
      const all = high + low + close;
      if (all - all !== 0) {
        seen = plus = minus = range = strength = 0;
        break;
      }
      const up = high - previousHigh;
      const down = previousLow - low;
      plus = plus * (1 - weight) + moveOf(up, down);
      minus = minus * (1 - weight) + moveOf(down, up);
      range = range * (1 - weight) + trueRange(high, low, previousClose);
      const scale = range === 0 ? 0 : 100 / range;
      pluses[i] = plus * scale;
      minuses[i] = minus * scale;
      strength += (directionOf(plus, minus) - strength) * weight;
      strengths[i] = strength;
      previousHigh = high;
      previousLow = low;
      previousClose = close;
    }
  }
  state[at] = seen;
  state[at + 1] = previousHigh;
  state[at + 2] = previousLow;
  state[at + 3] = previousClose;
  state[at + 4] = plus;
  state[at + 5] = minus;
  state[at + 6] = range;
  state[at + 7] = strength;
}

/** The next row of warm averages in place, see `streaming-indicator.ts`. */
export function steadyAdx(numbers: Float64Array, at: number, bars: PriceColumns, period: number): boolean {
  const high = bars.high[0] ?? Number.NaN;
  const low = bars.low[0] ?? Number.NaN;
  const close = bars.close[0] ?? Number.NaN;
  const all = high + low + close;
  if ((numbers[at] ?? 0) < 2 * period || all - all !== 0) return false;
  const weight = 1 / period;
  const up = high - (numbers[at + 1] ?? 0);
  const down = (numbers[at + 2] ?? 0) - low;
  const plus = (numbers[at + 4] ?? 0) * (1 - weight) + moveOf(up, down);
  const minus = (numbers[at + 5] ?? 0) * (1 - weight) + moveOf(down, up);
  const range = (numbers[at + 6] ?? 0) * (1 - weight) + trueRange(high, low, numbers[at + 3] ?? 0);
  const before = numbers[at + 7] ?? 0;
  const strength = before + (directionOf(plus, minus) - before) * weight;
  const scale = range === 0 ? 0 : 100 / range;
  numbers[at + 1] = high;
  numbers[at + 2] = low;
  numbers[at + 3] = close;
  numbers[at + 4] = plus;
  numbers[at + 5] = minus;
  numbers[at + 6] = range;
  numbers[at + 7] = strength;
  numbers[at + stateSize] = strength;
  numbers[at + stateSize + 1] = plus * scale;
  numbers[at + stateSize + 2] = minus * scale;
  return true;
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
  const column = outputColumns(length, 3);
  const result = {
    adx: column(out?.adx),
    plus: column(out?.plus),
    minus: column(out?.minus),
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

  /** The update as a function over numbers kept elsewhere; reads the first row of `bars`. */
  inPlace(bars: PriceColumns): UpdateInPlace {
    const period = this.#period;
    const columns = this.#columns;
    return (numbers, at) => {
      if (steadyAdx(numbers, at, bars, period)) return;
      runAdx(numbers, period, bars, columns, 0, 1, at);
      numbers[at + stateSize] = columns.adx[0] ?? Number.NaN;
      numbers[at + stateSize + 1] = columns.plus[0] ?? Number.NaN;
      numbers[at + stateSize + 2] = columns.minus[0] ?? Number.NaN;
    };
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
