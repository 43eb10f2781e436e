import { ValidationError } from '@perpdesk/core';
import { lengthOf, outputColumn, type PriceVolumeColumns } from './columns.ts';
import { checkPeriod } from './period.ts';
import { rollingSumSize, runRollingSum } from './rolling-sum.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

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

/** State: 1 once a bar was seen, the session's number, Σ price · volume, Σ volume. */
function runSession(
  state: Float64Array,
  sessionMs: number,
  columns: TimedPriceVolumeColumns,
  out: Float64Array,
  from: number,
  to: number,
): void {
  const { openAtMs, high, low, close, volume } = columns;
  let seen = state[0] ?? 0;
  let session = state[1] ?? 0;
  let turnover = state[2] ?? 0;
  let traded = state[3] ?? 0;
  for (let i = from; i < to; i += 1) {
    const present = Math.floor((openAtMs[i] ?? Number.NaN) / sessionMs);
    const size = volume[i] ?? Number.NaN;
    const price = ((high[i] ?? Number.NaN) + (low[i] ?? Number.NaN) + (close[i] ?? Number.NaN)) / 3;
    const all = price + size + present;
    if (seen === 0 || present !== session || all - all !== 0) {
      turnover = 0;
      traded = 0;
      seen = 0;
    }
    if (all - all !== 0) {
      out[i] = Number.NaN;
      continue;
    }
    seen = 1;
    session = present;
    turnover += price * size;
    traded += size;
    out[i] = traded === 0 ? Number.NaN : turnover / traded;
  }
  state[0] = seen;
  state[1] = session;
  state[2] = turnover;
  state[3] = traded;
}

const chunk = 512;
const turnovers = new Float64Array(chunk);
const volumes = new Float64Array(chunk);

/** State: those of two rolling sums, price · volume and volume. */
function runRolling(
  states: readonly [Float64Array, Float64Array],
  period: number,
  columns: PriceVolumeColumns,
  out: Float64Array,
  from: number,
  to: number,
): void {
  const { high, low, close, volume } = columns;
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
    runRollingSum(states[0], period, 1, turnovers, turnovers, 0, rows);
    runRollingSum(states[1], period, 1, volumes, volumes, 0, rows);
    for (let row = 0; row < rows; row += 1) {
      const traded = volumes[row] ?? Number.NaN;
      out[start + row] = traded === 0 ? Number.NaN : (turnovers[row] ?? Number.NaN) / traded;
    }
  }
}

const stateSize = (period: number | undefined): number =>
  period === undefined ? sessionStateSize : 2 * rollingSumSize(period);

const rollingStates = (state: Float64Array): readonly [Float64Array, Float64Array] => [
  state.subarray(0, state.length / 2),
  state.subarray(state.length / 2),
];

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
  else runRolling(rollingStates(state), period, columns, result, 0, length);
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
  readonly #states: readonly [Float64Array, Float64Array];
  readonly #value: Float64Array;

  /** @throws ValidationError `indicator.period` */
  constructor(options: VwapOptions = {}) {
    const { period, sessionMs } = check(options);
    const value = new Float64Array(1);
    const session = sessionMs === dayMs ? 'session' : `session,${sessionMs}`;
    super({ name: `vwap(${period ?? session})`, stateSize: stateSize(period), outputs: [value] });
    this.#period = period;
    this.#sessionMs = sessionMs;
    this.#states = rollingStates(this.state);
    this.#value = value;
  }

  /** Takes the next bar. */
  update(openAtMs: number, high: number, low: number, close: number, volume: number): void {
    input.openAtMs[0] = openAtMs;
    input.high[0] = high;
    input.low[0] = low;
    input.close[0] = close;
    input.volume[0] = volume;
    if (this.#period === undefined) runSession(this.state, this.#sessionMs, input, this.#value, 0, 1);
    else runRolling(this.#states, this.#period, input, this.#value, 0, 1);
  }

  /** The average price. NaN while warming up or while nothing was traded. */
  get value(): number {
    return this.#value[0] ?? Number.NaN;
  }
}
