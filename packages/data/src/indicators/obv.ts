import { lengthOf, outputColumn, type PriceVolumeColumns } from './columns.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

const stateSize = 3;

/** State: 1 once a bar was seen, the previous close, the balance. */
function runObv(
  state: Float64Array,
  closes: Float64Array,
  volumes: Float64Array,
  out: Float64Array,
  from: number,
  to: number,
): void {
  let seen = state[0] ?? 0;
  let previous = state[1] ?? 0;
  let balance = state[2] ?? 0;
  for (let i = from; i < to; i += 1) {
    const close = closes[i] ?? Number.NaN;
    const volume = volumes[i] ?? Number.NaN;
    const both = close + volume;
    if (both - both !== 0) {
      seen = 0;
      balance = 0;
      out[i] = Number.NaN;
      continue;
    }
    if (seen === 0) balance = volume;
    else if (close > previous) balance += volume;
    else if (close < previous) balance -= volume;
    seen = 1;
    previous = close;
    out[i] = balance;
  }
  state[0] = seen;
  state[1] = previous;
  state[2] = balance;
}

/**
 * On-balance volume (Granville, 1963) as TA-Lib's OBV (ta_OBV.c): begins with the first bar's volume, then adds the volume
 * of bars that close higher and takes off that of bars that close lower. Only its changes mean something: its height
 * depends on where the series begins. Results from row 0.
 * @throws ValidationError `indicator.columns`
 */
export function obv(columns: Pick<PriceVolumeColumns, 'close' | 'volume'>, out?: Float64Array): Float64Array {
  const length = lengthOf(columns.close, columns.volume);
  const result = outputColumn(length, out);
  runObv(new Float64Array(stateSize), columns.close, columns.volume, result, 0, length);
  return result;
}

const closeInput = new Float64Array(1);
const volumeInput = new Float64Array(1);

/** {@link obv} bar by bar: O(1), no allocation. */
export class Obv extends StreamingIndicator {
  readonly #value: Float64Array;

  constructor() {
    const value = new Float64Array(1);
    super({ name: 'obv', stateSize, outputs: [value] });
    this.#value = value;
  }

  /** Takes the next bar. */
  update(close: number, volume: number): void {
    closeInput[0] = close;
    volumeInput[0] = volume;
    runObv(this.state, closeInput, volumeInput, this.#value, 0, 1);
  }

  /** The balance after the last bar, in units of volume. NaN before the first. */
  get value(): number {
    return this.#value[0] ?? Number.NaN;
  }
}
