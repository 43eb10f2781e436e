import { inspect } from 'node:util';
import { ConfigError, ModelError, PerpDeskError } from '@perpdesk/core';
import { afterEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { CompletionServer, completion, json, type Reply } from '../testing/completion-server.ts';
import { loadClient } from './load-openai.ts';
import { OpenAiModel } from './open-ai-model.ts';
import type { OpenAiModelOptions } from './open-ai-options.ts';

const apiKey = 'sk-test-0123456789abcdef';
const schema = z.object({
  direction: z.enum(['long', 'short']),
  score: z.number().min(-100).max(100),
  words: z.string().max(50),
});
const good = { direction: 'long', score: 40, words: 'Fine.' };
const request = {
  purpose: 'test/1',
  system: 'You judge.',
  prompt: 'features: {}',
  schema,
  schemaName: 'test',
  timeoutMs: 5_000,
};

const servers: CompletionServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

async function serve(replies: readonly Reply[], options: Partial<OpenAiModelOptions> = {}) {
  const server = new CompletionServer(replies);
  servers.push(server);
  const model = new OpenAiModel({ apiKey, model: 'served', baseURL: await server.start(), ...options });
  return { server, model };
}

/** What the model throws; every failure is also searched for the key. */
async function failureOf(model: OpenAiModel, timeoutMs = 5_000): Promise<{ code: string; retryable: boolean }> {
  const error: unknown = await model.generate({ ...request, timeoutMs }).catch((thrown: unknown) => thrown);
  if (!PerpDeskError.is(error)) throw new Error(`not an error of ours: ${inspect(error)}`);
  expect(inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error) + String(error.stack)).not.toContain(
    apiKey,
  );
  return { code: error.code, retryable: error.retryable };
}

const hang: Reply = () => {};

describe('OpenAiModel', () => {
  it('default: asks for strict structured output and gives the parsed answer with its usage', async () => {
    const { server, model } = await serve([JSON.stringify(good)]);
    const answer = await model.generate(request);
    expect(answer).toEqual({
      value: good,
      model: 'served',
      usage: { inputTokens: 100, outputTokens: 20 },
      attempts: 1,
    });
    const [seen] = server.requests;
    expect(seen).toMatchObject({
      path: '/v1/chat/completions',
      authorization: `Bearer ${apiKey}`,
      body: {
        model: 'served',
        max_completion_tokens: 1_024,
        response_format: { type: 'json_schema', json_schema: { strict: true } },
      },
    });
    expect(seen?.body.response_format.json_schema?.schema).toEqual({
      type: 'object',
      properties: {
        direction: { type: 'string', enum: ['long', 'short'] },
        score: { type: 'number', minimum: -100, maximum: 100 },
        words: { type: 'string' },
      },
      required: ['direction', 'score', 'words'],
      additionalProperties: false,
    });
  });

  it('behavior: a wrong answer is repaired once, with what was wrong', async () => {
    const { server, model } = await serve([JSON.stringify({ ...good, score: 400 }), JSON.stringify(good)]);
    const answer = await model.generate(request);
    expect(answer).toMatchObject({ value: good, attempts: 2, usage: { inputTokens: 200, outputTokens: 40 } });
    const repair = server.requests[1]?.body.messages ?? [];
    expect(repair.map((message) => message.role)).toEqual(['system', 'user', 'assistant', 'user']);
    expect(repair[3]?.content).toContain('score');
  });

  it('behavior: an answer cut off in the middle is repaired', async () => {
    const cut = json(200, completion('{"direction":"lo', { finishReason: 'length' }));
    const { model } = await serve([cut, JSON.stringify(good)]);
    expect((await model.generate(request)).attempts).toBe(2);
  });

  it('error: wrong twice', async () => {
    const { server, model } = await serve(['{}']);
    expect(await failureOf(model)).toEqual({ code: 'model.invalid-answer', retryable: false });
    expect(server.requests).toHaveLength(2);
  });

  it.each<[string, Reply, string, boolean]>([
    ['a rate limit', json(429, '{"error":{"message":"slow down"}}'), 'model.unavailable', true],
    ['a failing server', json(500, '{"error":{"message":"oops"}}'), 'model.unavailable', true],
    [
      'a wrong key',
      json(401, `{"error":{"message":"Incorrect API key provided: ${apiKey}"}}`),
      'model.unavailable',
      false,
    ],
    ['a refusal', json(200, completion(null, { refusal: 'I can not.' })), 'model.refused', false],
    ['a content filter', json(200, completion('', { finishReason: 'content_filter' })), 'model.refused', false],
    ['200 KB of answer', JSON.stringify({ ...good, words: 'x'.repeat(200_000) }), 'model.invalid-answer', false],
    ['half a body', json(200, completion(JSON.stringify(good)).slice(0, 80)), 'model.invalid-answer', false],
    [
      'a page instead of a completion',
      (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
      'model.invalid-answer',
      false,
    ],
    ['a completion without choices', json(200, '{"choices":[]}'), 'model.invalid-answer', false],
    ['a dropped connection', (response) => response.destroy(), 'model.unavailable', true],
  ])('error: %s', async (_, reply, code, retryable) => {
    const { server, model } = await serve([reply]);
    expect(await failureOf(model)).toEqual({ code, retryable });
    expect(server.requests).toHaveLength(1);
  });

  it('error: a server that hangs, before the headers or in the middle of the body', async () => {
    const drip: Reply = (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"choices":');
    };
    for (const reply of [hang, drip]) {
      const { model } = await serve([reply]);
      expect(await failureOf(model, 60)).toEqual({ code: 'model.timeout', retryable: true });
    }
  });

  it('error: the time is for both attempts together', async () => {
    const { server, model } = await serve(['{}', hang]);
    expect((await failureOf(model, 150)).code).toBe('model.timeout');
    expect(server.requests).toHaveLength(2);
  });

  it('error: a caller who gives up', async () => {
    const { model } = await serve([hang]);
    const abort = new AbortController();
    const asked = model.generate(request, { signal: abort.signal });
    abort.abort();
    await expect(asked).rejects.toMatchObject({ code: 'model.timeout' });
  });

  it('error: no server at all', async () => {
    const { server, model } = await serve([hang]);
    await server.stop();
    expect(await failureOf(model)).toEqual({ code: 'model.unavailable', retryable: true });
  });

  it('behavior: servers that know no schema are told it in the prompt', async () => {
    const { server, model } = await serve([JSON.stringify(good)], {
      structuredOutput: 'json-object',
      outputBound: 'max_tokens',
    });
    await model.generate(request);
    expect(server.requests[0]?.body).toMatchObject({ response_format: { type: 'json_object' }, max_tokens: 1_024 });
    expect(server.requests[0]?.body.messages[0]?.content).toContain('"enum":["long","short"]');
  });

  it('behavior: the key is in nothing that can be printed', () => {
    const model = new OpenAiModel({ apiKey, model: 'served' });
    expect(inspect(model, { depth: 20, showHidden: true }) + JSON.stringify(model) + String(model)).not.toContain(
      apiKey,
    );
  });

  it('behavior: effort, seed, room to think, further members and headers go along, and replace none of ours', async () => {
    const { server, model } = await serve([JSON.stringify(good)], {
      reasoningEffort: 'low',
      seed: 7,
      extraBody: { provider: { data_collection: 'deny' }, model: 'another', messages: [] },
      headers: { 'X-Title': 'PerpDesk' },
    });
    await model.generate(request);
    expect(server.requests[0]).toMatchObject({
      headers: { 'x-title': 'PerpDesk' },
      body: {
        model: 'served',
        messages: [{ role: 'system' }, { role: 'user' }],
        reasoning_effort: 'low',
        seed: 7,
        max_completion_tokens: 1_024 + 4_096,
        provider: { data_collection: 'deny' },
      },
    });
    expect(model.about).toEqual({ reasoningTokens: 4_096 });
  });

  it('behavior: its prices say what an answer cost, the repair included', async () => {
    const prices = { inputUsdPerMillion: 0.25, outputUsdPerMillion: 2 };
    const { model } = await serve(['{}', JSON.stringify(good)], { prices, knowledgeCutoff: '2025-06-30' });
    // 200 tokens in, 40 out: 50 and 80 millionths of a dollar.
    expect((await model.generate(request)).costUsd).toBe(0.00013);
    expect(model.about).toEqual({ inputUsdPerMillion: 0.25, outputUsdPerMillion: 2, knowledgeCutoff: '2025-06-30' });
  });

  it('behavior: a server that states a cost is believed where it says more than the prices', async () => {
    const stating = (cost: number): Reply =>
      json(200, completion(JSON.stringify(good)).replace('"total_tokens"', `"cost":${cost},"total_tokens"`));
    const prices = { inputUsdPerMillion: 1, outputUsdPerMillion: 1 };
    const costOf = async (cost: number, options: Partial<OpenAiModelOptions>) =>
      (await (await serve([stating(cost)], options)).model.generate(request)).costUsd;
    expect(await costOf(0.01, { prices })).toBe(0.01);
    expect(await costOf(0, { prices })).toBe(0.00012);
    expect(await costOf(0.01, {})).toBe(0.01);
    expect(await costOf(-1, {})).toBeUndefined();
  });

  it('behavior: tokens that a server does not count are estimated, and said to be', async () => {
    const uncounted = completion(JSON.stringify(good)).replace(/,"usage":\{[^}]*\}/, '');
    const { model } = await serve([json(200, uncounted)]);
    const { usage } = await model.generate(request);
    expect(usage.estimated).toBe(true);
    expect(usage.inputTokens).toBeGreaterThan(100);
    expect(usage.outputTokens).toBeGreaterThan(20);
  });

  it.each<[string, Readonly<Record<string, string>>, number | undefined]>([
    ['seconds', { 'retry-after': '3' }, 3_000],
    ['milliseconds', { 'retry-after-ms': '250', 'retry-after': '3' }, 250],
    ['a year', { 'retry-after': '31536000' }, 3_600_000],
    ['a date', { 'retry-after': 'Fri, 31 Dec 2027 23:59:59 GMT' }, undefined],
    ['rubbish', { 'retry-after': '-5' }, undefined],
    ['nothing', {}, undefined],
  ])('behavior: says how long a server asks to be left alone: %s', async (_, headers, retryAfterMs) => {
    const { model } = await serve([json(429, '{}', headers)]);
    await expect(model.generate(request)).rejects.toMatchObject({ code: 'model.unavailable', retryAfterMs });
  });

  it('behavior: a failure says what it took where that is known', async () => {
    const usageOf = async (...replies: readonly Reply[]) =>
      (await serve(replies)).model.generate({ ...request, timeoutMs: 200 }).then(
        () => 'answered',
        (error: unknown) => (ModelError.is(error) ? error.usage : 'no error of ours'),
      );
    const none = { inputTokens: 0, outputTokens: 0 };
    expect(await usageOf(json(429, '{}'))).toEqual(none);
    expect(await usageOf('{}', json(500, '{}'))).toEqual({ inputTokens: 100, outputTokens: 20 });
    expect(await usageOf('{}', '{}')).toEqual({ inputTokens: 200, outputTokens: 40 });
    expect(await usageOf((response) => response.destroy())).toBeUndefined();
    expect(await usageOf(hang)).toBeUndefined();
    const { server, model } = await serve([hang]);
    await server.stop();
    await expect(model.generate(request)).rejects.toMatchObject({ usage: none });
  });

  it('error: no key', () => {
    expect(() => new OpenAiModel({ apiKey: ' ', model: 'served' })).toThrow(ConfigError);
  });

  it.each<[string, Partial<OpenAiModelOptions>]>([
    ['seed', { seed: 0.5 }],
    ['model', { model: '' }],
    ['temperature', { temperature: Number.NaN }],
    ['reasoningTokens', { reasoningTokens: -1 }],
    ['maxAnswerBytes', { maxAnswerBytes: 0 }],
    ['knowledgeCutoff', { knowledgeCutoff: '2025-02-30' }],
    ['prices.outputUsdPerMillion', { prices: { inputUsdPerMillion: 0, outputUsdPerMillion: -1 } }],
  ])('error: an option that can not be: %s', (name, options) => {
    expect(() => new OpenAiModel({ apiKey, model: 'served', ...options })).toThrow(name);
  });

  it('error: without the openai package it says how to install it', async () => {
    const absent = loadClient({ apiKey, baseURL: '', maxAnswerBytes: 1 }, () => Promise.reject(new Error('not found')));
    await expect(absent).rejects.toMatchObject({
      name: 'ConfigError',
      code: 'openai.missing',
      message: expect.stringContaining('npm install openai'),
    });
  });
});
