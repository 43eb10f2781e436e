import { type DomainEvent, type Position, toPrice, toSize, toUsd } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { ProtectionTally, uncoveredLimitMs } from './protection-tally.ts';

const place = { userId: 'demo', venue: 'paper', instrumentId: 'BTC-PERP@hyperliquid' } as const;
const position = (size: string): Position => ({
  ...place,
  direction: 'long',
  size: toSize(size),
  entryPrice: toPrice(100),
  markPrice: toPrice(100),
  leverage: 3,
  marginMode: 'isolated',
  margin: toUsd(30),
  unrealizedPnl: toUsd(0),
  realizedPnl: toUsd(0),
  openedAtMs: 0,
  updatedAtMs: 0,
});
const envelope = { id: 'e', version: 1, key: 'demo', traceId: 't' } as const;
const opened = (atMs: number, size: string): DomainEvent => ({
  ...envelope,
  type: 'position.opened',
  atMs,
  payload: position(size),
});
const changed = (atMs: number, size: string): DomainEvent => ({
  ...envelope,
  type: 'position.changed',
  atMs,
  payload: position(size),
});
const protectedBy = (atMs: number, stopSize: string): DomainEvent => ({
  ...envelope,
  type: 'protection.changed',
  atMs,
  payload: { ...place, protection: { stopSize: toSize(stopSize), takeProfits: [] } },
});
const closed = (atMs: number, reason: 'stop-loss' | 'unprotected' = 'stop-loss'): DomainEvent => ({
  ...envelope,
  type: 'position.closed',
  atMs,
  payload: {
    position: position('0'),
    reason,
    exitPrice: toPrice(1),
    realizedPnl: toUsd(0),
    fees: toUsd(0),
    funding: toUsd(0),
  },
});

function count(atMs: number, ...events: readonly DomainEvent[]): number {
  const tally = new ProtectionTally();
  for (const event of events) tally.add(event);
  return tally.count(atMs);
}

describe('ProtectionTally', () => {
  it('default: a position that is covered in time is protected', () => {
    expect(count(60_000, opened(0, '2'), protectedBy(uncoveredLimitMs, '2'), closed(50_000))).toBe(0);
  });

  it('behavior: over 10 s without a whole stop counts, also when a stop came after all', () => {
    expect(count(60_000, opened(0, '2'), protectedBy(uncoveredLimitMs + 1, '2'), closed(50_000))).toBe(1);
    expect(count(60_000, opened(0, '2'), protectedBy(1, '1.5'), protectedBy(20_000, '2'), closed(50_000))).toBe(1);
    expect(count(60_000, opened(0, '2'), closed(uncoveredLimitMs + 1))).toBe(1);
  });

  it('behavior: a position that grows is uncovered until its stop follows', () => {
    const covered = [opened(0, '2'), protectedBy(0, '2')];
    expect(count(60_000, ...covered, changed(20_000, '3'), protectedBy(21_000, '3'))).toBe(0);
    expect(count(60_000, ...covered, changed(20_000, '3'), protectedBy(40_000, '3'))).toBe(1);
    expect(count(60_000, ...covered, changed(20_000, '1'))).toBe(0);
  });

  it('behavior: one without a stop at the end counts, however young', () => {
    expect(count(1, opened(0, '2'))).toBe(1);
    expect(count(1, opened(0, '2'), protectedBy(0, '1.9'))).toBe(1);
  });

  it('behavior: one that was closed for want of a stop counts, once', () => {
    expect(count(60_000, opened(0, '2'), closed(5_000, 'unprotected'))).toBe(1);
    expect(count(60_000, opened(0, '2'), closed(50_000, 'unprotected'))).toBe(1);
  });

  it('behavior: the next position of a place is one of its own', () => {
    const first = [opened(0, '2'), protectedBy(0, '2'), closed(5_000)];
    expect(count(60_000, ...first, opened(6_000, '1'), protectedBy(30_000, '1'), closed(40_000))).toBe(1);
    expect(count(60_000, ...first, opened(6_000, '1'), protectedBy(6_000, '1'), closed(40_000))).toBe(0);
  });

  it('behavior: a stop may be told before its position', () => {
    expect(count(60_000, protectedBy(0, '2'), opened(0, '2'))).toBe(0);
  });

  it('behavior: positions from before are taken up with their stops', () => {
    const tally = new ProtectionTally();
    tally.begin([{ ...position('2'), protection: { stopSize: toSize('2'), takeProfits: [] } }], 0);
    expect(tally.count(60_000)).toBe(0);
    tally.add(changed(1_000, '4'));
    expect(tally.count(2_000)).toBe(1);
  });
});
