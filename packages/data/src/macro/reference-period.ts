import type { MacroSeries } from './macro-series.ts';
import { localTime } from './zoned-time.ts';

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const monthName = /\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? (\d{4})\b/i;
const quarterFirst = /\b(?:Q([1-4])|([1-4])(?:st|nd|rd|th) quarter) (\d{4})\b/i;
const yearFirst = /\b(\d{4})[- ]?Q([1-4])\b/i;
const wordQuarter = /\b(first|second|third|fourth) quarter (?:of )?(\d{4})\b/i;
const words = ['first', 'second', 'third', 'fourth'];

/** The period a text names: `2026-11` or `2026-Q3`. Undefined where it names none. */
export function periodIn(text: string): string | undefined {
  const quarter = quarterFirst.exec(text);
  if (quarter) return `${quarter[3]}-Q${quarter[1] ?? quarter[2]}`;
  const year = yearFirst.exec(text);
  if (year) return `${year[1]}-Q${year[2]}`;
  const word = wordQuarter.exec(text);
  if (word) return `${word[2]}-Q${words.indexOf((word[1] ?? '').toLowerCase()) + 1}`;
  const month = monthName.exec(text);
  if (month) return monthOf(Number(month[2]), months.indexOf((month[1] ?? '').slice(0, 3).toLowerCase()) + 1);
  return undefined;
}

/**
 * The period a release is usually about, by its day in New York. Wrong for a release that comes a month late, which is
 * why a period that is said goes before it.
 */
export function usualPeriod(series: Pick<MacroSeries, 'period'>, scheduledAtMs: number): string {
  const { year, month, day } = localTime('America/New_York', scheduledAtMs);
  switch (series.period) {
    case 'month':
      return monthOf(year, month);
    case 'month-before':
      return month === 1 ? monthOf(year - 1, 12) : monthOf(year, month - 1);
    case 'quarter-before': {
      const quarter = Math.ceil(month / 3) - 1;
      return quarter === 0 ? `${year - 1}-Q4` : `${year}-Q${quarter}`;
    }
    case 'week':
    case 'day':
      return `${monthOf(year, month)}-${String(day).padStart(2, '0')}`;
  }
}

const monthOf = (year: number, month: number): string => `${year}-${String(month).padStart(2, '0')}`;
