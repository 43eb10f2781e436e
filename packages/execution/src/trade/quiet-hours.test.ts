import type { QuietWindow, Weekday } from '@perpdesk/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextQuietMs, quietWindowAt } from './quiet-hours.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const night: QuietWindow = { from: '22:00', to: '07:00' };
const isQuiet = (window: QuietWindow, zone: string, utc: string): boolean =>
  quietWindowAt([window], zone, Date.parse(utc)) !== undefined;

describe('quietWindowAt', () => {
  it('default: from its beginning on, without its end, over midnight', () => {
    const at = (time: string) => isQuiet(night, 'UTC', `2026-01-05T${time}Z`);
    expect(['21:59:59.999', '22:00', '23:59', '00:00', '06:59:59.999', '07:00'].map(at)).toEqual([
      ...[false, true, true, true, true, false],
    ]);
    const lunch = (time: string) => isQuiet({ from: '12:00', to: '13:30' }, 'UTC', `2026-01-05T${time}Z`);
    expect(['11:59', '12:00', '13:29', '13:30'].map(lunch)).toEqual([false, true, true, false]);
  });

  it("behavior: by the user's clock, summer and winter", () => {
    expect(isQuiet(night, 'America/New_York', '2026-01-06T03:00Z')).toBe(true);
    expect(isQuiet(night, 'America/New_York', '2026-01-06T02:59Z')).toBe(false);
    expect(isQuiet(night, 'America/New_York', '2026-07-06T02:00Z')).toBe(true);
    expect(isQuiet(night, 'Asia/Kolkata', '2026-01-05T16:30Z')).toBe(true);
  });

  it('behavior: days are those it begins on', () => {
    const weekend: QuietWindow = { ...night, days: ['fri', 'sat'] };
    // 2026-01-09 is a Friday.
    const at = (utc: string) => isQuiet(weekend, 'UTC', utc);
    expect(
      ['09T21:59Z', '09T22:00Z', '10T06:59Z', '10T22:00Z', '11T06:59Z', '11T22:00Z', '12T06:00Z'].map((day) =>
        at(`2026-01-${day}`),
      ),
    ).toEqual([...[false, true, true, true, true, false, false]]);
  });

  it('behavior: each day of the week by its name', () => {
    // 2026-02-01 is a Sunday.
    const days: readonly Weekday[] = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
    for (const [index, day] of days.entries()) {
      const quiet = days.filter((_, at) => isQuiet({ ...night, days: [day] }, 'UTC', `2026-02-0${1 + at}T23:00Z`));
      expect(quiet).toEqual([days[index]]);
    }
  });

  it('behavior: an hour that comes twice is quiet twice, one that is skipped begins after it', () => {
    const early: QuietWindow = { from: '02:30', to: '02:45' };
    // Berlin goes back from 03:00 to 02:00 at 01:00 UTC on 2026-10-25, and forward from 02:00 to 03:00 on 2026-03-29.
    expect(
      ['00:30', '00:44', '00:45', '01:30', '01:45'].map((time) =>
        isQuiet(early, 'Europe/Berlin', `2026-10-25T${time}Z`),
      ),
    ).toEqual([...[true, true, false, true, false]]);
    expect(isQuiet({ from: '02:30', to: '03:30' }, 'Europe/Berlin', '2026-03-29T01:00Z')).toBe(true);
    expect(isQuiet(early, 'Europe/Berlin', '2026-03-29T01:00Z')).toBe(false);
  });

  it('error: a time zone that is none', () => {
    expect(() => quietWindowAt([night], 'Mars/Olympus', 0)).toThrow(RangeError);
  });
});

describe('nextQuietMs', () => {
  it('default: the minute the next window begins, or none so soon', () => {
    const fromMs = Date.parse('2026-01-05T12:00:30Z');
    expect(nextQuietMs([night], 'UTC', fromMs, fromMs + 12 * hourMs)).toBe(Date.parse('2026-01-05T22:00Z'));
    expect(nextQuietMs([night], 'UTC', fromMs, fromMs + 9 * hourMs)).toBeUndefined();
    const saturdays: QuietWindow = { ...night, days: ['sat'] };
    expect(nextQuietMs([saturdays], 'UTC', fromMs, fromMs + 24 * hourMs)).toBeUndefined();
  });

  it('behavior: the soonest of several windows, one that begins at the last instant included', () => {
    const fromMs = Date.parse('2026-01-05T12:00Z');
    const afternoon: QuietWindow = { from: '14:00', to: '15:00' };
    const atMs = Date.parse('2026-01-05T14:00Z');
    expect(nextQuietMs([night, afternoon], 'UTC', fromMs, fromMs + 12 * hourMs)).toBe(atMs);
    expect(nextQuietMs([afternoon, night], 'UTC', fromMs, atMs)).toBe(atMs);
    expect(nextQuietMs([afternoon, night], 'UTC', fromMs, atMs - 1)).toBeUndefined();
  });

  it('behavior: the same as looking at each minute, also where the clocks change', () => {
    const time = fc
      .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom(0, 15, 30, 59))
      .map(([hour, minute]) => [hour, minute].map((part) => String(part).padStart(2, '0')).join(':'));
    const window = fc
      .tuple(time, time)
      .filter(([from, to]) => from !== to)
      .map(([from, to]) => ({ from, to }));
    const changes = [Date.parse('2026-03-29T00:00Z'), Date.parse('2026-10-25T00:00Z'), Date.parse('2026-04-04T14:00Z')];
    const zone = fc.constantFrom('Europe/Berlin', 'Australia/Lord_Howe', 'America/St_Johns');
    const start = fc.tuple(fc.constantFrom(...changes), fc.integer({ min: -600, max: 120 }));
    fc.assert(
      fc.property(window, zone, start, (quiet, timeZone, [changeMs, minutes]) => {
        const fromMs = changeMs + minutes * minuteMs;
        const untilMs = fromMs + 10 * hourMs;
        let wanted: number | undefined;
        for (let atMs = fromMs + minuteMs; atMs <= untilMs && wanted === undefined; atMs += minuteMs)
          if (quietWindowAt([quiet], timeZone, atMs) !== undefined) wanted = atMs;
        expect(nextQuietMs([quiet], timeZone, fromMs, untilMs)).toBe(wanted);
      }),
      { numRuns: 60 },
    );
  });
});
