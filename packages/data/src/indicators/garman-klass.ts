import { chunk } from './chunk.ts';
import { lengthOf, outputColumn } from './columns.ts';
import type { OpenPriceColumns } from './open-columns.ts';
import { checkPeriod } from './period.ts';
import { rollingSumSize, runRollingSum } from './rolling-sum.ts';
import { checkMilliseconds, dayMs, yearMs } from './session.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link garmanKlass} and {@link GarmanKlass}. */
export interface GarmanKlassOptions {
  /** Bars in the window. Default 20. */
  readonly period?: number;
  /** Length of a bar in milliseconds, by which the volatility is annualised (to 365 days). Default one day. */
  readonly timeframeMs?: number;
}

function check(options: GarmanKlassOptions): Required<GarmanKlassOptions> {
  return {
    period: checkPeriod('period', options.period ?? 20),
    timeframeMs: checkMilliseconds('timeframeMs', options.timeframeMs ?? dayMs),
  };
}

const variances = new Float64Array(chunk);
const bodyShare = 2 * Math.LN2 - 1;

/** State: that of `runRollingSum`. */
function runGarmanKlass(
  state: Float64Array,
  options: Required<GarmanKlassOptions>,
  columns: OpenPriceColumns,
  out: Float64Array,
  from: number,
  to: number,
): void {
  const { period, timeframeMs } = options;
  const scale = yearMs / timeframeMs;
  for (let start = from; start < to; start += chunk) {
    const rows = Math.min(chunk, to - start);
    for (let row = 0; row < rows; row += 1) {
      const open = columns.open[start + row] ?? Number.NaN;
      const low = columns.low[start + row] ?? Number.NaN;
      const close = columns.close[start + row] ?? Number.NaN;
      const usable = low > 0 && open > 0 && close > 0;
      const range = usable ? Math.log((columns.high[start + row] ?? Number.NaN) / low) : Number.NaN;
      const body = Math.log(close / open);
      variances[row] = range * range * 0.5 - bodyShare * body * body;
    }
    runRollingSum(state, period, period, variances, variances, 0, rows);
    for (let row = 0; row < rows; row += 1) out[start + row] = Math.sqrt(scale * (variances[row] ?? Number.NaN));
  }
}

/**
 * Realised volatility from whole bars, annualised (Garman and Klass, Journal of Business, 1980): the root of the mean
 * of ½ ln²(high / low) − (2 ln 2 − 1) ln²(close / open) times bars in a year of 365 days. A fraction: 0.8 is 80 %. The
 * first result is that of row `period − 1`; NaN before. A price of 0 or less restarts it; an open or close outside of
 * the range of its bar may make the variance negative, which gives NaN.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function garmanKlass(
  columns: OpenPriceColumns,
  options: GarmanKlassOptions = {},
  out?: Float64Array,
): Float64Array {
  const checked = check(options);
  const length = lengthOf(columns.open, columns.high, columns.low, columns.close);
  const result = outputColumn(length, out);
  runGarmanKlass(new Float64Array(rollingSumSize(checked.period)), checked, columns, result, 0, length);
  return result;
}

const input = {
  open: new Float64Array(1),
  high: new Float64Array(1),
  low: new Float64Array(1),
  close: new Float64Array(1),
};

/** {@link garmanKlass} bar by bar: O(1) amortised, no allocation. */
export class GarmanKlass extends StreamingIndicator {
  readonly #options: Required<GarmanKlassOptions>;
  readonly #value: Float64Array;

  /** @throws ValidationError `indicator.period` */
  constructor(options: GarmanKlassOptions = {}) {
    const checked = check(options);
    const value = new Float64Array(1);
    super({
      name: `garmanKlass(${checked.period},${checked.timeframeMs})`,
      stateSize: rollingSumSize(checked.period),
      outputs: [value],
    });
    this.#options = checked;
    this.#value = value;
  }

  /** Takes the next bar. */
  update(open: number, high: number, low: number, close: number): void {
    input.open[0] = open;
    input.high[0] = high;
    input.low[0] = low;
    input.close[0] = close;
    runGarmanKlass(this.state, this.#options, input, this.#value, 0, 1);
  }

  /** A fraction a year. NaN while warming up. */
  get value(): number {
    return this.#value[0] ?? Number.NaN;
  }
}
