import { lengthOf, outputColumns, type PriceColumns } from './columns.ts';
import { checkPeriod } from './period.ts';
import { extremesStateSize, runExtremes, steadyExtremes } from './rolling-extremes.ts';
import { StreamingIndicator, type UpdateInPlace } from './streaming-indicator.ts';

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

/** State: that of `runExtremes`. */
function runDonchian(
  state: Float64Array,
  period: number,
  columns: Omit<PriceColumns, 'close'>,
  out: DonchianColumns,
  from: number,
  to: number,
  at = 0,
): void {
  const { upper, middle, lower } = out;
  runExtremes(state, period, columns.high, columns.low, upper, lower, from, to, at);
  for (let i = from; i < to; i += 1) middle[i] = ((upper[i] ?? Number.NaN) + (lower[i] ?? Number.NaN)) / 2;
}

/** The next row of a full window in place, see `streaming-indicator.ts`. */
export function steadyDonchian(
  numbers: Float64Array,
  at: number,
  bars: Omit<PriceColumns, 'close'>,
  period: number,
): boolean {
  const output = at + extremesStateSize(period);
  if (!steadyExtremes(numbers, at, bars.high, bars.low, 0, period, numbers, output)) return false;
  const lower = numbers[output + 1] ?? Number.NaN;
  numbers[output + 1] = ((numbers[output] ?? Number.NaN) + lower) / 2;
  numbers[output + 2] = lower;
  return true;
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
  const column = outputColumns(length, 3);
  const result = {
    upper: column(out?.upper),
    middle: column(out?.middle),
    lower: column(out?.lower),
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

  /** The update as a function over numbers kept elsewhere; reads the first row of `bars`. */
  inPlace(bars: Omit<PriceColumns, 'close'>): UpdateInPlace {
    const period = this.#period;
    const columns = this.#columns;
    const output = extremesStateSize(period);
    return (numbers, at) => {
      if (steadyDonchian(numbers, at, bars, period)) return;
      runDonchian(numbers, period, bars, columns, 0, 1, at);
      numbers[at + output] = columns.upper[0] ?? Number.NaN;
      numbers[at + output + 1] = columns.middle[0] ?? Number.NaN;
      numbers[at + output + 2] = columns.lower[0] ?? Number.NaN;
    };
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
