import { canonicalJson, instrumentId, opinionSchema, type SensingAgent } from '@perpdesk/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Luma } from '../luma/agent.ts';
import { Meridian } from '../meridian/agent.ts';
import {
  type ExampleMarket,
  exampleCandles,
  exampleFunding,
  exampleInstrument,
  exampleMarket,
  exampleOpenInterest,
  exampleRelease,
  startAtMs,
} from '../testing/market.ts';
import { Vanta } from '../vanta/agent.ts';

const quarterMs = 900_000;
const binance = exampleInstrument('BTC-PERP', 'binance');
const id = instrumentId('BTC-PERP', 'hyperliquid');

/** Markets of any volatility and drift, volume that may be absent, with or without derivatives and releases. */
const markets = fc
  .record({
    seed: fc.string(),
    price: fc.constantFrom(0.000_01, 1, 60_000),
    deviation: fc.constantFrom(0, 1e-6, 0.0005, 0.02),
    drift: fc.double({ min: -0.001, max: 0.001, noNaN: true }),
    volume: fc.constantFrom(0, 1e-9, 10, 1e12),
    bars: fc.integer({ min: 1, max: 700 }),
    interest: fc.option(fc.double({ min: -50, max: 50, noNaN: true })),
    rates: fc.array(fc.double({ min: -0.01, max: 0.01, noNaN: true }), { maxLength: 40 }),
    surprise: fc.option(fc.double({ min: -1e6, max: 1e6, noNaN: true })),
  })
  .map((given) => ({ ...given, atMs: startAtMs + given.bars * quarterMs }));
type Given = typeof markets extends fc.Arbitrary<infer Value> ? Value : never;

function marketOf(given: Given, extraBars = 0): ExampleMarket {
  const { seed, price, deviation, drift, volume, bars, interest, rates, surprise, atMs } = given;
  const path = { seed, price, deviation: () => deviation, drift: () => drift, volume: () => volume };
  return exampleMarket(atMs, {
    instruments: [exampleInstrument(), binance],
    candles: exampleCandles({ ...path, id, minutes: (bars + extraBars) * 15 }),
    funding: exampleFunding(id, atMs, rates),
    openInterest:
      interest === null
        ? []
        : [...exampleOpenInterest(id, atMs, interest), ...exampleOpenInterest(binance.id, atMs, -interest)],
    releases: surprise === null ? [] : [exampleRelease('growth', surprise, atMs)],
  });
}

const agents: readonly [string, (market: ExampleMarket) => SensingAgent][] = [
  ['vanta', ({ view, clock }) => new Vanta({ marketView: view, clock })],
  ['luma', ({ view, clock }) => new Luma({ marketView: view, derivativesView: view, clock })],
  ['meridian', ({ view, clock }) => new Meridian({ marketView: view, macroView: view, clock })],
];

describe.each(agents)('%s over any market', (_, make) => {
  it('behavior: an opinion is valid, its numbers finite and within bounds, or there is none', async () => {
    await fc.assert(
      fc.asyncProperty(markets, async (given) => {
        const market = marketOf(given);
        const opinion = await make(market).opine(market.request);
        if (opinion === undefined) return;
        expect(opinionSchema.safeParse(opinion).error).toBeUndefined();
        expect(Math.abs(opinion.score)).toBeLessThanOrEqual(100);
        for (const { value } of opinion.evidence) expect(Number.isFinite(value)).toBe(true);
        // Refuses NaN and infinities wherever they hide.
        canonicalJson(opinion);
      }),
      { numRuns: 150 },
    );
  });

  it('behavior: the same input gives the same bytes', async () => {
    await fc.assert(
      fc.asyncProperty(markets, async (given) => {
        const [first, second] = [marketOf(given), marketOf(given)];
        const opinions = [await make(first).opine(first.request), await make(second).opine(second.request)];
        expect(JSON.stringify(opinions[0])).toBe(JSON.stringify(opinions[1]));
      }),
      { numRuns: 25 },
    );
  });

  it('behavior: what happens after the instant changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(markets, async (given) => {
        const [known, later] = [marketOf(given), marketOf(given, 40)];
        const opinions = [await make(known).opine(known.request), await make(later).opine(later.request)];
        expect(JSON.stringify(opinions[0])).toBe(JSON.stringify(opinions[1]));
      }),
      { numRuns: 25 },
    );
  });
});
