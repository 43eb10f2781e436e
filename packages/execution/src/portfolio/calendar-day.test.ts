import { describe, expect, it } from 'vitest';
import { calendarDay } from './calendar-day.ts';

describe('calendarDay', () => {
  it('default: the day of an instant where the user lives', () => {
    const atMs = Date.UTC(2026, 2, 28, 23, 30);
    expect(calendarDay(atMs, 'UTC')).toBe('2026-03-28');
    expect(calendarDay(atMs, 'Europe/Berlin')).toBe('2026-03-29');
    expect(calendarDay(atMs, 'America/New_York')).toBe('2026-03-28');
  });

  it('behavior: one day follows the other at midnight', () => {
    for (const timeZone of ['UTC', 'Etc/UTC'])
      for (const day of [30, 31]) {
        const beginsMs = Date.UTC(2026, 2, day);
        const asked = [beginsMs - 1, beginsMs, beginsMs + 86_399_999];
        expect(asked.map((atMs) => Number(calendarDay(atMs, timeZone).slice(-2)))).toEqual([day - 1, day, day]);
      }
  });

  it('behavior: UTC is the zone that is called Etc/UTC, to the last millisecond of a day', () => {
    for (const atMs of [0, Date.UTC(2024, 1, 29) - 1, Date.UTC(2024, 1, 29), Date.UTC(2025, 11, 31, 23, 59, 59, 999)])
      expect(calendarDay(atMs, 'UTC')).toBe(calendarDay(atMs, 'Etc/UTC'));
  });
});
