import { lengthOf, outputColumn, type PriceColumns } from './columns.ts';
import { checkPeriod } from './period.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link donchian} and {@link Donchian}. */
export interface DonchianOptions {
  /** Bars in the window, the present one among them. Default 20. */
  readonly period?: number;
}

/** What {@link donchian} gives: columns of the input's length. */
export interface DonchianColumns {
  readonly upper: Float64Array;
  /** Half-way between the two. */
  readonly middle: Float64Array;
  readonly lower: Float64Array;
}

/** How many numbers the state of {@link runExtremes} takes. */
export const extremesStateSize = (period: number): number => 4 + 2 * period;

/**
 * The highest high and the lowest low of the last `period` rows by the block scheme of van Herk and Gil–Werman (1992): a
 * window is the tail of one block and the head of the next, three comparisons a row whatever the period.
 *
 * State: place in the block, 1 once a block was filled, extremes of the head; then per place this block's high or the
 * highest of the last block's tail, and the same for lows.
 */
export function runExtremes(
  state: Float64Array,
  period: number,
  highs: Float64Array,
  lows: Float64Array,
  upper: Float64Array,
  lower: Float64Array,
  from: number,
  to: number,
): void {
  const tops = 4;
  const bottoms = 4 + period;
  let place = (state[0] ?? 0) | 0;
  let full = (state[1] ?? 0) !== 0;
  let top = state[2] ?? 0;
  let bottom = state[3] ?? 0;
  for (let i = from; i < to; i += 1) {
    const high = highs[i] ?? Number.NaN;
    const low = lows[i] ?? Number.NaN;
    const both = high + low;
    if (both - both !== 0) {
      place = 0;
      top = 0;
      bottom = 0;
      full = false;
      upper[i] = Number.NaN;
      lower[i] = Number.NaN;
      continue;
    }
    top = place === 0 ? high : Math.max(top, high);
    bottom = place === 0 ? low : Math.min(bottom, low);
    state[tops + place] = high;
    state[bottoms + place] = low;
    place += 1;
    if (place < period) {
      upper[i] = full ? Math.max(top, state[tops + place] ?? 0) : Number.NaN;
      lower[i] = full ? Math.min(bottom, state[bottoms + place] ?? 0) : Number.NaN;
      continue;
    }
    upper[i] = top;
    lower[i] = bottom;
    for (let slot = period - 2; slot > 0; slot -= 1) {
      state[tops + slot] = Math.max(state[tops + slot] ?? 0, state[tops + slot + 1] ?? 0);
      state[bottoms + slot] = Math.min(state[bottoms + slot] ?? 0, state[bottoms + slot + 1] ?? 0);
    }
    place = 0;
    full = true;
  }
  state[0] = place;
  state[1] = full ? 1 : 0;
  state[2] = top;
  state[3] = bottom;
}

/** State: that of `runExtremes`. */
function runDonchian(
  state: Float64Array,
  period: number,
  columns: Omit<PriceColumns, 'close'>,
  out: DonchianColumns,
  from: number,
  to: number,
): void {
  const { upper, middle, lower } = out;
  runExtremes(state, period, columns.high, columns.low, upper, lower, from, to);
  for (let i = from; i < to; i += 1) middle[i] = ((upper[i] ?? Number.NaN) + (lower[i] ?? Number.NaN)) / 2;
}

/**
 * Donchian channel: the highest high and lowest low of the last `period` bars, the present one included (as TradingView
 * and TA-Lib's MAX and MIN have it; others leave the present bar out: read the row before). The first result is that of
 * row `period − 1`; NaN before.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function donchian(
  columns: Omit<PriceColumns, 'close'>,
  options: DonchianOptions = {},
  out?: DonchianColumns,
): DonchianColumns {
  const period = checkPeriod('period', options.period ?? 20);
  const length = lengthOf(columns.high, columns.low);
  const result = {
    upper: outputColumn(length, out?.upper),
    middle: outputColumn(length, out?.middle),
    lower: outputColumn(length, out?.lower),
  };
  runDonchian(new Float64Array(extremesStateSize(period)), period, columns, result, 0, length);
  return result;
}

const input = { high: new Float64Array(1), low: new Float64Array(1) };

/** {@link donchian} bar by bar: O(1) amortised, no allocation. */
export class Donchian extends StreamingIndicator {
  readonly #period: number;
  readonly #columns: DonchianColumns;

  /** @throws ValidationError `indicator.period` */
  constructor(options: DonchianOptions = {}) {
    const period = checkPeriod('period', options.period ?? 20);
    const columns = { upper: new Float64Array(1), middle: new Float64Array(1), lower: new Float64Array(1) };
    super({
      name: `donchian(${period})`,
      stateSize: extremesStateSize(period),
      outputs: [columns.upper, columns.middle, columns.lower],
    });
    this.#period = period;
    this.#columns = columns;
  }

  /** Takes the next bar. */
  update(high: number, low: number): void {
    input.high[0] = high;
    input.low[0] = low;
    runDonchian(this.state, this.#period, input, this.#columns, 0, 1);
  }

  /** The highest high. NaN while warming up, like the others. */
  get upper(): number {
    return this.#columns.upper[0] ?? Number.NaN;
  }

  /** Half-way between the two. */
  get middle(): number {
    return this.#columns.middle[0] ?? Number.NaN;
  }

  /** The lowest low. */
  get lower(): number {
    return this.#columns.lower[0] ?? Number.NaN;
  }
}
