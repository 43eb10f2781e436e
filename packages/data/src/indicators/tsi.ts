import { chunk } from './chunk.ts';
import { lengthOf, outputColumns } from './columns.ts';
import { emaWeight, exponentialStateSize, runExponential } from './exponential.ts';
import { checkPeriod } from './period.ts';
import { partsOf, totalOf } from './state-parts.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link tsi} and {@link Tsi}. */
export interface TsiOptions {
  /** Changes of the first smoothing. Default 25. */
  readonly long?: number;
  /** Values of the second smoothing. Default 13. */
  readonly short?: number;
  /** Values of the signal's average. Default 7. */
  readonly signal?: number;
}

/** What {@link tsi} gives: columns of the input's length, each −100 to 100. */
export interface TsiColumns {
  /** The doubly smoothed change in percent of the doubly smoothed size of changes. */
  readonly tsi: Float64Array;
  /** The exponential average of `tsi`. */
  readonly signal: Float64Array;
}

function check(options: TsiOptions): Required<TsiOptions> {
  return {
    long: checkPeriod('long', options.long ?? 25),
    short: checkPeriod('short', options.short ?? 13),
    signal: checkPeriod('signal', options.signal ?? 7),
  };
}

const changes = new Float64Array(chunk);
const moves = new Float64Array(chunk);

const sizesOf = () =>
  [
    2,
    exponentialStateSize,
    exponentialStateSize,
    exponentialStateSize,
    exponentialStateSize,
    exponentialStateSize,
  ] as const;
type Parts = readonly [
  previous: Float64Array,
  change: Float64Array,
  changes: Float64Array,
  size: Float64Array,
  sizes: Float64Array,
  signal: Float64Array,
];

/** Own state: 1 once a value was seen, that value. */
function runTsi(
  parts: Parts,
  options: Required<TsiOptions>,
  values: Float64Array,
  out: TsiColumns,
  from: number,
  to: number,
): void {
  const { long, short, signal } = options;
  const own = parts[0];
  let seen = own[0] ?? 0;
  let previous = own[1] ?? 0;
  for (let start = from; start < to; start += chunk) {
    const rows = Math.min(chunk, to - start);
    for (let row = 0; row < rows; row += 1) {
      const value = values[start + row] ?? Number.NaN;
      const finite = value - value === 0;
      changes[row] = finite && seen === 1 ? value - previous : Number.NaN;
      moves[row] = Math.abs(changes[row] ?? Number.NaN);
      seen = finite ? 1 : 0;
      previous = finite ? value : 0;
    }
    runExponential(parts[1], long, emaWeight(long), changes, changes, 0, rows);
    runExponential(parts[2], short, emaWeight(short), changes, changes, 0, rows);
    runExponential(parts[3], long, emaWeight(long), moves, moves, 0, rows);
    runExponential(parts[4], short, emaWeight(short), moves, moves, 0, rows);
    for (let row = 0; row < rows; row += 1) {
      const move = moves[row] ?? Number.NaN;
      out.tsi[start + row] = move === 0 ? 0 : (100 * (changes[row] ?? Number.NaN)) / move;
    }
    runExponential(parts[5], signal, emaWeight(signal), out.tsi, out.signal, start, start + rows);
  }
  own[0] = seen;
  own[1] = previous;
}

/**
 * True strength index (William Blau, 1991), −100 to 100: changes smoothed twice by exponential averages in percent of
 * their sizes smoothed likewise, each average seeded by a simple mean (as Skender's). The first `tsi` is at row long +
 * short − 1, the first signal signal − 1 rows later; NaN before. 0 where no value moved.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function tsi(values: Float64Array, options: TsiOptions = {}, out?: TsiColumns): TsiColumns {
  const checked = check(options);
  const length = lengthOf(values);
  const column = outputColumns(length, 2);
  const result = {
    tsi: column(out?.tsi),
    signal: column(out?.signal),
  };
  const sizes = sizesOf();
  runTsi(partsOf(new Float64Array(totalOf(sizes)), sizes), checked, values, result, 0, length);
  return result;
}

const input = new Float64Array(1);

/** {@link tsi} value by value: O(1), no allocation. */
export class Tsi extends StreamingIndicator {
  readonly #options: Required<TsiOptions>;
  readonly #parts: Parts;
  readonly #columns: TsiColumns;

  /** @throws ValidationError `indicator.period` */
  constructor(options: TsiOptions = {}) {
    const checked = check(options);
    const columns = { tsi: new Float64Array(1), signal: new Float64Array(1) };
    const sizes = sizesOf();
    super({
      name: `tsi(${checked.long},${checked.short},${checked.signal})`,
      stateSize: totalOf(sizes),
      outputs: [columns.tsi, columns.signal],
    });
    this.#options = checked;
    this.#parts = partsOf(this.state, sizes);
    this.#columns = columns;
  }

  /** Takes the next value. */
  update(value: number): void {
    input[0] = value;
    runTsi(this.#parts, this.#options, input, this.#columns, 0, 1);
  }

  /**
   * The doubly smoothed change in percent of the doubly smoothed size of changes. NaN while warming up, like the
   * others.
   */
  get tsi(): number {
    return this.#columns.tsi[0] ?? Number.NaN;
  }

  /** The exponential average of `tsi`. */
  get signal(): number {
    return this.#columns.signal[0] ?? Number.NaN;
  }
}
