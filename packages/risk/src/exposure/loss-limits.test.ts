import { type RiskLimits, toRate, toUsd } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { emptyMemory, type RiskMemory } from '../state/risk-memory.ts';
import { anAccount, aUser, noonMs } from '../testing/fixtures.ts';
import { tierDefaults } from '../tiers/tier-defaults.ts';
import { drawdownResult } from './drawdown.ts';
import { localWeek } from './local-day.ts';
import { accountLossRefused, coolingOffRefused } from './loss-limits.ts';
import { lossesInRow, withResult } from './losses-in-row.ts';
import { weeklyResult } from './weekly-loss.ts';

const input = (limits: Partial<RiskLimits>, memory: Partial<RiskMemory> = {}, atMs = noonMs) => ({
  memory: { ...emptyMemory, ...memory },
  user: aUser(),
  limits: { ...tierDefaults.beginner, dailyLoss: toRate('0.9'), ...limits },
  atMs,
});

describe('the week', () => {
  it("default: begins on the user's Monday, in their time zone", () => {
    // Monday 2026-01-05 00:30 in Auckland is Sunday 11:30 UTC.
    const atMs = Date.UTC(2026, 0, 4, 11, 30);
    expect([localWeek('UTC', atMs), localWeek('Pacific/Auckland', atMs)]).toEqual(['2025-12-29', '2026-01-05']);
    expect(localWeek('UTC', Date.UTC(2026, 0, 11, 23, 59))).toBe('2026-01-05');
    expect(localWeek('UTC', Date.UTC(2026, 0, 12))).toBe('2026-01-12');
    // Over the change to summer time, New York.
    expect(localWeek('America/New_York', Date.UTC(2026, 2, 9, 3, 59))).toBe('2026-03-02');
    expect(localWeek('America/New_York', Date.UTC(2026, 2, 9, 4, 0))).toBe('2026-03-09');
  });

  it('behavior: refuses at the limit and not a cent before; what was deposited is no gain', () => {
    const weekOpen = { paper: { week: '2026-01-05', equity: toUsd(10_000), deposits: toUsd(0) } };
    const refusedAt = (equity: string, deposits: number) =>
      accountLossRefused(
        input({ weeklyLoss: toRate('0.2') }, { weekOpen }),
        anAccount(equity, { deposits: toUsd(deposits) }),
        undefined,
      );
    expect(refusedAt('8000.01', 0)).toBeUndefined();
    expect(refusedAt('8000', 0)).toMatchObject({ code: 'weekly-loss.limit', limit: '2000', actual: '2000' });
    // 5,000 more came in: the week began with 15,000, of which 3,000 may go.
    expect(refusedAt('12000.01', 5_000)).toBeUndefined();
    expect(refusedAt('12000', 5_000)).toMatchObject({ code: 'weekly-loss.limit', limit: '3000', actual: '3000' });
  });

  it('behavior: in a new week the loss of the last one is over', () => {
    const weekOpen = { paper: { week: '2025-12-29', equity: toUsd(10_000), deposits: toUsd(0) } };
    const memory = { ...emptyMemory, weekOpen };
    expect(weeklyResult(anAccount(5_000), { memory, timeZone: 'UTC', atMs: noonMs }).firstSeen).toEqual({
      week: '2026-01-05',
      equity: '5000',
      deposits: '5000',
    });
    expect(
      accountLossRefused(input({ weeklyLoss: toRate('0.2') }, { weekOpen }), anAccount(5_000), undefined),
    ).toBeUndefined();
  });
});

describe('the drawdown', () => {
  const peak = { paper: { equity: toUsd(12_000), deposits: toUsd(10_000) } };

  it('default: refuses at the limit from the highest equity', () => {
    const refusedAt = (equity: string) =>
      accountLossRefused(
        input({ maxDrawdown: toRate('0.25') }, { peak }),
        anAccount(equity, { deposits: toUsd(10_000) }),
        undefined,
      );
    expect(refusedAt('9000.01')).toBeUndefined();
    expect(refusedAt('9000')).toMatchObject({ code: 'drawdown.limit', limit: '3000', actual: '3000' });
  });

  it('behavior: a withdrawal is no loss, a deposit no gain, a higher equity a new peak', () => {
    const at = (equity: number, deposits: number) =>
      drawdownResult(anAccount(equity, { deposits: toUsd(deposits) }), { peak });
    expect(at(7_000, 5_000)).toMatchObject({ peak: { units: 7_000 }, loss: { units: 0 } });
    expect(at(13_000, 12_000).loss.toFixed()).toBe('1000');
    expect(at(12_001, 10_000).higher).toEqual({ equity: '12001', deposits: '10000' });
    expect(at(11_999, 10_000).higher).toBeUndefined();
  });
});

describe('cooling off', () => {
  const loss = (id: string, closedAtMs: number) => ({ id, userId: 'ada', closedAtMs, sign: -1 as const });
  const remembered = (...results: Parameters<typeof withResult>[1][]) =>
    results.reduce<RiskMemory>((memory, result) => withResult(memory, result) ?? memory, emptyMemory);

  it('default: after so many losses in a row nothing new for the pause, counted from the last', () => {
    const { losses } = remembered(loss('a', 1_000), loss('b', 2_000), loss('c', 3_000));
    const refusedAt = (atMs: number, coolingOffMs?: number) =>
      coolingOffRefused(
        input({ maxLossesInRow: 3, ...(coolingOffMs === undefined ? {} : { coolingOffMs }) }, { losses }, atMs),
      );
    expect(refusedAt(3_600_000 + 2_999)).toMatchObject({ code: 'losses.cooling-off', limit: '3', actual: '3' });
    expect(refusedAt(3_600_000 + 3_000)).toBeUndefined();
    expect(refusedAt(13_000, 10_000)).toBeUndefined();
    expect(coolingOffRefused(input({ maxLossesInRow: 4 }, { losses }, 4_000))).toBeUndefined();
    expect(coolingOffRefused(input({}, { losses }, 4_000))).toBeUndefined();
  });

  it('behavior: a winner ends the row, whenever it is told; nothing counts twice', () => {
    const win = { id: 'w', userId: 'ada', closedAtMs: 2_500, sign: 1 as const };
    const memory = remembered(loss('a', 1_000), loss('b', 2_000), loss('c', 3_000), win, loss('a', 1_000), win);
    expect(lossesInRow(memory, {}).count).toBe(1);
    expect(withResult(memory, loss('c', 3_000))).toBeUndefined();
    expect(withResult(memory, { ...loss('z', 9_000), sign: 0 })).toBeUndefined();
    expect(remembered(...Array.from({ length: 150 }, (_, n) => loss(`${n}`, n + 1))).losses).toHaveLength(100);
  });
});
