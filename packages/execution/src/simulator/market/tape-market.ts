import {
  type Candle,
  Decimal,
  type Instrument,
  type InstrumentId,
  type MarketStep,
  type OrderBookSnapshot,
  type Price,
  priceFromNumber,
  type Size,
  sizeFromNumber,
  type Ticker,
  type Trade,
  toPrice,
  toSize,
} from '@perpdesk/core';
import { quoteAround } from './quote-around.ts';
import type { MarketSink } from './simulated-market.ts';
import { type BarSink, walkBar } from './walk-bar.ts';

/** Options of {@link TapeMarket}. */
export interface TapeMarketOptions {
  readonly engine: MarketSink & BarSink;
  /** Those of the tape that the exchange lists, by `base`. Others are passed over. */
  readonly instruments: readonly Instrument[];
  /**
   * Where the tape has no book of an instrument: how far beyond the touch of its ticker everybody trades, a fraction of price.
   * Default "0.0005".
   */
  readonly slippage?: string;
  /** And how much is there, dollars a side. Default 1,000,000,000. */
  readonly depthUsd?: number;
  /** Where it has neither books nor trades: the share of a 1m bar's volume that meets what rests in it. Default "0.1". */
  readonly volumeShare?: string;
  /**
   * The account that trades. Where the tape has but bars, a bar's path goes against it, by its stops, as on the paper venue.
   * Without one stops fire only by the mark at a bar's end.
   */
  readonly account?: string;
}

/** A fraction of price that is less than any step. */
const beyond = 1e-9;

type Levels = readonly (readonly [Price, Size])[];

/**
 * A market that goes as a recorded one went: books, trades, marks and rates of a tape, put before the exchange step by step, so
 * that what a desk saw and what its orders meet is one market. Floats of the tape come onto the exchange's grid here: prices to
 * the nearest, sizes down to the lot.
 *
 * Within a step trades come before the book that they left, and the mark after both. Where the tape has but bars and tickers, a
 * finished minute meets what rests between its low and its high, along a path that goes against the `account`. It may be passed
 * before its step is taken: what happens within a minute is known to whom it happened before the minute has ended.
 * @example
 * const market = new TapeMarket({ engine: exchange.engine, instruments });
 * for await (const step of source.steps()) {
 *   market.foretell(step);
 *   await clock.advanceTo(step.atMs - 1_000);
 *   market.pass(step);
 *   await clock.advanceTo(step.atMs);
 *   market.take(step);
 * }
 */
export class TapeMarket {
  readonly #engine: MarketSink & BarSink;
  readonly #account: string | undefined;
  readonly #listed: ReadonlyMap<InstrumentId, Instrument>;
  readonly #slippage: Decimal;
  readonly #depthUsd: number;
  readonly #volumeShare: Decimal;
  readonly #booked = new Set<InstrumentId>();
  readonly #traded = new Set<InstrumentId>();
  /** When the last minute opened that the market has gone through. */
  readonly #passed = new Map<InstrumentId, number>();

  constructor(options: TapeMarketOptions) {
    const { engine, instruments, slippage = '0.0005', depthUsd = 1e9, volumeShare = '0.1', account } = options;
    this.#engine = engine;
    this.#account = account;
    this.#volumeShare = new Decimal(volumeShare);
    this.#slippage = new Decimal(slippage);
    this.#depthUsd = depthUsd;
    const coins = new Set(engine.assets.map(({ coin }) => coin));
    this.#listed = new Map(instruments.filter(({ base }) => coins.has(base)).map((each) => [each.id, each]));
  }

  /**
   * Gives the exchange the rates that a step will say were settled, while its clock stands before their hour: the venue knows
   * them when it settles, the tape only tells them then. Called before the clock is moved to the step.
   */
  foretell({ observations }: Pick<MarketStep, 'observations'>): void {
    for (const seen of observations) {
      if (seen.kind !== 'funding' || seen.funding.predicted) continue;
      this.#rate(seen.funding.instrumentId, seen.funding.rate);
    }
  }

  /** Goes through the minutes that a step ends, where the tape has but bars. Called when the clock stands shortly before their end. */
  pass({ observations }: Pick<MarketStep, 'observations'>): void {
    for (const seen of observations) if (seen.kind === 'candle') this.#bar(seen.candle);
  }

  /** Moves the exchange's market by a step; what it has passed of it already is left out. */
  take(step: Pick<MarketStep, 'observations'>): void {
    const { observations } = step;
    this.pass(step);
    for (const seen of observations) if (seen.kind === 'trade') this.#trade(seen.trade);
    for (const seen of observations) if (seen.kind === 'book') this.#book(seen.book);
    for (const seen of observations) {
      if (seen.kind === 'ticker') this.#ticker(seen.ticker);
      else if (seen.kind === 'funding' && seen.funding.predicted)
        this.#rate(seen.funding.instrumentId, seen.funding.rate);
    }
  }

  #bar(bar: Candle): void {
    const { instrumentId, timeframe, openAtMs, low, high, volume } = bar;
    const instrument = this.#listed.get(instrumentId);
    if (instrument === undefined || timeframe !== '1m') return;
    if (this.#booked.has(instrumentId) || this.#traded.has(instrumentId)) return;
    if (openAtMs <= (this.#passed.get(instrumentId) ?? Number.NEGATIVE_INFINITY)) return;
    this.#passed.set(instrumentId, openAtMs);
    const { base, lotSize, priceRule } = instrument;
    const size = sizeFromNumber(lotSize, this.#volumeShare.times(volume).toNumber());
    const engine = this.#engine;
    if (this.#account !== undefined) {
      const account = this.#account;
      walkBar(bar, { engine, instrument, account, slippage: this.#slippage, depthUsd: this.#depthUsd, volume: size });
      return;
    }
    if (Number(size) === 0) return;
    // Nobody else stands in the way: how the book lay within the minute is not known. Only a price beyond an order's meets it.
    engine.setBook(base, [], []);
    engine.marketTrade(base, 'sell', priceFromNumber(priceRule, low * (1 + beyond), 'up'), size);
    engine.marketTrade(base, 'buy', priceFromNumber(priceRule, high * (1 - beyond), 'down'), size);
  }

  #trade({ instrumentId, side, price, size }: Trade): void {
    const instrument = this.#listed.get(instrumentId);
    if (instrument === undefined) return;
    this.#traded.add(instrumentId);
    const traded = sizeFromNumber(instrument.lotSize, size);
    if (Number(traded) === 0) return;
    this.#engine.marketTrade(instrument.base, side, priceFromNumber(instrument.priceRule, price, 'nearest'), traded);
  }

  #book({ instrumentId, bids, asks }: OrderBookSnapshot): void {
    const instrument = this.#listed.get(instrumentId);
    if (instrument === undefined) return;
    this.#booked.add(instrumentId);
    this.#engine.setBook(instrument.base, levelsOf(instrument, bids), levelsOf(instrument, asks));
  }

  #ticker({ instrumentId, mark, index, bid, ask }: Ticker): void {
    const instrument = this.#listed.get(instrumentId);
    if (instrument === undefined) return;
    if (!this.#booked.has(instrumentId)) {
      const touch = { bid: new Decimal(bid), ask: new Decimal(ask) };
      const { bids, asks } = quoteAround(instrument, touch, { slippage: this.#slippage, depthUsd: this.#depthUsd });
      this.#engine.setBook(instrument.base, bids, asks);
    }
    this.#engine.setMark(instrument.base, exactly(mark), exactly(index ?? mark));
  }

  #rate(instrumentId: InstrumentId, rate: number): void {
    const instrument = this.#listed.get(instrumentId);
    if (instrument !== undefined) this.#engine.setFundingRate(instrument.base, new Decimal(rate).toFixed());
  }
}

/** Levels on the exchange's grid, best first; what falls onto one price is one level. */
function levelsOf({ priceRule, lotSize }: Instrument, levels: OrderBookSnapshot['bids']): Levels {
  const byPrice = new Map<Price, Size>();
  for (const [price, size] of levels) {
    const onGrid = priceFromNumber(priceRule, price, 'nearest');
    const lots = sizeFromNumber(lotSize, size);
    if (Number(lots) === 0) continue;
    const before = byPrice.get(onGrid);
    byPrice.set(onGrid, before === undefined ? lots : toSize(new Decimal(before).plus(lots)));
  }
  return [...byPrice];
}

/** To the 15 digits that a float carries faithfully. */
const exactly = (value: number): Price => toPrice(new Decimal(value).toSignificantDigits(15));
