import { lengthOf, outputColumns, type PriceColumns } from './columns.ts';
import { checkPeriod } from './period.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link aroon} and {@link Aroon}. */
export interface AroonOptions {
  /** Bars looked back over, beside the present one. Default 14. */
  readonly period?: number;
}

/** What {@link aroon} gives: columns of the input's length. */
export interface AroonColumns {
  /** 100 where the present bar has the highest high, less 100 / period for each bar since the one that has. */
  readonly up: Float64Array;
  /** The same of the lowest low. */
  readonly down: Float64Array;
  /** up − down, −100 to 100. */
  readonly oscillator: Float64Array;
}

const stateSize = (period: number): number => 6 + 4 * (period + 1);

/**
 * Where the extremes of a window of period + 1 bars lie, by the blocks of `runExtremes`, with the place of each extreme
 * beside it. Of equals the latest counts, as in TA-Lib.
 *
 * State: place in the block, 1 once a block was filled, highest high of the head and its place, lowest low and its
 * place; then per place of the block: high, its place, low, its place; of the last block the extremes of its tails.
 */
function runAroon(
  state: Float64Array,
  period: number,
  columns: Pick<PriceColumns, 'high' | 'low'>,
  out: AroonColumns,
  from: number,
  to: number,
): void {
  const window = period + 1;
  const tops = 6;
  const topPlaces = tops + window;
  const bottoms = topPlaces + window;
  const bottomPlaces = bottoms + window;
  const scale = 100 / period;
  let place = (state[0] ?? 0) | 0;
  let full = (state[1] ?? 0) !== 0;
  let top = state[2] ?? 0;
  let topPlace = state[3] ?? 0;
  let bottom = state[4] ?? 0;
  let bottomPlace = state[5] ?? 0;
  for (let i = from; i < to; i += 1) {
    const high = columns.high[i] ?? Number.NaN;
    const low = columns.low[i] ?? Number.NaN;
    const both = high + low;
    if (both - both !== 0) {
      place = top = topPlace = bottom = bottomPlace = 0;
      full = false;
      out.up[i] = out.down[i] = out.oscillator[i] = Number.NaN;
      continue;
    }
    if (place === 0 || high >= top) {
      top = high;
      topPlace = place;
    }
    if (place === 0 || low <= bottom) {
      bottom = low;
      bottomPlace = place;
    }
    state[tops + place] = high;
    state[bottoms + place] = low;
    place += 1;
    const whole = place === window;
    if (full || whole) {
      const highIsOlder = !whole && (state[tops + place] ?? 0) > top;
      const lowIsOlder = !whole && (state[bottoms + place] ?? 0) < bottom;
      const sinceHigh = place - 1 - (highIsOlder ? (state[topPlaces + place] ?? 0) - window : topPlace);
      const sinceLow = place - 1 - (lowIsOlder ? (state[bottomPlaces + place] ?? 0) - window : bottomPlace);
      out.up[i] = scale * (period - sinceHigh);
      out.down[i] = scale * (period - sinceLow);
      out.oscillator[i] = scale * (sinceLow - sinceHigh);
    } else {
      out.up[i] = out.down[i] = out.oscillator[i] = Number.NaN;
    }
    if (!whole) continue;
    state[topPlaces + period] = period;
    state[bottomPlaces + period] = period;
    for (let slot = period - 1; slot > 0; slot -= 1) {
      const higher = (state[tops + slot] ?? 0) > (state[tops + slot + 1] ?? 0);
      state[topPlaces + slot] = higher ? slot : (state[topPlaces + slot + 1] ?? 0);
      if (!higher) state[tops + slot] = state[tops + slot + 1] ?? 0;
      const lower = (state[bottoms + slot] ?? 0) < (state[bottoms + slot + 1] ?? 0);
      state[bottomPlaces + slot] = lower ? slot : (state[bottomPlaces + slot + 1] ?? 0);
      if (!lower) state[bottoms + slot] = state[bottoms + slot + 1] ?? 0;
    }
    place = 0;
    full = true;
  }
  state[0] = place;
  state[1] = full ? 1 : 0;
  state[2] = top;
  state[3] = topPlace;
  state[4] = bottom;
  state[5] = bottomPlace;
}

/**
 * Aroon (Tushar Chande, 1995) as TA-Lib's AROON and AROONOSC (ta_AROON.c): how long ago the extremes of the last period
 * + 1 bars were, 0 to 100, the latest counting among equals. The first result is that of row `period`; NaN before.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function aroon(
  columns: Pick<PriceColumns, 'high' | 'low'>,
  options: AroonOptions = {},
  out?: AroonColumns,
): AroonColumns {
  const period = checkPeriod('period', options.period ?? 14);
  const length = lengthOf(columns.high, columns.low);
  const column = outputColumns(length, 3);
  const result = {
    up: column(out?.up),
    down: column(out?.down),
    oscillator: column(out?.oscillator),
  };
  runAroon(new Float64Array(stateSize(period)), period, columns, result, 0, length);
  return result;
}

const input = { high: new Float64Array(1), low: new Float64Array(1) };

/** {@link aroon} bar by bar: O(1) amortised, no allocation. */
export class Aroon extends StreamingIndicator {
  readonly #period: number;
  readonly #columns: AroonColumns;

  /** @throws ValidationError `indicator.period` */
  constructor(options: AroonOptions = {}) {
    const period = checkPeriod('period', options.period ?? 14);
    const columns = { up: new Float64Array(1), down: new Float64Array(1), oscillator: new Float64Array(1) };
    super({
      name: `aroon(${period})`,
      stateSize: stateSize(period),
      outputs: [columns.up, columns.down, columns.oscillator],
    });
    this.#period = period;
    this.#columns = columns;
  }

  /** Takes the next bar. */
  update(high: number, low: number): void {
    input.high[0] = high;
    input.low[0] = low;
    runAroon(this.state, this.#period, input, this.#columns, 0, 1);
  }

  /**
   * 100 where the present bar has the highest high, less 100 / period for each bar since the one that has. NaN while
   * warming up, like the others.
   */
  get up(): number {
    return this.#columns.up[0] ?? Number.NaN;
  }

  /** The same of the lowest low. */
  get down(): number {
    return this.#columns.down[0] ?? Number.NaN;
  }

  /** up − down, −100 to 100. */
  get oscillator(): number {
    return this.#columns.oscillator[0] ?? Number.NaN;
  }
}
