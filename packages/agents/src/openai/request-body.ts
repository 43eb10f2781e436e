import type { ModelRequest } from '@perpdesk/core';
import type {
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionMessageParam,
} from 'openai/resources/chat/completions';
import type * as z from 'zod';
import type { OpenAiModelOptions } from './open-ai-options.ts';
import type { WireSchema } from './wire-schema.ts';

const defaultMaxOutputTokens = 1_024;
const defaultReasoningTokens = 4_096;

/** How many tokens a model may think with beside its answer. */
export function reasoningTokensOf({ reasoningEffort, reasoningTokens }: OpenAiModelOptions): number {
  const thinks = reasoningEffort !== undefined && reasoningEffort !== 'none';
  return reasoningTokens ?? (thinks ? defaultReasoningTokens : 0);
}

/** The messages a question begins with. A server that knows no schema is told it in the prompt. */
export function messagesOf(
  { system, prompt }: ModelRequest<z.ZodType>,
  wire: WireSchema,
  { structuredOutput }: OpenAiModelOptions,
): ChatCompletionMessageParam[] {
  return [
    {
      role: 'system',
      content: structuredOutput === 'json-object' ? `${system}\nSchema: ${JSON.stringify(wire)}` : system,
    },
    { role: 'user', content: prompt },
  ];
}

/** A request as the server takes it, not streamed. */
export function bodyOf(
  messages: readonly ChatCompletionMessageParam[],
  request: ModelRequest<z.ZodType>,
  wire: WireSchema,
  options: OpenAiModelOptions,
): ChatCompletionCreateParamsNonStreaming {
  const { structuredOutput = 'json-schema', outputBound = 'max_completion_tokens' } = options;
  const { temperature, reasoningEffort, seed } = options;
  return {
    ...options.extraBody,
    model: options.model,
    messages: [...messages],
    [outputBound]: (request.maxOutputTokens ?? defaultMaxOutputTokens) + reasoningTokensOf(options),
    ...(temperature === undefined ? {} : { temperature }),
    ...(reasoningEffort === undefined ? {} : { reasoning_effort: reasoningEffort }),
    ...(seed === undefined ? {} : { seed }),
    response_format:
      structuredOutput === 'json-schema'
        ? { type: 'json_schema', json_schema: { name: request.schemaName, strict: true, schema: wire } }
        : { type: 'json_object' },
  };
}
