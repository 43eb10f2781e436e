import { lengthOf, outputColumn, type PriceVolumeColumns } from './columns.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/**
 * What a bar adds to the line: its volume times where it closes, from −1 at the low to 1 at the high; 0 for a bar
 * without range. NaN where a number is not finite.
 */
export function moneyFlow(high: number, low: number, close: number, volume: number): number {
  const range = high - low;
  const flow = range === 0 ? close * 0 : (volume * (close - low - (high - close))) / range;
  return flow + volume * 0;
}

/** State: the line. */
function runAdl(state: Float64Array, columns: PriceVolumeColumns, out: Float64Array, from: number, to: number): void {
  const { high, low, close, volume } = columns;
  let line = state[0] ?? 0;
  for (let i = from; i < to; i += 1) {
    const flow = moneyFlow(
      high[i] ?? Number.NaN,
      low[i] ?? Number.NaN,
      close[i] ?? Number.NaN,
      volume[i] ?? Number.NaN,
    );
    const finite = flow - flow === 0;
    line = finite ? line + flow : 0;
    out[i] = finite ? line : Number.NaN;
  }
  state[0] = line;
}

/**
 * Accumulation/distribution line (Marc Chaikin) as TA-Lib's AD (ta_AD.c): the running sum of volume times where each
 * bar closes in its range, from −1 at the low to 1 at the high. Only its changes mean something: its height depends on
 * where the series begins. Results from row 0.
 * @throws ValidationError `indicator.columns`
 */
export function adl(columns: PriceVolumeColumns, out?: Float64Array): Float64Array {
  const length = lengthOf(columns.high, columns.low, columns.close, columns.volume);
  const result = outputColumn(length, out);
  runAdl(new Float64Array(1), columns, result, 0, length);
  return result;
}

const input = {
  high: new Float64Array(1),
  low: new Float64Array(1),
  close: new Float64Array(1),
  volume: new Float64Array(1),
};

/** {@link adl} bar by bar: O(1), no allocation. */
export class Adl extends StreamingIndicator {
  readonly #value: Float64Array;

  constructor() {
    const value = new Float64Array(1);
    super({ name: 'adl', stateSize: 1, outputs: [value] });
    this.#value = value;
  }

  /** Takes the next bar. */
  update(high: number, low: number, close: number, volume: number): void {
    input.high[0] = high;
    input.low[0] = low;
    input.close[0] = close;
    input.volume[0] = volume;
    runAdl(this.state, input, this.#value, 0, 1);
  }

  /** The line after the last bar, in units of volume. NaN before the first. */
  get value(): number {
    return this.#value[0] ?? Number.NaN;
  }
}
