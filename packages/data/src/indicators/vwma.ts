import { chunk } from './chunk.ts';
import { lengthOf, outputColumn, type PriceVolumeColumns } from './columns.ts';
import { checkPeriod } from './period.ts';
import { rollingSumSize, runRollingSum } from './rolling-sum.ts';
import { partsOf, totalOf } from './state-parts.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link vwma} and {@link Vwma}. */
export interface VwmaOptions {
  /** Bars averaged. Default 20. */
  readonly period?: number;
}

const turnovers = new Float64Array(chunk);
const volumes = new Float64Array(chunk);

const sizesOf = (period: number) => [rollingSumSize(period), rollingSumSize(period)] as const;
type Parts = readonly [turnover: Float64Array, volume: Float64Array];

function runVwma(
  parts: Parts,
  period: number,
  columns: Pick<PriceVolumeColumns, 'close' | 'volume'>,
  out: Float64Array,
  from: number,
  to: number,
): void {
  for (let start = from; start < to; start += chunk) {
    const rows = Math.min(chunk, to - start);
    for (let row = 0; row < rows; row += 1) {
      const volume = columns.volume[start + row] ?? Number.NaN;
      const turnover = (columns.close[start + row] ?? Number.NaN) * volume;
      turnovers[row] = turnover;
      // Both sums begin anew where either has nothing to add.
      volumes[row] = turnover - turnover === 0 ? volume : Number.NaN;
    }
    runRollingSum(parts[0], period, 1, turnovers, turnovers, 0, rows);
    runRollingSum(parts[1], period, 1, volumes, volumes, 0, rows);
    for (let row = 0; row < rows; row += 1) {
      const volume = volumes[row] ?? Number.NaN;
      out[start + row] = volume === 0 ? Number.NaN : (turnovers[row] ?? Number.NaN) / volume;
    }
  }
}

/**
 * Volume-weighted moving average: Σ close · volume / Σ volume over the last `period` bars (TradingView's ta.vwma). The
 * first result is that of row `period − 1`; NaN before, and where nothing was traded in the window.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function vwma(
  columns: Pick<PriceVolumeColumns, 'close' | 'volume'>,
  options: VwmaOptions = {},
  out?: Float64Array,
): Float64Array {
  const period = checkPeriod('period', options.period ?? 20);
  const length = lengthOf(columns.close, columns.volume);
  const result = outputColumn(length, out);
  const sizes = sizesOf(period);
  runVwma(partsOf(new Float64Array(totalOf(sizes)), sizes), period, columns, result, 0, length);
  return result;
}

const input = { close: new Float64Array(1), volume: new Float64Array(1) };

/** {@link vwma} bar by bar: O(1) amortised, no allocation. */
export class Vwma extends StreamingIndicator {
  readonly #period: number;
  readonly #parts: Parts;
  readonly #value: Float64Array;

  /** @throws ValidationError `indicator.period` */
  constructor(options: VwmaOptions = {}) {
    const period = checkPeriod('period', options.period ?? 20);
    const value = new Float64Array(1);
    const sizes = sizesOf(period);
    super({ name: `vwma(${period})`, stateSize: totalOf(sizes), outputs: [value] });
    this.#period = period;
    this.#parts = partsOf(this.state, sizes);
    this.#value = value;
  }

  /** Takes the next bar. */
  update(close: number, volume: number): void {
    input.close[0] = close;
    input.volume[0] = volume;
    runVwma(this.#parts, this.#period, input, this.#value, 0, 1);
  }

  /** The average of the last `period` bars. NaN while warming up or where nothing was traded. */
  get value(): number {
    return this.#value[0] ?? Number.NaN;
  }
}
