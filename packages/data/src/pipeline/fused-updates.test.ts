import { readFileSync } from 'node:fs';
import { type Candle, ConfigError } from '@perpdesk/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fusedUpdates } from './fused-updates.ts';
import { fusedFile, fusedSets } from './generator/fused-sets.ts';
import { generateUpdate } from './generator/generate-update.ts';
import { IndicatorSets } from './indicator-sets.ts';
import { createIndicator, type IndicatorSpec } from './indicator-spec.ts';
import { ownIndicators, type PackedIndicator } from './packed-indicator.ts';
import { presentBarIs } from './present-bar.ts';

const indicators = new URL('../indicators/', import.meta.url);

const packedOf = (specs: readonly IndicatorSpec[]): readonly PackedIndicator[] =>
  ownIndicators(specs.map(createIndicator).flatMap((member) => ('update' in member ? [member] : [])));

type Column = 'openAtMs' | 'open' | 'high' | 'low' | 'close' | 'volume';

interface Step {
  readonly change: number;
  readonly spread: number;
  readonly volume: number;
  /** Bars until the next one, in which nothing was traded. */
  readonly hole: number;
  readonly broken: readonly [Column, number] | undefined;
  readonly begin: 'anew' | 'on';
}

const often = <Value>(weight: number, value: Value) => ({ weight, arbitrary: fc.constant(value) });
const plainStep: fc.Arbitrary<Step> = fc.record({
  change: fc.oneof({ weight: 8, arbitrary: fc.double({ min: -0.02, max: 0.02, noNaN: true }) }, often(1, 0)),
  spread: fc.oneof(often(1, 0), { weight: 4, arbitrary: fc.double({ min: 0, max: 0.01, noNaN: true }) }),
  volume: fc.oneof(often(1, 0), { weight: 6, arbitrary: fc.double({ min: 0, max: 1e6, noNaN: true }) }),
  hole: fc.constant(0),
  broken: fc.constant(undefined),
  begin: fc.constant('on' as const),
});
const columns = fc.constantFrom<Column[]>('openAtMs', 'open', 'high', 'low', 'close', 'volume');
const noNumbers = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1.7e308, -1.7e308, 0);
const oddStep: fc.Arbitrary<Step> = fc.record({
  change: fc.oneof(fc.constantFrom(0, 1e9, 1e-9 - 1, 30), fc.double({ min: -0.9, max: 10, noNaN: true })),
  spread: fc.double({ min: 0, max: 0.9, noNaN: true }),
  volume: fc.constantFrom(0, 1e-300, 1e300),
  hole: fc.constantFrom(0, 2, 400),
  broken: fc.option(fc.tuple(columns, noNumbers), { nil: undefined }),
  begin: fc.constantFrom('on', 'on', 'on', 'anew'),
});
/** A walk of some hundred bars, most of them plain, with some odd ones at any place. */
const walks = fc
  .tuple(
    fc.array(plainStep, { minLength: 60, maxLength: 60 }),
    fc.nat({ max: 900 }),
    fc.array(fc.tuple(fc.nat({ max: 900 }), oddStep), { maxLength: 8 }),
  )
  .map(([plain, length, odd]) => {
    const steps = Array.from({ length }, (_, i) => plain[(i * 7 + (i >> 5)) % plain.length] as Step);
    for (const [at, step] of odd) if (at < length) steps[at] = step;
    return steps;
  });

function candlesOf(steps: readonly Step[]): readonly Candle[] {
  let close = 100;
  let openAtMs = Date.UTC(2026, 0, 1);
  return steps.map(({ change, spread, volume, hole, broken }) => {
    const open = close;
    close *= 1 + change;
    openAtMs += 300_000 * (1 + hole);
    const high = Math.max(open, close) * (1 + spread);
    const low = Math.min(open, close) * (1 - spread);
    const bar = { open, high, low, close, volume, openAtMs };
    if (broken !== undefined) bar[broken[0]] = broken[1];
    return { instrumentId: 'BTC-PERP@hyperliquid', timeframe: '5m', ...bar };
  });
}

const plainWalk = (length: number): readonly Candle[] =>
  candlesOf(
    Array.from({ length }, (_, i) => {
      const change = 0.01 * Math.sin(i * i);
      return { change, spread: 0.001, volume: 5 + (i % 7), hole: 0, broken: undefined, begin: 'on' };
    }),
  );

describe.each(fusedSets)('$name', ({ specs }) => {
  const own = packedOf(specs);
  const fused = fusedUpdates.find(({ names }) => names.join() === own.map(({ name }) => name).join());
  const begins = own.map((_, index) => own.slice(0, index).reduce((sum, { size }) => sum + size, 0));
  const size = own.reduce((sum, one) => sum + one.size, 0);
  const blank = (): Float64Array => {
    const numbers = new Float64Array(size);
    own.forEach((one, index) => {
      numbers.fill(Number.NaN, (begins[index] ?? 0) + one.outputsAt, (begins[index] ?? 0) + one.size);
    });
    return numbers;
  };
  const goOn = (numbers: Float64Array, at: number, from: number): void =>
    own.forEach(({ update }, index) => void (index >= from && update(numbers, at + (begins[index] ?? 0))));

  it('behavior: state and values are those of one indicator after the other, to the bit, whatever comes', () => {
    fc.assert(
      fc.property(walks, (steps) => {
        const at = 3;
        let [together, apart] = [new Float64Array([1, 2, 3, ...blank(), 4]), blank()];
        candlesOf(steps).forEach((candle, i) => {
          if (steps[i]?.begin === 'anew') [together, apart] = [new Float64Array([1, 2, 3, ...blank(), 4]), blank()];
          presentBarIs(candle);
          goOn(together, at, fused?.update(together, at, candle) ?? -1);
          goOn(apart, 0, 0);
          if (!apart.every((number, index) => Object.is(number, together[at + index])))
            expect([...together.subarray(at, at + size)], `bar ${i}`).toStrictEqual([...apart]);
          expect([together[0], together[2], together[at + size]]).toStrictEqual([1, 3, 4]);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('behavior: of warm indicators hardly a bar is left to their own updates', () => {
    let left = 0;
    const numbers = blank();
    plainWalk(1_300).forEach((candle, i) => {
      if (i === 300) left = 0;
      const taken = fused?.update(numbers, 0, candle) ?? 0;
      if (taken < own.length) left += 1;
      presentBarIs(candle);
      goOn(numbers, 0, taken);
    });
    // Rolling sums that are taken anew, and a VWAP's days.
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(20);
  });

  it('behavior: all values are read at once as one after the other, also where the set has them in another order', () => {
    const sets = [specs, specs.toReversed()].map((order) => new IndicatorSets(order));
    for (const one of sets) {
      const set = one.add();
      for (const candle of plainWalk(400)) one.update(set, candle);
      const into = new Float64Array(one.names.length + 1).fill(7);
      one.values(set, into);
      expect([...into]).toStrictEqual([...one.names.map((_, index) => one.value(set, index)), 7]);
      expect(into.every(Number.isFinite)).toBe(true);
    }
    expect(sets[0]?.names).toStrictEqual(fused?.values);
  });

  it('behavior: sets give the same values, updated, previewed and begun anew, with and without it', () => {
    fc.assert(
      fc.property(walks, (steps) => {
        const both = [new IndicatorSets(specs), new IndicatorSets(specs, { fused: [] })];
        const handles = both.map((sets) => sets.add());
        const valuesOf = (read: (sets: IndicatorSets, set: number) => (index: number) => number) =>
          both.map((sets, which) => sets.names.map((_, index) => read(sets, handles[which] ?? -1)(index)));
        candlesOf(steps).forEach((candle, i) => {
          if (i % 16 === 0) {
            both.forEach((sets, which) => void sets.preview(handles[which] ?? -1, candle));
            const [one, other] = valuesOf((sets) => (index) => sets.previewed(index));
            expect(one).toStrictEqual(other);
          }
          both.forEach((sets, which) => {
            if (steps[i]?.begin === 'anew') sets.reset(handles[which] ?? -1);
            sets.update(handles[which] ?? -1, candle);
          });
          if (i % 8 !== 0) return;
          const [one, other] = valuesOf((sets, set) => (index) => sets.value(set, index));
          expect(one, `bar ${i}`).toStrictEqual(other);
        });
      }),
      { numRuns: 15 },
    );
  });
});

describe('fusedUpdates', () => {
  it('behavior: the committed files are what the indicators generate; else run generator/write-updates.ts', () => {
    const laidOut = (text: string): readonly string[] =>
      text
        .replace(/\s+/g, '')
        .replace(/,(?=[\])}])/g, '')
        .split(';');
    for (const set of fusedSets)
      expect(laidOut(readFileSync(fusedFile(set), 'utf8'))).toStrictEqual(laidOut(generateUpdate(set, indicators)));
  });

  it('behavior: a set of more indicators, in another order, has the values of each', () => {
    const specs: readonly IndicatorSpec[] = [
      { kind: 'wma', period: 9 },
      ...(fusedSets.find(({ name }) => name === 'updateNineIndicators')?.specs ?? []).toReversed(),
      { kind: 'custom', name: 'last', create: lastClose },
      { kind: 'ema', period: 20, source: 'volume' },
    ];
    const sets = new IndicatorSets(specs);
    const set = sets.add();
    const alone = specs.map((spec) => new IndicatorSets([spec], { fused: [] }));
    const handles = alone.map((one) => one.add());
    for (const candle of plainWalk(120)) {
      sets.update(set, candle);
      const expected = alone.flatMap((one, which) => {
        one.update(handles[which] ?? -1, candle);
        return one.names.map((name, index) => [name, one.value(handles[which] ?? -1, index)]);
      });
      expect(sets.names.map((name, index) => [name, sets.value(set, index)])).toStrictEqual(expected);
    }
  });

  it('error: an indicator without a steady function, and one of other numbers, are not written', () => {
    const generate = (spec: IndicatorSpec) => generateUpdate({ name: 'update', specs: [spec] }, indicators);
    expect(() => generate({ kind: 'wma', period: 9 })).toThrow(ConfigError);
    expect(() => generate({ kind: 'vwap', period: 20 })).toThrow(ConfigError);
    expect(() => generate({ kind: 'vwap', sessionMs: 3_600_000 })).toThrow(ConfigError);
  });
});

function lastClose() {
  let last = Number.NaN;
  return {
    outputs: [''],
    update: ({ close }: Candle) => {
      last = close;
    },
    value: () => last,
    reset: () => {
      last = Number.NaN;
    },
  };
}
