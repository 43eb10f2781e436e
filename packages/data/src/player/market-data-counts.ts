/** What a MarketDataService was given since it began. */
export interface MarketDataCounts {
  /** 1m bars taken. */
  candles: number;
  /** Holes in 1m bars. */
  gaps: number;
  /** The 1m bars that the holes lack. */
  missingCandles: number;
  /** Higher bars that lacked minutes and were skipped. */
  partialBars: number;
  /** 1m bars that came again, value for value. */
  duplicates: number;
  /** 1m bars older than the newest: refused. */
  late: number;
  /** The newest 1m bar again with other values: refused. */
  conflicting: number;
  /** Refused: impossible numbers, a base other than 1m, an instrument that is not listed. */
  invalid: number;
}

/** Counts that begin. */
export const noCounts = (): MarketDataCounts => ({
  candles: 0,
  gaps: 0,
  missingCandles: 0,
  partialBars: 0,
  duplicates: 0,
  late: 0,
  conflicting: 0,
  invalid: 0,
});
