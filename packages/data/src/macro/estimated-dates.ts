const dayMs = 86_400_000;

/** A date reckoned by a rule. */
export interface EstimatedDate {
  readonly series: string;
  /** `2027-02-05`, New York. */
  readonly day: string;
  /** New York time of day. */
  readonly time: string;
}

/**
 * The releases of a year whose rule is known, before their dates are published:
 * - payrolls: the third Friday after the week (Sunday to Saturday) that holds the 12th of the month before; the day before
 *   where that is a holiday, a week later where it falls on the first three days of January. After the Bureau of Labor
 *   Statistics; the rule gives the 14 dates it published for 2021-11 to 2022-12 and all those it set for 2026.
 * - ISM: the first (manufacturing) and the third (services) business day of the month, 10:00. ismworld.org.
 */
export function estimatedDates(year: number): readonly EstimatedDate[] {
  return Array.from({ length: 12 }, (_, index) => index + 1).flatMap((month) => [
    { series: 'US.NFP.CHANGE', day: payrollDay(year, month), time: '08:30' },
    { series: 'US.ISM.MANUFACTURING', day: businessDay(year, month, 1), time: '10:00' },
    { series: 'US.ISM.SERVICES', day: businessDay(year, month, 3), time: '10:00' },
  ]);
}

function payrollDay(year: number, month: number): string {
  const twelfth = Date.UTC(year, month - 2, 12);
  const saturday = twelfth + (6 - weekday(twelfth)) * dayMs;
  const friday = saturday + 20 * dayMs;
  if (Number(day(friday).slice(8)) <= 3 && month === 1) return day(friday + 7 * dayMs);
  return day(isHoliday(friday) ? friday - dayMs : friday);
}

function businessDay(year: number, month: number, which: number): string {
  let atMs = Date.UTC(year, month - 1, 1);
  let left = which;
  for (; ; atMs += dayMs) {
    if (weekday(atMs) !== 0 && weekday(atMs) !== 6 && !isHoliday(atMs)) left -= 1;
    if (left === 0) return day(atMs);
  }
}

/** A holiday of the United States government, on the day it is observed: 5 U.S.C. 6103. */
function isHoliday(atMs: number): boolean {
  const date = new Date(atMs);
  const [month, dayOfMonth, weekdayNow] = [date.getUTCMonth() + 1, date.getUTCDate(), date.getUTCDay()];
  const week = Math.ceil(dayOfMonth / 7);
  // A fixed day on a Saturday is observed on the Friday before, on a Sunday on the Monday after.
  for (const observed of [dayOfMonth - (weekdayNow === 1 ? 1 : 0), dayOfMonth + (weekdayNow === 5 ? 1 : 0), dayOfMonth])
    if (fixedHolidays.has(`${month}-${observed}`)) return true;
  if (month === 12 && dayOfMonth === 31 && weekdayNow === 5) return true;
  if (weekdayNow === 4) return month === 11 && week === 4;
  if (weekdayNow !== 1) return false;
  if (month === 5) return dayOfMonth > 24;
  return floatingMondays.has(`${month}-${week}`);
}

const fixedHolidays = new Set(['1-1', '6-19', '7-4', '11-11', '12-25']);
/** Martin Luther King, Washington, Labor Day, Columbus Day: month and which Monday of it. */
const floatingMondays = new Set(['1-3', '2-3', '9-1', '10-2']);
const weekday = (atMs: number): number => new Date(atMs).getUTCDay();
const day = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);
