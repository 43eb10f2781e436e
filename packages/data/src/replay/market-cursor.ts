import type { FundingRate, MarketObservation, Ticker } from '@perpdesk/core';
import { candleAt } from '../candles/candle-buffer.ts';
import { PriceGrid } from '../instruments/price-grid.ts';
import { closeOf, type RecordedMarket } from './load-recording.ts';

const minuteMs = 60_000;

/** Walks through the recording of one instrument in the order of time, from its first minute on. */
export class MarketCursor {
  readonly #market: RecordedMarket;
  readonly #grid: PriceGrid;
  #minute = 0;
  #quote = 0;
  #settlement = 0;
  #lastPrice: number | undefined;
  /** Quotes before the first price of their instrument: there is no ticker to make of them. */
  quotesUnused = 0;

  constructor(market: RecordedMarket) {
    this.#market = market;
    this.#grid = new PriceGrid(market.instrument.priceRule);
    const firstMs = market.minutes.openAtMs[0] ?? 0;
    while (this.#quoteAtMs() <= firstMs) this.#quote += 1;
    while (this.#settlesAtMs() <= firstMs) this.#settlement += 1;
  }

  /** When the next thing happens, infinity at the end. */
  nextAtMs(): number {
    return Math.min(this.#minuteAtMs(), this.#quoteAtMs(), this.#settlesAtMs());
  }

  /** Funding settled when the first minute opens, oldest first. Called before anything is observed. */
  *background(): Generator<MarketObservation> {
    for (let row = 0; row < this.#settlement; row += 1) yield { kind: 'funding', funding: this.#fundingRate(row) };
  }

  /** What happens at an instant, which `nextAtMs` gave: the bar first, then prices, then funding. */
  observe(atMs: number, into: MarketObservation[]): void {
    const { instrument, minutes } = this.#market;
    const closes = this.#minuteAtMs() === atMs;
    const quoted = this.#quoteAtMs() === atMs;
    if (closes) {
      const candle = candleAt(minutes, { instrumentId: instrument.id, timeframe: '1m' }, this.#minute);
      into.push({ kind: 'candle', candle });
      this.#lastPrice = candle.close;
      this.#minute += 1;
    }
    if (closes || quoted) {
      const ticker = this.#ticker(atMs, quoted);
      if (ticker !== undefined) into.push({ kind: 'ticker', ticker });
    }
    if (quoted) this.#quote += 1;
    if (this.#settlesAtMs() === atMs) {
      into.push({ kind: 'funding', funding: this.#fundingRate(this.#settlement) });
      this.#settlement += 1;
    }
  }

  #minuteAtMs(): number {
    const { minutes } = this.#market;
    return this.#minute < minutes.length ? closeOf(minutes, this.#minute) : Number.POSITIVE_INFINITY;
  }

  #quoteAtMs(): number {
    const { quotes } = this.#market;
    return this.#quote < quotes.length ? quotes.at(this.#quote, 0) + minuteMs : Number.POSITIVE_INFINITY;
  }

  #settlesAtMs(): number {
    const { funding } = this.#market;
    return this.#settlement < funding.length ? funding.at(this.#settlement, 0) : Number.POSITIVE_INFINITY;
  }

  #ticker(atMs: number, quoted: boolean): Ticker | undefined {
    const last = this.#lastPrice;
    if (last === undefined) {
      this.quotesUnused += 1;
      return undefined;
    }
    const { quotes, instrument } = this.#market;
    return {
      instrumentId: instrument.id,
      last,
      mark: last,
      bid: quoted ? quotes.at(this.#quote, 1) : this.#grid.below(this.#grid.round(last)),
      ask: quoted ? quotes.at(this.#quote, 2) : this.#grid.above(this.#grid.round(last)),
      exchangeAtMs: atMs,
      receivedAtMs: atMs,
    };
  }

  #fundingRate(row: number): FundingRate {
    const { funding, instrument } = this.#market;
    const settlesAtMs = funding.at(row, 0);
    return {
      instrumentId: instrument.id,
      rate: funding.at(row, 1),
      intervalMs: funding.at(row, 2),
      settlesAtMs,
      predicted: false,
      exchangeAtMs: settlesAtMs,
      receivedAtMs: settlesAtMs,
    };
  }
}
