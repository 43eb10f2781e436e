import { SeededRandom } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { shuffleTrades } from './shuffle-trades.ts';

const run = (netPnls: readonly number[], more = {}) =>
  shuffleTrades({ netPnls, equityStart: 100, random: new SeededRandom(7), quantiles: [0, 0.5, 1], ...more });

describe('shuffleTrades', () => {
  it('default: other orders, the same end; the same seed, the same result', () => {
    // Of two trades there are two orders: 100 → 50 → 100 and 100 → 150 → 100.
    const result = run([-50, 50], { runs: 2000 });
    expect(result.equityEnd.map(({ value }) => value)).toEqual([100, 100, 100]);
    expect(result.maxDrawdown[0]?.value).toBeCloseTo(1 / 3, 12);
    expect(result.maxDrawdown[2]?.value).toBe(0.5);
    expect(result.asDeep).toBeGreaterThan(0.45);
    expect(result.asDeep).toBeLessThan(0.55);
    expect(run([-50, 50], { runs: 2000 })).toEqual(result);
  });

  it('behavior: every order is as likely', () => {
    const counts = new Map<number, number>();
    for (let seed = 0; seed < 6000; seed += 1) {
      // The drawdown tells which of 1, 2 and 4 was lost when: six orders of three trades.
      const [only] = shuffleTrades({
        netPnls: [-10, 20, -35],
        equityStart: 100,
        random: new SeededRandom(seed),
        runs: 1,
        quantiles: [0.5],
      }).maxDrawdown;
      const key = Math.round((only?.value ?? 0) * 1e6);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    // Of the six, -10 20 -35 and -35 20 -10 and those beginning with the gain differ; two pairs fall together.
    const shares = [...counts.values()].map((count) => count / 6000).sort();
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
    for (const share of shares) expect(Math.abs(share * 6 - Math.round(share * 6))).toBeLessThan(0.1);
  });

  it('behavior: drawn with replacement the end varies, and ruin is counted once', () => {
    const result = run([-60, 70], { method: 'bootstrap', runs: 4000 });
    expect(result.equityEnd.map(({ value }) => value)).toEqual([-20, 110, 240]);
    // Both lost: a quarter of the runs.
    expect(result.ruined).toBeGreaterThan(0.22);
    expect(result.ruined).toBeLessThan(0.28);
    // Lost first, the gain comes too late.
    expect(run([-200, 300]).equityEnd.map(({ value }) => value)).toEqual([-100, expect.any(Number), 200]);
    expect(run([], {}).equityEnd[0]?.value).toBe(100);
  });

  it('error: what can not be', () => {
    expect(() => run([1], { equityStart: 0 })).toThrow(/from 0 dollars/);
    expect(() => run([Number.NaN])).toThrow(/can not be made/);
    expect(() => run([1], { quantiles: [2] })).toThrow(/Shares lie in/);
  });
});
