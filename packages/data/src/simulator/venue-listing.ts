import {
  type BookLevel,
  type Candle,
  type FundingRate,
  type Instrument,
  type Liquidation,
  type OpenInterest,
  type OrderBookSnapshot,
  type Ticker,
  type Trade,
  toNumber,
} from '@perpdesk/core';
import { PriceGrid } from '../instruments/price-grid.ts';
import { ticksPerMinute } from './minute-path.ts';
import type { MinutePlan, PlannedLiquidation } from './minute-plan.ts';
import { simulatedInstrument } from './simulated-instruments.ts';
import type { SimulatedMarket, SimulatedVenue } from './simulated-market.ts';

const minuteMs = 60_000;
const bookLevels = 20;
/** The usual distance of two levels, a fraction of price. */
const levelDistance = 0.00006;
/** The usual trade between others, a part of the minute's usual volume at the venue. */
const tradeShare = 1 / 400;

/** One simulated market at one simulated venue: turns common numbers into what that venue says. */
export class VenueListing {
  readonly instrument: Instrument;
  readonly marketIndex: number;
  readonly pair: number;
  readonly share: number;
  readonly #market: SimulatedMarket;
  readonly #grid: PriceGrid;
  /** Lots in one base unit. */
  readonly #lots: number;

  constructor(options: {
    readonly market: SimulatedMarket;
    readonly venue: SimulatedVenue;
    readonly marketIndex: number;
    readonly pair: number;
  }) {
    this.instrument = simulatedInstrument(options.market.base, options.venue.name);
    this.marketIndex = options.marketIndex;
    this.pair = options.pair;
    this.share = options.venue.share;
    this.#market = options.market;
    this.#grid = new PriceGrid(this.instrument.priceRule);
    this.#lots = Math.round(1 / toNumber(this.instrument.lotSize));
  }

  /** A common price as this venue quotes it. Rising prices stay in order: rounding is monotone. */
  price(common: number, basis: number): number {
    return this.#grid.round(common * (1 + basis));
  }

  /** This venue's part of a quantity, in whole lots. */
  quantity(common: number): number {
    return Math.round(common * this.share * this.#lots) / this.#lots;
  }

  /** The bar of a planned minute. */
  candle(plan: MinutePlan): Candle {
    const { marketIndex: m } = this;
    const basis = plan.basis[this.pair] ?? 0;
    return {
      instrumentId: this.instrument.id,
      timeframe: '1m',
      openAtMs: plan.minute * minuteMs,
      open: this.price(plan.open[m] ?? 0, basis),
      high: this.price(plan.high[m] ?? 0, basis),
      low: this.price(plan.low[m] ?? 0, basis),
      close: this.price(plan.close[m] ?? 0, basis),
      volume: this.quantity(plan.volume[m] ?? 0),
    };
  }

  ticker(plan: MinutePlan, tick: number, atMs: number): Ticker {
    const common = plan.path[this.marketIndex * ticksPerMinute + tick] ?? 0;
    const basis = plan.basis[this.pair] ?? 0;
    const last = this.price(common, basis);
    const buyer = plan.buyer[this.pair * ticksPerMinute + tick] === 1;
    const step = this.#grid.step(last);
    const spread = Math.max(1, Math.round((this.#market.spread * last) / step)) * step;
    return {
      instrumentId: this.instrument.id,
      last,
      mark: this.price(common, basis / 2),
      index: this.#grid.round(common / (1 + (plan.premium[this.marketIndex] ?? 0))),
      bid: buyer ? this.#grid.round(last - spread) : last,
      ask: buyer ? last : this.#grid.round(last + spread),
      exchangeAtMs: atMs,
      receivedAtMs: atMs,
    };
  }

  /** A trade out of many: the one that made the ticker's last price. */
  trade(plan: MinutePlan, tick: number, ticker: Ticker): Trade {
    const at = this.pair * ticksPerMinute + tick;
    const usual = (this.#market.dailyVolumeUsd / 1440 / ticker.last) * this.share * tradeShare;
    return {
      instrumentId: this.instrument.id,
      id: `${plan.minute * ticksPerMinute + tick}`,
      side: plan.buyer[at] === 1 ? 'buy' : 'sell',
      price: ticker.last,
      size: this.#atLeastALot(usual * (plan.tradeSize[at] ?? 1)),
      exchangeAtMs: ticker.exchangeAtMs,
      receivedAtMs: ticker.receivedAtMs,
    };
  }

  liquidation(planned: PlannedLiquidation, ticker: Ticker): Liquidation {
    return {
      instrumentId: this.instrument.id,
      side: planned.side,
      price: ticker.last,
      size: this.#atLeastALot(planned.notionalUsd / ticker.last),
      exchangeAtMs: ticker.exchangeAtMs,
      receivedAtMs: ticker.receivedAtMs,
    };
  }

  /** The first 20 levels: thicker away from the middle, thinner in agitated minutes. */
  book(plan: MinutePlan, tick: number, ticker: Ticker): OrderBookSnapshot {
    const calm = Math.sqrt(plan.agitation[this.marketIndex] ?? 1);
    const depth = (this.#market.depthUsd * this.share) / (Math.max(0.5, calm) * ticker.last * bookLevels);
    const step = this.#grid.step(ticker.last);
    const gap = Math.max(1, Math.round((levelDistance * ticker.last) / step)) * step;
    const bids: BookLevel[] = [];
    const asks: BookLevel[] = [];
    let { bid, ask } = ticker;
    for (let level = 0; level < bookLevels; level += 1) {
      const usual = depth * (0.4 + 0.06 * level);
      const grain = plan.tradeSize[this.pair * ticksPerMinute + ((tick + level) % ticksPerMinute)] ?? 1;
      const other = plan.tradeSize[this.pair * ticksPerMinute + ((tick + level + 7) % ticksPerMinute)] ?? 1;
      bids.push([bid, this.#atLeastALot(usual * bounded(grain))]);
      asks.push([ask, this.#atLeastALot(usual * bounded(other))]);
      bid = Math.min(this.#grid.below(bid), this.#grid.round(bid - gap));
      ask = Math.max(this.#grid.above(ask), this.#grid.round(ask + gap));
    }
    return {
      instrumentId: this.instrument.id,
      bids,
      asks,
      sequence: plan.minute * ticksPerMinute + tick,
      exchangeAtMs: ticker.exchangeAtMs,
      receivedAtMs: ticker.receivedAtMs,
    };
  }

  /** From the numbers at the end of a minute. */
  openInterest(common: number, price: number, atMs: number): OpenInterest {
    const size = this.quantity(common);
    return {
      instrumentId: this.instrument.id,
      size,
      notionalUsd: Math.round(size * price * 100) / 100,
      exchangeAtMs: atMs,
      receivedAtMs: atMs,
    };
  }

  funding(rate: number, settlesAtMs: number, atMs: number): FundingRate {
    return {
      instrumentId: this.instrument.id,
      rate,
      intervalMs: this.instrument.fundingIntervalMs,
      settlesAtMs,
      predicted: settlesAtMs > atMs,
      exchangeAtMs: atMs,
      receivedAtMs: atMs,
    };
  }

  #atLeastALot(size: number): number {
    return Math.max(1, Math.round(size * this.#lots)) / this.#lots;
  }
}

const bounded = (grain: number): number => 0.3 + Math.min(3, grain);
