import { Decimal, type Order, toPrice, toRate, toSize } from '@perpdesk/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ProtectionPlan, protectiveOrders, uncoveredSize } from './protection-plan.ts';

const rules = { lotSize: toSize('0.001'), minSize: toSize('0.001') };
const plan = (plannedSize: string, ...fractions: string[]): ProtectionPlan => ({
  stopLoss: toPrice(59_500),
  takeProfits: fractions.map((fraction, index) => ({
    price: toPrice(60_500 + index * 500),
    fraction: toRate(fraction),
  })),
  plannedSize: toSize(plannedSize),
});
const sizes = (...given: Parameters<typeof protectiveOrders>): string[] =>
  protectiveOrders(...given).map((order) => `${order.slot} ${order.size}`);

describe('protectiveOrders', () => {
  it('default: one stop over all, targets by fraction, the last takes the rest', () => {
    expect(sizes({ size: toSize('0.101') }, plan('0.101', '0.5', '0.5'), rules)).toEqual([
      'stop 0.101',
      'target-0 0.05',
      'target-1 0.051',
    ]);
  });

  it('behavior: after a target was reached the stop and the rest follow the position', () => {
    expect(sizes({ size: toSize('0.051') }, plan('0.101', '0.5', '0.5'), rules, new Set(['target-0']))).toEqual([
      'stop 0.051',
      'target-1 0.051',
    ]);
  });

  it('behavior: a first part of the entry is covered at once', () => {
    expect(sizes({ size: toSize('0.03') }, plan('0.03', '0.5', '0.5'), rules)).toEqual([
      'stop 0.03',
      'target-0 0.015',
      'target-1 0.015',
    ]);
  });

  it('behavior: the stop covers all, targets never sum to more', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.integer({ min: 0, max: 5000 }),
        fc.integer({ min: 0, max: 3 }),
        (lots, more, taken) => {
          const size = toSize(new Decimal(lots).times(rules.lotSize));
          const planned = new Decimal(lots + more).times(rules.lotSize).toFixed();
          const slots = new Set(Array.from({ length: taken }, (_, index) => `target-${index}`));
          const [stop, ...targets] = protectiveOrders({ size }, plan(planned, '0.3', '0.3', '0.4'), rules, slots);
          expect(stop).toMatchObject({ purpose: 'stop-loss', size });
          const sum = targets.reduce((total, target) => total.plus(target.size), new Decimal(0));
          expect(sum.lessThanOrEqualTo(size)).toBe(true);
          if (taken < 3) expect(sum.toFixed()).toBe(new Decimal(size).toFixed());
        },
      ),
    );
  });
});

describe('uncoveredSize', () => {
  const stop = (size: string, changes: Partial<Order> = {}): Order => ({
    clientOrderId: '0'.repeat(32),
    userId: 'alice',
    venue: 'paper',
    instrumentId: 'BTC-PERP@hyperliquid',
    side: 'sell',
    type: 'stop-market',
    size: toSize(size),
    triggerPrice: toPrice(59_500),
    timeInForce: 'gtc',
    reduceOnly: true,
    purpose: 'stop-loss',
    origin: 'guard',
    status: 'open',
    filledSize: toSize(0),
    createdAtMs: 0,
    updatedAtMs: 0,
    ...changes,
  });
  const position = { instrumentId: 'BTC-PERP@hyperliquid', size: toSize('0.1') } as const;

  it('default: what resting stops leave open', () => {
    expect(uncoveredSize(position, [])).toBe('0.1');
    expect(uncoveredSize(position, [stop('0.06')])).toBe('0.04');
    expect(uncoveredSize(position, [stop('0.06'), stop('0.06')])).toBe('0');
  });

  it('behavior: only open stops of the same instrument count, less what they filled', () => {
    expect(uncoveredSize(position, [stop('0.1', { status: 'canceled' })])).toBe('0.1');
    expect(uncoveredSize(position, [stop('0.1', { instrumentId: 'ETH-PERP@hyperliquid' })])).toBe('0.1');
    expect(uncoveredSize(position, [stop('0.1', { purpose: 'take-profit' })])).toBe('0.1');
    expect(uncoveredSize(position, [stop('0.1', { filledSize: toSize('0.03'), status: 'partially-filled' })])).toBe(
      '0.03',
    );
  });
});
