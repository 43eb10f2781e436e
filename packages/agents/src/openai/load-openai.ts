import { ConfigError } from '@perpdesk/core';
import type { OpenAI } from 'openai';

/** What the client is made with. */
export interface ClientOptions {
  readonly apiKey: string;
  readonly baseURL: string;
  readonly maxAnswerBytes: number;
  readonly headers?: Readonly<Record<string, string>>;
}

type Import = () => Promise<{ readonly OpenAI: typeof OpenAI }>;

/** A streamed token comes in some 300 bytes of JSON, thinking that is not read among them. */
const streamOverhead = 64;

/**
 * Loads the `openai` package, which is an optional peer, and makes a client that reads nothing of the environment, logs
 * nothing, repeats nothing and takes no answer longer than its bound.
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
    maxRetries: 0,
    organization: null,
    project: null,
    logLevel: 'off',
    ...(options.headers === undefined ? {} : { defaultHeaders: options.headers }),
    fetch: (url, init) => boundedFetch(url, init, options.maxAnswerBytes),
  });
}

/** Thrown through the client when an answer is longer than allowed. */
export class AnswerTooLong extends Error {}

/** True for a response that comes as server-sent events. */
export const isStream = ({ headers }: Response): boolean =>
  headers.get('content-type')?.startsWith('text/event-stream') ?? false;

/**
 * Reads a whole answer here, so that an endless one is cut off at the bound and time runs for the body too. A stream is counted
 * as it passes.
 */
async function boundedFetch(
  url: string | URL | Request,
  init: RequestInit | undefined,
  maxBytes: number,
): Promise<Response> {
  const response = await fetch(url, init);
  if (response.body === null) return response;
  const { status, statusText, headers } = response;
  if (response.ok && isStream(response)) {
    const body = response.body.pipeThrough(boundedPass(maxBytes * streamOverhead));
    return new Response(body, { status, statusText, headers });
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body) {
    length += chunk.length;
    if (length > maxBytes) throw new AnswerTooLong();
    chunks.push(chunk);
  }
  return new Response(status === 204 ? null : Buffer.concat(chunks), { status, statusText, headers });
}

function boundedPass(maxBytes: number): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let length = 0;
  return new TransformStream({
    transform: (chunk, controller) => {
      length += chunk.length;
      if (length > maxBytes) controller.error(new AnswerTooLong());
      else controller.enqueue(chunk);
    },
  });
}
