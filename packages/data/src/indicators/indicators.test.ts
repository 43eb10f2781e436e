import { ValidationError } from '@perpdesk/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type IndicatorCase, indicatorCases } from './indicator-cases.ts';
import type { TimedPriceVolumeColumns } from './vwap.ts';

type Bar = readonly [open: number, spread: number, volume: number];

/** Bars from a walk in steps of up to ±2 %, some of them flat, some without volume. */
const bars = fc.array(
  fc.tuple(
    fc.oneof(
      { weight: 5, arbitrary: fc.double({ min: -0.02, max: 0.02, noNaN: true }) },
      { weight: 1, arbitrary: fc.constant(0) },
    ),
    fc.double({ min: 0, max: 0.01, noNaN: true }),
    fc.oneof(
      { weight: 4, arbitrary: fc.double({ min: 0, max: 1e6, noNaN: true }) },
      { weight: 1, arbitrary: fc.constant(0) },
    ),
  ),
  { maxLength: 160, size: 'max' },
);

function columnsOf(steps: readonly Bar[], start = 100): TimedPriceVolumeColumns {
  const column = (): Float64Array => new Float64Array(steps.length);
  const columns = { openAtMs: column(), high: column(), low: column(), close: column(), volume: column() };
  let price = start;
  steps.forEach(([step, spread, volume], i) => {
    price *= 1 + step;
    columns.openAtMs[i] = Date.UTC(2026, 0, 1, 12) + i * 1_800_000;
    columns.high[i] = price * (1 + spread);
    columns.low[i] = price * (1 - spread);
    columns.close[i] = price;
    columns.volume[i] = volume;
  });
  return columns;
}

const constant = (length: number, volume = 1): TimedPriceVolumeColumns =>
  columnsOf(Array.from({ length }, () => [0, 0, volume] as const));

function streamed(one: IndicatorCase, columns: TimedPriceVolumeColumns): readonly number[][] {
  const stream = one.stream(columns);
  return Array.from(columns.close, (_, i) => {
    stream.update(i);
    return [...stream.values()];
  });
}

const rowsOf = (columns: readonly Float64Array[]): readonly number[][] =>
  Array.from(columns[0] ?? [], (_, i) => columns.map((column) => column[i] ?? Number.NaN));

const cut = (columns: TimedPriceVolumeColumns, from: number): TimedPriceVolumeColumns => ({
  openAtMs: columns.openAtMs.subarray(from),
  high: columns.high.subarray(from),
  low: columns.low.subarray(from),
  close: columns.close.subarray(from),
  volume: columns.volume.subarray(from),
});

describe.each(indicatorCases)('$name', (one) => {
  it('behavior: batch and streaming agree to the bit', () => {
    fc.assert(
      fc.property(bars, (steps) => {
        const columns = columnsOf(steps);
        expect(streamed(one, columns)).toStrictEqual(rowsOf(one.batch(columns)));
      }),
    );
  });

  it('behavior: goes on from a snapshot, by way of JSON, as if it had not been interrupted', () => {
    fc.assert(
      fc.property(bars, fc.nat({ max: 160 }), (steps, place) => {
        const columns = columnsOf(steps);
        const at = Math.min(place, steps.length);
        const before = one.stream(columns);
        for (let i = 0; i < at; i += 1) before.update(i);
        const saved = JSON.parse(JSON.stringify(before.indicator.snapshot()));
        const after = one.stream(columns);
        after.indicator.restore(saved);
        expect(after.values()).toStrictEqual(before.values());
        const rows: (readonly number[])[] = [];
        for (let i = at; i < steps.length; i += 1) {
          after.update(i);
          rows.push([...after.values()]);
        }
        expect(rows).toStrictEqual(rowsOf(one.batch(columns)).slice(at));
      }),
    );
  });

  it('behavior: the first complete row is where TA-Lib has it', () => {
    const columns = columnsOf(Array.from({ length: 80 }, (_, i) => [0.01 * Math.sin(i), 0.002, 10 + i] as const));
    const complete = rowsOf(one.batch(columns)).map((row) => row.every(Number.isFinite));
    expect(complete.indexOf(true)).toBe(one.firstRow);
    expect(complete.lastIndexOf(false)).toBe(one.firstRow - 1);
  });

  it('behavior: an input that is not finite gives NaN and a new beginning after it, never a number', () => {
    const broken = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
    fc.assert(
      fc.property(bars, fc.nat({ max: 159 }), broken, (steps, place, bad) => {
        fc.pre(steps.length > 0);
        const at = Math.min(place, steps.length - 1);
        const columns = columnsOf(steps);
        for (const column of [columns.high, columns.low, columns.close, columns.volume]) column[at] = bad;
        const rows = rowsOf(one.batch(columns));
        expect(rows[at]?.every(Number.isNaN)).toBe(true);
        expect(rows.slice(at + 1)).toStrictEqual(rowsOf(one.batch(cut(columns, at + 1))));
        expect(streamed(one, columns)).toStrictEqual(rows);
      }),
    );
  });

  it('behavior: nothing in gives nothing out', () => {
    expect(one.batch(constant(0)).every((column) => column.length === 0)).toBe(true);
  });

  it('behavior: zero prices and zero volumes give a finite number or NaN, never infinity', () => {
    const zeros = cut(constant(60, 0), 0);
    for (const column of [zeros.high, zeros.low, zeros.close]) column.fill(0);
    const values = rowsOf(one.batch(zeros)).flat();
    expect(values.every((value) => Number.isFinite(value) || Number.isNaN(value))).toBe(true);
  });

  it('behavior: reset forgets everything', () => {
    const columns = columnsOf(Array.from({ length: 60 }, (_, i) => [0.01 * Math.sin(i), 0.002, 10] as const));
    const stream = one.stream(columns);
    for (let i = 0; i < 60; i += 1) stream.update(i);
    stream.indicator.reset();
    expect(stream.values().every(Number.isNaN)).toBe(true);
    const rows = Array.from({ length: 60 }, (_, i) => {
      stream.update(i);
      return [...stream.values()];
    });
    expect(rows).toStrictEqual(rowsOf(one.batch(columns)));
  });

  it('error: a state of another indicator is refused', () => {
    const stream = one.stream(constant(1));
    const saved = stream.indicator.snapshot();
    expect(() => stream.indicator.restore({ ...saved, name: 'other(1)' })).toThrow(ValidationError);
    expect(() => stream.indicator.restore({ ...saved, state: [...saved.state, 0] })).toThrow(ValidationError);
    expect(() => stream.indicator.restore({ ...saved, state: saved.state.map(() => Number.NaN) })).toThrow(
      ValidationError,
    );
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
  ])('behavior: %s is %j', (name, expected) => {
    const one = indicatorCases.find((other) => other.name === name);
    expect(rowsOf(one?.batch(constant(100)) ?? []).at(-1)).toStrictEqual(expected);
  });
});
