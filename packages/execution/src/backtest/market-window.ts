import { type CandleColumns, ValidationError } from '@perpdesk/core';

/** Reads a column as of the last closed bar: `ago` 0 is that bar, 1 the one before; NaN before the first. */
export type ColumnReader = (ago?: number) => number;

/** Which bar is the last that closed. Whoever runs a backtest moves it; a window only reads it. */
export interface BarCursor {
  index: number;
}

/**
 * What a strategy sees of the market: the bars that have closed, counted back from the last one. There is no way from it to
 * a later bar: a negative `ago` throws, and the columns behind it are private.
 */
export class MarketWindow<Column extends string = string> {
  /** Columns derived from the candles, by name. */
  readonly columns: Readonly<Record<Column, ColumnReader>>;
  readonly #cursor: BarCursor;
  readonly #openAtMs: Float64Array;
  readonly #open: Float64Array;
  readonly #high: Float64Array;
  readonly #low: Float64Array;
  readonly #close: Float64Array;
  readonly #volume: Float64Array;
  readonly #barMs: number;

  constructor(
    candles: CandleColumns,
    cursor: BarCursor,
    barMs: number,
    columns: Readonly<Record<Column, Float64Array>>,
  ) {
    this.#openAtMs = candles.openAtMs;
    this.#open = candles.open;
    this.#high = candles.high;
    this.#low = candles.low;
    this.#close = candles.close;
    this.#volume = candles.volume;
    this.#cursor = cursor;
    this.#barMs = barMs;
    this.columns = Object.freeze(
      Object.fromEntries(
        Object.entries<Float64Array>(columns).map(([name, column]): [string, ColumnReader] => [
          name,
          (ago = 0) => {
            const at = back(cursor.index, ago);
            return at < 0 ? Number.NaN : (column[at] as number);
          },
        ]),
      ),
    ) as Readonly<Record<Column, ColumnReader>>;
    Object.freeze(this);
  }

  /** How many bars have closed before the last one. */
  get index(): number {
    return this.#cursor.index;
  }

  /** When the last closed bar opened, ms UTC. */
  get openAtMs(): number {
    return this.#openAtMs[this.#cursor.index] as number;
  }

  /** When the last closed bar closed: the present, ms UTC. */
  get closedAtMs(): number {
    return this.openAtMs + this.#barMs;
  }

  open(ago = 0): number {
    const at = back(this.#cursor.index, ago);
    return at < 0 ? Number.NaN : (this.#open[at] as number);
  }

  high(ago = 0): number {
    const at = back(this.#cursor.index, ago);
    return at < 0 ? Number.NaN : (this.#high[at] as number);
  }

  low(ago = 0): number {
    const at = back(this.#cursor.index, ago);
    return at < 0 ? Number.NaN : (this.#low[at] as number);
  }

  close(ago = 0): number {
    const at = back(this.#cursor.index, ago);
    return at < 0 ? Number.NaN : (this.#close[at] as number);
  }

  volume(ago = 0): number {
    const at = back(this.#cursor.index, ago);
    return at < 0 ? Number.NaN : (this.#volume[at] as number);
  }
}

/** @throws ValidationError `backtest.look-ahead` for what has not closed, and for what is no whole number. */
function back(index: number, ago: number): number {
  if (ago >>> 0 !== ago) refuse(ago);
  return index - ago;
}

/** Apart, so that what is called several times a bar stays small. */
function refuse(ago: number): never {
  throw new ValidationError('backtest.look-ahead', `Bars are counted back from the last closed one, got ${ago}.`);
}
