import { type Position, toPrice, toSize, toUsd } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { exampleInstrument } from '../paper/example-paper.ts';
import { fallbackPlan } from './fallback-plan.ts';

const position = (changes: Partial<Position> = {}): Position => ({
  ...{ userId: 'alice', venue: 'paper', instrumentId: 'BTC-PERP@hyperliquid', direction: 'long', leverage: 7 },
  ...{ size: toSize(1), entryPrice: toPrice(90), markPrice: toPrice(100), marginMode: 'isolated' },
  ...{ margin: toUsd(20), unrealizedPnl: toUsd(0), realizedPnl: toUsd(0), openedAtMs: 77, updatedAtMs: 88 },
  ...changes,
});
const stopOf = (changes: Partial<Position>) => fallbackPlan(position(changes), exampleInstrument()).stopLoss;

describe('fallbackPlan', () => {
  it('default: a stop 2 % from the mark, no targets, named after the position', () => {
    const tradeId = 'adopted:alice:paper:BTC-PERP@hyperliquid:77';
    expect(fallbackPlan(position(), exampleInstrument())).toEqual({
      ...{ tradeId, traceId: tradeId, leverage: 7, stopLoss: '98', takeProfits: [] },
    });
  });

  it('behavior: above a short', () => {
    expect(stopOf({ direction: 'short' })).toBe('102');
  });

  it('behavior: half the way to the liquidation where that is nearer', () => {
    expect(stopOf({ liquidationPrice: toPrice(97) })).toBe('98.5');
    expect(stopOf({ liquidationPrice: toPrice(80) })).toBe('98');
    expect(stopOf({ direction: 'short', liquidationPrice: toPrice(103) })).toBe('101.5');
    expect(stopOf({ direction: 'short', liquidationPrice: toPrice(140) })).toBe('102');
  });

  it('behavior: rounded towards firing earlier', () => {
    expect(stopOf({ markPrice: toPrice('100.01') })).toBe('98.1');
    expect(stopOf({ direction: 'short', markPrice: toPrice('100.01') })).toBe('102');
  });
});
