import { toPrice, toRate } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { breakEvenNotional, expectedEdge } from './expected-edge.ts';

const plan = {
  entry: toPrice(60_000),
  stopLoss: toPrice(59_400),
  takeProfits: [
    { price: toPrice(60_900), fraction: toRate('0.5') },
    { price: toPrice(61_800), fraction: toRate('0.5') },
  ],
  confidence: 0.7,
};

describe('expectedEdge', () => {
  it('default: chance times reward, less the rest times the risk, less fees', () => {
    // R = 600 = 100 bp; W = (0.5 · 900 + 0.5 · 1,800) / 600 = 2.25; F = 2 · 0.00045 · 60,000 / 600 = 0.09.
    const edge = expectedEdge(plan, toRate('0.00045'));
    expect(edge).toEqual({ riskBp: 100, rewardR: 2.25, feesR: 0.09, edgeR: 1.185, edgeBp: 118.5 });
    // 1 cent is earned by 84 cents of notional.
    expect(breakEvenNotional(edge, 0.01)).toBeCloseTo(0.8438818565, 9);
  });

  it('behavior: the same for a short', () => {
    const short = {
      ...plan,
      stopLoss: toPrice(60_600),
      takeProfits: [
        { price: toPrice(59_100), fraction: toRate('0.5') },
        { price: toPrice(58_200), fraction: toRate('0.5') },
      ],
    };
    expect(expectedEdge(short, toRate('0.00045'))).toEqual(expectedEdge(plan, toRate('0.00045')));
  });

  it('behavior: where fees take it all no size pays for the decision', () => {
    const edge = expectedEdge({ ...plan, confidence: 0.2 }, toRate('0.003'));
    expect(edge.edgeR).toBeCloseTo(0.2 * 2.25 - 0.8 - 0.6, 12);
    expect(breakEvenNotional(edge, 0.01)).toBe(undefined);
  });
});
