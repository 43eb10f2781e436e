import { ModelError } from '@perpdesk/core';
import { recordSpans } from '@perpdesk/core/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answerTo } from '../../testing/model-answer.ts';
import { exampleAnswer, exampleQuestion } from '../../testing/question.ts';
import { runDecision } from '../../testing/replayable-desk.ts';
import { ScriptedModel } from '../scripted-model.ts';
import { TracedModel } from './traced-model.ts';

describe('TracedModel', () => {
  let recorded: ReturnType<typeof recordSpans>;
  beforeEach(() => {
    recorded = recordSpans();
  });
  afterEach(() => recorded.stop());

  it('default: a question is a span with what it asked of whom and what it took', async () => {
    const model = new ScriptedModel({
      name: 'cloud',
      about: { reasoningTokens: 4_096 },
      usage: { inputTokens: 800, outputTokens: 100 },
      answer: () => exampleAnswer,
    });
    const traced = new TracedModel({ model, temperature: 0.2, seed: 7, serverAddress: '127.0.0.1' });
    const context = { agent: 'vanta', traceId: 't1', roundKey: 'r1' };
    expect((await traced.generate(exampleQuestion({ context }))).value).toEqual(exampleAnswer);
    expect(recorded.spans).toEqual([
      {
        name: 'chat cloud',
        kind: 2,
        status: 0,
        attributes: {
          'gen_ai.operation.name': 'chat',
          'gen_ai.provider.name': 'openai',
          'gen_ai.request.model': 'cloud',
          'gen_ai.request.max_tokens': 5_120,
          'gen_ai.request.temperature': 0.2,
          'gen_ai.request.seed': 7,
          'gen_ai.output.type': 'json',
          'gen_ai.response.model': 'cloud',
          'gen_ai.usage.input_tokens': 800,
          'gen_ai.usage.output_tokens': 100,
          'gen_ai.agent.name': 'vanta',
          'server.address': '127.0.0.1',
          'perpdesk.purpose': 'example/1',
          'perpdesk.trace_id': 't1',
          'perpdesk.round_key': 'r1',
          'perpdesk.attempts': 1,
          'perpdesk.kept': false,
        },
      },
    ]);
  });

  it('error: a failure has its code and what it took, and no word of prompt, answer or message', async () => {
    const usage = { inputTokens: 9, outputTokens: 1 };
    const failure = new ModelError('model.refused', 'Top secret.', { usage });
    const traced = new TracedModel({ model: new ScriptedModel({ answer: () => Promise.reject(failure) }) });
    await expect(traced.generate(exampleQuestion({ prompt: 'secret', system: 'secret' }))).rejects.toBe(failure);
    expect(recorded.spans[0]).toMatchObject({
      status: 2,
      attributes: { 'error.type': 'model.refused', 'gen_ai.usage.input_tokens': 9 },
    });
    expect(JSON.stringify(recorded.spans)).not.toContain('secret');
  });

  it('behavior: a decision is a round with its agents, each with its questions', async () => {
    const model = new ScriptedModel({
      answer: ({ purpose, prompt }) =>
        purpose.startsWith('riven/')
          ? { reasoning: 'It rests on the trend.', keepTargets: [0] }
          : purpose.startsWith('koda/')
            ? { choice: 0, notes: ['It fits.'] }
            : answerTo(prompt, 15),
    });
    const { traceId } = await runDecision({ model: new TracedModel({ model, provider: 'scripted' }) });
    const { spans } = recorded;
    const tree = spans.map(({ name, parent = '' }) => `${parent} > ${name}`);
    expect(tree.filter((line) => line === ' > invoke_agent vanta')).toHaveLength(1);
    expect(tree).toContain('invoke_agent luma > chat scripted');
    expect(tree).toContain('round > invoke_agent meridian');
    // Riven's question.
    expect(tree).toContain('round > chat scripted');
    expect(tree.at(-2)).toBe(' > round');
    // Koda's, of the signal.
    expect(tree.at(-1)).toBe(' > chat scripted');
    expect(new Set(spans.map(({ attributes }) => attributes['perpdesk.trace_id']))).toEqual(new Set([traceId]));
    expect(spans.find(({ name }) => name === 'round')?.attributes).toMatchObject({ 'perpdesk.outcome': 'published' });
  });
});
