import { ModelError, SeededRandom, SimulatedClock, SortableIdGenerator, StoreError } from '@perpdesk/core';
import { Redactor } from '@perpdesk/core/security';
import { testDatabases } from '@perpdesk/core/testing';
import { afterEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { exampleAnswer, exampleQuestion } from '../../testing/question.ts';
import { GuardedModel } from '../guard/guarded-model.ts';
import { ScriptedModel, type ScriptedModelOptions } from '../scripted-model.ts';
import { MemoryModelJournal } from './memory-model-journal.ts';
import type { ModelJournal } from './model-journal.ts';
import { RecordingModel, type RecordingModelOptions } from './recording-model.ts';
import { ReplayModel } from './replay-model.ts';
import { SqlModelJournal } from './sql-model-journal.ts';

let recorders = 0;
const startAtMs = Date.UTC(2025, 6, 21, 12);
const usage = { inputTokens: 100, outputTokens: 20 };

function recording(
  journal: ModelJournal,
  answer: ScriptedModelOptions['answer'] = () => exampleAnswer,
  options: Partial<RecordingModelOptions> = {},
) {
  const clock = new SimulatedClock({ startAtMs });
  // Ids of two processes differ by chance.
  const ids = new SortableIdGenerator({ clock, random: new SeededRandom(`journal ${recorders++}`) });
  const model = new ScriptedModel({ usage, answer });
  return { clock, model: new RecordingModel({ model, journal, clock, ids, ...options }) };
}

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

const kinds = [
  { title: 'memory', available: true, open: async (): Promise<ModelJournal> => new MemoryModelJournal() },
  ...(await testDatabases()).map(({ title, available, make }) => ({
    title,
    available,
    open: async (): Promise<ModelJournal> => {
      const database = await make();
      cleanups.push(() => database.drop());
      const journal = new SqlModelJournal({ database: await database.open() });
      await journal.open();
      return journal;
    },
  })),
];

describe.each(kinds)('ModelJournal in $title', ({ available, open }) => {
  it.skipIf(!available)('default: a question is recorded whole and replayed without a model', async () => {
    const journal = await open();
    const context = { agent: 'vanta', roundKey: 'r1', traceId: 't1' };
    const { model } = recording(journal);
    const answer = await model.generate(exampleQuestion({ context }));
    await model.flush();
    const [record, ...others] = await journal.read({ traceId: 't1' });
    expect(others).toEqual([]);
    expect(record).toEqual({
      id: expect.stringMatching(/^question_/),
      key: expect.stringMatching(/^[0-9a-f]{64}$/),
      purpose: 'example/1',
      model: 'scripted',
      system: 'You judge.',
      systemHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      prompt: 'features: {"rsi":61}',
      schemaName: 'example',
      schema: expect.stringContaining('"score"'),
      schemaHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      context,
      atMs: startAtMs,
      latencyMs: 0,
      endOrder: 1,
      outcome: { kind: 'answered', value: exampleAnswer, attempts: 1, kept: false },
      usage,
    });
    const replayed = await new ReplayModel({ journal }).generate(exampleQuestion({ timeoutMs: 1, context: {} }));
    expect(replayed).toEqual({ ...answer, usage: { inputTokens: 0, outputTokens: 0 }, costUsd: 0, kept: true });
  });

  it.skipIf(!available)(
    'behavior: repeated questions are replayed in their order, failures as they were, and no more',
    async () => {
      const journal = await open();
      const { model } = recording(journal, (_, index) => {
        if (index === 1) throw new ModelError('model.unavailable', 'Status 500.', { retryable: true });
        return { ...exampleAnswer, score: index };
      });
      for (let i = 0; i < 3; i += 1) await model.generate(exampleQuestion()).catch(() => undefined);
      await model.flush();
      const replay = new ReplayModel({ journal });
      const replayed = await Promise.all(
        Array.from({ length: 4 }, () =>
          replay.generate(exampleQuestion()).then(
            ({ value }) => value.score,
            (error: unknown) => (ModelError.is(error) ? [error.code, error.message, error.retryable] : error),
          ),
        ),
      );
      expect(replayed).toEqual([
        0,
        ['model.unavailable', 'Status 500.', true],
        2,
        ['model.not-recorded', 'By the journal this question of example/1 was asked only 3 times.', false],
      ]);
    },
  );

  it.skipIf(!available)(
    'error: what was not asked is not answered, and neither is what was asked for another decision',
    async () => {
      const journal = await open();
      const { model } = recording(journal);
      await model.generate(exampleQuestion({ context: { traceId: 't1' } }));
      await model.flush();
      const other = exampleQuestion({ prompt: 'features: {"rsi":62}' });
      await expect(new ReplayModel({ journal }).generate(other)).rejects.toMatchObject({ code: 'model.not-recorded' });
      const ofAnother = new ReplayModel({ journal, of: { traceId: 't2' } });
      await expect(ofAnother.generate(exampleQuestion())).rejects.toMatchObject({ code: 'model.not-recorded' });
      const stricter = exampleQuestion({
        schema: z.object({ score: z.number().max(1), reasoning: z.string() }) as never,
      });
      await expect(new ReplayModel({ journal }).generate(stricter)).rejects.toMatchObject({
        code: 'model.not-recorded',
      });
    },
  );

  it.skipIf(!available)('behavior: is read by decision and by round, in pages', async () => {
    const journal = await open();
    const { model } = recording(journal);
    for (let i = 0; i < 5; i += 1)
      await model.generate(exampleQuestion({ prompt: `${i}`, context: { traceId: 't1', roundKey: `r${i % 2}` } }));
    await model.flush();
    const prompts = async (query: Parameters<ModelJournal['read']>[0]) =>
      (await journal.read(query)).map(({ prompt }) => prompt);
    expect(await prompts({ roundKey: 'r1' })).toEqual(['1', '3']);
    const [, second] = await journal.read({ traceId: 't1', limit: 2 });
    expect(await prompts({ traceId: 't1', afterId: second?.id ?? '' })).toEqual(['2', '3', '4']);
    expect(await prompts({ traceId: 't2' })).toEqual([]);
  });

  it.skipIf(!available)('error: two questions of one id are not one record', async () => {
    const journal = await open();
    const { model } = recording(journal);
    await model.generate(exampleQuestion());
    await model.flush();
    const [record] = await journal.read();
    if (record === undefined) throw new Error('no record');
    await expect(journal.append({ ...record, prompt: 'another' })).rejects.toMatchObject({ name: 'StoreError' });
    expect((await journal.read()).map(({ prompt }) => prompt)).toEqual([record.prompt]);
  });

  it.skipIf(!available)('behavior: forgets by age and by user', async () => {
    const journal = await open();
    const { clock, model } = recording(journal);
    await model.generate(exampleQuestion({ prompt: 'old' }));
    await clock.advanceBy(1_000);
    await model.generate(exampleQuestion({ prompt: 'hers', context: { userId: 'alice' } }));
    await model.generate(exampleQuestion({ prompt: 'his', context: { userId: 'bob' } }));
    await model.flush();
    await journal.prune({ beforeMs: startAtMs + 1 });
    expect((await journal.read()).map(({ prompt }) => prompt)).toEqual(['hers', 'his']);
    await journal.prune({ userId: 'alice' });
    expect(await journal.read()).toMatchObject([{ prompt: 'his', system: 'You judge.' }]);
    await model.generate(exampleQuestion({ prompt: 'said', context: { userId: 'bob', agent: 'orchestrator' } }));
    await model.generate(exampleQuestion({ prompt: 'hers', context: { userId: 'alice', agent: 'orchestrator' } }));
    await model.flush();
    await journal.prune({ userId: 'bob', agent: 'orchestrator' });
    expect((await journal.read()).map(({ prompt }) => prompt)).toEqual(['his', 'hers']);
    await journal.prune({ userId: 'bob', agent: 'koda' });
    expect(await journal.read()).toHaveLength(2);
    await journal.prune({ userId: 'alice' });
    await journal.prune({ userId: 'bob' });
    await model.generate(exampleQuestion({ prompt: 'new' }));
    await model.flush();
    expect(await journal.read()).toMatchObject([{ prompt: 'new', system: 'You judge.' }]);
  });
});

describe('RecordingModel', () => {
  it('error: a journal that can not be written loses no answer, and that is said', async () => {
    const journal = new MemoryModelJournal();
    journal.append = () => Promise.reject(new StoreError('database.full', 'Full.'));
    const lines: unknown[] = [];
    const logger = {
      debug() {},
      info() {},
      warn() {},
      error: (fields: object) => lines.push(fields),
      child: () => logger,
    };
    const { model } = recording(journal, undefined, { logger });
    expect((await model.generate(exampleQuestion())).value).toEqual(exampleAnswer);
    await model.flush();
    expect([model.unrecorded, lines.length]).toEqual([1, 1]);
  });

  it('error: a journal that hangs holds up no answer, and what waits for it is bounded', async () => {
    const journal = new MemoryModelJournal();
    journal.append = () => new Promise(() => {});
    const { model } = recording(journal);
    for (let i = 0; i < 1_005; i += 1) await model.generate(exampleQuestion());
    expect(model.unrecorded).toBe(5);
  });

  it.each([
    ['a secret it was told of', 'correct-horse-battery'],
    ['a key', 'sk-proj-abcdefghijklmnop1234'],
    ['a header', 'Authorization: Bearer abcdefghijklmnop.qrstuv'],
    ['a token', 'eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.c2lnbmF0dXJl'],
    ['a private key', `0x${'4f'.repeat(32)}`],
    ['a private key in PEM', '-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----'],
  ])('behavior: %s is in none of its texts, and the decision is replayed all the same', async (_, secret) => {
    const journal = new MemoryModelJournal();
    const redactor = new Redactor({ secrets: ['correct-horse-battery'] });
    const answer = { score: 1, reasoning: `You said ${secret}\nand "more".` };
    const { model } = recording(journal, () => answer, { redactor });
    const question = exampleQuestion({ prompt: `My key: ${secret}`, system: `S ${secret}` });
    expect((await model.generate(question)).value).toEqual(answer);
    await model.flush();
    const [record] = await journal.read();
    const bare = secret.split(/\s/).at(-1) ?? secret;
    expect(JSON.stringify(record)).not.toContain(bare);
    const replayed = await new ReplayModel({ journal }).generate(question);
    expect(replayed.value.score).toBe(1);
    expect(replayed.value.reasoning).toContain('[secret]');
    expect(replayed.value.reasoning).toContain('\nand "more".');
  });

  it('behavior: the order of ends is recorded, what came when nobody waited any more, and what was never asked', async () => {
    const journal = new MemoryModelJournal();
    const ends = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const { model } = recording(journal, async (_, index) => {
      await ends[index]?.promise;
      return exampleAnswer;
    });
    const abort = new AbortController();
    const asked = [model.generate(exampleQuestion(), { signal: abort.signal }), model.generate(exampleQuestion())];
    const guarded = new GuardedModel({ model, clock: new SimulatedClock(), failures: 1 });
    guarded.refused(exampleQuestion(), new ModelError('model.circuit-open', 'Left alone.', { retryable: true }));
    ends[1]?.resolve();
    await asked[1];
    abort.abort();
    ends[0]?.resolve();
    await asked[0];
    await model.flush();
    const [first, second, refused] = await journal.read();
    expect(first).toMatchObject({ endOrder: 3, late: true, outcome: { kind: 'answered' } });
    expect([second?.endOrder, second?.late]).toEqual([2, undefined]);
    expect(refused).toMatchObject({
      ...{ endOrder: 1, latencyMs: 0 },
      outcome: { kind: 'failed', code: 'model.circuit-open', message: 'Left alone.', retryable: true },
    });
  });

  it('behavior: kept answers are recorded as kept, latency in the machine’s time', async () => {
    const journal = new MemoryModelJournal();
    const wallClock = new SimulatedClock();
    const { model } = recording(
      journal,
      async () => {
        await wallClock.sleep(700);
        return exampleAnswer;
      },
      { wallClock },
    );
    const asked = model.generate(exampleQuestion());
    await wallClock.advanceBy(700);
    await asked;
    const replay = recording(journal, undefined, { model: new ReplayModel({ journal }) }).model;
    await model.flush();
    await replay.generate(exampleQuestion({ context: { traceId: 'replayed' } }));
    await replay.flush();
    expect(await journal.read({ limit: 2 })).toContainEqual(
      expect.objectContaining({ latencyMs: 700, atMs: startAtMs }),
    );
    expect(await journal.read({ traceId: 'replayed' })).toMatchObject([
      { outcome: { kept: true }, model: 'scripted', costUsd: 0 },
    ]);
  });
});
