import type { DerivativesFeaturesView, InstrumentDerivatives, MarketDerivatives, Reading } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { Luma } from '../luma/agent.ts';
import { exampleCandles, exampleMarket, startAtMs } from '../testing/market.ts';
import { type DerivativesReading, readDerivatives } from './computed-derivatives.ts';

const id = 'BTC-PERP@hyperliquid';
const atMs = startAtMs + 3 * 86_400_000;
const query = { market: 'BTC-PERP', instrumentId: id, venues: () => [id] as const, atMs } as const;
const fresh = <Value>(value: Value): Reading<Value> => ({ quality: 'fresh', value, atMs });

const own: InstrumentDerivatives = {
  openInterest: fresh({
    size: 10,
    notionalUsd: 600_000,
    move: { percent: 2, spanMs: 3_600_000, usd: 12_000, z: 4 },
    trendPercentPerHour: 1.5,
  }),
  funding: fresh({
    per8h: 0.0004,
    annualized: 0.438,
    predicted: true,
    settlesAtMs: atMs,
    z: 3,
    spreadPer8h: 0.0003,
    surprisePer8h: -0.0001,
  }),
  volume: fresh({ usd: 1, bars: 12, delta: 0.25, anomalyZ: 2 }),
  basis: fresh({ indexBp: 7, venuesBp: -2 }),
};
const market: MarketDerivatives = {
  positions: { venues: [], build: 0.5, moveUsd: 1, shifted: 0.1 },
  volume: { venues: 2, concentration: 0.6, largestVenue: 'a' },
  liquidations: { count: 3, longsUsd: 300, shortsUsd: 100, imbalance: -0.5 },
};

function computing(instrument: InstrumentDerivatives, of: MarketDerivatives = {}) {
  const { view, clock, request } = exampleMarket(atMs, {
    candles: exampleCandles({ minutes: 3 * 1_440, drift: () => 0.0001, deviation: () => 0.0002 }),
  });
  const features: DerivativesFeaturesView = { derivativesOf: () => instrument, marketDerivatives: () => of };
  return { view, clock, request, source: Object.assign(view, features) };
}

const shown = ({ more, ...rest }: DerivativesReading) => ({ ...rest, more: more.values() });

describe('readDerivatives', () => {
  it('default: takes what is computed, in the units of what it computes itself', () => {
    expect(shown(readDerivatives(computing(own, market).source, query))).toEqual({
      interest: { percent: 2, spanMs: 3_600_000, usd: 12_000, z: 4, notionalUsd: 600_000 },
      funding: { rate: 4, z: 3, spread: expect.closeTo(3, 9) },
      flow: { venues: 0, build: 0.5, liquidations: -0.5, liquidatedUsd: 400 },
      more: {
        'oi.z': 4,
        'oi.trend': 1.5,
        'funding.surprise': -1,
        'volume.takerDelta': 0.25,
        'volume.z': 2,
        'volume.venueConcentration': 0.6,
        'basis.index': 7,
        'basis.venues': -2,
        'flow.shifted': 0.1,
      },
    });
  });

  it('behavior: what is stale or gapped, or was not told, is absent', () => {
    const stale = <Value>(reading: Reading<Value> | undefined): Reading<Value> => {
      if (reading === undefined) throw new Error('a reading is needed');
      return { ...reading, quality: 'stale', ageMs: 1 };
    };
    const old: InstrumentDerivatives = {
      openInterest: stale(own.openInterest),
      funding: stale(own.funding),
      volume: { ...stale(own.volume), quality: 'gapped', missing: 3 },
      basis: stale(own.basis),
    };
    const absent = { interest: undefined, funding: undefined, flow: undefined, more: {} };
    expect(shown(readDerivatives(computing(old).source, query))).toEqual(absent);
    expect(shown(readDerivatives(computing({}).source, query))).toEqual(absent);
  });
});

describe('Luma over computed features', () => {
  it('default: scores them as it scores its own, and shows its model the rest', async () => {
    const { view, clock, request, source } = computing(own, market);
    const opinion = await new Luma({ marketView: view, derivativesView: source, clock }).opine(request);
    expect(opinion?.details).toMatchObject({ components: { openInterest: 25, funding: -25 }, quadrant: 'new-longs' });
    expect(opinion?.completeness).toBe(1);
  });

  it('behavior: what makes no component is no reason to speak', async () => {
    const { clock, request } = computing({});
    const bare = exampleMarket(atMs).view;
    const { basis = fresh({}) } = own;
    const source = Object.assign(bare, { derivativesOf: () => ({ basis }), marketDerivatives: () => ({}) });
    expect(await new Luma({ marketView: bare, derivativesView: source, clock }).opine(request)).toBeUndefined();
  });
});
