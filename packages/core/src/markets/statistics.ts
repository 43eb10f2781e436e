import { ValidationError } from '../errors/validation-error.ts';

/** The arithmetic mean; undefined of none. */
export function mean(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  let total = 0;
  for (const value of values) total += value;
  return total / values.length;
}

/** Where {@link median} puts values in order: memory of its own for each call costs more than the work. */
const room = new Float64Array(512);

/** The middle value, or the mean of the middle two; undefined of none. */
export function median(values: readonly number[]): number | undefined {
  const { length } = values;
  if (length === 0) return undefined;
  const sorted = length <= room.length ? room : new Float64Array(length);
  let known = true;
  for (let index = 0; index < length; index += 1) {
    const value = values[index] ?? Number.NaN;
    sorted[index] = value;
    known &&= !Number.isNaN(value);
  }
  const middle = length >>> 1;
  if (known) select(sorted, length, middle);
  else sorted.subarray(0, length).sort();
  const upper = sorted[middle] ?? Number.NaN;
  return length % 2 === 1 ? upper : (greatest(sorted, middle) + upper) / 2;
}

/**
 * Puts at `index` what would be there were the first `length` in order, nothing greater before it and nothing less after it (C. A. R. Hoare,
 * "Algorithm 65: Find", Communications of the ACM 4, 1961).
 */
function select(values: Float64Array, length: number, index: number): void {
  let low = 0;
  let high = length - 1;
  while (low < high) {
    const pivot = values[(low + high) >>> 1] ?? 0;
    let left = low;
    let right = high;
    while (left <= right) {
      while ((values[left] ?? pivot) < pivot) left += 1;
      while ((values[right] ?? pivot) > pivot) right -= 1;
      if (left > right) break;
      const swapped = values[left] ?? 0;
      values[left] = values[right] ?? 0;
      values[right] = swapped;
      left += 1;
      right -= 1;
    }
    if (index <= right) high = right;
    else if (index >= left) low = left;
    else return;
  }
}

/** The greatest of the first `count`. */
function greatest(values: Float64Array, count: number): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < count; index += 1) most = Math.max(most, values[index] ?? most);
  return most;
}

/** The sample standard deviation (n − 1 in the denominator); undefined of fewer than two. */
export function standardDeviation(values: readonly number[]): number | undefined {
  const centre = mean(values);
  if (centre === undefined || values.length < 2) return undefined;
  let squares = 0;
  for (const value of values) squares += (value - centre) ** 2;
  return Math.sqrt(squares / (values.length - 1));
}

/** The largest fall of an equity curve from a peak, as a fraction of that peak: 0.25 is a quarter lost. 0 when it never falls. */
export function maxDrawdown(equity: readonly number[]): number {
  let peak = Number.NEGATIVE_INFINITY;
  let deepest = 0;
  for (const value of equity) {
    peak = Math.max(peak, value);
    if (peak > 0) deepest = Math.max(deepest, (peak - value) / peak);
  }
  return deepest;
}

/** How returns are made into a yearly ratio. */
export interface RatioOptions {
  /** Returns a year: 365 for daily ones of a market that never closes. */
  readonly periodsPerYear: number;
  /** The return per period that needs no risk (Sharpe) or is aimed for (Sortino). Default 0. */
  readonly target?: number;
}

/**
 * Mean excess return over its sample standard deviation, × √periods (W. F. Sharpe, "The Sharpe Ratio", Journal of Portfolio
 * Management 21, 1994). Undefined of fewer than two returns or without variation.
 */
export function sharpe(returns: readonly number[], options: RatioOptions): number | undefined {
  const average = mean(returns);
  const deviation = standardDeviation(returns);
  if (average === undefined || deviation === undefined || deviation === 0) return undefined;
  return ((average - (options.target ?? 0)) / deviation) * Math.sqrt(options.periodsPerYear);
}

/**
 * Mean excess return over the root mean square of the shortfalls of all periods, × √periods (F. A. Sortino and R. van der
 * Meer, "Downside Risk", Journal of Portfolio Management 17, 1991). Undefined without returns or without a shortfall.
 */
export function sortino(returns: readonly number[], options: RatioOptions): number | undefined {
  const target = options.target ?? 0;
  const average = mean(returns);
  const squares = mean(returns.map((value) => Math.min(0, value - target) ** 2));
  if (average === undefined || squares === undefined || squares === 0) return undefined;
  return ((average - target) / Math.sqrt(squares)) * Math.sqrt(options.periodsPerYear);
}

/** A probability that was given and whether what it was given for happened. */
export interface Forecast {
  /** In [0, 1]. */
  readonly probability: number;
  readonly occurred: boolean;
}

/**
 * The mean squared error of probabilities, 0 (perfect) to 1 (G. W. Brier, "Verification of forecasts expressed in terms of
 * probability", Monthly Weather Review 78, 1950, in its one-sided form); undefined of none.
 * @throws ValidationError `probability.invalid` outside [0, 1]
 */
export function brierScore(forecasts: readonly Forecast[]): number | undefined {
  return mean(
    forecasts.map(({ probability, occurred }) => {
      if (!(probability >= 0 && probability <= 1)) {
        throw new ValidationError('probability.invalid', `A probability lies in [0, 1], got ${probability}.`);
      }
      return (probability - (occurred ? 1 : 0)) ** 2;
    }),
  );
}

/**
 * 1 − score / reference score: above 0 is better than the reference, which is always forecasting `baseRate` (A. H. Murphy,
 * "Skill scores based on the mean square error", Monthly Weather Review 116, 1988). Undefined without forecasts or when the
 * reference makes no error.
 * @throws ValidationError `probability.invalid`
 */
export function brierSkill(
  forecasts: readonly Forecast[],
  options: {
    /** Default: the share that occurred in these very forecasts. Out of sample, give the share known before. */
    readonly baseRate?: number;
  } = {},
): number | undefined {
  const baseRate = options.baseRate ?? mean(forecasts.map(({ occurred }) => (occurred ? 1 : 0)));
  if (baseRate === undefined) return undefined;
  const score = brierScore(forecasts);
  const reference = brierScore(forecasts.map(({ occurred }) => ({ probability: baseRate, occurred })));
  if (score === undefined || reference === undefined || reference === 0) return undefined;
  return 1 - score / reference;
}
