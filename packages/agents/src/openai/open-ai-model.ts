import {
  type LanguageModel,
  type ModelAnswer,
  type ModelCallOptions,
  ModelError,
  type ModelFacts,
  type ModelRequest,
} from '@perpdesk/core';
import type { OpenAI } from 'openai';
import type { ChatCompletionCreateParamsNonStreaming } from 'openai/resources/chat/completions';
import type * as z from 'zod';
import { outOfTime } from '../model/call/within-time.ts';
import { type Completion, readCompletion } from './completion.ts';
import { readStream } from './completion-stream.ts';
import { modelErrorOf } from './failure.ts';
import { isStream, loadClient } from './load-openai.ts';
import { checkOptions, type OpenAiModelOptions } from './open-ai-options.ts';
import { parseAnswer } from './parse-answer.ts';
import { QuestionAccount } from './question-account.ts';
import { bodyOf, messagesOf, reasoningTokensOf } from './request-body.ts';
import { wireSchemaOf } from './wire-schema.ts';

const defaultBaseUrl = 'https://api.openai.com/v1';
const defaultMaxAnswerBytes = 65_536;
/** How much of a wrong answer is shown to the model for the repair. */
const repairAnswerLength = 4_000;

/**
 * A language model behind OpenAI's chat completions, or any server compatible with them (OpenRouter, Ollama, vLLM, LM Studio), through
 * the `openai` package (loaded at the first question). Asks for structured output, parses it by the request's schema, and asks once
 * more with what was wrong. Streams where someone watches. The time is wall time, for both requests together. It repeats no
 * failed request: a `RetryingModel` does.
 *
 * @throws ConfigError `openai.missing` from the first question where the package is absent; `model.no-key` and `model.option` from the
 * constructor
 * @example
 * ```ts
 * const model = new OpenAiModel({ apiKey: 'local', model: 'qwen3:8b', baseURL: 'http://127.0.0.1:11434/v1' });
 * const vanta = new Vanta({ marketView, clock, model });
 * ```
 */
export class OpenAiModel implements LanguageModel {
  readonly name: string;
  readonly about: ModelFacts;
  readonly #options: OpenAiModelOptions;
  #client: Promise<OpenAI> | undefined;

  constructor(options: OpenAiModelOptions) {
    checkOptions(options);
    this.name = options.model;
    const { prices, knowledgeCutoff } = options;
    const reasoningTokens = reasoningTokensOf(options);
    this.about = {
      ...(prices === undefined
        ? {}
        : { inputUsdPerMillion: prices.inputUsdPerMillion, outputUsdPerMillion: prices.outputUsdPerMillion }),
      ...(knowledgeCutoff === undefined ? {} : { knowledgeCutoff }),
      ...(reasoningTokens === 0 ? {} : { reasoningTokens }),
    };
    this.#options = options;
  }

  async generate<Schema extends z.ZodType>(
    request: ModelRequest<Schema>,
    options: ModelCallOptions = {},
  ): Promise<ModelAnswer<z.infer<Schema>>> {
    const inTime = AbortSignal.timeout(Math.max(1, Math.ceil(request.timeoutMs)));
    const signal = options.signal === undefined ? inTime : AbortSignal.any([inTime, options.signal]);
    const wire = wireSchemaOf(request.schema);
    const messages = messagesOf(request, wire, this.#options);
    const account = new QuestionAccount(this.#options.prices);
    for (const attempts of [1, 2] as const) {
      if (attempts === 2) options.onText?.('');
      const body = bodyOf(messages, request, wire, this.#options);
      const text = await this.#ask(body, account, signal, options.onText);
      const parsed = parseAnswer(text, request.schema);
      if (parsed.success) {
        const { usage, costUsd } = account;
        return {
          value: parsed.value,
          model: this.name,
          usage,
          attempts,
          ...(costUsd === undefined ? {} : { costUsd }),
        };
      }
      messages.push(
        { role: 'assistant', content: text.slice(0, repairAnswerLength) },
        {
          role: 'user',
          content: `That answer does not fit the schema: ${parsed.issues}\nAnswer again, with the JSON object alone.`,
        },
      );
    }
    throw new ModelError('model.invalid-answer', 'The model answered twice what does not fit the schema.', {
      usage: account.usage,
    });
  }

  /** Sends one request. Resolves with the answer's text; one that was cut off is text too, and will not parse. */
  async #ask(
    body: ChatCompletionCreateParamsNonStreaming,
    account: QuestionAccount,
    signal: AbortSignal,
    onText: ModelCallOptions['onText'],
  ): Promise<string> {
    const spent = account.usage;
    try {
      const client = await this.#load();
      const completion =
        onText === undefined || this.#options.streaming === false
          ? readCompletion(await client.chat.completions.create(body, { signal }))
          : await this.#stream(client, body, signal, onText);
      // The client ends an aborted stream as if it were whole.
      if (signal.aborted) throw outOfTime();
      if (completion === undefined)
        throw new ModelError('model.invalid-answer', 'The server answered with no completion.');
      account.add(JSON.stringify([body.messages, body.response_format]), completion);
      if (completion.refused)
        throw new ModelError('model.refused', 'The model refused to answer.', { usage: account.usage });
      return completion.text;
    } catch (error) {
      throw modelErrorOf(error, signal, spent);
    }
  }

  async #stream(
    client: OpenAI,
    body: ChatCompletionCreateParamsNonStreaming,
    signal: AbortSignal,
    onText: (piece: string) => void,
  ): Promise<Completion | undefined> {
    const { data, response } = await client.chat.completions
      .create({ ...body, stream: true, stream_options: { include_usage: true } }, { signal })
      .withResponse();
    if (isStream(response)) {
      return readStream(data, { maxLength: this.#options.maxAnswerBytes ?? defaultMaxAnswerBytes, onText });
    }
    // A server that can not stream answers whole.
    const completion = readCompletion(await response.json());
    if (completion !== undefined) onText(completion.text);
    return completion;
  }

  #load(): Promise<OpenAI> {
    const { apiKey, baseURL = defaultBaseUrl, maxAnswerBytes = defaultMaxAnswerBytes, headers } = this.#options;
    this.#client ??= loadClient({ apiKey, baseURL, maxAnswerBytes, ...(headers === undefined ? {} : { headers }) });
    return this.#client;
  }
}
