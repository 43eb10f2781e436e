import { toUsd } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { show } from '../decision/show.ts';
import { emptyMemory, type RiskMemory } from '../state/risk-memory.ts';
import { anAccount, noonMs } from '../testing/fixtures.ts';
import { dailyResult } from './daily-loss.ts';
import { drawdownResult } from './drawdown.ts';
import { localDay } from './local-day.ts';
import { weeklyResult } from './weekly-loss.ts';

/** A balance of 10,000 with 1,500 lost that is not realised yet. */
const account = anAccount(8_500, { balance: toUsd(10_000), unrealizedPnl: toUsd(-1_500), deposits: toUsd(10_000) });
const day = (memory: Partial<RiskMemory>, viewOpen?: number, given = account) => {
  const options = { memory: { ...emptyMemory, ...memory }, timeZone: 'UTC', atMs: noonMs };
  const result = dailyResult(given, { ...options, viewOpen: viewOpen === undefined ? undefined : toUsd(viewOpen) });
  return { ...result, open: show(result.open), loss: show(result.loss) };
};

describe('the day', () => {
  it('default: what is not realised counts', () => {
    expect(day({}, 10_000)).toEqual({ day: '2026-01-05', open: '10000', loss: '1500' });
    expect(day({}, 8_000)).toMatchObject({ open: '8000', loss: '-500' });
  });

  it('behavior: without a day-open of the account view the first equity of the day stands for it, transfers aside', () => {
    const dayOpen = { paper: { day: '2026-01-05', equity: toUsd(9_000), deposits: toUsd(9_500) } };
    expect(day({ dayOpen })).toEqual({ day: '2026-01-05', open: '9500', loss: '1000' });
    const first = { day: '2026-01-05', equity: '8500', deposits: '10000' };
    const yesterday = { paper: { ...dayOpen.paper, day: '2026-01-04' } };
    for (const memory of [{}, { dayOpen: yesterday }, { dayOpen: { okx: dayOpen.paper } }])
      expect(day(memory)).toEqual({ day: '2026-01-05', open: '8500', loss: '0', firstSeen: first });
    // The view's word counts before what was seen.
    expect(day({ dayOpen }, 10_000)).toMatchObject({ open: '10000', loss: '1500' });
  });

  it('default: the week and the drawdown count it too', () => {
    const weekOpen = { paper: { week: '2026-01-05', equity: toUsd(10_000), deposits: toUsd(10_000) } };
    const memory = { ...emptyMemory, weekOpen, peak: { paper: { equity: toUsd(12_000), deposits: toUsd(9_000) } } };
    const week = weeklyResult(account, { memory, timeZone: 'UTC', atMs: noonMs });
    expect([show(week.open), show(week.loss), week.firstSeen]).toEqual(['10000', '1500', undefined]);
    const drawdown = drawdownResult(account, memory);
    expect([show(drawdown.peak), show(drawdown.loss), drawdown.higher]).toEqual(['13000', '4500', undefined]);
    const higher = drawdownResult(account, { peak: { paper: { equity: toUsd(8_499), deposits: toUsd(10_000) } } });
    expect([show(higher.peak), show(higher.loss), higher.higher]).toEqual([
      ...['8500', '0', { equity: '8500', deposits: '10000' }],
    ]);
    const same = drawdownResult(account, { peak: { paper: { equity: toUsd(8_500), deposits: toUsd(10_000) } } });
    expect([show(same.loss), same.higher]).toEqual(['0', undefined]);
  });

  it('default: a day by its zone; an unknown zone counts as UTC', () => {
    const beforeMidnight = Date.UTC(2026, 0, 5, 23, 59, 59);
    expect([localDay('UTC', beforeMidnight), localDay('UTC', beforeMidnight + 1_000)]).toEqual([
      ...['2026-01-05', '2026-01-06'],
    ]);
    expect(localDay('Asia/Kolkata', beforeMidnight)).toBe('2026-01-06');
    expect(localDay('No/Where', beforeMidnight)).toBe('2026-01-05');
  });
});
