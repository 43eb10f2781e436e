import { createServer, type ServerResponse } from 'node:http';
import { drawReply } from './drawn-answers.ts';

/** A local server that speaks OpenAI's chat completions and draws what it answers from a seed. */
export interface DrawnServer {
  readonly url: string;
  /** Requests by what became of them. */
  readonly plays: Readonly<Record<string, number>>;
  close(): Promise<void>;
}

/** Starts it on a free port of this machine. After `outageAfter` requests it answers nothing but 503. */
export async function startDrawnServer(options: {
  readonly seed: string;
  readonly outageAfter?: number;
}): Promise<DrawnServer> {
  const { seed, outageAfter = Number.POSITIVE_INFINITY } = options;
  const plays: Record<string, number> = {};
  const asked = new Map<string, number>();
  let requests = 0;
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      requests += 1;
      const isOut = requests > outageAfter;
      const question = questionOf(body);
      const times = asked.get(question) ?? 0;
      asked.set(question, times + 1);
      const reply = drawReply(seed, question, times);
      const play = isOut ? 'status 503' : reply.play;
      plays[play] = (plays[play] ?? 0) + 1;
      if (isOut) fail(response, 503);
      else if (reply.kind === 'status') fail(response, 500);
      else if (reply.kind === 'answer') setTimeout(() => complete(response, reply.text), reply.afterMs);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return {
    url: `http://127.0.0.1:${address.port}/v1`,
    plays,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const fail = (response: ServerResponse, status: number): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end('{"error":{"message":"oops"}}');

function complete(response: ServerResponse, content: string): void {
  const message = { role: 'assistant', content, refusal: null };
  const usage = { prompt_tokens: 900, completion_tokens: 120, total_tokens: 1_020 };
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ choices: [{ index: 0, finish_reason: 'stop', message }], usage }));
}

function questionOf(body: string): string {
  const { messages }: { messages: readonly { role: string; content: string }[] } = JSON.parse(body);
  return messages.find(({ role }) => role === 'user')?.content ?? '';
}
