import { type CandleColumns, ValidationError } from '@perpdesk/core';

/** Makes a column of one value per bar: value i may rest on bars 0 to i only. */
export type DeriveColumn = (candles: CandleColumns) => Float64Array;

/** How many bars of the beginning are derived again, alone. */
const prefixes = [37, 211, 1009];

/**
 * Derives columns and looks for look-ahead in them: each is derived again from beginnings of the candles alone, and must give
 * the same. That finds what shifts, centres, fits or scales over all bars; it is a sample, not a proof.
 * @throws ValidationError `backtest.look-ahead`, `backtest.column`
 */
export function causalColumns<Name extends string>(
  candles: CandleColumns,
  derive: Readonly<Record<Name, DeriveColumn>>,
): Record<Name, Float64Array> {
  const entries = Object.entries<DeriveColumn>(derive).map(([name, make]): [string, Float64Array] => {
    const column = make(candles);
    if (!(column instanceof Float64Array) || column.length !== candles.length)
      throw new ValidationError(
        'backtest.column',
        `Column ${name} does not have a number for each of ${candles.length} bars.`,
      );
    for (const length of prefixes)
      if (length < candles.length) compare(name, column, make(sliceCandles(candles, 0, length)));
    return [name, column];
  });
  return Object.fromEntries(entries) as Record<Name, Float64Array>;
}

/** The bars from one index to before another, on the same memory. */
export function sliceCandles(candles: CandleColumns, from: number, to: number): CandleColumns {
  return {
    length: Math.max(0, Math.min(to, candles.length) - from),
    openAtMs: candles.openAtMs.subarray(from, to),
    open: candles.open.subarray(from, to),
    high: candles.high.subarray(from, to),
    low: candles.low.subarray(from, to),
    close: candles.close.subarray(from, to),
    volume: candles.volume.subarray(from, to),
  };
}

function compare(name: string, column: Float64Array, alone: Float64Array): void {
  for (let i = 0; i < alone.length; i += 1) {
    const [known, later] = [alone[i] as number, column[i] as number];
    if (Number.isNaN(known) && Number.isNaN(later)) continue;
    if (Math.abs(known - later) <= 1e-9 * Math.max(1, Math.abs(known))) continue;
    throw new ValidationError(
      'backtest.look-ahead',
      `Column ${name} is ${known} at bar ${i} when ${alone.length} bars are known and ${later} when ${column.length} are.`,
    );
  }
}
