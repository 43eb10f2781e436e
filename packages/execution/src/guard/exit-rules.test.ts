import { type ExitRules, type FundingRate, type Position, toPrice, toRate, toSize, toUsd } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { editedPlan } from './edit-plan.ts';
import { exitDue, followTrail, tighterStop } from './follow-exits.ts';
import type { TradePlan, Trail } from './guard-store.ts';

const instrument = { priceRule: { kind: 'tick', tick: toPrice('0.1') } } as const;
const at = (
  rules: ExitRules,
  mark: number | string,
  changes: { readonly stop?: number; readonly trail?: Trail; readonly nowMs?: number } = {},
): Trail => {
  const { nowMs = 10_000, stop = 98, trail } = changes;
  const position = { direction: 'long', entryPrice: toPrice(100), markPrice: toPrice(mark), openedAtMs: 0 } as const;
  return followTrail({ rules, position, stopLoss: toPrice(stop), trail, instrument, nowMs });
};

describe('the bounds of following', () => {
  it('default: a rule is on from its gain on, that gain included', () => {
    const trailing: ExitRules = { trailing: { distance: toRate('0.01'), fromR: 1 } };
    expect(at(trailing, '101.99').stopLoss).toBeUndefined();
    expect(at(trailing, 102)).toEqual({ best: '102', stopLoss: '101', movedAtMs: 10_000 });
    const breakEven: ExitRules = { breakEven: { atR: 1, offset: toRate('0.001') } };
    expect(at(breakEven, '101.99').stopLoss).toBeUndefined();
    expect(at(breakEven, 102)).toEqual({ best: '102', stopLoss: '100.1', movedAtMs: 10_000 });
  });

  it('behavior: of two rules the tighter one', () => {
    const rules: ExitRules = {
      breakEven: { atR: 1, offset: toRate('0.001') },
      trailing: { distance: toRate('0.05'), fromR: 1 },
    };
    expect(at(rules, 103).stopLoss).toBe('100.1');
    expect(at(rules, 110).stopLoss).toBe('104.5');
  });

  it('behavior: a best mark is news once it is better by a ten-thousandth', () => {
    const rules: ExitRules = { trailing: { distance: toRate('0.05'), fromR: 50 } };
    const trail: Trail = { best: toPrice(100), movedAtMs: 0 };
    expect(at(rules, '100.01', { trail })).toBe(trail);
    expect(at(rules, '100.02', { trail })).toEqual({ best: '100.02', movedAtMs: 0 });
    expect(at(rules, 99, { trail })).toBe(trail);
  });

  it('behavior: a stop that would lie further away than the plan’s is not laid', () => {
    const rules: ExitRules = { trailing: { distance: toRate('0.05'), fromR: 0 } };
    expect(at(rules, 101).stopLoss).toBeUndefined();
    // 103.2 less 5 % is where the plan's stop is already: nothing is gained.
    expect(at(rules, '103.1578', { stop: 98 }).stopLoss).toBeUndefined();
    expect(at(rules, 104, { stop: 98 }).stopLoss).toBe('98.8');
  });

  it('behavior: the first move may be small, later ones are a tenth of the distance at least', () => {
    const rules: ExitRules = { trailing: { distance: toRate('0.05'), fromR: 0 } };
    expect(at(rules, '103.2632').stopLoss).toBe('98.2');
    const trail: Trail = { best: toPrice(104), stopLoss: toPrice('98.8'), movedAtMs: 0 };
    // A tenth of 5 % of about 99.
    expect(at(rules, '104.4', { trail }).stopLoss).toBe('98.8');
    expect(at(rules, '104.6', { trail }).stopLoss).toBe('99.4');
  });

  it('behavior: five seconds lie between two moves, to the millisecond', () => {
    const rules: ExitRules = { trailing: { distance: toRate('0.01'), fromR: 0 } };
    const trail: Trail = { best: toPrice(104), stopLoss: toPrice(103), movedAtMs: 10_000 };
    expect(at(rules, 110, { trail, nowMs: 14_999 })).toEqual({ best: '110', stopLoss: '103', movedAtMs: 10_000 });
    expect(at(rules, 110, { trail, nowMs: 15_000 })).toEqual({ best: '110', stopLoss: '108.9', movedAtMs: 15_000 });
  });

  it('behavior: a stop at the mark itself is not laid', () => {
    const rules: ExitRules = { breakEven: { atR: 0, offset: toRate(0) } };
    expect(at(rules, 100).stopLoss).toBeUndefined();
    expect(at(rules, '100.1').stopLoss).toBe('100');
  });

  it('default: the tighter of two stops', () => {
    expect(tighterStop('long', toPrice(98), undefined)).toBe('98');
    expect(tighterStop('long', toPrice(98), toPrice(99))).toBe('99');
    expect(tighterStop('long', toPrice(99), toPrice(98))).toBe('99');
    expect(tighterStop('short', toPrice(102), toPrice(101))).toBe('101');
    expect(tighterStop('short', toPrice(101), toPrice(102))).toBe('101');
  });
});

describe('the bounds of exits', () => {
  const position = { direction: 'long', openedAtMs: 1_000 } as const;
  const funding: FundingRate = {
    ...{
      instrumentId: 'BTC-PERP@paper' as const,
      rate: 0.001,
      intervalMs: 28_800_000,
      settlesAtMs: 0,
      predicted: true,
    },
    ...{ exchangeAtMs: 0, receivedAtMs: 0 },
  };

  it('default: no rule, no exit; funding at the bound itself stays', () => {
    expect(exitDue({ rules: {}, position, funding, nowMs: 1e12 })).toBeUndefined();
    expect(exitDue({ rules: { maxHoldMs: 10 }, position, funding: undefined, nowMs: 1_009 })).toBeUndefined();
    const rules = { maxFundingPerDay: toRate('0.003') };
    expect(exitDue({ rules, position, funding, nowMs: 2_000 })).toBeUndefined();
    expect(exitDue({ rules: { maxFundingPerDay: toRate('0.0029') }, position, funding, nowMs: 2_000 })).toBe(
      'funding-exit',
    );
  });
});

describe('the bounds of edits', () => {
  const plan: TradePlan = {
    ...{ tradeId: 'trade:1', traceId: 'trace:1', leverage: 5, stopLoss: toPrice(95) },
    takeProfits: [{ price: toPrice('110.04'), fraction: toRate(1) }],
  };
  const position = (changes: Partial<Position> = {}): Position => ({
    ...{ userId: 'alice', venue: 'paper', instrumentId: 'BTC-PERP@paper', direction: 'long', leverage: 5 },
    ...{ size: toSize(1), entryPrice: toPrice(100), markPrice: toPrice(102), marginMode: 'isolated' },
    ...{ margin: toUsd(20), unrealizedPnl: toUsd(2), realizedPnl: toUsd(0), openedAtMs: 0, updatedAtMs: 0 },
    ...changes,
  });
  const edited = (edit: Parameters<typeof editedPlan>[1], changes: Partial<Position> = {}) =>
    editedPlan(plan, edit, position(changes), instrument);
  const targets = (...pairs: readonly (readonly [price: number, fraction: string])[]) =>
    pairs.map(([price, fraction]) => ({ price: toPrice(price), fraction: toRate(fraction) }));

  it('default: what is left out stays, targets on the rule', () => {
    expect(edited({})).toEqual({
      ...plan,
      approvedStop: '95',
      takeProfits: [{ price: '110', fraction: '1' }],
    });
    // What stays is not judged anew: the price may have passed it.
    expect(edited({ exits: { maxHoldMs: 1 } }, { markPrice: toPrice(120) })).toMatchObject({
      ...{ stopLoss: '95', exits: { maxHoldMs: 1 } },
    });
    expect(edited({ takeProfits: [] }, { markPrice: toPrice(94) }).takeProfits).toEqual([]);
    expect(edited({ exits: null })).not.toHaveProperty('exits');
  });

  it('behavior: a stop just inside each bound', () => {
    expect(edited({ stopLoss: toPrice('101.9') }).stopLoss).toBe('101.9');
    expect(edited({ stopLoss: toPrice(95) }).stopLoss).toBe('95');
    expect(edited({ stopLoss: toPrice('96.1') }, { liquidationPrice: toPrice(96) }).stopLoss).toBe('96.1');
  });

  it('error: a stop on the other side of the price, near or far', () => {
    for (const [stop, direction] of [
      [102, 'long'],
      [103, 'long'],
      [102, 'short'],
      [101, 'short'],
    ] as const) {
      const there = direction === 'long' ? {} : ({ direction, liquidationPrice: toPrice(150) } as const);
      expect(() => edited({ stopLoss: toPrice(stop) }, there)).toThrow(
        expect.objectContaining({ code: 'stop.wrong-side' }),
      );
    }
  });

  it('behavior: fractions that sum to one', () => {
    expect(edited({ takeProfits: targets([103, '0.5'], [104, '0.5']) }).takeProfits).toHaveLength(2);
    for (const wrong of [targets([103, '0.5'], [104, '0.6']), targets([103, '0.5'], [104, '-0.1'])]) {
      expect(() => edited({ takeProfits: wrong })).toThrow(expect.objectContaining({ code: 'target.fractions' }));
    }
  });

  it('error: one target of several on the wrong side, and those of a short', () => {
    const wrongSide = expect.objectContaining({ code: 'target.wrong-side' });
    expect(() => edited({ takeProfits: targets([103, '0.5'], [101, '0.5']) })).toThrow(wrongSide);
    const short = { direction: 'short', liquidationPrice: toPrice(150) } as const;
    expect(() => edited({ takeProfits: targets([103, '1']) }, short)).toThrow(wrongSide);
    expect(edited({ takeProfits: targets([101, '1']) }, short).takeProfits).toEqual(targets([101, '1']));
  });
});
