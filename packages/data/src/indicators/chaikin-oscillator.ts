import { moneyFlow } from './adl.ts';
import { lengthOf, outputColumn, type PriceVolumeColumns } from './columns.ts';
import { emaWeight } from './exponential.ts';
import { checkPeriod } from './period.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

/** Options of {@link chaikinOscillator} and {@link ChaikinOscillator}. */
export interface ChaikinOscillatorOptions {
  /** Bars of the fast average of the line. Default 3. */
  readonly fast?: number;
  /** Bars of the slow one. Default 10. */
  readonly slow?: number;
}

function check(options: ChaikinOscillatorOptions): Required<ChaikinOscillatorOptions> {
  return {
    fast: checkPeriod('fast', options.fast ?? 3),
    slow: checkPeriod('slow', options.slow ?? 10),
  };
}

/** State: bars seen (up to the longer period), the line, its fast and slow average. */
function runChaikinOscillator(
  state: Float64Array,
  options: Required<ChaikinOscillatorOptions>,
  columns: PriceVolumeColumns,
  out: Float64Array,
  from: number,
  to: number,
): void {
  const { high, low, close, volume } = columns;
  const fastWeight = emaWeight(options.fast);
  const slowWeight = emaWeight(options.slow);
  const warmUp = Math.max(options.fast, options.slow);
  let seen = state[0] ?? 0;
  let line = state[1] ?? 0;
  let fast = state[2] ?? 0;
  let slow = state[3] ?? 0;
  for (let i = from; i < to; i += 1) {
    const flow = moneyFlow(
      high[i] ?? Number.NaN,
      low[i] ?? Number.NaN,
      close[i] ?? Number.NaN,
      volume[i] ?? Number.NaN,
    );
    if (flow - flow !== 0) {
      seen = line = fast = slow = 0;
      out[i] = Number.NaN;
      continue;
    }
    line += flow;
    fast = seen === 0 ? line : fast + (line - fast) * fastWeight;
    slow = seen === 0 ? line : slow + (line - slow) * slowWeight;
    if (seen < warmUp) seen += 1;
    out[i] = seen === warmUp ? fast - slow : Number.NaN;
  }
  state[0] = seen;
  state[1] = line;
  state[2] = fast;
  state[3] = slow;
}

/**
 * Chaikin oscillator (Marc Chaikin) as TA-Lib's ADOSC (ta_ADOSC.c): the fast less the slow exponential average of the
 * accumulation/distribution line, both begun at its first value. The first result is that of row max(fast, slow) − 1;
 * NaN before.
 * @throws ValidationError `indicator.period`, `indicator.columns`
 */
export function chaikinOscillator(
  columns: PriceVolumeColumns,
  options: ChaikinOscillatorOptions = {},
  out?: Float64Array,
): Float64Array {
  const checked = check(options);
  const length = lengthOf(columns.high, columns.low, columns.close, columns.volume);
  const result = outputColumn(length, out);
  runChaikinOscillator(new Float64Array(4), checked, columns, result, 0, length);
  return result;
}

const input = {
  high: new Float64Array(1),
  low: new Float64Array(1),
  close: new Float64Array(1),
  volume: new Float64Array(1),
};

/** {@link chaikinOscillator} bar by bar: O(1), no allocation. */
export class ChaikinOscillator extends StreamingIndicator {
  readonly #options: Required<ChaikinOscillatorOptions>;
  readonly #value: Float64Array;

  /** @throws ValidationError `indicator.period` */
  constructor(options: ChaikinOscillatorOptions = {}) {
    const checked = check(options);
    const value = new Float64Array(1);
    super({ name: `chaikinOscillator(${checked.fast},${checked.slow})`, stateSize: 4, outputs: [value] });
    this.#options = checked;
    this.#value = value;
  }

  /** Takes the next bar. */
  update(high: number, low: number, close: number, volume: number): void {
    input.high[0] = high;
    input.low[0] = low;
    input.close[0] = close;
    input.volume[0] = volume;
    runChaikinOscillator(this.state, this.#options, input, this.#value, 0, 1);
  }

  /** In units of volume. NaN while warming up. */
  get value(): number {
    return this.#value[0] ?? Number.NaN;
  }
}
