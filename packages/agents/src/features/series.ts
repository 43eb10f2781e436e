import { type Candle, type InstrumentId, type MarketView, type Timeframe, timeframeMs } from '@perpdesk/core';

/** Closed bars without a long gap, oldest first, as columns: what features are computed over. */
export interface Series {
  readonly instrumentId: InstrumentId;
  readonly timeframe: Timeframe;
  readonly length: number;
  readonly open: readonly number[];
  readonly high: readonly number[];
  readonly low: readonly number[];
  readonly close: readonly number[];
  readonly volume: readonly number[];
  /** When the last bar opened. */
  readonly lastOpenAtMs: number;
}

/** Which bars are wanted. */
export interface SeriesQuery {
  readonly instrumentId: InstrumentId;
  readonly timeframe: Timeframe;
  /** The instant that is looked from. */
  readonly atMs: number;
  /** At most so many bars. */
  readonly limit: number;
  /** Fewer than this after the last long gap: there is no series. */
  readonly minimum: number;
}

/** A hole of up to so many bars is stepped over, as charts do and as the indicator pipeline does; a longer one begins the series anew. */
const bridgedBars = 3;

interface KeptSeries {
  readonly candles: readonly Candle[];
  readonly series: Series;
}

/** The series read last of each view, instrument, timeframe and limit: most bars of most timeframes are read many times. */
const kept = new WeakMap<MarketView, Map<string, KeptSeries>>();

/**
 * Reads the bars after the last hole of more than three. Undefined when they are too few, or when the newest of them closed more than one bar
 * before `atMs`: features over a series that has stopped would describe the past as the present. While a view gives the very
 * same bars, the series is the very same object.
 */
export function readSeries(view: MarketView, query: SeriesQuery): Series | undefined {
  const { instrumentId, timeframe, atMs } = query;
  const stepMs = timeframeMs(timeframe);
  const candles = view.candles(instrumentId, timeframe, query.limit);
  const last = candles.at(-1);
  if (last === undefined || last.openAtMs + 2 * stepMs <= atMs) return undefined;
  const ofView = kept.get(view) ?? new Map<string, KeptSeries>();
  kept.set(view, ofView);
  const key = `${instrumentId}|${timeframe}|${query.limit}`;
  const known = ofView.get(key);
  const series =
    known !== undefined && areSame(known.candles, candles)
      ? known.series
      : seriesOf(instrumentId, timeframe, candles, last.openAtMs);
  if (series !== known?.series) ofView.set(key, { candles: [...candles], series });
  return series.length < query.minimum ? undefined : series;
}

function areSame(some: readonly Candle[], others: readonly Candle[]): boolean {
  if (some.length !== others.length) return false;
  for (let i = some.length - 1; i >= 0; i -= 1) if (some[i] !== others[i]) return false;
  return true;
}

function seriesOf(
  instrumentId: InstrumentId,
  timeframe: Timeframe,
  candles: readonly Candle[],
  lastOpenAtMs: number,
): Series {
  const stepMs = timeframeMs(timeframe);
  let start = candles.length - 1;
  while (start > 0 && opensBefore(candles, start, stepMs)) start -= 1;
  const columns = { open: [], high: [], low: [], close: [], volume: [] } as Record<
    'open' | 'high' | 'low' | 'close' | 'volume',
    number[]
  >;
  for (let i = start; i < candles.length; i += 1) {
    const candle = candles[i];
    if (candle === undefined) continue;
    columns.open.push(candle.open);
    columns.high.push(candle.high);
    columns.low.push(candle.low);
    columns.close.push(candle.close);
    columns.volume.push(candle.volume);
  }
  return { instrumentId, timeframe, length: candles.length - start, ...columns, lastOpenAtMs };
}

function opensBefore(candles: readonly Candle[], index: number, stepMs: number): boolean {
  const before = candles[index - 1];
  const present = candles[index];
  return (
    before !== undefined && present !== undefined && present.openAtMs - before.openAtMs <= (bridgedBars + 1) * stepMs
  );
}

/** The last close. */
export const lastClose = (series: Series): number => at(series.close, series.length - 1);

/** A column's value; NaN outside, so that a wrong index never passes for a number. */
export const at = (column: readonly number[], index: number): number => column[index] ?? Number.NaN;
