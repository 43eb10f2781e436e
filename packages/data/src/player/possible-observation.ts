import type { Candle, InstrumentId, MarketObservation } from '@perpdesk/core';

/** The instrument an observation is about; undefined for macro events. */
export function instrumentOf(observation: MarketObservation): InstrumentId | undefined {
  switch (observation.kind) {
    case 'candle':
      return observation.candle.instrumentId;
    case 'ticker':
      return observation.ticker.instrumentId;
    case 'trade':
      return observation.trade.instrumentId;
    case 'book':
      return observation.book.instrumentId;
    case 'funding':
      return observation.funding.instrumentId;
    case 'open-interest':
      return observation.openInterest.instrumentId;
    case 'liquidation':
      return observation.liquidation.instrumentId;
    case 'macro-scheduled':
    case 'macro-released':
      return undefined;
  }
}

/** True for a bar whose numbers can be: finite, above zero, high and low around open and close, opening on a minute. */
export function isPossible(candle: Candle): boolean {
  const { openAtMs, open, high, low, close, volume } = candle;
  return (
    openAtMs % 60_000 === 0 &&
    low > 0 &&
    low <= Math.min(open, close) &&
    high >= Math.max(open, close) &&
    high < Number.POSITIVE_INFINITY &&
    volume >= 0 &&
    volume < Number.POSITIVE_INFINITY
  );
}
