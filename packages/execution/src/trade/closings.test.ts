import { type DomainEventMap, toPrice, toSize, toUsd } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { Closings, closingsOf } from './closings.ts';

const record = (changes: Partial<DomainEventMap['position.closed']>): DomainEventMap['position.closed'] =>
  ({
    ...{ realizedPnl: toUsd('10'), fees: toUsd('1'), funding: toUsd('-0.00000001'), exitPrice: toPrice(1) },
    ...changes,
  }) as DomainEventMap['position.closed'];

describe('Closings', () => {
  it('default: sums what closed, each closing once', () => {
    const closings = new Closings();
    expect(closings.any).toBe(false);
    expect(closings.result()).toEqual({ realizedPnl: '0', fees: '0', funding: '0' });
    const first = { id: 'a', size: toSize('0.1'), realizedPnl: toUsd(5), fees: toUsd(1), funding: toUsd('0.5') };
    closings.note(first);
    closings.note(first);
    closings.note({ ...first, id: 'b', size: toSize('0.2'), realizedPnl: toUsd(-7) });
    expect(closings.any).toBe(true);
    expect(closings.size()).toBe('0.3');
    expect(closings.result()).toEqual({ realizedPnl: '-2', fees: '2', funding: '1' });
  });
});

describe('closingsOf', () => {
  it('default: shares by what each trade entered, to the eighth place; the first takes what is left', () => {
    const trades = [
      { tradeId: 'one', size: toSize('0.1') },
      { tradeId: 'two', size: toSize('0.1') },
      { tradeId: 'three', size: toSize('0.1') },
    ];
    expect(closingsOf('event', record({ trades }))).toEqual([
      {
        ...{ id: 'event', tradeId: 'one', size: '0.1' },
        ...{ realizedPnl: '3.33333334', fees: '0.33333334', funding: '-0.00000001' },
      },
      {
        ...{ id: 'event', tradeId: 'two', size: '0.1' },
        ...{ realizedPnl: '3.33333333', fees: '0.33333333', funding: '0' },
      },
      {
        ...{ id: 'event', tradeId: 'three', size: '0.1' },
        ...{ realizedPnl: '3.33333333', fees: '0.33333333', funding: '0' },
      },
    ]);
  });

  it('behavior: unequal parts, and a position that no trade entered', () => {
    const trades = [
      { tradeId: 'one', size: toSize('0.3') },
      { tradeId: 'two', size: toSize('0.1') },
    ];
    expect(closingsOf('event', record({ trades })).map(({ realizedPnl }) => realizedPnl)).toEqual(['7.5', '2.5']);
    expect(closingsOf('event', record({ trades: [] }))).toEqual([]);
    expect(closingsOf('event', record({}))).toEqual([]);
  });
});
