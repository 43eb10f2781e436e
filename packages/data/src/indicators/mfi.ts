import { chunk } from './chunk.ts';
import { lengthOf, outputColumn, type PriceVolumeColumns } from './columns.ts';
import { checkPeriod } from './period.ts';
import { rollingSumSize, runRollingSum } from './rolling-sum.ts';
import { partsOf, totalOf } from './state-parts.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link mfi} and {@link Mfi}. */
export interface MfiOptions {
  /** Flows summed. Default 14. */
  readonly period?: number;
}

const inflows = new Float64Array(chunk);
const outflows = new Float64Array(chunk);

const sizesOf = (period: number) => [2, rollingSumSize(period), rollingSumSize(period)] as const;
type Parts = readonly [previous: Float64Array, inflow: Float64Array, outflow: Float64Array];

/** Own state: 1 once a bar was seen, its typical price. */
function runMfi(
  parts: Parts,
  period: number,
  columns: PriceVolumeColumns,
  out: Float64Array,
  from: number,
  to: number,
): void {
  const { high, low, close, volume } = columns;
  const own = parts[0];
  let seen = own[0] ?? 0;
  let previous = own[1] ?? 0;
  for (let start = from; start < to; start += chunk) {
    const rows = Math.min(chunk, to - start);
    for (let row = 0; row < rows; row += 1) {
      const i = start + row;
      const price = ((high[i] ?? Number.NaN) + (low[i] ?? Number.NaN) + (close[i] ?? Number.NaN)) / 3;
      const flow = price * (volume[i] ?? Number.NaN);
      const finite = flow - flow === 0;
      inflows[row] = finite && seen === 1 ? (price > previous ? flow : 0) : Number.NaN;
      outflows[row] = finite && seen === 1 ? (price < previous ? flow : 0) : Number.NaN;
      seen = finite ? 1 : 0;
      previous = finite ? price : 0;
    }
    runRollingSum(parts[1], period, 1, inflows, inflows, 0, rows);
    runRollingSum(parts[2], period, 1, outflows, outflows, 0, rows);
    for (let row = 0; row < rows; row += 1) {
      const inflow = inflows[row] ?? Number.NaN;
      const total = inflow + (outflows[row] ?? Number.NaN);
      out[start + row] = total === 0 ? 50 : (100 * inflow) / total;
    }
  }
  own[0] = seen;
  own[1] = previous;
}

/**
 * Money flow index, 0 to 100 (Quong and Soudack, 1989) as TA-Lib's MFI (ta_MFI.c): the share of typical price · volume
 * that changed hands at a rising typical price, over `period` changes. The first result is that of row `period`; NaN
 * before. Where nothing flowed it is 50; TA-Lib says 0 there, and also wherever less than 1 flowed, which thin markets
 * counted in coins do.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function mfi(columns: PriceVolumeColumns, options: MfiOptions = {}, out?: Float64Array): Float64Array {
  const period = checkPeriod('period', options.period ?? 14);
  const length = lengthOf(columns.high, columns.low, columns.close, columns.volume);
  const result = outputColumn(length, out);
  const sizes = sizesOf(period);
  runMfi(partsOf(new Float64Array(totalOf(sizes)), sizes), period, columns, result, 0, length);
  return result;
}

const input = {
  high: new Float64Array(1),
  low: new Float64Array(1),
  close: new Float64Array(1),
  volume: new Float64Array(1),
};

/** {@link mfi} bar by bar: O(1) amortised, no allocation. */
export class Mfi extends StreamingIndicator {
  readonly #period: number;
  readonly #parts: Parts;
  readonly #value: Float64Array;

  /** @throws ValidationError `indicator.period` */
  constructor(options: MfiOptions = {}) {
    const period = checkPeriod('period', options.period ?? 14);
    const value = new Float64Array(1);
    const sizes = sizesOf(period);
    super({ name: `mfi(${period})`, stateSize: totalOf(sizes), outputs: [value] });
    this.#period = period;
    this.#parts = partsOf(this.state, sizes);
    this.#value = value;
  }

  /** Takes the next bar. */
  update(high: number, low: number, close: number, volume: number): void {
    input.high[0] = high;
    input.low[0] = low;
    input.close[0] = close;
    input.volume[0] = volume;
    runMfi(this.#parts, this.#period, input, this.#value, 0, 1);
  }

  /** 0 to 100. NaN while warming up. */
  get value(): number {
    return this.#value[0] ?? Number.NaN;
  }
}
