import type { MacroRecord, MarketObservation } from '@perpdesk/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { macroTimeline } from './macro-timeline.ts';
import { exampleRecord } from './testing/macro-rows.ts';
import { usualSurprise } from './usual-surprise.ts';

const told = (records: readonly MacroRecord[]): readonly string[] =>
  macroTimeline(records).steps.flatMap(({ atMs, observations }) =>
    observations.map((one) => `${new Date(atMs).toISOString().slice(0, 16)} ${wordsOf(one)}`),
  );

function wordsOf(one: MarketObservation): string {
  if (one.kind === 'macro-scheduled') {
    const { scheduledAtMs, consensus = 'none', estimated = false } = one.event;
    return `due ${new Date(scheduledAtMs).toISOString().slice(0, 16)} consensus ${consensus}${estimated ? ' estimated' : ''}`;
  }
  if (one.kind !== 'macro-released') return one.kind;
  const { actual, surprise, revises } = one.release;
  const what = revises === undefined ? 'released' : `revision ${revises.number} of ${revises.actual} to`;
  return `${what} ${actual} surprise ${surprise?.toFixed(2) ?? 'unknown'}`;
}

describe('macroTimeline', () => {
  it('default: scheduled, expected, released, revised; each once', () => {
    expect(
      told([
        exampleRecord(),
        exampleRecord({ consensus: 3, knownAt: '2026-12-07T00:00:00Z' }),
        exampleRecord({ consensus: 3, actual: 3.2, knownAt: '2026-12-10T13:30:00Z' }),
        exampleRecord({ consensus: 3, actual: 3.2, knownAt: '2026-12-10T14:30:00Z' }),
        exampleRecord({ consensus: 3, actual: 3.1, knownAt: '2027-01-13T13:30:00Z' }),
      ]),
    ).toEqual([
      '2026-12-01T00:00 due 2026-12-10T13:30 consensus none',
      '2026-12-07T00:00 due 2026-12-10T13:30 consensus 3',
      '2026-12-10T13:30 released 3.2 surprise 2.00',
      // After one surprise of 0.2 and twelve assumed ones of 0.1 the usual size is the root of 0.16 / 13.
      '2027-01-13T13:30 revision 1 of 3.2 to 3.1 surprise -0.90',
    ]);
  });

  it('behavior: the same release from three sources is one event, and the first figure stands', () => {
    const records = ['a', 'b', 'c'].flatMap((source, index) => [
      exampleRecord({ consensus: 3 }, source),
      exampleRecord({ actual: 3 + index / 10, knownAt: `2026-12-10T13:30:0${index}Z` }, source),
    ]);
    // Times of rows are to the minute: all three figures are known at 13:30, and the first name goes first.
    expect(told(records)).toEqual([
      '2026-12-01T00:00 due 2026-12-10T13:30 consensus 3',
      '2026-12-10T13:30 released 3 surprise 0.00',
    ]);
    expect(macroTimeline(records).disagreements).toBe(2);
  });

  it('behavior: another source may revise once the figure has settled, the same one at once', () => {
    const first = exampleRecord({ consensus: 3, actual: 3 }, 'a');
    const early = exampleRecord({ actual: 3.1, knownAt: '2026-12-10T13:35:00Z' }, 'b');
    const late = exampleRecord({ actual: 3.1, knownAt: '2026-12-11T13:35:00Z' }, 'b');
    const own = exampleRecord({ actual: 3.1, knownAt: '2026-12-10T13:35:00Z' }, 'a');
    expect(told([first, early]).at(-1)).toBe('2026-12-10T13:30 released 3 surprise 0.00');
    expect(told([first, late]).at(-1)).toMatch(/^2026-12-11T13:35 revision 1 of 3 to 3.1/);
    expect(told([first, own]).at(-1)).toMatch(/^2026-12-10T13:35 revision 1 of 3 to 3.1/);
  });

  it('behavior: a new date moves the event; an estimate never moves a published one', () => {
    expect(
      told([
        exampleRecord({ at: '2026-12-09T13:30:00Z', estimated: true, knownAt: '2026-01-01T00:00:00Z' }, 'rule'),
        exampleRecord({ knownAt: '2026-11-01T00:00:00Z' }),
        exampleRecord({ at: '2026-12-11T13:30:00Z', estimated: true, knownAt: '2026-11-02T00:00:00Z' }, 'rule'),
        exampleRecord({ at: '2026-12-18T13:30:00Z', knownAt: '2026-12-05T00:00:00Z' }),
      ]),
    ).toEqual([
      '2026-01-01T00:00 due 2026-12-09T13:30 consensus none estimated',
      '2026-11-01T00:00 due 2026-12-10T13:30 consensus none',
      '2026-12-05T00:00 due 2026-12-18T13:30 consensus none',
    ]);
  });

  it('behavior: a source that goes back on what it said is heard again', () => {
    const at = (day: string, known: string): MacroRecord =>
      exampleRecord({ at: `2026-12-${day}T13:30:00Z`, knownAt: known });
    const words = told([
      at('10', '2026-11-01T00:00:00Z'),
      at('12', '2026-11-02T00:00:00Z'),
      at('10', '2026-11-03T00:00:00Z'),
    ]);
    expect(words.map((word) => word.slice(21, 31))).toEqual(['2026-12-10', '2026-12-12', '2026-12-10']);
  });

  it('behavior: an expectation that came after the figure counts for nothing', () => {
    const records = [
      exampleRecord({ actual: 3.2, consensus: 3 }),
      exampleRecord({ actual: 3.2, consensus: 3.2, knownAt: '2026-12-10T15:00:00Z' }),
    ];
    expect(told(records).at(-1)).toBe('2026-12-10T13:30 released 3.2 surprise 2.00');
  });

  it('behavior: what comes out at one instant is measured by what came before it alone', () => {
    const months = ['2026-10', '2026-11'].map((period) => exampleRecord({ period, consensus: 3, actual: 3.5 }));
    expect(told(months).slice(-2)).toEqual([
      '2026-12-10T13:30 released 3.5 surprise 5.00',
      '2026-12-10T13:30 released 3.5 surprise 5.00',
    ]);
  });

  it('behavior: without a known time, an event is known a week ahead and its figure on time', () => {
    const { knownAtMs: _, ...undated } = exampleRecord({ actual: 3 });
    expect(told([undated])).toEqual([
      '2026-12-03T13:30 due 2026-12-10T13:30 consensus none',
      '2026-12-10T13:30 released 3 surprise unknown',
    ]);
  });

  const day = 86_400_000;
  const start = Date.UTC(2026, 0, 1);
  const someRecords = fc.array(
    fc
      .record({
        month: fc.integer({ min: 1, max: 3 }),
        source: fc.constantFrom('a', 'b', 'c'),
        moved: fc.integer({ min: 0, max: 3 }),
        known: fc.integer({ min: -10, max: 20 }),
        consensus: fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined }),
        actual: fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined }),
        estimated: fc.boolean(),
      })
      .map(({ month, source, moved, known, consensus, actual, estimated }): MacroRecord => {
        const scheduledAtMs = start + (month * 30 + moved) * day;
        return {
          ...exampleRecord({}, source),
          referencePeriod: `2026-0${month}`,
          scheduledAtMs,
          knownAtMs: scheduledAtMs + known * day,
          ...(consensus === undefined ? {} : { consensus }),
          ...(actual === undefined ? {} : { actual }),
          ...(estimated ? { estimated } : {}),
        };
      }),
    { maxLength: 25 },
  );

  it('behavior: the order of records and how often they come changes nothing', () => {
    fc.assert(
      fc.property(someRecords, fc.infiniteStream(fc.nat()), (records, picks) => {
        const shuffled = records
          .concat(records.filter((_, index) => index % 2 === 0))
          .map((record) => ({ record, at: picks.next().value }))
          .sort((a, b) => a.at - b.at)
          .map(({ record }) => record);
        expect(macroTimeline(shuffled)).toEqual(macroTimeline(records));
      }),
      { numRuns: 120 },
    );
  });

  it('behavior: what is told up to an instant does not change by what becomes known after it', () => {
    fc.assert(
      fc.property(someRecords, fc.integer({ min: -10, max: 130 }), (records, cut) => {
        const atMs = start + cut * day;
        const upTo = (ofRecords: readonly MacroRecord[]) =>
          macroTimeline(ofRecords).steps.filter((step) => step.atMs <= atMs);
        expect(upTo(records.filter(({ knownAtMs = 0 }) => knownAtMs <= atMs))).toEqual(upTo(records));
      }),
      { numRuns: 120 },
    );
  });

  it('behavior: a figure is never told before its time, and each release once', () => {
    fc.assert(
      fc.property(someRecords, (records) => {
        const ids: string[] = [];
        for (const { atMs, observations } of macroTimeline(records).steps)
          for (const one of observations) {
            if (one.kind !== 'macro-released') continue;
            ids.push(one.release.event.id);
            expect(atMs).toBe(one.release.releasedAtMs);
            expect(
              records.some(
                ({ actual, scheduledAtMs, knownAtMs = 0 }) =>
                  actual === one.release.actual && scheduledAtMs <= atMs && knownAtMs <= atMs,
              ),
            ).toBe(true);
          }
        expect(new Set(ids).size).toBe(ids.length);
      }),
      { numRuns: 120 },
    );
  });
});

describe('usualSurprise', () => {
  it('default: what is assumed gives way to what was', () => {
    expect(usualSurprise([], 0.1)).toBeCloseTo(0.1, 12);
    expect(
      usualSurprise(
        Array.from({ length: 24 }, () => -0.4),
        0.1,
      ),
    ).toBeCloseTo(Math.sqrt((12 * 0.01 + 24 * 0.16) / 36), 12);
  });

  it('behavior: nothing is said of a series without a record', () => {
    expect(usualSurprise([1, 1, 1, 1, 1, 1, 1], undefined)).toBeUndefined();
    expect(usualSurprise([1, 1, 1, 1, 1, 1, 1, 1], undefined)).toBe(1);
    expect(
      usualSurprise(
        Array.from({ length: 10 }, () => 0),
        undefined,
      ),
    ).toBeUndefined();
  });

  it('behavior: only the last 24 count', () => {
    expect(usualSurprise([1e6, ...Array.from({ length: 24 }, () => 1)], undefined)).toBe(1);
  });
});
