import { toRate, toUsd } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { anAccount, anEntryInput, anIntent, aPending, fresh } from '../testing/fixtures.ts';
import { exposure } from './exposure.ts';

/** 0.02 BTC at 60,000 and 3×: 1,200 of notional, 400 of margin. */
const verdict = (changes: Parameters<typeof anEntryInput>[0]): string =>
  exposure.check(anEntryInput({ intent: anIntent(), ...changes }))?.code ?? 'passed';
const limits = (changes: Partial<ReturnType<typeof anEntryInput>['limits']>) => ({
  ...anEntryInput().limits,
  ...changes,
});

describe('exposure to the last decimal', () => {
  it('default: a limit that is met passes, one that is passed by a billionth of a billionth does not', () => {
    const hair = '0.000000000000000001';
    const venue = (most: string) => verdict({ limits: limits({ maxVenueNotional: toUsd(most) }) });
    expect([venue('1200'), venue(`1199.${'9'.repeat(18)}`)]).toEqual(['passed', 'venue-exposure.limit']);
    const one = (most: string) => verdict({ limits: limits({ maxOrderNotional: toUsd(most) }) });
    expect([one('1200'), one(`1199.${'9'.repeat(18)}`)]).toEqual(['passed', 'order-notional.limit']);
    const cap = (used: string) => verdict({ operator: { maxNotional: toUsd(10_000), usedNotional: toUsd(used) } });
    expect([cap('8800'), cap(`8800${hair.slice(1)}`)]).toEqual(['passed', 'operator.limit']);
    const equity = (much: string) => verdict({ account: fresh(anAccount(much)) });
    expect([equity('8000'), equity(`7999.${'9'.repeat(18)}`)]).toEqual(['passed', 'position-margin.limit']);
  });

  it('behavior: the smaller of the user’s and the operator’s order counts', () => {
    const at = (user: number, operator: number) =>
      verdict({
        limits: limits({ maxOrderNotional: toUsd(user) }),
        operator: { usedNotional: toUsd(0), maxOrderNotional: toUsd(operator) },
      });
    expect([at(1_200, 1_200), at(1_199, 5_000), at(5_000, 1_199)]).toEqual([
      ...['passed', 'order-notional.limit', 'order-notional.limit'],
    ]);
  });

  it('behavior: without a stop it is taken to lose all the way to its liquidation', () => {
    // To about 40,500 at 3×: some 390 with fees, of 10,000 by a limit of 4 % and of 3 %.
    const at = (rate: string) =>
      verdict({ intent: anIntent({ stopLoss: undefined }), limits: limits({ maxPortfolioRisk: toRate(rate) }) });
    expect([at('0.04'), at('0.038')]).toEqual(['passed', 'portfolio-risk.limit']);
  });

  it('behavior: one more market only below the most, one that is open already always', () => {
    const pending = ['A', 'B', 'C', 'D'].map((name) =>
      aPending({
        ...{ signalId: name, instrumentId: `${name}-PERP@paper`, initialMargin: toUsd(1), riskAtStop: toUsd(1) },
        ...{ notional: toUsd(3), fees: toUsd(0) },
      }),
    );
    expect(verdict({ pending })).toBe('passed');
    const fifth = (id: `${string}@${string}`) => [
      ...pending,
      { ...aPending({ ...pending[0]?.reservation, signalId: 'E', instrumentId: id }) },
    ];
    expect(verdict({ pending: fifth('E-PERP@paper') })).toBe('positions.maximum');
    expect(verdict({ pending: fifth('BTC-PERP@hyperliquid') })).toBe('passed');
  });

  it('error: what it is measured against is not known', () => {
    expect(verdict({ account: undefined })).toBe('account.unknown');
    expect(verdict({ instrument: undefined })).toBe('account.unknown');
    expect(verdict({ intent: anIntent({ leverage: undefined }) })).toBe('account.unknown');
  });
});
