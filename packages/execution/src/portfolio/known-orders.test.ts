import { type Order, type OrderStatus, toPrice, toSize } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { examplePaperIntent } from '../paper/example-paper.ts';
import { KnownOrders } from './known-orders.ts';

const order = (letter: string, status: OrderStatus, changes: Partial<Order> = {}): Order => ({
  ...examplePaperIntent({ clientOrderId: letter.repeat(32) }),
  status,
  filledSize: toSize(0),
  createdAtMs: 0,
  updatedAtMs: 0,
  ...changes,
});
const names = (orders: readonly Order[]): string => orders.map(({ clientOrderId }) => clientOrderId[0]).join('');

describe('KnownOrders', () => {
  it('default: the open ones are those that rest or may rest, in the order they were first heard of', () => {
    const orders = new KnownOrders([order('a', 'open')]);
    orders.note(order('b', 'intended'));
    orders.note(order('c', 'unresolved'));
    expect(names(orders.open())).toBe('ac');
    orders.note(order('b', 'open'));
    expect(names(orders.open())).toBe('abc');
    orders.note(order('a', 'partially-filled', { filledSize: toSize('0.4'), updatedAtMs: 5 }));
    orders.fill('a'.repeat(32), toSize('0.4'));
    expect(orders.open()[0]?.filledSize).toBe('0.4');
    orders.note(order('a', 'filled', { filledSize: toSize(1), updatedAtMs: 6 }));
    orders.fill('a'.repeat(32), toSize('0.6'));
    expect(names(orders.open())).toBe('bc');
    expect(orders.get('a'.repeat(32))?.status).toBe('filled');
  });

  it('behavior: one that has filled is shown as open until its fills are known, one that ended in part as what filled', () => {
    const orders = new KnownOrders([]);
    const id = 'a'.repeat(32);
    orders.note(order('a', 'filled', { filledSize: toSize(1) }));
    expect([orders.awaitsFills, orders.open()[0]]).toMatchObject([
      true,
      { status: 'open', size: '1', filledSize: '0' },
    ]);
    orders.fill(id, toSize('0.3'));
    expect(orders.shown(id)).toMatchObject({ status: 'partially-filled', size: '1', filledSize: '0.3' });
    orders.fill(id, toSize('0.7'));
    expect([orders.awaitsFills, orders.open(), orders.shown(id)?.status]).toEqual([...[false, [], 'filled']]);
    orders.note(order('b', 'canceled', { filledSize: toSize('0.4') }));
    expect(orders.open()).toMatchObject([{ status: 'open', size: '0.4', filledSize: '0' }]);
    // A venue that never tells the fill: the second reading without it believes the order.
    orders.settle();
    expect(orders.open()).toHaveLength(1);
    orders.settle();
    expect([orders.open(), orders.shown('b'.repeat(32))?.filledSize]).toEqual([[], '0.4']);
  });

  it('behavior: what an earlier process kept of an order was taken in', () => {
    const orders = new KnownOrders([order('a', 'partially-filled', { filledSize: toSize('0.4') })]);
    expect([orders.awaitsFills, orders.open()[0]?.filledSize]).toEqual([false, '0.4']);
  });

  it('behavior: an order that is read as it is known has not changed, one that is not has', () => {
    const rejected = { rejection: { code: 'balance.zero', message: 'no' } } as const;
    const orders = new KnownOrders([order('a', 'open'), order('b', 'open', rejected)]);
    expect(orders.noteRead(order('a', 'open'))).toBeUndefined();
    expect(orders.noteRead(order('b', 'open', { rejection: { ...rejected.rejection } }))).toBeUndefined();
    expect(orders.takeChanged().size).toBe(0);
    orders.noteRead(order('a', 'open', { averagePrice: toPrice('60000') }));
    expect([...orders.takeChanged().keys()]).toEqual(['a'.repeat(32)]);
    expect(orders.noteRead(order('b', 'canceled', { updatedAtMs: 9 }))?.status).toBe('canceled');
    orders.noteRead(order('d', 'open'));
    expect([...orders.takeChanged().keys()]).toEqual(['b'.repeat(32), 'd'.repeat(32)]);
  });
});
