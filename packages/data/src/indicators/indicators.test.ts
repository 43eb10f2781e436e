import { SeededRandom, ValidationError } from '@perpdesk/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CaseColumns, IndicatorCase } from './indicator-case.ts';
import { indicatorCases } from './indicator-cases.ts';

const names = ['openAtMs', 'open', 'high', 'low', 'close', 'volume', 'buyVolume', 'sellVolume'] as const;

function emptyColumns(length: number): CaseColumns {
  const column = (): Float64Array => new Float64Array(length);
  return {
    openAtMs: column(),
    open: column(),
    high: column(),
    low: column(),
    close: column(),
    volume: column(),
    buyVolume: column(),
    sellVolume: column(),
  };
}

/** Half-hourly bars of a walk: some steps and ranges are 0, some bars are without volume. */
function walk(length: number, seed: number): CaseColumns {
  const random = new SeededRandom(`walk ${seed}`);
  const columns = emptyColumns(length);
  const quiet = random.next() * 0.5;
  let price = 100;
  for (let i = 0; i < length; i += 1) {
    const open = price;
    price *= 1 + (random.next() < quiet ? 0 : (random.next() - 0.5) * 0.04);
    const range = random.next() < quiet ? 0 : random.next() * 0.01;
    const volume = random.next() < 0.1 ? 0 : random.next() * 1e6;
    columns.openAtMs[i] = Date.UTC(2026, 0, 1, 12) + i * 1_800_000;
    columns.open[i] = open;
    columns.high[i] = Math.max(open, price) * (1 + range);
    columns.low[i] = Math.min(open, price) * (1 - range);
    columns.close[i] = price;
    columns.volume[i] = volume;
    columns.buyVolume[i] = volume * random.next();
    columns.sellVolume[i] = volume - (columns.buyVolume[i] ?? 0);
  }
  return columns;
}

/** Bars that all say the same. */
function constant(length: number, price = 100, volume = 1): CaseColumns {
  const columns = emptyColumns(length);
  for (const name of ['open', 'high', 'low', 'close'] as const) columns[name].fill(price);
  for (const name of ['volume', 'buyVolume', 'sellVolume'] as const) columns[name].fill(volume);
  columns.openAtMs.forEach((_, i) => {
    columns.openAtMs[i] = Date.UTC(2026, 0, 1, 12) + i * 1_800_000;
  });
  return columns;
}

function map(
  columns: CaseColumns,
  change: (column: Float64Array, name: keyof CaseColumns) => Float64Array,
): CaseColumns {
  const mapped: Record<keyof CaseColumns, Float64Array> = { ...columns };
  for (const name of names) mapped[name] = change(columns[name], name);
  return mapped;
}

const cut = (columns: CaseColumns, from: number, to?: number): CaseColumns =>
  map(columns, (column) => column.subarray(from, to));

type Rows = readonly (readonly number[])[];

function streamed(one: IndicatorCase, columns: CaseColumns): Rows {
  const stream = one.stream(columns);
  return Array.from(columns.close, (_, i) => {
    stream.update(i);
    return [...stream.values()];
  });
}

const rowsOf = (columns: readonly Float64Array[]): Rows =>
  Array.from(columns[0] ?? [], (_, i) => columns.map((column) => column[i] ?? Number.NaN));

/** The first row in which two tables are not the same to the bit. */
function difference(actual: Rows, expected: Rows): object | undefined {
  const same = (row: readonly number[], other: readonly number[] = []): boolean =>
    row.length === other.length && row.every((value, i) => Object.is(value, other[i]));
  const i = actual.findIndex((row, place) => !same(row, expected[place]));
  if (i < 0) return actual.length === expected.length ? undefined : { rows: actual.length, expected: expected.length };
  return { row: i, actual: actual[i], expected: expected[i] };
}

const seeds = fc.nat({ max: 1_000_000 });
const lengths = fc.nat({ max: 200 });
const runs = { numRuns: 25 };

describe.each(indicatorCases)('$name', (one) => {
  it('behavior: batch and streaming agree to the bit', () => {
    fc.assert(
      fc.property(lengths, seeds, (length, seed) => {
        const columns = walk(length, seed);
        expect(difference(streamed(one, columns), rowsOf(one.batch(columns)))).toBeUndefined();
      }),
      runs,
    );
    // Longer than the rows that indicators of several steps work on at a time.
    const columns = walk(1_100, 1);
    expect(difference(streamed(one, columns), rowsOf(one.batch(columns)))).toBeUndefined();
  });

  it('behavior: what comes later changes nothing', () => {
    fc.assert(
      fc.property(lengths, seeds, fc.nat({ max: 200 }), (length, seed, place) => {
        const at = Math.min(place, length);
        const columns = walk(length, seed);
        const other = map(columns, (column, name) => {
          const changed = column.slice();
          const later = walk(length, seed + 1)[name];
          if (name !== 'openAtMs') changed.set(later.subarray(at), at);
          return changed;
        });
        const rows = rowsOf(one.batch(columns)).slice(0, at);
        expect(difference(rowsOf(one.batch(other)).slice(0, at), rows)).toBeUndefined();
        expect(difference(rowsOf(one.batch(cut(columns, 0, at))), rows)).toBeUndefined();
      }),
      runs,
    );
  });

  it('behavior: goes on from a snapshot, by way of JSON, as if it had not been interrupted', () => {
    fc.assert(
      fc.property(lengths, seeds, fc.nat({ max: 200 }), (length, seed, place) => {
        const columns = walk(length, seed);
        const at = Math.min(place, length);
        const before = one.stream(columns);
        for (let i = 0; i < at; i += 1) before.update(i);
        const saved = JSON.parse(JSON.stringify(before.indicator.snapshot()));
        const after = one.stream(columns);
        after.indicator.restore(saved);
        expect(difference([after.values()], [before.values()])).toBeUndefined();
        const rows: (readonly number[])[] = [];
        for (let i = at; i < length; i += 1) {
          after.update(i);
          rows.push([...after.values()]);
        }
        expect(difference(rows, rowsOf(one.batch(columns)).slice(at))).toBeUndefined();
      }),
      runs,
    );
  });

  it.skipIf(one.firstRow === undefined)('behavior: the first complete row is where its definition has it', () => {
    const columns = walk(120, 0);
    for (let i = 0; i < 120; i += 1) {
      columns.open[i] = 100 + Math.cos(i);
      columns.close[i] = 100 + Math.sin(i);
      columns.high[i] = 101.5 + Math.sin(i / 2);
      columns.low[i] = 98.5 - Math.sin(i / 3);
      columns.volume[i] = 10 + i;
    }
    const complete = rowsOf(one.batch(columns)).map((row) => row.every(Number.isFinite));
    expect(complete.indexOf(true)).toBe(one.firstRow);
    expect(complete.lastIndexOf(false)).toBe((one.firstRow ?? 0) - 1);
  });

  it('behavior: an input that is not finite gives NaN and a new beginning after it, never a number', () => {
    const broken = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
    fc.assert(
      fc.property(lengths, seeds, fc.nat({ max: 200 }), broken, (length, seed, place, bad) => {
        fc.pre(length > 0);
        const at = Math.min(place, length - 1);
        const columns = walk(length, seed);
        for (const name of names) if (name !== 'openAtMs') columns[name][at] = bad;
        const rows = rowsOf(one.batch(columns));
        expect(rows[at]?.every(Number.isNaN)).toBe(true);
        expect(difference(rows.slice(at + 1), rowsOf(one.batch(cut(columns, at + 1))))).toBeUndefined();
        expect(difference(streamed(one, columns), rows)).toBeUndefined();
      }),
      runs,
    );
  });

  it('behavior: any one column that is not finite does the same, or is not read', () => {
    const columns = walk(160, 3);
    for (const name of names) {
      if (name === 'openAtMs') continue;
      const broken = map(columns, (column) => column.slice());
      broken[name][60] = Number.NaN;
      const rows = rowsOf(one.batch(broken));
      const isRead = difference(rows, rowsOf(one.batch(columns))) !== undefined;
      if (!isRead) continue;
      expect([name, rows[60]?.every(Number.isNaN)]).toStrictEqual([name, true]);
      const after = rowsOf(one.batch(cut(columns, 61)));
      expect([name, difference(rows.slice(61), after)]).toStrictEqual([name, undefined]);
    }
  });

  it('behavior: nothing in gives nothing out', () => {
    expect(one.batch(constant(0)).every((column) => column.length === 0)).toBe(true);
  });

  it.each([
    ['zero prices and zero volumes', 0, 0],
    ['prices without volume', 100, 0],
    ['huge prices', 1e60, 1e60],
    ['tiny prices', 1e-60, 1e-60],
  ])('behavior: %s give a finite number or NaN, never infinity', (_, price, volume) => {
    const moving = map(walk(120, 4), (column, name) => {
      if (name === 'openAtMs') return column;
      return column.map((value) => (name.endsWith('olume') ? (value / 1e6) * volume : (value / 100) * price));
    });
    const values = [constant(120, price, volume), moving].flatMap((columns) => rowsOf(one.batch(columns)).flat());
    expect(values.filter((value) => !Number.isFinite(value) && !Number.isNaN(value))).toStrictEqual([]);
  });

  it('behavior: reset forgets everything', () => {
    const columns = walk(100, 5);
    const stream = one.stream(columns);
    for (let i = 0; i < 100; i += 1) stream.update(i);
    stream.indicator.reset();
    expect(stream.values().every(Number.isNaN)).toBe(true);
    const rows = Array.from({ length: 100 }, (_, i) => {
      stream.update(i);
      return [...stream.values()];
    });
    expect(difference(rows, rowsOf(one.batch(columns)))).toBeUndefined();
  });

  it('error: a state of another indicator is refused', () => {
    const stream = one.stream(constant(1));
    const saved = stream.indicator.snapshot();
    expect(() => stream.indicator.restore({ ...saved, name: 'other(1)' })).toThrow(ValidationError);
    expect(() => stream.indicator.restore({ ...saved, state: [...saved.state, 0] })).toThrow(ValidationError);
    expect(() => stream.indicator.restore({ ...saved, outputs: [] })).toThrow(ValidationError);
  });
});

describe('a series that does not move', () => {
  it.each([
    ['sma(20)', [100]],
    ['ema(20)', [100]],
    ['rsi(14)', [50]],
    ['macd(12,26,9)', [0, 0, 0]],
    ['bollinger(20,2)', [100, 100, 100]],
    ['atr(14)', [0]],
    ['stochRsi(14,14,3,3)', [50, 50, 50]],
    ['adx(14)', [0, 0, 0]],
    ['obv', [1]],
    ['vwap(session)', [100]],
    ['vwap(20)', [100]],
    ['roc(10)', [0]],
    ['donchian(20)', [100, 100, 100]],
    ['standardDeviation(20)', [0, 100]],
    ['smma(14)', [100]],
    ['wma(20)', [100]],
    ['hma(14)', [100]],
    ['dema(14)', [100]],
    ['tema(14)', [100]],
    ['kama(10,2,30)', [100]],
    ['vwma(20)', [100]],
    ['trima(20)', [100]],
    ['alma(9,0.85,6)', [100]],
    ['mcginley(14,0.6)', [100]],
    ['stochastic(14,3,3)', [50, 50, 50]],
    ['williamsR(14)', [-50]],
    ['cci(20)', [0]],
    ['trix(15)', [0]],
    ['momentum(10)', [0]],
    ['cmo(14)', [0]],
    ['ppo(12,26,9)', [0, 0, 0]],
    ['tsi(25,13,7)', [0, 0]],
    ['dpo(20)', [0]],
    ['awesomeOscillator(5,34)', [0]],
    ['ultimateOscillator(7,14,28)', [50]],
    ['balanceOfPower', [0]],
    ['supertrend(10,3)', [100, -1]],
    ['chandelier(22,3)', [100, 100]],
    ['aroon(14)', [100, 100, 0]],
    ['psar(0.02,0.2)', [100, -1]],
    ['ichimoku(9,26,52,26)', [100, 100, 100, 100]],
    ['elderRay(13)', [0, 0]],
    ['linearRegression(14)', [0, 100, 100, 0]],
    ['vortex(14)', [Number.NaN, Number.NaN]],
    ['alligator(13,8,8,5,5,3)', [100, 100, 100]],
    ['heikinAshi', [100, 100, 100, 100]],
    ['zigZag(1)', [Number.NaN, Number.NaN, Number.NaN, Number.NaN]],
    ['fractals(2)', [Number.NaN, Number.NaN, Number.NaN, Number.NaN]],
    ['keltner(20,10,2)', [100, 100, 100]],
    ['starc(5,10,2)', [100, 100, 100]],
    ['natr(14)', [0]],
    ['ulcerIndex(14)', [0]],
    ['choppiness(14)', [Number.NaN]],
    ['zScore(20)', [0]],
    ['realisedVolatility(20,86400000)', [0]],
    ['parkinson(20,86400000)', [0]],
    ['garmanKlass(20,86400000)', [0]],
    ['massIndex(9,25)', [25]],
    ['mfi(14)', [50]],
    ['adl', [0]],
    ['cmf(20)', [0]],
    ['chaikinOscillator(3,10)', [0]],
    ['forceIndex(13)', [0]],
    ['vwapBands(1,session,86400000)', [100, 100, 100]],
    ['anchoredVwap(1767268800000)', [100]],
    ['fundingStatistics(20,28800000)', [100, 0, 109500]],
    ['openInterestStatistics(20,1)', [0, 0]],
    ['cumulativeVolumeDelta', [0, 0]],
    ['correlation(20)', [0, 0]],
    ['pivotPoints(classic,session,14400000)', [100, 100, 100, 100, 100, 100, 100]],
  ])('behavior: %s is %j', (name, expected) => {
    const one = indicatorCases.find((other) => other.name === name);
    expect(rowsOf(one?.batch(constant(100)) ?? []).at(-1)).toStrictEqual(expected);
  });
});

it('default: no two indicators share a name', () => {
  expect(new Set(indicatorCases.map((one) => one.name)).size).toBe(indicatorCases.length);
});
