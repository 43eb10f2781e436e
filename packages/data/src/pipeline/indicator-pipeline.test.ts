import { type Candle, SimulatedClock, type Timeframe, type TimeSeriesStore, ValidationError } from '@perpdesk/core';
import { openDatabase } from '@perpdesk/core/database';
import { describe, expect, it } from 'vitest';
import { ema } from '../indicators/ema.ts';
import { macd } from '../indicators/macd.ts';
import { sma } from '../indicators/sma.ts';
import { exampleCandle, exampleCandles } from '../player/testing/example-market.ts';
import { SqlTimeSeriesStore } from '../store/sql-time-series-store.ts';
import type { CandleIndicator } from './candle-indicator.ts';
import { IndicatorPipeline } from './indicator-pipeline.ts';
import type { IndicatorSpec } from './indicator-spec.ts';

const id = 'BTC-PERP@hyperliquid';
const hourMs = 3_600_000;
const fromMs = Date.UTC(2026, 0, 5);
const series = { instrumentId: id, timeframe: '1h' } as const;
const hours = (from: number, count: number): Candle[] => exampleCandles(id, '1h', fromMs + from * hourMs, count);
const column = (bars: readonly Candle[], name: 'close' | 'volume'): Float64Array =>
  Float64Array.from(bars, (bar) => bar[name]);

describe('IndicatorPipeline', () => {
  it('default: the desk set, by names with parameters, equal to the batch functions', () => {
    const pipeline = new IndicatorPipeline();
    const bars = hours(0, 300);
    pipeline.warm(bars.slice(0, 299));
    const snapshot = pipeline.update(bars[299] as Candle);
    expect(snapshot).toMatchObject({ instrumentId: id, timeframe: '1h', openAtMs: fromMs + 299 * hourMs, bars: 300 });
    expect(snapshot).not.toHaveProperty('missing');
    expect(Object.keys(snapshot?.values ?? {})).toStrictEqual([
      'ema(20)',
      'ema(50)',
      'ema(200)',
      'rsi(14)',
      'macd(12,26,9)',
      'macd(12,26,9).signal',
      'macd(12,26,9).histogram',
      'bollinger(20,2).upper',
      'bollinger(20,2).middle',
      'bollinger(20,2).lower',
      'atr(14)',
      'stochRsi(14,14,3,3)',
      'stochRsi(14,14,3,3).k',
      'stochRsi(14,14,3,3).d',
      'adx(14)',
      'adx(14).plus',
      'adx(14).minus',
      'donchian(20).upper',
      'donchian(20).middle',
      'donchian(20).lower',
      'roc(10)',
      'obv',
      'vwap(session)',
      'sma(20,volume)',
    ]);
    const closes = column(bars, 'close');
    expect(snapshot?.values['ema(200)']).toBe(ema(closes, { period: 200 })[299]);
    expect(snapshot?.values['macd(12,26,9).histogram']).toBe(macd(closes).histogram[299]);
    expect(snapshot?.values['sma(20,volume)']).toBe(sma(column(bars, 'volume'), { period: 20 })[299]);
  });

  it('behavior: a value appears with the bar that ends its warm-up and is never NaN', () => {
    const pipeline = new IndicatorPipeline({
      indicators: [
        { kind: 'ema', period: 3 },
        { kind: 'rsi', period: 4 },
      ],
      timeframes: ['1h'],
    });
    const values = hours(0, 5).map((bar) => pipeline.update(bar)?.values);
    expect(values.map((one) => Object.keys(one ?? {}))).toStrictEqual([
      [],
      [],
      ['ema(3)'],
      ['ema(3)'],
      ['ema(3)', 'rsi(4)'],
    ]);
  });

  it('behavior: timeframes that are not declared have no indicators', () => {
    const pipeline = new IndicatorPipeline();
    expect(pipeline.update(exampleCandle(id, '1m', fromMs))).toBeUndefined();
    expect(pipeline.names({ instrumentId: id, timeframe: '1m' })).toStrictEqual([]);
  });

  it('behavior: a series may have indicators of its own, custom ones too', () => {
    const pipeline = new IndicatorPipeline({ indicators: [{ kind: 'obv' }] });
    const create = (): CandleIndicator => {
      let span = Number.NaN;
      return {
        outputs: ['', 'half'],
        update: ({ high, low }) => {
          span = high - low;
        },
        value: (index) => span / (index + 1),
        reset: () => {
          span = Number.NaN;
        },
      };
    };
    pipeline.declare({ instrumentId: id, timeframe: '1m' }, [{ kind: 'custom', name: 'span', create }]);
    const bar = { ...exampleCandle(id, '1m', fromMs), high: 120, low: 90 };
    expect(pipeline.update(bar)?.values).toStrictEqual({ span: 30, 'span.half': 15 });
    expect(pipeline.names(series)).toStrictEqual(['obv']);
  });

  it('behavior: series do not share state', () => {
    const pipeline = new IndicatorPipeline({ indicators: [{ kind: 'sma', period: 1 }], timeframes: ['1h', '4h'] });
    pipeline.update(exampleCandle(id, '1h', fromMs, 100));
    pipeline.update(exampleCandle(id, '4h', fromMs, 200));
    pipeline.update(exampleCandle('ETH-PERP@hyperliquid', '1h', fromMs, 300));
    expect(pipeline.snapshot(series)?.values).toStrictEqual({ 'sma(1)': 100 });
    expect(pipeline.snapshot({ instrumentId: id, timeframe: '4h' })?.values).toStrictEqual({ 'sma(1)': 200 });
  });

  it('behavior: a hole of up to three bars is stepped over and marked until 250 bars later', () => {
    const pipeline = new IndicatorPipeline({ indicators: [{ kind: 'sma', period: 3 }], timeframes: ['1h'] });
    pipeline.warm(hours(0, 10));
    const after = hours(13, 260);
    const snapshots = after.map((bar) => pipeline.update(bar));
    expect(snapshots[0]).toMatchObject({ bars: 11, missing: 3 });
    const joined = [...hours(0, 10), ...after];
    expect(snapshots[0]?.values['sma(3)']).toBe(sma(column(joined, 'close'), { period: 3 })[10]);
    expect(snapshots[249]?.missing).toBe(3);
    expect(snapshots[250]).not.toHaveProperty('missing');
  });

  it('behavior: a longer hole begins the series anew', () => {
    const pipeline = new IndicatorPipeline({
      indicators: [{ kind: 'sma', period: 3 }, { kind: 'obv' }],
      timeframes: ['1h'],
    });
    pipeline.warm(hours(0, 10));
    const [first, , third] = hours(14, 3).map((bar) => pipeline.update(bar));
    expect(first).toMatchObject({ bars: 1, values: { obv: hours(14, 1)[0]?.volume } });
    expect(first?.values).not.toHaveProperty('sma(3)');
    expect(third).toMatchObject({ bars: 3 });
    expect(third?.values['sma(3)']).toBe(sma(column(hours(14, 3), 'close'), { period: 3 })[2]);
  });

  it('behavior: a bar that is not newer than the last changes nothing', () => {
    const pipeline = new IndicatorPipeline({ indicators: [{ kind: 'sma', period: 1 }], timeframes: ['1h'] });
    pipeline.warm(hours(0, 3));
    const before = pipeline.snapshot(series);
    expect(pipeline.update(exampleCandle(id, '1h', fromMs + 2 * hourMs, 999))).toBeUndefined();
    expect(pipeline.update(exampleCandle(id, '1h', fromMs, 999))).toBeUndefined();
    expect(pipeline.snapshot(series)).toStrictEqual(before);
  });

  describe('warmFrom', () => {
    /** A store of bars in memory; says what it was asked. */
    const storeOf = (bars: readonly Candle[]) => {
      const asked: { readonly asOfMs: number; readonly limit: number }[] = [];
      const latestCandles: TimeSeriesStore['latestCandles'] = async ({ instrumentId, timeframe, asOfMs, limit }) => {
        asked.push({ asOfMs, limit });
        const known = bars.filter((bar) => bar.instrumentId === instrumentId && bar.timeframe === timeframe);
        return known.filter((bar) => bar.openAtMs <= asOfMs).slice(-limit);
      };
      return { asked, latestCandles };
    };

    it('default: the newest bars that are closed by the clock, and not the one that is forming', async () => {
      const clock = new SimulatedClock({ startAtMs: fromMs + 300 * hourMs + 1 });
      const store = storeOf(hours(0, 400));
      const pipeline = new IndicatorPipeline();
      const other = { instrumentId: 'ETH-PERP@hyperliquid', timeframe: '1h' } as const;
      const minutes = { instrumentId: id, timeframe: '1m' } as const;
      expect(await pipeline.warmFrom(store, { series: [series, other, minutes], clock })).toStrictEqual([300, 0, 0]);
      const plain = new IndicatorPipeline();
      plain.warm(hours(0, 300));
      expect(pipeline.snapshot(series)).toStrictEqual(plain.snapshot(series));
      expect(pipeline.snapshot(series)?.openAtMs).toBe(fromMs + 299 * hourMs);
      expect(store.asked).toHaveLength(2);
    });

    it('behavior: asks for ten times what the slowest indicator needs, and never for less than two days', async () => {
      const clock = new SimulatedClock({ startAtMs: fromMs });
      const store = storeOf([]);
      const of = (indicators: readonly IndicatorSpec[], timeframes: readonly Timeframe[]) =>
        new IndicatorPipeline({ indicators, timeframes }).warmFrom(store, {
          series: timeframes.map((timeframe) => ({ instrumentId: id, timeframe })),
          clock,
        });
      await of([{ kind: 'ema', period: 200 }], ['1h']);
      await of([{ kind: 'rsi' }], ['1h', '1m']);
      await of([{ kind: 'fractals' }], ['4h']);
      expect(store.asked.map(({ limit }) => limit)).toStrictEqual([2000, 500, 2880, 500]);
    });

    it('behavior: a series that has bars goes on with those that are newer, a given number of bars is kept', async () => {
      const clock = new SimulatedClock({ startAtMs: fromMs + 100 * hourMs });
      const pipeline = new IndicatorPipeline();
      pipeline.warm(hours(0, 98));
      expect(await pipeline.warmFrom(storeOf(hours(0, 100)), { series: [series], clock, bars: 10 })).toStrictEqual([2]);
      expect(pipeline.snapshot(series)?.bars).toBe(100);
    });

    it('behavior: from the database as from memory', async () => {
      const database = await openDatabase({ url: 'sqlite::memory:' });
      const store = new SqlTimeSeriesStore({ database });
      await store.start();
      await store.writeCandles(hours(0, 120));
      const clock = new SimulatedClock({ startAtMs: fromMs + 100 * hourMs });
      const pipeline = new IndicatorPipeline();
      expect(await pipeline.warmFrom(store, { series: [series], clock })).toStrictEqual([100]);
      const plain = new IndicatorPipeline();
      plain.warm(hours(0, 100));
      expect(pipeline.snapshot(series)).toStrictEqual(plain.snapshot(series));
      await store.stop();
      await database.close();
    });
  });

  describe('preview', () => {
    it('default: what the update would give, marked as forming, and nothing of it stays', () => {
      const pipeline = new IndicatorPipeline();
      const plain = new IndicatorPipeline();
      for (const bar of hours(0, 300)) {
        const early = pipeline.preview({ ...bar, high: bar.high * 2, close: bar.high * 2 });
        expect(early?.values['sma(20,volume)']).toBe(pipeline.preview(bar)?.values['sma(20,volume)']);
        const preview = pipeline.preview(bar);
        const closed = pipeline.update(bar);
        expect(preview).toStrictEqual({ ...closed, forming: true });
        expect(closed).toStrictEqual(plain.update(bar));
      }
    });

    it('behavior: after a hole as after it the update: marked, or begun anew', () => {
      const pipeline = new IndicatorPipeline({ indicators: [{ kind: 'sma', period: 3 }], timeframes: ['1h'] });
      pipeline.warm(hours(0, 10));
      const before = pipeline.snapshot(series);
      const [near, far] = [hours(12, 1), hours(30, 1)].map(([bar]) => bar as Candle) as [Candle, Candle];
      expect(pipeline.preview(near)).toMatchObject({ bars: 11, missing: 2, forming: true });
      expect(pipeline.preview(far)).toStrictEqual({
        ...series,
        openAtMs: far.openAtMs,
        bars: 1,
        values: {},
        forming: true,
      });
      expect(pipeline.snapshot(series)).toStrictEqual(before);
    });

    it('behavior: none of a bar that is not newer, nor where nothing is declared', () => {
      const pipeline = new IndicatorPipeline();
      pipeline.warm(hours(0, 3));
      expect(pipeline.preview(hours(2, 1)[0] as Candle)).toBeUndefined();
      expect(pipeline.preview(exampleCandle(id, '1m', fromMs))).toBeUndefined();
    });
  });

  it('error: parameters out of range and names declared twice are refused at once', () => {
    expect(() => new IndicatorPipeline({ indicators: [{ kind: 'ema', period: 0 }] })).toThrow(ValidationError);
    expect(() => new IndicatorPipeline({ indicators: [{ kind: 'macd', fast: 26, slow: 12 }] })).toThrow(
      ValidationError,
    );
    expect(() => new IndicatorPipeline({ indicators: [{ kind: 'rsi' }, { kind: 'rsi', period: 14 }] })).toThrow(
      ValidationError,
    );
  });
});
