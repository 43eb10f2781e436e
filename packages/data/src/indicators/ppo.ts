import { ValidationError } from '@perpdesk/core';
import { lengthOf, outputColumns } from './columns.ts';
import { emaWeight, exponentialStateSize, runExponential } from './exponential.ts';
import { checkPeriod } from './period.ts';
import { partsOf, totalOf } from './state-parts.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link ppo} and {@link Ppo}. */
export interface PpoOptions {
  /** Bars of the fast average. Default 12, below `slow`. */
  readonly fast?: number;
  /** Bars of the slow average. Default 26. */
  readonly slow?: number;
  /** Bars of the signal's average. Default 9. */
  readonly signal?: number;
}

/** What {@link ppo} gives: columns of the input's length, in percent. */
export interface PpoColumns {
  /** Fast less slow average, in percent of the slow. */
  readonly ppo: Float64Array;
  /** The average of `ppo`. */
  readonly signal: Float64Array;
  /** ppo − signal. */
  readonly histogram: Float64Array;
}

function check(options: PpoOptions): Required<PpoOptions> {
  const slow = checkPeriod('slow', options.slow ?? 26, 2);
  const fast = checkPeriod('fast', options.fast ?? 12);
  if (fast >= slow) throw new ValidationError('indicator.period', `fast must be below slow, got ${fast} and ${slow}.`);
  return { fast, slow, signal: checkPeriod('signal', options.signal ?? 9) };
}

const sizesOf = () => [exponentialStateSize, exponentialStateSize, exponentialStateSize] as const;
type Parts = readonly [fast: Float64Array, slow: Float64Array, signal: Float64Array];

function runPpo(
  parts: Parts,
  options: Required<PpoOptions>,
  values: Float64Array,
  out: PpoColumns,
  from: number,
  to: number,
): void {
  const { fast, slow, signal } = options;
  const { ppo: lines, signal: signals, histogram: histograms } = out;
  runExponential(parts[0], fast, emaWeight(fast), values, signals, from, to);
  runExponential(parts[1], slow, emaWeight(slow), values, histograms, from, to);
  for (let i = from; i < to; i += 1) {
    const average = histograms[i] ?? Number.NaN;
    lines[i] = average === 0 ? Number.NaN : (100 * ((signals[i] ?? Number.NaN) - average)) / average;
  }
  runExponential(parts[2], signal, emaWeight(signal), lines, signals, from, to);
  for (let i = from; i < to; i += 1) histograms[i] = (lines[i] ?? Number.NaN) - (signals[i] ?? Number.NaN);
}

/**
 * Percentage price oscillator (Gerald Appel): the fast less the slow exponential average in percent of the slow, as
 * TA-Lib's PPO with exponential averages (ta_PPO.c; unlike in its MACD each is seeded by the simple mean of its own
 * first values), with its exponential average as signal. Of volumes it is the percentage volume oscillator. With 12,
 * 26, 9 the first `ppo` is at row 25, the first signal at row 33; NaN before, and where the slow average is 0.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function ppo(values: Float64Array, options: PpoOptions = {}, out?: PpoColumns): PpoColumns {
  const checked = check(options);
  const length = lengthOf(values);
  const column = outputColumns(length, 3);
  const result = {
    ppo: column(out?.ppo),
    signal: column(out?.signal),
    histogram: column(out?.histogram),
  };
  const sizes = sizesOf();
  runPpo(partsOf(new Float64Array(totalOf(sizes)), sizes), checked, values, result, 0, length);
  return result;
}

const input = new Float64Array(1);

/** {@link ppo} value by value: O(1), no allocation. */
export class Ppo extends StreamingIndicator {
  readonly #options: Required<PpoOptions>;
  readonly #parts: Parts;
  readonly #columns: PpoColumns;

  /** @throws ValidationError `indicator.period` */
  constructor(options: PpoOptions = {}) {
    const checked = check(options);
    const columns = { ppo: new Float64Array(1), signal: new Float64Array(1), histogram: new Float64Array(1) };
    const sizes = sizesOf();
    super({
      name: `ppo(${checked.fast},${checked.slow},${checked.signal})`,
      stateSize: totalOf(sizes),
      outputs: [columns.ppo, columns.signal, columns.histogram],
    });
    this.#options = checked;
    this.#parts = partsOf(this.state, sizes);
    this.#columns = columns;
  }

  /** Takes the next value. */
  update(value: number): void {
    input[0] = value;
    runPpo(this.#parts, this.#options, input, this.#columns, 0, 1);
  }

  /** Fast less slow average, in percent of the slow. NaN while warming up, like the others. */
  get ppo(): number {
    return this.#columns.ppo[0] ?? Number.NaN;
  }

  /** The average of `ppo`. */
  get signal(): number {
    return this.#columns.signal[0] ?? Number.NaN;
  }

  /** ppo − signal. */
  get histogram(): number {
    return this.#columns.histogram[0] ?? Number.NaN;
  }
}
