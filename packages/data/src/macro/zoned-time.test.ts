import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instantIn, localTime, timeZoneOf } from './zoned-time.ts';

const newYork = (text: string): string => {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = text.split(/[-T:]/).map(Number);
  return new Date(instantIn('America/New_York', { year, month, day, hour, minute })).toISOString().slice(0, 16);
};

describe('instantIn', () => {
  it('default: half past eight in New York is another hour of UTC in winter than in summer', () => {
    expect(newYork('2026-03-06T08:30')).toBe('2026-03-06T13:30');
    expect(newYork('2026-03-11T08:30')).toBe('2026-03-11T12:30');
    expect(newYork('2026-10-30T08:30')).toBe('2026-10-30T12:30');
    expect(newYork('2026-11-06T08:30')).toBe('2026-11-06T13:30');
  });

  it('behavior: around the change of the clocks', () => {
    expect(newYork('2026-03-08T01:59')).toBe('2026-03-08T06:59');
    expect(newYork('2026-03-08T02:30')).toBe('2026-03-08T07:30');
    expect(newYork('2026-03-08T03:00')).toBe('2026-03-08T07:00');
    expect(newYork('2026-11-01T01:30')).toBe('2026-11-01T05:30');
    expect(newYork('2026-11-01T02:00')).toBe('2026-11-01T07:00');
  });

  it('behavior: what a clock shows at an instant leads back to it, or to the first of two', () => {
    const zones = ['America/New_York', 'Europe/Berlin', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Pacific/Apia', 'UTC'];
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: Date.UTC(1990, 0, 1) / 60_000, max: Date.UTC(2050, 0, 1) / 60_000 }),
        (zone, minutes) => {
          const atMs = minutes * 60_000;
          const back = instantIn(zone, localTime(zone, atMs));
          expect(localTime(zone, back)).toEqual(localTime(zone, atMs));
          expect(atMs - back === 0 || (atMs - back > 0 && atMs - back <= 86_400_000)).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('behavior: names that calendars use, and none that no one has', () => {
    expect(timeZoneOf('US-Eastern')).toBe('America/New_York');
    expect(timeZoneOf('Mars/Olympus')).toBeUndefined();
    expect(timeZoneOf('')).toBeUndefined();
  });
});
