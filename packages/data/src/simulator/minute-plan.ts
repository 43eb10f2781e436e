import { HashedRandom } from './hashed-random.ts';
import type { MarketModel } from './market-model.ts';
import { ticksPerMinute, tracePath } from './minute-path.ts';

/** A position closed by force within a minute. */
export interface PlannedLiquidation {
  readonly tick: number;
  readonly pair: number;
  readonly side: 'buy' | 'sell';
  readonly notionalUsd: number;
}

/**
 * All that happens in one minute, worked out when it begins, from the model's numbers and from chance that depends on the
 * minute alone. By market m, or by pair `venue × markets + m`.
 */
export class MinutePlan {
  minute = -1;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
  readonly openInterest: Float64Array;
  readonly agitation: Float64Array;
  readonly premium: Float64Array;
  readonly basis: Float64Array;
  readonly predictedFunding: Float64Array;
  readonly settledFunding: Float64Array;
  /** Common price of market m at tick k: `m × ticksPerMinute + k`. */
  readonly path: Float64Array;
  /** 1 where the last trade of pair p at tick k was a buyer's: `p × ticksPerMinute + k`. */
  readonly buyer: Uint8Array;
  /** The last trade's size against a usual one, likewise. */
  readonly tradeSize: Float64Array;
  readonly liquidations: PlannedLiquidation[] = [];
  readonly #random: HashedRandom;
  readonly #markets: number;
  readonly #venues: number;

  constructor(options: { readonly markets: number; readonly venues: number; readonly seed: string }) {
    const { markets, venues } = options;
    const pairs = markets * venues;
    this.#markets = markets;
    this.#venues = venues;
    this.#random = new HashedRandom(`minute ${options.seed}`);
    this.open = new Float64Array(markets);
    this.high = new Float64Array(markets);
    this.low = new Float64Array(markets);
    this.close = new Float64Array(markets);
    this.volume = new Float64Array(markets);
    this.openInterest = new Float64Array(markets);
    this.agitation = new Float64Array(markets);
    this.premium = new Float64Array(markets);
    this.basis = new Float64Array(pairs);
    this.predictedFunding = new Float64Array(pairs);
    this.settledFunding = new Float64Array(pairs);
    this.path = new Float64Array(markets * ticksPerMinute);
    this.buyer = new Uint8Array(pairs * ticksPerMinute);
    this.tradeSize = new Float64Array(pairs * ticksPerMinute);
  }

  /** Plans the minute that the model has just made. */
  fill(model: MarketModel, minute: number): void {
    this.minute = minute;
    this.open.set(model.open);
    this.high.set(model.high);
    this.low.set(model.low);
    this.close.set(model.close);
    this.volume.set(model.volume);
    this.openInterest.set(model.openInterest);
    this.agitation.set(model.agitation);
    this.premium.set(model.premium);
    this.basis.set(model.basis);
    this.predictedFunding.set(model.predictedFunding);
    this.settledFunding.set(model.settledFunding);
    this.liquidations.length = 0;
    for (let m = 0; m < this.#markets; m += 1) this.#fillMarket(model, m);
    this.liquidations.sort((a, b) => a.tick - b.tick || a.pair - b.pair);
  }

  #fillMarket(model: MarketModel, m: number): void {
    const random = this.#random.seek(this.minute, m);
    const bar = { open: this.open[m] ?? 0, high: this.high[m] ?? 0, low: this.low[m] ?? 0, close: this.close[m] ?? 0 };
    tracePath(bar, model.tickVolatility[m] ?? 0, random, this.path, m * ticksPerMinute);
    const buyShare = model.buyShare[m] ?? 0.5;
    for (let v = 0; v < this.#venues; v += 1) {
      const from = (v * this.#markets + m) * ticksPerMinute;
      for (let tick = 0; tick < ticksPerMinute; tick += 1) {
        this.buyer[from + tick] = random.next() < buyShare ? 1 : 0;
        this.tradeSize[from + tick] = Math.exp(1.1 * random.normal());
      }
    }
    const side = bar.close < bar.open ? 'sell' : 'buy';
    for (let left = model.liquidations[m] ?? 0; left > 0; left -= 1) {
      const venue = Math.floor(random.next() * this.#venues);
      const tick = 1 + Math.floor(random.next() * (ticksPerMinute - 1));
      this.liquidations.push({
        tick,
        pair: venue * this.#markets + m,
        side,
        notionalUsd: 8000 * Math.exp(1.4 * random.normal()),
      });
    }
  }
}
