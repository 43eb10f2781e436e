import { OpenAiModel } from '@perpdesk/agents/openai';
import { ConfigError, type LanguageModel } from '@perpdesk/core';

/** Variables of the environment, by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What the agents think with. */
export interface ChosenModel {
  /** Undefined: their rules. */
  readonly model?: LanguageModel;
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
 * A model behind OpenAI's API, or a server that speaks it, when a key is set; the agents' rules otherwise.
 * @throws ConfigError `model.base-url`, `model.timeout`
 */
export function chooseModel(environment: Environment): ChosenModel {
  const variable = (name: string): string => environment[name]?.trim() ?? '';
  const apiKey = variable('OPENAI_API_KEY');
  if (apiKey === '') return { notice: 'The agents follow their rules (no OPENAI_API_KEY is set).' };
  const model = variable('OPENAI_MODEL') || 'gpt-5-mini';
  const timeoutMs = timeout(variable('OPENAI_TIMEOUT_MS'));
  const baseURL = variable('OPENAI_BASE_URL');
  if (baseURL === '')
    return { model: new OpenAiModel({ apiKey, model }), ...timeoutMs, notice: `The agents ask ${model} at OpenAI.` };
  const address = URL.parse(baseURL);
  // The address itself is not repeated: it may carry a password.
  if (address === null || !/^https?:$/.test(address.protocol))
    throw new ConfigError('model.base-url', 'OPENAI_BASE_URL is not an address such as http://127.0.0.1:11434/v1.');
  return {
    model: new OpenAiModel({ apiKey, model, baseURL }),
    ...timeoutMs,
    notice: `The agents ask ${model} at ${address.host}.`,
  };
}

function timeout(text: string): { readonly timeoutMs?: number } {
  if (text === '') return {};
  const timeoutMs = Number(text);
  if (!(timeoutMs >= 500 && timeoutMs <= 12_000))
    throw new ConfigError('model.timeout', `OPENAI_TIMEOUT_MS takes 500 to 12000, not "${text}".`);
  return { timeoutMs };
}
