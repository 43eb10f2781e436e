import { describe, expect, it } from 'vitest';
import type { CaseColumns, IndicatorCase } from './indicator-case.ts';
import { indicatorCases } from './indicator-cases.ts';
import { hasFixtures, quotes } from './testing/reference-fixtures.ts';

const columnNames = ['openAtMs', 'open', 'high', 'low', 'close', 'volume', 'buyVolume', 'sellVolume'] as const;

/** What is wrong with an indicator over a series: an infinity, or a value that streaming does not give. */
function findings(one: IndicatorCase, columns: CaseColumns): readonly string[] {
  const found: string[] = [];
  const outputs = one.batch(columns);
  const stream = one.stream(columns);
  columns.close.forEach((_, i) => {
    stream.update(i);
    stream.values().forEach((value, k) => {
      const batch = outputs[k]?.[i] ?? Number.NaN;
      if (!Object.is(value, batch)) found.push(`row ${i}: ${value} streaming, ${batch} batch`);
      if (!Number.isFinite(batch) && !Number.isNaN(batch)) found.push(`row ${i}: ${batch}`);
    });
  });
  return found;
}

/**
 * What an indicator says after the last row with a hole, all of which is made one, that a series begun after it does
 * not.
 */
function memories(one: IndicatorCase, columns: CaseColumns): readonly string[] {
  const blanked = { ...columns };
  let begin = 0;
  for (const name of columnNames) Object.assign(blanked, { [name]: columns[name].slice() });
  columns.close.forEach((_, i) => {
    if (columnNames.every((name) => Number.isFinite(columns[name][i]))) return;
    for (const name of columnNames) blanked[name][i] = Number.NaN;
    begin = i + 1;
  });
  const after = { ...columns };
  for (const name of columnNames) Object.assign(after, { [name]: columns[name].subarray(begin) });
  const whole = one.batch(blanked);
  return one.batch(after).flatMap((output, k) =>
    [...output].flatMap((value, i) => {
      const other = whole[k]?.[begin + i] ?? Number.NaN;
      return Object.is(value, other) ? [] : [`row ${begin + i}: ${other}, not ${value}`];
    }),
  );
}

const wrongOf = (columns: CaseColumns): readonly object[] =>
  indicatorCases
    .map((one) => ({ name: one.name, wrong: [...findings(one, columns), ...memories(one, columns)].slice(0, 3) }))
    .filter(({ wrong }) => wrong.length > 0);

describe.skipIf(!hasFixtures).each(['bad', 'zeros', 'toobig', 'penny', 'max'])(
  'the quotes "%s" (fixtures/indicators/skender)',
  (name) => {
    it('behavior: no indicator crashes, says infinity, or remembers what a broken row should have ended', () => {
      expect(wrongOf(quotes(name))).toStrictEqual([]);
    });
  },
);

describe('a series of our own with holes, zeros and heights of 1e15', () => {
  it('behavior: no indicator crashes, says infinity, or remembers what a broken row should have ended', () => {
    const length = 300;
    const column = (value: (i: number) => number): Float64Array => Float64Array.from({ length }, (_, i) => value(i));
    const middle = (i: number): number => {
      if (i % 97 === 50) return Number.NaN;
      if (i >= 100 && i < 110) return 0;
      return (i >= 200 ? 1e15 : 100) * (1 + 0.1 * Math.sin(i));
    };
    const columns: CaseColumns = {
      openAtMs: column((i) => i * 3_600_000),
      open: column((i) => middle(i)),
      high: column((i) => middle(i) * 1.01),
      low: column((i) => middle(i) * 0.99),
      close: column((i) => middle(i) * 1.001),
      volume: column((i) => (i % 7 === 0 ? 0 : i)),
      buyVolume: column((i) => (i % 7 === 0 ? 0 : i / 3)),
      sellVolume: column((i) => (i % 7 === 0 ? 0 : (i * 2) / 3)),
    };
    expect(wrongOf(columns)).toStrictEqual([]);
  });
});
