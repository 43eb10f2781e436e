import { type InstrumentId, isFresh, type MarketView } from '@perpdesk/core';
import { trueRangesOf } from '../features/indicators.ts';
import { meanOf } from '../features/measures.ts';
import { at, readSeries } from '../features/series.ts';
import { kodaDefaults as defaults } from './settings.ts';

/** The market as an entry meets it; what is not known is absent. */
export interface MarketConditions {
  /** Between bid and ask, where the ticker is fresh. */
  readonly mid?: number;
  /** Ask less bid over mid. */
  readonly spread?: number;
  /** Mean true range of 15m bars, in price. */
  readonly atr?: number;
  /** Mean turnover of a 15m bar, in dollars. */
  readonly turnover?: number;
}

/** Reads the conditions of an instrument as of the clock. */
export function readConditions(view: MarketView, id: InstrumentId, atMs: number): MarketConditions {
  const ticker = view.ticker(id);
  const series = readSeries(view, {
    instrumentId: id,
    timeframe: '15m',
    atMs,
    limit: defaults.bars,
    minimum: defaults.bars,
  });
  const quote = isFresh(ticker) && ticker.value.ask >= ticker.value.bid ? ticker.value : undefined;
  const mid = quote === undefined ? undefined : (quote.bid + quote.ask) / 2;
  return {
    ...(quote === undefined || mid === undefined ? {} : { mid, spread: (quote.ask - quote.bid) / mid }),
    ...(series === undefined
      ? {}
      : {
          atr: meanOf(trueRangesOf(series)),
          turnover: meanOf(series.volume.map((volume, i) => volume * at(series.close, i))),
        }),
  };
}
