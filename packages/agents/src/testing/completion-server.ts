import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as the server saw it. */
export interface SeenRequest {
  readonly path: string;
  readonly authorization: string;
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
export type Reply = string | ((response: ServerResponse, seen: SeenRequest) => void);

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
  (status: number, body: string): Reply =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  };

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
      body: JSON.parse(text),
    };
    this.requests.push(seen);
    const reply = this.#replies[Math.min(this.requests.length, this.#replies.length) - 1];
    if (typeof reply === 'string')
      response.writeHead(200, { 'content-type': 'application/json' }).end(completion(reply));
    else reply?.(response, seen);
  }
}
