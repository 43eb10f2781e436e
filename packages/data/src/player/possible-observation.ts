import {
  type Candle,
  type InstrumentId,
  isCandle,
  isFundingRate,
  isLiquidation,
  isOpenInterest,
  isOrderBookSnapshot,
  isTicker,
  isTrade,
  type MarketObservation,
} from '@perpdesk/core';

/** The instrument an observation is about; undefined for macro events. */
export function instrumentOf(observation: MarketObservation): InstrumentId | undefined {
  switch (observation.kind) {
    case 'candle':
    case 'forming-candle':
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

/**
 * True for what may be taken in: numbers, times and names as the schemas of the domain want them, and of a bar that high and
 * low lie around open and close and that it opens on a minute.
 */
export function isPossible(observation: MarketObservation): boolean {
  switch (observation.kind) {
    case 'candle':
    case 'forming-candle':
      return isCandle(observation.candle) && isBar(observation.candle);
    case 'ticker':
      return isTicker(observation.ticker);
    case 'trade':
      return isTrade(observation.trade);
    case 'book':
      return isOrderBookSnapshot(observation.book);
    case 'funding':
      return isFundingRate(observation.funding);
    case 'open-interest':
      return isOpenInterest(observation.openInterest);
    case 'liquidation':
      return isLiquidation(observation.liquidation);
    case 'macro-scheduled':
    case 'macro-released':
      return true;
  }
}

const isBar = ({ openAtMs, open, high, low, close }: Candle): boolean =>
  openAtMs % 60_000 === 0 && low <= Math.min(open, close) && high >= Math.max(open, close);
