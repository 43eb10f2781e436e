import { chunk, copyRows } from './chunk.ts';
import { lengthOf, outputColumns, type PriceColumns } from './columns.ts';
import { checkPeriod } from './period.ts';
import { extremesStateSize, runExtremes } from './rolling-extremes.ts';
import { partsOf, totalOf } from './state-parts.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link ichimoku} and {@link Ichimoku}. */
export interface IchimokuOptions {
  /** Bars of the conversion line (tenkan-sen). Default 9. */
  readonly conversion?: number;
  /** Bars of the base line (kijun-sen). Default 26. */
  readonly base?: number;
  /** Bars of leading span B (senkou span B). Default 52. */
  readonly span?: number;
  /** Rows the leading spans are moved forward by. Default 26; 0 leaves them where they are known. */
  readonly displacement?: number;
}

/** What {@link ichimoku} gives: columns of the input's length, in price units. */
export interface IchimokuColumns {
  /** Middle of the highest high and the lowest low of the last `conversion` bars. */
  readonly conversion: Float64Array;
  /** The same of the last `base` bars. */
  readonly base: Float64Array;
  /** The edge of the cloud over this row: the mean of conversion and base line `displacement` rows back. */
  readonly leadingA: Float64Array;
  /** The other edge: the middle of the last `span` bars, `displacement` rows back. */
  readonly leadingB: Float64Array;
}

function check(options: IchimokuOptions): Required<IchimokuOptions> {
  return {
    conversion: checkPeriod('conversion', options.conversion ?? 9),
    base: checkPeriod('base', options.base ?? 26),
    span: checkPeriod('span', options.span ?? 52),
    displacement: checkPeriod('displacement', options.displacement ?? 26, 0),
  };
}

const tops = new Float64Array(chunk);
const bottoms = new Float64Array(chunk);

/** The middle of the extremes of the last `period` rows. */
function runMiddle(
  state: Float64Array,
  period: number,
  columns: Pick<PriceColumns, 'high' | 'low'>,
  out: Float64Array,
  from: number,
  to: number,
): void {
  for (let start = from; start < to; start += chunk) {
    const rows = Math.min(chunk, to - start);
    copyRows(columns.high, start, rows, tops);
    copyRows(columns.low, start, rows, bottoms);
    runExtremes(state, period, tops, bottoms, tops, bottoms, 0, rows);
    for (let row = 0; row < rows; row += 1) {
      out[start + row] = ((tops[row] ?? Number.NaN) + (bottoms[row] ?? Number.NaN)) / 2;
    }
  }
}

const sizesOf = (options: Required<IchimokuOptions>) =>
  [
    extremesStateSize(options.conversion),
    extremesStateSize(options.base),
    extremesStateSize(options.span),
    2 + 2 * options.displacement,
  ] as const;
type Parts = readonly [conversion: Float64Array, base: Float64Array, span: Float64Array, ring: Float64Array];

/** State of the ring: rows in it (up to the displacement), place of the oldest; then, per place, span A and span B. */
function runIchimoku(
  parts: Parts,
  options: Required<IchimokuOptions>,
  columns: Pick<PriceColumns, 'high' | 'low'>,
  out: IchimokuColumns,
  from: number,
  to: number,
): void {
  const { displacement } = options;
  const { conversion, base, leadingA, leadingB } = out;
  const ring = parts[3];
  runMiddle(parts[0], options.conversion, columns, conversion, from, to);
  runMiddle(parts[1], options.base, columns, base, from, to);
  runMiddle(parts[2], options.span, columns, leadingB, from, to);
  let held = (ring[0] ?? 0) | 0;
  let place = (ring[1] ?? 0) | 0;
  for (let i = from; i < to; i += 1) {
    const spanA = ((conversion[i] ?? Number.NaN) + (base[i] ?? Number.NaN)) / 2;
    const spanB = leadingB[i] ?? Number.NaN;
    const both = spanA + spanB;
    if (displacement === 0) {
      leadingA[i] = both - both === 0 ? spanA : Number.NaN;
      leadingB[i] = both - both === 0 ? spanB : Number.NaN;
      continue;
    }
    leadingA[i] = held === displacement ? (ring[2 + place] ?? 0) : Number.NaN;
    leadingB[i] = held === displacement ? (ring[2 + displacement + place] ?? 0) : Number.NaN;
    if (both - both !== 0) {
      leadingA[i] = leadingB[i] = Number.NaN;
      held = place = 0;
      continue;
    }
    ring[2 + place] = spanA;
    ring[2 + displacement + place] = spanB;
    place = place + 1 === displacement ? 0 : place + 1;
    if (held < displacement) held += 1;
  }
  ring[0] = held;
  ring[1] = place;
}

/**
 * Ichimoku kinko hyo (Goichi Hosoda, 1969) without its look-ahead: the leading spans of a row are those of the cloud
 * drawn over it, computed `displacement` rows before (26, as Skender; charts that count the present bar use 25), both
 * from the row on where the wider of them was known; there is no lagging span, which is the close drawn where it was
 * not yet known. With 9, 26, 52, 26 the conversion line begins at row 8, the base line at row 25, the cloud at row 77;
 * NaN before.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function ichimoku(
  columns: Pick<PriceColumns, 'high' | 'low'>,
  options: IchimokuOptions = {},
  out?: IchimokuColumns,
): IchimokuColumns {
  const checked = check(options);
  const length = lengthOf(columns.high, columns.low);
  const column = outputColumns(length, 4);
  const result = {
    conversion: column(out?.conversion),
    base: column(out?.base),
    leadingA: column(out?.leadingA),
    leadingB: column(out?.leadingB),
  };
  const sizes = sizesOf(checked);
  runIchimoku(partsOf(new Float64Array(totalOf(sizes)), sizes), checked, columns, result, 0, length);
  return result;
}

const input = { high: new Float64Array(1), low: new Float64Array(1) };

/** {@link ichimoku} bar by bar: O(1) amortised, no allocation. */
export class Ichimoku extends StreamingIndicator {
  readonly #options: Required<IchimokuOptions>;
  readonly #parts: Parts;
  readonly #columns: IchimokuColumns;

  /** @throws ValidationError `indicator.period` */
  constructor(options: IchimokuOptions = {}) {
    const checked = check(options);
    const columns = {
      conversion: new Float64Array(1),
      base: new Float64Array(1),
      leadingA: new Float64Array(1),
      leadingB: new Float64Array(1),
    };
    const sizes = sizesOf(checked);
    super({
      name: `ichimoku(${checked.conversion},${checked.base},${checked.span},${checked.displacement})`,
      stateSize: totalOf(sizes),
      outputs: [columns.conversion, columns.base, columns.leadingA, columns.leadingB],
    });
    this.#options = checked;
    this.#parts = partsOf(this.state, sizes);
    this.#columns = columns;
  }

  /** Takes the next bar. */
  update(high: number, low: number): void {
    input.high[0] = high;
    input.low[0] = low;
    runIchimoku(this.#parts, this.#options, input, this.#columns, 0, 1);
  }

  /**
   * Middle of the highest high and the lowest low of the last `conversion` bars. NaN while warming up, like the others.
   */
  get conversion(): number {
    return this.#columns.conversion[0] ?? Number.NaN;
  }

  /** The same of the last `base` bars. */
  get base(): number {
    return this.#columns.base[0] ?? Number.NaN;
  }

  /** The edge of the cloud over this row: the mean of conversion and base line `displacement` rows back. */
  get leadingA(): number {
    return this.#columns.leadingA[0] ?? Number.NaN;
  }

  /** The other edge: the middle of the last `span` bars, `displacement` rows back. */
  get leadingB(): number {
    return this.#columns.leadingB[0] ?? Number.NaN;
  }
}
