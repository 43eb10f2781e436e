import type { MacroEvent } from '@perpdesk/core';

/** What is known of an indicator before any of its releases. */
export interface MacroSeries
  extends Pick<MacroEvent, 'series' | 'title' | 'country' | 'importance' | 'theme' | 'polarity' | 'unit'> {
  /** What a release is about, reckoned from its day in New York where it is not said. */
  readonly period: 'month-before' | 'quarter-before' | 'month' | 'week' | 'day';
  /**
   * The usual size of a surprise, in the unit of the figure: what is assumed until the series has a record of its own.
   * Orders of size chosen here, not estimates from data.
   */
  readonly usualSurprise: number;
  /** How calendars name it. */
  readonly named: RegExp;
}

const us = { country: 'US' } as const;

/**
 * The indicators that are known by name. A figure above consensus that makes dearer money likelier is bad for risk assets
 * (prices, wages, the rate itself), one that speaks of growth is good.
 */
export const macroSeries: readonly MacroSeries[] = [
  {
    ...us,
    series: 'US.FED.RATE',
    title: 'US central bank rate decision',
    importance: 'critical',
    theme: 'rate-expectations',
    polarity: -1,
    unit: '%',
    period: 'day',
    usualSurprise: 0.125,
    named:
      /\b(FOMC|Federal Open Market Committee)\b(?!.*minutes)|fed(eral)? funds? (target )?rate|fed interest rate decision/i,
  },
  {
    ...us,
    series: 'US.CPI.YOY',
    title: 'US consumer prices, year on year',
    importance: 'critical',
    theme: 'rate-expectations',
    polarity: -1,
    unit: '%',
    period: 'month-before',
    usualSurprise: 0.1,
    named: /^(US )?(consumer price index|CPI)\b(?!.*(core|m\/m|mom))/i,
  },
  {
    ...us,
    series: 'US.NFP.CHANGE',
    title: 'US payrolls outside farming, change',
    importance: 'critical',
    theme: 'growth',
    polarity: 1,
    unit: 'k',
    period: 'month-before',
    usualSurprise: 65,
    named: /^(the )?employment situation\b(?!.*(state|metropolitan|veteran))|\bnon-?farm payrolls?\b/i,
  },
  {
    ...us,
    series: 'US.GDP.ADVANCE',
    title: 'US gross domestic product, advance estimate, annual rate',
    importance: 'high',
    theme: 'growth',
    polarity: 1,
    unit: '%',
    period: 'quarter-before',
    usualSurprise: 0.7,
    named: /^(GDP|gross domestic product)\b(?!.*\bby\b).*\b(advance|initial) estimate/i,
  },
  {
    ...us,
    series: 'US.GDP.SECOND',
    title: 'US gross domestic product, second estimate, annual rate',
    importance: 'medium',
    theme: 'growth',
    polarity: 1,
    unit: '%',
    period: 'quarter-before',
    usualSurprise: 0.25,
    named: /^(GDP|gross domestic product)\b(?!.*\bby\b).*\bsecond estimate/i,
  },
  {
    ...us,
    series: 'US.GDP.THIRD',
    title: 'US gross domestic product, third estimate, annual rate',
    importance: 'medium',
    theme: 'growth',
    polarity: 1,
    unit: '%',
    period: 'quarter-before',
    usualSurprise: 0.2,
    named: /^(GDP|gross domestic product)\b(?!.*\bby\b).*\bthird estimate/i,
  },
  {
    ...us,
    series: 'US.ISM.MANUFACTURING',
    title: 'US ISM purchasing managers, manufacturing',
    importance: 'high',
    theme: 'growth',
    polarity: 1,
    unit: 'points',
    period: 'month-before',
    usualSurprise: 1,
    named: /\bISM\b.*\bmanufacturing\b(?<!non-manufacturing)/i,
  },
  {
    ...us,
    series: 'US.ISM.SERVICES',
    title: 'US ISM purchasing managers, services',
    importance: 'high',
    theme: 'growth',
    polarity: 1,
    unit: 'points',
    period: 'month-before',
    usualSurprise: 1.2,
    named: /\bISM\b.*\b(services|non-manufacturing)\b/i,
  },
  {
    ...us,
    series: 'US.PPI.YOY',
    title: 'US producer prices, year on year',
    importance: 'high',
    theme: 'rate-expectations',
    polarity: -1,
    unit: '%',
    period: 'month-before',
    usualSurprise: 0.2,
    named: /^(US )?(producer price index|PPI)\b(?!.*(core|m\/m|mom))/i,
  },
  {
    ...us,
    series: 'US.RETAIL.MOM',
    title: 'US retail sales, month on month',
    importance: 'high',
    theme: 'growth',
    polarity: 1,
    unit: '%',
    period: 'month-before',
    usualSurprise: 0.4,
    named: /\b(advance monthly )?retail (sales|trade)\b(?!.*core)/i,
  },
  {
    ...us,
    series: 'US.CLAIMS.INITIAL',
    title: 'US first claims for unemployment benefit',
    importance: 'medium',
    theme: 'growth',
    polarity: -1,
    unit: 'k',
    period: 'week',
    usualSurprise: 9,
    named: /\b(initial jobless claims|unemployment insurance weekly claims)\b/i,
  },
];

const byId = new Map(macroSeries.map((one) => [one.series, one]));

/** A series by its id. */
export const seriesById = (id: string): MacroSeries | undefined => byId.get(id);

/** The series that a title names; undefined where none or more than one does. */
export function seriesByTitle(title: string): MacroSeries | undefined {
  const found = macroSeries.filter(({ named }) => named.test(title));
  return found.length === 1 ? found[0] : undefined;
}
