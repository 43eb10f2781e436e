import { type LanguageModel, ModelError, SimulatedClock, StoreError } from '@perpdesk/core';
import { testDatabases } from '@perpdesk/core/testing';
import { afterEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { exampleAnswer, exampleQuestion } from '../../testing/question.ts';
import { ScriptedModel } from '../scripted-model.ts';
import type { AnswerStore } from './answer-store.ts';
import { CachedModel, type CachedModelOptions } from './cached-model.ts';
import { SqlAnswerStore } from './sql-answer-store.ts';
import { untilNextClose } from './until-next-close.ts';

const usage = { inputTokens: 100, outputTokens: 20 };

function cached(options: Partial<CachedModelOptions> = {}, answer: () => unknown = () => exampleAnswer) {
  const clock = new SimulatedClock({ startAtMs: 1_000 });
  const asked = new ScriptedModel({ usage, answer });
  return { clock, asked, model: new CachedModel({ model: asked, clock, ...options }) };
}

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

describe('CachedModel', () => {
  it('default: the same question is asked once, and the kept answer says so', async () => {
    const { asked, model } = cached();
    expect(await model.generate(exampleQuestion())).toEqual({
      value: exampleAnswer,
      model: 'scripted',
      usage,
      attempts: 1,
    });
    expect(await model.generate(exampleQuestion({ timeoutMs: 1, context: { userId: 'bob' } }))).toEqual({
      value: exampleAnswer,
      model: 'scripted',
      usage: { inputTokens: 0, outputTokens: 0 },
      attempts: 1,
      costUsd: 0,
      kept: true,
    });
    expect(asked.questions).toHaveLength(1);
  });

  it.each([
    ['features', { prompt: 'features: {"rsi":62}' }],
    ['prompt version', { purpose: 'example/2' }],
    ['instructions', { system: 'You judge well.' }],
    ['schema', { schema: z.object({ score: z.number(), reasoning: z.string() }) }],
    ['bound of the output', { maxOutputTokens: 9 }],
  ] as const)('behavior: other %s make another question', async (_, change) => {
    const { asked, model } = cached();
    await model.generate(exampleQuestion());
    await model.generate(exampleQuestion(change as never));
    expect(asked.questions).toHaveLength(2);
  });

  it('behavior: equal questions at once are one question, and share no object', async () => {
    const { asked, model } = cached();
    const answers = await Promise.all(Array.from({ length: 50 }, () => model.generate(exampleQuestion())));
    expect(asked.questions).toHaveLength(1);
    expect(answers.filter(({ kept }) => kept !== true)).toHaveLength(1);
    expect(new Set(answers.map(({ value }) => value)).size).toBe(50);
    for (const { value } of answers) expect(value).toEqual(exampleAnswer);
  });

  it('behavior: one who gives up does not end it for the others; when all have, the model is let go', async () => {
    const answer = Promise.withResolvers<typeof exampleAnswer>();
    const signals: AbortSignal[] = [];
    const clock = new SimulatedClock();
    const slow: LanguageModel = {
      name: 'slow',
      generate: async (request, options) => {
        if (options?.signal) signals.push(options.signal);
        return { value: request.schema.parse(await answer.promise) as never, model: 'slow', usage, attempts: 1 };
      },
    };
    const model = new CachedModel({ model: slow, clock });
    const aborts = [new AbortController(), new AbortController()];
    const [first, second] = aborts.map(({ signal }) =>
      model.generate(exampleQuestion(), { signal }).catch((error: unknown) => error),
    );
    aborts[0]?.abort();
    expect(await first).toMatchObject({ code: 'model.timeout' });
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
    const third = model.generate(exampleQuestion());
    aborts[1]?.abort();
    expect(await second).toMatchObject({ code: 'model.timeout' });
    answer.resolve(exampleAnswer);
    expect(await third).toMatchObject({ value: exampleAnswer });
    expect(signals).toHaveLength(1);

    const hanging = cached({}, () => new Promise(() => {}));
    const lone = new AbortController();
    const asked = hanging.model.generate(exampleQuestion(), { signal: lone.signal }).catch((error: unknown) => error);
    lone.abort();
    expect(await asked).toMatchObject({ code: 'model.timeout' });
    // Nobody joins what was given up.
    void hanging.model.generate(exampleQuestion()).catch(() => undefined);
    await Promise.resolve();
    await Promise.resolve();
    expect(hanging.asked.questions.length).toBe(2);
  });

  it('behavior: who joins a question that runs out of time asks anew with what is left', async () => {
    let times = 0;
    const clock = new SimulatedClock();
    const model = new CachedModel({
      model: {
        name: 'm',
        generate: async (request) => {
          times += 1;
          await clock.sleep(request.timeoutMs / 2);
          if (times === 1) throw new ModelError('model.timeout', 'Late.', { retryable: true });
          return { value: request.schema.parse(exampleAnswer) as never, model: 'm', usage, attempts: 1 };
        },
      },
      clock,
    });
    const short = model.generate(exampleQuestion({ timeoutMs: 1_000 })).catch((error: unknown) => error);
    const long = model.generate(exampleQuestion({ timeoutMs: 5_000 }));
    await clock.advanceBy(5_000);
    expect(await short).toMatchObject({ code: 'model.timeout' });
    expect(await long).toMatchObject({ value: exampleAnswer });
  });

  it('behavior: failures are not kept', async () => {
    let isDown = true;
    const { model } = cached({}, () => {
      if (isDown) throw new ModelError('model.unavailable', 'Down.');
      return exampleAnswer;
    });
    await expect(model.generate(exampleQuestion())).rejects.toMatchObject({ code: 'model.unavailable' });
    isDown = false;
    expect((await model.generate(exampleQuestion())).value).toEqual(exampleAnswer);
  });

  it('behavior: answers grow old at the close of a bar', async () => {
    const clock = new SimulatedClock({ startAtMs: 890_000 });
    const asked = new ScriptedModel({ answer: () => exampleAnswer });
    const model = new CachedModel({ model: asked, clock, ttlMs: untilNextClose(clock, '15m') });
    await model.generate(exampleQuestion());
    await clock.advanceTo(899_999);
    expect((await model.generate(exampleQuestion())).kept).toBe(true);
    await clock.advanceTo(900_000);
    expect((await model.generate(exampleQuestion())).kept).toBeUndefined();
    const never = cached({ ttlMs: () => 0 });
    await never.model.generate(exampleQuestion());
    await never.model.generate(exampleQuestion());
    expect(never.asked.questions).toHaveLength(2);
  });

  it('behavior: memory is bounded', async () => {
    const { asked, model } = cached({ hot: 2 });
    for (const prompt of ['a', 'b', 'c', 'a']) await model.generate(exampleQuestion({ prompt }));
    expect(asked.questions).toHaveLength(4);
  });

  it('behavior: a kept answer is heard whole by whoever watches', async () => {
    const { model } = cached();
    await model.generate(exampleQuestion());
    const heard: string[] = [];
    await model.generate(exampleQuestion(), { onText: (piece) => heard.push(piece) });
    expect(heard).toEqual([JSON.stringify(exampleAnswer)]);
  });

  it('error: a store that fails costs no answer', async () => {
    const failure = () => Promise.reject(new StoreError('database.full', 'Full.'));
    const store: AnswerStore = { open: failure, get: failure, put: failure, prune: failure };
    const { model } = cached({ store });
    expect((await model.generate(exampleQuestion())).value).toEqual(exampleAnswer);
    await model.flush();
  });

  it('error: a store that hangs is given up at the time of the question', async () => {
    const store: AnswerStore = {
      open: async () => {},
      get: () => new Promise(() => {}),
      put: async () => {},
      prune: async () => {},
    };
    const { clock, model } = cached({ store });
    const asked = model.generate(exampleQuestion({ timeoutMs: 500 })).catch((error: unknown) => error);
    await clock.advanceBy(500);
    expect(await asked).toMatchObject({ code: 'model.timeout' });
  });
});

describe.each(await testDatabases())('SqlAnswerStore on $title', ({ available, make }) => {
  it.skipIf(!available)('default: answers outlive the process, until they expire', async () => {
    const database = await make();
    cleanups.push(() => database.drop());
    const store = new SqlAnswerStore({ database: await database.open() });
    await store.open();
    const first = cached({ store, ttlMs: () => 10_000 });
    await first.model.generate(exampleQuestion());
    await first.model.flush();

    const second = cached({ store });
    expect(await second.model.generate(exampleQuestion())).toMatchObject({
      value: exampleAnswer,
      kept: true,
      model: 'scripted',
    });
    expect(second.asked.questions).toHaveLength(0);
    // It was kept at 1,000 for 10,000.
    await second.clock.advanceTo(11_000);
    expect((await second.model.generate(exampleQuestion())).kept).toBeUndefined();
  });

  it.skipIf(!available)('behavior: forgets what has expired or is old', async () => {
    const database = await make();
    cleanups.push(() => database.drop());
    const store = new SqlAnswerStore({ database: await database.open() });
    await store.open();
    const answer = { value: exampleAnswer, model: 'm', attempts: 1 } as const;
    await store.put('expires', { ...answer, expiresAtMs: 100 }, 10);
    await store.put('stays', answer, 10);
    await store.put('stays', { ...answer, model: 'newer' }, 20);
    await store.prune({ expiredMs: 99 });
    expect(await store.get('expires')).toEqual({ ...answer, expiresAtMs: 100 });
    await store.prune({ expiredMs: 100 });
    expect([await store.get('expires'), await store.get('stays')]).toEqual([undefined, { ...answer, model: 'newer' }]);
    await store.prune({ expiredMs: 0, keptMs: 21 });
    expect(await store.get('stays')).toBeUndefined();
  });
});
