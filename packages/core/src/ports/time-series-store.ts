import type { Candle, CandleColumns, CandleGap } from '../domain/candle.ts';
import type { InstrumentId } from '../domain/instrument.ts';
import type { FundingRate, OpenInterest } from '../domain/market-data.ts';
import type { Timeframe } from '../domain/timeframe.ts';

/** A span of a series: from inclusive, to exclusive, by open time. */
export interface SeriesRange {
  readonly instrumentId: InstrumentId;
  readonly timeframe: Timeframe;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Time series on disk. Writing the same bar again replaces it. Every method throws StoreError when the database fails. */
export interface TimeSeriesStore {
  writeCandles(candles: readonly Candle[], options?: { readonly signal?: AbortSignal }): Promise<void>;
  /** The bars of a range, oldest first. */
  readCandles(range: SeriesRange, options?: { readonly signal?: AbortSignal }): Promise<CandleColumns>;
  /** The last `limit` bars that are closed by `asOfMs`, oldest first. */
  latestCandles(
    series: {
      readonly instrumentId: InstrumentId;
      readonly timeframe: Timeframe;
      readonly asOfMs: number;
      readonly limit: number;
    },
    options?: { readonly signal?: AbortSignal },
  ): Promise<readonly Candle[]>;
  gaps(range: SeriesRange, options?: { readonly signal?: AbortSignal }): Promise<readonly CandleGap[]>;
  writeFunding(rates: readonly FundingRate[], options?: { readonly signal?: AbortSignal }): Promise<void>;
  writeOpenInterest(values: readonly OpenInterest[], options?: { readonly signal?: AbortSignal }): Promise<void>;
}
