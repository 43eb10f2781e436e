import { lengthOf, outputColumn, type PriceVolumeColumns } from './columns.ts';
import { StreamingIndicator, type UpdateInPlace } from './streaming-indicator.ts';

const stateSize = 3;

/**
 * The volume with the sign of the change. Comparisons as numbers: which way a bar closes can't be predicted, and a mispredicted
 * branch costs more than all the rest.
 */
const signed = (volume: number, close: number, previous: number): number =>
  volume * (Number(close > previous) - Number(close < previous));

/** State: 1 once a bar was seen, the previous close, the balance. */
function runObv(
  state: Float64Array,
  closes: Float64Array,
  volumes: Float64Array,
  out: Float64Array,
  from: number,
  to: number,
  at = 0,
): void {
  let seen = state[at] ?? 0;
  let previous = state[at + 1] ?? 0;
  let balance = state[at + 2] ?? 0;
  let i = from;
  while (i < to) {
    for (; i < to && seen === 0; i += 1) {
      const close = closes[i] ?? Number.NaN;
      const volume = volumes[i] ?? Number.NaN;
      const both = close + volume;
      const finite = both - both === 0;
      seen = finite ? 1 : 0;
      balance = finite ? volume : 0;
      previous = finite ? close : previous;
      out[i] = finite ? balance : Number.NaN;
    }
    for (; i < to; i += 1) {
      const close = closes[i] ?? Number.NaN;
      const volume = volumes[i] ?? Number.NaN;
      const both = close + volume;
      if (both - both !== 0) {
        seen = balance = 0;
        break;
      }
      balance += signed(volume, close, previous);
      previous = close;
      out[i] = balance;
    }
  }
  state[at] = seen;
  state[at + 1] = previous;
  state[at + 2] = balance;
}

/** The next row of a balance that has begun, in place, see `streaming-indicator.ts`. */
export function steadyObv(
  numbers: Float64Array,
  at: number,
  bars: Pick<PriceVolumeColumns, 'close' | 'volume'>,
): boolean {
  const close = bars.close[0] ?? Number.NaN;
  const volume = bars.volume[0] ?? Number.NaN;
  const both = close + volume;
  if (numbers[at] !== 1 || both - both !== 0) return false;
  const balance = (numbers[at + 2] ?? 0) + signed(volume, close, numbers[at + 1] ?? 0);
  numbers[at + 1] = close;
  numbers[at + 2] = balance;
  numbers[at + stateSize] = balance;
  return true;
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

  /** The update as a function over numbers kept elsewhere; reads the first row of `columns`. */
  inPlace(columns: Pick<PriceVolumeColumns, 'close' | 'volume'>): UpdateInPlace {
    const value = this.#value;
    return (numbers, at) => {
      if (steadyObv(numbers, at, columns)) return;
      runObv(numbers, columns.close, columns.volume, value, 0, 1, at);
      numbers[at + stateSize] = value[0] ?? Number.NaN;
    };
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
