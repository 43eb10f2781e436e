import { ConfigError } from '@perpdesk/core';
import type { OpenAI } from 'openai';

/** What the client is made with. */
export interface ClientOptions {
  readonly apiKey: string;
  readonly baseURL: string;
  readonly maxRetries: number;
  readonly maxAnswerBytes: number;
}

type Import = () => Promise<{ readonly OpenAI: typeof OpenAI }>;

/**
 * Loads the `openai` package, which is an optional peer, and makes a client that reads nothing of the environment, logs
 * nothing and takes no answer longer than its bound.
 * @throws ConfigError `openai.missing` with the install line
 */
export async function loadClient(options: ClientOptions, load: Import = () => import('openai')): Promise<OpenAI> {
  let library: Awaited<ReturnType<Import>>;
  try {
    library = await load();
  } catch (cause) {
    throw new ConfigError('openai.missing', 'A model needs the openai package: npm install openai', { cause });
  }
  return new library.OpenAI({
    apiKey: options.apiKey,
    baseURL: options.baseURL,
    maxRetries: options.maxRetries,
    organization: null,
    project: null,
    logLevel: 'off',
    fetch: (url, init) => boundedFetch(url, init, options.maxAnswerBytes),
  });
}

/** Thrown through the client when an answer is longer than allowed. */
export class AnswerTooLong extends Error {}

/** Reads the whole answer here, so that an endless one is cut off at the bound and time runs for the body too. */
async function boundedFetch(
  url: string | URL | Request,
  init: RequestInit | undefined,
  maxBytes: number,
): Promise<Response> {
  const response = await fetch(url, init);
  if (response.body === null) return response;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body) {
    length += chunk.length;
    if (length > maxBytes) throw new AnswerTooLong();
    chunks.push(chunk);
  }
  const { status, statusText, headers } = response;
  return new Response(status === 204 ? null : Buffer.concat(chunks), { status, statusText, headers });
}
