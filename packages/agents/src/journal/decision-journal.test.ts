import { type DecisionJournal, type DecisionRecord, SimulatedClock, StoreError } from '@perpdesk/core';
import { Redactor } from '@perpdesk/core/security';
import { testDatabases } from '@perpdesk/core/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { DecisionRecorder, type DecisionRecorderOptions, type NewDecisionRecord } from './decision-recorder.ts';
import { MemoryDecisionJournal } from './memory-decision-journal.ts';
import { SqlDecisionJournal } from './sql-decision-journal.ts';

const startAtMs = Date.UTC(2025, 6, 21, 12);
const dayMs = 86_400_000;

const record = (change: Partial<NewDecisionRecord> = {}): NewDecisionRecord => ({
  kind: 'opinion',
  subject: 'opinion:vanta:BTC-PERP:1',
  agent: 'vanta',
  traceId: 't1',
  inputs: {
    method: { name: 'vanta', promptVersion: 1, promptHash: 'a'.repeat(64) },
    reading: { features: { 'z.last': 1, 'a.first': 0.1 + 0.2 }, keyLevels: [] },
    rules: { score: 12.5 },
    asked: { key: 'b'.repeat(64), answerHash: 'c'.repeat(64) },
  },
  ...change,
});

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

const kinds = [
  { title: 'memory', available: true, open: async (): Promise<DecisionJournal> => new MemoryDecisionJournal() },
  ...(await testDatabases()).map(({ title, available, make }) => ({
    title,
    available,
    open: async (): Promise<DecisionJournal> => {
      const database = await make();
      cleanups.push(() => database.drop());
      const journal = new SqlDecisionJournal({ database: await database.open() });
      await journal.open();
      return journal;
    },
  })),
];

function recording(journal: DecisionJournal, options: Partial<DecisionRecorderOptions> = {}) {
  const clock = new SimulatedClock({ startAtMs });
  return { clock, recorder: new DecisionRecorder({ journal, clock, ...options }) };
}

describe.each(kinds)('DecisionJournal in $title', ({ available, open }) => {
  it.skipIf(!available)(
    'default: what was recorded is found by its subject, to the digit and in its order',
    async () => {
      const journal = await open();
      const { recorder } = recording(journal);
      recorder.record(record());
      recorder.record(record({ subject: 'round.concluded:r1', kind: 'round', roundKey: 'r1', agent: 'war-room' }));
      await recorder.flush();
      const [found, ...others] = await journal.find('opinion:vanta:BTC-PERP:1');
      expect(others).toEqual([]);
      expect(found).toEqual({
        ...record(),
        id: expect.stringMatching(/^opinion:vanta:BTC-PERP:1#[0-9a-f]{32}$/),
        atMs: startAtMs,
      });
      expect(Object.keys(Object(found?.inputs.reading).features)).toEqual(['z.last', 'a.first']);
      expect((await journal.read({ traceId: 't1' })).length).toBe(2);
      expect((await journal.read({ roundKey: 'r1' })).map(({ kind }) => kind)).toEqual(['round']);
      expect(await journal.find('opinion:luma:BTC-PERP:1')).toEqual([]);
    },
  );

  it.skipIf(!available)('behavior: the same is kept once, another try beside it, the first written first', async () => {
    const journal = await open();
    const { clock, recorder } = recording(journal);
    recorder.record(record());
    await recorder.flush();
    await clock.advanceBy(1_000);
    recorder.record(record());
    recorder.record(record({ inputs: { method: { name: 'vanta' }, absent: 'no-data' } }));
    await recorder.flush();
    const found = await journal.find('opinion:vanta:BTC-PERP:1');
    expect(found.map(({ atMs, inputs }) => [atMs, inputs.absent])).toEqual([
      [startAtMs, undefined],
      [startAtMs + 1_000, 'no-data'],
    ]);
  });

  it.skipIf(!available)('behavior: forgets by age, by itself, and by user', async () => {
    const journal = await open();
    const { clock, recorder } = recording(journal, { keepMs: 30 * dayMs });
    recorder.record(record({ subject: 'old' }));
    await recorder.flush();
    await clock.advanceBy(31 * dayMs);
    recorder.record(record({ subject: 'hers', userId: 'alice' }));
    recorder.record(record({ subject: 'new' }));
    await recorder.flush();
    expect(new Set((await journal.read()).map(({ subject }) => subject))).toEqual(new Set(['hers', 'new']));
    await journal.prune({ userId: 'alice' });
    expect((await journal.read()).map(({ subject }) => subject)).toEqual(['new']);
  });

  it.skipIf(!available)('behavior: some hundred records go in at once', async () => {
    const journal = await open();
    const { recorder } = recording(journal);
    for (let i = 0; i < 450; i += 1) recorder.record(record({ subject: `s${i}` }));
    await recorder.flush();
    expect((await journal.read()).length).toBe(450);
    expect(recorder.unrecorded).toBe(0);
  });
});

describe('DecisionRecorder', () => {
  it('behavior: writes off the path, in one batch', async () => {
    const batches: number[] = [];
    const journal = new MemoryDecisionJournal();
    const append = journal.append.bind(journal);
    journal.append = (records) => {
      batches.push(records.length);
      return append(records);
    };
    const { recorder } = recording(journal);
    recorder.record(record());
    recorder.record(record({ subject: 'other' }));
    expect(batches).toEqual([]);
    await recorder.flush();
    expect(batches).toEqual([2]);
  });

  it('behavior: what is recorded stays as it was when it was handed over', async () => {
    const journal = new MemoryDecisionJournal();
    const { recorder } = recording(journal);
    const features = { rsi: 61 };
    recorder.record(record({ inputs: { method: { name: 'vanta' }, reading: { features } } }));
    features.rsi = 12;
    await recorder.flush();
    const [found] = await journal.read();
    expect(found?.inputs.reading).toEqual({ features: { rsi: 61 } });
  });

  it('error: a journal that can not be written is counted and said, and nothing is thrown', async () => {
    const journal = new MemoryDecisionJournal();
    journal.append = () => Promise.reject(new StoreError('database.full', 'Full.'));
    const { recorder } = recording(journal);
    recorder.record(record());
    await recorder.flush();
    expect(recorder.unrecorded).toBe(1);
  });

  it('error: a journal that hangs holds nobody up, and what waits for it is bounded', async () => {
    const journal = new MemoryDecisionJournal();
    journal.append = () => new Promise(() => {});
    const wallClock = new SimulatedClock();
    const { recorder } = recording(journal, { wallClock });
    for (let i = 0; i < 1_005; i += 1) recorder.record(record({ subject: `s${i}` }));
    const flushed = recorder.flush({ withinMs: 1_000 });
    await wallClock.advanceBy(1_000);
    await flushed;
    expect(recorder.unrecorded).toBe(5);
  });

  it('behavior: credentials in what was read are masked, and hashes are not', async () => {
    const journal = new MemoryDecisionJournal();
    const { recorder } = recording(journal, { redactor: new Redactor({ secrets: ['correct-horse-battery'] }) });
    const reading = { title: `My key is correct-horse-battery and 0x${'4f'.repeat(32)}` };
    recorder.record(record({ inputs: { ...record().inputs, reading } }));
    await recorder.flush();
    const [found] = await journal.read();
    expect(JSON.stringify(found)).not.toMatch(/correct-horse|4f4f/);
    expect(found?.inputs.asked).toEqual(record().inputs.asked);
  });

  it('error: a reading as large as a flood of foreign text is not kept', async () => {
    const journal = new MemoryDecisionJournal();
    const { recorder } = recording(journal);
    recorder.record(record({ inputs: { method: { name: 'x' }, reading: 'x'.repeat(300_000) } }));
    await recorder.flush();
    expect([await journal.read(), recorder.unrecorded]).toEqual([[], 1]);
  });

  it('behavior: the journal of this process keeps the last records', async () => {
    const journal = new MemoryDecisionJournal({ limit: 2 });
    const rows = ['a', 'b', 'c'].map((id): DecisionRecord => ({ ...record({ subject: id }), id, atMs: 1 }));
    await journal.append(rows);
    expect((await journal.read()).map(({ id }) => id)).toEqual(['b', 'c']);
  });
});
