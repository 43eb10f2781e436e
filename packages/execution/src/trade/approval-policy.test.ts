import { type Autonomy, Decimal, toUsd } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { approvalDrift, approvalVerdict } from './approval-policy.ts';
import { exampleSignal } from './example-signal.ts';

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

describe('approvalDrift', () => {
  it('default: half the way to the stop voids an approval, in either direction', () => {
    const plan = { entry: new Decimal(60_000), stopLoss: new Decimal(59_500) };
    expect(approvalDrift(plan, 60_250)).toBeUndefined();
    expect(approvalDrift(plan, 59_750)).toBeUndefined();
    expect(approvalDrift(plan, 60_250.1)).toMatchObject({ code: 'approval.drifted', limit: '250', actual: '250.1' });
    expect(approvalDrift(plan, 59_700)).toMatchObject({ code: 'approval.drifted' });
  });
});
