import { Decimal, toRate, toUsd } from '@perpdesk/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exact } from '../exact/exact.ts';
import { evaluate } from '../recommendation/evaluate.ts';
import { aPosition, aRecommendationInput } from '../testing/fixtures.ts';
import {
  correlatedRisk,
  lossCorrelation,
  portfolioLoss,
  type RiskPart,
  roomWithin,
  totalWith,
} from './correlated-risk.ts';

const part = (market: string, direction: 'long' | 'short', risk: number | string): RiskPart => ({
  market,
  direction,
  risk: exact(risk),
});
const next = { market: 'BTC-PERP', direction: 'long' } as const;

describe('correlated risk', () => {
  it('default: 300 and 400 together are 700, 500 where independent, √(0.25 of the way between) at 0.5', () => {
    const parts = [part('ETH-PERP', 'long', 300)];
    const with400 = (rho: number | undefined) =>
      totalWith(
        correlatedRisk(parts, next, () => rho),
        exact(400),
      ).toFixed();
    expect(with400(undefined)).toBe('700');
    expect(with400(1)).toBe('700');
    expect(with400(0)).toBe('500');
    // √(300² + 400² + 2·0.5·300·400) = √370,000, rounded up
    expect(with400(0.5)).toBe('608.276253029822');
  });

  it('behavior: unknown, impossible and same-market correlations are whole; a hedge is worth no more than independence', () => {
    const eth = part('ETH-PERP', 'long', 1);
    const of = (rho: number | undefined, direction: 'long' | 'short' = 'long', market = 'BTC-PERP') =>
      lossCorrelation(eth, { market, direction }, () => rho).toFixed();
    expect([of(undefined), of(Number.NaN), of(1.01), of(-2), of(0, 'long', 'ETH-PERP')]).toEqual([
      '1',
      '1',
      '1',
      '1',
      '1',
    ]);
    expect([of(0.7), of(-0.7), of(0.7, 'short'), of(-0.7, 'short')]).toEqual(['0.7', '0', '0', '0.7']);
  });

  it('behavior: between the root of the squares and the sum, and the room is what still fits', () => {
    const risks = fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(
        risks,
        fc.integer({ min: -100, max: 100 }),
        fc.integer({ min: 0, max: 300_000 }),
        (list, rho, limit) => {
          const parts = list.map((risk, n) => part(`M${n}-PERP`, n % 2 === 0 ? 'long' : 'short', risk));
          const correlation = () => rho / 100;
          const total = portfolioLoss(parts, correlation);
          const sum = list.reduce((a, b) => a + b, 0);
          const root = new Decimal(list.reduce((a, b) => a + b * b, 0)).sqrt();
          expect(total.lessThanOrEqualTo(exact(sum).plus('0.000000000001'))).toBe(true);
          expect(root.lessThanOrEqualTo(total.toFixed())).toBe(true);
          const there = correlatedRisk(parts, next, correlation);
          const room = roomWithin(there, exact(limit));
          if (!room.greaterThan(0)) return;
          expect(totalWith(there, room).lessThanOrEqualTo(limit)).toBe(true);
          expect(totalWith(there, room.plus('0.001')).greaterThan(exact(limit).minus('0.001'))).toBe(true);
        },
      ),
      { numRuns: 3_000, seed: 302 },
    );
  });

  it('behavior: what is known of correlation makes room, and a size that fits it exactly', () => {
    const positions = [
      aPosition({
        margin: toUsd(10),
        protection: { stopLoss: toUsd(2_530) as never, stopSize: '1' as never, takeProfits: [] },
      }),
    ];
    const limits = { ...aRecommendationInput().limits, maxPortfolioRisk: toRate('0.05') };
    const sized = (correlation?: () => number) => {
      const { decision } = evaluate(
        aRecommendationInput({ positions, limits, ...(correlation === undefined ? {} : { correlation }) }),
      );
      return decision.outcome === 'signal' ? decision.signal.size : decision.rejection.code;
    };
    // 472.53 of 500 is at risk: 27.47 more as a sum; 16.4925 is what this size risks.
    expect(sized()).toBe(sized(() => 1));
    expect(sized(() => 0)).toBe('0.025');
  });
});
