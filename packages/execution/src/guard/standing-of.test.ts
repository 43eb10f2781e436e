import { type Position, toPrice, toSize, toUsd } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { exampleInstrument } from '../paper/example-paper.ts';
import type { Holding } from '../portfolio/portfolio.ts';
import { fallbackPlan } from './fallback-plan.ts';
import type { GuardRow, Standing, TradePlan } from './guard-store.ts';
import { isAdopted, standingOf, withPlannedSize } from './standing-of.ts';

const instrument = exampleInstrument();
const key = { userId: 'alice', venue: 'paper', instrumentId: 'BTC-PERP@hyperliquid' } as const;
const position: Position = {
  ...{ ...key, direction: 'long', leverage: 5, size: toSize(1), entryPrice: toPrice(100), markPrice: toPrice(100) },
  ...{ marginMode: 'isolated', margin: toUsd(20), unrealizedPnl: toUsd(0), realizedPnl: toUsd(0) },
  ...{ openedAtMs: 0, updatedAtMs: 0 },
};
const plan = (tradeId: string, stop: number): TradePlan => ({
  ...{ tradeId, traceId: `trace:${tradeId}`, leverage: 5, stopLoss: toPrice(stop), takeProfits: [] },
});
const holding = (changes: Partial<Holding> = {}): Holding => ({
  ...{ position, number: 3, tradeIds: ['one', 'two'], fresh: true, filled: toSize(1), ahead: undefined },
  entered: toSize(1),
  ...changes,
});
const row = (plans: readonly TradePlan[], standing?: Standing): GuardRow => ({
  ...{ ...key, plans: [...plans] },
  ...(standing === undefined ? {} : { standing }),
});
const slots = { stop: { clientOrderId: 'a', attempt: 0, filledBefore: toSize(0) } };
const standing = (changes: Partial<Standing> = {}): Standing => ({
  ...{ number: 3, plan: plan('one', 95), plannedSize: toSize(2), slots },
  ...changes,
});

describe('standingOf', () => {
  it('default: begins with the newest plan of the trades that entered, over what is held', () => {
    const plans = [plan('one', 95), plan('two', 96), plan('three', 97)];
    expect(standingOf(row(plans), holding(), instrument)).toEqual({
      ...{ number: 3, plan: plan('two', 96), plannedSize: '1', slots: {} },
    });
  });

  it('behavior: another plan takes over what rests, the same changes nothing', () => {
    const before = standing();
    expect(standingOf(row([plan('two', 96)], before), holding(), instrument)).toEqual({
      ...before,
      plan: plan('two', 96),
    });
    expect(standingOf(row([before.plan], before), holding(), instrument)).toBe(before);
  });

  it('behavior: a plan that its trade has given up goes on protecting its position', () => {
    const before = standing();
    expect(standingOf(row([], before), holding(), instrument)).toBe(before);
  });

  it('behavior: another position begins anew', () => {
    const fresh = standingOf(row([], standing({ number: 2 })), holding(), instrument);
    expect(fresh).toEqual({ number: 3, plan: fallbackPlan(position, instrument), plannedSize: '1', slots: {} });
    expect(isAdopted(fresh)).toBe(true);
    expect(isAdopted(standing())).toBe(false);
  });

  it('behavior: a stop of last resort that rests stays; one that was never laid is where the price is', () => {
    const adopted = fallbackPlan(position, instrument);
    const moved = holding({ position: { ...position, markPrice: toPrice(200) } });
    expect(standingOf(row([], standing({ plan: adopted })), moved, instrument).plan.stopLoss).toBe('98');
    expect(standingOf(row([], standing({ plan: adopted, slots: {} })), moved, instrument).plan.stopLoss).toBe('196');
  });
});

describe('withPlannedSize', () => {
  it('default: grows to all that the position was made of, or is told to be, and never shrinks', () => {
    const before = standing({ plannedSize: toSize('1.5') });
    expect(withPlannedSize(before, holding({ entered: toSize('1.7') }))).toEqual({ ...before, plannedSize: '1.7' });
    expect(withPlannedSize(before, holding({ position: { ...position, size: toSize(2) } }))).toEqual({
      ...before,
      plannedSize: '2',
    });
    expect(withPlannedSize(before, holding({ entered: toSize('1.2') }))).toBe(before);
  });
});
