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

  it('behavior: UTC is the zone that is called Etc/UTC, and so is a name that is none', () => {
    for (const atMs of [0, Date.UTC(2024, 1, 29) - 1, Date.UTC(2024, 1, 29), Date.UTC(2025, 11, 31, 23, 59, 59, 999)]) {
      expect(localDay('UTC', atMs)).toBe(localDay('Etc/UTC', atMs));
      expect(localDay('Nowhere/Here', atMs)).toBe(localDay('UTC', atMs));
    }
  });
});
