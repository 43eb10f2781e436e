import { ScriptedModel } from '@perpdesk/agents';
import { ModelError, SeededRandom, SimulatedClock, SortableIdGenerator, silentLogger } from '@perpdesk/core';
import { openDatabase } from '@perpdesk/core/database';
import { afterEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { modelSpend } from './model-spend.ts';
import { ModelStack } from './model-stack.ts';

const startAtMs = Date.UTC(2026, 0, 5, 12);
const about = { inputUsdPerMillion: 1, outputUsdPerMillion: 4 };
const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Answers, or fails on what a user wrote. */
const model = new ScriptedModel({
  ...{ name: 'served', about, usage: { inputTokens: 100, outputTokens: 20 } },
  answer: ({ prompt }) =>
    prompt.includes('fail')
      ? Promise.reject(new ModelError('model.invalid', 'Not what was asked for.', { retryable: false }))
      : { word: 'yes' },
});
const question = (prompt: string, userId?: string) => ({
  ...{ purpose: 'test/1', system: 'Answer.', prompt, schemaName: 'word', timeoutMs: 8_000 },
  maxOutputTokens: 100,
  schema: z.object({ word: z.string() }),
  ...(userId === undefined ? {} : { context: { userId } }),
});

async function stack(budgets?: ConstructorParameters<typeof ModelStack>[0]['budgets']) {
  const clock = new SimulatedClock({ startAtMs });
  const database = await openDatabase({ url: 'sqlite::memory:' });
  const ids = new SortableIdGenerator({ clock, random: new SeededRandom('stack') });
  const models = new ModelStack({
    ...{ models: [model], database, clock, wallClock: clock, ids, logger: silentLogger },
    ...(budgets === undefined ? {} : { budgets }),
  });
  await models.start();
  cleanups.push(
    () => database.close(),
    () => models.stop(),
  );
  const { model: own, chatModel, ledger, journal } = models;
  return { models, model: own, chatModel, ledger, journal };
}

describe('the models of a desk', () => {
  it('default: what users write leaves the agents’ guard closed, and all of it is in one ledger', async () => {
    const { chatModel, model: own, ledger } = await stack();
    for (let asked = 0; asked < 8; asked += 1)
      await expect(chatModel.generate(question(`fail ${asked}`, 'ada'))).rejects.toMatchObject({
        code: asked < 5 ? 'model.invalid' : 'model.circuit-open',
      });
    expect(await own.generate(question('well'))).toMatchObject({ value: { word: 'yes' } });
    await Promise.all([own.flush(), chatModel.flush()]);
    expect(await modelSpend(ledger, startAtMs)).toMatchObject({ day: '2026-01-05', calls: 6, failedCalls: 5 });
    expect(await modelSpend(undefined, startAtMs)).toEqual({
      ...{ day: '2026-01-05', calls: 0, failedCalls: 0, inputTokens: 0, outputTokens: 0, usd: 0, modelMs: 0 },
    });
  });

  it('behavior: what a user’s chats asked is let go of on demand; what agents asked for the user stays', async () => {
    const { models, chatModel, model: own, journal } = await stack();
    await chatModel.generate({ ...question('ZEBRAMARK'), context: { userId: 'ada', agent: 'orchestrator' } });
    await chatModel.generate({ ...question('hers'), context: { userId: 'bob', agent: 'orchestrator' } });
    await own.generate({ ...question('entry'), context: { userId: 'ada', agent: 'koda' } });
    await own.flush();
    await models.forgetChats('ada');
    expect((await journal.read()).map(({ prompt }) => prompt)).toEqual(['hers', 'entry']);
  });

  it('behavior: a user’s questions take a quarter of the day’s budget at most', async () => {
    const { chatModel, model: own } = await stack({ day: { usd: 0.012 } });
    let answered = 0;
    let refused: unknown;
    for (let asked = 0; asked < 80 && refused === undefined; asked += 1) {
      await chatModel.generate(question(`question ${asked}`, 'ada')).then(
        () => {
          answered += 1;
        },
        (error: unknown) => {
          refused = error;
        },
      );
      // Until it is written down what a question took, it counts as the most it may.
      await chatModel.flush();
    }
    expect(answered).toBe(4);
    expect(refused).toMatchObject({ code: 'model.over-budget' });
    await chatModel.flush();
    expect(await own.generate(question('well'))).toMatchObject({ value: { word: 'yes' } });
    expect(await chatModel.generate(question('mine', 'bob'))).toMatchObject({ value: { word: 'yes' } });
  });
});
