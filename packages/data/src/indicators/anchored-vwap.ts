import { ValidationError } from '@perpdesk/core';
import { lengthOf, outputColumn } from './columns.ts';
import { StreamingIndicator } from './streaming-indicator.ts';
import type { TimedPriceVolumeColumns } from './vwap.ts';

/** Options of {@link anchoredVwap} and {@link AnchoredVwap}. */
export interface AnchoredVwapOptions {
  /** The first bar that counts is the first that opens at this time (ms since the epoch) or later. */
  readonly anchorMs: number;
}

function check({ anchorMs }: AnchoredVwapOptions): AnchoredVwapOptions {
  if (Number.isSafeInteger(anchorMs)) return { anchorMs };
  throw new ValidationError('indicator.period', `anchorMs must be whole milliseconds, got ${anchorMs}.`);
}

/** State: Σ price · volume, Σ volume. */
function runAnchoredVwap(
  state: Float64Array,
  options: AnchoredVwapOptions,
  columns: TimedPriceVolumeColumns,
  out: Float64Array,
  from: number,
  to: number,
): void {
  const { openAtMs, high, low, close, volume } = columns;
  let turnover = state[0] ?? 0;
  let traded = state[1] ?? 0;
  for (let i = from; i < to; i += 1) {
    const openAt = openAtMs[i] ?? Number.NaN;
    const size = volume[i] ?? Number.NaN;
    const price = ((high[i] ?? Number.NaN) + (low[i] ?? Number.NaN) + (close[i] ?? Number.NaN)) / 3;
    const all = price * size + openAt;
    if (all - all !== 0) turnover = traded = 0;
    else if (openAt >= options.anchorMs) {
      turnover += price * size;
      traded += size;
    }
    out[i] = traded === 0 ? Number.NaN : turnover / traded;
  }
  state[0] = turnover;
  state[1] = traded;
}

/**
 * Volume-weighted average price since an anchor: Σ typical price · volume / Σ volume, the typical price being (high +
 * low + close) / 3, from the first bar that opens at the anchor or later (an idea of Paul Levine's MIDAS, 1995; in
 * Brian Shannon's form). NaN before the anchor and while nothing was traded since. With an anchor before the data it
 * counts from where the data begins, and after a number that is not finite from there.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function anchoredVwap(
  columns: TimedPriceVolumeColumns,
  options: AnchoredVwapOptions,
  out?: Float64Array,
): Float64Array {
  const checked = check(options);
  const length = lengthOf(columns.openAtMs, columns.high, columns.low, columns.close, columns.volume);
  const result = outputColumn(length, out);
  runAnchoredVwap(new Float64Array(2), checked, columns, result, 0, length);
  return result;
}

const input = {
  openAtMs: new Float64Array(1),
  high: new Float64Array(1),
  low: new Float64Array(1),
  close: new Float64Array(1),
  volume: new Float64Array(1),
};

/** {@link anchoredVwap} bar by bar: O(1), no allocation. */
export class AnchoredVwap extends StreamingIndicator {
  readonly #options: AnchoredVwapOptions;
  readonly #value: Float64Array;

  /** @throws ValidationError `indicator.period` */
  constructor(options: AnchoredVwapOptions) {
    const checked = check(options);
    const value = new Float64Array(1);
    super({ name: `anchoredVwap(${checked.anchorMs})`, stateSize: 2, outputs: [value] });
    this.#options = checked;
    this.#value = value;
  }

  /** Takes the next bar. */
  update(openAtMs: number, high: number, low: number, close: number, volume: number): void {
    input.openAtMs[0] = openAtMs;
    input.high[0] = high;
    input.low[0] = low;
    input.close[0] = close;
    input.volume[0] = volume;
    runAnchoredVwap(this.state, this.#options, input, this.#value, 0, 1);
  }

  /** In price units. NaN before the anchor or while nothing was traded since. */
  get value(): number {
    return this.#value[0] ?? Number.NaN;
  }
}
