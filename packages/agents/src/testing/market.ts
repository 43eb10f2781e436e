import {
  type Candle,
  type FundingRate,
  type Instrument,
  type InstrumentId,
  instrumentId,
  type MacroRelease,
  type MarketId,
  type OpenInterest,
  type OpinionRequest,
  SeededRandom,
  SimulatedClock,
  type Timeframe,
  timeframeMs,
  toRate,
  toSize,
  toUsd,
} from '@perpdesk/core';
import { StaticMarketView, type StaticMarketViewOptions } from '@perpdesk/core/testing';

/** 2025-07-21 00:00 UTC: a multiple of every timeframe. */
export const startAtMs = 1_753_056_000_000;
const minuteMs = 60_000;

/** A linear market on Hyperliquid's rules, at any venue. */
export function exampleInstrument(market: MarketId = 'BTC-PERP', venue = 'hyperliquid'): Instrument {
  return {
    id: instrumentId(market, venue),
    market,
    venue,
    base: market.replace('-PERP', ''),
    quote: 'USDC',
    settle: 'USDC',
    contract: 'linear',
    contractSize: toSize(1),
    priceRule: { kind: 'significant-figures', figures: 5, maxDecimals: 1 },
    lotSize: toSize('0.00001'),
    minSize: toSize('0.00001'),
    minNotional: toUsd(10),
    marginTiers: [
      {
        notionalFrom: toUsd(0),
        maxLeverage: 40,
        maintenanceMarginRate: toRate('0.0125'),
        maintenanceDeduction: toUsd(0),
      },
    ],
    makerFeeRate: toRate('0.00015'),
    takerFeeRate: toRate('0.00045'),
    fundingIntervalMs: 3_600_000,
    status: 'trading',
  };
}

/** How a made-up market moves. */
export interface PathOptions {
  readonly id?: InstrumentId;
  readonly seed?: string;
  /** Minutes made, from {@link startAtMs}. Default 14 days. */
  readonly minutes?: number;
  readonly price?: number;
  /** Drift and deviation of a minute, as fractions of the price. Default 0 and 0.0005. */
  readonly drift?: (minute: number) => number;
  readonly deviation?: (minute: number) => number;
  readonly volume?: (minute: number, change: number) => number;
}

/** Candles of 5m, 15m, 1h and 4h over one random walk: each timeframe is the roll-up of the same minutes. */
export function exampleCandles(options: PathOptions = {}): readonly Candle[] {
  const { id = 'BTC-PERP@hyperliquid', seed = 'example', minutes = 14 * 1_440, price = 60_000 } = options;
  const { drift = () => 0, deviation = () => 0.0005, volume = () => 10 } = options;
  const random = new SeededRandom(seed);
  const prices = [price];
  const volumes: number[] = [];
  for (let minute = 0; minute < minutes; minute += 1) {
    const noise = random.next() + random.next() + random.next() + random.next() - 2;
    const change = drift(minute) + deviation(minute) * noise * 1.73;
    prices.push((prices.at(-1) ?? price) * (1 + change));
    volumes.push(volume(minute, change) * (0.5 + random.next()));
  }
  return (['5m', '15m', '1h', '4h'] as const).flatMap((timeframe) => rollUp(prices, volumes, id, timeframe));
}

function rollUp(
  prices: readonly number[],
  volumes: readonly number[],
  id: InstrumentId,
  timeframe: Timeframe,
): Candle[] {
  const bars = timeframeMs(timeframe) / minuteMs;
  const candles: Candle[] = [];
  for (let start = 0; start + bars <= volumes.length; start += bars) {
    const path = prices.slice(start, start + bars + 1);
    candles.push({
      instrumentId: id,
      timeframe,
      openAtMs: startAtMs + start * minuteMs,
      open: path[0] ?? 0,
      high: Math.max(...path),
      low: Math.min(...path),
      close: path[bars] ?? 0,
      volume: volumes.slice(start, start + bars).reduce((total, value) => total + value, 0),
    });
  }
  return candles;
}

/** Open interest every five minutes, growing by `percent` an hour. */
export function exampleOpenInterest(id: InstrumentId, toMs: number, percent: number): readonly OpenInterest[] {
  return Array.from({ length: 25 }, (_, i) => {
    const atMs = toMs - (24 - i) * 5 * minuteMs;
    const size = 1_000 * (1 + (percent / 100) * (i / 12));
    return { instrumentId: id, size, notionalUsd: size * 60_000, exchangeAtMs: atMs, receivedAtMs: atMs };
  });
}

/** Hourly settled rates up to `toMs`, oldest first: the last `rates`. */
export function exampleFunding(id: InstrumentId, toMs: number, rates: readonly number[]): readonly FundingRate[] {
  const hourMs = 60 * minuteMs;
  const lastMs = Math.floor(toMs / hourMs) * hourMs;
  return rates.map((rate, i) => {
    const atMs = lastMs - (rates.length - 1 - i) * hourMs;
    return {
      instrumentId: id,
      rate,
      intervalMs: hourMs,
      settlesAtMs: atMs,
      predicted: false,
      exchangeAtMs: atMs,
      receivedAtMs: atMs,
    };
  });
}

/** A release of a theme whose figure was `surprise` usual sizes above consensus. */
export function exampleRelease(
  theme: MacroRelease['event']['theme'],
  surprise: number,
  releasedAtMs: number,
  event: Partial<MacroRelease['event']> = {},
): MacroRelease {
  return {
    event: {
      id: `${theme}:${releasedAtMs}`,
      series: 'US.CPI.YOY',
      title: 'Consumer prices, year on year',
      country: 'US',
      importance: 'critical',
      theme,
      polarity: -1,
      scheduledAtMs: releasedAtMs,
      consensus: 3,
      unit: '%',
      ...event,
    },
    actual: 3 + surprise * 0.1,
    surprise,
    releasedAtMs,
  };
}

/** A clock, a view over plain arrays and the request to an agent at that instant. */
export interface ExampleMarket {
  readonly clock: SimulatedClock;
  readonly view: StaticMarketView;
  readonly request: OpinionRequest;
}

/** A market seen at `atMs`. */
export function exampleMarket(
  atMs: number,
  options: Partial<Omit<StaticMarketViewOptions, 'clock'>> = {},
): ExampleMarket {
  const clock = new SimulatedClock({ startAtMs: atMs });
  const view = new StaticMarketView({ clock, instruments: [exampleInstrument()], ...options });
  return { clock, view, request: requestAt(atMs) };
}

/** What a service would ask at a close. */
export const requestAt = (atMs: number, market: MarketId = 'BTC-PERP', venue = 'hyperliquid'): OpinionRequest => ({
  market,
  instrumentId: instrumentId(market, venue),
  atMs,
  deadlineMs: 12_000,
});
