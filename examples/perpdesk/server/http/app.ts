import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { DomainEventType, Logger, StoredEvent } from '@perpdesk/core';
import {
  type ActResult,
  type ActRoute,
  type AnsweredRoute,
  actRoutes,
  answeredRoutes,
  candleQuerySchema,
  conversationQuerySchema,
  eventsQuerySchema,
  roundsQuerySchema,
  type Snapshot,
  type SnapshotRoute,
  traceQuerySchema,
} from '@perpdesk/core/api';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type * as z from 'zod';
import { closeResult, flattenResult } from './act-results.ts';
import { readPage } from './built-page.ts';
import type { EventStream } from './event-stream.ts';
import { guardRequests } from './guard-requests.ts';
import { latestOpinions } from './latest-opinions.ts';
import { openApiDocument } from './open-api.ts';
import { HttpProblem, retryAfterOf, toProblem } from './problem.ts';
import { readBody, readQuery } from './read-request.ts';
import { readRounds } from './read-rounds.ts';
import type { ServedDesk } from './served-desk.ts';

export { builtPage } from './built-page.ts';

type Environment = { Bindings: HttpBindings };

/** What the HTTP side needs. */
export interface AppOptions {
  readonly desk: ServedDesk;
  readonly stream: EventStream;
  readonly userId: string;
  /** Types shown in the feed. */
  readonly feedTypes: readonly DomainEventType[];
  readonly webDirectory: string;
  readonly logger: Logger;
}

const nothing = (): HttpProblem => new HttpProblem(404, 'route.unknown', 'There is nothing here.');

/** The product's HTTP interface: snapshots, acts, the stream, and the page. */
export function createApp(options: AppOptions): Hono<Environment> {
  const { desk, stream, userId, logger } = options;
  const { marketView, portfolio, eventBus } = desk;
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
  app.notFound(() => problemResponse(nothing()));

  const get = <Route extends SnapshotRoute>(
    route: Route,
    read: (context: Context<Environment>) => Promise<Snapshot<Route>> | Snapshot<Route>,
  ) =>
    app.get(`/api${route}`, async (context) => {
      context.header('Cache-Control', 'no-store');
      return context.json((await read(context)) as object);
    });

  get('/status', () => desk.status());
  get('/instruments', () =>
    marketView.instruments().map((instrument) => ({
      ...instrument,
      reference: marketView.reference(instrument.market)?.id === instrument.id,
    })),
  );
  get('/candles', (context) => {
    const { instrumentId, timeframe, limit } = readQuery(candleQuerySchema, context);
    if (marketView.instrument(instrumentId) === undefined)
      throw new HttpProblem(404, 'instrument.unknown', `There is no instrument ${instrumentId}.`);
    return [...marketView.candles(instrumentId, timeframe, limit)];
  });
  get('/tickers', () => marketView.instruments().flatMap(({ id }) => marketView.ticker(id)?.value ?? []));
  get('/opinions', () => latestOpinions(eventBus, marketView.instruments().length));
  get('/rounds', (context) => readRounds(eventBus, readQuery(roundsQuerySchema, context).limit));
  get('/positions', () => [...portfolio.positions(userId)]);
  get('/orders', () => [...portfolio.openOrders(userId)]);
  get('/accounts', () => desk.venueNames.flatMap((venue) => portfolio.account(userId, venue)?.value ?? []));
  get('/approvals', async () => [...(await desk.trades.fetchApprovals(userId))]);
  get('/conversations', async () => [...(await desk.chat.conversations(userId))]);
  get('/conversation', async (context) => {
    const { id, limit } = readQuery(conversationQuerySchema, context);
    return [...(await desk.chat.conversation(userId, id, limit))];
  });
  get('/proposals', async () => [...(await desk.chat.proposals(userId))]);
  get('/predictions', () => [...desk.predictions()]);
  get('/track-records', () => [...desk.trackRecords()]);
  get('/model-spend', () => desk.modelSpend());
  get('/events', async (context) => {
    const { after, limit } = readQuery(eventsQuerySchema, context);
    return own(
      await eventBus.read({ types: options.feedTypes, afterPosition: after, order: 'descending', limit }),
      userId,
    );
  });
  get('/trace', async (context) => {
    const { id } = readQuery(traceQuerySchema, context);
    return own(await eventBus.read({ traceId: id, limit: 1000 }), userId);
  });
  get('/decision', (context) => desk.review(userId, readQuery(traceQuerySchema, context).id));
  app.get('/api/openapi.json', (context) => context.json(openApiDocument()));

  const act = <Route extends ActRoute>(
    route: Route,
    run: (body: z.output<(typeof actRoutes)[Route]>, signalId: string) => Promise<ActResult>,
  ) =>
    app.post(`/api${route.replace('{signalId}', ':signalId')}`, async (context) => {
      const body = await readBody(actRoutes[route], context);
      return context.json(await run(body as z.output<(typeof actRoutes)[Route]>, context.req.param('signalId') ?? ''));
    });

  act('/approvals/{signalId}/approve', async ({ contentHash }, signalId) => {
    const waiting = (await desk.trades.fetchApprovals(userId)).find(({ signal }) => signal.id === signalId);
    // Refused here, the signal goes on waiting; the workflow would take a wrong hash for its one answer.
    if (waiting !== undefined && waiting.contentHash !== contentHash)
      throw new HttpProblem(409, 'approval.altered', 'The plan is not the one that was shown: look at it again.');
    await desk.trades.approve(userId, signalId, contentHash);
    return { outcome: 'approved' };
  });
  act('/approvals/{signalId}/decline', async ({ reason }, signalId) => {
    await desk.trades.decline(userId, signalId, reason);
    return { outcome: 'declined' };
  });
  act('/positions/close', async ({ venue, instrumentId, fraction }) => {
    const held = desk.portfolio
      .positions(userId)
      .find((position) => position.venue === venue && position.instrumentId === instrumentId);
    // A part of what may not be there any more could be too much of the rest.
    const known = held === undefined || fraction < 1 ? {} : { known: held };
    const request = { origin: 'manual', reason: 'manual', fraction, ...known } as const;
    return closeResult(await desk.closer.close({ userId, venue, instrumentId }, request));
  });
  act('/kill-switch', async ({ reason }) => {
    const canceled = await desk.killSwitch.trip(`user:${userId}`, reason, [userId]);
    return { outcome: 'halted', detail: `${canceled} resting entries cancelled; protective stops stay.` };
  });
  // Whose is the session's: there is nothing in the body to name another by.
  act('/chat/forget', async () => {
    await desk.chat.forget(userId);
    return { outcome: 'forgotten' };
  });
  act('/flatten', async () => flattenResult(await desk.killSwitch.flatten(userId)));

  const answered = <Route extends AnsweredRoute>(
    route: Route,
    run: (
      body: z.output<(typeof answeredRoutes)[Route]['body']>,
      context: { readonly id: string; readonly signal: AbortSignal },
    ) => Promise<z.output<(typeof answeredRoutes)[Route]['answer']>>,
  ) =>
    app.post(`/api${route.replace('{proposalId}', ':proposalId')}`, async (context) => {
      const body = await readBody(answeredRoutes[route].body, context);
      const about = { id: context.req.param('proposalId') ?? '', signal: context.req.raw.signal };
      context.header('Cache-Control', 'no-store');
      return context.json((await run(body as Parameters<typeof run>[0], about)) as object);
    });

  // Who asks is the session's: a body that names a user is refused.
  answered('/chat', (body, { signal }) => desk.chat.ask({ ...body, userId }, { signal }));
  answered('/proposals/{proposalId}/approve', ({ contentHash }, { id }) => desk.chat.approve(userId, id, contentHash));
  answered('/proposals/{proposalId}/decline', ({ reason }, { id }) => desk.chat.decline(userId, id, reason));

  app.get('/api/stream', async (context) => {
    if (context.req.method !== 'GET') throw nothing();
    const header = context.req.header('last-event-id') ?? context.req.query('lastEventId');
    const last = header === undefined || !/^\d{1,15}$/.test(header) ? undefined : Number(header);
    await stream.serve(context.env.outgoing as Parameters<EventStream['serve']>[0], userId, last);
    return RESPONSE_ALREADY_SENT;
  });

  app.all('/api/*', () => {
    throw nothing();
  });
  app.get(
    '*',
    async (context) => (await readPage(options.webDirectory, context.req.path)) ?? problemResponse(nothing()),
  );
  return app;
}

/** Events without a user, and the user's own. */
const own = (events: readonly StoredEvent[], userId: string): Snapshot<'/events'> =>
  events.filter(({ event }) => event.userId === undefined || event.userId === userId) as Snapshot<'/events'>;

function problemResponse(error: unknown): Response {
  const problem = toProblem(error);
  return Response.json(problem, {
    status: problem.status,
    headers: { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store', ...retryAfterOf(error) },
  });
}
