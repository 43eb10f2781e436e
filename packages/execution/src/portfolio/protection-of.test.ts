import { type Order, toPrice, toSize } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { protectionOf, stopsOf } from './protection-of.ts';

const order = (changes: Partial<Order> = {}): Order => ({
  ...{ clientOrderId: '0'.repeat(32), userId: 'alice', venue: 'paper', instrumentId: 'BTC-PERP@hyperliquid' },
  ...{ side: 'sell', type: 'stop-market', size: toSize('0.06'), triggerPrice: toPrice(59_500), timeInForce: 'gtc' },
  ...{ reduceOnly: true, purpose: 'stop-loss', origin: 'guard', status: 'open', filledSize: toSize(0) },
  ...{ createdAtMs: 0, updatedAtMs: 0 },
  ...changes,
});
const target = (changes: Partial<Order> = {}): Order =>
  order({ type: 'take-profit-market', purpose: 'take-profit', triggerPrice: toPrice(61_000), ...changes });
const position = {
  venue: 'paper',
  instrumentId: 'BTC-PERP@hyperliquid',
  direction: 'long',
  size: toSize('0.1'),
} as const;

describe('protectionOf', () => {
  it('default: nothing', () => {
    expect(protectionOf(position, [])).toEqual({ stopSize: '0', takeProfits: [] });
  });

  it('default: the first stop, what all of them cover of the size there is, and the targets', () => {
    expect(protectionOf(position, [order(), target({ filledSize: toSize('0.01') })])).toEqual({
      ...{ stopLoss: '59500', stopSize: '0.06', takeProfits: [{ price: '61000', size: '0.05' }] },
    });
    expect(protectionOf(position, [order(), order({ triggerPrice: toPrice(59_000) })])).toEqual({
      ...{ stopLoss: '59500', stopSize: '0.1', takeProfits: [] },
    });
  });

  it('behavior: what is not against the position, ended or without a trigger is no protection', () => {
    const { triggerPrice: _, ...bare } = target();
    const others = [
      order({ side: 'buy' }),
      target({ side: 'buy' }),
      target({ status: 'canceled' }),
      target({ venue: 'okx' }),
      order({ purpose: 'exit' }),
      bare,
    ];
    expect(protectionOf(position, others)).toEqual({ stopSize: '0', takeProfits: [] });
    expect(stopsOf({ ...position, direction: 'short' }, [order(), order({ side: 'buy' })])).toEqual([
      order({ side: 'buy' }),
    ]);
  });
});
