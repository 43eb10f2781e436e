import type { Candle, CandleColumns, InstrumentId, Timeframe } from '@perpdesk/core';

/** The seven numbers of a bar in a {@link CandleBuffer}, in the order they lie in. */
const names = ['openAtMs', 'open', 'high', 'low', 'close', 'volume'] as const;
type Column = (typeof names)[number];

/** Bars of one series as columns that grow by doubling. Holds numbers only: 48 bytes a bar. */
export class CandleBuffer implements CandleColumns {
  length = 0;
  openAtMs: Float64Array;
  open: Float64Array;
  high: Float64Array;
  low: Float64Array;
  close: Float64Array;
  volume: Float64Array;

  /** @param capacity bars that fit before it grows. Default 1,024. */
  constructor(capacity = 1024) {
    const column = (): Float64Array => new Float64Array(Math.max(1, capacity));
    this.openAtMs = column();
    this.open = column();
    this.high = column();
    this.low = column();
    this.close = column();
    this.volume = column();
  }

  /** Adds a bar at the end. */
  push(openAtMs: number, open: number, high: number, low: number, close: number, volume: number): void {
    if (this.length === this.openAtMs.length) this.#grow();
    const at = this.length;
    this.openAtMs[at] = openAtMs;
    this.open[at] = open;
    this.high[at] = high;
    this.low[at] = low;
    this.close[at] = close;
    this.volume[at] = volume;
    this.length += 1;
  }

  /** The bar at an index as an object. */
  candle(series: { readonly instrumentId: InstrumentId; readonly timeframe: Timeframe }, index: number): Candle {
    return candleAt(this, series, index);
  }

  /** The columns cut to their length: views, not copies. */
  columns(): CandleColumns {
    const cut = (name: Column): Float64Array => this[name].subarray(0, this.length);
    return {
      length: this.length,
      openAtMs: cut('openAtMs'),
      open: cut('open'),
      high: cut('high'),
      low: cut('low'),
      close: cut('close'),
      volume: cut('volume'),
    };
  }

  #grow(): void {
    for (const name of names) {
      const larger = new Float64Array(this[name].length * 2);
      larger.set(this[name]);
      this[name] = larger;
    }
  }
}

/**
 * One bar of columns as an object.
 * @throws RangeError when there is no bar at the index.
 */
export function candleAt(
  columns: CandleColumns,
  series: { readonly instrumentId: InstrumentId; readonly timeframe: Timeframe },
  index: number,
): Candle {
  if (!(index >= 0 && index < columns.length)) throw new RangeError(`There is no bar ${index} of ${columns.length}.`);
  return {
    instrumentId: series.instrumentId,
    timeframe: series.timeframe,
    openAtMs: columns.openAtMs[index] ?? Number.NaN,
    open: columns.open[index] ?? Number.NaN,
    high: columns.high[index] ?? Number.NaN,
    low: columns.low[index] ?? Number.NaN,
    close: columns.close[index] ?? Number.NaN,
    volume: columns.volume[index] ?? Number.NaN,
  };
}
