import type { QuietWindow, Weekday } from '@perpdesk/core';

/** What a clock on the wall shows. */
interface WallTime {
  /** 0: Sunday. */
  readonly weekday: number;
  /** Since midnight, 0 to 1439. */
  readonly minute: number;
}

const minuteMs = 60_000;
const dayMinutes = 1440;
/** No clock is put forward or back by more: so long before a window begins its time is looked for minute by minute. */
const changeMinutes = 180;
const weekdays: readonly Weekday[] = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const formats = new Map<string, Intl.DateTimeFormat>();

/** The quiet window that an instant lies in, if any. @throws RangeError for a time zone that is none. */
export function quietWindowAt(
  windows: readonly QuietWindow[],
  timeZone: string,
  atMs: number,
): QuietWindow | undefined {
  const now = wallTime(timeZone, atMs);
  return windows.find((window) => isWithin(window, now));
}

/** When the next quiet window begins after `fromMs`, up to `untilMs`; at most two days are looked at. @throws RangeError */
export function nextQuietMs(
  windows: readonly QuietWindow[],
  timeZone: string,
  fromMs: number,
  untilMs: number,
): number | undefined {
  const lastMs = Math.min(untilMs, fromMs + 2 * dayMinutes * minuteMs);
  let atMs = (Math.floor(fromMs / minuteMs) + 1) * minuteMs;
  while (atMs <= lastMs) {
    const now = wallTime(timeZone, atMs);
    if (windows.some((window) => isWithin(window, now))) return atMs;
    const ahead = Math.min(...windows.map(({ from }) => (minuteOf(from) - now.minute + dayMinutes) % dayMinutes));
    atMs += minuteMs * Math.max(1, ahead - changeMinutes);
  }
  return undefined;
}

function isWithin({ from, to, days }: QuietWindow, { minute, weekday }: WallTime): boolean {
  const [begins, ends] = [minuteOf(from), minuteOf(to)];
  const startsOn = (day: number): boolean => {
    const name = weekdays[(day + 7) % 7];
    return days === undefined || (name !== undefined && days.includes(name));
  };
  if (begins < ends) return minute >= begins && minute < ends && startsOn(weekday);
  return (minute >= begins && startsOn(weekday)) || (minute < ends && startsOn(weekday - 1));
}

function minuteOf(time: string): number {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  return hour * 60 + minute;
}

function wallTime(timeZone: string, atMs: number): WallTime {
  let format = formats.get(timeZone);
  if (format === undefined) {
    const parts = { weekday: 'short', hour: '2-digit', minute: '2-digit' } as const;
    format = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', ...parts });
    formats.set(timeZone, format);
  }
  const parts = format.formatToParts(atMs);
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? '';
  const weekday = weekdays.indexOf(part('weekday').toLowerCase() as Weekday);
  return { weekday, minute: Number(part('hour')) * 60 + Number(part('minute')) };
}
