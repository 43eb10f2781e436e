import { ValidationError } from '@perpdesk/core';
import { lengthOf, outputColumns } from './columns.ts';
import { checkFactor } from './factor.ts';
import { checkMilliseconds, dayMs } from './session.ts';
import { StreamingIndicator } from './streaming-indicator.ts';
import type { TimedPriceVolumeColumns } from './vwap.ts';

/** Options of {@link vwapBands} and {@link VwapBands}. */
export interface VwapBandsOptions {
  /** Distance of the bands in standard deviations. Default 1, above 0. */
  readonly deviations?: number;
  /** Length of a session; sessions begin at its multiples since the epoch, UTC. Default one day. */
  readonly sessionMs?: number;
  /**
   * Since the first bar that opens at this time (ms since the epoch) or later, whatever the session. Left out: by
   * session.
   */
  readonly anchorMs?: number;
}

/** What {@link vwapBands} gives: columns of the input's length, in price units. */
export interface VwapBandsColumns {
  /** The average plus the distance. */
  readonly upper: Float64Array;
  /** The volume-weighted average price. */
  readonly vwap: Float64Array;
  /** The average less the distance. */
  readonly lower: Float64Array;
}

interface CheckedOptions {
  readonly deviations: number;
  readonly sessionMs: number;
  readonly anchorMs: number | undefined;
}

function check({ deviations = 1, sessionMs = dayMs, anchorMs }: VwapBandsOptions): CheckedOptions {
  if (anchorMs !== undefined && !Number.isSafeInteger(anchorMs)) {
    throw new ValidationError('indicator.period', `anchorMs must be whole milliseconds, got ${anchorMs}.`);
  }
  return {
    deviations: checkFactor('deviations', deviations),
    sessionMs: checkMilliseconds('sessionMs', sessionMs),
    anchorMs,
  };
}

/** State: 1 once a bar was counted, the session's number, Σ volume, the average, Σ volume · (price − average)². */
function runVwapBands(
  state: Float64Array,
  options: CheckedOptions,
  columns: TimedPriceVolumeColumns,
  out: VwapBandsColumns,
  from: number,
  to: number,
): void {
  const { openAtMs, high, low, close, volume } = columns;
  const { deviations, sessionMs, anchorMs = Number.NEGATIVE_INFINITY } = options;
  const anchored = options.anchorMs !== undefined;
  let seen = state[0] ?? 0;
  let session = state[1] ?? 0;
  let traded = state[2] ?? 0;
  let average = state[3] ?? 0;
  let squares = state[4] ?? 0;
  for (let i = from; i < to; i += 1) {
    const openAt = openAtMs[i] ?? Number.NaN;
    const present = anchored ? 0 : Math.floor(openAt / sessionMs);
    const size = volume[i] ?? Number.NaN;
    const price = ((high[i] ?? Number.NaN) + (low[i] ?? Number.NaN) + (close[i] ?? Number.NaN)) / 3;
    const all = price + size + openAt;
    const finite = all - all === 0;
    out.upper[i] = out.vwap[i] = out.lower[i] = Number.NaN;
    if (seen === 0 || present !== session || !finite) seen = session = traded = average = squares = 0;
    if (!finite || openAt < anchorMs) continue;
    seen = 1;
    session = present;
    traded += size;
    if (traded === 0) continue;
    const distance = price - average;
    // As a share, which is exactly 1 for the first: its price is the average then, and the width 0.
    average += distance * (size / traded);
    squares += size * distance * (price - average);
    const width = deviations * Math.sqrt(Math.max(0, squares / traded));
    out.upper[i] = average + width;
    out.vwap[i] = average;
    out.lower[i] = average - width;
  }
  state[0] = seen;
  state[1] = session;
  state[2] = traded;
  state[3] = average;
  state[4] = squares;
}

/**
 * Volume-weighted average price with bands at a multiple of the volume-weighted standard deviation around it (as
 * TradingView's), since the session began or since an anchor. Typical prices, (high + low + close) / 3; the deviation
 * by West's update (1979), which keeps its digits at any height of the price. Results from row 0, or from the anchor;
 * NaN while nothing was traded. The first session, and an anchor before the data, count from where the data begins, and
 * after a number that is not finite from there.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function vwapBands(
  columns: TimedPriceVolumeColumns,
  options: VwapBandsOptions = {},
  out?: VwapBandsColumns,
): VwapBandsColumns {
  const checked = check(options);
  const length = lengthOf(columns.openAtMs, columns.high, columns.low, columns.close, columns.volume);
  const column = outputColumns(length, 3);
  const result = {
    upper: column(out?.upper),
    vwap: column(out?.vwap),
    lower: column(out?.lower),
  };
  runVwapBands(new Float64Array(5), checked, columns, result, 0, length);
  return result;
}

const input = {
  openAtMs: new Float64Array(1),
  high: new Float64Array(1),
  low: new Float64Array(1),
  close: new Float64Array(1),
  volume: new Float64Array(1),
};

/** {@link vwapBands} bar by bar: O(1), no allocation. */
export class VwapBands extends StreamingIndicator {
  readonly #options: CheckedOptions;
  readonly #columns: VwapBandsColumns;

  /** @throws ValidationError `indicator.period` */
  constructor(options: VwapBandsOptions = {}) {
    const checked = check(options);
    const columns = { upper: new Float64Array(1), vwap: new Float64Array(1), lower: new Float64Array(1) };
    const { deviations, sessionMs, anchorMs } = checked;
    const since = anchorMs === undefined ? `session,${sessionMs}` : `from ${anchorMs}`;
    super({
      name: `vwapBands(${deviations},${since})`,
      stateSize: 5,
      outputs: [columns.upper, columns.vwap, columns.lower],
    });
    this.#options = checked;
    this.#columns = columns;
  }

  /** Takes the next bar. */
  update(openAtMs: number, high: number, low: number, close: number, volume: number): void {
    input.openAtMs[0] = openAtMs;
    input.high[0] = high;
    input.low[0] = low;
    input.close[0] = close;
    input.volume[0] = volume;
    runVwapBands(this.state, this.#options, input, this.#columns, 0, 1);
  }

  /** The average plus the distance. NaN while warming up, like the others. */
  get upper(): number {
    return this.#columns.upper[0] ?? Number.NaN;
  }

  /** The volume-weighted average price. */
  get vwap(): number {
    return this.#columns.vwap[0] ?? Number.NaN;
  }

  /** The average less the distance. */
  get lower(): number {
    return this.#columns.lower[0] ?? Number.NaN;
  }
}
