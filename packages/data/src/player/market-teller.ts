import type { Candle, IndicatorSnapshot, MarketBus, MarketObservation } from '@perpdesk/core';
import { SeriesKeys } from './series-keys.ts';

/** What the MarketBus is told of one instrument's bars after a step. */
export interface BarNews {
  /** Higher bars that closed. */
  readonly closed: readonly Candle[];
  /** Higher bars that go on. */
  readonly forming: readonly Candle[];
  readonly indicators: readonly IndicatorSnapshot[];
  /** As if the bars that go on closed now. */
  readonly previews: readonly IndicatorSnapshot[];
}

/** Tells the MarketBus what steps brought. */
export class MarketTeller {
  readonly #bus: Pick<MarketBus, 'publish'>;
  readonly #keys = new SeriesKeys();

  constructor(bus: Pick<MarketBus, 'publish'>) {
    this.#bus = bus;
  }

  /**
   * Publishes a step: observations in the order they came (1m bars as `candle.updated`), then per instrument the higher bars and the
   * indicators. The promise, if any, resolves when handlers that are behind have room again.
   */
  tell(observations: readonly MarketObservation[], news: readonly BarNews[]): undefined | Promise<unknown> {
    const bus = this.#bus;
    let pending: Promise<void>[] | undefined;
    const wait = (published: undefined | void | Promise<void>): void => {
      if (published === undefined) return;
      pending ??= [];
      pending.push(published);
    };
    for (const observation of observations) wait(this.#tell(observation));
    for (const { closed, forming, indicators, previews } of news) {
      for (const candle of closed) wait(bus.publish('candle.updated', this.#keys.of(candle), candle));
      for (const candle of forming) wait(bus.publish('candle.updated', this.#keys.of(candle), candle));
      for (const values of indicators) wait(bus.publish('indicators.updated', this.#keys.of(values), values));
      for (const values of previews) wait(bus.publish('indicators.previewed', this.#keys.of(values), values));
    }
    return pending && Promise.all(pending);
  }

  #tell(observation: MarketObservation): void | Promise<void> {
    const bus = this.#bus;
    switch (observation.kind) {
      case 'candle':
      case 'forming-candle': {
        const { candle } = observation;
        return bus.publish('candle.updated', this.#keys.of(candle), candle);
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
}
