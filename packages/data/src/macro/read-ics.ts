import { foreignText } from '@perpdesk/core';
import ICAL from 'ical.js';
import { seriesByTitle } from './macro-series.ts';
import { periodIn } from './reference-period.ts';
import { capped } from './too-many-entries.ts';
import { timeZoneOf } from './zoned-time.ts';

/**
 * The rows of an iCalendar file (RFC 5545): events whose title names a known series; others are passed over. Zones are taken by
 * name, not from the file's own definitions, whose repetition rules could be made to run for ever. Repeating and
 * whole-day events come back without a time, to be refused where rows are checked.
 * @throws Error when it is not iCalendar.
 */
export function readIcs(content: string): readonly unknown[] {
  const calendar = new ICAL.Component(ICAL.parse(content));
  return capped(calendar.getAllSubcomponents('vevent')).flatMap((event) => {
    const title = textOf(event, 'summary');
    const series = seriesByTitle(title);
    if (series === undefined || textOf(event, 'status').toUpperCase() === 'CANCELLED') return [];
    const start = event.getFirstProperty('dtstart');
    const time = start?.getFirstValue();
    const said = periodIn(title) ?? periodIn(textOf(event, 'description'));
    const zone = time instanceof ICAL.Time && String(time).endsWith('Z') ? 'UTC' : start?.getParameter('tzid');
    return [
      {
        series: series.series,
        period: said,
        at:
          event.getFirstProperty('rrule') === null && time instanceof ICAL.Time ? wallTime(time) : 'a repeating event',
        zone: timeZoneOf(typeof zone === 'string' ? zone : '') ?? zone,
      },
    ];
  });
}

function wallTime(time: ICAL.Time): string {
  if (time.isDate) return 'a whole day';
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${time.year}-${two(time.month)}-${two(time.day)}T${two(time.hour)}:${two(time.minute)}`;
}

function textOf(event: ICAL.Component, name: string): string {
  const value = event.getFirstPropertyValue(name);
  return typeof value === 'string' ? foreignText(value, 500) : '';
}
