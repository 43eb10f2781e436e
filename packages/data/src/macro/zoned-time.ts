/** A date and time as a clock on the wall shows it. */
export interface LocalTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

/** Names of time zones that calendars use and that are not of the IANA list. */
const aliases: Readonly<Record<string, string>> = {
  'US-Eastern': 'America/New_York',
  'US/Eastern': 'America/New_York',
  'Eastern Standard Time': 'America/New_York',
  ET: 'America/New_York',
  GMT: 'UTC',
  Z: 'UTC',
};

const formats = new Map<string, Intl.DateTimeFormat | undefined>();

/** The IANA name of a time zone, or undefined where there is none of that name. */
export function timeZoneOf(name: string): string | undefined {
  const zone = aliases[name] ?? name;
  return formatOf(zone) === undefined ? undefined : zone;
}

/**
 * The instant at which a clock in `zone` (an IANA name) shows `local`, ms UTC. A time that a change of the clocks skips is
 * read as if they had not been changed yet; of a time that comes twice it is the first.
 */
export function instantIn(zone: string, local: LocalTime): number {
  const wall = Date.UTC(local.year, local.month - 1, local.day, local.hour, local.minute);
  // The offsets of the day before and the day after: what holds at the wall time is one of the two.
  const before = offsetAt(zone, wall - 86_400_000);
  const after = offsetAt(zone, wall + 86_400_000);
  const early = wall - before;
  if (offsetAt(zone, early) === before) return early;
  const late = wall - after;
  return offsetAt(zone, late) === after ? late : early;
}

/** What a clock in `zone` shows at an instant. */
export function localTime(zone: string, atMs: number): LocalTime {
  const wall = new Date(atMs + offsetAt(zone, atMs));
  return {
    year: wall.getUTCFullYear(),
    month: wall.getUTCMonth() + 1,
    day: wall.getUTCDate(),
    hour: wall.getUTCHours(),
    minute: wall.getUTCMinutes(),
  };
}

/** How far ahead of UTC a zone is at an instant, ms. */
function offsetAt(zone: string, atMs: number): number {
  const parts = formatOf(zone)?.formatToParts(atMs) ?? [];
  const part = (type: string): number => Number(parts.find((one) => one.type === type)?.value);
  const wall = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return wall - Math.floor(atMs / 1000) * 1000;
}

function formatOf(zone: string): Intl.DateTimeFormat | undefined {
  if (formats.has(zone)) return formats.get(zone);
  let format: Intl.DateTimeFormat | undefined;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    format = undefined;
  }
  // Names come from outside: no more of them are remembered than there are zones.
  if (formats.size < 600) formats.set(zone, format);
  return format;
}
