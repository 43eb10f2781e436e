import { SeededRandom, type SeededRandomState } from '@perpdesk/core';
import { fundingRate } from './funding-rate.ts';
import type { MacroCalendar } from './macro-calendar.ts';
import { ModelState } from './model-state.ts';
import { nextRegime, regimeMinutes, regimes } from './regime.ts';
import { commonVolatility, type SimulatedMarket, type SimulatedVenue } from './simulated-market.ts';

const minuteMs = 60_000;
const minutesPerDay = 1440;

/** How fast a factor forgets how far it has wandered: the price stays of the order of its anchor for years. */
const forgetting = 1 / (45 * minutesPerDay);
/** Volatility is remembered for about two hours (GARCH-like: shocks raise it, it decays). */
const volatilityDecay = 0.985;
const volatilityNoise = 0.05;
const volatilityShock = 0.05;
/** The middle 8-hour premium of a trending market. */
const trendPremium = 0.0005;
const premiumPull = 0.01;
const premiumNoise = 0.00002;
/** Open interest gained or lost in a minute while positions are built or unwound. */
const positioningPace = 0.00009;
const positioningNoise = 0.00012;
const positioningForgetting = 1 / (4 * minutesPerDay);
/** A minute's move, in usual moves, from which on positions are closed by force. */
const liquidationFrom = 2.6;

/** The model as numbers, before one minute: all that the minutes after it depend on. JSON keeps it exactly. */
export interface ModelSnapshot {
  /** The next minute, counted from the epoch. */
  readonly minute: number;
  readonly numbers: readonly number[];
  readonly random: SeededRandomState;
}

/** Options of {@link MarketModel}. */
export interface MarketModelOptions {
  readonly markets: readonly SimulatedMarket[];
  readonly venues: readonly SimulatedVenue[];
  readonly calendar: MacroCalendar;
  readonly from: { readonly seed: string; readonly minute: number } | ModelSnapshot;
}

/**
 * Prices, volume, positioning and funding, a minute at a time. One common factor and one factor for each market, each in
 * a regime of its own; a market's price is its anchor × exp(beta × common + own). Results lie in the arrays until the
 * next minute; by market m, or by pair `venue × markets + m`.
 */
export class MarketModel {
  /** Common prices of the minute, before a venue's basis and price rule. */
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  /** Base units at all venues together. */
  readonly volume: Float64Array;
  /** The part of the volume that buyers took. */
  readonly buyShare: Float64Array;
  /** Of a tick of 2 seconds, as a fraction. */
  readonly tickVolatility: Float64Array;
  /** Against the market's usual volatility. */
  readonly agitation: Float64Array;
  /** Base units at all venues together. */
  readonly openInterest: Float64Array;
  readonly liquidations: Uint8Array;
  /** The 8-hour premium of the perpetual over the index, a fraction. */
  readonly premium: Float64Array;
  readonly basis: Float64Array;
  /** By pair: the rate that the present interval would settle at. */
  readonly predictedFunding: Float64Array;
  /** By pair: the rate that settled when the minute began, else NaN. */
  readonly settledFunding: Float64Array;

  readonly #markets: readonly SimulatedMarket[];
  readonly #venues: readonly SimulatedVenue[];
  readonly #calendar: MacroCalendar;
  readonly #state: ModelState;
  readonly #factor: ModelState['factor'];
  readonly #market: ModelState['market'];
  readonly #pair: ModelState['pair'];
  /** This minute's move and scale of each factor. */
  readonly #move: Float64Array;
  readonly #scale: Float64Array;
  #random: SeededRandom;
  #spare = Number.NaN;
  #minute: number;

  constructor(options: MarketModelOptions) {
    const { markets, venues, from } = options;
    const pairs = markets.length * venues.length;
    this.#markets = markets;
    this.#venues = venues;
    this.#calendar = options.calendar;
    this.#state = new ModelState(markets.length, venues.length);
    this.#factor = this.#state.factor;
    this.#market = this.#state.market;
    this.#pair = this.#state.pair;
    const perMarket = (): Float64Array => new Float64Array(markets.length);
    this.open = perMarket();
    this.high = perMarket();
    this.low = perMarket();
    this.close = perMarket();
    this.volume = perMarket();
    this.buyShare = perMarket();
    this.tickVolatility = perMarket();
    this.agitation = perMarket();
    this.openInterest = perMarket();
    this.premium = perMarket();
    this.liquidations = new Uint8Array(markets.length);
    this.basis = this.#pair.basis;
    this.predictedFunding = new Float64Array(pairs);
    this.settledFunding = new Float64Array(pairs).fill(Number.NaN);
    this.#move = new Float64Array(markets.length + 1);
    this.#scale = new Float64Array(markets.length + 1);
    this.#minute = from.minute;
    if ('seed' in from) {
      this.#random = new SeededRandom(`market ${from.seed}`);
      this.#begin();
    } else {
      this.#random = new SeededRandom(from.random);
      this.#state.numbers.set(from.numbers);
    }
  }

  /** The minute that `advance` will make. */
  get nextMinute(): number {
    return this.#minute;
  }

  /** Everything before the next minute. */
  snapshot(): ModelSnapshot {
    return { minute: this.#minute, numbers: Array.from(this.#state.numbers), random: this.#random.state() };
  }

  /** Makes the next minute and returns which it is. */
  advance(): number {
    const minute = this.#minute;
    this.#spare = Number.NaN;
    this.#settleFunding(minute);
    this.#moveFactors(minute);
    for (let m = 0; m < this.#markets.length; m += 1) this.#moveMarket(m);
    for (let v = 0; v < this.#venues.length; v += 1) this.#moveVenue(v);
    this.#minute = minute + 1;
    return minute;
  }

  #begin(): void {
    for (let f = 0; f < this.#factor.regime.length; f += 1) {
      this.#factor.regime[f] = Math.floor(this.#random.next() * regimes.length);
      this.#factor.minutesLeft[f] = regimeMinutes(this.#factor.regime[f] ?? 0, this.#random.next());
    }
    this.#markets.forEach((market, m) => {
      this.#market.close[m] = market.anchorPrice;
      this.#market.building[m] = this.#random.next() < 0.5 ? -1 : 1;
      this.#market.buildingLeft[m] = 60 + Math.floor(this.#random.next() * 240);
    });
  }

  #normal(): number {
    if (!Number.isNaN(this.#spare)) {
      const spare = this.#spare;
      this.#spare = Number.NaN;
      return spare;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.#random.next()));
    const angle = 2 * Math.PI * this.#random.next();
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  #moveFactors(minute: number): void {
    const { displacement, logVolatility, surplus, regime, minutesLeft, centre } = this.#factor;
    for (let f = 0; f < regime.length; f += 1) {
      minutesLeft[f] = at(minutesLeft, f) - 1;
      if (at(minutesLeft, f) < 0) {
        regime[f] = nextRegime(at(regime, f), this.#random.next());
        minutesLeft[f] = regimeMinutes(at(regime, f), this.#random.next());
        centre[f] = at(displacement, f);
      }
      const { drift, volatility, reversion, jumps } = regimes[at(regime, f)] ?? still;
      const usual = f === 0 ? commonVolatility : (this.#markets[f - 1]?.ownVolatility ?? 0);
      const remembered =
        volatilityDecay * at(logVolatility, f) + volatilityShock * at(surplus, f) + volatilityNoise * this.#normal();
      logVolatility[f] = Math.max(-1.2, Math.min(1.4, remembered));
      const scale = usual * volatility * Math.exp(at(logVolatility, f));
      const z = this.#normal();
      // 0.798 is the mean of |z|: the surplus is positive after unusual moves only.
      surplus[f] = Math.min(3, Math.abs(z) - 0.798);
      const wandered = at(displacement, f);
      let move = scale * z + drift * usual - forgetting * wandered - reversion * (wandered - at(centre, f));
      if (this.#random.next() < jumps) move += scale * 5 * this.#normal();
      if (f === 0) move += this.#surprise(minute);
      displacement[f] = wandered + move;
      this.#move[f] = move;
      this.#scale[f] = scale;
    }
  }

  /** The jump of the figures released in a minute; they also wake the common factor's volatility. */
  #surprise(minute: number): number {
    let jump = 0;
    for (const release of this.#calendar.releasesOn(Math.floor(minute / minutesPerDay))) {
      if (release.releasedAtMs !== minute * minuteMs) continue;
      jump += release.jump;
      this.#factor.logVolatility[0] = Math.min(
        1.4,
        at(this.#factor.logVolatility, 0) + Math.min(0.8, Math.abs(release.jump) * 150),
      );
    }
    return jump;
  }

  #moveMarket(m: number): void {
    const market = this.#markets[m];
    if (market === undefined) return;
    const state = this.#market;
    const usual = Math.hypot(market.beta * commonVolatility, market.ownVolatility);
    const scale = Math.hypot(market.beta * at(this.#scale, 0), at(this.#scale, m + 1));
    const open = at(state.close, m) * Math.exp(0.06 * scale * this.#normal());
    const close =
      market.anchorPrice *
      Math.exp(market.beta * at(this.#factor.displacement, 0) + at(this.#factor.displacement, m + 1));
    const move = Math.log(close / open);
    // The extremes of a Brownian path with this end: the reflection principle, inverted.
    const reach = 2 * scale * scale;
    const rise = (move + Math.sqrt(move * move - reach * Math.log(1 - this.#random.next()))) / 2;
    const fall = (move - Math.sqrt(move * move - reach * Math.log(1 - this.#random.next()))) / 2;
    this.open[m] = open;
    this.close[m] = close;
    this.high[m] = Math.max(open, close, open * Math.exp(rise));
    this.low[m] = Math.min(open, close, open * Math.exp(fall));
    state.close[m] = close;
    this.tickVolatility[m] = scale / Math.sqrt(30);
    this.agitation[m] = scale / usual;
    this.buyShare[m] = 0.5 + 0.32 * Math.tanh((0.8 * move) / scale) + 0.04 * Math.tanh(this.#normal());

    const common = regimes[at(this.#factor.regime, 0)] ?? still;
    const own = regimes[at(this.#factor.regime, m + 1)] ?? still;
    const activity = 0.6 * common.activity + 0.4 * own.activity;
    state.logVolume[m] = 0.96 * at(state.logVolume, m) + 0.12 * this.#normal();
    const span = (rise - fall) / (2 * usual);
    this.volume[m] =
      (market.dailyVolumeUsd / minutesPerDay / close) *
      activity *
      Math.exp(at(state.logVolume, m)) *
      (0.35 + 0.65 * span);

    const target = (trendPremium * (0.7 * common.drift + 0.5 * own.drift)) / 0.11 + 0.00005;
    state.premium[m] =
      at(state.premium, m) + premiumPull * (target - at(state.premium, m)) + premiumNoise * activity * this.#normal();
    this.premium[m] = at(state.premium, m);
    this.#movePositions(m, market, activity, Math.abs(move) / usual);
  }

  #movePositions(m: number, market: SimulatedMarket, activity: number, moved: number): void {
    const state = this.#market;
    state.buildingLeft[m] = at(state.buildingLeft, m) - 1;
    if (at(state.buildingLeft, m) < 0) {
      state.building[m] = -at(state.building, m);
      state.buildingLeft[m] = 60 + Math.floor(this.#random.next() * 360);
    }
    const excess = Math.max(0, moved - liquidationFrom);
    this.liquidations[m] = excess > 0 ? Math.min(12, 1 + Math.floor(excess * 1.5 + this.#random.next())) : 0;
    state.positioning[m] =
      at(state.positioning, m) * (1 - positioningForgetting) +
      positioningPace * activity * at(state.building, m) +
      positioningNoise * this.#normal() -
      0.0004 * Math.min(6, excess);
    this.openInterest[m] = (market.openInterestUsd / market.anchorPrice) * Math.exp(at(state.positioning, m));
  }

  #moveVenue(v: number): void {
    const { basis, premiumSum, premiumCount } = this.#pair;
    const venue = this.#venues[v];
    if (venue === undefined) return;
    for (let m = 0; m < this.#markets.length; m += 1) {
      const pair = v * this.#markets.length + m;
      if (venue.basisVolatility > 0) basis[pair] = 0.95 * at(basis, pair) + venue.basisVolatility * this.#normal();
      premiumSum[pair] = at(premiumSum, pair) + at(this.premium, m) + 4 * at(basis, pair);
      premiumCount[pair] = at(premiumCount, pair) + 1;
      this.predictedFunding[pair] = fundingRate(at(premiumSum, pair) / at(premiumCount, pair), venue.fundingIntervalMs);
    }
  }

  #settleFunding(minute: number): void {
    const { premiumSum, premiumCount } = this.#pair;
    for (let v = 0; v < this.#venues.length; v += 1) {
      const intervalMs = this.#venues[v]?.fundingIntervalMs ?? minuteMs;
      const settles = (minute * minuteMs) % intervalMs === 0;
      for (let m = 0; m < this.#markets.length; m += 1) {
        const pair = v * this.#markets.length + m;
        const counted = at(premiumCount, pair);
        this.settledFunding[pair] =
          settles && counted > 0 ? fundingRate(at(premiumSum, pair) / counted, intervalMs) : Number.NaN;
        if (!settles) continue;
        premiumSum[pair] = 0;
        premiumCount[pair] = 0;
      }
    }
  }
}

const still = { drift: 0, volatility: 1, reversion: 0, jumps: 0, activity: 1 };

const at = (numbers: Float64Array, index: number): number => numbers[index] ?? 0;
