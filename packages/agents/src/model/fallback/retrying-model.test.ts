import { ConfigError, ModelError, SeededRandom, SimulatedClock } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { exampleAnswer, exampleQuestion } from '../../testing/question.ts';
import { ScriptedModel } from '../scripted-model.ts';
import { RetryingModel, type RetryingModelOptions } from './retrying-model.ts';

const busy = (more: { readonly retryAfterMs?: number } = {}) =>
  new ModelError('model.unavailable', 'Busy.', { retryable: true, ...more });

/** A model that throws these, one a question, then answers; it notes when it was asked. */
function retrying(failures: readonly unknown[], options: Partial<RetryingModelOptions> = {}) {
  const clock = new SimulatedClock();
  const askedAtMs: number[] = [];
  const model = new ScriptedModel({
    answer: (_, index) => {
      askedAtMs.push(clock.nowMs());
      return index < failures.length ? Promise.reject(failures[index]) : exampleAnswer;
    },
  });
  return { clock, askedAtMs, model: new RetryingModel({ model, clock, random: { next: () => 0.5 }, ...options }) };
}

describe('RetryingModel', () => {
  it('default: asks again after half of a bound that doubles', async () => {
    const { clock, askedAtMs, model } = retrying([busy(), busy()]);
    const asked = model.generate(exampleQuestion());
    await clock.advanceBy(1_000);
    expect((await asked).value).toEqual(exampleAnswer);
    expect(askedAtMs).toEqual([0, 125, 375]);
  });

  it('behavior: waits as long as the server asks', async () => {
    const { clock, askedAtMs, model } = retrying([busy({ retryAfterMs: 3_000 })]);
    const asked = model.generate(exampleQuestion());
    await clock.advanceBy(3_000);
    await asked;
    expect(askedAtMs).toEqual([0, 3_000]);
  });

  it('behavior: never past the time of the question, with half a second left to answer', async () => {
    const { askedAtMs, model } = retrying([busy({ retryAfterMs: 7_501 })]);
    await expect(model.generate(exampleQuestion({ timeoutMs: 8_000 }))).rejects.toMatchObject({
      code: 'model.unavailable',
    });
    expect(askedAtMs).toEqual([0]);
  });

  it('behavior: waits are spread by chance', async () => {
    const { clock, askedAtMs, model } = retrying([busy(), busy(), busy(), busy()], {
      random: new SeededRandom('jitter'),
      attempts: 5,
    });
    const asked = model.generate(exampleQuestion({ timeoutMs: 20_000 }));
    await clock.advanceBy(10_000);
    await asked;
    const waits = askedAtMs.slice(1).map((atMs, index) => atMs - (askedAtMs[index] ?? 0));
    for (const [index, wait] of waits.entries()) expect(wait).toBeLessThanOrEqual(250 * 2 ** index);
    expect(new Set(waits).size).toBe(4);
  });

  it('error: gives up after the last attempt, with its failure', async () => {
    const { clock, askedAtMs, model } = retrying([busy(), busy(), busy({ retryAfterMs: 1 }), busy()]);
    const asked = model.generate(exampleQuestion()).catch((error: unknown) => error);
    await clock.advanceBy(2_000);
    expect(await asked).toMatchObject({ retryAfterMs: 1 });
    expect(askedAtMs).toHaveLength(3);
  });

  it.each([
    ['what will not succeed later', new ModelError('model.refused', 'No.')],
    ['an open breaker', new ModelError('model.circuit-open', 'Later.', { retryable: true })],
    ['a budget', new ModelError('model.over-budget', 'No.')],
    ['a set-up that can not work', new ConfigError('openai.missing', 'Install it.')],
  ])('error: %s is not repeated', async (_, failure) => {
    const { askedAtMs, model } = retrying([failure]);
    await expect(model.generate(exampleQuestion())).rejects.toBe(failure);
    expect(askedAtMs).toHaveLength(1);
  });

  it('error: a caller who gives up during a wait', async () => {
    const { clock, askedAtMs, model } = retrying([busy({ retryAfterMs: 1_000 })]);
    const abort = new AbortController();
    const asked = model.generate(exampleQuestion(), { signal: abort.signal }).catch((error: unknown) => error);
    await clock.advanceBy(500);
    abort.abort();
    expect(await asked).toMatchObject({ code: 'model.timeout' });
    await clock.advanceBy(1_000);
    expect(askedAtMs).toEqual([0]);
  });

  it.each([0, 1.5, 11, Number.NaN])('error: %s attempts', (attempts) => {
    expect(() => retrying([], { attempts })).toThrow(ConfigError);
  });
});
