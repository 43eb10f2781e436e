import { Decimal, type Order, toPrice, toRate, toSize } from '@perpdesk/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exitedSize, type ProtectionPlan, protectiveOrders, uncoveredSize } from './protection-plan.ts';

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
    expect(
      sizes({ size: toSize('0.051') }, plan('0.101', '0.5', '0.5'), rules, new Map([['target-0', toSize('0.05')]])),
    ).toEqual(['stop 0.051', 'target-1 0.051']);
  });

  it('behavior: a first part of the entry is covered at once', () => {
    expect(sizes({ size: toSize('0.03') }, plan('0.03', '0.5', '0.5'), rules)).toEqual([
      'stop 0.03',
      'target-0 0.015',
      'target-1 0.015',
    ]);
  });

  it('behavior: targets are for what is left of the fills, the stop for the whole position', () => {
    expect(sizes({ size: toSize('0.05'), filled: toSize('0.03') }, plan('0.1', '0.5', '0.5'), rules)).toEqual([
      'stop 0.05',
      'target-0 0.03',
    ]);
    expect(sizes({ size: toSize('0.03'), filled: toSize('0.05') }, plan('0.1', '0.5', '0.5'), rules)).toEqual([
      'stop 0.03',
      'target-0 0.03',
    ]);
  });

  it('behavior: a target that was reached in part asks for its rest only, also when the position has grown', () => {
    const taken = new Map([['target-0', toSize('0.02')]]);
    expect(sizes({ size: toSize('0.08') }, plan('0.1', '0.5', '0.5'), rules, taken)).toEqual([
      'stop 0.08',
      'target-0 0.03',
      'target-1 0.05',
    ]);
  });

  it('behavior: the stop covers all, targets sum to no more and the last takes the rest', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.integer({ min: 0, max: 5000 }),
        fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 2 }),
        (lots, more, parts) => {
          const size = toSize(new Decimal(lots).times(rules.lotSize));
          const planned = new Decimal(lots + more).times(rules.lotSize).toFixed();
          const taken = new Map(
            parts.map((part, index) => [`target-${index}`, toSize(new Decimal(part).times(rules.lotSize))]),
          );
          const [stop, ...targets] = protectiveOrders({ size }, plan(planned, '0.3', '0.3', '0.4'), rules, taken);
          expect(stop).toMatchObject({ purpose: 'stop-loss', size });
          const sum = targets.reduce((total, target) => total.plus(target.size), new Decimal(0));
          expect(sum.toFixed()).toBe(new Decimal(size).toFixed());
          for (const target of targets) expect(new Decimal(target.size).greaterThan(0)).toBe(true);
        },
      ),
    );
  });
});

describe('orders of a position', () => {
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
  const position = {
    venue: 'paper',
    instrumentId: 'BTC-PERP@hyperliquid',
    direction: 'long',
    size: toSize('0.1'),
  } as const;

  it('default: market exits that are under way have taken what they have not filled yet, nothing else has', () => {
    const exit = (size: string, changes: Partial<Order> = {}) =>
      stop(size, { type: 'market', purpose: 'exit', ...changes });
    expect(exitedSize(position, [])).toBe('0');
    expect(exitedSize(position, [exit('0.06', { filledSize: toSize('0.01') }), exit('0.02')])).toBe('0.07');
    const others = [
      stop('0.1'),
      exit('0.1', { type: 'limit' }),
      exit('0.1', { purpose: 'stop-loss' }),
      exit('0.1', { venue: 'elsewhere' }),
      exit('0.1', { side: 'buy' }),
      exit('0.1', { status: 'filled' }),
    ];
    expect(exitedSize(position, others)).toBe('0');
  });

  it('default: what resting stops leave open', () => {
    expect(uncoveredSize(position, [])).toBe('0.1');
    expect(uncoveredSize(position, [stop('0.06')])).toBe('0.04');
    expect(uncoveredSize(position, [stop('0.06'), stop('0.06')])).toBe('0');
  });

  it('behavior: only live stops against the position count, less what they filled', () => {
    expect(uncoveredSize(position, [stop('0.1', { status: 'triggered' })])).toBe('0');
    expect(uncoveredSize(position, [stop('0.1', { status: 'unresolved' })])).toBe('0.1');
    expect(uncoveredSize(position, [stop('0.1', { side: 'buy' })])).toBe('0.1');
    expect(uncoveredSize(position, [stop('0.1', { venue: 'elsewhere' })])).toBe('0.1');
    expect(uncoveredSize(position, [stop('0.1', { status: 'canceled' })])).toBe('0.1');
    expect(uncoveredSize(position, [stop('0.1', { instrumentId: 'ETH-PERP@hyperliquid' })])).toBe('0.1');
    expect(uncoveredSize(position, [stop('0.1', { purpose: 'take-profit' })])).toBe('0.1');
    expect(uncoveredSize(position, [stop('0.1', { filledSize: toSize('0.03'), status: 'partially-filled' })])).toBe(
      '0.03',
    );
  });
});
