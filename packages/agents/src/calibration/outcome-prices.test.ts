import { type Candle, type Instrument, SimulatedClock, toRate } from '@perpdesk/core';
import { StaticMarketView } from '@perpdesk/core/testing';
import { describe, expect, it } from 'vitest';
import { exampleInstrument } from '../testing/market.ts';
import { OutcomePrices } from './outcome-prices.ts';

const barMs = 900_000;
const instrumentId = 'BTC-PERP@hyperliquid';
const series = { instrumentId, timeframe: '15m' } as const;

/** Bars that close at 1, 2, … times 15m, each four wide around 1,000, without a gap between them. */
const barsTo = (count: number): Candle[] =>
  Array.from({ length: count }, (_, i) => ({
    ...series,
    ...{ openAtMs: i * barMs, open: 1_000, high: 1_002, low: 998, close: 1_000, volume: 1 },
  }));

function pricesAt(
  nowMs: number,
  candles: readonly Candle[],
  { fee = '0', store }: { fee?: string; store?: ConstructorParameters<typeof OutcomePrices>[0]['candleStore'] } = {},
): OutcomePrices {
  const clock = new SimulatedClock({ startAtMs: nowMs });
  const instrument: Instrument = { ...exampleInstrument(), takerFeeRate: toRate(fee) };
  return new OutcomePrices({
    marketView: new StaticMarketView({ clock, instruments: [instrument], candles }),
    candleStore: store,
  });
}

describe('closeOf', () => {
  it('default: the close of the very bar, also of one that is not the last', async () => {
    const candles = barsTo(20).map((bar, i) => ({ ...bar, close: 1_000 + i }));
    const prices = pricesAt(20 * barMs, candles);
    expect(await prices.closeOf({ ...series, closeAtMs: 20 * barMs })).toBe(1_019);
    expect(await prices.closeOf({ ...series, closeAtMs: 5 * barMs })).toBe(1_004);
  });

  it('behavior: a bar that is missing is not replaced by a neighbour', async () => {
    const candles = barsTo(20).filter(({ openAtMs }) => openAtMs !== 9 * barMs);
    const prices = pricesAt(20 * barMs, candles);
    expect(await prices.closeOf({ ...series, closeAtMs: 10 * barMs })).toBeUndefined();
    expect(await prices.closeOf({ ...series, closeAtMs: 21 * barMs })).toBeUndefined();
  });

  it('behavior: a bar that has not closed by the clock is not known', async () => {
    const prices = pricesAt(10 * barMs - 1, barsTo(20));
    expect(await prices.closeOf({ ...series, closeAtMs: 10 * barMs })).toBeUndefined();
    expect(await prices.closeOf({ ...series, closeAtMs: 9 * barMs })).toBe(1_000);
  });

  it('behavior: the store is asked for what the view has let go of', async () => {
    const asked: unknown[] = [];
    const store = {
      readCandles: async (range: { readonly fromMs: number; readonly toMs: number }) => {
        asked.push(range);
        const one = Float64Array.of(1_234);
        return { length: 1, openAtMs: one, open: one, high: one, low: one, close: one, volume: one };
      },
    };
    const prices = pricesAt(20 * barMs, [], { store });
    expect(await prices.closeOf({ ...series, closeAtMs: 10 * barMs })).toBe(1_234);
    expect(asked).toEqual([{ ...series, fromMs: 9 * barMs, toMs: 9 * barMs + 1 }]);
  });
});

describe('bandAt', () => {
  const at = (bars: number) => ({ ...series, closeAtMs: bars * barMs });

  it('default: 0.27 of the ATR, growing with the square root of time', () => {
    const prices = pricesAt(20 * barMs, barsTo(20));
    expect(prices.bandAt(at(20), 1)).toBeCloseTo((0.27 * 4) / 1_000, 12);
    expect(prices.bandAt(at(20), 4)).toBeCloseTo((0.27 * 4 * 2) / 1_000, 12);
  });

  it('default: at least what a taker pays both ways', () => {
    expect(pricesAt(20 * barMs, barsTo(20), { fee: '0.00045' }).bandAt(at(20), 1)).toBeCloseTo(0.00108, 12);
    expect(pricesAt(20 * barMs, barsTo(20), { fee: '0.001' }).bandAt(at(20), 1)).toBeCloseTo(0.002, 12);
  });

  it('behavior: gaps between bars are part of the range, and later bars no part of it', () => {
    const jump = barsTo(30).map((bar, i) =>
      i < 19 ? bar : { ...bar, open: 1_100, high: 1_102, low: 1_098, close: 1_100 },
    );
    const prices = pricesAt(30 * barMs, jump);
    expect(prices.bandAt(at(19), 1)).toBeCloseTo((0.27 * 4) / 1_000, 12);
    expect(prices.bandAt(at(20), 1)).toBeCloseTo((0.27 * ((13 * 4 + 102) / 14)) / 1_100, 12);
  });

  it('behavior: too few bars, a long hole or an old series say nothing', () => {
    expect(pricesAt(14 * barMs, barsTo(14)).bandAt(at(14), 1)).toBeUndefined();
    expect(pricesAt(15 * barMs, barsTo(15)).bandAt(at(15), 1)).toBeCloseTo((0.27 * 4) / 1_000, 12);
    const without = (missing: number) =>
      barsTo(30).filter(({ openAtMs }) => openAtMs < 20 * barMs || openAtMs >= (20 + missing) * barMs);
    expect(pricesAt(30 * barMs, without(3)).bandAt(at(30), 1)).toBeCloseTo((0.27 * 4) / 1_000, 12);
    expect(pricesAt(30 * barMs, without(4)).bandAt(at(30), 1)).toBeUndefined();
    expect(pricesAt(22 * barMs, barsTo(20)).bandAt(at(21), 1)).toBeCloseTo((0.27 * 4) / 1_000, 12);
    expect(pricesAt(22 * barMs, barsTo(20)).bandAt(at(21.1), 1)).toBeUndefined();
  });

  it('behavior: bars and fees that come later count from then on', () => {
    const clock = new SimulatedClock({ startAtMs: 20 * barMs });
    let candles = barsTo(20).slice(10);
    let instrument: Instrument = { ...exampleInstrument(), takerFeeRate: toRate(0) };
    const view = new StaticMarketView({ clock, instruments: [] });
    const marketView = Object.assign(view, {
      instrument: () => instrument,
      candles: (_: string, timeframe: string, limit: number) => (timeframe === '15m' ? candles.slice(-limit) : []),
    });
    const prices = new OutcomePrices({ marketView });
    expect(prices.bandAt(at(20), 1)).toBeUndefined();
    // The same last bar, and those before it.
    candles = [...barsTo(10), ...candles];
    expect(prices.bandAt(at(20), 1)).toBeCloseTo((0.27 * 4) / 1_000, 12);
    instrument = { ...instrument, takerFeeRate: toRate('0.001') };
    expect(prices.bandAt(at(20), 1)).toBeCloseTo(0.002, 12);
    candles = candles.map((bar) => ({ ...bar, high: 1_006 }));
    expect(prices.bandAt(at(20), 1)).toBeCloseTo((0.27 * 8) / 1_000, 12);
  });

  it('behavior: a market that never moves, without fees, has no moves to speak of', () => {
    const still = barsTo(20).map((bar) => ({ ...bar, high: 1_000, low: 1_000 }));
    expect(pricesAt(20 * barMs, still).bandAt(at(20), 1)).toBeUndefined();
  });
});
