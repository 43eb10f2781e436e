import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { DomainEventType, Logger } from '@perpdesk/core';
import {
  type ActResult,
  approveRequestSchema,
  candleQuerySchema,
  closeRequestSchema,
  declineRequestSchema,
  haltRequestSchema,
  type RoundRecord,
  type Snapshot,
  type SnapshotRoute,
} from '@perpdesk/core/api';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import * as z from 'zod';
import type { RunningDesk } from '../desk.ts';
import type { EventStream } from './event-stream.ts';
import { guardRequests } from './guard-requests.ts';
import { openApiDocument } from './open-api.ts';
import { HttpProblem, toProblem } from './problem.ts';
import { readRounds } from './read-rounds.ts';

type Environment = { Bindings: HttpBindings };

/** What the HTTP side needs. */
export interface AppOptions {
  readonly desk: RunningDesk;
  readonly stream: EventStream;
  readonly userId: string;
  /** Types shown in the feed. */
  readonly feedTypes: readonly DomainEventType[];
  readonly webDirectory: string;
  readonly logger: Logger;
}

const limitSchema = z.object({ limit: z.coerce.number().int().min(1).max(500).default(100) });
const afterSchema = limitSchema.extend({ after: z.coerce.number().int().nonnegative().default(0) });
const traceSchema = z.object({ id: z.string().min(1).max(200) });

/** The product's HTTP interface: snapshots, acts, the stream, and the page. */
export function createApp(options: AppOptions): Hono<Environment> {
  const { desk, stream, userId, logger } = options;
  const app = new Hono<Environment>();
  app.use('*', guardRequests);
  app.use(
    '/api/*',
    bodyLimit({
      maxSize: 64 * 1024,
      onError: () => problemResponse(new HttpProblem(413, 'body.too-large', 'A body is at most 64 KiB.')),
    }),
  );
  app.onError((error) => {
    if (!(error instanceof HttpProblem)) logger.error({ error }, 'a request failed');
    return problemResponse(error);
  });
  app.notFound(() => problemResponse(new HttpProblem(404, 'route.unknown', 'There is nothing here.')));

  const get = <Route extends SnapshotRoute>(
    route: Route,
    read: (context: Context<Environment>) => Promise<Snapshot<Route>> | Snapshot<Route>,
  ) => app.get(`/api${route}`, async (context) => context.json((await read(context)) as object));
  const act = (route: string, run: (context: Context<Environment>) => Promise<ActResult>) =>
    app.post(`/api${route}`, async (context) => context.json(await run(context)));

  get('/status', () => desk.status());
  get('/instruments', () =>
    desk.marketView
      .instruments()
      .map((instrument) => ({
        ...instrument,
        reference: desk.marketView.reference(instrument.market)?.id === instrument.id,
      })),
  );
  get('/candles', (context) => {
    const { instrumentId, timeframe, limit } = parse(candleQuerySchema, context.req.query());
    if (desk.marketView.instrument(instrumentId) === undefined)
      throw new HttpProblem(404, 'instrument.unknown', `There is no instrument ${instrumentId}.`);
    return [...desk.marketView.candles(instrumentId, timeframe, limit)];
  });
  get('/tickers', () => desk.marketView.instruments().flatMap(({ id }) => desk.marketView.ticker(id)?.value ?? []));
  get('/opinions', async () => {
    const published = await desk.eventBus.read({ types: ['opinion.published'], order: 'descending', limit: 300 });
    const latest = new Map<string, Snapshot<'/opinions'>[number]>();
    for (const { event } of published) {
      if (event.type !== 'opinion.published') continue;
      const key = `${event.payload.agent}:${event.payload.market}`;
      if (!latest.has(key)) latest.set(key, event.payload);
    }
    return [...latest.values()];
  });
  get(
    '/rounds',
    (context): Promise<RoundRecord[]> => readRounds(desk.eventBus, parse(limitSchema, context.req.query()).limit),
  );
  get('/positions', () => [...desk.portfolio.positions(userId)]);
  get('/orders', () => [...desk.portfolio.openOrders(userId)]);
  get('/accounts', () => desk.venueNames.flatMap((venue) => desk.portfolio.account(userId, venue)?.value ?? []));
  get('/approvals', async () => [...(await desk.trades.fetchApprovals(userId))]);
  get('/events', async (context) => {
    const { after, limit } = parse(afterSchema, context.req.query());
    const events = await desk.eventBus.read({
      types: options.feedTypes,
      afterPosition: after,
      order: 'descending',
      limit,
    });
    return own(events);
  });
  get('/trace', async (context) =>
    own(await desk.eventBus.read({ traceId: parse(traceSchema, context.req.query()).id, limit: 1000 })),
  );
  app.get('/api/openapi.json', (context) => context.json(openApiDocument()));

  act('/approvals/:signalId/approve', async (context) => {
    const { contentHash } = await body(approveRequestSchema, context);
    await desk.trades.approve(userId, context.req.param('signalId') ?? '', contentHash);
    return { outcome: 'approved' };
  });
  act('/approvals/:signalId/decline', async (context) => {
    const { reason } = await body(declineRequestSchema, context);
    await desk.trades.decline(userId, context.req.param('signalId') ?? '', reason);
    return { outcome: 'declined' };
  });
  act('/positions/close', async (context) => {
    const { venue, instrumentId, fraction } = await body(closeRequestSchema, context);
    return actResult(
      await desk.closer.close({ userId, venue, instrumentId }, { origin: 'manual', reason: 'manual', fraction }),
    );
  });
  act('/kill-switch', async (context) => {
    const { reason } = await body(haltRequestSchema, context);
    const canceled = await desk.killSwitch.trip(`user:${userId}`, reason, [userId]);
    return { outcome: 'halted', detail: `${canceled} resting entries cancelled; protective stops stay.` };
  });
  act('/flatten', async () => {
    const outcomes = await desk.killSwitch.flatten(userId);
    const failed = outcomes.filter((outcome) => outcome.status === 'rejected').length;
    return {
      outcome: failed === 0 ? 'accepted' : 'unknown',
      detail: `${outcomes.length - failed} of ${outcomes.length} closes were sent.`,
    };
  });

  app.get('/api/stream', async (context) => {
    const header = context.req.header('last-event-id') ?? context.req.query('lastEventId');
    const last = header === undefined || !/^\d{1,15}$/.test(header) ? undefined : Number(header);
    await stream.serve(context.env.outgoing as Parameters<EventStream['serve']>[0], userId, last);
    return RESPONSE_ALREADY_SENT;
  });

  app.get(
    '*',
    async (context) =>
      (await page(options.webDirectory, context.req.path)) ??
      problemResponse(new HttpProblem(404, 'route.unknown', 'There is nothing here.')),
  );
  return app;

  /** Events without a user, and the user's own. */
  function own(events: Awaited<ReturnType<typeof desk.eventBus.read>>): Snapshot<'/events'> {
    return events.filter(({ event }) => event.userId === undefined || event.userId === userId) as Snapshot<'/events'>;
  }
}

function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new HttpProblem(400, 'request.invalid', `${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'invalid'}.`);
}

async function body<Schema extends z.ZodType>(
  schema: Schema,
  context: Context<Environment>,
): Promise<z.output<Schema>> {
  const json: unknown = await context.req.json().catch(() => {
    throw new HttpProblem(400, 'request.invalid', 'The body must be JSON.');
  });
  return parse(schema, json);
}

const actResult = (result: {
  readonly outcome: string;
  readonly rejection?: { readonly code: string; readonly message: string };
}): ActResult => ({
  outcome: result.outcome,
  ...(result.rejection === undefined ? {} : { detail: `${result.rejection.code}: ${result.rejection.message}` }),
});

function problemResponse(error: unknown): Response {
  const problem = toProblem(error);
  return Response.json(problem, { status: problem.status, headers: { 'Content-Type': 'application/problem+json' } });
}

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.woff2': 'font/woff2',
};

/** A file of the built page; paths without an extension give the page itself. */
async function page(directory: string, path: string): Promise<Response | undefined> {
  const file = normalize(join(directory, extname(path) === '' ? 'index.html' : decodeURIComponent(path)));
  if (!file.startsWith(directory + sep)) return undefined;
  try {
    const bytes = await readFile(file);
    const immutable = path.startsWith('/assets/');
    return new Response(new Uint8Array(bytes), {
      headers: {
        'Content-Type': types[extname(file)] ?? 'application/octet-stream',
        'Cache-Control': immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
      },
    });
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'EISDIR'))
      return undefined;
    throw error;
  }
}

/** Where Vite puts the page. */
export const builtPage = fileURLToPath(new URL('../../web/dist', import.meta.url));
