import { chunk } from './chunk.ts';
import { lengthOf, outputColumns, type PriceVolumeColumns } from './columns.ts';
import { emaWeight, exponentialStateSize, runExponential } from './exponential.ts';
import { checkPeriod } from './period.ts';
import { partsOf, totalOf } from './state-parts.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link klinger} and {@link Klinger}. */
export interface KlingerOptions {
  /** Bars of the fast average. Default 34. */
  readonly fast?: number;
  /** Bars of the slow average. Default 55. */
  readonly slow?: number;
  /** Bars of the signal's average. Default 13. */
  readonly signal?: number;
}

/** What {@link klinger} gives: columns of the input's length, in units of volume times 100. */
export interface KlingerColumns {
  /** Fast less slow average of volume force. */
  readonly oscillator: Float64Array;
  /** The exponential average of `oscillator`. */
  readonly signal: Float64Array;
}

function check(options: KlingerOptions): Required<KlingerOptions> {
  return {
    fast: checkPeriod('fast', options.fast ?? 34),
    slow: checkPeriod('slow', options.slow ?? 55),
    signal: checkPeriod('signal', options.signal ?? 13),
  };
}

const forces = new Float64Array(chunk);
const slows = new Float64Array(chunk);

const sizesOf = () => [6, exponentialStateSize, exponentialStateSize, exponentialStateSize] as const;
type Parts = readonly [own: Float64Array, fast: Float64Array, slow: Float64Array, signal: Float64Array];

/**
 * Own state: bars seen (up to 2), sum of high, low and close of the bar before, the way it went, its range, the sum of
 * ranges since the way changed, its force.
 */
function runKlinger(
  parts: Parts,
  options: Required<KlingerOptions>,
  columns: PriceVolumeColumns,
  out: KlingerColumns,
  from: number,
  to: number,
): void {
  const { fast, slow, signal } = options;
  const own = parts[0];
  let seen = own[0] ?? 0;
  let previous = own[1] ?? 0;
  let way = own[2] ?? 0;
  let range = own[3] ?? 0;
  let measure = own[4] ?? 0;
  let force = own[5] ?? 0;
  for (let start = from; start < to; start += chunk) {
    const rows = Math.min(chunk, to - start);
    for (let row = 0; row < rows; row += 1) {
      const high = columns.high[start + row] ?? Number.NaN;
      const low = columns.low[start + row] ?? Number.NaN;
      const sum = high + low + (columns.close[start + row] ?? Number.NaN);
      const volume = columns.volume[start + row] ?? Number.NaN;
      const all = sum + volume;
      forces[row] = Number.NaN;
      if (all - all !== 0) {
        seen = previous = way = range = measure = force = 0;
        continue;
      }
      const before = range;
      const wayBefore = way;
      way = sum > previous ? 1 : -1;
      range = high - low;
      if (seen === 2) {
        measure = way === wayBefore ? measure + range : before + range;
        if (range === measure) force = 0;
        else if (range === 0) force = 200 * volume * way;
        else if (measure !== 0) force = 100 * volume * Math.abs(2 * (range / measure - 1)) * way;
        forces[row] = force;
      } else seen += 1;
      previous = sum;
    }
    runExponential(parts[2], slow, emaWeight(slow), forces, slows, 0, rows);
    runExponential(parts[1], fast, emaWeight(fast), forces, forces, 0, rows);
    for (let row = 0; row < rows; row += 1) {
      out.oscillator[start + row] = (forces[row] ?? Number.NaN) - (slows[row] ?? Number.NaN);
    }
    runExponential(parts[3], signal, emaWeight(signal), out.oscillator, out.signal, start, start + rows);
  }
  own[0] = seen;
  own[1] = previous;
  own[2] = way;
  own[3] = range;
  own[4] = measure;
  own[5] = force;
}

/**
 * Klinger volume oscillator (Stephen Klinger, Technical Analysis of Stocks & Commodities, 1997) as Skender's: volume,
 * times how little of the range since the trend last turned this bar made, signed by the way the typical price went;
 * its fast less its slow exponential average, each seeded by a simple mean. The first oscillator is at row slow + 1,
 * the first signal signal − 1 rows later; NaN before. Implementations differ widely.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function klinger(
  columns: PriceVolumeColumns,
  options: KlingerOptions = {},
  out?: KlingerColumns,
): KlingerColumns {
  const checked = check(options);
  const length = lengthOf(columns.high, columns.low, columns.close, columns.volume);
  const column = outputColumns(length, 2);
  const result = {
    oscillator: column(out?.oscillator),
    signal: column(out?.signal),
  };
  const sizes = sizesOf();
  runKlinger(partsOf(new Float64Array(totalOf(sizes)), sizes), checked, columns, result, 0, length);
  return result;
}

const input = {
  high: new Float64Array(1),
  low: new Float64Array(1),
  close: new Float64Array(1),
  volume: new Float64Array(1),
};

/** {@link klinger} bar by bar: O(1), no allocation. */
export class Klinger extends StreamingIndicator {
  readonly #options: Required<KlingerOptions>;
  readonly #parts: Parts;
  readonly #columns: KlingerColumns;

  /** @throws ValidationError `indicator.period` */
  constructor(options: KlingerOptions = {}) {
    const checked = check(options);
    const columns = { oscillator: new Float64Array(1), signal: new Float64Array(1) };
    const sizes = sizesOf();
    super({
      name: `klinger(${checked.fast},${checked.slow},${checked.signal})`,
      stateSize: totalOf(sizes),
      outputs: [columns.oscillator, columns.signal],
    });
    this.#options = checked;
    this.#parts = partsOf(this.state, sizes);
    this.#columns = columns;
  }

  /** Takes the next bar. */
  update(high: number, low: number, close: number, volume: number): void {
    input.high[0] = high;
    input.low[0] = low;
    input.close[0] = close;
    input.volume[0] = volume;
    runKlinger(this.#parts, this.#options, input, this.#columns, 0, 1);
  }

  /** Fast less slow average of volume force. NaN while warming up, like the others. */
  get oscillator(): number {
    return this.#columns.oscillator[0] ?? Number.NaN;
  }

  /** The exponential average of `oscillator`. */
  get signal(): number {
    return this.#columns.signal[0] ?? Number.NaN;
  }
}
