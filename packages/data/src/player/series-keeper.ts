import type { Candle, FeedGap, InstrumentId, MarketObservation } from '@perpdesk/core';
import { VolumeBarBuilder } from '../candles/volume-bar-builder.ts';
import type { FeedNews } from './instrument-feed.ts';
import { MinuteSampler } from './minute-sampler.ts';
import type { StoreWriter } from './store-writer.ts';

/** What a step brought, as far as a store keeps it. */
export interface StepNews {
  readonly gaps: readonly FeedGap[];
  readonly observations: readonly MarketObservation[];
  readonly news: ReadonlyMap<InstrumentId, FeedNews>;
}

/**
 * Hands the store what it keeps of market data: bars and the indicators of each that closed, who took in each minute, the first
 * price and open interest of each minute, all funding and liquidations. Trades and books themselves are for a recorder.
 */
export class SeriesKeeper {
  readonly #writer: StoreWriter;
  readonly #sampler = new MinuteSampler();
  readonly #volume = new Map<InstrumentId, VolumeBarBuilder>();

  constructor(writer: StoreWriter) {
    this.#writer = writer;
  }

  /** Takes a step. */
  keep({ gaps, observations, news }: StepNews): void {
    for (const { instrumentId, channel, filled, fromMs, toMs } of gaps)
      if (channel === 'trades' && !filled) this.#volumeOf(instrumentId).interrupt(fromMs, toMs);
    for (const observation of observations) this.#keepObservation(observation);
    for (const { minutes, indicators, events } of news.values()) {
      for (const minute of minutes) this.#keepMinute(minute);
      for (const event of events)
        if (event.type === 'candle.closed' && event.candle.timeframe !== '1m') this.#writer.add('candle', event.candle);
      for (const snapshot of indicators) this.#writer.add('indicators', snapshot);
    }
  }

  #keepMinute(candle: Candle): void {
    this.#writer.add('candle', candle);
    if (candle.volume === 0) this.#volume.get(candle.instrumentId)?.quiet(candle.openAtMs);
  }

  #keepObservation(observation: MarketObservation): void {
    switch (observation.kind) {
      case 'trade':
        this.#volumeOf(observation.trade.instrumentId).take(observation.trade);
        break;
      case 'funding':
        this.#writer.add(observation.funding.predicted ? 'predicted-funding' : 'funding', observation.funding);
        break;
      case 'open-interest': {
        const { openInterest } = observation;
        if (this.#isFirst(observation.kind, openInterest)) this.#writer.add(observation.kind, openInterest);
        break;
      }
      case 'liquidation':
        this.#writer.add(observation.kind, observation.liquidation);
        break;
      case 'ticker':
        if (this.#isFirst('quote', observation.ticker)) this.#writer.add('quote', observation.ticker);
        break;
      default:
        break;
    }
  }

  #isFirst(kind: string, value: { readonly instrumentId: InstrumentId; readonly exchangeAtMs: number }): boolean {
    return this.#sampler.isFirst(`${kind} ${value.instrumentId}`, value.exchangeAtMs);
  }

  #volumeOf(instrumentId: InstrumentId): VolumeBarBuilder {
    const known = this.#volume.get(instrumentId);
    if (known !== undefined) return known;
    const builder = new VolumeBarBuilder({ instrumentId, told: (bar) => this.#writer.add('volume', bar) });
    this.#volume.set(instrumentId, builder);
    return builder;
  }
}
