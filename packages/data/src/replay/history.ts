import {
  type Candle,
  type CandleColumns,
  type InstrumentId,
  type Timeframe,
  timeframeMs,
  timeframes,
} from '@perpdesk/core';
import { CandleBuffer, candleAt } from '../candles/candle-buffer.ts';
import { CandleRollup } from '../candles/candle-rollup.ts';

/** The recorded bars of one instrument by timeframe. */
export type RecordedBars = ReadonlyMap<Timeframe, CandleColumns>;

/** One timeframe of what is known before the first replayed bar. */
export interface HistorySeries {
  readonly instrumentId: InstrumentId;
  readonly timeframe: Timeframe;
  readonly bars: CandleColumns;
}

/**
 * What is known of an instrument when its replay begins: of each timeframe the last bars that close at or before
 * `beforeMs`, from its own file, or where there is none rolled up from the next finer series. Finest first.
 */
export function historyBefore(
  id: InstrumentId,
  recorded: RecordedBars,
  beforeMs: number,
  limit: number,
): HistorySeries[] {
  const known = new Map<Timeframe, CandleColumns>();
  const series: HistorySeries[] = [];
  for (const timeframe of timeframes) {
    const own = closedBy(recorded.get(timeframe), timeframe, beforeMs);
    const bars = own.length > 0 ? own : rolled(id, known, timeframe, limit);
    if (bars.length === 0) continue;
    known.set(timeframe, bars);
    series.push({ instrumentId: id, timeframe, bars: last(bars, limit) });
  }
  return series;
}

/** The bars of a history series as objects, oldest first. */
export const candlesOf = (series: HistorySeries): Candle[] =>
  Array.from({ length: series.bars.length }, (_, index) => candleAt(series.bars, series, index));

function closedBy(bars: CandleColumns | undefined, timeframe: Timeframe, beforeMs: number): CandleColumns {
  if (bars === undefined) return new CandleBuffer(1).columns();
  let length = bars.length;
  while (length > 0 && (bars.openAtMs[length - 1] ?? 0) + timeframeMs(timeframe) > beforeMs) length -= 1;
  return slice(bars, 0, length);
}

function rolled(
  instrumentId: InstrumentId,
  known: ReadonlyMap<Timeframe, CandleColumns>,
  timeframe: Timeframe,
  limit: number,
): CandleColumns {
  const target = new CandleBuffer();
  const [base, bars] = [...known].at(-1) ?? [];
  if (base === undefined || bars === undefined) return target.columns();
  const parts = timeframeMs(timeframe) / timeframeMs(base);
  const rollup = new CandleRollup({
    instrumentId,
    base,
    targets: [timeframe],
    listener: { closed: (bar) => target.push(bar.openAtMs, bar.open, bar.high, bar.low, bar.close, bar.volume) },
  });
  for (let i = Math.max(0, bars.length - (limit + 1) * parts); i < bars.length; i += 1) {
    rollup.push(candleAt(bars, { instrumentId, timeframe: base }, i));
  }
  return target.columns();
}

const last = (bars: CandleColumns, limit: number): CandleColumns =>
  slice(bars, Math.max(0, bars.length - limit), bars.length);

/** Rows of columns from one index to before another: views, not copies. */
export const slice = (bars: CandleColumns, from: number, to: number): CandleColumns => ({
  length: to - from,
  openAtMs: bars.openAtMs.subarray(from, to),
  open: bars.open.subarray(from, to),
  high: bars.high.subarray(from, to),
  low: bars.low.subarray(from, to),
  close: bars.close.subarray(from, to),
  volume: bars.volume.subarray(from, to),
});
