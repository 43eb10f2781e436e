import { foreignText } from '@perpdesk/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readMacroContent } from './macro-content.ts';
import { readFeed } from './read-rss.ts';

const csv = `series,period,at,zone,consensus,actual,title,country,theme,polarity,unit
US.CPI.YOY,2026-11,2026-12-10T08:30,America/New_York,2.9,,,,,,
# a comment
EU.HICP.YOY,2026-11,2026-12-17T11:00,Europe/Berlin,2.1,2.2,"Euro area <b>prices</b>",EU,rate-expectations,-1,%
US.CPI.YOY,2026-12,2027-01-13 08:30,Nowhere/Land,,,,,,,
US.CPI.YOY,2026-12,2027-02-30T08:30,America/New_York,,,,,,,
US.CPI.YOY,2026-12,2027-01-13T08:30:00-05:00,,2.9%,,,,,,
XX.UNKNOWN,2026-12,2027-01-13T08:30:00Z,,,,,,,,
`;

const ics = [
  'BEGIN:VCALENDAR',
  'VERSION:2.0',
  ...[
    'SUMMARY:Consumer Price Index\r\nDTSTART;TZID=US-Eastern:20261210T083000',
    'SUMMARY:Employment Situation\r\nDTSTART:20261204T133000Z',
    'SUMMARY:GDP (Third Estimate)\\, Industries\\, and Corporate Profits\\, 3rd\r\n  Quarter 2026\r\nDTSTART;TZID=America/New_York:20261223T083000',
    'SUMMARY:State Employment and Unemployment\r\nDTSTART;TZID=US-Eastern:20261218T100000',
    'SUMMARY:Producer Price Index\r\nDTSTART;TZID=US-Eastern:20261215T083000\r\nSTATUS:CANCELLED',
    'SUMMARY:Consumer Price Index\r\nDTSTART;VALUE=DATE:20270113',
    'SUMMARY:Consumer Price Index\r\nDTSTART;TZID=US-Eastern:20270113T083000\r\nRRULE:FREQ=SECONDLY',
    'SUMMARY:Consumer Price Index\r\nDTSTART;TZID=Mars:20270113T083000',
  ].map((event) => `BEGIN:VEVENT\r\n${event}\r\nEND:VEVENT`),
  'END:VCALENDAR',
].join('\r\n');

const feed = (items: string): string =>
  `<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>${items}</channel></rss>`;

describe('readMacroContent', () => {
  it('default: rows of CSV, what can not be one counted with the reason', () => {
    const { records, refused } = readMacroContent(csv, { format: 'csv' }, 'mine');
    expect(
      records.map(({ series, scheduledAtMs, title }) => [series, new Date(scheduledAtMs).toISOString(), title]),
    ).toEqual([
      ['US.CPI.YOY', '2026-12-10T13:30:00.000Z', 'US consumer prices, year on year'],
      ['EU.HICP.YOY', '2026-12-17T10:00:00.000Z', 'Euro area prices'],
    ]);
    expect(records[1]).toMatchObject({
      actual: 2.2,
      consensus: 2.1,
      polarity: -1,
      importance: 'medium',
      source: 'mine',
    });
    expect(refused.count).toBe(4);
    expect(refused.reasons).toEqual([
      'entry 3: "2027-01-13 08:30" has no offset, and "Nowhere/Land" is no time zone',
      'entry 4: "2027-02-30T08:30" is not a date and time that can be',
      'entry 5: consensus is not a plain number',
      expect.stringMatching(/^entry 6: (title|country|theme)/),
    ]);
  });

  it('default: events of iCalendar whose title names a series, at the time of their zone', () => {
    const { records, refused } = readMacroContent(ics, { format: 'ics' }, 'bls');
    expect(records.map((one) => [one.series, one.referencePeriod, new Date(one.scheduledAtMs).toISOString()])).toEqual([
      ['US.CPI.YOY', '2026-11', '2026-12-10T13:30:00.000Z'],
      ['US.NFP.CHANGE', '2026-11', '2026-12-04T13:30:00.000Z'],
      ['US.GDP.THIRD', '2026-Q3', '2026-12-23T13:30:00.000Z'],
    ]);
    expect(refused.count).toBe(3);
  });

  it('default: a shape of its own in JSON, and entries of a feed, by a function', () => {
    const json = JSON.stringify({ data: [{ event: 'US.CPI.YOY', time: '2026-12-10T13:30:00Z', forecast: 2.9 }] });
    const toRows = (value: unknown): readonly unknown[] =>
      (value as { data: { event: string; time: string; forecast: number }[] }).data.map((one) => ({
        series: one.event,
        at: one.time,
        consensus: one.forecast,
      }));
    expect(readMacroContent(json, { format: 'json', toRows }, 'api').records[0]).toMatchObject({
      referencePeriod: '2026-11',
      consensus: 2.9,
    });
    const items = feed(
      '<item><title>CPI 3.1</title><pubDate>Thu, 10 Dec 2026 08:30:00 EST</pubDate><link>https://x.test/1</link></item>',
    );
    const { records } = readMacroContent(
      items,
      {
        format: 'rss',
        toRows: (entries) =>
          entries.map(({ title, publishedAtMs = 0 }) => ({
            series: 'US.CPI.YOY',
            at: new Date(publishedAtMs).toISOString(),
            actual: Number(/([\d.]+)$/.exec(title)?.[1]),
          })),
      },
      'news',
    );
    expect(records[0]).toMatchObject({ actual: 3.1, scheduledAtMs: Date.UTC(2026, 11, 10, 13, 30) });
  });

  it('behavior: titles lose markup, control and direction characters, and are capped', () => {
    const [item] = readFeed(
      feed(`<item><title><![CDATA[<script>x</script>a\u0000\u202Eb&lt;c]]> ${'😀'.repeat(300)}</title></item>`),
    );
    expect(item?.title).not.toMatch(/[\p{Cc}\p{Cf}<>]/u);
    expect(item?.title.startsWith('x a b‹c')).toBe(true);
    expect(item?.title.length).toBeLessThanOrEqual(200);
    expect(item?.title.isWellFormed()).toBe(true);
    expect(foreignText('a'.repeat(5_000_000), 200)).toHaveLength(200);
  });

  it('error: entities, document types and towers of tags are refused', () => {
    const bomb = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>${feed('<item><title>&b;</title></item>')}`;
    expect(() => readFeed(bomb)).toThrow('document type');
    expect(() => readFeed(feed('<a>'.repeat(5000)))).toThrow();
    expect(readFeed(feed('<item><title>&b;&#65;</title></item>'))[0]?.title).toBe('&b;&#65;');
    expect(() => readFeed('<html></html>')).toThrow('neither RSS 2.0 nor Atom');
  });

  it('error: content of another kind is refused as a whole', () => {
    expect(() => readMacroContent('{', { format: 'json' }, 'x')).toThrow();
    expect(() => readMacroContent('{"a":1}', { format: 'json' }, 'x')).toThrow();
    expect(() => readMacroContent('hello', { format: 'ics' }, 'x')).toThrow();
  });

  it('behavior: no content breaks more than itself', () => {
    const pieces = fc.constantFrom(
      'US.CPI.YOY',
      '2026-11',
      '2026-12-10T08:30',
      'UTC',
      ',',
      '"',
      '\n',
      '\r\n',
      '<item>',
      '</item>',
      'BEGIN:VEVENT',
      'END:VEVENT',
      'DTSTART:',
      '\u0000',
      '-1',
      'NaN',
      '1e999',
    );
    const mutated = (base: string) =>
      fc
        .array(fc.tuple(fc.nat(base.length), pieces), { maxLength: 4 })
        .map((cuts) =>
          cuts.reduce((text, [at, piece]) => text.slice(0, at) + piece + text.slice(at + piece.length), base),
        );
    const calm = (read: () => { readonly records: readonly unknown[] }): void => {
      try {
        expect(read().records.length).toBeLessThan(100);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    };
    fc.assert(
      fc.property(mutated(csv), (text) => calm(() => readMacroContent(text, { format: 'csv' }, 'x'))),
      { numRuns: 100 },
    );
    fc.assert(
      fc.property(mutated(ics), (text) => calm(() => readMacroContent(text, { format: 'ics' }, 'x'))),
      { numRuns: 100 },
    );
    const rss = feed('<item><title>CPI</title><pubDate>Thu, 10 Dec 2026 08:30:00 EST</pubDate></item>');
    const toRows = (items: readonly unknown[]) => items;
    fc.assert(
      fc.property(mutated(rss), (text) => calm(() => readMacroContent(text, { format: 'rss', toRows }, 'x'))),
      {
        numRuns: 100,
      },
    );
  });
});
