import type { ModelBudgets } from '@perpdesk/agents';
import { OpenAiModel, type OpenAiModelOptions } from '@perpdesk/agents/openai';
import { ConfigError, type LanguageModel } from '@perpdesk/core';
import type { RecordedModels } from './intelligence/replayed-models.ts';

/** Variables of the environment, by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What the agents think with. */
export interface ChosenModel {
  /** The first is asked first, the next where it fails. Undefined: the agents' rules. */
  readonly models?: readonly [LanguageModel, ...LanguageModel[]];
  /** Their answers of an earlier run, in place of models. */
  readonly recorded?: RecordedModels;
  /** What they may cost. */
  readonly budgets?: ModelBudgets;
  /** The longest it may take for one answer; undefined: what each agent allows. */
  readonly timeoutMs?: number;
  /** One plain sentence, without the key. */
  readonly notice: string;
}

/** A text as short as `local` is no secret: servers without keys take any, and hiding it would hide every such word. */
const shortestSecret = 8;

/** What must not appear in any log line. */
export const secretsOf = ({ OPENAI_API_KEY: apiKey = '' }: Environment): readonly string[] =>
  apiKey.trim().length < shortestSecret ? [] : [apiKey.trim()];

/**
 * Models behind OpenAI's API, or a server that speaks it, when a key is set; the agents' rules otherwise.
 * @throws ConfigError `model.base-url`, `model.timeout`, `model.prices`, `model.budget`, `model.option`
 */
export function chooseModel(environment: Environment): ChosenModel {
  const variable = (name: string): string => environment[name]?.trim() ?? '';
  const apiKey = variable('OPENAI_API_KEY');
  if (apiKey === '') return { notice: 'The agents follow their rules (no OPENAI_API_KEY is set).' };
  const [first = 'gpt-5-mini', ...others] = variable('OPENAI_MODEL')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const timeoutMs = timeout(variable('OPENAI_TIMEOUT_MS'));
  const baseURL = variable('OPENAI_BASE_URL');
  const address = baseURL === '' ? undefined : URL.parse(baseURL);
  // The address itself is not repeated: it may carry a password.
  if (address === null || (address !== undefined && !/^https?:$/.test(address.protocol)))
    throw new ConfigError('model.base-url', 'OPENAI_BASE_URL is not an address such as http://127.0.0.1:11434/v1.');
  const knowledgeCutoff = variable('OPENAI_KNOWLEDGE_CUTOFF');
  const common = {
    apiKey,
    ...(baseURL === '' ? {} : { baseURL }),
    ...prices(variable('OPENAI_PRICES')),
    ...(knowledgeCutoff === '' ? {} : { knowledgeCutoff }),
  };
  const served = (model: string): LanguageModel => new OpenAiModel({ ...common, model });
  const names = [first, ...others].join(', else ');
  return {
    models: [served(first), ...others.map(served)],
    ...timeoutMs,
    ...budgets({ day: variable('MODEL_DAY_USD'), round: variable('MODEL_ROUND_USD') }),
    notice: `The agents ask ${names} at ${address?.host ?? 'OpenAI'}.`,
  };
}

/** `0.25/2`: dollars for a million tokens in and out. */
function prices(text: string): Pick<OpenAiModelOptions, 'prices'> {
  if (text === '') return {};
  const found = /^(\d+(?:\.\d+)?)\/(\d+(?:\.\d+)?)$/.exec(text);
  if (found === null)
    throw new ConfigError(
      'model.prices',
      `OPENAI_PRICES takes dollars a million tokens as in/out, 0.25/2, not "${text}".`,
    );
  return { prices: { inputUsdPerMillion: Number(found[1]), outputUsdPerMillion: Number(found[2]) } };
}

function budgets(texts: Readonly<Record<'day' | 'round', string>>): Pick<ChosenModel, 'budgets'> {
  const given = Object.entries(texts).flatMap(([scope, text]) => {
    if (text === '') return [];
    const usd = Number(text);
    if (!(usd >= 0 && Number.isFinite(usd)))
      throw new ConfigError('model.budget', `MODEL_${scope.toUpperCase()}_USD takes dollars from 0, not "${text}".`);
    return [[scope, { usd }]];
  });
  return given.length === 0 ? {} : { budgets: Object.fromEntries(given) };
}

function timeout(text: string): { readonly timeoutMs?: number } {
  if (text === '') return {};
  const timeoutMs = Number(text);
  if (!(timeoutMs >= 500 && timeoutMs <= 12_000))
    throw new ConfigError('model.timeout', `OPENAI_TIMEOUT_MS takes 500 to 12000, not "${text}".`);
  return { timeoutMs };
}
