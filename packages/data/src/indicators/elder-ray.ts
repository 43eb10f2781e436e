import { chunk } from './chunk.ts';
import { lengthOf, outputColumns, type PriceColumns } from './columns.ts';
import { emaWeight, exponentialStateSize, runExponential } from './exponential.ts';
import { checkPeriod } from './period.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link elderRay} and {@link ElderRay}. */
export interface ElderRayOptions {
  /** Bars of the exponential average. Default 13. */
  readonly period?: number;
}

/** What {@link elderRay} gives: columns of the input's length, in price units. */
export interface ElderRayColumns {
  /** Bull power: the high less the average. */
  readonly bull: Float64Array;
  /** Bear power: the low less the average. */
  readonly bear: Float64Array;
}

const averages = new Float64Array(chunk);

/** State: that of `runExponential`. */
function runElderRay(
  state: Float64Array,
  period: number,
  columns: PriceColumns,
  out: ElderRayColumns,
  from: number,
  to: number,
): void {
  const { high: highs, low: lows, close: closes } = columns;
  for (let start = from; start < to; start += chunk) {
    const rows = Math.min(chunk, to - start);
    for (let row = 0; row < rows; row += 1) {
      const close = closes[start + row] ?? Number.NaN;
      const all = close + (highs[start + row] ?? Number.NaN) + (lows[start + row] ?? Number.NaN);
      averages[row] = all - all === 0 ? close : Number.NaN;
    }
    runExponential(state, period, emaWeight(period), averages, averages, 0, rows);
    for (let row = 0; row < rows; row += 1) {
      const average = averages[row] ?? Number.NaN;
      out.bull[start + row] = (highs[start + row] ?? Number.NaN) - average;
      out.bear[start + row] = (lows[start + row] ?? Number.NaN) - average;
    }
  }
}

/**
 * Elder-ray (Elder, Trading for a Living, 1993): how far the bar reached above and below the exponential average of
 * closes, which is seeded by a simple mean. The first result is that of row `period − 1`; NaN before.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function elderRay(columns: PriceColumns, options: ElderRayOptions = {}, out?: ElderRayColumns): ElderRayColumns {
  const period = checkPeriod('period', options.period ?? 13);
  const length = lengthOf(columns.high, columns.low, columns.close);
  const column = outputColumns(length, 2);
  const result = {
    bull: column(out?.bull),
    bear: column(out?.bear),
  };
  runElderRay(new Float64Array(exponentialStateSize), period, columns, result, 0, length);
  return result;
}

const input = { high: new Float64Array(1), low: new Float64Array(1), close: new Float64Array(1) };

/** {@link elderRay} bar by bar: O(1), no allocation. */
export class ElderRay extends StreamingIndicator {
  readonly #period: number;
  readonly #columns: ElderRayColumns;

  /** @throws ValidationError `indicator.period` */
  constructor(options: ElderRayOptions = {}) {
    const period = checkPeriod('period', options.period ?? 13);
    const columns = { bull: new Float64Array(1), bear: new Float64Array(1) };
    super({ name: `elderRay(${period})`, stateSize: exponentialStateSize, outputs: [columns.bull, columns.bear] });
    this.#period = period;
    this.#columns = columns;
  }

  /** Takes the next bar. */
  update(high: number, low: number, close: number): void {
    input.high[0] = high;
    input.low[0] = low;
    input.close[0] = close;
    runElderRay(this.state, this.#period, input, this.#columns, 0, 1);
  }

  /** Bull power: the high less the average. NaN while warming up, like the others. */
  get bull(): number {
    return this.#columns.bull[0] ?? Number.NaN;
  }

  /** Bear power: the low less the average. */
  get bear(): number {
    return this.#columns.bear[0] ?? Number.NaN;
  }
}
