import { type Position, toPrice, toRate, toSize, toUsd } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { editedPlan } from './edit-plan.ts';
import type { TradePlan } from './guard-store.ts';

const instrument = { priceRule: { kind: 'tick', tick: toPrice('0.5') } } as const;
const plan: TradePlan = {
  tradeId: 'trade:1',
  traceId: 'trace:1',
  leverage: 5,
  stopLoss: toPrice(95),
  takeProfits: [{ price: toPrice(110), fraction: toRate(1) }],
  exits: { maxHoldMs: 1_000 },
};
const position = (changes: Partial<Position> = {}): Position => ({
  ...{ userId: 'alice', venue: 'paper', instrumentId: 'BTC-PERP@paper', direction: 'long', leverage: 5 },
  ...{ size: toSize(1), entryPrice: toPrice(100), markPrice: toPrice(102), marginMode: 'isolated' },
  ...{ margin: toUsd(20), unrealizedPnl: toUsd(2), realizedPnl: toUsd(0), liquidationPrice: toPrice(81) },
  ...{ openedAtMs: 0, updatedAtMs: 0 },
  ...changes,
});
const edited = (edit: Parameters<typeof editedPlan>[1], changes: Partial<Position> = {}, before = plan) =>
  editedPlan(before, edit, position(changes), instrument);

describe('editedPlan', () => {
  it('default: changes what is named, rounded towards firing earlier', () => {
    expect(edited({ stopLoss: toPrice('98.1') })).toEqual({ ...plan, stopLoss: '98.5', approvedStop: '95' });
    expect(edited({ takeProfits: [{ price: toPrice('108.4'), fraction: toRate('0.5') }] }).takeProfits).toEqual([
      { price: '108', fraction: '0.5' },
    ]);
    expect(edited({ exits: null }).exits).toBeUndefined();
    expect(edited({ exits: { maxHoldMs: 5 } }).exits).toEqual({ maxHoldMs: 5 });
  });

  it('behavior: a stop that was tightened may go back to where it was approved, no further', () => {
    const tight = edited({ stopLoss: toPrice(99) });
    expect(edited({ stopLoss: toPrice(95) }, {}, tight).stopLoss).toBe('95');
    expect(() => edited({ stopLoss: toPrice('94.5') }, {}, tight)).toThrow(
      expect.objectContaining({ code: 'stop.beyond-approved' }),
    );
  });

  it.each([
    ['stop.wrong-side', { stopLoss: toPrice(102) }, {}],
    ['stop.beyond-approved', { stopLoss: toPrice('94.5') }, {}],
    ['stop.beyond-liquidation', { stopLoss: toPrice(96) }, { liquidationPrice: toPrice(96) }],
    ['target.wrong-side', { takeProfits: [{ price: toPrice(102), fraction: toRate(1) }] }, {}],
    ['target.fractions', { takeProfits: [{ price: toPrice(110), fraction: toRate('1.1') }] }, {}],
    ['target.fractions', { takeProfits: [{ price: toPrice(110), fraction: toRate(0) }] }, {}],
  ] as const)('error: %s', (code, edit, changes) => {
    expect(() => edited(edit, changes)).toThrow(expect.objectContaining({ code }));
  });

  it('error: the same for a short', () => {
    const short = { ...plan, stopLoss: toPrice(105) };
    const as = (stop: number) =>
      edited({ stopLoss: toPrice(stop) }, { direction: 'short', liquidationPrice: toPrice(120) }, short);
    expect(as(104).stopLoss).toBe('104');
    expect(() => as(105.5)).toThrow(expect.objectContaining({ code: 'stop.beyond-approved' }));
    expect(() => as(102)).toThrow(expect.objectContaining({ code: 'stop.wrong-side' }));
  });
});
