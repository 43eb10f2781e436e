import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as the server saw it. */
export interface SeenRequest {
  readonly path: string;
  readonly authorization: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: {
    readonly model: string;
    readonly messages: readonly { readonly role: string; readonly content: string }[];
    readonly response_format: {
      readonly type: string;
      readonly json_schema?: { readonly strict: boolean; readonly schema: object };
    };
  } & Record<string, unknown>;
}

/** What the server does with a request: text is the completion's content, or it handles the response itself. */
export type Reply = string | Handler;
/** Handles a response. */
export type Handler = (response: ServerResponse, seen: SeenRequest) => void;

/** A chat completion around a content. */
export const completion = (
  content: string | null,
  more: { readonly finishReason?: string; readonly refusal?: string } = {},
) =>
  JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'served',
    choices: [
      {
        index: 0,
        finish_reason: more.finishReason ?? 'stop',
        message: { role: 'assistant', content, refusal: more.refusal ?? null },
      },
    ],
    usage: { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 },
  });

/** Answers with a status and a JSON body. */
export const json =
  (status: number, body: string, headers: Readonly<Record<string, string>> = {}): Handler =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  };

/** How a completion ends. */
export interface AnswerEnd {
  readonly finishReason?: string;
  readonly refusal?: string;
  /** False for servers that count no tokens of a stream. Default true. */
  readonly usage?: boolean;
}

/** Answers with a content as the request asks for it: streamed piece by piece, or whole. */
export const answer =
  (content: string | null, more: AnswerEnd = {}): Handler =>
  (response, { body }) => {
    if (body.stream !== true) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(completion(content, more));
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const piece of pieces(content ?? '')) response.write(chunk({ content: piece }));
    if (more.refusal !== undefined) response.write(chunk({ refusal: more.refusal }));
    response.write(chunk({}, more.finishReason ?? 'stop'));
    if (more.usage !== false)
      response.write(event({ choices: [], usage: { prompt_tokens: 100, completion_tokens: 20 } }));
    response.end('data: [DONE]\n\n');
  };

const event = (value: object): string => `data: ${JSON.stringify(value)}\n\n`;

/** A streamed piece of a completion. */
export const chunk = (delta: object, finishReason: string | null = null): string =>
  event({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    model: 'served',
    choices: [{ index: 0, delta, finish_reason: finishReason }],
  });

/** A text in pieces of some characters, as tokens come; a very long one in a thousand. */
export function pieces(text: string): readonly string[] {
  const length = Math.max(7, Math.ceil(text.length / 1_000));
  return Array.from({ length: Math.ceil(text.length / length) }, (_, i) => text.slice(i * length, (i + 1) * length));
}

/** A local server that speaks OpenAI's chat completions and gives the replies one after another, the last one for ever. */
export class CompletionServer {
  readonly requests: SeenRequest[] = [];
  readonly #server: Server;
  readonly #replies: readonly Reply[];

  constructor(replies: readonly Reply[]) {
    this.#replies = replies;
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const seen: SeenRequest = {
      path: request.url ?? '',
      authorization: request.headers.authorization ?? '',
      headers: request.headers,
      body: JSON.parse(text),
    };
    this.requests.push(seen);
    const reply = this.#replies[Math.min(this.requests.length, this.#replies.length) - 1];
    (typeof reply === 'string' ? answer(reply) : reply)?.(response, seen);
  }
}
