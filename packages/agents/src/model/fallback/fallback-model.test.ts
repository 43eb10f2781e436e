import { ConfigError, type LanguageModel, ModelError, SimulatedClock } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { exampleAnswer, exampleQuestion } from '../../testing/question.ts';
import { ScriptedModel } from '../scripted-model.ts';
import { FallbackModel, type FallbackModelOptions } from './fallback-model.ts';

const good = (name: string) => new ScriptedModel({ name, answer: () => exampleAnswer });
const failing = (name: string, code: string) =>
  new ScriptedModel({ name, answer: () => Promise.reject(new ModelError(code, `${name} failed.`)) });
const hanging = (name: string) => new ScriptedModel({ name, answer: () => new Promise(() => {}) });

const chain = (models: readonly LanguageModel[], options: Partial<FallbackModelOptions> = {}) => {
  const clock = new SimulatedClock();
  return { clock, model: new FallbackModel({ models, clock, ...options }) };
};

describe('FallbackModel', () => {
  it('default: the first that answers, and it says which', async () => {
    const third = good('third');
    const { model } = chain([failing('first', 'model.unavailable'), good('second'), third]);
    expect(await model.generate(exampleQuestion())).toMatchObject({ value: exampleAnswer, model: 'second' });
    expect([third.questions.length, model.name]).toEqual([0, 'first or second or third']);
  });

  it.each([
    'model.unavailable',
    'model.refused',
    'model.invalid-answer',
    'model.timeout',
    'model.circuit-open',
    'model.not-recorded',
  ])('behavior: goes on after %s', async (code) => {
    const { model } = chain([failing('first', code), good('second')]);
    expect((await model.generate(exampleQuestion())).model).toBe('second');
  });

  it('behavior: a budget ends the question, unless the next model may be cheaper', async () => {
    const models = [failing('first', 'model.over-budget'), good('second')];
    await expect(chain(models).model.generate(exampleQuestion())).rejects.toMatchObject({ code: 'model.over-budget' });
    expect((await chain(models, { overBudget: 'next' }).model.generate(exampleQuestion())).model).toBe('second');
  });

  it('behavior: the first has what is not kept back for the later ones', async () => {
    const { clock, model } = chain([hanging('first'), hanging('second'), good('third')]);
    const asked = model.generate(exampleQuestion({ timeoutMs: 8_000 }));
    await clock.advanceBy(4_000);
    await clock.advanceBy(2_000);
    expect([(await asked).model, clock.nowMs()]).toEqual(['third', 6_000]);
  });

  it('behavior: where time is short all have the same part, and the whole stays within it', async () => {
    const { clock, model } = chain([hanging('first'), hanging('second'), hanging('third')]);
    const asked = model.generate(exampleQuestion({ timeoutMs: 900 })).catch((error: unknown) => error);
    let ended = false;
    void asked.then(() => {
      ended = true;
    });
    await clock.advanceBy(899);
    expect(ended).toBe(false);
    await clock.advanceBy(1);
    expect(await asked).toMatchObject({ code: 'model.timeout' });
  });

  it('behavior: whoever watches is told to begin anew', async () => {
    const half: LanguageModel = {
      name: 'half',
      generate: (_request, options) => {
        options?.onText?.('{"score":');
        return Promise.reject(new ModelError('model.unavailable', 'Lost.'));
      },
    };
    const heard: string[] = [];
    const { model } = chain([half, failing('silent', 'model.unavailable'), good('good')]);
    await model.generate(exampleQuestion(), { onText: (piece) => heard.push(piece) });
    expect(heard.slice(0, 2)).toEqual(['{"score":', '']);
    expect(heard.slice(2).join('')).toBe(JSON.stringify(exampleAnswer));
  });

  it('behavior: tells of the chain what holds whichever answers', () => {
    const knowing = (name: string, knowledgeCutoff: string, inputUsdPerMillion: number) =>
      new ScriptedModel({
        name,
        answer: () => null,
        about: { knowledgeCutoff, inputUsdPerMillion, outputUsdPerMillion: 1 },
      });
    expect(chain([knowing('a', '2025-06-30', 2), knowing('b', '2024-10-01', 3)]).model.about).toEqual({
      knowledgeCutoff: '2025-06-30',
      inputUsdPerMillion: 3,
      outputUsdPerMillion: 1,
      reasoningTokens: 0,
      asksRepeatedly: true,
    });
    expect(chain([knowing('a', '2025-06-30', 2), good('b')]).model.about).toEqual({
      reasoningTokens: 0,
      asksRepeatedly: true,
    });
    expect(chain([good('a')]).model.about.asksRepeatedly).toBe(false);
  });

  it('error: all fail: the last one says why', async () => {
    const { model } = chain([failing('first', 'model.unavailable'), failing('second', 'model.refused')]);
    await expect(model.generate(exampleQuestion())).rejects.toMatchObject({ code: 'model.refused' });
  });

  it('error: a caller who gives up asks nobody else', async () => {
    const second = good('second');
    const { model } = chain([hanging('first'), second]);
    const abort = new AbortController();
    const asked = model.generate(exampleQuestion(), { signal: abort.signal });
    abort.abort();
    await expect(asked).rejects.toMatchObject({ code: 'model.timeout' });
    expect(second.questions).toHaveLength(0);
  });

  it('error: a set-up that can not work is not hidden behind the next model', async () => {
    const missing = new ScriptedModel({
      answer: () => Promise.reject(new ConfigError('openai.missing', 'Install it.')),
    });
    await expect(chain([missing, good('second')]).model.generate(exampleQuestion())).rejects.toBeInstanceOf(
      ConfigError,
    );
  });

  it('error: no models', () => {
    expect(() => chain([])).toThrow(ConfigError);
  });
});
