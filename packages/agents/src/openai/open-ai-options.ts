import { ConfigError } from '@perpdesk/core';
import type { ReasoningEffort } from 'openai/resources/shared';
import type { ModelPrices } from '../model/price/cost.ts';

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
  /** Left to the server when absent: models that do not reason refuse it. */
  readonly reasoningEffort?: NonNullable<ReasoningEffort>;
  /** Room for thinking, added to the output bound of each request. Default 0, or 4,096 where `reasoningEffort` is set and not `none`. */
  readonly reasoningTokens?: number;
  /** Makes a server that knows it answer alike to equal questions, as well as it can. An integer. */
  readonly seed?: number;
  /** Whether answers are streamed to those who watch (`onText`). Default true. */
  readonly streaming?: boolean;
  /** Further members of each request, such as `{ provider: { data_collection: 'deny' } }` (OpenRouter) or `{ chat_template_kwargs: { enable_thinking: false } }` (vLLM). They replace none of ours. */
  readonly extraBody?: Readonly<Record<string, unknown>>;
  /** Further headers of each request, such as `HTTP-Referer` and `X-Title` (OpenRouter). */
  readonly headers?: Readonly<Record<string, string>>;
  /** What the server takes for it; 0 for a server of one's own. Budgets in dollars need it. */
  readonly prices?: ModelPrices;
  /** The day after which the model has read nothing, as `2025-06-30`; backtests compare their window with it. */
  readonly knowledgeCutoff?: string;
  /** The longest answer taken, in bytes of the response; streamed, in characters of the answer. Default 65,536. */
  readonly maxAnswerBytes?: number;
}

/** @throws ConfigError `model.no-key`, `model.option` */
export function checkOptions(options: OpenAiModelOptions): void {
  if (options.apiKey.trim() === '') throw new ConfigError('model.no-key', 'A model needs an API key.');
  const { seed, temperature, knowledgeCutoff, prices, reasoningTokens, maxAnswerBytes } = options;
  const problem = (name: string, what: string, value: unknown): ConfigError =>
    new ConfigError('model.option', `${name} must be ${what}, not ${JSON.stringify(value) ?? String(value)}.`);
  if (options.model.trim() === '') throw problem('model', "a model's name", options.model);
  if (seed !== undefined && !Number.isSafeInteger(seed)) throw problem('seed', 'an integer', seed);
  if (temperature !== undefined && !(temperature >= 0 && temperature <= 2))
    throw problem('temperature', 'from 0 to 2', temperature);
  if (reasoningTokens !== undefined && !(Number.isSafeInteger(reasoningTokens) && reasoningTokens >= 0))
    throw problem('reasoningTokens', 'a whole number from 0', reasoningTokens);
  if (maxAnswerBytes !== undefined && !(Number.isSafeInteger(maxAnswerBytes) && maxAnswerBytes > 0))
    throw problem('maxAnswerBytes', 'a whole number above 0', maxAnswerBytes);
  if (knowledgeCutoff !== undefined && !isDay(knowledgeCutoff))
    throw problem('knowledgeCutoff', 'a day such as "2025-06-30"', knowledgeCutoff);
  for (const [name, price] of Object.entries(prices ?? {}))
    if (!(Number.isFinite(price) && price >= 0)) throw problem(`prices.${name}`, 'dollars from 0', price);
}

const isDay = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) && new Date(`${text}T00:00:00Z`).toJSON()?.slice(0, 10) === text;
