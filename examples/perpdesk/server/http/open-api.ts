import {
  actResultSchema,
  actRoutes,
  answeredRoutes,
  problemSchema,
  type SnapshotRoute,
  snapshotQueries,
  snapshotRoutes,
} from '@perpdesk/core/api';
import * as z from 'zod';

const summaries: Record<SnapshotRoute | keyof typeof actRoutes | keyof typeof answeredRoutes, string> = {
  '/status': 'How the desk is and what it runs on.',
  '/instruments': 'All listed instruments.',
  '/candles': 'The last closed bars of a series, oldest first.',
  '/tickers': 'The present prices of all instruments.',
  '/opinions': 'The latest opinion of each agent on each market.',
  '/rounds': 'The newest rounds of the War Room with their turns, newest first.',
  '/positions': 'Open positions with the orders that protect them.',
  '/orders': 'Resting orders.',
  '/accounts': 'Accounts by venue.',
  '/approvals': 'Signals that wait for an answer.',
  '/conversations': 'Conversations with the desk, the one with the newest message first.',
  '/conversation': 'The last messages of a conversation, oldest first.',
  '/proposals': 'What chats proposed, newest first, and what became of it.',
  '/predictions': 'The latest ranking of prediction markets, best first.',
  '/track-records': 'How well each agent did so far.',
  '/model-spend': 'What models cost today.',
  '/events': 'Events of the journal, newest first.',
  '/trace': 'All events that one candle or command led to, oldest first.',
  '/decision': 'A decision made again from what it was made of: whether it comes out the same, and how it came about.',
  '/approvals/{signalId}/approve': 'Approves a waiting signal, exactly as its hash names it.',
  '/approvals/{signalId}/decline': 'Declines a waiting signal.',
  '/positions/close': 'Closes a position, or a part of it, at the market.',
  '/kill-switch': 'Halts new risk and cancels resting entries; protective stops stay.',
  '/flatten': 'Closes every position at the market.',
  '/chat/forget': 'Forgets all that the user and the desk said. Proposals stay.',
  '/chat': 'Asks the desk. An answer may propose something; nothing is done before that is approved.',
  '/proposals/{proposalId}/approve': 'Approves a proposal, exactly as its hash names it, and has it done.',
  '/proposals/{proposalId}/decline': 'Declines a proposal.',
};

const stream = {
  summary: 'Live data: the journal by position, market frames and the state of the desk, as server-sent events.',
  parameters: [
    { name: 'Last-Event-ID', in: 'header', schema: { type: 'string' } },
    { name: 'lastEventId', in: 'query', schema: { type: 'string' } },
  ],
  responses: { 200: { description: 'The stream.', content: { 'text/event-stream': { schema: { type: 'string' } } } } },
};

interface Operation {
  readonly operationId: string;
  readonly summary?: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema: object;
  }[];
  readonly requestBody?: { readonly required: true; readonly content: object };
  readonly responses: object;
}

/** The parts of an OpenAPI document that this one has. */
export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: object;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

/** OpenAPI 3.1 of snapshots, acts and stream, made from the schemas that check them. */
export function openApiDocument(): OpenApiDocument {
  return {
    openapi: '3.1.0',
    info: { title: 'PerpDesk', version: '0', description: 'Snapshots, acts and stream of the reference product.' },
    paths: Object.fromEntries([
      ...Object.entries(snapshotRoutes).map(([route, schema]) => [
        `/api${route}`,
        { get: { ...operation(route), parameters: queryOf(route), responses: answers(schema) } },
      ]),
      ...Object.entries(actRoutes).map(([route, schema]) => [`/api${route}`, posted(route, schema, actResultSchema)]),
      ...Object.entries(answeredRoutes).map(([route, { body, answer }]) => [
        `/api${route}`,
        posted(route, body, answer),
      ]),
      ['/api/stream', { get: { ...operation('/stream'), ...stream } }],
    ]),
    components: { schemas: { Problem: jsonSchema(problemSchema) } },
  };
}

const posted = (route: string, body: z.ZodType, answer: z.ZodType) => ({
  post: {
    ...operation(route),
    parameters: [...route.matchAll(/\{(\w+)\}/g)].map(
      ([, name = '']) => ({ name, in: 'path', required: true, schema: { type: 'string' } }) as const,
    ),
    requestBody: { required: true, content: { 'application/json': { schema: jsonSchema(body, 'input') } } },
    responses: answers(answer),
  },
});

const operation = (route: string) => {
  const summary = Object.entries(summaries).find(([known]) => known === route)?.[1];
  return {
    operationId: route
      .slice(1)
      .replace(/[{}]/g, '')
      .replace(/[/-](\w)/g, (_, letter: string) => letter.toUpperCase()),
    ...(summary === undefined ? {} : { summary }),
  };
};

const answers = (schema: z.ZodType) => ({
  200: { description: 'The answer.', content: { 'application/json': { schema: jsonSchema(schema) } } },
  default: {
    description: 'A problem, with its stable code.',
    headers: {
      'Retry-After': {
        description: 'Of status 429: after how many seconds to ask again.',
        schema: { type: 'integer', minimum: 1 },
      },
    },
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  },
});

function queryOf(route: string): Operation['parameters'] {
  const query = Object.entries(snapshotQueries).find(([known]) => known === route)?.[1];
  if (query === undefined) return [];
  const { properties = {}, required = [] } = jsonSchema(query, 'input');
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema: typeof schema === 'object' ? schema : {},
  }));
}

/**
 * A schema that stands on its own: a reference in a part of a document would be resolved from the document's root. The one
 * recursive schema of the contract is any JSON, which the empty schema says as well.
 */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output' = 'output'): z.core.JSONSchema.BaseSchema {
  const { $schema: _, $defs: __, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return JSON.parse(JSON.stringify(rest), (_name, value: unknown) =>
    typeof value === 'object' && value !== null && '$ref' in value ? {} : value,
  );
}
