import type { Candle, CandleColumns, CandleGap } from '../domain/candle.ts';
import type { InstrumentId } from '../domain/instrument.ts';
import type { Timeframe } from '../domain/timeframe.ts';

/** A span of a series: from inclusive, to exclusive, by open time. */
export interface SeriesRange {
  readonly instrumentId: InstrumentId;
  readonly timeframe: Timeframe;
  readonly fromMs: number;
  readonly toMs: number;
}

/** What a write did; the three sum to the rows that were handed in. */
export interface WriteOutcome {
  readonly inserted: number;
  /** Rows whose key was there with other values. */
  readonly replaced: number;
  /** Rows that were there already, or that a later row of the same call stands for. */
  readonly unchanged: number;
}

/**
 * Bars on disk. Writing the same bar again changes nothing, another bar of the same open time replaces it. A bar is known
 * once it closed: what takes `asOfMs` never gives one that was still open then. Every method throws StoreError when the
 * database fails, and the signal's reason when aborted.
 */
export interface TimeSeriesStore {
  /** @throws ValidationError `store.value` for a number that is not finite. */
  writeCandles(candles: readonly Candle[], options?: { readonly signal?: AbortSignal }): Promise<WriteOutcome>;
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
  /** The newest bar of every series that is closed by `asOfMs`, by instrument, then shortest timeframe first. */
  newestCandles(
    query: { readonly asOfMs: number; readonly timeframe?: Timeframe },
    options?: { readonly signal?: AbortSignal },
  ): Promise<readonly Candle[]>;
  /**
   * A range as bars of a higher timeframe, oldest first: only those that lie wholly inside the range and whose every base
   * bar is there, so that a bar is never half of one.
   * @throws ValidationError `store.timeframe` unless `to` is a whole multiple of the range's timeframe.
   */
  downsampleCandles(
    range: SeriesRange & { readonly to: Timeframe },
    options?: { readonly signal?: AbortSignal },
  ): Promise<CandleColumns>;
  /** The bars that a range lacks between its first and its last one. */
  gaps(range: SeriesRange, options?: { readonly signal?: AbortSignal }): Promise<readonly CandleGap[]>;
}
