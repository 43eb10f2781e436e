import {
  type Clock,
  type Price,
  priceFromNumber,
  type Random,
  type Release,
  SeededRandom,
  type Size,
  SystemClock,
  toSize,
} from '@perpdesk/core';
import type { ExchangeEngine, SimulatedAsset } from '../engine/exchange-engine.ts';

/** What is fed: the part of the engine that other participants move. Anything recorded or replayed can call it as well. */
export type MarketSink = Pick<ExchangeEngine, 'assets' | 'setBook' | 'marketTrade' | 'setMark' | 'setFundingRate'>;

/** Options of {@link SimulatedMarket}. */
export interface SimulatedMarketOptions {
  readonly engine: MarketSink;
  readonly clock?: Clock;
  /** The same seed moves the market the same way. Default 1. */
  readonly seed?: string | number;
  /** Where each coin begins, in dollars. Default: a usual price of the coin, else 100. */
  readonly prices?: Readonly<Record<string, number>>;
  /** Standard deviation of a year's logarithmic return. Default 0.6. */
  readonly volatility?: number;
  /** Milliseconds between two moves. Default 250. */
  readonly stepMs?: number;
  /** Levels a side. Default 20. */
  readonly levels?: number;
  /** Half the distance of the touch, as a fraction of the price. Default 0.0001. */
  readonly halfSpread?: number;
  /** Dollars of an average level. Default 50,000. */
  readonly levelUsd?: number;
  /** Chance of a public trade at a move, for each coin. Default 0.5. */
  readonly tradeChance?: number;
}

interface Walk {
  readonly asset: SimulatedAsset;
  price: number;
  /** Where the oracle is, as a fraction off the price. */
  basis: number;
}

const usualPrices: Readonly<Record<string, number>> = {
  BTC: 65_000,
  ETH: 3_200,
  SOL: 150,
  XRP: 0.6,
  HYPE: 25,
  DOGE: 0.15,
  AVAX: 30,
  LINK: 15,
  SUI: 1.5,
  BNB: 580,
};
const yearMs = 365 * 86_400_000;
const figures = 5;

/**
 * A market maker and a crowd by chance: each step every coin's price takes a step of a geometric random walk, its book is
 * set around it, perhaps somebody trades, and mark, oracle and funding follow. The walk is a model and reckons in floats;
 * what reaches the exchange are prices and sizes on its grid.
 */
export class SimulatedMarket {
  readonly #engine: MarketSink;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #walks: readonly Walk[];
  readonly #options: Required<Omit<SimulatedMarketOptions, 'engine' | 'clock' | 'seed' | 'prices'>>;
  #cancel: Release | undefined;

  constructor(options: SimulatedMarketOptions) {
    this.#engine = options.engine;
    this.#clock = options.clock ?? new SystemClock();
    this.#random = new SeededRandom(options.seed ?? 1);
    this.#options = {
      volatility: options.volatility ?? 0.6,
      stepMs: options.stepMs ?? 250,
      levels: options.levels ?? 20,
      halfSpread: options.halfSpread ?? 0.0001,
      levelUsd: options.levelUsd ?? 50_000,
      tradeChance: options.tradeChance ?? 0.5,
    };
    this.#walks = options.engine.assets.map((asset) => ({
      asset,
      price: options.prices?.[asset.coin] ?? usualPrices[asset.coin] ?? 100,
      basis: 0,
    }));
  }

  /** Sets every book at once, then moves on by the clock until stopped. */
  start(): void {
    if (this.#cancel !== undefined) return;
    for (const walk of this.#walks) this.#quote(walk);
    const step = (): void => {
      this.step();
      this.#cancel = this.#clock.setTimer(this.#options.stepMs, step);
    };
    this.#cancel = this.#clock.setTimer(this.#options.stepMs, step);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** One move of every coin. For tests that move the market themselves. */
  step(): void {
    const { volatility, stepMs, tradeChance } = this.#options;
    const deviation = volatility * Math.sqrt(stepMs / yearMs);
    for (const walk of this.#walks) {
      walk.price *= Math.exp(deviation * this.#normal() - (deviation * deviation) / 2);
      walk.basis = walk.basis * 0.98 + 0.00005 * this.#normal();
      this.#quote(walk);
      if (this.#random.next() < tradeChance) this.#trade(walk);
    }
  }

  /** Moves a coin by a fraction at once, book and mark with it: -0.1 is a fall of a tenth. */
  jump(coin: string, fraction: number): void {
    const walk = this.#walks.find((candidate) => candidate.asset.coin === coin);
    if (walk === undefined) return;
    walk.price *= 1 + fraction;
    this.#quote(walk);
  }

  #quote(walk: Walk): void {
    const { levels, halfSpread } = this.#options;
    const { coin } = walk.asset;
    const sides = { bids: new Map<Price, Size>(), asks: new Map<Price, Size>() };
    for (let level = 0; level < levels; level += 1) {
      const away = halfSpread * (1 + 2 * level);
      sides.bids.set(this.#price(walk, walk.price * (1 - away), 'down'), this.#size(walk));
      sides.asks.set(this.#price(walk, walk.price * (1 + away), 'up'), this.#size(walk));
    }
    this.#engine.setBook(coin, [...sides.bids], [...sides.asks]);
    this.#engine.setMark(
      coin,
      this.#price(walk, walk.price, 'nearest'),
      this.#price(walk, walk.price * (1 - walk.basis), 'nearest'),
    );
    // Interest of 0.01 % in eight hours and the premium, each hour an eighth (Hyperliquid, "Funding").
    const premium = Math.max(-0.0005, Math.min(0.0005, 0.0001 - walk.basis)) + walk.basis;
    this.#engine.setFundingRate(coin, (premium / 8).toFixed(10).replace(/\.?0+$/, ''));
  }

  #trade(walk: Walk): void {
    const side = this.#random.next() < 0.5 ? 'buy' : 'sell';
    const away = this.#options.halfSpread * (side === 'buy' ? 1 : -1);
    const price = this.#price(walk, walk.price * (1 + away), side === 'buy' ? 'up' : 'down');
    this.#engine.marketTrade(walk.asset.coin, side, price, this.#size(walk, 0.2));
  }

  #price(walk: Walk, value: number, rounding: 'up' | 'down' | 'nearest'): Price {
    const rule = { kind: 'significant-figures', figures, maxDecimals: 6 - walk.asset.sizeDecimals } as const;
    return priceFromNumber(rule, value, rounding);
  }

  #size(walk: Walk, share = 1): Size {
    const usd = this.#options.levelUsd * share * (0.25 + 1.5 * this.#random.next());
    const size = (usd / walk.price).toFixed(walk.asset.sizeDecimals);
    return toSize(Number(size) === 0 ? 10 ** -walk.asset.sizeDecimals : size);
  }

  /** A standard normal number (Box and Muller). */
  #normal(): number {
    const u = Math.max(this.#random.next(), Number.MIN_VALUE);
    return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * this.#random.next());
  }
}
