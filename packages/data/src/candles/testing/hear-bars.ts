import type { Candle, CandleGap, InstrumentId, Timeframe, Trade } from '@perpdesk/core';
import type { CorrectionReason } from '../bar-listener.ts';
import type { SkippedBar } from '../candle-rollup.ts';

export const instrumentId: InstrumentId = 'BTC-PERP@test';
export const midnight = Date.UTC(2026, 0, 5);
export const minuteMs = 60_000;

let nextId = 0;
/** A trade `seconds` after midnight. */
export const trade = (seconds: number, price: number, changes: Partial<Trade> = {}): Trade => {
  nextId += 1;
  const exchangeAtMs = midnight + seconds * 1000;
  return {
    instrumentId,
    id: `t${nextId}`,
    side: 'buy',
    price,
    size: 1,
    exchangeAtMs,
    receivedAtMs: exchangeAtMs + 50,
    ...changes,
  };
};

/** Keeps what a bar listener is told. */
export function hearBars() {
  const closed: Candle[] = [];
  const corrected: [Candle, CorrectionReason][] = [];
  const skipped: SkippedBar[] = [];
  const gaps: CandleGap[] = [];
  const listener = {
    closed: (candle: Candle) => void closed.push(candle),
    corrected: (candle: Candle, reason: CorrectionReason) => void corrected.push([candle, reason]),
    skipped: (bar: SkippedBar) => void skipped.push(bar),
    gapped: (gap: CandleGap) => void gaps.push(gap),
  };
  const of = (timeframe: Timeframe) => closed.filter((bar) => bar.timeframe === timeframe);
  return { closed, corrected, skipped, gaps, listener, of };
}

/** Which minute of the day a bar opens at. */
export const minuteOf = (bar: { readonly openAtMs: number }): number => (bar.openAtMs - midnight) / minuteMs;
