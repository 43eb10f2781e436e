import assert from 'node:assert/strict';
import * as z from 'zod';
import { ModelError } from '../errors/model-error.ts';
import { PerpDeskError } from '../errors/perpdesk-error.ts';
import type { LanguageModel } from '../ports/language-model.ts';
import type { ContractCase } from './contract-case.ts';

/** What the model behind the adapter does at one request. */
export type LanguageModelReply =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'refusal' }
  | { readonly kind: 'failure' }
  | { readonly kind: 'hang' };

/** A model to judge, over what plays the replies one after another. */
export interface LanguageModelHarness {
  readonly model: LanguageModel;
  /** How many requests were made of what is behind it. */
  requests(): number;
  close(): Promise<void>;
}

/** Makes a harness that plays these replies. */
export type MakeLanguageModel = (replies: readonly LanguageModelReply[]) => Promise<LanguageModelHarness>;

const schema = z.object({ direction: z.enum(['long', 'short']), score: z.number().min(-100).max(100) });
const good = { direction: 'long', score: 40 };
const text = (value: unknown): LanguageModelReply => ({ kind: 'text', text: JSON.stringify(value) });
const request = {
  purpose: 'contract/1',
  system: 'You judge.',
  prompt: 'features: {}',
  schema,
  schemaName: 'contract',
  timeoutMs: 5_000,
};

function scenario(
  name: string,
  replies: readonly LanguageModelReply[],
  run: (harness: LanguageModelHarness) => Promise<void>,
): ContractCase<MakeLanguageModel> {
  return {
    name,
    run: async (make) => {
      const harness = await make(replies);
      try {
        await run(harness);
      } finally {
        await harness.close();
      }
    },
  };
}

function failure(
  name: string,
  replies: readonly LanguageModelReply[],
  code: string,
  timeoutMs = 5_000,
): ContractCase<MakeLanguageModel> {
  return scenario(name, replies, async ({ model }) => {
    const error: unknown = await model.generate({ ...request, timeoutMs }).catch((thrown: unknown) => thrown);
    assert.ok(PerpDeskError.is(error), 'throws an error of ours');
    assert.deepEqual([error.name, error.code], [ModelError.name, code]);
  });
}

/** What every LanguageModel keeps to. */
export const languageModelContract: readonly ContractCase<MakeLanguageModel>[] = [
  scenario('default: gives the answer in its schema', [text(good)], async ({ model, requests }) => {
    const answer = await model.generate(request);
    assert.deepEqual([answer.value, answer.attempts, requests()], [good, 1, 1]);
    assert.ok(answer.usage.inputTokens >= 0 && answer.usage.outputTokens >= 0);
  }),
  scenario('behavior: repairs a wrong answer once', [text({ score: 400 }), text(good)], async ({ model, requests }) => {
    const answer = await model.generate(request);
    assert.deepEqual([answer.value, answer.attempts, requests()], [good, 2, 2]);
  }),
  failure('error: an answer wrong twice', [text({}), text({}), text(good)], 'model.invalid-answer'),
  failure(
    'error: what is no JSON twice',
    [
      { kind: 'text', text: '{"a' },
      { kind: 'text', text: 'Sure!' },
    ],
    'model.invalid-answer',
  ),
  failure('error: a refusal', [{ kind: 'refusal' }], 'model.refused'),
  failure('error: a failing server', [{ kind: 'failure' }], 'model.unavailable'),
  failure('error: an answer that does not come in time', [{ kind: 'hang' }], 'model.timeout', 60),
  failure('error: a repair that does not come in time', [text({}), { kind: 'hang' }], 'model.timeout', 200),
  scenario('error: a caller who gives up', [{ kind: 'hang' }], async ({ model }) => {
    const abort = new AbortController();
    const asked = model.generate(request, { signal: abort.signal });
    abort.abort();
    await assert.rejects(asked, (error) => PerpDeskError.is(error) && error.code === 'model.timeout');
  }),
];
