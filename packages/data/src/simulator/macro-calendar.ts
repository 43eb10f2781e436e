import type { MacroEvent, MacroRelease } from '@perpdesk/core';
import { type CalendarDay, calendarDay } from './calendar-day.ts';
import { HashedRandom, hashText } from './hashed-random.ts';

const dayMs = 86_400_000;
const minuteMs = 60_000;

interface MacroSeries extends Pick<MacroEvent, 'series' | 'title' | 'importance' | 'theme' | 'polarity' | 'unit'> {
  /** Minutes after midnight, UTC. */
  readonly atMinute: number;
  readonly occurs: (day: CalendarDay, dayIndex: number) => boolean;
  readonly usual: number;
  /** How far the consensus wanders from the usual. */
  readonly range: number;
  /** The usual size of a surprise, in units of the figure. */
  readonly surprise: number;
  readonly decimals: number;
  /** The common factor's move for a surprise of the usual size. */
  readonly impact: number;
}

const monthly = (weekday: number, week: number) => (day: CalendarDay) =>
  day.weekday === weekday && Math.ceil(day.day / 7) === week;
const weekly = (weekday: number) => (day: CalendarDay) => day.weekday === weekday;
const [tuesday, wednesday, thursday, friday] = [2, 3, 4, 5];

/** After the calendar of United States figures: their days, hours and orders of size. */
const macroSeries: readonly MacroSeries[] = [
  {
    series: 'US.CPI.YOY',
    title: 'US consumer prices, year on year',
    importance: 'critical',
    theme: 'rate-expectations',
    polarity: -1,
    unit: '%',
    atMinute: 810,
    occurs: monthly(wednesday, 2),
    usual: 2.8,
    range: 0.5,
    surprise: 0.1,
    decimals: 1,
    impact: 0.004,
  },
  {
    series: 'US.PPI.YOY',
    title: 'US producer prices, year on year',
    importance: 'high',
    theme: 'rate-expectations',
    polarity: -1,
    unit: '%',
    atMinute: 810,
    occurs: monthly(thursday, 2),
    usual: 2.5,
    range: 0.6,
    surprise: 0.2,
    decimals: 1,
    impact: 0.0015,
  },
  {
    series: 'US.FED.RATE',
    title: 'US central bank rate decision',
    importance: 'critical',
    theme: 'rate-expectations',
    polarity: -1,
    unit: '%',
    atMinute: 1140,
    occurs: (day, index) => day.weekday === wednesday && Math.floor(index / 7) % 6 === 2,
    usual: 4,
    range: 0.5,
    surprise: 0.25,
    decimals: 2,
    impact: 0.005,
  },
  {
    series: 'US.NFP.CHANGE',
    title: 'US payrolls outside farming, change',
    importance: 'critical',
    theme: 'growth',
    polarity: 1,
    unit: 'k',
    atMinute: 810,
    occurs: monthly(friday, 1),
    usual: 140,
    range: 50,
    surprise: 45,
    decimals: 0,
    impact: 0.003,
  },
  {
    series: 'US.CLAIMS.INITIAL',
    title: 'US first claims for unemployment benefit',
    importance: 'medium',
    theme: 'growth',
    polarity: -1,
    unit: 'k',
    atMinute: 810,
    occurs: weekly(thursday),
    usual: 225,
    range: 12,
    surprise: 9,
    decimals: 0,
    impact: 0.0006,
  },
  {
    series: 'US.RETAIL.MOM',
    title: 'US retail sales, month on month',
    importance: 'high',
    theme: 'growth',
    polarity: 1,
    unit: '%',
    atMinute: 810,
    occurs: monthly(tuesday, 3),
    usual: 0.3,
    range: 0.3,
    surprise: 0.3,
    decimals: 1,
    impact: 0.001,
  },
  {
    series: 'US.FED.BALANCE',
    title: 'US central bank balance sheet, change',
    importance: 'low',
    theme: 'liquidity',
    polarity: 1,
    unit: 'bn',
    atMinute: 1290,
    occurs: weekly(wednesday),
    usual: -6,
    range: 10,
    surprise: 6,
    decimals: 1,
    impact: 0.0004,
  },
  {
    series: 'US.CONFIDENCE',
    title: 'US consumer confidence',
    importance: 'medium',
    theme: 'risk-appetite',
    polarity: 1,
    unit: 'points',
    atMinute: 900,
    occurs: monthly(tuesday, 4),
    usual: 98,
    range: 6,
    surprise: 3,
    decimals: 1,
    impact: 0.0008,
  },
];

/** A release with what it does to prices. */
export interface SimulatedRelease extends MacroRelease {
  /** The jump of the common factor at the release, as a fraction. */
  readonly jump: number;
}

/**
 * An economic calendar out of chance: the same key gives the same events on the same days, whichever is asked for first.
 * Every title says that it is simulated.
 */
export class MacroCalendar {
  readonly #random: HashedRandom;
  readonly #days = new Map<number, readonly SimulatedRelease[]>();

  constructor(key: string) {
    this.#random = new HashedRandom(`macro ${key}`);
  }

  /** What is released on a day, by days since the epoch, earliest first. */
  releasesOn(dayIndex: number): readonly SimulatedRelease[] {
    const kept = this.#days.get(dayIndex);
    if (kept !== undefined) return kept;
    const day = calendarDay(dayIndex);
    const releases = macroSeries
      .filter((series) => series.occurs(day, dayIndex))
      .map((series) => this.#release(series, dayIndex))
      .sort((a, b) => a.releasedAtMs - b.releasedAtMs);
    // A year and more at a time is never needed: the memory is for the days around the present.
    if (this.#days.size > 400) this.#days.clear();
    this.#days.set(dayIndex, releases);
    return releases;
  }

  #release(series: MacroSeries, dayIndex: number): SimulatedRelease {
    const { consensus, actual } = this.#figures(series, dayIndex);
    const previousDay = previousOccurrence(series, dayIndex);
    const scheduledAtMs = dayIndex * dayMs + series.atMinute * minuteMs;
    const event: MacroEvent = {
      id: `simulated:${series.series}:${scheduledAtMs}`,
      series: series.series,
      title: `${series.title} (simulated)`,
      country: 'US',
      importance: series.importance,
      theme: series.theme,
      polarity: series.polarity,
      scheduledAtMs,
      consensus,
      previous: this.#figures(series, previousDay).actual,
      unit: series.unit,
    };
    const surprise = rounded((actual - consensus) / series.surprise, 3);
    return { event, actual, surprise, releasedAtMs: scheduledAtMs, jump: series.polarity * surprise * series.impact };
  }

  #figures(series: MacroSeries, dayIndex: number): { readonly consensus: number; readonly actual: number } {
    const random = this.#random.seek(hashText(series.series), dayIndex);
    // The consensus swings over a year and a half, out of step between series.
    const swing = Math.sin((2 * Math.PI * dayIndex) / 540 + (hashText(series.series) % 7));
    const step = series.series === 'US.FED.RATE' ? 0.25 : 0;
    const consensus = onStep(series.usual + series.range * swing, step, series.decimals);
    const drawn = random.normal() * series.surprise;
    return { consensus, actual: onStep(consensus + (step > 0 ? drawn * 0.6 : drawn), step, series.decimals) };
  }
}

function previousOccurrence(series: MacroSeries, dayIndex: number): number {
  for (let day = dayIndex - 1; day > dayIndex - 80; day -= 1) if (series.occurs(calendarDay(day), day)) return day;
  return dayIndex - 30;
}

const onStep = (value: number, step: number, decimals: number): number =>
  rounded(step > 0 ? Math.round(value / step) * step : value, decimals);

/** To a number of decimals, never −0. */
function rounded(value: number, decimals: number): number {
  const factor = 10 ** decimals;
  return Math.round(value * factor) / factor + 0;
}
