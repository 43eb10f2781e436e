import { toRate, toUsd } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { aUser } from '../testing/fixtures.ts';
import { limitChange } from './limit-change.ts';
import { limitsFor } from './limits-for.ts';
import { tierDefaults } from './tier-defaults.ts';

describe('tierDefaults', () => {
  it("default: PRODUCT's table", () => {
    const row = (name: keyof typeof tierDefaults.beginner) => [
      tierDefaults.beginner[name],
      tierDefaults.intermediate[name],
      tierDefaults.advanced[name],
    ];
    expect(row('maxLeverage')).toEqual([3, 6, 12]);
    expect(row('riskPerTrade')).toEqual(['0.005', '0.01', '0.02']);
    expect(row('maxPositionMargin')).toEqual(['0.05', '0.1', '0.25']);
    expect(row('maxTotalMargin')).toEqual(['0.2', '0.4', '0.8']);
    expect(row('maxOpenPositions')).toEqual([5, 10, 20]);
    expect(row('dailyLoss')).toEqual(['0.1', '0.15', '0.25']);
    expect(row('marginMode')).toEqual(['isolated', 'isolated', 'cross']);
    expect(row('maxPortfolioRisk')).toEqual(['0.05', '0.06', '0.1']);
    expect(row('firstTradeNotional')).toEqual(['0.2', '0.4', undefined]);
  });
});

describe('limitsFor', () => {
  it('default: the tier, each limit replaced by what the user set', () => {
    expect(limitsFor(aUser())).toEqual(tierDefaults.beginner);
    expect(
      limitsFor(aUser({ tier: 'advanced', limits: { maxLeverage: 2, firstTradeNotional: toRate('0.1') } })),
    ).toEqual({ ...tierDefaults.advanced, maxLeverage: 2, firstTradeNotional: '0.1' });
  });

  it('error: a limit that is no number above zero', () => {
    for (const limits of [
      { maxLeverage: Number.NaN },
      { maxLeverage: 0 },
      { dailyLoss: toRate(0) },
      { maxTotalMargin: toRate('-0.1') },
      { maxOpenPositions: 1.5 },
    ]) {
      expect(() => limitsFor(aUser({ limits }))).toThrow(expect.objectContaining({ code: 'limits.invalid' }));
    }
  });
});

describe('limitChange', () => {
  const current = { ...tierDefaults.beginner, maxOrderNotional: toUsd(1000) };

  it('default: lowered at once, raised after 60 s and re-authentication', () => {
    expect(limitChange(current, { maxLeverage: 2, dailyLoss: toRate('0.2') }, 1_000)).toEqual({
      now: { maxLeverage: 2 },
      later: { dailyLoss: '0.2' },
      effectiveAtMs: 61_000,
      needsReauthentication: true,
    });
    expect(limitChange(current, { maxLeverage: 3, maxOrderNotional: toUsd(10) }, 0)).toMatchObject({
      later: {},
      needsReauthentication: false,
    });
  });

  it('behavior: cross is more than isolated, a first cap is less than none', () => {
    expect(limitChange(current, { marginMode: 'cross' }, 0).later).toEqual({ marginMode: 'cross' });
    expect(
      limitChange(tierDefaults.advanced, { marginMode: 'isolated', firstTradeNotional: toRate(1) }, 0).now,
    ).toEqual({ marginMode: 'isolated', firstTradeNotional: '1' });
  });

  it('error: a wanted limit that is none', () => {
    expect(() => limitChange(current, { maxLeverage: Number.NaN }, 0)).toThrow();
  });
});
