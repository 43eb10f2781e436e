import { ConfigError, ModelError, type ModelFacts, SimulatedClock, StoreError } from '@perpdesk/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exampleAnswer, exampleQuestion } from '../../testing/question.ts';
import { RetryingModel } from '../fallback/retrying-model.ts';
import { ScriptedModel, type ScriptedModelOptions } from '../scripted-model.ts';
import { BudgetedModel, type BudgetedModelOptions } from './budgeted-model.ts';
import { MemoryModelLedger } from './memory-model-ledger.ts';
import type { ModelBudgets } from './model-budget.ts';
import { mostSpending } from './most-spending.ts';

const startAtMs = Date.UTC(2025, 6, 21, 12);
const day = '2025-07-21';
const about: ModelFacts = { inputUsdPerMillion: 1, outputUsdPerMillion: 4 };
const usage = { inputTokens: 100, outputTokens: 20 };
const context = { roundKey: 'r1', traceId: 't1', userId: 'alice' };
const question = exampleQuestion({ context, maxOutputTokens: 200 });
const most = mostSpending(question, 200, about);

function budgeted(
  budgets: ModelBudgets,
  script: Partial<ScriptedModelOptions> = {},
  options: Partial<BudgetedModelOptions> = {},
) {
  const clock = new SimulatedClock({ startAtMs });
  const ledger = new MemoryModelLedger();
  const model = new ScriptedModel({ about, usage, answer: () => exampleAnswer, ...script });
  return { clock, ledger, asked: model, model: new BudgetedModel({ model, ledger, budgets, clock, ...options }) };
}

describe('BudgetedModel', () => {
  it('default: what a question took is counted by round, decision, user and day', async () => {
    const { clock, ledger, model } = budgeted(
      { day: { usd: 1 } },
      {
        answer: async () => {
          await clock.sleep(1_200);
          return exampleAnswer;
        },
      },
    );
    const asked = model.generate(question);
    await clock.advanceBy(1_200);
    expect((await asked).value).toEqual(exampleAnswer);
    for (const query of [{ roundKey: 'r1' }, { traceId: 't1' }, { userId: 'alice' }, { day }])
      expect(await ledger.spent(query)).toEqual({ calls: 1, failedCalls: 0, ...usage, usd: 0.00018, modelMs: 1_200 });
  });

  it('behavior: while it is under way it counts as the most it may take', async () => {
    const { ledger, model } = budgeted({}, { answer: () => new Promise(() => {}) });
    model.generate(question).catch(() => undefined);
    expect(await ledger.spent({ day })).toEqual({
      calls: 1,
      failedCalls: 0,
      inputTokens: most.inputTokens,
      outputTokens: 400,
      usd: most.microUsd / 1e6,
      modelMs: 8_000,
    });
    // Both requests at their full output, the second with the first answer in it.
    expect(most.inputTokens).toBeGreaterThan(2 * 100 + 200 + 1_000);
    expect(most.microUsd).toBe(most.inputTokens + 4 * 400);
  });

  it.each<[string, ModelBudgets, RegExp]>([
    ['call', { call: { usd: 0.0001 } }, /^The budget of a question is \$0\.0001; this question may take \$0\.00\d+\.$/],
    ['call in tokens', { call: { tokens: 500 } }, /of a question is 500 tokens; this question may take \d+ tokens/],
    [
      'round',
      { round: { tokens: 1_900 } },
      /^The budget of the round r1 is 1900 tokens; 120 tokens are spent or reserved and this question may take \d+ tokens\.$/,
    ],
    ['day', { day: { usd: 0.0034 } }, /^The budget of the day is \$0\.0034; \$0\.00018 are spent/],
    ['user', { user: { ms: 7_999 } }, /^The budget of the user for the day is 7999 ms; 0 ms are spent/],
  ])('error: over the budget of the %s, with the numbers', async (_, budgets, message) => {
    const { clock, ledger, asked } = budgeted({});
    const first = new BudgetedModel({ model: asked, ledger, clock, budgets: {} });
    await first.generate(question);
    const model = new BudgetedModel({ model: asked, ledger, clock, budgets });
    const error = await model.generate(question).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'ModelError', code: 'model.over-budget', retryable: false });
    expect(String((error as Error).message)).toMatch(message);
    expect([asked.questions.length, (await ledger.spent({ day })).calls]).toEqual([1, 1]);
  });

  it('behavior: a failure counts as what it took where that is known, else as reserved', async () => {
    const failures = [
      new ModelError('model.invalid-answer', 'Twice.', { usage: { inputTokens: 200, outputTokens: 40 } }),
      new ModelError('model.unavailable', 'Status 429.', { usage: { inputTokens: 0, outputTokens: 0 } }),
      new ModelError('model.unavailable', 'Connection lost.'),
    ];
    const { ledger, model } = budgeted({}, { answer: (_, index) => Promise.reject(failures[index]) });
    const spent: number[] = [];
    for (const _ of failures) {
      await expect(model.generate(question)).rejects.toThrow(ModelError);
      spent.push((await ledger.spent({ day })).inputTokens);
    }
    expect(spent).toEqual([200, 200, 200 + most.inputTokens]);
    expect(await ledger.spent({ day })).toMatchObject({ calls: 3, failedCalls: 3 });
  });

  it('behavior: a question that is given up counts as reserved, its time as it was', async () => {
    const { clock, ledger, model } = budgeted({}, { answer: () => new Promise(() => {}) });
    const asked = model.generate({ ...question, timeoutMs: 1_000 }).catch((error: unknown) => error);
    await clock.advanceBy(1_000);
    expect(await asked).toMatchObject({ code: 'model.timeout' });
    expect(await ledger.spent({ day })).toMatchObject({
      inputTokens: most.inputTokens,
      modelMs: 1_000,
      failedCalls: 1,
    });
  });

  it('behavior: the time of a call is shortened to its budget', async () => {
    const { clock, model } = budgeted({ call: { ms: 500 } }, { answer: () => new Promise(() => {}) });
    const asked = model.generate(question).catch((error: unknown) => error);
    await clock.advanceBy(500);
    expect(await asked).toMatchObject({ code: 'model.timeout' });
  });

  it('behavior: a kept answer costs nothing', async () => {
    const free = { value: exampleAnswer as never, model: 'kept', usage, attempts: 1, kept: true } as const;
    const clock = new SimulatedClock({ startAtMs });
    const ledger = new MemoryModelLedger();
    const model = new BudgetedModel({
      model: { name: 'kept', generate: async () => free },
      ledger,
      clock,
      budgets: {},
    });
    await model.generate(question);
    expect(await ledger.spent({ day })).toEqual({
      calls: 1,
      failedCalls: 0,
      inputTokens: 0,
      outputTokens: 0,
      usd: 0,
      modelMs: 0,
    });
  });

  it('behavior: the bound of the output is the one that was reserved', async () => {
    const bounds: unknown[] = [];
    const clock = new SimulatedClock({ startAtMs });
    const model = new BudgetedModel({
      model: {
        name: 'm',
        generate: (request) => {
          bounds.push(request.maxOutputTokens);
          return Promise.reject(new ModelError('model.refused', 'No.'));
        },
      },
      ledger: new MemoryModelLedger(),
      clock,
      budgets: {},
    });
    await expect(model.generate(exampleQuestion())).rejects.toThrow();
    expect(bounds).toEqual([1_024]);
  });

  it('error: a ledger that can not be written lets no question out', async () => {
    const broken = new MemoryModelLedger();
    broken.reserve = () => Promise.reject(new StoreError('database.full', 'Full.'));
    const { asked, model } = budgeted({}, {}, { ledger: broken });
    await expect(model.generate(question)).rejects.toMatchObject({ name: 'ModelError', code: 'model.unaccounted' });
    expect(asked.questions).toHaveLength(0);
  });

  it('behavior: an answer that can not be settled is given, and stays counted as reserved', async () => {
    const ledger = new MemoryModelLedger();
    ledger.settle = () => Promise.reject(new StoreError('database.full', 'Full.'));
    const { model } = budgeted({}, {}, { ledger });
    expect((await model.generate(question)).value).toEqual(exampleAnswer);
    await model.settled();
    expect(await ledger.spent({ day })).toMatchObject({ inputTokens: most.inputTokens });
  });

  it('error: budgets that can not be kept', () => {
    expect(() => budgeted({ day: { usd: Number.NaN } })).toThrow(/day\.usd/);
    expect(() => budgeted({ round: { tokens: -1 } })).toThrow(ConfigError);
    expect(() => budgeted({ day: { usd: 1 } }, { about: {} })).toThrow(/prices of scripted/);
    const clock = new SimulatedClock();
    const retrying = new RetryingModel({
      model: new ScriptedModel({ about, answer: () => null }),
      clock,
      random: { next: () => 0 },
    });
    expect(() => new BudgetedModel({ model: retrying, ledger: new MemoryModelLedger(), clock, budgets: {} })).toThrow(
      /inside/,
    );
  });

  it('behavior: no cap is passed by 1,000 questions at once, whatever they take and however they end', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          round: fc.integer({ min: 0, max: 60_000 }),
          day: fc.integer({ min: 0, max: 200_000 }),
          user: fc.integer({ min: 0, max: 60_000 }),
        }),
        fc.array(fc.constantFrom('answers', 'fails', 'is lost'), { minLength: 7, maxLength: 7 }),
        async (caps, ends) => {
          const clock = new SimulatedClock({ startAtMs });
          const ledger = new MemoryModelLedger();
          let mostTokens = 0;
          const model = new ScriptedModel({
            about,
            usage,
            answer: async (_, index) => {
              const { inputTokens, outputTokens } = await ledger.spent({ day });
              mostTokens = Math.max(mostTokens, inputTokens + outputTokens);
              await Promise.resolve();
              const end = ends[index % ends.length];
              if (end === 'fails') throw new ModelError('model.unavailable', 'Status 500.', { usage });
              if (end === 'is lost') throw new ModelError('model.unavailable', 'Lost.');
              return exampleAnswer;
            },
          });
          const budgets = { round: { tokens: caps.round }, day: { tokens: caps.day }, user: { tokens: caps.user } };
          const bounded = new BudgetedModel({ model, ledger, budgets, clock });
          const codes = await Promise.all(
            Array.from({ length: 1_000 }, (_, i) =>
              bounded.generate({ ...question, context: { roundKey: `r${i % 7}`, userId: `u${i % 3}` } }).then(
                () => 'answered',
                (error: unknown) => (ModelError.is(error) ? error.code : 'other'),
              ),
            ),
          );
          expect(mostTokens).toBeLessThanOrEqual(caps.day);
          const tokens = async (query: Parameters<MemoryModelLedger['spent']>[0]) => {
            const { inputTokens, outputTokens } = await ledger.spent(query);
            return inputTokens + outputTokens;
          };
          expect(await tokens({ day })).toBeLessThanOrEqual(caps.day);
          for (let i = 0; i < 7; i += 1) expect(await tokens({ roundKey: `r${i}` })).toBeLessThanOrEqual(caps.round);
          for (let i = 0; i < 3; i += 1) expect(await tokens({ userId: `u${i}`, day })).toBeLessThanOrEqual(caps.user);
          // Every question ended in one of the known ways, and only those that were asked are counted.
          expect(codes.filter((code) => code !== 'model.over-budget')).toHaveLength(
            (await ledger.spent({ day })).calls,
          );
          expect(codes).not.toContain('other');
        },
      ),
      { numRuns: 25 },
    );
  });
});
