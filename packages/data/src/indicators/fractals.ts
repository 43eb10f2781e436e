import { lengthOf, outputColumns, type PriceColumns } from './columns.ts';
import { checkPeriod } from './period.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link fractals} and {@link Fractals}. */
export interface FractalsOptions {
  /** Bars on each side that a fractal exceeds, and rows until it is known. Default 2. */
  readonly span?: number;
}

/** What {@link fractals} gives: columns of the input's length. */
export interface FractalsColumns {
  /** The last confirmed high: higher than the `span` highs on either side. */
  readonly high: Float64Array;
  /** How many rows back it lies: `span` in the row in which it was confirmed. */
  readonly highBarsAgo: Float64Array;
  /** The last confirmed low: lower than the `span` lows on either side. */
  readonly low: Float64Array;
  /** How many rows back that lies. */
  readonly lowBarsAgo: Float64Array;
}

function check(options: FractalsOptions): Required<FractalsOptions> {
  return {
    span: checkPeriod('span', options.span ?? 2),
  };
}

/**
 * State: bars seen (up to the window), place of the oldest, last high and rows since, last low and rows since (−1: none
 * yet), the bars.
 */
function runFractals(
  state: Float64Array,
  options: Required<FractalsOptions>,
  columns: Pick<PriceColumns, 'high' | 'low'>,
  out: FractalsColumns,
  from: number,
  to: number,
): void {
  const { span } = options;
  const window = 2 * span + 1;
  const highs = 6;
  const lows = 6 + window;
  let seen = (state[0] ?? 0) | 0;
  let place = (state[1] ?? 0) | 0;
  let top = state[2] ?? 0;
  let sinceTop = state[3] ?? 0;
  let bottom = state[4] ?? 0;
  let sinceBottom = state[5] ?? 0;
  for (let i = from; i < to; i += 1) {
    const high = columns.high[i] ?? Number.NaN;
    const low = columns.low[i] ?? Number.NaN;
    const both = high + low;
    if (both - both !== 0) {
      seen = place = top = sinceTop = bottom = sinceBottom = 0;
      out.high[i] = out.highBarsAgo[i] = out.low[i] = out.lowBarsAgo[i] = Number.NaN;
      continue;
    }
    state[highs + place] = high;
    state[lows + place] = low;
    const middle = place >= span ? place - span : place - span + window;
    place = place + 1 === window ? 0 : place + 1;
    if (seen < window) seen += 1;
    // 0 stands for none yet: one just confirmed is at least one row old.
    if (sinceTop > 0) sinceTop += 1;
    if (sinceBottom > 0) sinceBottom += 1;
    if (seen === window) {
      const high = state[highs + middle] ?? 0;
      const low = state[lows + middle] ?? 0;
      let isTop = true;
      let isBottom = true;
      for (let slot = 0; slot < window; slot += 1) {
        if (slot === middle) continue;
        isTop &&= (state[highs + slot] ?? 0) < high;
        isBottom &&= (state[lows + slot] ?? 0) > low;
      }
      if (isTop) {
        top = high;
        sinceTop = span;
      }
      if (isBottom) {
        bottom = low;
        sinceBottom = span;
      }
    }
    out.high[i] = sinceTop > 0 ? top : Number.NaN;
    out.highBarsAgo[i] = sinceTop > 0 ? sinceTop : Number.NaN;
    out.low[i] = sinceBottom > 0 ? bottom : Number.NaN;
    out.lowBarsAgo[i] = sinceBottom > 0 ? sinceBottom : Number.NaN;
  }
  state[0] = seen;
  state[1] = place;
  state[2] = top;
  state[3] = sinceTop;
  state[4] = bottom;
  state[5] = sinceBottom;
}

/**
 * Fractals (Bill Williams, Trading Chaos, 1995) that never repaint: a high or low is published `span` rows after it,
 * when the bars on both sides are known, with how many rows back it lies; until the next is confirmed the last one
 * stands. The pair of the last high and the last low is also known as the fractal chaos bands. NaN until the first is
 * confirmed. A pass over 2 · span + 1 bars a row.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function fractals(
  columns: Pick<PriceColumns, 'high' | 'low'>,
  options: FractalsOptions = {},
  out?: FractalsColumns,
): FractalsColumns {
  const checked = check(options);
  const length = lengthOf(columns.high, columns.low);
  const column = outputColumns(length, 4);
  const result = {
    high: column(out?.high),
    highBarsAgo: column(out?.highBarsAgo),
    low: column(out?.low),
    lowBarsAgo: column(out?.lowBarsAgo),
  };
  runFractals(new Float64Array(6 + 2 * (2 * checked.span + 1)), checked, columns, result, 0, length);
  return result;
}

const input = { high: new Float64Array(1), low: new Float64Array(1) };

/** {@link fractals} bar by bar: O(span), no allocation. */
export class Fractals extends StreamingIndicator {
  readonly #options: Required<FractalsOptions>;
  readonly #columns: FractalsColumns;

  /** @throws ValidationError `indicator.period` */
  constructor(options: FractalsOptions = {}) {
    const checked = check(options);
    const columns = {
      high: new Float64Array(1),
      highBarsAgo: new Float64Array(1),
      low: new Float64Array(1),
      lowBarsAgo: new Float64Array(1),
    };
    super({
      name: `fractals(${checked.span})`,
      stateSize: 6 + 2 * (2 * checked.span + 1),
      outputs: [columns.high, columns.highBarsAgo, columns.low, columns.lowBarsAgo],
    });
    this.#options = checked;
    this.#columns = columns;
  }

  /** Takes the next bar. */
  update(high: number, low: number): void {
    input.high[0] = high;
    input.low[0] = low;
    runFractals(this.state, this.#options, input, this.#columns, 0, 1);
  }

  /** The last confirmed high: higher than the `span` highs on either side. NaN while warming up, like the others. */
  get high(): number {
    return this.#columns.high[0] ?? Number.NaN;
  }

  /** How many rows back it lies: `span` in the row in which it was confirmed. */
  get highBarsAgo(): number {
    return this.#columns.highBarsAgo[0] ?? Number.NaN;
  }

  /** The last confirmed low: lower than the `span` lows on either side. */
  get low(): number {
    return this.#columns.low[0] ?? Number.NaN;
  }

  /** How many rows back that lies. */
  get lowBarsAgo(): number {
    return this.#columns.lowBarsAgo[0] ?? Number.NaN;
  }
}
