import { logOdds, type PastPrediction } from '@perpdesk/core';
import { testStartAtMs } from '@perpdesk/core/testing';
import { describe, expect, it } from 'vitest';
import { comparableRate } from './comparable.ts';
import { plopConfidence } from './confidence.ts';
import { readPlop } from './features.ts';
import { priorPool } from './pool/pool.ts';
import { exampleBook, exampleContract, exampleQuote } from './testing/example-contract.ts';

const hourMs = 3_600_000;
const contract = exampleContract();
const { id } = contract;

describe('readPlop', () => {
  it('default: book, drift in log-odds, time and volume', () => {
    const book = {
      ...exampleBook(id),
      bids: [
        [0.39, 1_000],
        [0.36, 2_000],
        [0.2, 50_000],
      ] as [number, number][],
      asks: [[0.41, 500]] as [number, number][],
    };
    const quotes = [
      exampleQuote(id, 24.5 * hourMs, 0.3),
      exampleQuote(id, 2 * hourMs, 0.35),
      exampleQuote(id, 1, 0.39),
    ];
    const reading = readPlop({ contract, book, atMs: testStartAtMs, quotes, comparable: () => undefined });
    expect(reading?.mid).toBe(0.4);
    const bidUsd = 390 + 720;
    const askUsd = 0.59 * 500;
    expect(reading?.features).toEqual({
      'market.bid': 0.39,
      'market.ask': 0.41,
      'market.mid': 0.4,
      'market.spread': 0.02,
      'market.depthUsd': 1315,
      'market.imbalance': expect.closeTo((bidUsd - askUsd) / (bidUsd + askUsd), 6),
      'market.drift1h': expect.closeTo(logOdds(0.4) - logOdds(0.35), 6),
      'market.drift24h': expect.closeTo(logOdds(0.4) - logOdds(0.3), 6),
      'market.volatility1h': expect.any(Number),
      'market.hoursToClose': 240,
      'market.volume': 40_000,
      'market.volume24h': 12_000,
    });
  });

  it('behavior: what is not known is left out, and without two sides there is nothing', () => {
    const read = (book = exampleBook(id), of = contract) =>
      readPlop({ contract: of, book, atMs: testStartAtMs, quotes: [], comparable: () => undefined });
    const bare = exampleContract();
    expect(read(exampleBook(id), { ...bare })?.features).not.toHaveProperty('market.drift1h');
    expect(read({ ...exampleBook(id), bids: [] })).toBeUndefined();
    expect(read({ ...exampleBook(id), asks: [] })).toBeUndefined();
    expect(read({ ...exampleBook(id), bids: [[0.6, 1]] })).toBeUndefined();
  });
});

describe('comparableRate', () => {
  const past = (index: number, yes: boolean, mid?: number, changes = {}): PastPrediction => ({
    contract: exampleContract({
      id: `kalshi:P${index}`,
      event: `E${index}`,
      ...changes,
      resolution: yes ? 'yes' : 'no',
    }) as PastPrediction['contract'],
    knownAtMs: testStartAtMs - 1,
    mids: new Map(mid === undefined ? [] : [[168 * hourMs, mid]]),
  });
  const many = (count: number, yes: number, mid?: number, changes = {}) =>
    Array.from({ length: count }, (_, index) => past(index, index < yes, mid, changes));

  it('default: of the series at a like price, shrunk towards the mid by eight outcomes', () => {
    const series = [
      ...many(12, 9, 0.45),
      ...many(20, 0, 0.9).map((one, i) => ({ ...one, contract: { ...one.contract, id: `x${i}`, event: `x${i}` } })),
    ];
    expect(comparableRate(contract, 0.4, testStartAtMs, { series, category: [] })).toEqual({
      rate: (9 + 8 * 0.4) / 20,
      count: 12,
      scope: 3,
    });
  });

  it('behavior: else of the series at any price, else of the category at a like price, else none', () => {
    const bySeries = { series: many(12, 3), category: many(40, 40, 0.4) };
    expect(comparableRate(contract, 0.4, testStartAtMs, bySeries)).toMatchObject({ count: 12, scope: 2 });
    const byCategory = { series: many(9, 3), category: many(25, 10, 0.35) };
    expect(comparableRate(contract, 0.4, testStartAtMs, byCategory)).toMatchObject({ count: 25, scope: 1 });
    expect(comparableRate(contract, 0.4, testStartAtMs, { series: [], category: many(19, 3, 0.4) })).toBeUndefined();
    // A mid of a week before says nothing of a contract that closes in an hour.
    const soon = exampleContract({ closesAtMs: testStartAtMs + hourMs });
    expect(comparableRate(soon, 0.4, testStartAtMs, { series: [], category: many(30, 3, 0.4) })).toBeUndefined();
  });

  it('behavior: contracts of one event are one fact: its own does not count', () => {
    const series = many(12, 12, 0.4, { event: contract.event });
    expect(comparableRate(contract, 0.4, testStartAtMs, { series, category: [] })).toBeUndefined();
  });
});

describe('plopConfidence', () => {
  const quote = { ...exampleQuote(id, 0, 0.4), depthUsd: 5_000 };

  it('default: depth, spread, outcomes and agreement', () => {
    expect(plopConfidence(quote, { market: 0.4 }, 0.02, priorPool)).toBeCloseTo(Math.sqrt(0.5 * 0.9) * 0.5, 9);
    const learnt = { ...priorPool, outcomes: 200 };
    expect(plopConfidence(quote, { market: 0.4, baseRate: 0.5, model: 0.3 }, 0.02, learnt)).toBeCloseTo(
      Math.sqrt(0.5 * 0.9) * 0.75 * 0.85,
      9,
    );
  });

  it('behavior: an empty or a wide market rests on nothing', () => {
    expect(plopConfidence({ ...quote, depthUsd: 0 }, { market: 0.4 }, 0.02, priorPool)).toBe(0);
    expect(plopConfidence({ ...quote, bid: 0.2, ask: 0.6 }, { market: 0.4 }, 0.02, priorPool)).toBe(0);
  });
});
