import { chunk } from './chunk.ts';
import { lengthOf, outputColumn, type PriceVolumeColumns } from './columns.ts';
import { emaWeight, exponentialStateSize, runExponential } from './exponential.ts';
import { checkPeriod } from './period.ts';
import { partsOf, totalOf } from './state-parts.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link forceIndex} and {@link ForceIndex}. */
export interface ForceIndexOptions {
  /** Forces averaged. Default 13. */
  readonly period?: number;
}

const forces = new Float64Array(chunk);

const sizesOf = () => [2, exponentialStateSize] as const;
type Parts = readonly [previous: Float64Array, average: Float64Array];

/** Own state: 1 once a bar was seen, its close. */
function runForceIndex(
  parts: Parts,
  period: number,
  columns: Pick<PriceVolumeColumns, 'close' | 'volume'>,
  out: Float64Array,
  from: number,
  to: number,
): void {
  const own = parts[0];
  const weight = emaWeight(period);
  let seen = own[0] ?? 0;
  let previous = own[1] ?? 0;
  for (let start = from; start < to; start += chunk) {
    const rows = Math.min(chunk, to - start);
    for (let row = 0; row < rows; row += 1) {
      const close = columns.close[start + row] ?? Number.NaN;
      const volume = columns.volume[start + row] ?? Number.NaN;
      const both = close + volume;
      const finite = both - both === 0;
      forces[row] = finite && seen === 1 ? (close - previous) * volume : Number.NaN;
      seen = finite ? 1 : 0;
      previous = finite ? close : 0;
    }
    runExponential(parts[1], period, weight, forces, forces, 0, rows);
    for (let row = 0; row < rows; row += 1) out[start + row] = forces[row] ?? Number.NaN;
  }
  own[0] = seen;
  own[1] = previous;
}

/**
 * Force index (Elder, Trading for a Living, 1993): the exponential average of (change of the close) · volume, seeded by
 * the simple mean of the first `period` of them. The first result is that of row `period`; NaN before.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function forceIndex(
  columns: Pick<PriceVolumeColumns, 'close' | 'volume'>,
  options: ForceIndexOptions = {},
  out?: Float64Array,
): Float64Array {
  const period = checkPeriod('period', options.period ?? 13);
  const length = lengthOf(columns.close, columns.volume);
  const result = outputColumn(length, out);
  const sizes = sizesOf();
  runForceIndex(partsOf(new Float64Array(totalOf(sizes)), sizes), period, columns, result, 0, length);
  return result;
}

const input = { close: new Float64Array(1), volume: new Float64Array(1) };

/** {@link forceIndex} bar by bar: O(1), no allocation. */
export class ForceIndex extends StreamingIndicator {
  readonly #period: number;
  readonly #parts: Parts;
  readonly #value: Float64Array;

  /** @throws ValidationError `indicator.period` */
  constructor(options: ForceIndexOptions = {}) {
    const period = checkPeriod('period', options.period ?? 13);
    const value = new Float64Array(1);
    const sizes = sizesOf();
    super({ name: `forceIndex(${period})`, stateSize: totalOf(sizes), outputs: [value] });
    this.#period = period;
    this.#parts = partsOf(this.state, sizes);
    this.#value = value;
  }

  /** Takes the next bar. */
  update(close: number, volume: number): void {
    input.close[0] = close;
    input.volume[0] = volume;
    runForceIndex(this.#parts, this.#period, input, this.#value, 0, 1);
  }

  /** In price · volume. NaN while warming up. */
  get value(): number {
    return this.#value[0] ?? Number.NaN;
  }
}
