import { lengthOf, outputColumns } from './columns.ts';
import type { OpenPriceColumns } from './open-columns.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** What {@link heikinAshi} gives: columns of the input's length, in price units. */
export interface HeikinAshiColumns {
  /** The middle of the body before; of the first bar the middle of its own. */
  readonly open: Float64Array;
  /** The highest of the bar and of the smoothed body. */
  readonly high: Float64Array;
  /** The lowest of these. */
  readonly low: Float64Array;
  /** The mean of open, high, low and close. */
  readonly close: Float64Array;
}

/** State: 1 once a bar was seen, smoothed open and close. */
function runHeikinAshi(
  state: Float64Array,
  columns: OpenPriceColumns,
  out: HeikinAshiColumns,
  from: number,
  to: number,
): void {
  let seen = state[0] ?? 0;
  let open = state[1] ?? 0;
  let close = state[2] ?? 0;
  for (let i = from; i < to; i += 1) {
    const first = columns.open[i] ?? Number.NaN;
    const high = columns.high[i] ?? Number.NaN;
    const low = columns.low[i] ?? Number.NaN;
    const last = columns.close[i] ?? Number.NaN;
    const mean = (first + high + low + last) / 4;
    if (mean - mean !== 0) {
      seen = open = close = 0;
      out.open[i] = out.high[i] = out.low[i] = out.close[i] = Number.NaN;
      continue;
    }
    open = seen === 1 ? (open + close) / 2 : (first + last) / 2;
    close = mean;
    seen = 1;
    out.open[i] = open;
    out.high[i] = Math.max(high, open, close);
    out.low[i] = Math.min(low, open, close);
    out.close[i] = close;
  }
  state[0] = seen;
  state[1] = open;
  state[2] = close;
}

/**
 * Heikin-Ashi bars (brought west by Dan Valcu, 2004): averaged bars in which trends show as runs of one colour. Their
 * prices were not traded: never fill or stop at them. Results from row 0; how the series began fades by half each bar.
 * @throws ValidationError `indicator.columns`
 */
export function heikinAshi(columns: OpenPriceColumns, out?: HeikinAshiColumns): HeikinAshiColumns {
  const length = lengthOf(columns.open, columns.high, columns.low, columns.close);
  const column = outputColumns(length, 4);
  const result = {
    open: column(out?.open),
    high: column(out?.high),
    low: column(out?.low),
    close: column(out?.close),
  };
  runHeikinAshi(new Float64Array(3), columns, result, 0, length);
  return result;
}

const input = {
  open: new Float64Array(1),
  high: new Float64Array(1),
  low: new Float64Array(1),
  close: new Float64Array(1),
};

/** {@link heikinAshi} bar by bar: O(1), no allocation. */
export class HeikinAshi extends StreamingIndicator {
  readonly #columns: HeikinAshiColumns;

  constructor() {
    const columns = {
      open: new Float64Array(1),
      high: new Float64Array(1),
      low: new Float64Array(1),
      close: new Float64Array(1),
    };
    super({ name: 'heikinAshi', stateSize: 3, outputs: [columns.open, columns.high, columns.low, columns.close] });
    this.#columns = columns;
  }

  /** Takes the next bar. */
  update(open: number, high: number, low: number, close: number): void {
    input.open[0] = open;
    input.high[0] = high;
    input.low[0] = low;
    input.close[0] = close;
    runHeikinAshi(this.state, input, this.#columns, 0, 1);
  }

  /** The middle of the body before; of the first bar the middle of its own. NaN while warming up, like the others. */
  get open(): number {
    return this.#columns.open[0] ?? Number.NaN;
  }

  /** The highest of the bar and of the smoothed body. */
  get high(): number {
    return this.#columns.high[0] ?? Number.NaN;
  }

  /** The lowest of these. */
  get low(): number {
    return this.#columns.low[0] ?? Number.NaN;
  }

  /** The mean of open, high, low and close. */
  get close(): number {
    return this.#columns.close[0] ?? Number.NaN;
  }
}
