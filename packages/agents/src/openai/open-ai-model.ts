import {
  ConfigError,
  type LanguageModel,
  type ModelAnswer,
  ModelError,
  type ModelRequest,
  type ModelUsage,
} from '@perpdesk/core';
import type { OpenAI } from 'openai';
import type { ChatCompletionMessageParam } from 'openai/resources/chat/completions';
import * as z from 'zod';
import { modelErrorOf } from './failure.ts';
import { loadClient } from './load-openai.ts';
import { wireSchemaOf } from './wire-schema.ts';

/** Options of {@link OpenAiModel}. */
export interface OpenAiModelOptions {
  /** Servers without keys take any text. Kept out of errors, logs and JSON. */
  readonly apiKey: string;
  /** The model's name at the server. */
  readonly model: string;
  /** Any OpenAI-compatible server. Default `https://api.openai.com/v1`. */
  readonly baseURL?: string;
  /** How the schema is asked for: `json-schema` (strict structured output), or `json-object` for servers that know no more; the schema then stands in the prompt. Default `json-schema`. */
  readonly structuredOutput?: 'json-schema' | 'json-object';
  /** The request's member for the output bound; older servers know only `max_tokens`. Default `max_completion_tokens`. */
  readonly outputBound?: 'max_completion_tokens' | 'max_tokens';
  /** Left to the server when absent: reasoning models refuse it. */
  readonly temperature?: number;
  /** Requests the client repeats by itself within the time of a question. Default 0: the rules answer sooner. */
  readonly maxRetries?: number;
  /** The longest answer taken, in bytes of the response. Default 65,536. */
  readonly maxAnswerBytes?: number;
}

/** What a model was asked so far; the tokens as the server counts them. */
export interface ModelConsumption extends ModelUsage {
  readonly requests: number;
}

const defaultBaseUrl = 'https://api.openai.com/v1';
const defaultMaxOutputTokens = 1_024;
/** How much of a wrong answer, and of what was wrong with it, is shown to the model for the repair. */
const repairAnswerLength = 4_000;
const repairIssuesLength = 1_000;

/**
 * A language model behind OpenAI's chat completions, or any server compatible with them, through the `openai` package (loaded at the first
 * question). Asks for structured output, parses it by the request's schema, and asks once more with what was wrong. The time is
 * wall time, for both together.
 *
 * @throws ConfigError `openai.missing` from the first question where the package is absent, `model.no-key` from the constructor
 * @example
 * ```ts
 * const model = new OpenAiModel({ apiKey: 'local', model: 'qwen3:8b', baseURL: 'http://127.0.0.1:11434/v1' });
 * const vanta = new Vanta({ marketView, clock, model });
 * ```
 */
export class OpenAiModel implements LanguageModel {
  readonly name: string;
  readonly #options: OpenAiModelOptions;
  readonly #consumption = { requests: 0, inputTokens: 0, outputTokens: 0 };
  #client: Promise<OpenAI> | undefined;

  constructor(options: OpenAiModelOptions) {
    if (options.apiKey.trim() === '') throw new ConfigError('model.no-key', 'A model needs an API key.');
    this.name = options.model;
    this.#options = options;
  }

  /** All that was asked of the server by this object, failed questions included. */
  get consumption(): ModelConsumption {
    return { ...this.#consumption };
  }

  async generate<Schema extends z.ZodType>(
    request: ModelRequest<Schema>,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<ModelAnswer<z.infer<Schema>>> {
    const inTime = AbortSignal.timeout(Math.max(1, Math.ceil(request.timeoutMs)));
    const signal = options.signal === undefined ? inTime : AbortSignal.any([inTime, options.signal]);
    const wire = wireSchemaOf(request.schema);
    const messages: ChatCompletionMessageParam[] = [
      { role: 'system', content: this.#system(request.system, wire) },
      { role: 'user', content: request.prompt },
    ];
    const usage = { inputTokens: 0, outputTokens: 0 };
    let issues = '';
    for (const attempts of [1, 2] as const) {
      const text = await this.#ask(messages, request, wire, usage, signal);
      const parsed = parse(text, request.schema);
      if (parsed.success) return { value: parsed.value, model: this.name, usage, attempts };
      ({ issues } = parsed);
      messages.push(
        { role: 'assistant', content: text.slice(0, repairAnswerLength) },
        {
          role: 'user',
          content: `That answer does not fit the schema: ${issues}\nAnswer again, with the JSON object alone.`,
        },
      );
    }
    throw new ModelError('model.invalid-answer', 'The model answered twice what does not fit the schema.');
  }

  /** Sends one request. Resolves with the answer's text; one that was cut off is text too, and will not parse. */
  async #ask(
    messages: readonly ChatCompletionMessageParam[],
    request: ModelRequest<z.ZodType>,
    wire: Record<string, unknown>,
    usage: { inputTokens: number; outputTokens: number },
    signal: AbortSignal,
  ): Promise<string> {
    const { structuredOutput = 'json-schema', outputBound = 'max_completion_tokens', temperature } = this.#options;
    try {
      const client = await this.#load();
      this.#consumption.requests += 1;
      const completion = await client.chat.completions.create(
        {
          model: this.#options.model,
          messages: [...messages],
          [outputBound]: request.maxOutputTokens ?? defaultMaxOutputTokens,
          ...(temperature === undefined ? {} : { temperature }),
          response_format:
            structuredOutput === 'json-schema'
              ? { type: 'json_schema', json_schema: { name: request.schemaName, strict: true, schema: wire } }
              : { type: 'json_object' },
        },
        { signal },
      );
      const parsed = completionSchema.safeParse(completion);
      if (!parsed.success) throw new ModelError('model.invalid-answer', 'The server answered with no completion.');
      this.#account(parsed.data, usage);
      return answerOf(parsed.data);
    } catch (error) {
      throw modelErrorOf(error, signal);
    }
  }

  #load(): Promise<OpenAI> {
    const { apiKey, baseURL = defaultBaseUrl, maxRetries = 0, maxAnswerBytes = 65_536 } = this.#options;
    this.#client ??= loadClient({ apiKey, baseURL, maxRetries, maxAnswerBytes });
    return this.#client;
  }

  #system(system: string, wire: Record<string, unknown>): string {
    return this.#options.structuredOutput === 'json-object' ? `${system}\nSchema: ${JSON.stringify(wire)}` : system;
  }

  #account(completion: Completion, usage: { inputTokens: number; outputTokens: number }): void {
    const inputTokens = completion.usage?.prompt_tokens ?? 0;
    const outputTokens = completion.usage?.completion_tokens ?? 0;
    for (const total of [usage, this.#consumption]) {
      total.inputTokens += inputTokens;
      total.outputTokens += outputTokens;
    }
  }
}

const tokens = z.number().nonnegative().catch(0);

/** The part of a completion that is read; servers are many, and none is trusted. */
const completionSchema = z.object({
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish(),
        message: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }),
      }),
    )
    .min(1),
  usage: z.object({ prompt_tokens: tokens, completion_tokens: tokens }).nullish(),
});
type Completion = z.infer<typeof completionSchema>;

function answerOf({ choices: [choice] }: Completion): string {
  if (choice?.message.refusal != null || choice?.finish_reason === 'content_filter') {
    throw new ModelError('model.refused', 'The model refused to answer.');
  }
  return choice?.message.content ?? '';
}

type Parsed<Value> =
  | { readonly success: true; readonly value: Value }
  | { readonly success: false; readonly issues: string };

function parse<Schema extends z.ZodType>(text: string, schema: Schema): Parsed<z.infer<Schema>> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { success: false, issues: 'it is not whole JSON' };
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return { success: true, value: parsed.data };
  const issues = parsed.error.issues
    .map((issue) => `${issue.path.join('.') || 'the answer'}: ${issue.message}`)
    .join('; ');
  return { success: false, issues: issues.slice(0, repairIssuesLength) };
}
