import { type Candle, type CandleGap, timeframeMs, timeframes, ValidationError } from '@perpdesk/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CandleRollup, type SkippedBar } from './candle-rollup.ts';

const instrumentId = 'BTC-PERP@test';
const midnight = Date.UTC(2026, 0, 5);
const minuteMs = timeframeMs('1m');

/** A minute whose numbers all differ, so that a wrong pick shows. */
const minute = (index: number, changes: Partial<Candle> = {}): Candle => ({
  instrumentId,
  timeframe: '1m',
  openAtMs: midnight + index * minuteMs,
  open: 100 + index,
  high: 102 + index + ((index * 7) % 5),
  low: 98 + index - ((index * 3) % 4),
  close: 101 + index,
  volume: 1 + index / 8,
  ...changes,
});

function record(targets?: ConstructorParameters<typeof CandleRollup>[0]['targets']) {
  const closed: Candle[] = [];
  const skipped: SkippedBar[] = [];
  const gaps: CandleGap[] = [];
  const refused: string[] = [];
  const rollup = new CandleRollup({
    instrumentId,
    listener: {
      closed: (candle) => closed.push(candle),
      skipped: (bar) => skipped.push(bar),
      gapped: (gap) => gaps.push(gap),
      refused: (candle, outcome) => refused.push(`${outcome} ${(candle.openAtMs - midnight) / minuteMs}`),
    },
    ...(targets === undefined ? {} : { targets }),
  });
  return { rollup, closed, skipped, gaps, refused };
}

describe('CandleRollup', () => {
  it('default', () => {
    const { rollup, closed } = record(['5m']);
    for (let i = 0; i < 5; i += 1) rollup.push(minute(i));
    expect(closed).toEqual([
      { instrumentId, timeframe: '5m', openAtMs: midnight, open: 100, high: 109, low: 96, close: 105, volume: 6.25 },
    ]);
  });

  it('behavior: closes every timeframe of a whole day, each once, shorter ones first', () => {
    const { rollup, closed, skipped } = record();
    for (let i = 0; i < 1440; i += 1) rollup.push(minute(i));
    const count = (timeframe: string) => closed.filter((bar) => bar.timeframe === timeframe).length;
    expect(timeframes.map(count)).toEqual([0, 288, 96, 24, 6, 1]);
    expect(closed.slice(-5).map((bar) => bar.timeframe)).toEqual(['5m', '15m', '1h', '4h', '1d']);
    expect(closed.at(-1)).toMatchObject({ open: 100, close: 1540, openAtMs: midnight });
    expect(skipped).toEqual([]);
  });

  it('behavior: tells a partial first bar with what it lacks and never closes it', () => {
    const { rollup, closed, skipped } = record(['5m', '15m']);
    for (let i = 3; i < 15; i += 1) rollup.push(minute(i));
    expect(skipped).toEqual([
      { instrumentId, timeframe: '5m', openAtMs: midnight, reason: 'partial', missing: 3 },
      { instrumentId, timeframe: '15m', openAtMs: midnight, reason: 'partial', missing: 3 },
    ]);
    expect(closed.map((bar) => bar.openAtMs)).toEqual([minute(5).openAtMs, minute(10).openAtMs]);
  });

  it('behavior: a gap inside a bar skips it; bars wholly inside a gap are told by the gap alone', () => {
    const { rollup, closed, skipped, gaps } = record(['5m']);
    for (const i of [0, 1, 2, 3, 22, 23, 24, 25, 26, 27, 28, 29]) rollup.push(minute(i));
    expect(gaps).toEqual([
      { instrumentId, timeframe: '1m', fromMs: minute(4).openAtMs, toMs: minute(22).openAtMs, missing: 18 },
    ]);
    expect(skipped.map((bar) => [bar.openAtMs, bar.missing])).toEqual([
      [midnight, 1],
      [minute(20).openAtMs, 2],
    ]);
    expect(closed.map((bar) => bar.openAtMs)).toEqual([minute(25).openAtMs]);
  });

  it('behavior: an identical duplicate, a conflicting one and a late bar are counted and change nothing', () => {
    const { rollup, closed, refused } = record(['5m']);
    expect([
      rollup.push(minute(0)),
      rollup.push(minute(1)),
      rollup.push(minute(1)),
      rollup.push(minute(1, { close: 999 })),
      rollup.push(minute(0)),
    ]).toEqual(['accepted', 'accepted', 'duplicate', 'conflicting', 'late']);
    for (let i = 2; i < 5; i += 1) rollup.push(minute(i));
    expect(rollup.counts()).toEqual({ accepted: 5, duplicate: 1, conflicting: 1, late: 1 });
    expect(refused).toEqual(['conflicting 1', 'late 0']);
    expect(closed[0]).toMatchObject({ close: 105, volume: 6.25 });
  });

  it('behavior: shows the forming bar', () => {
    const { rollup } = record();
    expect(rollup.forming('1h')).toBeUndefined();
    rollup.push(minute(0));
    rollup.push(minute(1));
    expect(rollup.forming('1h')).toEqual({
      instrumentId,
      timeframe: '1h',
      openAtMs: midnight,
      open: 100,
      high: 105,
      low: 96,
      close: 102,
      volume: 2.125,
    });
  });

  it('behavior: for any minutes that came, a bar closes if and only if all of its minutes did', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(400), { minLength: 1, maxLength: 400 }), (indexes) => {
        const present = new Set(indexes);
        const { rollup, closed, skipped, gaps } = record(['5m', '15m', '1h']);
        for (const i of [...present].sort((a, b) => a - b)) rollup.push(minute(i));
        for (const [timeframe, parts] of [
          ['5m', 5],
          ['15m', 15],
          ['1h', 60],
        ] as const) {
          const last = Math.max(...present);
          for (let bar = 0; bar * parts <= 400; bar += 1) {
            let have = 0;
            for (let i = bar * parts; i < (bar + 1) * parts; i += 1) if (present.has(i)) have += 1;
            const mine = (other: { timeframe: string; openAtMs: number }) =>
              other.timeframe === timeframe && other.openAtMs === minute(bar * parts).openAtMs;
            expect(closed.filter(mine).length).toBe(have === parts ? 1 : 0);
            const over = last >= (bar + 1) * parts - 1;
            expect(skipped.filter(mine).map((other) => other.missing)).toEqual(
              have > 0 && have < parts && over ? [parts - have] : [],
            );
          }
        }
        const missing = gaps.reduce((total, gap) => total + gap.missing, 0);
        expect(missing).toBe(Math.max(...present) - Math.min(...present) + 1 - present.size);
      }),
      { seed: 7, numRuns: 100 },
    );
  });

  it('error: a bar of another series, a misaligned bar, a target that is no multiple', () => {
    const { rollup } = record();
    const codeOf = (fn: () => unknown): string => {
      try {
        fn();
      } catch (error) {
        return error instanceof ValidationError ? error.code : String(error);
      }
      return 'none';
    };
    expect(codeOf(() => rollup.push(minute(0, { timeframe: '5m' })))).toBe('rollup.series');
    expect(codeOf(() => rollup.push(minute(0, { openAtMs: midnight + 1 })))).toBe('rollup.misaligned');
    const target = { instrumentId, base: '1h', targets: ['15m'], listener: { closed: () => {} } } as const;
    expect(codeOf(() => new CandleRollup(target))).toBe('rollup.target');
  });
});
