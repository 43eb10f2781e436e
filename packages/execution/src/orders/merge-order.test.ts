import { type Order, type OrderStatus, orderStatusSchema, toSize } from '@perpdesk/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { examplePaperIntent } from '../paper/example-paper.ts';
import { mergeOrder } from './merge-order.ts';

const order = (status: OrderStatus, filled = 0, changes: Partial<Order> = {}): Order => ({
  ...examplePaperIntent({ clientOrderId: 'a'.repeat(32) }),
  status,
  filledSize: toSize(filled),
  createdAtMs: 0,
  updatedAtMs: 0,
  ...changes,
});
const merged = (known: Order, news: Order): string => {
  const { filledSize, status } = mergeOrder(known, news);
  return `${status} ${filledSize}`;
};

describe('mergeOrder', () => {
  it('default: news of an order replace what was known', () => {
    expect(mergeOrder(undefined, order('open'))).toEqual(order('open'));
    expect(merged(order('intended'), order('open'))).toBe('open 0');
    expect(merged(order('unresolved'), order('filled', 1))).toBe('filled 1');
    expect(merged(order('open'), order('partially-filled', 0.4, { updatedAtMs: 5 }))).toBe('partially-filled 0.4');
    expect(mergeOrder(order('open'), order('open', 0, { size: toSize(2) })).size).toBe('2');
  });

  it('behavior: news that come late take nothing back', () => {
    expect(merged(order('filled', 1), order('open'))).toBe('filled 1');
    expect(merged(order('partially-filled', 0.4), order('open', 0, { updatedAtMs: 9 }))).toBe('partially-filled 0.4');
    expect(merged(order('partially-filled', 0.4), order('canceled', 0))).toBe('canceled 0.4');
    expect(merged(order('open', 0, { updatedAtMs: 9 }), order('triggered', 0, { updatedAtMs: 5 }))).toBe('open 0');
    expect(merged(order('triggered'), order('open'))).toBe('triggered 0');
    expect(merged(order('open'), order('unresolved'))).toBe('open 0');
    expect(merged(order('canceled', 0.2), order('canceled', 0.4))).toBe('canceled 0.4');
  });

  it('behavior: what was meant by the order stays, whatever the venue gives back', () => {
    const ours = order('intended', 0, {
      tradeId: 'trade:1',
      traceId: 'trace:1',
      purpose: 'stop-loss',
      origin: 'guard',
    });
    expect(mergeOrder(ours, order('open'))).toMatchObject({
      status: 'open',
      tradeId: 'trade:1',
      traceId: 'trace:1',
      purpose: 'stop-loss',
      origin: 'guard',
    });
  });

  it('behavior: in whatever order news come, the end and the largest fill are what is known', () => {
    const news = fc.record({
      status: fc.constantFrom(...orderStatusSchema.options),
      filled: fc.integer({ min: 0, max: 10 }),
      updatedAtMs: fc.integer({ min: 0, max: 3 }),
    });
    const isEnd = (status: OrderStatus): boolean => ['filled', 'canceled', 'rejected', 'expired'].includes(status);
    fc.assert(
      fc.property(fc.array(news, { minLength: 1, maxLength: 6 }), (all) => {
        let known: Order | undefined;
        let filled = 0;
        let ended = false;
        for (const { filled: size, status, updatedAtMs } of all) {
          const before = known;
          known = mergeOrder(known, order(status, size, { updatedAtMs }));
          if (before !== undefined && before.status !== 'intended' && before.status !== 'unresolved')
            expect(Number(known.filledSize)).toBeGreaterThanOrEqual(filled);
          filled = Number(known.filledSize);
          if (ended) expect(isEnd(known.status)).toBe(true);
          ended = isEnd(known.status);
        }
      }),
    );
  });
});
