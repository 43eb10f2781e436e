import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { macroSourceContract } from '@perpdesk/core/testing';
import { describe, expect, it } from 'vitest';
import { estimatedDates } from './estimated-dates.ts';
import { PublishedMacroSource } from './published-macro-source.ts';
import { publishedSchedule } from './published-schedule.ts';

const fixtures = process.env.PERPDESK_FIXTURES ?? join(import.meta.dirname, '../../../../../shared/fixtures');
const meetings = join(fixtures, 'macro/fomc-days/fomc_meetings_2013-2023.csv');
const daysOf = (series: string, year: string): readonly string[] =>
  publishedSchedule
    .filter((one) => one.series === series)
    .flatMap(({ days }) => days)
    .filter((day) => day.startsWith(year));

describe('PublishedMacroSource', () => {
  for (const { name, run } of macroSourceContract)
    it(name, () => run(async () => ({ source: new PublishedMacroSource(), close: async () => {} })));

  it('default: the next releases after 2026-11-26, at their New York time', async () => {
    const { records } = await new PublishedMacroSource().fetch();
    const next = records
      .filter(({ scheduledAtMs }) => scheduledAtMs > Date.UTC(2026, 10, 26) && scheduledAtMs < Date.UTC(2027, 0, 31))
      .sort((a, b) => a.scheduledAtMs - b.scheduledAtMs || (a.series < b.series ? -1 : 1))
      .map((one) =>
        [
          new Date(one.scheduledAtMs).toISOString().slice(0, 16),
          one.series,
          one.referencePeriod,
          one.estimated ? 'estimated' : 'published',
        ].join(' '),
      );
    expect([...new Set(next)]).toEqual([
      '2026-12-01T15:00 US.ISM.MANUFACTURING 2026-11 estimated',
      '2026-12-03T15:00 US.ISM.SERVICES 2026-11 estimated',
      '2026-12-04T13:30 US.NFP.CHANGE 2026-11 published',
      '2026-12-09T19:00 US.FED.RATE 2026-12-09 published',
      '2026-12-10T13:30 US.CPI.YOY 2026-11 published',
      '2026-12-23T13:30 US.GDP.THIRD 2026-Q3 published',
      '2027-01-04T15:00 US.ISM.MANUFACTURING 2026-12 estimated',
      '2027-01-06T15:00 US.ISM.SERVICES 2026-12 estimated',
      '2027-01-08T13:30 US.NFP.CHANGE 2026-12 estimated',
      '2027-01-13T13:30 US.CPI.YOY 2026-12 published',
      '2027-01-27T19:00 US.FED.RATE 2027-01-27 published',
      '2027-01-28T13:30 US.GDP.ADVANCE 2026-Q4 published',
    ]);
  });

  it('behavior: estimates are marked, never beside a published date, and can be left out', async () => {
    const { records } = await new PublishedMacroSource().fetch();
    const key = (one: (typeof records)[number]): string => `${one.series} ${one.referencePeriod}`;
    const published = new Set(records.filter(({ estimated }) => estimated !== true).map(key));
    const estimated = records.filter((one) => one.estimated === true);
    expect(estimated.length).toBeGreaterThan(50);
    expect(estimated.filter((one) => published.has(key(one)))).toEqual([]);
    const without = await new PublishedMacroSource({ estimates: false }).fetch();
    expect(without.records.filter((one) => one.estimated === true)).toEqual([]);
    expect(without.records.length).toBe(records.length - estimated.length);
  });

  it('behavior: nothing is known after its own day, and every series is one that is listed', async () => {
    for (const one of (await new PublishedMacroSource().fetch()).records)
      expect(one.knownAtMs ?? Number.NaN).toBeLessThan(one.scheduledAtMs);
  });

  it.skipIf(!existsSync(meetings))('behavior: rate decisions of 2021 to 2023 are those on record', () => {
    const recorded = readFileSync(meetings, 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => line.slice(0, 10));
    for (const year of ['2021', '2022', '2023'])
      expect(daysOf('US.FED.RATE', year)).toEqual(recorded.filter((day) => day.startsWith(year)));
  });

  it('behavior: eight rate decisions a year, on Wednesdays but one', () => {
    for (let year = 2021; year <= 2027; year += 1)
      expect(new Set(daysOf('US.FED.RATE', String(year))).size, String(year)).toBe(8);
    const others = daysOf('US.FED.RATE', '20').filter((day) => new Date(day).getUTCDay() !== 3);
    expect(others).toEqual(['2024-11-07']);
  });
});

describe('estimatedDates', () => {
  const payrolls = (year: number): readonly string[] =>
    estimatedDates(year).flatMap(({ series, day }) => (series === 'US.NFP.CHANGE' ? [day] : []));

  it('default: the rule for payrolls gives every date that was published', () => {
    expect(payrolls(2021).slice(10)).toEqual(daysOf('US.NFP.CHANGE', '2021'));
    expect(payrolls(2022)).toEqual(daysOf('US.NFP.CHANGE', '2022'));
    // Without the February one that a lapse of appropriations moved.
    expect(payrolls(2026)).toEqual(daysOf('US.NFP.CHANGE', '2026').filter((day) => day !== '2026-02-11'));
  });

  it('behavior: the rule for ISM gives the dates of 2024 but those around its own holidays', () => {
    const ism = estimatedDates(2024).flatMap(({ series, day }) =>
      series.startsWith('US.ISM') ? [`${series} ${day}`] : [],
    );
    const published = ['US.ISM.MANUFACTURING', 'US.ISM.SERVICES'].flatMap((series) =>
      daysOf(series, '2024').map((day) => `${series} ${day}`),
    );
    expect(published.filter((day) => !ism.includes(day))).toEqual([
      'US.ISM.MANUFACTURING 2024-01-03',
      'US.ISM.SERVICES 2024-01-05',
    ]);
  });
});
