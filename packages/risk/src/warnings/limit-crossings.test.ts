import { describe, expect, it } from 'vitest';
import { exact } from '../exact/exact.ts';
import { limitCrossings } from './limit-crossings.ts';
import type { LimitUsage } from './limit-usage.ts';

const usage = (limit: LimitUsage['limit'], used: string, period?: string): LimitUsage => ({
  ...{ limit, used: exact(used) },
  ...(period === undefined ? {} : { period }),
});
const options = { venue: 'paper', day: '2026-01-05' };
const warned = {
  'daily-loss@paper': { percent: 50, day: '2026-01-05' },
  'total-margin@paper': { percent: 75, day: '2026-01-02' },
};

describe('limitCrossings', () => {
  it('default: what was told is given back as it is while nothing is reached anew', () => {
    const usages = [
      usage('daily-loss', '0.6', '2026-01-05'),
      usage('total-margin', '0.61'),
      usage('open-positions', '0'),
    ];
    expect(limitCrossings(usages, { ...options, warned })).toEqual({ crossings: [], warned });
    expect(limitCrossings(usages, { ...options, warned }).warned).toBe(warned);
  });

  it('behavior: a level that is reached is noted, one that use fell well below forgotten, and what was told stays as it was', () => {
    const usages = [usage('daily-loss', '0.9', '2026-01-05'), usage('total-margin', '0.59'), usage('drawdown', '1')];
    const before = structuredClone(warned);
    const { crossings, warned: after } = limitCrossings(usages, { ...options, warned });
    expect(crossings.map(({ limit, percent }) => `${limit} ${percent}`)).toEqual(['daily-loss 90', 'drawdown 100']);
    expect(after).toEqual({
      'daily-loss@paper': { percent: 90, day: '2026-01-05' },
      'total-margin@paper': { percent: 50, day: '2026-01-05' },
      'drawdown@paper': { percent: 100, day: '2026-01-05' },
    });
    expect(warned).toEqual(before);
  });

  it('behavior: the loss of a new day is told anew', () => {
    const { crossings } = limitCrossings([usage('daily-loss', '0.5', '2026-01-06')], { ...options, warned });
    expect(crossings).toHaveLength(1);
  });
});
