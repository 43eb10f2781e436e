import { chunk } from './chunk.ts';
import { lengthOf, outputColumn, type PriceColumns } from './columns.ts';
import { checkPeriod } from './period.ts';
import { rollingSumSize, runRollingSum } from './rolling-sum.ts';
import { partsOf, totalOf } from './state-parts.ts';
import { StreamingIndicator } from './streaming-indicator.ts';
import { trueRange } from './true-range.ts';

/** Options of {@link ultimateOscillator} and {@link UltimateOscillator}. */
export interface UltimateOscillatorOptions {
  /** Bars of the window that weighs 4. Default 7. */
  readonly fast?: number;
  /** Bars of the window that weighs 2. Default 14. */
  readonly middle?: number;
  /** Bars of the window that weighs 1. Default 28. */
  readonly slow?: number;
}

function check(options: UltimateOscillatorOptions): Required<UltimateOscillatorOptions> {
  return {
    fast: checkPeriod('fast', options.fast ?? 7),
    middle: checkPeriod('middle', options.middle ?? 14),
    slow: checkPeriod('slow', options.slow ?? 28),
  };
}

const pressures = new Float64Array(chunk);
const ranges = new Float64Array(chunk);
const sums = new Float64Array(chunk);
const totals = new Float64Array(chunk);

/** Adds `weight` times the share of buying pressure in the range over one window. */
function addShare(
  pressure: Float64Array,
  range: Float64Array,
  period: number,
  weight: number,
  out: Float64Array,
  start: number,
  rows: number,
): void {
  runRollingSum(pressure, period, 1, pressures, sums, 0, rows);
  runRollingSum(range, period, 1, ranges, totals, 0, rows);
  for (let row = 0; row < rows; row += 1) {
    const total = totals[row] ?? Number.NaN;
    out[start + row] =
      (out[start + row] ?? Number.NaN) + (total === 0 ? 0.5 : (sums[row] ?? Number.NaN) / total) * weight;
  }
}

const sizesOf = (options: Required<UltimateOscillatorOptions>) =>
  [
    2,
    rollingSumSize(options.fast),
    rollingSumSize(options.fast),
    rollingSumSize(options.middle),
    rollingSumSize(options.middle),
    rollingSumSize(options.slow),
    rollingSumSize(options.slow),
  ] as const;
type Parts = readonly [
  previous: Float64Array,
  fast: Float64Array,
  fastRange: Float64Array,
  middle: Float64Array,
  middleRange: Float64Array,
  slow: Float64Array,
  slowRange: Float64Array,
];

/** Own state: 1 once a bar was seen, its close. */
function runUltimateOscillator(
  parts: Parts,
  options: Required<UltimateOscillatorOptions>,
  columns: PriceColumns,
  out: Float64Array,
  from: number,
  to: number,
): void {
  const { high: highs, low: lows, close: closes } = columns;
  const own = parts[0];
  let seen = own[0] ?? 0;
  let previous = own[1] ?? 0;
  for (let start = from; start < to; start += chunk) {
    const rows = Math.min(chunk, to - start);
    for (let row = 0; row < rows; row += 1) {
      const low = lows[start + row] ?? Number.NaN;
      const close = closes[start + row] ?? Number.NaN;
      const high = highs[start + row] ?? Number.NaN;
      const all = high + low + close;
      const finite = all - all === 0;
      pressures[row] = finite && seen === 1 ? close - Math.min(low, previous) : Number.NaN;
      ranges[row] = finite && seen === 1 ? trueRange(high, low, previous) : Number.NaN;
      out[start + row] = 0;
      seen = finite ? 1 : 0;
      previous = finite ? close : 0;
    }
    addShare(parts[1], parts[2], options.fast, 4, out, start, rows);
    addShare(parts[3], parts[4], options.middle, 2, out, start, rows);
    addShare(parts[5], parts[6], options.slow, 1, out, start, rows);
    for (let row = 0; row < rows; row += 1) out[start + row] = (100 * (out[start + row] ?? Number.NaN)) / 7;
  }
  own[0] = seen;
  own[1] = previous;
}

/**
 * Ultimate oscillator, 0 to 100 (Larry Williams, 1976) as TA-Lib's ULTOSC (ta_ULTOSC.c): the share of buying pressure
 * (close less true low) in the true range over three windows, weighing 4, 2 and 1. The first result is that of row
 * max(fast, middle, slow); NaN before. A window in which nothing moved counts one half (TA-Lib: 0).
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function ultimateOscillator(
  columns: PriceColumns,
  options: UltimateOscillatorOptions = {},
  out?: Float64Array,
): Float64Array {
  const checked = check(options);
  const length = lengthOf(columns.high, columns.low, columns.close);
  const result = outputColumn(length, out);
  const sizes = sizesOf(checked);
  runUltimateOscillator(partsOf(new Float64Array(totalOf(sizes)), sizes), checked, columns, result, 0, length);
  return result;
}

const input = { high: new Float64Array(1), low: new Float64Array(1), close: new Float64Array(1) };

/** {@link ultimateOscillator} bar by bar: O(1) amortised, no allocation. */
export class UltimateOscillator extends StreamingIndicator {
  readonly #options: Required<UltimateOscillatorOptions>;
  readonly #parts: Parts;
  readonly #value: Float64Array;

  /** @throws ValidationError `indicator.period` */
  constructor(options: UltimateOscillatorOptions = {}) {
    const checked = check(options);
    const value = new Float64Array(1);
    const sizes = sizesOf(checked);
    super({
      name: `ultimateOscillator(${checked.fast},${checked.middle},${checked.slow})`,
      stateSize: totalOf(sizes),
      outputs: [value],
    });
    this.#options = checked;
    this.#parts = partsOf(this.state, sizes);
    this.#value = value;
  }

  /** Takes the next bar. */
  update(high: number, low: number, close: number): void {
    input.high[0] = high;
    input.low[0] = low;
    input.close[0] = close;
    runUltimateOscillator(this.#parts, this.#options, input, this.#value, 0, 1);
  }

  /** 0 to 100. NaN while warming up. */
  get value(): number {
    return this.#value[0] ?? Number.NaN;
  }
}
