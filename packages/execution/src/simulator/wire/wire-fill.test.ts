import { toPrice, toSize, toUsd } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import type { EngineFill } from '../engine/exchange-engine.ts';
import { wireLevels } from './wire-book.ts';
import { wireDecimal } from './wire-decimal.ts';
import { aggregateFills, wireFill } from './wire-fill.ts';

const fill = (change: Partial<EngineFill> = {}): EngineFill => ({
  account: '0xa',
  tradeId: 1,
  orderId: 7,
  coin: 'BTC',
  side: 'buy',
  price: toPrice(100),
  size: toSize(2),
  startPosition: '0',
  closedPnl: toUsd('1.5'),
  fee: toUsd('0.1'),
  crossed: true,
  atMs: 5,
  ...change,
});

describe('wireDecimal', () => {
  it('default: plain, with one decimal at least', () => {
    expect([1, '0.10', '-0', '1e-9', '123456789.123456789'].map((value) => wireDecimal(value))).toEqual([
      '1.0',
      '0.1',
      '0.0',
      '0.000000001',
      '123456789.123456789',
    ]);
    expect(wireDecimal('1.23456789', 6)).toBe('1.234568');
  });
});

describe('wireFill', () => {
  it('default: what a fill did to the position', () => {
    const direction = (side: 'buy' | 'sell', startPosition: string) => wireFill(fill({ side, startPosition })).dir;
    expect(direction('buy', '0')).toBe('Open Long');
    expect(direction('buy', '1')).toBe('Open Long');
    expect(direction('sell', '3')).toBe('Close Long');
    expect(direction('sell', '2')).toBe('Close Long');
    expect(direction('sell', '1')).toBe('Long > Short');
    expect(direction('sell', '0')).toBe('Open Short');
    expect(direction('buy', '-2')).toBe('Close Short');
    expect(direction('buy', '-1')).toBe('Short > Long');
  });

  it('behavior: the fills of an order at an instant become one, others stay', () => {
    const merged = aggregateFills([
      fill(),
      fill({ tradeId: 2, price: toPrice(103), size: toSize(1) }),
      fill({ tradeId: 3, atMs: 6 }),
      fill({ tradeId: 4, orderId: 8, atMs: 6 }),
    ]);
    expect(merged.map(({ price, size, fee, closedPnl }) => [price, size, fee, closedPnl])).toEqual([
      ['101', '3', '0.2', '3'],
      ['100', '2', '0.1', '1.5'],
      ['100', '2', '0.1', '1.5'],
    ]);
  });
});

describe('wireLevels', () => {
  const levels = ['99.994', '99.986', '99.93'].map((price) => ({ price: toPrice(price), size: toSize(1), count: 1 }));

  it('default: at most twenty, ungrouped as they are', () => {
    expect(wireLevels(levels, 'bid')[0]).toEqual({ px: '99.994', sz: '1.0', n: 1 });
    const many = Array.from({ length: 30 }, (_, i) => ({ price: toPrice(100 - i), size: toSize(1), count: 1 }));
    expect(wireLevels(many, 'bid')).toHaveLength(20);
  });

  it('behavior: grouped to figures and steps, away from the middle', () => {
    const px = (side: 'bid' | 'ask', figures: number, mantissa?: number) =>
      wireLevels(levels, side, { figures, ...(mantissa === undefined ? {} : { mantissa }) }).map((level) => level.px);
    expect(px('bid', 4)).toEqual(['99.99', '99.98', '99.93']);
    expect(px('bid', 3)).toEqual(['99.9']);
    expect(px('ask', 3)).toEqual(['100.0']);
    expect(px('bid', 5, 5)).toEqual(['99.99', '99.985', '99.93']);
  });
});
