import { ValidationError } from '@perpdesk/core';
import { lengthOf, outputColumns, type PriceColumns } from './columns.ts';
import { checkMilliseconds, dayMs } from './session.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link pivotPoints} and {@link PivotPoints}. */
export interface PivotPointsOptions {
  /** How levels are derived from high, low and close of the session before. Default `classic`. */
  readonly kind?: 'classic' | 'fibonacci' | 'camarilla';
  /** Length of a session; sessions begin at its multiples since the epoch, UTC. Default one day. */
  readonly sessionMs?: number;
}

/** Bars with their times, without volume. `CandleColumns` of core is one. */
export interface TimedPriceColumns extends PriceColumns {
  readonly openAtMs: Float64Array;
}

/** What {@link pivotPoints} gives: columns of the input's length, in price units. */
export interface PivotPointsColumns {
  /** (high + low + close) / 3. */
  readonly pivot: Float64Array;
  /** R1 and up: three levels, of `camarilla` four. */
  readonly resistance: readonly Float64Array[];
  /** S1 and down, as many. */
  readonly support: readonly Float64Array[];
}

/** How far each level lies from its base, in ranges of the session before; of classic ones only how many there are. */
const distances = {
  classic: [0, 0, 0],
  fibonacci: [0.382, 0.618, 1],
  camarilla: [1.1 / 12, 1.1 / 6, 1.1 / 4, 1.1 / 2],
} as const;

const stateSize = 10;

/**
 * State: 1 once a bar was seen, the session's number, 1 where it was seen from its beginning, its high, low and close;
 * 1 once a whole session was seen, and the high, low and close of the last one.
 */
function runPivotPoints(
  state: Float64Array,
  { kind, sessionMs }: Required<PivotPointsOptions>,
  columns: TimedPriceColumns,
  out: PivotPointsColumns,
  from: number,
  to: number,
): void {
  for (let i = from; i < to; i += 1) {
    const openAt = columns.openAtMs[i] ?? Number.NaN;
    const high = columns.high[i] ?? Number.NaN;
    const low = columns.low[i] ?? Number.NaN;
    const close = columns.close[i] ?? Number.NaN;
    const all = openAt + high + low + close;
    if (all - all !== 0) {
      state.fill(0);
      writeLevels(state, kind, out, i);
      continue;
    }
    const session = Math.floor(openAt / sessionMs);
    const isFirst = state[0] === 0;
    if (isFirst || session !== state[1]) {
      if (state[2] === 1) {
        state[6] = 1;
        state.copyWithin(7, 3, 6);
      }
      state[0] = 1;
      state[1] = session;
      state[2] = !isFirst || openAt % sessionMs === 0 ? 1 : 0;
      state[3] = high;
      state[4] = low;
    }
    state[3] = Math.max(state[3] ?? 0, high);
    state[4] = Math.min(state[4] ?? 0, low);
    state[5] = close;
    writeLevels(state, kind, out, i);
  }
}

function writeLevels(state: Float64Array, kind: keyof typeof distances, out: PivotPointsColumns, i: number): void {
  const known = state[6] === 1;
  const high = known ? (state[7] ?? 0) : Number.NaN;
  const low = known ? (state[8] ?? 0) : Number.NaN;
  const close = known ? (state[9] ?? 0) : Number.NaN;
  const range = high - low;
  const pivot = (high + low + close) / 3;
  const base = kind === 'camarilla' ? close : pivot;
  const steps = distances[kind];
  out.pivot[i] = pivot;
  for (let level = 0; level < steps.length; level += 1) {
    const resistance = out.resistance[level];
    const support = out.support[level];
    if (resistance === undefined || support === undefined) continue;
    if (kind === 'classic') {
      // R1 = 2P − L, R2 = P + range, R3 = 2P + H − 2L, and mirrored below.
      resistance[i] = level === 0 ? 2 * pivot - low : level === 1 ? pivot + range : 2 * pivot + high - 2 * low;
      support[i] = level === 0 ? 2 * pivot - high : level === 1 ? pivot - range : 2 * pivot + low - 2 * high;
    } else {
      resistance[i] = base + range * (steps[level] ?? 0);
      support[i] = base - range * (steps[level] ?? 0);
    }
  }
}

function check({ kind = 'classic', sessionMs = dayMs }: PivotPointsOptions): Required<PivotPointsOptions> {
  if (!Object.hasOwn(distances, kind)) {
    throw new ValidationError('indicator.kind', `kind must be classic, fibonacci or camarilla, got ${String(kind)}.`);
  }
  return { kind, sessionMs: checkMilliseconds('sessionMs', sessionMs) };
}

/**
 * Pivot points of the session before, the same all through a session: classic (floor traders'; TradingView's
 * Traditional, Skender's Standard), with Fibonacci's shares of the range around the same pivot, or Nick Stott's
 * Camarilla around the close (1989). NaN until a whole session has passed: one that the data enters after its beginning
 * does not count, nor does one with a number that is not finite. A session without bars is passed over: the last one
 * with bars counts.
 * @throws ValidationError `indicator.period`, `indicator.kind`, `indicator.columns`
 */
export function pivotPoints(
  columns: TimedPriceColumns,
  options: PivotPointsOptions = {},
  out?: PivotPointsColumns,
): PivotPointsColumns {
  const checked = check(options);
  const length = lengthOf(columns.close, columns.high, columns.low, columns.openAtMs);
  const column = outputColumns(length, 1 + 2 * distances[checked.kind].length);
  const result = {
    pivot: column(out?.pivot),
    resistance: distances[checked.kind].map((_, level) => column(out?.resistance[level])),
    support: distances[checked.kind].map((_, level) => column(out?.support[level])),
  };
  runPivotPoints(new Float64Array(stateSize), checked, columns, result, 0, length);
  return result;
}

const input = {
  openAtMs: new Float64Array(1),
  high: new Float64Array(1),
  low: new Float64Array(1),
  close: new Float64Array(1),
};

/** {@link pivotPoints} bar by bar: O(1), no allocation. */
export class PivotPoints extends StreamingIndicator {
  readonly #options: Required<PivotPointsOptions>;
  readonly #columns: PivotPointsColumns;

  /** @throws ValidationError `indicator.period`, `indicator.kind` */
  constructor(options: PivotPointsOptions = {}) {
    const checked = check(options);
    const columns = {
      pivot: new Float64Array(1),
      resistance: distances[checked.kind].map(() => new Float64Array(1)),
      support: distances[checked.kind].map(() => new Float64Array(1)),
    };
    const session = checked.sessionMs === dayMs ? 'session' : `session,${checked.sessionMs}`;
    super({
      name: `pivotPoints(${checked.kind},${session})`,
      stateSize,
      outputs: [columns.pivot, ...columns.resistance, ...columns.support],
    });
    this.#options = checked;
    this.#columns = columns;
  }

  /** Takes the next bar. */
  update(openAtMs: number, high: number, low: number, close: number): void {
    input.openAtMs[0] = openAtMs;
    input.high[0] = high;
    input.low[0] = low;
    input.close[0] = close;
    runPivotPoints(this.state, this.#options, input, this.#columns, 0, 1);
  }

  /** (high + low + close) / 3 of the session before. NaN until a whole one has passed, like the others. */
  get pivot(): number {
    return this.#columns.pivot[0] ?? Number.NaN;
  }

  /** R1 with level 1, and so on; NaN for a level the kind does not have. */
  resistance(level: number): number {
    return this.#columns.resistance[level - 1]?.[0] ?? Number.NaN;
  }

  /** S1 with level 1, and so on. */
  support(level: number): number {
    return this.#columns.support[level - 1]?.[0] ?? Number.NaN;
  }
}
