import { SeededRandom } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { coveredMs, drawRefusals } from './request-storm.ts';

describe('drawRefusals', () => {
  it('default: a storm refuses everything for a while, takes requests for a while, and ends when it ends', () => {
    for (let seed = 0; seed < 50; seed += 1) {
      const refusals = drawRefusals(new SeededRandom(`storm:${seed}`), 1_000, 121_000);
      expect(refusals[0]?.fromMs).toBe(1_000);
      for (const [index, { bare, fromMs, toMs }] of refusals.entries()) {
        expect(toMs).toBeGreaterThan(fromMs);
        expect(toMs - fromMs).toBeLessThanOrEqual(20_000);
        expect(toMs).toBeLessThanOrEqual(121_000);
        expect(bare).toBe(refusals[0]?.bare);
        if (index > 0) expect(fromMs - (refusals[index - 1]?.toMs ?? 0)).toBeGreaterThanOrEqual(200);
      }
      const refused = coveredMs(refusals, 1_000, 121_000) / 120_000;
      expect(refused).toBeGreaterThan(0.2);
      expect(refused).toBeLessThan(0.95);
    }
  });
});

describe('coveredMs', () => {
  it.each([
    ['none', [], 0],
    ['one that reaches beyond both ends', [[0, 500]], 100],
    [
      'two apart',
      [
        [110, 120],
        [150, 170],
      ],
      30,
    ],
    [
      'two that overlap, the later one first',
      [
        [130, 160],
        [110, 140],
      ],
      50,
    ],
    [
      'one within another',
      [
        [110, 190],
        [120, 130],
      ],
      80,
    ],
    [
      'those that only touch the ends',
      [
        [0, 100],
        [200, 300],
      ],
      0,
    ],
  ] as const)('default: %s', (_, intervals, covered) => {
    expect(
      coveredMs(
        intervals.map(([fromMs, toMs]) => ({ fromMs, toMs })),
        100,
        200,
      ),
    ).toBe(covered);
  });
});
