import { Decimal } from '@perpdesk/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bankruptcyPrice } from './bankruptcy-price.ts';
import { dayOf, feeTierAt, hyperliquidFeeTiers, TradedVolume } from './fee-tiers.ts';
import { fundingAmount } from './funding-amount.ts';
import { type HeldPart, releasePart } from './release-part.ts';
import { tradeFee } from './trade-fee.ts';
import { unrealizedPnlOf } from './unrealized-pnl-of.ts';

const d = (value: number | string) => new Decimal(value);

describe('what paper venue and simulated exchange share', () => {
  it('default: released costs sum to the whole cost, whatever the parts', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 1_000 }),
        fc.integer({ min: 1, max: 10_000_000 }),
        fc.array(fc.integer({ min: 1, max: 100 })),
        (size, cost, parts) => {
          let held: HeldPart | undefined = { size: d(size), cost: d(cost), margin: d(100) };
          let released = d(0);
          for (const part of [...parts, 1_000_000]) {
            if (held === undefined) break;
            const taken = releasePart(held, Decimal.min(part, held.size));
            released = released.plus(taken.cost);
            held = taken.rest;
          }
          expect(held).toBeUndefined();
          expect(released.toFixed()).toBe(d(cost).toFixed());
        },
      ),
    );
  });

  it('behavior: fees and funding round against the account', () => {
    expect(tradeFee(d('100.01'), d('0.00045'), 6).toFixed()).toBe('0.045005');
    expect(tradeFee(d('100.01'), d('-0.00003'), 6).toFixed()).toBe('-0.003');
    const terms = { price: d('33.3'), rate: d('0.00001'), decimals: 6 };
    expect(fundingAmount({ isLong: true, size: d(1) }, terms).toFixed()).toBe('-0.000333');
    expect(fundingAmount({ isLong: false, size: d('0.1') }, terms).toFixed()).toBe('0.000033');
    expect(fundingAmount({ isLong: true, size: d('0.1') }, terms).toFixed()).toBe('-0.000034');
  });

  it('behavior: at the bankruptcy price the loss is the budget, never more', () => {
    for (const isLong of [true, false]) {
      const position = { isLong, size: d(3), cost: d(1_000) };
      const loss = unrealizedPnlOf(position, bankruptcyPrice(position, d(100))).negated();
      expect(loss.lessThanOrEqualTo(100)).toBe(true);
      expect(loss.toNumber()).toBeCloseTo(100, 9);
    }
  });

  it('behavior: a fee tier holds from its volume; today does not count, nor what is older than 14 days', () => {
    expect(feeTierAt(hyperliquidFeeTiers, d(4_999_999))?.taker).toBe('0.00045');
    expect(feeTierAt(hyperliquidFeeTiers, d(5_000_000))?.taker).toBe('0.0004');
    const dayMs = 86_400_000;
    const volume = new TradedVolume();
    volume.add(100 * dayMs + 5, d(7));
    volume.add(101 * dayMs, d(5));
    expect([100, 101, 102, 114, 115, 116].map((day) => volume.at(day * dayMs).toNumber())).toEqual([
      0, 7, 12, 12, 5, 0,
    ]);
    expect(dayOf(100 * dayMs + 5)).toBe(100);
  });
});
