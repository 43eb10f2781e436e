import type { IndicatorSnapshot } from '@perpdesk/core';
import { deviationOf, meanOf } from './measures.ts';
import { at, type Series } from './series.ts';

/** The indicator values that agents read, after the last closed bar. */
export interface IndicatorReadings {
  readonly ema20: number | undefined;
  readonly ema50: number | undefined;
  readonly rsi14: number | undefined;
  readonly macdHistogram: number | undefined;
  readonly atr14: number | undefined;
  readonly stochRsiK: number | undefined;
  readonly bollingerUpper: number | undefined;
  readonly bollingerLower: number | undefined;
}

/** The names under which the indicator pipeline publishes them, with their usual parameters. */
export const indicatorNames = {
  ema20: 'ema(20)',
  ema50: 'ema(50)',
  rsi14: 'rsi(14)',
  macdHistogram: 'macd(12,26,9).histogram',
  atr14: 'atr(14)',
  stochRsiK: 'stochRsi(14,14,3,3).k',
  bollingerUpper: 'bollinger(20,2).upper',
  bollingerLower: 'bollinger(20,2).lower',
} as const satisfies Record<keyof IndicatorReadings, string>;

/**
 * Reads each indicator from the view's snapshot, where it is of the series' last bar: it knows the whole history. Where it is
 * not, the same formula runs over the series itself: an agent alone over a few candles by hand still sees (its smoothed
 * values then weigh the first bars a little more).
 */
export function readIndicators(snapshot: IndicatorSnapshot | undefined, series: Series): IndicatorReadings {
  const current = snapshot?.openAtMs === series.lastOpenAtMs ? snapshot : undefined;
  const { close } = series;
  return {
    ema20: named(current, 'ema20') ?? lastOf(emaOf(close, 20)),
    ema50: named(current, 'ema50') ?? lastOf(emaOf(close, 50)),
    rsi14: named(current, 'rsi14') ?? lastOf(rsiOf(close, 14)),
    macdHistogram: named(current, 'macdHistogram') ?? macdHistogramOf(close),
    atr14: named(current, 'atr14') ?? lastOf(wilderOf(trueRangesOf(series), 14)),
    stochRsiK: named(current, 'stochRsiK') ?? stochRsiKOf(close),
    bollingerUpper: named(current, 'bollingerUpper') ?? bandOf(close, 2),
    bollingerLower: named(current, 'bollingerLower') ?? bandOf(close, -2),
  };
}

function named(snapshot: IndicatorSnapshot | undefined, name: keyof IndicatorReadings): number | undefined {
  return snapshot?.values[indicatorNames[name]];
}

const lastOf = (column: readonly number[]): number | undefined => column.at(-1);

/** Exponential moving average, factor 2 / (period + 1), seeded by the simple mean; the first value is that of row period − 1. */
export function emaOf(column: readonly number[], period: number): readonly number[] {
  return smooth(column, period, 2 / (period + 1));
}

/** Wilder's smoothing, factor 1 / period (New Concepts in Technical Trading Systems, 1978), seeded by the simple mean. */
export function wilderOf(column: readonly number[], period: number): readonly number[] {
  return smooth(column, period, 1 / period);
}

function smooth(column: readonly number[], period: number, factor: number): readonly number[] {
  if (column.length < period) return [];
  let value = meanOf(column, 0, period);
  const result = [value];
  for (let i = period; i < column.length; i += 1) {
    value += factor * (at(column, i) - value);
    result.push(value);
  }
  return result;
}

/** Wilder's relative strength index; the first value is that of row period. 50 where nothing moved. */
export function rsiOf(close: readonly number[], period: number): readonly number[] {
  const gains: number[] = [];
  const losses: number[] = [];
  for (let i = 1; i < close.length; i += 1) {
    const change = at(close, i) - at(close, i - 1);
    gains.push(Math.max(change, 0));
    losses.push(Math.max(-change, 0));
  }
  const up = wilderOf(gains, period);
  const down = wilderOf(losses, period);
  return up.map((gain, i) => (gain + at(down, i) === 0 ? 50 : (100 * gain) / (gain + at(down, i))));
}

/** True range: the widest of high − low and the distances of both from the previous close; the first row has high − low alone. */
export function trueRangesOf(series: Series): readonly number[] {
  const ranges: number[] = [];
  for (let i = 0; i < series.length; i += 1) {
    const high = at(series.high, i);
    const low = at(series.low, i);
    const before = i === 0 ? at(series.close, 0) : at(series.close, i - 1);
    ranges.push(i === 0 ? high - low : Math.max(high, before) - Math.min(low, before));
  }
  return ranges;
}

function macdHistogramOf(close: readonly number[]): number | undefined {
  const fast = emaOf(close, 12);
  const slow = emaOf(close, 26);
  const line = slow.map((value, i) => at(fast, i + 14) - value);
  const signal = lastOf(emaOf(line, 9));
  return signal === undefined ? undefined : at(line, line.length - 1) - signal;
}

function stochRsiKOf(close: readonly number[]): number | undefined {
  const rsi = rsiOf(close, 14);
  if (rsi.length < 16) return undefined;
  let total = 0;
  for (let end = rsi.length - 2; end <= rsi.length; end += 1) {
    const window = rsi.slice(end - 14, end);
    const low = Math.min(...window);
    const width = Math.max(...window) - low;
    total += width === 0 ? 50 : (100 * (at(rsi, end - 1) - low)) / width;
  }
  return total / 3;
}

function bandOf(close: readonly number[], deviations: number): number | undefined {
  if (close.length < 20) return undefined;
  const start = close.length - 20;
  return meanOf(close, start) + deviations * deviationOf(close, start);
}
