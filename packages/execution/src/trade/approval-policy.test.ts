import { type Autonomy, Decimal, signalAgent, toUsd } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { approvalDrift, approvalVerdict } from './approval-policy.ts';
import { exampleSignal } from './example-signal.ts';
import type { PolicyHold } from './policy-holds.ts';

const bounds = { maxNotional: toUsd(6000), minConfidence: 0.7, maxTradesPerDay: 3 };
const verdict = (
  autonomy: Autonomy,
  changes: Partial<ReturnType<typeof exampleSignal>> = {},
  tradesToday = 0,
): string => approvalVerdict({ autonomy, bounds }, exampleSignal(changes), tradesToday).verdict;

describe('approvalVerdict', () => {
  it('default: each level of autonomy', () => {
    expect((['monitor', 'suggest', 'auto-bounded', 'full-auto'] as const).map((autonomy) => verdict(autonomy))).toEqual(
      ['declined', 'ask', 'approved', 'approved'],
    );
  });

  it('behavior: auto-bounded asks beyond each bound, the bound itself is inside', () => {
    expect(verdict('auto-bounded', { notional: toUsd('6000.01') })).toBe('ask');
    expect(verdict('auto-bounded', { confidence: 0.699 })).toBe('ask');
    expect(verdict('auto-bounded', {}, 3)).toBe('ask');
    expect(verdict('auto-bounded', {}, 2)).toBe('approved');
    expect(verdict('full-auto', { notional: toUsd('6000.01'), confidence: 0.1 }, 99)).toBe('approved');
  });
});

describe('approvalVerdict with policies that hold', () => {
  const quiet: PolicyHold = { policy: 'quietHours', otherwise: 'ask', reason: 'It is quiet.' };
  const paused: PolicyHold = { policy: 'pauseAroundCatalysts', otherwise: 'decline', reason: 'An event is near.' };
  const held = (autonomy: Autonomy, ...holds: readonly PolicyHold[]) =>
    approvalVerdict({ autonomy, bounds }, exampleSignal(), 0, holds);

  it('behavior: what would go out by itself is asked, in the words of the policy', () => {
    expect(held('full-auto', quiet)).toEqual({ verdict: 'ask', reason: 'It is quiet.' });
    expect(held('suggest', quiet)).toEqual({ verdict: 'ask', reason: 'Autonomy is suggest. It is quiet.' });
  });

  it('behavior: one that declines, wherever it stands, declines even what would be asked', () => {
    const rejection = { code: 'policy.held', message: 'An event is near.', limit: 'pauseAroundCatalysts' };
    for (const autonomy of ['full-auto', 'auto-bounded', 'suggest'] as const)
      expect(held(autonomy, quiet, paused)).toEqual({ verdict: 'declined', rejection });
  });

  it('behavior: who watches is told whether it is for everything or for one agent', () => {
    const message = (user: Parameters<typeof approvalVerdict>[0]) => {
      const verdict = approvalVerdict(user, exampleSignal(), 0);
      return verdict.verdict === 'declined' ? verdict.rejection.message : verdict.verdict;
    };
    expect(message({ autonomy: 'monitor', bounds })).toBe('The user watches: autonomy is monitor.');
    expect(message({ autonomy: 'full-auto', agentAutonomy: { [signalAgent]: 'monitor' }, bounds })).toBe(
      `The user watches ${signalAgent}: its autonomy is monitor.`,
    );
  });
});

describe('approvalDrift', () => {
  it('default: half the way to the stop voids an approval, in either direction', () => {
    const plan = { entry: new Decimal(60_000), stopLoss: new Decimal(59_500) };
    expect(approvalDrift(plan, 60_250)).toBeUndefined();
    expect(approvalDrift(plan, 59_750)).toBeUndefined();
    expect(approvalDrift(plan, 60_250.1)).toMatchObject({ code: 'approval.drifted', limit: '250', actual: '250.1' });
    expect(approvalDrift(plan, 59_700)).toMatchObject({ code: 'approval.drifted' });
  });
});
