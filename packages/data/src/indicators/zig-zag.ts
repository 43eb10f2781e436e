import { lengthOf, outputColumns, type PriceColumns } from './columns.ts';
import { checkFactor } from './factor.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link zigZag} and {@link ZigZag}. */
export interface ZigZagOptions {
  /**
   * How far the price must come back from an extreme to confirm it, in percent of it. Default 5, above 0, below 100.
   */
  readonly percent?: number;
}

/** What {@link zigZag} gives: columns of the input's length. */
export interface ZigZagColumns {
  /** Price of the last confirmed extreme. */
  readonly pivot: Float64Array;
  /** 1 where that is a high, −1 where it is a low. */
  readonly direction: Float64Array;
  /** How many rows back it lies. */
  readonly barsAgo: Float64Array;
  /** 1 in the row in which it was confirmed, else 0. */
  readonly confirmed: Float64Array;
}

function check(options: ZigZagOptions): Required<ZigZagOptions> {
  return {
    percent: checkFactor('percent', options.percent ?? 5, 99),
  };
}

/**
 * State: bars seen (up to 1), way of the leg under way (1 up, −1 down, 0 unknown), highest high and rows since, lowest
 * low and rows since (of the leg, or while unknown of all), then the last confirmed pivot, its direction, rows since
 * it.
 */
function runZigZag(
  state: Float64Array,
  options: Required<ZigZagOptions>,
  columns: PriceColumns,
  out: ZigZagColumns,
  from: number,
  to: number,
): void {
  const share = options.percent / 100;
  let seen = state[0] ?? 0;
  let leg = state[1] ?? 0;
  let top = state[2] ?? 0;
  let sinceTop = state[3] ?? 0;
  let bottom = state[4] ?? 0;
  let sinceBottom = state[5] ?? 0;
  let pivot = state[6] ?? 0;
  let direction = state[7] ?? 0;
  let since = state[8] ?? 0;
  for (let i = from; i < to; i += 1) {
    const high = columns.high[i] ?? Number.NaN;
    const low = columns.low[i] ?? Number.NaN;
    const all = high + low + (columns.close[i] ?? Number.NaN);
    if (all - all !== 0) {
      seen = leg = top = sinceTop = bottom = sinceBottom = pivot = direction = since = 0;
      out.pivot[i] = out.direction[i] = out.barsAgo[i] = out.confirmed[i] = Number.NaN;
      continue;
    }
    sinceTop += 1;
    sinceBottom += 1;
    since += 1;
    const drop = seen === 1 && leg >= 0 && high <= top ? (top - low) / top : 0;
    const rise = seen === 1 && leg <= 0 && low >= bottom ? (high - bottom) / bottom : 0;
    const falls = drop >= share && drop >= rise;
    const rises = rise >= share && !falls;
    if (falls || rises) {
      pivot = falls ? top : bottom;
      direction = falls ? 1 : -1;
      since = falls ? sinceTop : sinceBottom;
      leg = -direction;
    }
    if (seen === 0 || falls || rises || high > top) {
      top = high;
      sinceTop = 0;
    }
    if (seen === 0 || falls || rises || low < bottom) {
      bottom = low;
      sinceBottom = 0;
    }
    seen = 1;
    out.pivot[i] = direction === 0 ? Number.NaN : pivot;
    out.direction[i] = direction === 0 ? Number.NaN : direction;
    out.barsAgo[i] = direction === 0 ? Number.NaN : since;
    out.confirmed[i] = direction === 0 ? Number.NaN : Number(falls || rises);
  }
  state[0] = seen;
  state[1] = leg;
  state[2] = top;
  state[3] = sinceTop;
  state[4] = bottom;
  state[5] = sinceBottom;
  state[6] = pivot;
  state[7] = direction;
  state[8] = since;
}

/**
 * ZigZag that never repaints (after Arthur Merrill, Filtered Waves, 1977): swing highs and lows, published only once
 * the price has come back from them by `percent`, with how many rows back they lie; until the next is confirmed the
 * last one stands. A bar that makes a new extreme of its leg does not confirm it as well, as nobody knows what came
 * first in it. Charting packages draw their line to the extreme itself and redraw its end. NaN until the first is
 * confirmed; prices must be above 0 for a percentage to mean something.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function zigZag(columns: PriceColumns, options: ZigZagOptions = {}, out?: ZigZagColumns): ZigZagColumns {
  const checked = check(options);
  const length = lengthOf(columns.high, columns.low, columns.close);
  const column = outputColumns(length, 4);
  const result = {
    pivot: column(out?.pivot),
    direction: column(out?.direction),
    barsAgo: column(out?.barsAgo),
    confirmed: column(out?.confirmed),
  };
  runZigZag(new Float64Array(10), checked, columns, result, 0, length);
  return result;
}

const input = { high: new Float64Array(1), low: new Float64Array(1), close: new Float64Array(1) };

/** {@link zigZag} bar by bar: O(1), no allocation. */
export class ZigZag extends StreamingIndicator {
  readonly #options: Required<ZigZagOptions>;
  readonly #columns: ZigZagColumns;

  /** @throws ValidationError `indicator.period` */
  constructor(options: ZigZagOptions = {}) {
    const checked = check(options);
    const columns = {
      pivot: new Float64Array(1),
      direction: new Float64Array(1),
      barsAgo: new Float64Array(1),
      confirmed: new Float64Array(1),
    };
    super({
      name: `zigZag(${checked.percent})`,
      stateSize: 10,
      outputs: [columns.pivot, columns.direction, columns.barsAgo, columns.confirmed],
    });
    this.#options = checked;
    this.#columns = columns;
  }

  /** Takes the next bar. */
  update(high: number, low: number, close: number): void {
    input.high[0] = high;
    input.low[0] = low;
    input.close[0] = close;
    runZigZag(this.state, this.#options, input, this.#columns, 0, 1);
  }

  /** Price of the last confirmed extreme. NaN while warming up, like the others. */
  get pivot(): number {
    return this.#columns.pivot[0] ?? Number.NaN;
  }

  /** 1 where that is a high, −1 where it is a low. */
  get direction(): number {
    return this.#columns.direction[0] ?? Number.NaN;
  }

  /** How many rows back it lies. */
  get barsAgo(): number {
    return this.#columns.barsAgo[0] ?? Number.NaN;
  }

  /** 1 in the row in which it was confirmed, else 0. */
  get confirmed(): number {
    return this.#columns.confirmed[0] ?? Number.NaN;
  }
}
