import { moneyFlow } from './adl.ts';
import { chunk } from './chunk.ts';
import { lengthOf, outputColumn, type PriceVolumeColumns } from './columns.ts';
import { checkPeriod } from './period.ts';
import { rollingSumSize, runRollingSum } from './rolling-sum.ts';
import { partsOf, totalOf } from './state-parts.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link cmf} and {@link Cmf}. */
export interface CmfOptions {
  /** Bars summed. Default 20. */
  readonly period?: number;
}

const flows = new Float64Array(chunk);
const volumes = new Float64Array(chunk);

const sizesOf = (period: number) => [rollingSumSize(period), rollingSumSize(period)] as const;
type Parts = readonly [flow: Float64Array, volume: Float64Array];

function runCmf(
  parts: Parts,
  period: number,
  columns: PriceVolumeColumns,
  out: Float64Array,
  from: number,
  to: number,
): void {
  const { high, low, close, volume } = columns;
  for (let start = from; start < to; start += chunk) {
    const rows = Math.min(chunk, to - start);
    for (let row = 0; row < rows; row += 1) {
      const i = start + row;
      const size = volume[i] ?? Number.NaN;
      const flow = moneyFlow(high[i] ?? Number.NaN, low[i] ?? Number.NaN, close[i] ?? Number.NaN, size);
      flows[row] = flow;
      // Both sums begin anew where either has nothing to add.
      volumes[row] = flow - flow === 0 ? size : Number.NaN;
    }
    runRollingSum(parts[0], period, 1, flows, flows, 0, rows);
    runRollingSum(parts[1], period, 1, volumes, volumes, 0, rows);
    for (let row = 0; row < rows; row += 1) {
      const size = volumes[row] ?? Number.NaN;
      out[start + row] = size === 0 ? Number.NaN : (flows[row] ?? Number.NaN) / size;
    }
  }
}

/**
 * Chaikin money flow (Marc Chaikin): of the last `period` bars, volume times where each bar closes in its range, from
 * −1 at the low to 1 at the high, in proportion to their volume; −1 to 1 (as StockCharts and Skender have it). The
 * first result is that of row `period − 1`; NaN before, and where nothing was traded in the window.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function cmf(columns: PriceVolumeColumns, options: CmfOptions = {}, out?: Float64Array): Float64Array {
  const period = checkPeriod('period', options.period ?? 20);
  const length = lengthOf(columns.high, columns.low, columns.close, columns.volume);
  const result = outputColumn(length, out);
  const sizes = sizesOf(period);
  runCmf(partsOf(new Float64Array(totalOf(sizes)), sizes), period, columns, result, 0, length);
  return result;
}

const input = {
  high: new Float64Array(1),
  low: new Float64Array(1),
  close: new Float64Array(1),
  volume: new Float64Array(1),
};

/** {@link cmf} bar by bar: O(1) amortised, no allocation. */
export class Cmf extends StreamingIndicator {
  readonly #period: number;
  readonly #parts: Parts;
  readonly #value: Float64Array;

  /** @throws ValidationError `indicator.period` */
  constructor(options: CmfOptions = {}) {
    const period = checkPeriod('period', options.period ?? 20);
    const value = new Float64Array(1);
    const sizes = sizesOf(period);
    super({ name: `cmf(${period})`, stateSize: totalOf(sizes), outputs: [value] });
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
    runCmf(this.#parts, this.#period, input, this.#value, 0, 1);
  }

  /** −1 to 1. NaN while warming up or where nothing was traded. */
  get value(): number {
    return this.#value[0] ?? Number.NaN;
  }
}
