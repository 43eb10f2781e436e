import { lengthOf, outputColumns } from './columns.ts';
import { checkPeriod } from './period.ts';
import { checkMilliseconds, dayMs, yearMs } from './session.ts';
import { deviationStateSize, runDeviation } from './standard-deviation.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link fundingStatistics} and {@link FundingStatistics}. */
export interface FundingStatisticsOptions {
  /** Rates in the window. Default 90: thirty days of eight-hour intervals. From 2. */
  readonly period?: number;
  /** What one rate is paid for, in milliseconds. Default eight hours. */
  readonly intervalMs?: number;
}

/** What {@link fundingStatistics} gives: columns of the input's length. */
export interface FundingStatisticsColumns {
  /** The mean rate of an interval. */
  readonly mean: Float64Array;
  /** The present rate less the mean, in population standard deviations; 0 where no rate differs. */
  readonly zScore: Float64Array;
  /** The mean times intervals in 365 days, without compounding; 0.1 is 10 % a year. */
  readonly annualised: Float64Array;
}

function check(options: FundingStatisticsOptions): Required<FundingStatisticsOptions> {
  return {
    period: checkPeriod('period', options.period ?? 90, 2),
    intervalMs: checkMilliseconds('intervalMs', options.intervalMs ?? dayMs / 3),
  };
}

/** State: that of `runDeviation`. */
function runFundingStatistics(
  state: Float64Array,
  options: Required<FundingStatisticsOptions>,
  rates: Float64Array,
  out: FundingStatisticsColumns,
  from: number,
  to: number,
): void {
  const { period, intervalMs } = options;
  const { mean: means, zScore: scores, annualised } = out;
  const intervals = yearMs / intervalMs;
  runDeviation(state, period, rates, means, scores, from, to);
  for (let i = from; i < to; i += 1) {
    const mean = means[i] ?? Number.NaN;
    const deviation = scores[i] ?? Number.NaN;
    scores[i] = deviation === 0 ? 0 : ((rates[i] ?? Number.NaN) - mean) / deviation;
    annualised[i] = mean * intervals;
  }
}

/**
 * What a funding rate amounts to and how unusual it is, over the last `period` rates; each rate is the fraction of
 * notional that longs pay shorts for one interval. All rates must be of one interval: bring them to it first where a
 * venue changed its own. Of our own making, from the standard definitions of mean and z-score. The first result is that
 * of row `period − 1`; NaN before.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function fundingStatistics(
  rates: Float64Array,
  options: FundingStatisticsOptions = {},
  out?: FundingStatisticsColumns,
): FundingStatisticsColumns {
  const checked = check(options);
  const length = lengthOf(rates);
  const column = outputColumns(length, 3);
  const result = {
    mean: column(out?.mean),
    zScore: column(out?.zScore),
    annualised: column(out?.annualised),
  };
  runFundingStatistics(new Float64Array(deviationStateSize(checked.period)), checked, rates, result, 0, length);
  return result;
}

const input = new Float64Array(1);

/** {@link fundingStatistics} rate by rate: O(1) amortised, no allocation. */
export class FundingStatistics extends StreamingIndicator {
  readonly #options: Required<FundingStatisticsOptions>;
  readonly #columns: FundingStatisticsColumns;

  /** @throws ValidationError `indicator.period` */
  constructor(options: FundingStatisticsOptions = {}) {
    const checked = check(options);
    const columns = { mean: new Float64Array(1), zScore: new Float64Array(1), annualised: new Float64Array(1) };
    super({
      name: `fundingStatistics(${checked.period},${checked.intervalMs})`,
      stateSize: deviationStateSize(checked.period),
      outputs: [columns.mean, columns.zScore, columns.annualised],
    });
    this.#options = checked;
    this.#columns = columns;
  }

  /** Takes the next rate. */
  update(rate: number): void {
    input[0] = rate;
    runFundingStatistics(this.state, this.#options, input, this.#columns, 0, 1);
  }

  /** The mean rate of an interval. NaN while warming up, like the others. */
  get mean(): number {
    return this.#columns.mean[0] ?? Number.NaN;
  }

  /** The present rate less the mean, in population standard deviations; 0 where no rate differs. */
  get zScore(): number {
    return this.#columns.zScore[0] ?? Number.NaN;
  }

  /** The mean times intervals in 365 days, without compounding; 0.1 is 10 % a year. */
  get annualised(): number {
    return this.#columns.annualised[0] ?? Number.NaN;
  }
}
