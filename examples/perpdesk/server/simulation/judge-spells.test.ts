import { SeededRandom } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import type { ReducingOrder } from './desk-simulation.ts';
import { FaultScript, type Span } from './fault-script.ts';
import { judgeSpells } from './judge-spells.ts';
import { RunLog } from './run-log.ts';

const place = { userId: 'alice', instrumentId: 'BTC-PERP@paper' };
const spell = { ...place, fromMs: 10_000, toMs: 40_000, size: '1' };
const order = (atMs: number, more: Partial<ReducingOrder> = {}): ReducingOrder => ({
  ...{ ...place, atMs, lastResort: false },
  ...more,
});

function judged(world: {
  readonly spans?: readonly Span[];
  readonly starts?: readonly number[];
  readonly reducing?: readonly ReducingOrder[];
}) {
  const random = new SeededRandom('judge-spells');
  const drawn = new FaultScript({ random, storms: random, fromMs: 0, toMs: 60_000, nowMs: () => 60_000 });
  const faults = Object.assign(drawn, { spans: world.spans ?? [], refusals: [] });
  const downtimes = (world.starts ?? []).map((toMs) => ({ fromMs: toMs - 1_000, toMs }));
  const log = new RunLog({ nowMs: () => 60_000, trace: false });
  const [verdict] = judgeSpells([spell], { faults, downtimes, reducing: world.reducing ?? [], log });
  return { verdict, violations: log.violations.map(({ kind }) => kind) };
}

describe('judgeSpells', () => {
  it('default: a spell counts from its fill, and one that nothing excuses is a violation past 25 s', () => {
    const { verdict, violations } = judged({});
    expect(verdict).toMatchObject({ lengthMs: 30_000, knownMs: 30_000, refusedMs: 0, restart: false, faults: [] });
    expect(violations).toEqual(['unprotected']);
  });

  it('behavior: what the venue takes nothing in is told apart, and excuses the length', () => {
    const { verdict, violations } = judged({ spans: [{ name: 'venue halted', fromMs: 5_000, toMs: 38_000 }] });
    expect(verdict).toMatchObject({ lengthMs: 30_000, refusedMs: 28_000, faults: ['venue halted'] });
    expect(violations).toEqual([]);
  });

  it('behavior: a desk that starts in it answers from its start, and knows from the first order that reduces it', () => {
    const reducing = [order(19_000), order(30_000), order(31_000)];
    const { verdict } = judged({ starts: [20_000], reducing });
    expect(verdict).toMatchObject({ lengthMs: 20_000, knownMs: 10_000, restart: true });
    expect(judged({ starts: [20_000] }).verdict).toMatchObject({ lengthMs: 20_000, knownMs: 0 });
    // What was kept it covers before it was answered.
    const halt = (fromMs: number, toMs: number): Span => ({ name: 'venue halted', fromMs, toMs });
    const known = (...spans: readonly Span[]) => judged({ starts: [20_000], reducing, spans }).verdict?.knownMs;
    expect(known(halt(33_000, 36_000), halt(10_000, 33_000))).toBe(4_000);
    expect(known(halt(10_000, 33_000), halt(33_001, 36_000))).toBe(7_000);
    expect(known(halt(10_000, 50_000))).toBe(0);
    expect(known(halt(20_001, 50_000))).toBe(10_000);
  });

  it.each([
    ['one in it', order(25_000, { lastResort: true }), true],
    ['one before it', order(9_999, { lastResort: true }), false],
    ['one after it', order(40_001, { lastResort: true }), false],
    ['a stop', order(25_000), false],
    ["another user's", order(25_000, { lastResort: true, userId: 'bob' }), false],
    ["another market's", order(25_000, { lastResort: true, instrumentId: 'ETH-PERP@paper' }), false],
  ])('behavior: an exit was tried: %s', (_, reducing, tried) => {
    expect(judged({ reducing: [reducing] }).verdict?.exitTried).toBe(tried);
  });
});
