import { ValidationError } from '@perpdesk/core';
import { lengthOf, outputColumn, type PriceVolumeColumns } from './columns.ts';
import { checkPeriod } from './period.ts';
import { rollingSumSize, runRollingSum } from './rolling-sum.ts';
import { StreamingIndicator, type UpdateInPlace } from './streaming-indicator.ts';

/** Options of {@link vwap} and {@link Vwap}. */
export interface VwapOptions {
  /** The last so many bars. Left out: since the session began. From 1. */
  readonly period?: number;
  /** Length of a session; sessions begin at its multiples since the epoch, UTC. Default one day. */
  readonly sessionMs?: number;
}

/** Bars with their times. `CandleColumns` of core is one. */
export interface TimedPriceVolumeColumns extends PriceVolumeColumns {
  readonly openAtMs: Float64Array;
}

const dayMs = 86_400_000;
const sessionStateSize = 4;

/** State: 1 once a bar was seen, when the session began, Σ price · volume, Σ volume. */
function runSession(
  state: Float64Array,
  sessionMs: number,
  columns: TimedPriceVolumeColumns,
  out: Float64Array,
  from: number,
  to: number,
  at = 0,
): void {
  const { openAtMs, high, low, close, volume } = columns;
  const seen = state[at] ?? 0;
  // Before the first bar no time lies within the session.
  let beginsAtMs = seen === 0 ? Number.POSITIVE_INFINITY : (state[at + 1] ?? 0);
  let endsAtMs = beginsAtMs + sessionMs;
  let turnover = state[at + 2] ?? 0;
  let traded = state[at + 3] ?? 0;
  let i = from;
  while (i < to) {
    let amount = turnover;
    let size = traded;
    for (; i < to; i += 1) {
      const time = openAtMs[i] ?? Number.NaN;
      if (!(time >= beginsAtMs && time < endsAtMs)) break;
      const bought = volume[i] ?? Number.NaN;
      const price = ((high[i] ?? Number.NaN) + (low[i] ?? Number.NaN) + (close[i] ?? Number.NaN)) / 3;
      const nextAmount = amount + price * bought;
      const nextSize = size + bought;
      const average = nextAmount / nextSize;
      if (average - average !== 0) break;
      amount = nextAmount;
      size = nextSize;
      out[i] = average;
    }
    turnover = amount;
    traded = size;
    if (i === to) break;
    // A session that begins, a bar without anything traded so far, or one with a number that is none.
    const time = openAtMs[i] ?? Number.NaN;
    const bought = volume[i] ?? Number.NaN;
    const price = ((high[i] ?? Number.NaN) + (low[i] ?? Number.NaN) + (close[i] ?? Number.NaN)) / 3;
    if (!(time >= beginsAtMs && time < endsAtMs)) {
      turnover = traded = 0;
      beginsAtMs = Math.floor(time / sessionMs) * sessionMs;
      endsAtMs = beginsAtMs + sessionMs;
    }
    const all = price + bought + time;
    if (all - all === 0) {
      turnover += price * bought;
      traded += bought;
      out[i] = traded === 0 ? Number.NaN : turnover / traded;
    } else {
      turnover = traded = 0;
      beginsAtMs = endsAtMs = Number.POSITIVE_INFINITY;
      out[i] = Number.NaN;
    }
    i += 1;
  }
  const hasBegun = beginsAtMs < Number.POSITIVE_INFINITY;
  state[at] = hasBegun ? 1 : 0;
  state[at + 1] = hasBegun ? beginsAtMs : 0;
  state[at + 2] = hasBegun ? turnover : 0;
  state[at + 3] = hasBegun ? traded : 0;
}

/** The next row within a session in place, see `streaming-indicator.ts`. */
export function steadyVwap(
  numbers: Float64Array,
  at: number,
  bars: TimedPriceVolumeColumns,
  sessionMs: number,
): boolean {
  const time = bars.openAtMs[0] ?? Number.NaN;
  const beginsAtMs = numbers[at + 1] ?? 0;
  const bought = bars.volume[0] ?? Number.NaN;
  const price = ((bars.high[0] ?? Number.NaN) + (bars.low[0] ?? Number.NaN) + (bars.close[0] ?? Number.NaN)) / 3;
  const turnover = (numbers[at + 2] ?? 0) + price * bought;
  const traded = (numbers[at + 3] ?? 0) + bought;
  const average = turnover / traded;
  const isWithin = numbers[at] === 1 && time >= beginsAtMs && time < beginsAtMs + sessionMs;
  if (!isWithin || average - average !== 0) return false;
  numbers[at + 2] = turnover;
  numbers[at + 3] = traded;
  numbers[at + sessionStateSize] = average;
  return true;
}

const chunk = 512;
const turnovers = new Float64Array(chunk);
const volumes = new Float64Array(chunk);

/** State: those of two rolling sums, price · volume and volume. */
function runRolling(
  state: Float64Array,
  period: number,
  columns: PriceVolumeColumns,
  out: Float64Array,
  from: number,
  to: number,
  at = 0,
): void {
  const { high, low, close, volume } = columns;
  const second = at + rollingSumSize(period);
  for (let start = from; start < to; start += chunk) {
    const rows = Math.min(chunk, to - start);
    for (let row = 0; row < rows; row += 1) {
      const i = start + row;
      const size = volume[i] ?? Number.NaN;
      const price = ((high[i] ?? Number.NaN) + (low[i] ?? Number.NaN) + (close[i] ?? Number.NaN)) / 3;
      const turnover = price * size;
      turnovers[row] = turnover;
      // Both sums begin anew where either has nothing to add.
      volumes[row] = turnover - turnover === 0 ? size : Number.NaN;
    }
    runRollingSum(state, period, 1, turnovers, turnovers, 0, rows, at);
    runRollingSum(state, period, 1, volumes, volumes, 0, rows, second);
    for (let row = 0; row < rows; row += 1) {
      const traded = volumes[row] ?? Number.NaN;
      out[start + row] = traded === 0 ? Number.NaN : (turnovers[row] ?? Number.NaN) / traded;
    }
  }
}

const stateSize = (period: number | undefined): number =>
  period === undefined ? sessionStateSize : 2 * rollingSumSize(period);

function check(options: VwapOptions): { readonly period: number | undefined; readonly sessionMs: number } {
  const { period, sessionMs = dayMs } = options;
  if (!(Number.isInteger(sessionMs) && sessionMs > 0)) {
    throw new ValidationError('indicator.period', `sessionMs must be a whole number above 0, got ${sessionMs}.`);
  }
  return { period: period === undefined ? undefined : checkPeriod('period', period), sessionMs };
}

/**
 * Volume-weighted average price: Σ typical price · volume / Σ volume, the typical price being (high + low + close) / 3
 * (Berkowitz, Logue and Noser, 1988, from bars). Either since the session began, from row 0 on (the first session counts
 * from where the data begins), or over the last `period` bars, from row `period − 1` on. NaN while nothing was traded.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function vwap(columns: TimedPriceVolumeColumns, options: VwapOptions = {}, out?: Float64Array): Float64Array {
  const { period, sessionMs } = check(options);
  const length = lengthOf(columns.close, columns.high, columns.low, columns.volume, columns.openAtMs);
  const result = outputColumn(length, out);
  const state = new Float64Array(stateSize(period));
  if (period === undefined) runSession(state, sessionMs, columns, result, 0, length);
  else runRolling(state, period, columns, result, 0, length);
  return result;
}

const input = {
  openAtMs: new Float64Array(1),
  high: new Float64Array(1),
  low: new Float64Array(1),
  close: new Float64Array(1),
  volume: new Float64Array(1),
};

/** {@link vwap} bar by bar: O(1) amortised, no allocation. */
export class Vwap extends StreamingIndicator {
  readonly #period: number | undefined;
  readonly #sessionMs: number;
  readonly #value: Float64Array;

  /** @throws ValidationError `indicator.period` */
  constructor(options: VwapOptions = {}) {
    const { period, sessionMs } = check(options);
    const value = new Float64Array(1);
    const session = sessionMs === dayMs ? 'session' : `session,${sessionMs}`;
    super({ name: `vwap(${period ?? session})`, stateSize: stateSize(period), outputs: [value] });
    this.#period = period;
    this.#sessionMs = sessionMs;
    this.#value = value;
  }

  /** The update as a function over numbers kept elsewhere; reads the first row of `columns`. */
  inPlace(columns: TimedPriceVolumeColumns): UpdateInPlace {
    const period = this.#period;
    const sessionMs = this.#sessionMs;
    const value = this.#value;
    const output = stateSize(period);
    return (numbers, at) => {
      if (period === undefined && steadyVwap(numbers, at, columns, sessionMs)) return;
      if (period === undefined) runSession(numbers, sessionMs, columns, value, 0, 1, at);
      else runRolling(numbers, period, columns, value, 0, 1, at);
      numbers[at + output] = value[0] ?? Number.NaN;
    };
  }

  /** Takes the next bar. */
  update(openAtMs: number, high: number, low: number, close: number, volume: number): void {
    input.openAtMs[0] = openAtMs;
    input.high[0] = high;
    input.low[0] = low;
    input.close[0] = close;
    input.volume[0] = volume;
    if (this.#period === undefined) runSession(this.state, this.#sessionMs, input, this.#value, 0, 1);
    else runRolling(this.state, this.#period, input, this.#value, 0, 1);
  }

  /** The average price. NaN while warming up or while nothing was traded. */
  get value(): number {
    return this.#value[0] ?? Number.NaN;
  }
}
