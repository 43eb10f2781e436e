import {
  actResultSchema,
  approveRequestSchema,
  candleQuerySchema,
  closeRequestSchema,
  declineRequestSchema,
  haltRequestSchema,
  problemSchema,
  snapshotRoutes,
} from '@perpdesk/core/api';
import * as z from 'zod';

const acts = {
  '/approvals/{signalId}/approve': approveRequestSchema,
  '/approvals/{signalId}/decline': declineRequestSchema,
  '/positions/close': closeRequestSchema,
  '/kill-switch': haltRequestSchema,
} as const;

/** OpenAPI 3.1 of the snapshots and acts, made from the schemas that check them. */
export function openApiDocument(): object {
  const json = (schema: z.ZodType, io: 'input' | 'output' = 'output') => ({
    'application/json': { schema: z.toJSONSchema(schema, { io, target: 'draft-2020-12', unrepresentable: 'any' }) },
  });
  const answers = (schema: z.ZodType) => ({
    200: { description: 'The answer.', content: json(schema) },
    default: {
      description: 'A problem.',
      content: { 'application/problem+json': json(problemSchema)['application/json'] },
    },
  });
  const query = Object.entries(candleQuerySchema.shape).map(([name, schema]) => ({
    name,
    in: 'query',
    required: name !== 'limit',
    schema: z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }),
  }));
  return {
    openapi: '3.1.0',
    info: {
      title: 'PerpDesk',
      version: '0',
      description: 'Snapshots and acts of the reference product. Live data: GET /api/stream (SSE).',
    },
    paths: Object.fromEntries([
      ...Object.entries(snapshotRoutes).map(([route, schema]) => [
        `/api${route}`,
        { get: { responses: answers(schema), ...(route === '/candles' ? { parameters: query } : {}) } },
      ]),
      ...Object.entries(acts).map(([route, schema]) => [
        `/api${route}`,
        {
          post: {
            requestBody: { required: true, content: json(schema, 'input') },
            responses: answers(actResultSchema),
            ...(route.includes('{')
              ? { parameters: [{ name: 'signalId', in: 'path', required: true, schema: { type: 'string' } }] }
              : {}),
          },
        },
      ]),
    ]),
  };
}
