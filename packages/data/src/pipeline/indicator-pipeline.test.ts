import { type Candle, ValidationError } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { ema } from '../indicators/ema.ts';
import { macd } from '../indicators/macd.ts';
import { sma } from '../indicators/sma.ts';
import { exampleCandle, exampleCandles } from '../player/testing/example-market.ts';
import type { CandleIndicator } from './candle-indicator.ts';
import { IndicatorPipeline } from './indicator-pipeline.ts';

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
