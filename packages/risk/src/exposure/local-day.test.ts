import { describe, expect, it } from 'vitest';
import { localDay, localWeek } from './local-day.ts';

describe('localDay', () => {
  it('default: the day and the Monday of an instant where the user lives', () => {
    // A Saturday in UTC, a Sunday in Auckland.
    const atMs = Date.UTC(2026, 2, 28, 23, 30);
    expect([localDay('UTC', atMs), localWeek('UTC', atMs)]).toEqual(['2026-03-28', '2026-03-23']);
    expect([localDay('Pacific/Auckland', atMs), localWeek('Pacific/Auckland', atMs)]).toEqual([
      '2026-03-29',
      '2026-03-23',
    ]);
  });

  it('behavior: one day follows the other at midnight', () => {
    for (const timeZone of ['UTC', 'Etc/UTC'])
      for (const day of [30, 31]) {
        const beginsMs = Date.UTC(2026, 2, day);
        const asked = [beginsMs - 1, beginsMs, beginsMs + 86_399_999];
        expect(asked.map((atMs) => Number(localDay(timeZone, atMs).slice(-2)))).toEqual([day - 1, day, day]);
      }
  });

  it('behavior: a week begins with its Monday where the user lives, in whatever order instants are asked for', () => {
    const mondayMs = Date.UTC(2026, 2, 30);
    const asked = [mondayMs - 1, mondayMs, mondayMs + 86_400_000, mondayMs - 1, mondayMs - 11 * 3_600_000 - 1];
    expect(asked.map((atMs) => localWeek('UTC', atMs).slice(-2))).toEqual(['23', '30', '30', '23', '23']);
    // There it is thirteen hours later.
    const away = [...asked, mondayMs - 13 * 3_600_000];
    expect(away.map((atMs) => localWeek('Pacific/Auckland', atMs).slice(-2))).toEqual([
      ...['30', '30', '30', '30', '30', '30'],
    ]);
    expect(localWeek('Pacific/Auckland', mondayMs - 13 * 3_600_000 - 1).slice(-2)).toBe('23');
  });

  it('behavior: UTC is the zone that is called Etc/UTC, and so is a name that is none', () => {
    for (const atMs of [0, Date.UTC(2024, 1, 29) - 1, Date.UTC(2024, 1, 29), Date.UTC(2025, 11, 31, 23, 59, 59, 999)]) {
      expect(localDay('UTC', atMs)).toBe(localDay('Etc/UTC', atMs));
      expect(localDay('Nowhere/Here', atMs)).toBe(localDay('UTC', atMs));
    }
  });
});
