import type { Candle, IndicatorSnapshot, InstrumentId, MarketBus, MarketObservation, Timeframe } from '@perpdesk/core';

/** What the MarketBus is told of one instrument's bars after a step. */
export interface BarNews {
  readonly instrumentId: InstrumentId;
  /** Higher bars that closed. */
  readonly closed: readonly Candle[];
  /** Higher bars that go on. */
  readonly forming: readonly Candle[];
  readonly indicators: readonly IndicatorSnapshot[];
  /** As if the bars that go on closed now. */
  readonly previews: readonly IndicatorSnapshot[];
}

/**
 * Publishes a step on the MarketBus: observations in the order they came (1m bars as `candle.updated`), then per instrument
 * the higher bars and the indicators. Resolves when handlers that are behind have room again.
 */
export async function tellMarket(
  bus: Pick<MarketBus, 'publish'>,
  observations: readonly MarketObservation[],
  news: readonly BarNews[],
): Promise<void> {
  const pending: Promise<void>[] = [];
  const wait = (published: undefined | void | Promise<void>): void => {
    if (published !== undefined) pending.push(published);
  };
  for (const observation of observations) wait(tell(bus, observation));
  for (const { instrumentId, closed, forming, indicators, previews } of news) {
    for (const candle of closed) wait(bus.publish('candle.updated', keyOf(instrumentId, candle.timeframe), candle));
    for (const candle of forming) wait(bus.publish('candle.updated', keyOf(instrumentId, candle.timeframe), candle));
    for (const values of indicators)
      wait(bus.publish('indicators.updated', keyOf(instrumentId, values.timeframe), values));
    for (const values of previews)
      wait(bus.publish('indicators.previewed', keyOf(instrumentId, values.timeframe), values));
  }
  if (pending.length > 0) await Promise.all(pending);
}

const keyOf = (id: InstrumentId, timeframe: Timeframe): string => `${id}:${timeframe}`;

function tell(bus: Pick<MarketBus, 'publish'>, observation: MarketObservation): void | Promise<void> {
  switch (observation.kind) {
    case 'candle':
    case 'forming-candle': {
      const { candle } = observation;
      return bus.publish('candle.updated', keyOf(candle.instrumentId, candle.timeframe), candle);
    }
    case 'ticker':
      return bus.publish('ticker.updated', observation.ticker.instrumentId, observation.ticker);
    case 'trade':
      return bus.publish('trade.received', observation.trade.instrumentId, observation.trade);
    case 'book':
      return bus.publish('book.updated', observation.book.instrumentId, observation.book);
    case 'funding':
      return bus.publish('funding.updated', observation.funding.instrumentId, observation.funding);
    case 'open-interest':
      return bus.publish('open-interest.updated', observation.openInterest.instrumentId, observation.openInterest);
    case 'liquidation':
      return bus.publish('liquidation.received', observation.liquidation.instrumentId, observation.liquidation);
    case 'macro-scheduled':
    case 'macro-released':
      return undefined;
  }
}
