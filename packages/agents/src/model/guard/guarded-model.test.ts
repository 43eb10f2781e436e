import { type ModelAnswer, ModelError, SimulatedClock } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { exampleAnswer, exampleQuestion } from '../../testing/question.ts';
import { ScriptedModel } from '../scripted-model.ts';
import { guardOf } from './guard-of.ts';
import { GuardedModel } from './guarded-model.ts';

const down = new ModelError('model.unavailable', 'Down.', { retryable: true });
const failing = (error: unknown = down) => new ScriptedModel({ answer: () => Promise.reject(error) });

/** The codes of so many questions, one after another. */
async function codesOf(model: GuardedModel, times: number): Promise<readonly string[]> {
  const codes: string[] = [];
  for (let i = 0; i < times; i += 1) {
    await model.generate(exampleQuestion()).then(
      () => codes.push('answered'),
      (error: unknown) => codes.push(ModelError.is(error) ? error.code : 'other'),
    );
  }
  return codes;
}

describe('GuardedModel', () => {
  it('default: a model that keeps failing is left alone for a minute, then tried with one question', async () => {
    const clock = new SimulatedClock();
    let isDown = true;
    const model = new ScriptedModel({ answer: () => (isDown ? Promise.reject(down) : exampleAnswer) });
    const guarded = new GuardedModel({ model, clock });
    expect(await codesOf(guarded, 7)).toEqual([
      ...Array(5).fill('model.unavailable'),
      ...Array(2).fill('model.circuit-open'),
    ]);
    expect([model.questions.length, guarded.state]).toEqual([5, 'open']);
    isDown = false;
    await clock.advanceBy(60_000);
    expect(await codesOf(guarded, 2)).toEqual(['answered', 'answered']);
  });

  it('behavior: an answer its caller can not use counts as a failure', async () => {
    const guarded = new GuardedModel({
      model: new ScriptedModel({ answer: () => exampleAnswer }),
      clock: new SimulatedClock(),
    });
    const refuse = (): never => {
      throw new ModelError('model.ungrounded', 'No such number.');
    };
    for (let i = 0; i < 5; i += 1)
      await expect(guarded.generateAs(exampleQuestion(), refuse)).rejects.toMatchObject({ code: 'model.ungrounded' });
    expect(guarded.state).toBe('open');
  });

  it.each(['model.over-budget', 'model.unaccounted', 'model.not-recorded', 'model.circuit-open'])(
    'behavior: %s says nothing about the model',
    async (code) => {
      const guarded = new GuardedModel({ model: failing(new ModelError(code, 'No.')), clock: new SimulatedClock() });
      expect(await codesOf(guarded, 8)).toEqual(Array(8).fill(code));
    },
  );

  it('behavior: neither does a caller who gives up, nor an answer that was kept', async () => {
    const clock = new SimulatedClock();
    const hanging = new GuardedModel({ model: new ScriptedModel({ answer: () => new Promise(() => {}) }), clock });
    const abort = new AbortController();
    abort.abort();
    for (let i = 0; i < 8; i += 1)
      await expect(hanging.generate(exampleQuestion(), { signal: abort.signal })).rejects.toThrow();
    expect(hanging.state).toBe('closed');

    const kept: ModelAnswer<never> = {
      value: exampleAnswer as never,
      model: 'kept',
      usage: { inputTokens: 0, outputTokens: 0 },
      attempts: 1,
      kept: true,
    };
    const cached = new GuardedModel({ model: { name: 'kept', generate: async () => kept }, clock });
    for (let i = 0; i < 8; i += 1)
      await expect(
        cached.generateAs(exampleQuestion(), () => {
          throw down;
        }),
      ).rejects.toThrow();
    expect(cached.state).toBe('closed');
  });

  it('behavior: a model that does not keep to its time is given up, and that counts', async () => {
    const clock = new SimulatedClock();
    const guarded = new GuardedModel({ model: new ScriptedModel({ answer: () => new Promise(() => {}) }), clock });
    for (let i = 0; i < 5; i += 1) {
      const asked = guarded.generate(exampleQuestion({ timeoutMs: 1_000 })).catch((error: unknown) => error);
      await clock.advanceBy(1_000);
      expect(await asked).toMatchObject({ code: 'model.timeout' });
    }
    expect(guarded.state).toBe('open');
  });

  it('error: what is no error of ours keeps its words to itself', async () => {
    const guarded = new GuardedModel({ model: failing(new Error('sk-secret')), clock: new SimulatedClock() });
    const error = await guarded.generate(exampleQuestion()).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'ModelError', code: 'model.unavailable' });
    expect(String(error)).not.toContain('sk-secret');
  });
});

describe('guardOf', () => {
  it('default: one guard for a model on a clock, and a guarded model is its own', () => {
    const model = failing();
    const clock = new SimulatedClock();
    const guard = guardOf(model, clock);
    expect(guardOf(model, clock)).toBe(guard);
    expect(guardOf(guard, clock)).toBe(guard);
    expect(guardOf(model, new SimulatedClock())).not.toBe(guard);
    expect(guardOf(failing(), clock)).not.toBe(guard);
  });
});
