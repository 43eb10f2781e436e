import { createServer, type ServerResponse } from 'node:http';

/** How a model server answers: as asked, with what no schema fits, or never. */
export type ServerMood = 'good' | 'rubbish' | 'hanging';

/** A local server that speaks OpenAI's chat completions. */
export interface ModelServer {
  readonly url: string;
  /** What callers authorised themselves with, a request each. */
  readonly authorizations: readonly string[];
  /** Resolves at the first request. */
  readonly asked: Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts a server on a free port of this machine. */
export async function startModelServer(mood: ServerMood): Promise<ModelServer> {
  const authorizations: string[] = [];
  const asked = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    authorizations.push(request.headers.authorization ?? '');
    asked.resolve();
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      if (mood !== 'hanging')
        complete(response, mood === 'good' ? answerTo(questionOf(body)) : { rubbish: body.length });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return {
    url: `http://127.0.0.1:${address.port}/v1`,
    authorizations,
    asked: asked.promise,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function complete(response: ServerResponse, content: object): void {
  const message = { role: 'assistant', content: JSON.stringify(content), refusal: null };
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ choices: [{ index: 0, finish_reason: 'stop', message }] }));
}

function questionOf(body: string): string {
  const { messages }: { messages: readonly { role: string; content: string }[] } = JSON.parse(body);
  return messages.findLast(({ role }) => role === 'user')?.content ?? '';
}

/** An answer that fits and cites what it was given: to Riven the first target, to Koda the rules' entry, to an agent every component at 15. */
export function answerTo(question: string): object {
  if (question.startsWith('plan: ')) return { choice: 0, notes: ['It suits the market.'] };
  if (question.startsWith('<data>')) return { reasoning: 'Structure and positioning agree.', keepTargets: [0] };
  const lines = new Map(question.split('\n').map((line) => [line.slice(0, line.indexOf(': ')), line] as const));
  const part = <Value>(name: string): Value => JSON.parse(lines.get(name)?.slice(name.length + 2) ?? 'null');
  const [feature, value] = Object.entries(part<Record<string, number>>('features'))[0] ?? ['', 0];
  return {
    direction: 'long',
    components: Object.fromEntries(part<string[]>('components').map((name) => [name, 15])),
    keyLevels: [],
    evidence: [{ feature, value }],
    reasoning: 'All of it leans one way.',
    regime: 'trending',
    structureState: 'trend',
    momentumAlignment: 'aligned',
    volumeRead: 'confirming',
    outlook: 'higher',
  };
}
