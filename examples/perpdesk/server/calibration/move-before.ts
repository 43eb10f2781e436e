import { moveBetween } from '@perpdesk/agents';
import { type MarketMove, type OpinionScore, type Timeframe, timeframeMs } from '@perpdesk/core';
import type { RecordedSeries } from './score-recording.ts';

/** What the market did over a view's horizon before the view, by the view's own band; undefined where a bar is missing. */
export function moveBeforeIn(
  markets: readonly RecordedSeries[],
  base: Timeframe,
): (score: OpinionScore) => MarketMove | undefined {
  const closes = new Map(
    markets.map(({ instrument, candles }) => [
      instrument.id,
      new Map(candles.map(({ openAtMs, close }) => [openAtMs + timeframeMs(base), close])),
    ]),
  );
  return ({ instrumentId, atMs, bars, timeframe, band, entryPrice }) => {
    const before = closes.get(instrumentId)?.get(atMs - bars * timeframeMs(timeframe));
    return before === undefined ? undefined : moveBetween(before, entryPrice, band);
  };
}
