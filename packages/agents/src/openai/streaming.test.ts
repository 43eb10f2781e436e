import { afterEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { answer, CompletionServer, chunk, completion, json, type Reply } from '../testing/completion-server.ts';
import { OpenAiModel } from './open-ai-model.ts';
import type { OpenAiModelOptions } from './open-ai-options.ts';

const schema = z.object({ score: z.number().min(-100).max(100), words: z.string().max(50) });
const good = { score: 40, words: 'Fine, so far.' };
const request = { purpose: 'test/1', system: 'You judge.', prompt: 'p', schema, schemaName: 'test', timeoutMs: 5_000 };

const servers: CompletionServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

async function watch(
  replies: readonly Reply[],
  { timeoutMs = 5_000, ...options }: Partial<OpenAiModelOptions> & { timeoutMs?: number } = {},
) {
  const server = new CompletionServer(replies);
  servers.push(server);
  const model = new OpenAiModel({ apiKey: 'local', model: 'served', baseURL: await server.start(), ...options });
  const heard: string[] = [];
  const asked = model.generate({ ...request, timeoutMs }, { onText: (piece) => heard.push(piece) });
  return { server, heard, asked };
}

const events =
  (...parts: readonly string[]): Reply =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' }).end(parts.join(''));
  };

describe('OpenAiModel, streaming', () => {
  it('default: pieces are heard as they come, and the answer is the same', async () => {
    const { server, heard, asked } = await watch([JSON.stringify(good)], {
      prices: { inputUsdPerMillion: 1, outputUsdPerMillion: 1 },
    });
    expect(await asked).toEqual({
      value: good,
      model: 'served',
      usage: { inputTokens: 100, outputTokens: 20 },
      attempts: 1,
      costUsd: 0.00012,
    });
    expect(heard.length).toBeGreaterThan(3);
    expect(heard.join('')).toBe(JSON.stringify(good));
    expect(server.requests[0]?.body).toMatchObject({ stream: true, stream_options: { include_usage: true } });
  });

  it('behavior: a repair begins anew with an empty piece', async () => {
    const { heard, asked } = await watch(['{}', JSON.stringify(good)]);
    expect((await asked).attempts).toBe(2);
    expect(
      heard
        .join('|')
        .split('||')
        .map((attempt) => attempt.replaceAll('|', '')),
    ).toEqual(['{}', JSON.stringify(good)]);
  });

  it('behavior: tokens of a stream that counts none are estimated', async () => {
    const { asked } = await watch([answer(JSON.stringify(good), { usage: false })]);
    expect((await asked).usage).toMatchObject({ estimated: true });
  });

  it('behavior: a server that can not stream is heard all the same', async () => {
    const { heard, asked } = await watch([json(200, completion(JSON.stringify(good)))]);
    expect((await asked).value).toEqual(good);
    expect(heard).toEqual([JSON.stringify(good)]);
  });

  it('behavior: nothing is streamed where it is switched off', async () => {
    const { server, heard, asked } = await watch([JSON.stringify(good)], { streaming: false });
    expect([(await asked).value, heard, server.requests[0]?.body.stream]).toEqual([good, [], undefined]);
  });

  it('behavior: an answer cut off in the middle of its stream is repaired', async () => {
    const cut = events(chunk({ content: '{"score":' }), chunk({}, 'length'), 'data: [DONE]\n\n');
    const { asked } = await watch([cut, JSON.stringify(good)]);
    expect((await asked).attempts).toBe(2);
  });

  it.each<[string, Reply, string]>([
    ['a refusal', answer(null, { refusal: 'I can not.' }), 'model.refused'],
    ['a content filter', answer('{"sc', { finishReason: 'content_filter' }), 'model.refused'],
    ['too long an answer', answer('x'.repeat(5_000)), 'model.invalid-answer'],
    [
      'an error in the stream',
      events(chunk({ content: '{' }), 'data: {"error":{"message":"oops"}}\n\n'),
      'model.unavailable',
    ],
    ['what is no JSON in the stream', events('data: <html>\n\n'), 'model.invalid-answer'],
    ['a stream without a piece', events('data: [DONE]\n\n'), 'model.invalid-answer'],
    ['a rate limit', json(429, '{}'), 'model.unavailable'],
    [
      'a page instead of a stream',
      (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
      'model.invalid-answer',
    ],
    [
      'a connection lost in the middle',
      (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(chunk({ content: '{"score":40,' }), () => response.destroy());
      },
      'model.unavailable',
    ],
  ])('error: %s', async (_, reply, code) => {
    const { server, asked } = await watch([reply], { maxAnswerBytes: 4_000 });
    await expect(asked).rejects.toMatchObject({ name: 'ModelError', code });
    expect(server.requests).toHaveLength(1);
  });

  it('error: a stream that never ends is cut off at its time, and the server let go', async () => {
    const closed = Promise.withResolvers<void>();
    const endless: Reply = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const timer = setInterval(() => response.write(chunk({ content: ' ' })), 5);
      response.on('close', () => {
        clearInterval(timer);
        closed.resolve();
      });
    };
    const { heard, asked } = await watch([endless], { timeoutMs: 150 });
    await expect(asked).rejects.toMatchObject({ code: 'model.timeout' });
    expect(heard.length).toBeGreaterThan(2);
    await closed.promise;
  });

  it('error: a caller who gives up before the end, whatever was heard by then', async () => {
    const server = new CompletionServer([
      (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(chunk({ content: JSON.stringify(good) }));
      },
    ]);
    servers.push(server);
    const model = new OpenAiModel({ apiKey: 'local', model: 'served', baseURL: await server.start() });
    const abort = new AbortController();
    const asked = model.generate(request, { signal: abort.signal, onText: () => abort.abort() });
    await expect(asked).rejects.toMatchObject({ code: 'model.timeout' });
    expect(server.requests).toHaveLength(1);
  });

  it('error: an endless comment is cut off by its bytes', async () => {
    const { asked } = await watch([events(`: ${'x'.repeat(100)}\n\n`.repeat(1_000))], { maxAnswerBytes: 1_000 });
    await expect(asked).rejects.toMatchObject({ code: 'model.invalid-answer' });
  });
});
