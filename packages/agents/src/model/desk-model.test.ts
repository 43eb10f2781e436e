import { ModelError, SeededRandom, SimulatedClock, SortableIdGenerator } from '@perpdesk/core';
import { testDatabases } from '@perpdesk/core/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { exampleAnswer, exampleQuestion } from '../testing/question.ts';
import { MemoryModelLedger } from './budget/memory-model-ledger.ts';
import { SqlModelLedger } from './budget/sql-model-ledger.ts';
import { SqlAnswerStore } from './cache/sql-answer-store.ts';
import { DeskModel, type DeskModelOptions } from './desk-model.ts';
import { guardOf } from './guard/guard-of.ts';
import { MemoryModelJournal } from './journal/memory-model-journal.ts';
import { ReplayModel } from './journal/replay-model.ts';
import { SqlModelJournal } from './journal/sql-model-journal.ts';
import { ScriptedModel } from './scripted-model.ts';

const startAtMs = Date.UTC(2025, 6, 21, 12);
const day = '2025-07-21';
const about = { inputUsdPerMillion: 1, outputUsdPerMillion: 4 };
const usage = { inputTokens: 100, outputTokens: 20 };
const unavailable = new ModelError('model.unavailable', 'Status 500.', {
  retryable: true,
  usage: { inputTokens: 0, outputTokens: 0 },
});

let desks = 0;
function desk(options: Partial<DeskModelOptions> & Pick<DeskModelOptions, 'models'>) {
  const clock = new SimulatedClock({ startAtMs });
  const random = new SeededRandom(`desk ${desks++}`);
  const ledger = new MemoryModelLedger();
  const journal = new MemoryModelJournal();
  const ids = new SortableIdGenerator({ clock, random });
  return { clock, ledger, journal, model: new DeskModel({ clock, random, ids, ledger, journal, ...options }) };
}

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

describe('DeskModel', () => {
  it('default: retries, falls back, counts each question that left, keeps the answer and records all of it', async () => {
    const cloud = new ScriptedModel({ name: 'cloud', about, answer: () => Promise.reject(unavailable) });
    const local = new ScriptedModel({ name: 'local', about, usage, answer: () => exampleAnswer });
    const { clock, ledger, journal, model } = desk({ models: [cloud, local] });
    const context = { traceId: 't1', roundKey: 'r1' };
    const asked = model.generate(exampleQuestion({ context }));
    await clock.advanceBy(1_000);
    expect(await asked).toMatchObject({ value: exampleAnswer, model: 'local' });
    expect(await model.generate(exampleQuestion({ context }))).toMatchObject({ model: 'local', kept: true });
    await model.flush();
    expect([cloud.questions.length, local.questions.length]).toEqual([2, 1]);
    expect(await ledger.spent({ traceId: 't1' })).toMatchObject({
      calls: 3,
      failedCalls: 2,
      inputTokens: 100,
      usd: 0.00018,
    });
    expect((await journal.read({ traceId: 't1' })).map(({ outcome, model: name }) => [outcome.kind, name])).toEqual([
      ['answered', 'local'],
      ['answered', 'local'],
    ]);
    const replay = new ReplayModel({ journal });
    expect((await replay.generate(exampleQuestion())).value).toEqual(exampleAnswer);
    expect(model.about).toEqual({ ...about, reasoningTokens: 0, asksRepeatedly: true });
  });

  it('behavior: a model whose breaker is open costs no time, and the next one answers', async () => {
    const cloud = new ScriptedModel({ name: 'cloud', about, answer: () => Promise.reject(unavailable) });
    const local = new ScriptedModel({ name: 'local', about, answer: () => exampleAnswer });
    const { clock, model } = desk({ models: [cloud, local], attempts: 1 });
    for (let i = 0; i < 8; i += 1) await model.generate(exampleQuestion({ prompt: `${i}` }));
    expect([cloud.questions.length, local.questions.length, clock.nowMs() - startAtMs]).toEqual([5, 8, 0]);
  });

  it('behavior: what agents keep from it while they leave it alone is in the journal', async () => {
    const cloud = new ScriptedModel({ about, answer: () => Promise.reject(unavailable) });
    const { clock, journal, model } = desk({ models: [cloud], attempts: 1 });
    const guarded = guardOf(model, clock);
    for (let i = 0; i < 7; i += 1) await guarded.generate(exampleQuestion({ prompt: `${i}` })).catch(() => undefined);
    await model.flush();
    const codes = (await journal.read()).map(({ outcome }) => outcome.kind === 'failed' && outcome.code);
    expect(codes).toEqual([...Array(5).fill('model.unavailable'), ...Array(2).fill('model.circuit-open')]);
    expect(cloud.questions).toHaveLength(5);
  });

  it('behavior: a budget ends the question with its code, which is recorded', async () => {
    const cloud = new ScriptedModel({ about, usage, answer: () => exampleAnswer });
    const { journal, model } = desk({ models: [cloud], budgets: { round: { usd: 0.0001 } } });
    await expect(model.generate(exampleQuestion({ context: { roundKey: 'r1' } }))).rejects.toMatchObject({
      code: 'model.over-budget',
    });
    await model.flush();
    expect(await journal.read({ roundKey: 'r1' })).toMatchObject([
      { outcome: { kind: 'failed', code: 'model.over-budget' } },
    ]);
    expect(cloud.questions).toHaveLength(0);
  });
});

describe.each(await testDatabases())('DeskModel over $title', ({ available, make }) => {
  it.skipIf(!available)('behavior: ledger, journal and answers share a database and survive a restart', async () => {
    const database = await make();
    cleanups.push(() => database.drop());
    const open = async () => {
      const opened = { database: await database.open() };
      const stores = {
        ledger: new SqlModelLedger(opened),
        journal: new SqlModelJournal(opened),
        answers: new SqlAnswerStore(opened),
      };
      for (const store of Object.values(stores)) await store.open();
      return stores;
    };
    const cloud = new ScriptedModel({ about, usage, answer: () => exampleAnswer });
    const first = desk({ models: [cloud], ...(await open()) }).model;
    await Promise.all(Array.from({ length: 20 }, (_, i) => first.generate(exampleQuestion({ prompt: `${i}` }))));
    await first.flush();
    const stores = await open();
    const second = desk({ models: [cloud], ...stores }).model;
    expect((await second.generate(exampleQuestion({ prompt: '7' }))).kept).toBe(true);
    await second.flush();
    expect(await stores.ledger.spent({ day })).toMatchObject({
      calls: 20,
      failedCalls: 0,
      inputTokens: 2_000,
      usd: 0.0036,
    });
    expect(await stores.journal.read({ limit: 1_000 })).toHaveLength(21);
    expect(cloud.questions).toHaveLength(20);
  });
});
