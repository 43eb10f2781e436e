import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type MacroReading, type MacroRecord, type MacroSource, VenueError } from '@perpdesk/core';
import { macroSourceContract } from '@perpdesk/core/testing';
import { describe, expect, it } from 'vitest';
import { serviceHarness } from '../player/testing/service-harness.ts';
import { FileMacroSource } from './file-macro-source.ts';
import { MacroCalendar, type MacroCalendarOptions } from './macro-calendar.ts';
import { MacroLedger } from './macro-ledger.ts';
import { MacroNews } from './macro-news.ts';
import { macroTimeline } from './macro-timeline.ts';
import { exampleRecord } from './testing/macro-rows.ts';

const dueAtMs = Date.UTC(2026, 11, 10, 13, 30);
const minute = 60_000;

/** A source that says what it is given. */
class SpokenSource implements MacroSource {
  readonly name: string;
  records: readonly MacroRecord[] = [];
  failing = false;
  asked = 0;

  constructor(name = 'spoken') {
    this.name = name;
  }

  say(...records: readonly MacroRecord[]): void {
    this.records = records.map((record) => ({ ...record, source: this.name }));
  }

  async fetch(): Promise<MacroReading> {
    this.asked += 1;
    if (this.failing) throw new VenueError('macro.answer', 'no answer');
    return { records: this.records, refused: { count: 0, reasons: [] }, unchanged: false };
  }
}

/** A row without a time it became known at. */
const undated = (changes: Partial<Record<string, unknown>> = {}): MacroRecord => {
  const { knownAtMs: _, ...record } = exampleRecord(changes);
  return record;
};

async function running(
  startAtMs: number,
  sources: readonly MacroSource[],
  options: Partial<MacroCalendarOptions> = {},
) {
  const desk = serviceHarness({ startAtMs, instruments: [] });
  const calendar = new MacroCalendar({ clock: desk.clock, sources, desk: desk.service, ...options });
  await calendar.start();
  return { ...desk, calendar };
}

describe('MacroCalendar', () => {
  it('default: a figure that comes out while it is due is told within seconds, once, with its surprise', async () => {
    const source = new SpokenSource();
    source.say(undated({ consensus: 3 }));
    const { clock, state, durable, calendar } = await running(dueAtMs - 60 * minute, [source]);
    expect(state.upcoming(3 * 60 * minute)).toMatchObject([{ id: 'macro:US.CPI.YOY:2026-11', consensus: 3 }]);
    await clock.advanceTo(dueAtMs + 1000);
    source.say(undated({ consensus: 3, actual: 3.2 }));
    await clock.advanceTo(dueAtMs + 20_000);
    expect(state.released(60 * minute)).toMatchObject([{ actual: 3.2, releasedAtMs: dueAtMs + 15_000 }]);
    expect(state.released(60 * minute)[0]?.surprise).toBeCloseTo(2, 9);
    expect(state.upcoming(3 * 60 * minute)).toEqual([]);
    await clock.advanceTo(dueAtMs + 120 * minute);
    expect(durable()).toEqual(['macro.released:macro:US.CPI.YOY:2026-11']);
    await calendar.stop();
  });

  it('behavior: a revision is told as a release of its own, and adds up with the first', async () => {
    const source = new SpokenSource();
    source.say(undated({ consensus: 3, actual: 3.2 }));
    const { clock, state, durable, calendar } = await running(dueAtMs + 10 * minute, [source]);
    source.say(undated({ consensus: 3, actual: 3.1 }));
    await clock.advanceTo(dueAtMs + 30 * minute);
    const [revision, first] = state.released(60 * minute);
    expect(revision).toMatchObject({ actual: 3.1, revises: { number: 1, actual: 3.2, releasedAtMs: dueAtMs } });
    expect(revision?.event.consensus).toBeUndefined();
    expect(Math.sign(revision?.surprise ?? 0)).toBe(-1);
    expect(first).toMatchObject({ actual: 3.2 });
    expect(durable()).toEqual([
      'macro.released:macro:US.CPI.YOY:2026-11',
      'macro.released:macro:US.CPI.YOY:2026-11:revision-1',
    ]);
    await calendar.stop();
  });

  it('behavior: what came out long before the start is known, and no news', async () => {
    const source = new SpokenSource();
    source.say(undated({ actual: 3 }));
    const { state, durable, calendar } = await running(dueAtMs + 25 * 60 * minute, [source]);
    expect(state.released(48 * 60 * minute)).toHaveLength(1);
    expect(durable()).toEqual([]);
    await calendar.stop();
  });

  it('behavior: a figure that is in a file before its time waits for it', async () => {
    const source = new SpokenSource();
    source.say(undated({ actual: 3 }));
    const { clock, state, calendar } = await running(dueAtMs - 60 * minute, [source]);
    await clock.advanceTo(dueAtMs - 1);
    expect(state.released(60 * minute)).toEqual([]);
    await clock.advanceTo(dueAtMs);
    expect(state.released(60 * minute)).toMatchObject([{ actual: 3, releasedAtMs: dueAtMs }]);
    await calendar.stop();
  });

  it('behavior: a new date moves the event on the desk', async () => {
    const source = new SpokenSource();
    source.say(undated());
    const { clock, state, calendar } = await running(dueAtMs - 24 * 60 * minute, [source]);
    source.say(undated({ at: '2026-12-18T13:30:00Z' }));
    await clock.advanceTo(dueAtMs - 23 * 60 * minute);
    expect(state.upcoming(30 * 86_400_000).map(({ scheduledAtMs }) => scheduledAtMs)).toEqual([
      dueAtMs + 8 * 86_400_000,
    ]);
    await calendar.stop();
  });

  it('behavior: a failing source is said and asked again, the others go on', async () => {
    const [good, bad] = [new SpokenSource('good'), new SpokenSource('bad')];
    good.say(undated({ consensus: 3 }));
    bad.failing = true;
    const { clock, state, calendar } = await running(dueAtMs - 24 * 60 * minute, [bad, good]);
    expect(state.upcoming(30 * 86_400_000)).toHaveLength(1);
    expect(calendar.health()).toMatchObject({ status: 'degraded', detail: expect.stringContaining('bad: no answer') });
    bad.failing = false;
    await clock.advanceTo(dueAtMs - 23 * 60 * minute);
    expect(calendar.health().status).toBe('healthy');
    expect(bad.asked).toBe(7);
    await calendar.stop();
    expect(calendar.health()).toEqual({ status: 'stopped' });
    await clock.advanceTo(dueAtMs);
    expect(bad.asked).toBe(7);
  });

  it('behavior: what is scheduled and out by the same look is told as out alone', () => {
    const { steps } = macroTimeline([undated({ actual: 3 })]);
    const { before, now } = new MacroNews().take(steps, dueAtMs, 0);
    expect([before, now.map(({ kind }) => kind)]).toEqual([[], ['macro-released']]);
  });

  it('behavior: no more than its capacity is remembered, the latest events', () => {
    const ledger = new MacroLedger(5);
    const months = Array.from({ length: 12 }, (_, index) => String(index + 1).padStart(2, '0'));
    ledger.enter(
      'spoken',
      months.map((month) => undated({ period: `2026-${month}`, at: `2026-${month}-10T13:30:00Z` })),
      0,
    );
    expect(ledger.records().map((one) => one.referencePeriod)).toEqual(
      ['12', '11', '10', '09', '08'].map((month) => `2026-${month}`),
    );
  });
});

describe('FileMacroSource', () => {
  const folder = (): string => mkdtempSync(join(tmpdir(), 'macro-'));
  const line = 'series,at,consensus\nUS.CPI.YOY,2026-12-10T13:30:00Z,2.9\n';

  for (const { name, run } of macroSourceContract)
    it(name, () =>
      run(async () => {
        const directory = folder();
        writeFileSync(join(directory, 'calendar.csv'), line);
        return {
          source: new FileMacroSource({ path: join(directory, 'calendar.csv'), format: 'csv', name: 'mine' }),
          close: async () => rmSync(directory, { recursive: true }),
        };
      }),
    );

  it('default: a changed file is read again', async () => {
    const directory = folder();
    const path = join(directory, 'calendar.csv');
    writeFileSync(path, line);
    const source = new FileMacroSource({ path, format: 'csv' });
    expect((await source.fetch()).records).toHaveLength(1);
    expect((await source.fetch()).unchanged).toBe(true);
    writeFileSync(path, `${line}US.CPI.YOY,2027-01-13T13:30:00Z,2.8\n`);
    expect(await source.fetch()).toMatchObject({ unchanged: false, records: [{ consensus: 2.9 }, { consensus: 2.8 }] });
    rmSync(directory, { recursive: true });
  });

  it('error: a file that is not there, too large, or something else', async () => {
    const directory = folder();
    const path = join(directory, 'calendar.json');
    const source = (options: { maxBytes?: number } = {}) => new FileMacroSource({ path, format: 'json', ...options });
    await expect(source().fetch()).rejects.toMatchObject({ name: 'StoreError', code: 'macro.file' });
    writeFileSync(path, '{"a": 1}');
    await expect(source().fetch()).rejects.toMatchObject({ code: 'macro.content' });
    await expect(source({ maxBytes: 3 }).fetch()).rejects.toMatchObject({ code: 'macro.file' });
    rmSync(directory, { recursive: true });
  });
});
