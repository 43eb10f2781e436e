import { toPrice, toSize, toUsd } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { expired, isLive, type PendingEntry } from './pending-entry.ts';
import { releasePending } from './release-pending.ts';

const entry = (changes: Partial<PendingEntry['reservation']> = {}): PendingEntry => ({
  reservation: {
    id: 'reservation:1',
    userId: 'alice',
    signalId: 'signal:1',
    venue: 'paper',
    instrumentId: 'BTC-PERP@paper',
    direction: 'long',
    initialMargin: toUsd(300),
    fees: toUsd(3),
    notional: toUsd(1_800),
    riskAtStop: toUsd(60),
    expiresAtMs: 1_000,
    ...changes,
  },
  size: toSize('0.03'),
  remaining: toSize('0.03'),
  leverage: 6,
  stopLoss: toPrice(59_500),
  baseline: toSize(0),
  legs: [{ clientOrderId: 'a', size: toSize('0.01'), heldBefore: toSize(0), expiresAtMs: 500 }],
});

describe('releasePending', () => {
  it('default: everything it holds back shrinks alike, and what was let pass before counts as settled', () => {
    expect(releasePending(entry(), toUsd(100))).toEqual({
      ...entry({ initialMargin: toUsd(100), fees: toUsd(1), notional: toUsd(600), riskAtStop: toUsd(20) }),
      remaining: '0.01',
      legs: [],
    });
  });

  it('behavior: a third of three lots is a lot again', () => {
    const left = releasePending({ ...entry(), remaining: toSize('0.003') }, toUsd(100));
    expect(left?.remaining).toBe('0.001');
  });

  it('behavior: nothing is left of what needs nothing', () => {
    expect(releasePending(entry(), undefined)).toBeUndefined();
    expect(releasePending(entry(), toUsd(0))).toBeUndefined();
    expect(releasePending(entry(), toUsd(-1))).toBeUndefined();
  });

  it('behavior: it never grows', () => {
    for (const remaining of [300, 301]) {
      expect(releasePending(entry(), toUsd(remaining))).toEqual({ ...entry(), legs: [] });
    }
  });
});

describe('pending entries', () => {
  it('default: count until their instant, and are forgotten from it on', () => {
    expect(isLive(entry(), 999)).toBe(true);
    expect(isLive(entry(), 1_000)).toBe(false);
    const later = entry({ signalId: 'signal:2', expiresAtMs: 2_000 });
    expect(expired([entry(), later], 1_000)).toEqual(['signal:1']);
    expect(expired([entry(), later], 999)).toEqual([]);
  });
});
