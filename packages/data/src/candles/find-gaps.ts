import { type CandleGap, type InstrumentId, type Timeframe, timeframeMs } from '@perpdesk/core';

/**
 * The holes between bars of one series.
 * @param openAtMs when the bars open, ascending; only the first `length` are read.
 * @returns each hole from the first missing bar's open to the open of the next present one, oldest first.
 */
export function findGaps(
  series: { readonly instrumentId: InstrumentId; readonly timeframe: Timeframe },
  openAtMs: ArrayLike<number>,
  length: number = openAtMs.length,
): CandleGap[] {
  const { instrumentId, timeframe } = series;
  const durationMs = timeframeMs(timeframe);
  const gaps: CandleGap[] = [];
  for (let i = 1; i < length; i += 1) {
    const fromMs = (openAtMs[i - 1] ?? 0) + durationMs;
    const toMs = openAtMs[i] ?? 0;
    if (toMs > fromMs)
      gaps.push({ instrumentId, timeframe, fromMs, toMs, missing: Math.round((toMs - fromMs) / durationMs) });
  }
  return gaps;
}
