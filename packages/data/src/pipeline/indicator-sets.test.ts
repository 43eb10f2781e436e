import { type Candle, ValidationError } from '@perpdesk/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CaseColumns } from '../indicators/indicator-case.ts';
import { indicatorCases } from '../indicators/indicator-cases.ts';
import type { CandleIndicator } from './candle-indicator.ts';
import { deskIndicators } from './desk-indicators.ts';
import { indicatorKinds } from './indicator-kinds.ts';
import { IndicatorSets } from './indicator-sets.ts';
import type { IndicatorKind, IndicatorSpec } from './indicator-spec.ts';

const dayMs = 86_400_000;
const timeframeMs = dayMs;
const sessionMs = 14_400_000;

/** Where the case of the batch function is not one of defaults alone. */
const parameters: Partial<Record<IndicatorKind, readonly object[]>> = {
  'pivot-points': [{ sessionMs }, { levels: 'fibonacci', sessionMs }, { levels: 'camarilla', sessionMs }],
  vwap: [{}, { period: 20 }],
  'anchored-vwap': [{ anchorMs: 1_767_268_800_000 }],
  'realised-volatility': [{ period: 20, timeframeMs }],
  parkinson: [{ period: 20, timeframeMs }],
  'garman-klass': [{ period: 20, timeframeMs }],
  'zig-zag': [{ percent: 1 }],
};

/** The one number in the name of the kind's case, if there is just one: `wma(20)`. */
function periodOf(kind: string): object {
  const name = kind.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const found = indicatorCases.find((one) => one.name.startsWith(`${name}(`))?.name ?? '';
  const period = /^\w+\((\d+)\)$/.exec(found)?.[1];
  return period === undefined ? {} : { period: Number(period) };
}

const everyKind = Object.keys(indicatorKinds).flatMap((kind) =>
  (parameters[kind as IndicatorKind] ?? [periodOf(kind)]).map((options) => ({ kind, ...options }) as IndicatorSpec),
);

type Bar = readonly [step: number, spread: number, volume: number, isBroken: boolean];

/** Bars of a walk; some flat, some without volume, some wild, a few with a number that is none. */
const bars = fc.array(
  fc.tuple(
    fc.oneof(
      { weight: 8, arbitrary: fc.double({ min: -0.02, max: 0.02, noNaN: true }) },
      { weight: 1, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.double({ min: -0.9, max: 10, noNaN: true }) },
    ),
    fc.double({ min: 0, max: 0.01, noNaN: true }),
    fc.oneof({ weight: 4, arbitrary: fc.double({ min: 0, max: 1e6, noNaN: true }) }, fc.constant(0)),
    fc.oneof({ weight: 60, arbitrary: fc.constant(false) }, fc.constant(true)),
  ),
  { minLength: 1, maxLength: 260, size: 'max' },
);

function candlesOf(steps: readonly Bar[], price = 100): readonly Candle[] {
  let close = price;
  return steps.map(([step, spread, volume, isBroken], i) => {
    const open = close;
    close *= 1 + step;
    const high = Math.max(open, close) * (1 + spread);
    const low = Math.min(open, close) * (1 - spread);
    const bar = { open, high, low, close, volume };
    const broken = { open: Number.NaN, high: Number.NaN, low: Number.NaN, close: Number.NaN, volume: Number.NaN };
    return {
      instrumentId: 'BTC-PERP@hyperliquid',
      timeframe: '5m',
      openAtMs: Date.UTC(2026, 0, 1, 2) + i * 300_000,
      ...(isBroken ? broken : bar),
    };
  });
}

function columnsOf(candles: readonly Candle[]): CaseColumns {
  const column = (name: 'openAtMs' | 'open' | 'high' | 'low' | 'close' | 'volume'): Float64Array =>
    Float64Array.from(candles, (candle) => candle[name]);
  const none = new Float64Array(candles.length);
  return {
    openAtMs: column('openAtMs'),
    open: column('open'),
    high: column('high'),
    low: column('low'),
    close: column('close'),
    volume: column('volume'),
    buyVolume: none,
    sellVolume: none,
  };
}

const valuesOf = (sets: IndicatorSets, set: number): readonly number[] => {
  const values = new Float64Array(sets.names.length);
  sets.values(set, values);
  return [...values];
};

describe('IndicatorSets', () => {
  it('behavior: every kind gives what its batch function gives, to the bit, series by series', () => {
    const names = new IndicatorSets(everyKind).names;
    const cases = indicatorCases.flatMap((one) => {
      const own = names.flatMap((name, index) => (name === one.name || name.startsWith(`${one.name}.`) ? [index] : []));
      return own.length === 0 ? [] : [{ ...one, own }];
    });
    const compared = new Set(cases.flatMap(({ own }) => own));
    expect(names.filter((_, index) => !compared.has(index))).toStrictEqual([]);
    fc.assert(
      fc.property(bars, (steps) => {
        const series = [candlesOf(steps), candlesOf(steps.toReversed(), 0.002)];
        const sets = new IndicatorSets(everyKind);
        const handles = series.map(() => sets.add());
        const rows = series.map((): (readonly number[])[] => []);
        for (let i = 0; i < steps.length; i += 1) {
          series.forEach((candles, which) => {
            sets.update(handles[which] ?? -1, candles[i] as Candle);
            rows[which]?.push(valuesOf(sets, handles[which] ?? -1));
          });
        }
        series.forEach((candles, which) => {
          const columns = columnsOf(candles);
          for (const { name, batch, own } of cases) {
            const results = batch(columns);
            own.forEach((index, output) => {
              const streamed = rows[which]?.map((row) => row[index]);
              expect(streamed, `${name}, output ${output}`).toStrictEqual([...(results[output] ?? [])]);
            });
          }
        });
      }),
      { numRuns: 25 },
    );
  });

  it('behavior: an indicator that another computes on its way takes no numbers and has the same values', () => {
    const alone = new IndicatorSets([{ kind: 'rsi' }]);
    const within = new IndicatorSets([{ kind: 'rsi' }, { kind: 'stoch-rsi' }]);
    expect(within.numbersPerSet).toBe(new IndicatorSets([{ kind: 'stoch-rsi' }]).numbersPerSet);
    expect(within.names[0]).toBe('rsi(14)');
    const candles = candlesOf(Array.from({ length: 60 }, (_, i) => [0.01 * Math.sin(i), 0.001, 5, false]));
    const [one, other] = [alone.add(), within.add()];
    for (const candle of candles) {
      alone.update(one, candle);
      within.update(other, candle);
      expect(within.value(other, 0)).toBe(alone.value(one, 0));
    }
    const another = new IndicatorSets([{ kind: 'rsi', source: 'volume' }, { kind: 'stoch-rsi' }]);
    expect(another.numbersPerSet).toBeGreaterThan(within.numbersPerSet);
  });

  it('behavior: a preview is the next update, and leaves no trace', () => {
    fc.assert(
      fc.property(bars, fc.nat({ max: 259 }), (steps, place) => {
        const candles = candlesOf(steps);
        const at = Math.min(place, candles.length - 1);
        const sets = new IndicatorSets(everyKind);
        const [previewed, plain] = [sets.add(), sets.add()];
        candles.forEach((candle, i) => {
          if (i === at) {
            for (const forming of [candles[0] as Candle, { ...candle, close: candle.high }, candle])
              sets.preview(previewed, forming);
          }
          const expected = sets.names.map((_, index) => sets.previewed(index));
          sets.update(previewed, candle);
          sets.update(plain, candle);
          if (i === at) expect(valuesOf(sets, previewed)).toStrictEqual(expected);
          expect(valuesOf(sets, previewed)).toStrictEqual(valuesOf(sets, plain));
        });
      }),
      { numRuns: 10 },
    );
  });

  it('behavior: sets share pages and nothing else; one given up is begun anew', () => {
    const sets = new IndicatorSets([{ kind: 'sma', period: 1 }, { kind: 'obv' }]);
    const handles = Array.from({ length: 100 }, () => sets.add());
    const [candle] = candlesOf([[0, 0, 7, false]]);
    for (const handle of handles) sets.update(handle, { ...(candle as Candle), close: handle + 1 });
    expect(handles.map((handle) => sets.value(handle, 0))).toStrictEqual(handles.map((handle) => handle + 1));
    sets.remove(40);
    expect(sets.add()).toBe(40);
    expect(valuesOf(sets, 40)).toStrictEqual([Number.NaN, Number.NaN]);
    expect(valuesOf(sets, 41)).toStrictEqual([42, 7]);
  });

  it('behavior: the desk set takes under 2 KB a series', () => {
    expect(new IndicatorSets(deskIndicators).numbersPerSet * 8).toBeLessThan(2048);
  });

  it('behavior: a custom indicator stands among the others, one per set', () => {
    const create = (): CandleIndicator => {
      let sum = Number.NaN;
      return {
        outputs: ['', 'double'],
        update: ({ close }) => {
          sum = (Number.isNaN(sum) ? 0 : sum) + close;
        },
        value: (index) => sum * (index + 1),
        reset: () => {
          sum = Number.NaN;
        },
        preview: ({ close }) => [sum + close, 2 * (sum + close)],
      };
    };
    const sets = new IndicatorSets([
      { kind: 'sma', period: 1 },
      { kind: 'custom', name: 'sum', create },
      { kind: 'obv' },
    ]);
    expect(sets.names).toStrictEqual(['sma(1)', 'sum', 'sum.double', 'obv']);
    const [one, other] = [sets.add(), sets.add()];
    const [candle] = candlesOf([[0, 0, 7, false]]) as [Candle];
    sets.update(one, candle);
    sets.update(one, candle);
    sets.update(other, candle);
    expect(valuesOf(sets, one)).toStrictEqual([100, 200, 400, 7]);
    expect(valuesOf(sets, other)).toStrictEqual([100, 100, 200, 7]);
    sets.preview(other, { ...candle, close: 50 });
    expect(sets.names.map((_, index) => sets.previewed(index))).toStrictEqual([50, 150, 300, 0]);
    sets.reset(other);
    expect(valuesOf(sets, other)).toStrictEqual(Array(4).fill(Number.NaN));
  });

  it('error: parameters out of range, names given twice and sets that are not there are refused', () => {
    expect(() => new IndicatorSets([{ kind: 'ema', period: 0 }])).toThrow(ValidationError);
    expect(() => new IndicatorSets([{ kind: 'rsi' }, { kind: 'rsi', period: 14 }])).toThrow(ValidationError);
    const [candle] = candlesOf([[0, 0, 7, false]]) as [Candle];
    expect(() => new IndicatorSets([{ kind: 'obv' }]).update(3, candle)).toThrow(ValidationError);
  });
});
