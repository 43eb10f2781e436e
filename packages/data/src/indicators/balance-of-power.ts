import { lengthOf, outputColumn } from './columns.ts';
import type { OpenPriceColumns } from './open-columns.ts';
import { StreamingIndicator } from './streaming-indicator.ts';

function runBalanceOfPower(columns: OpenPriceColumns, out: Float64Array, from: number, to: number): void {
  for (let i = from; i < to; i += 1) {
    const range = (columns.high[i] ?? Number.NaN) - (columns.low[i] ?? Number.NaN);
    const body = (columns.close[i] ?? Number.NaN) - (columns.open[i] ?? Number.NaN);
    const balance = range === 0 ? body * 0 : body / range;
    out[i] = balance - balance === 0 ? balance : Number.NaN;
  }
}

/**
 * Balance of power (Igor Livshin, 2001) as TA-Lib's BOP (ta_BOP.c): (close − open) / (high − low), −1 to 1, 0 for a bar
 * without range. Results from row 0.
 * @throws ValidationError `indicator.columns`
 */
export function balanceOfPower(columns: OpenPriceColumns, out?: Float64Array): Float64Array {
  const length = lengthOf(columns.open, columns.high, columns.low, columns.close);
  const result = outputColumn(length, out);
  runBalanceOfPower(columns, result, 0, length);
  return result;
}

const input = {
  open: new Float64Array(1),
  high: new Float64Array(1),
  low: new Float64Array(1),
  close: new Float64Array(1),
};

/** {@link balanceOfPower} bar by bar: O(1), no allocation. */
export class BalanceOfPower extends StreamingIndicator {
  readonly #value: Float64Array;

  constructor() {
    const value = new Float64Array(1);
    super({ name: 'balanceOfPower', stateSize: 0, outputs: [value] });
    this.#value = value;
  }

  /** Takes the next bar. */
  update(open: number, high: number, low: number, close: number): void {
    input.open[0] = open;
    input.high[0] = high;
    input.low[0] = low;
    input.close[0] = close;
    runBalanceOfPower(input, this.#value, 0, 1);
  }

  /** −1 to 1. NaN before the first bar. */
  get value(): number {
    return this.#value[0] ?? Number.NaN;
  }
}
