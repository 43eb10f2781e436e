import { lengthOf, outputColumns, type PriceColumns } from './columns.ts';
import { checkFactor } from './factor.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link psar} and {@link Psar}. */
export interface PsarOptions {
  /** What the step grows by with each new extreme, and begins at. Default 0.02, above 0. */
  readonly acceleration?: number;
  /** The largest step. Default 0.2, above 0, at most 1. */
  readonly maximum?: number;
}

/** What {@link psar} gives: columns of the input's length. */
export interface PsarColumns {
  /** The stop: below the price in an upward trend, above it in a downward one. */
  readonly value: Float64Array;
  /** 1 upward, −1 downward. */
  readonly trend: Float64Array;
}

function check(options: PsarOptions): Required<PsarOptions> {
  return {
    acceleration: checkFactor('acceleration', options.acceleration ?? 0.02, 1),
    maximum: checkFactor('maximum', options.maximum ?? 0.2, 1),
  };
}

/** State: bars seen (up to 2), trend, the stop of the next bar, extreme of the trend, step, previous high and low. */
function runPsar(
  state: Float64Array,
  options: Required<PsarOptions>,
  columns: Pick<PriceColumns, 'high' | 'low'>,
  out: PsarColumns,
  from: number,
  to: number,
): void {
  const { maximum } = options;
  const acceleration = Math.min(options.acceleration, maximum);
  let seen = state[0] ?? 0;
  let trend = state[1] ?? 0;
  let stop = state[2] ?? 0;
  let extreme = state[3] ?? 0;
  let step = state[4] ?? 0;
  let previousHigh = state[5] ?? 0;
  let previousLow = state[6] ?? 0;
  for (let i = from; i < to; i += 1) {
    const high = columns.high[i] ?? Number.NaN;
    const low = columns.low[i] ?? Number.NaN;
    const both = high + low;
    out.value[i] = out.trend[i] = Number.NaN;
    if (both - both !== 0) {
      seen = trend = stop = extreme = step = 0;
      previousHigh = previousLow = 0;
      continue;
    }
    if (seen === 0) {
      seen = 1;
      previousHigh = high;
      previousLow = low;
      continue;
    }
    if (seen === 1) {
      seen = 2;
      const down = previousLow - low;
      trend = down > 0 && down > high - previousHigh ? -1 : 1;
      stop = trend > 0 ? previousLow : previousHigh;
      extreme = trend > 0 ? high : low;
      step = acceleration;
      // TA-Lib takes the second bar for its own predecessor from here on.
      previousHigh = high;
      previousLow = low;
    }
    const ceiling = Math.max(previousHigh, high);
    const floor = Math.min(previousLow, low);
    if (trend > 0 ? low <= stop : high >= stop) {
      stop = trend > 0 ? Math.max(extreme, ceiling) : Math.min(extreme, floor);
      trend = -trend;
      extreme = trend > 0 ? high : low;
      step = acceleration;
      out.value[i] = stop;
    } else {
      out.value[i] = stop;
      if (trend > 0 ? high > extreme : low < extreme) {
        extreme = trend > 0 ? high : low;
        step = Math.min(step + acceleration, maximum);
      }
    }
    out.trend[i] = trend;
    stop += step * (extreme - stop);
    stop = trend > 0 ? Math.min(stop, floor) : Math.max(stop, ceiling);
    previousHigh = high;
    previousLow = low;
  }
  state[0] = seen;
  state[1] = trend;
  state[2] = stop;
  state[3] = extreme;
  state[4] = step;
  state[5] = previousHigh;
  state[6] = previousLow;
}

/**
 * Parabolic stop and reverse (Wilder, New Concepts in Technical Trading Systems, 1978) as TA-Lib's SAR (ta_SAR.c): the
 * trend begins downward where the second bar moved further down than up. The first result is that of row 1; NaN before.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function psar(
  columns: Pick<PriceColumns, 'high' | 'low'>,
  options: PsarOptions = {},
  out?: PsarColumns,
): PsarColumns {
  const checked = check(options);
  const length = lengthOf(columns.high, columns.low);
  const column = outputColumns(length, 2);
  const result = {
    value: column(out?.value),
    trend: column(out?.trend),
  };
  runPsar(new Float64Array(7), checked, columns, result, 0, length);
  return result;
}

const input = { high: new Float64Array(1), low: new Float64Array(1) };

/** {@link psar} bar by bar: O(1), no allocation. */
export class Psar extends StreamingIndicator {
  readonly #options: Required<PsarOptions>;
  readonly #columns: PsarColumns;

  /** @throws ValidationError `indicator.period` */
  constructor(options: PsarOptions = {}) {
    const checked = check(options);
    const columns = { value: new Float64Array(1), trend: new Float64Array(1) };
    super({
      name: `psar(${checked.acceleration},${checked.maximum})`,
      stateSize: 7,
      outputs: [columns.value, columns.trend],
    });
    this.#options = checked;
    this.#columns = columns;
  }

  /** Takes the next bar. */
  update(high: number, low: number): void {
    input.high[0] = high;
    input.low[0] = low;
    runPsar(this.state, this.#options, input, this.#columns, 0, 1);
  }

  /**
   * The stop: below the price in an upward trend, above it in a downward one. NaN while warming up, like the others.
   */
  get value(): number {
    return this.#columns.value[0] ?? Number.NaN;
  }

  /** 1 upward, −1 downward. */
  get trend(): number {
    return this.#columns.trend[0] ?? Number.NaN;
  }
}
