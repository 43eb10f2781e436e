import {
  inSpan,
  type LanguageModel,
  type ModelAnswer,
  type ModelCallOptions,
  ModelError,
  type ModelFacts,
  type ModelRequest,
  type ModelUsage,
} from '@perpdesk/core';
import type * as z from 'zod';
import { agentTracer, placeAttributes } from '../../trace/agent-span.ts';

/** Options of {@link TracedModel}. */
export interface TracedModelOptions {
  readonly model: LanguageModel;
  /** Whose interface is spoken, by the names of the conventions. Default `openai`, as of every server compatible with it. */
  readonly provider?: string;
  /** The server's host, where it is worth telling. */
  readonly serverAddress?: string;
  /** What the model is set up with, which no question says. */
  readonly temperature?: number;
  readonly seed?: number;
}

/** What a request without a bound of its own gets. */
const defaultMaxOutputTokens = 1_024;

/**
 * Has a span for each question to a model: `chat <model>`, with the attributes of OpenTelemetry's conventions for GenAI clients (of 1.37 and later:
 * `gen_ai.provider.name` and not `gen_ai.system`), and `perpdesk.trace_id`, `perpdesk.round_key`, `perpdesk.purpose`, `perpdesk.cost_usd`. Of
 * prompts and answers nothing. Put it around each model that is asked, inside what retries and keeps.
 *
 * @example
 * ```ts
 * const cloud = new TracedModel({ model: new OpenAiModel({ apiKey, model: 'gpt-5-mini' }) });
 * const model = new DeskModel({ models: [cloud], clock, random, ids, ledger });
 * ```
 */
export class TracedModel implements LanguageModel {
  readonly name: string;
  readonly about: ModelFacts;
  readonly #options: TracedModelOptions;

  constructor(options: TracedModelOptions) {
    this.name = options.model.name;
    this.about = options.model.about ?? {};
    this.#options = options;
  }

  generate<Schema extends z.ZodType>(
    request: ModelRequest<Schema>,
    options?: ModelCallOptions,
  ): Promise<ModelAnswer<z.infer<Schema>>> {
    const { model, provider = 'openai', serverAddress, temperature, seed } = this.#options;
    const { context = {}, purpose, maxOutputTokens = defaultMaxOutputTokens } = request;
    const attributes = {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': provider,
      'gen_ai.request.model': this.name,
      'gen_ai.request.max_tokens': maxOutputTokens + (this.about.reasoningTokens ?? 0),
      'gen_ai.output.type': 'json',
      'perpdesk.purpose': purpose,
      ...placeAttributes(context),
      ...(context.agent === undefined ? {} : { 'gen_ai.agent.name': context.agent }),
      ...(temperature === undefined ? {} : { 'gen_ai.request.temperature': temperature }),
      ...(seed === undefined ? {} : { 'gen_ai.request.seed': seed }),
      ...(serverAddress === undefined ? {} : { 'server.address': serverAddress }),
    };
    return inSpan({ tracer: agentTracer(), name: `chat ${this.name}`, kind: 'client', attributes }, async (span) => {
      try {
        const answer = await model.generate(request, options);
        const { model: answered, usage, costUsd, kept = false, attempts } = answer;
        span.setAttributes({
          'gen_ai.response.model': answered,
          ...usageAttributes(usage),
          'perpdesk.attempts': attempts,
          'perpdesk.kept': kept,
          ...(costUsd === undefined ? {} : { 'perpdesk.cost_usd': costUsd }),
        });
        return answer;
      } catch (error) {
        if (ModelError.is(error) && error.usage !== undefined) span.setAttributes(usageAttributes(error.usage));
        throw error;
      }
    });
  }
}

const usageAttributes = ({ inputTokens, outputTokens }: ModelUsage) => ({
  'gen_ai.usage.input_tokens': inputTokens,
  'gen_ai.usage.output_tokens': outputTokens,
});
