import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PredictionContract, PredictionQuote } from '../domain/prediction-market.ts';
import { baseRate } from './base-rate.ts';
import { logOdds } from './log-odds.ts';
import { quoteFromBook } from './prediction-quote.ts';
import { quoteDrift } from './quote-drift.ts';

const hour = 3_600_000;
const quote = (atMs: number, bid: number, ask: number): PredictionQuote => ({
  contractId: 'x',
  bid,
  ask,
  depthUsd: 0,
  exchangeAtMs: atMs,
  receivedAtMs: atMs,
});

describe('quoteFromBook', () => {
  const moments = { contractId: 'x', exchangeAtMs: 1, receivedAtMs: 2 };

  it('default: best prices, and the dollars within five cents of the mid', () => {
    const { bid, ask, depthUsd } = quoteFromBook({
      ...moments,
      bids: [
        [0.49, 100],
        [0.45, 100],
        [0.44, 100],
      ],
      asks: [
        [0.51, 100],
        [0.55, 100],
        [0.56, 100],
      ],
    });
    expect([bid, ask]).toEqual([0.49, 0.51]);
    expect(depthUsd).toBeCloseTo(49 + 45 + 51 + 55, 9);
  });

  it('behavior: a side without orders is nothing or certainty', () => {
    expect(quoteFromBook({ ...moments, bids: [], asks: [] })).toMatchObject({ bid: 0, ask: 1, depthUsd: 0 });
    expect(quoteFromBook({ ...moments, bids: [[0.9, 10]], asks: [] })).toMatchObject({ bid: 0.9, ask: 1, depthUsd: 9 });
  });
});

describe('quoteDrift', () => {
  it('default: the change over windows, and volatility by the hour', () => {
    const quotes = [quote(0, 0.39, 0.41), quote(hour, 0.49, 0.51), quote(2 * hour, 0.44, 0.46)];
    const drift = quoteDrift(quotes, 2 * hour, [hour, 2 * hour, 3 * hour]);
    expect(drift?.mid).toBeCloseTo(0.45, 12);
    expect([...(drift?.changes.values() ?? [])].map((change) => change?.toFixed(6))).toEqual([
      '-0.050000',
      '0.050000',
      undefined,
    ]);
    expect(drift?.hourlyVolatility).toBeCloseTo(Math.sqrt((0.01 + 0.0025) / 2), 12);
    expect(drift?.logOddsChanges.get(hour)).toBeCloseTo(logOdds(0.45), 12);
    expect(drift?.logOddsChanges.get(3 * hour)).toBeUndefined();
    expect(drift?.hourlyLogOddsVolatility).toBeCloseTo(Math.sqrt((logOdds(0.4) ** 2 + logOdds(0.45) ** 2) / 2), 12);
  });

  it('behavior: quotes beside an empty side and quotes to come count for nothing', () => {
    expect(quoteDrift([quote(0, 0, 0.4), quote(5, 0.5, 1)], 10)).toBeUndefined();
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 100 }), fc.double({ min: 0.01, max: 0.9, noNaN: true })), {
          maxLength: 20,
        }),
        fc.integer({ min: 0, max: 100 }),
        (rows, cut) => {
          const quotes = rows.sort(([a], [b]) => a - b).map(([at, bid]) => quote(at * hour, bid, bid + 0.05));
          const past = quotes.filter(({ receivedAtMs }) => receivedAtMs <= cut * hour);
          expect(quoteDrift(quotes, cut * hour)).toEqual(quoteDrift(past, cut * hour));
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('baseRate', () => {
  const contract: PredictionContract = {
    id: 'kalshi:KXRAIN-26DEC06-T1',
    venue: 'kalshi',
    slug: 'KXRAIN-26DEC06-T1',
    question: 'Will it rain on Sunday?',
    closesAtMs: Date.UTC(2026, 11, 6, 12),
    series: 'KXRAIN',
    event: 'KXRAIN-26DEC06',
  };
  const other = (
    index: number,
    resolution?: PredictionContract['resolution'],
    changes: Partial<PredictionContract> = {},
  ) => ({
    ...contract,
    id: `kalshi:${index}`,
    event: `KXRAIN-${index}`,
    ...(resolution === undefined ? {} : { resolution }),
    ...changes,
  });

  it('default: how often it came out YES, with how sure that is', () => {
    const resolved = Array.from({ length: 10 }, (_, index) => other(index, index < 3 ? 'yes' : 'no'));
    const rate = baseRate(contract, resolved);
    expect(rate).toMatchObject({ yes: 3, no: 7 });
    expect(rate.rate).toBeCloseTo(3.5 / 11, 12);
    // The ends are where (3/10 − p)² = z² · p(1 − p) / 10, which defines the interval.
    for (const p of [rate.low, rate.high])
      expect((0.3 - p) ** 2).toBeCloseTo((1.6448536269514722 ** 2 * p * (1 - p)) / 10, 12);
    expect(rate.low).toBeLessThan(0.3);
    expect(rate.high).toBeGreaterThan(0.3);
  });

  it('behavior: its own event, other series, void ones and the same one twice do not count', () => {
    const rate = baseRate(contract, [
      other(1, 'yes'),
      other(1, 'yes'),
      other(2, 'void'),
      other(3),
      other(4, 'yes', { event: 'KXRAIN-26DEC06' }),
      other(5, 'yes', { series: 'KXSNOW' }),
      { ...contract, resolution: 'yes' },
    ]);
    expect(rate).toMatchObject({ yes: 1, no: 0 });
    expect(baseRate(contract, [])).toEqual({ yes: 0, no: 0, rate: 0.5, low: 0, high: 1 });
  });
});
