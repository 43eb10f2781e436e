import { chunk } from './chunk.ts';
import { lengthOf, outputColumns, type PriceColumns } from './columns.ts';
import { exponentialStateSize, runExponential } from './exponential.ts';
import { checkPeriod } from './period.ts';
import { partsOf, totalOf } from './state-parts.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link alligator} and {@link Alligator}. */
export interface AlligatorOptions {
  /** Bars of the jaw. Default 13. */
  readonly jaw?: number;
  /** Rows it is moved forward by. Default 8. */
  readonly jawOffset?: number;
  /** Bars of the teeth. Default 8. */
  readonly teeth?: number;
  /** Rows they are moved forward by. Default 5. */
  readonly teethOffset?: number;
  /** Bars of the lips. Default 5. */
  readonly lips?: number;
  /** Rows they are moved forward by. Default 3. */
  readonly lipsOffset?: number;
}

/** What {@link alligator} gives: columns of the input's length, in price units. */
export interface AlligatorColumns {
  /** The slowest line. */
  readonly jaw: Float64Array;
  /** The middle line. */
  readonly teeth: Float64Array;
  /** The fastest line. */
  readonly lips: Float64Array;
}

function check(options: AlligatorOptions): Required<AlligatorOptions> {
  return {
    jaw: checkPeriod('jaw', options.jaw ?? 13),
    jawOffset: checkPeriod('jawOffset', options.jawOffset ?? 8),
    teeth: checkPeriod('teeth', options.teeth ?? 8),
    teethOffset: checkPeriod('teethOffset', options.teethOffset ?? 5),
    lips: checkPeriod('lips', options.lips ?? 5),
    lipsOffset: checkPeriod('lipsOffset', options.lipsOffset ?? 3),
  };
}

const middles = new Float64Array(chunk);
const averages = new Float64Array(chunk);

/**
 * The smoothed average of the middles, `offset` rows late. State of the ring: rows in it, place of the oldest, the
 * averages.
 */
function runLine(
  state: Float64Array,
  ring: Float64Array,
  period: number,
  offset: number,
  out: Float64Array,
  start: number,
  rows: number,
): void {
  runExponential(state, period, 1 / period, middles, averages, 0, rows);
  let held = (ring[0] ?? 0) | 0;
  let place = (ring[1] ?? 0) | 0;
  for (let row = 0; row < rows; row += 1) {
    const average = averages[row] ?? Number.NaN;
    const finite = average - average === 0;
    out[start + row] = finite && held === offset ? (ring[2 + place] ?? 0) : Number.NaN;
    if (finite) ring[2 + place] = average;
    place = !finite || place + 1 === offset ? 0 : place + 1;
    held = finite ? Math.min(held + 1, offset) : 0;
  }
  ring[0] = held;
  ring[1] = place;
}

const sizesOf = (options: Required<AlligatorOptions>) =>
  [
    exponentialStateSize,
    2 + options.jawOffset,
    exponentialStateSize,
    2 + options.teethOffset,
    exponentialStateSize,
    2 + options.lipsOffset,
  ] as const;
type Parts = readonly [
  jaw: Float64Array,
  jawRing: Float64Array,
  teeth: Float64Array,
  teethRing: Float64Array,
  lips: Float64Array,
  lipsRing: Float64Array,
];

function runAlligator(
  parts: Parts,
  options: Required<AlligatorOptions>,
  columns: Pick<PriceColumns, 'high' | 'low'>,
  out: AlligatorColumns,
  from: number,
  to: number,
): void {
  for (let start = from; start < to; start += chunk) {
    const rows = Math.min(chunk, to - start);
    for (let row = 0; row < rows; row += 1) {
      middles[row] = ((columns.high[start + row] ?? Number.NaN) + (columns.low[start + row] ?? Number.NaN)) / 2;
    }
    runLine(parts[0], parts[1], options.jaw, options.jawOffset, out.jaw, start, rows);
    runLine(parts[2], parts[3], options.teeth, options.teethOffset, out.teeth, start, rows);
    runLine(parts[4], parts[5], options.lips, options.lipsOffset, out.lips, start, rows);
  }
}

/**
 * Alligator (Bill Williams, New Trading Dimensions, 1998): three smoothed averages (`smma`) of the middles of bars,
 * each moved forward, so that what a row shows was known some rows before. The bars of his gator oscillator are |jaw −
 * teeth| and −|teeth − lips|. Each line begins at row period + offset − 1, with the defaults at 20, 12 and 7; NaN
 * before.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function alligator(
  columns: Pick<PriceColumns, 'high' | 'low'>,
  options: AlligatorOptions = {},
  out?: AlligatorColumns,
): AlligatorColumns {
  const checked = check(options);
  const length = lengthOf(columns.high, columns.low);
  const column = outputColumns(length, 3);
  const result = {
    jaw: column(out?.jaw),
    teeth: column(out?.teeth),
    lips: column(out?.lips),
  };
  const sizes = sizesOf(checked);
  runAlligator(partsOf(new Float64Array(totalOf(sizes)), sizes), checked, columns, result, 0, length);
  return result;
}

const input = { high: new Float64Array(1), low: new Float64Array(1) };

/** {@link alligator} bar by bar: O(1), no allocation. */
export class Alligator extends StreamingIndicator {
  readonly #options: Required<AlligatorOptions>;
  readonly #parts: Parts;
  readonly #columns: AlligatorColumns;

  /** @throws ValidationError `indicator.period` */
  constructor(options: AlligatorOptions = {}) {
    const checked = check(options);
    const columns = { jaw: new Float64Array(1), teeth: new Float64Array(1), lips: new Float64Array(1) };
    const sizes = sizesOf(checked);
    const { jaw, jawOffset, teeth, teethOffset, lips, lipsOffset } = checked;
    super({
      name: `alligator(${jaw},${jawOffset},${teeth},${teethOffset},${lips},${lipsOffset})`,
      stateSize: totalOf(sizes),
      outputs: [columns.jaw, columns.teeth, columns.lips],
    });
    this.#options = checked;
    this.#parts = partsOf(this.state, sizes);
    this.#columns = columns;
  }

  /** Takes the next bar. */
  update(high: number, low: number): void {
    input.high[0] = high;
    input.low[0] = low;
    runAlligator(this.#parts, this.#options, input, this.#columns, 0, 1);
  }

  /** The slowest line. NaN while warming up, like the others. */
  get jaw(): number {
    return this.#columns.jaw[0] ?? Number.NaN;
  }

  /** The middle line. */
  get teeth(): number {
    return this.#columns.teeth[0] ?? Number.NaN;
  }

  /** The fastest line. */
  get lips(): number {
    return this.#columns.lips[0] ?? Number.NaN;
  }
}
