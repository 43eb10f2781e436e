import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { getRequestListener } from '@hono/node-server';
import { chatMessageSchema, proposalSchema, ValidationError } from '@perpdesk/core';
import {
  actRoutes,
  answeredRoutes,
  type Problem,
  problemSchema,
  type SnapshotRoute,
  snapshotRoutes,
} from '@perpdesk/core/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApiDocument } from './open-api.ts';
import {
  exampleAnswer,
  exampleApproval,
  exampleAtMs,
  exampleOpinion,
  examplePosition,
  exampleProposal,
  exampleRecords,
  exampleRound,
  exampleSignal,
} from './testing/example-data.ts';
import { exampleDesk } from './testing/example-desk.ts';
import { StreamReader } from './testing/stream-reader.ts';

const own = { host: '127.0.0.1:4780' };
const hash = exampleApproval.contentHash;
let webDirectory: string;

beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'perpdesk-page-'));
  webDirectory = join(directory, 'dist');
  await mkdir(join(webDirectory, 'assets'), { recursive: true });
  await writeFile(join(webDirectory, 'index.html'), '<!doctype html><title>PerpDesk</title>');
  await writeFile(join(webDirectory, 'assets', 'index-1.js'), 'export {};');
  await writeFile(join(directory, 'secret.txt'), 'secret');
  await mkdir(`${webDirectory}-other`);
  await writeFile(join(`${webDirectory}-other`, 'x.txt'), 'secret');
});
afterAll(() => rm(join(webDirectory, '..'), { recursive: true }));

function serving() {
  const desk = exampleDesk({ webDirectory });
  const get = (path: string, headers: Record<string, string> = {}) =>
    desk.app.request(path, { headers: { ...own, ...headers } });
  const post = (path: string, body?: string, headers: Record<string, string> = {}) =>
    desk.app.request(path, {
      method: 'POST',
      headers: { ...own, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body }),
    });
  return { ...desk, get, post };
}

const problemOf = async (response: Response): Promise<Problem> => {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const problem = problemSchema.parse(await response.json());
  expect(problem.status).toBe(response.status);
  return problem;
};

/** A loopback server around the app: for what a request object can not say. */
async function listening(app: ReturnType<typeof exampleDesk>['app']) {
  const server = createServer(getRequestListener(app.fetch, { overrideGlobalObjects: false }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    port,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
    /** A request to the byte, and the answer. */
    raw: async (request: string): Promise<string> => {
      const socket = connect(port, '127.0.0.1');
      socket.write(request);
      return text(socket);
    },
  };
}

describe('snapshots', () => {
  it('default: each route answers what its schema in the contract says, uncached', async () => {
    const { get, state, publish } = serving();
    state.positions = [examplePosition('BTC-PERP', 117_900, 118_250, '0.01', 'long')];
    state.approvals = [exampleApproval];
    state.messages = [exampleAnswer];
    state.proposals = [exampleProposal];
    state.trackRecords = exampleRecords;
    const round = exampleRound('BTC-PERP', exampleAtMs);
    await publish(
      { type: 'opinion.published', key: 'BTC-PERP', payload: exampleOpinion('vanta', 'BTC-PERP', 60) },
      { type: 'round.opened', key: 'BTC-PERP', traceId: 't1', payload: round },
    );
    const queries: Partial<Record<SnapshotRoute, string>> = {
      '/candles': '?instrumentId=BTC-PERP@hyperliquid&timeframe=15m&limit=7',
      '/trace': '?id=t1',
      '/decision': '?id=t1',
      '/conversation': `?id=${exampleAnswer.conversationId}`,
    };
    const sizes: Record<string, number> = {};
    for (const route of Object.keys(snapshotRoutes) as SnapshotRoute[]) {
      const response = await get(`/api${route}${queries[route] ?? ''}`);
      expect([route, response.status, response.headers.get('cache-control')]).toEqual([route, 200, 'no-store']);
      const json: unknown = await response.json();
      expect(snapshotRoutes[route].parse(json), route).toEqual(json);
      sizes[route] = Array.isArray(json) ? json.length : 1;
    }
    expect(sizes).toEqual({
      '/status': 1,
      '/instruments': 10,
      '/candles': 7,
      '/tickers': 5,
      '/opinions': 1,
      '/rounds': 1,
      '/positions': 1,
      '/orders': 1,
      '/accounts': 1,
      '/approvals': 1,
      '/conversations': 1,
      '/conversation': 1,
      '/proposals': 1,
      '/predictions': 0,
      '/track-records': 1,
      '/model-spend': 1,
      '/events': 2,
      '/trace': 1,
      '/decision': 1,
    });
  });

  it('behavior: the latest opinion of each agent and market, and one reference instrument for each market', async () => {
    const { get, publish } = serving();
    for (const score of [10, 20, 30])
      for (const market of ['BTC-PERP', 'ETH-PERP'])
        await publish({ type: 'opinion.published', key: market, payload: exampleOpinion('luma', market, score) });
    const opinions = snapshotRoutes['/opinions'].parse(await (await get('/api/opinions')).json());
    expect(opinions.map(({ market, score }) => [market, score])).toEqual([
      ['ETH-PERP', 30],
      ['BTC-PERP', 30],
    ]);
    const instruments = snapshotRoutes['/instruments'].parse(await (await get('/api/instruments')).json());
    expect(instruments.filter(({ reference }) => reference).map(({ id }) => id)).toEqual([
      'BTC-PERP@hyperliquid',
      'ETH-PERP@hyperliquid',
      'SOL-PERP@hyperliquid',
      'XRP-PERP@hyperliquid',
      'KPEPE-PERP@hyperliquid',
    ]);
  });

  it('behavior: rounds are told whole, newest first, the running one without an outcome', async () => {
    const { get, publish } = serving();
    const first = exampleRound('BTC-PERP', exampleAtMs - 900_000);
    const second = exampleRound('BTC-PERP', exampleAtMs);
    const turn = (index: number, agent: string) => ({
      index,
      agent,
      direction: 'long' as const,
      confidence: 0.7,
      keyLevels: [],
      reasoning: 'Up.',
      evidence: [],
      source: 'rules' as const,
    });
    await publish(
      { type: 'round.opened', key: 'BTC-PERP', traceId: 'a', payload: first },
      { type: 'turn.completed', key: 'BTC-PERP', payload: { roundKey: first.key, turn: turn(0, 'vanta') } },
      { type: 'turn.completed', key: 'BTC-PERP', payload: { roundKey: first.key, turn: turn(1, 'luma') } },
      {
        type: 'round.concluded',
        key: 'BTC-PERP',
        payload: { round: first, outcome: 'stood-aside', reason: 'too-few-votes' },
      },
      { type: 'round.opened', key: 'BTC-PERP', traceId: 'b', payload: second },
    );
    const rounds = snapshotRoutes['/rounds'].parse(await (await get('/api/rounds')).json());
    expect(rounds.map((record) => [record.traceId, record.turns.length, record.outcome, record.reason])).toEqual([
      ['b', 0, undefined, undefined],
      ['a', 2, 'stood-aside', 'too-few-votes'],
    ]);
    expect(await (await get('/api/rounds?limit=1')).json()).toHaveLength(1);
  });

  it('behavior: another user’s events are in no list and no trace', async () => {
    const { get, publish } = serving();
    const payload = { signalId: 's', contentHash: hash, reason: 'r' };
    for (const userId of ['demo', 'bob'])
      await publish({
        type: 'approval.requested',
        key: userId,
        userId,
        traceId: 'shared',
        payload: { ...payload, userId },
      });
    for (const path of ['/api/events', '/api/trace?id=shared']) {
      const events = snapshotRoutes['/events'].parse(await (await get(path)).json());
      expect(events.map(({ event }) => event.userId)).toEqual(['demo']);
    }
    const review = snapshotRoutes['/decision'].parse(await (await get('/api/decision?id=shared')).json());
    expect(review.steps.map(({ type }) => type)).toEqual(['approval.requested']);
    expect(JSON.stringify(review)).not.toContain('bob');
    await publish({
      type: 'approval.requested',
      key: 'bob',
      userId: 'bob',
      traceId: 'his',
      payload: { ...payload, userId: 'bob' },
    });
    for (const id of ['his', 'nobodys'])
      expect(await problemOf(await get(`/api/decision?id=${id}`))).toMatchObject({
        status: 404,
        code: 'trace.unknown',
      });
  });

  it.each([
    ['/api/candles', 'instrumentId'],
    ['/api/candles?instrumentId=BTC&timeframe=1m', 'instrumentId'],
    ['/api/candles?instrumentId=BTC-PERP@hyperliquid&timeframe=3m', 'timeframe'],
    ['/api/candles?instrumentId=BTC-PERP@hyperliquid&timeframe=1m&limit=0', 'limit'],
    ['/api/candles?instrumentId=BTC-PERP@hyperliquid&timeframe=1m&limit=1501', 'limit'],
    ['/api/candles?instrumentId=BTC-PERP@hyperliquid&timeframe=1m&limit=ten', 'limit'],
    ['/api/events?after=-1', 'after'],
    ['/api/rounds?limit=', 'limit'],
    ['/api/trace', 'id'],
    ['/api/decision', 'id'],
    ['/api/conversation', 'id'],
    [`/api/conversation?id=${'a'.repeat(101)}`, 'id'],
    ['/api/conversation?id=chat_a&limit=201', 'limit'],
  ])('error: %s is refused by name', async (path, member) => {
    const problem = await problemOf(await serving().get(path));
    expect(problem).toMatchObject({ status: 400, code: 'request.invalid' });
    expect(problem.detail).toMatch(new RegExp(`^${member}: `));
  });

  it('error: an unknown instrument is not found', async () => {
    const problem = await problemOf(await serving().get('/api/candles?instrumentId=DOGE-PERP@mars&timeframe=1m'));
    expect(problem).toMatchObject({ status: 404, code: 'instrument.unknown' });
  });

  it('error: what breaks inside is told without detail', async () => {
    const { get, desk } = serving();
    Object.assign(desk.portfolio, {
      positions: () => {
        throw new Error('password=hunter2');
      },
    });
    const response = await get('/api/positions');
    expect(await problemOf(response)).toMatchObject({
      status: 500,
      code: 'internal',
      detail: 'Something went wrong; the log says what.',
    });
  });
});

describe('acts', () => {
  it('default: each goes to the desk for this user, with what was asked', async () => {
    const { post, acts, state } = serving();
    state.approvals = [exampleApproval, { ...exampleApproval, signal: { ...exampleSignal, id: 'other/1' } }];
    const results = [
      await post(
        `/api/approvals/${encodeURIComponent(exampleSignal.id)}/approve`,
        JSON.stringify({ contentHash: hash }),
      ),
      await post('/api/approvals/other%2F1/decline', '{"reason":"no"}'),
      await post('/api/positions/close', '{"venue":"paper","instrumentId":"BTC-PERP@hyperliquid"}'),
      await post('/api/positions/close', '{"venue":"paper","instrumentId":"BTC-PERP@hyperliquid","fraction":0.25}'),
      await post('/api/kill-switch', '{"reason":"enough"}'),
      await post('/api/flatten', '{}'),
    ];
    expect(await Promise.all(results.map((response) => response.json()))).toEqual([
      { outcome: 'approved' },
      { outcome: 'declined' },
      { outcome: 'flat' },
      { outcome: 'flat' },
      { outcome: 'halted', detail: '2 resting entries cancelled; protective stops stay.' },
      { outcome: 'flat', detail: 'There was nothing to close.' },
    ]);
    const key = { userId: 'demo', venue: 'paper', instrumentId: 'BTC-PERP@hyperliquid' };
    expect(acts).toEqual([
      ['approve', 'demo', exampleSignal.id, hash],
      ['decline', 'demo', 'other/1', 'no'],
      ['close', key, { origin: 'manual', reason: 'manual', fraction: 1 }],
      ['close', key, { origin: 'manual', reason: 'manual', fraction: 0.25 }],
      ['trip', 'user:demo', 'enough', ['demo']],
      ['flatten', 'demo'],
    ]);
  });

  it('behavior: a whole close goes by what is known where the venue does not say what there is, a part of it does not', async () => {
    const { post, acts, state } = serving();
    const held = examplePosition('BTC-PERP', 117_900, 118_250, '0.01', 'long');
    const others = [
      { ...held, venue: 'hyperliquid' },
      examplePosition('ETH-PERP', 4_000, 4_010, '0.1', 'long'),
      { ...held, userId: 'eve' },
    ];
    state.positions = [...others, held];
    const place = JSON.stringify({ venue: held.venue, instrumentId: held.instrumentId });
    await post('/api/positions/close', place);
    await post('/api/positions/close', place.replace('}', ',"fraction":0.99}'));
    state.positions = others;
    await post('/api/positions/close', place);
    const manual = { origin: 'manual', reason: 'manual' };
    expect(acts.map(([, , request]) => request)).toEqual([
      { ...manual, fraction: 1, known: held },
      { ...manual, fraction: 0.99 },
      { ...manual, fraction: 1 },
    ]);
  });

  it('behavior: a plan that changed since it was shown is not approved, and goes on waiting', async () => {
    const { post, acts, state } = serving();
    state.approvals = [exampleApproval];
    const path = `/api/approvals/${encodeURIComponent(exampleSignal.id)}/approve`;
    const problem = await problemOf(await post(path, JSON.stringify({ contentHash: 'b'.repeat(64) })));
    expect(problem).toMatchObject({ status: 409, code: 'approval.altered' });
    expect(acts).toEqual([]);
    expect(state.approvals).toHaveLength(1);
  });

  it('behavior: a close that was refused, or may have gone out, is told as that', async () => {
    const { post, state } = serving();
    state.closeOutcome = { outcome: 'refused', rejection: { code: 'venue.none', message: 'There is no venue "x".' } };
    expect(await (await post('/api/positions/close', '{"venue":"x","instrumentId":"A@b"}')).json()).toEqual({
      outcome: 'refused',
      detail: 'venue.none: There is no venue "x".',
    });
    const refused = { status: 'fulfilled', value: state.closeOutcome } as const;
    const flat = { status: 'fulfilled', value: { outcome: 'flat' } } as const;
    const flatten = async () => (await post('/api/flatten', '{}')).json();
    state.flattenOutcomes = [flat, refused];
    expect(await flatten()).toEqual({ outcome: 'rejected', detail: '1 of 2 positions were closed at the market.' });
    state.flattenOutcomes = [flat, refused, { status: 'rejected', reason: new Error('timeout') }];
    expect(await flatten()).toEqual({ outcome: 'unknown', detail: '1 of 3 positions were closed at the market.' });
    state.flattenOutcomes = [flat];
    expect(await flatten()).toMatchObject({ outcome: 'accepted' });
  });

  const good: Record<keyof typeof actRoutes, string> = {
    '/approvals/{signalId}/approve': `{"contentHash":"${hash}"}`,
    '/approvals/{signalId}/decline': '{"reason":"no"}',
    '/positions/close': '{"venue":"paper","instrumentId":"BTC-PERP@hyperliquid"}',
    '/kill-switch': '{"reason":"x"}',
    '/flatten': '{}',
    '/chat/forget': '{}',
  };

  it.each(Object.entries(good))('error: %s acts on nothing but its own body', async (route, body) => {
    const { post, acts } = serving();
    const path = `/api${route.replace('{signalId}', 's')}`;
    const refusals = [
      [await post(path), 400],
      [await post(path, ''), 400],
      [await post(path, '{'), 400],
      [await post(path, 'null'), 400],
      [await post(path, '[]'), 400],
      [await post(path, body.replace('{', '{"fraktion":0.1,').replace(',}', '}')), 400],
      [await post(path, body, { 'content-type': 'text/plain' }), 415],
      [await post(path, body, { 'content-type': 'application/x-www-form-urlencoded' }), 415],
    ] as const;
    for (const [response, status] of refusals) expect((await problemOf(response)).status).toBe(status);
    expect(acts).toEqual([]);
  });

  it.each([
    ['no hash', '/approvals/s/approve', '{"contentHash":"abc"}'],
    ['a fraction above all', '/positions/close', '{"venue":"paper","instrumentId":"A@b","fraction":1.1}'],
    ['a fraction of nothing', '/positions/close', '{"venue":"paper","instrumentId":"A@b","fraction":0}'],
    ['a fraction in words', '/positions/close', '{"venue":"paper","instrumentId":"A@b","fraction":"0.5"}'],
    ['a novel', '/kill-switch', JSON.stringify({ reason: 'x'.repeat(301) })],
  ])('error: %s is refused', async (_, path, body) => {
    const { post, acts } = serving();
    expect(await problemOf(await post(`/api${path}`, body))).toMatchObject({ status: 400, code: 'request.invalid' });
    expect(acts).toEqual([]);
  });

  it('error: a body over 64 KiB is refused, whether it says its length or not', async () => {
    const { post, app, acts } = serving();
    const large = JSON.stringify({ reason: 'x'.repeat(65 * 1024) });
    expect(await problemOf(await post('/api/kill-switch', large))).toMatchObject({
      status: 413,
      code: 'body.too-large',
    });
    const server = await listening(app);
    const chunk = `${large.length.toString(16)}\r\n${large}\r\n0\r\n\r\n`;
    const head =
      'POST /api/kill-switch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n';
    expect(await server.raw(`${head}Transfer-Encoding: chunked\r\n\r\n${chunk}`)).toContain('body.too-large');
    await server.close();
    expect(acts).toEqual([]);
  });

  it('error: an answer to what no longer waits is not found; other refusals of the desk keep their code', async () => {
    const { post, desk } = serving();
    Object.assign(desk.trades, {
      decline: async () => {
        throw new ValidationError('approval.unknown', 'No signal "s" waits for an answer.');
      },
      approve: async () => {
        throw new ValidationError('something.else', 'No.');
      },
    });
    expect(await problemOf(await post('/api/approvals/s/decline', '{"reason":""}'))).toMatchObject({
      status: 404,
      code: 'approval.unknown',
    });
    expect(await problemOf(await post('/api/approvals/s/approve', `{"contentHash":"${hash}"}`))).toMatchObject({
      status: 422,
      code: 'something.else',
      detail: 'No.',
    });
  });
});

describe('the chat', () => {
  it('default: a question is asked for the session’s user, in a conversation or a new one', async () => {
    const { post, get, acts } = serving();
    const answer = chatMessageSchema.parse(await (await post('/api/chat', '{"text":"What of BTC?"}')).json());
    expect(answer).toMatchObject({ role: 'assistant', userId: 'demo', text: 'Vanta sees BTC-PERP long.' });
    const { conversationId } = answer;
    await post('/api/chat', JSON.stringify({ conversationId, text: 'Why?' }));
    expect(acts).toEqual([
      ['ask', { userId: 'demo', text: 'What of BTC?' }],
      ['ask', { userId: 'demo', conversationId, text: 'Why?' }],
    ]);
    const said = snapshotRoutes['/conversation'].parse(
      await (await get(`/api/conversation?id=${conversationId}&limit=3`)).json(),
    );
    expect(said.map(({ role }) => role)).toEqual(['assistant', 'user', 'assistant']);
  });

  it('behavior: another user’s conversation, proposals and names are nobody’s', async () => {
    const { get, post, state, acts } = serving();
    state.messages = [{ ...exampleAnswer, userId: 'bob' }];
    state.proposals = [{ ...exampleProposal, userId: 'bob' }];
    expect(await (await get('/api/conversations')).json()).toEqual([]);
    expect(await (await get('/api/proposals')).json()).toEqual([]);
    expect(await problemOf(await get(`/api/conversation?id=${exampleAnswer.conversationId}`))).toMatchObject({
      ...{ status: 404, code: 'chat.unknown' },
    });
    const { id, contentHash } = exampleProposal;
    for (const [how, body] of [
      ['approve', { contentHash }],
      ['decline', {}],
    ] as const)
      expect(await problemOf(await post(`/api/proposals/${id}/${how}`, JSON.stringify(body)))).toMatchObject({
        ...{ status: 404, code: 'proposal.unknown' },
      });
    expect(state.proposals).toEqual([{ ...exampleProposal, userId: 'bob' }]);
    acts.length = 0;
    const named = await post('/api/chat', '{"text":"positions","userId":"bob"}');
    expect(await problemOf(named)).toMatchObject({ status: 400, code: 'request.invalid' });
    expect(acts).toEqual([]);
  });

  it('behavior: a proposal is approved by its hash or declined, with a reason or without', async () => {
    const { post, state, acts } = serving();
    const { id, contentHash } = exampleProposal;
    for (const [how, body, status] of [
      ['approve', { contentHash }, 'done'],
      ['decline', { reason: 'too early' }, 'declined'],
      ['decline', {}, 'declined'],
    ] as const) {
      state.proposals = [exampleProposal];
      const answer = await post(`/api/proposals/${id}/${how}`, JSON.stringify(body));
      expect(proposalSchema.parse(await answer.json())).toMatchObject({ id, status });
    }
    expect(acts).toEqual([
      ['approve-proposal', 'demo', id, contentHash],
      ['decline-proposal', 'demo', id, 'too early'],
      ['decline-proposal', 'demo', id, undefined],
    ]);
  });

  it('behavior: what was said is forgotten on demand, the session’s user’s alone', async () => {
    const { get, post, state, acts } = serving();
    const theirs = { ...exampleAnswer, userId: 'bob' };
    state.messages = [exampleAnswer, theirs];
    expect(await problemOf(await post('/api/chat/forget', '{"userId":"bob"}'))).toMatchObject({ status: 400 });
    expect(acts).toEqual([]);
    expect(await (await post('/api/chat/forget', '{}')).json()).toEqual({ outcome: 'forgotten' });
    expect(acts).toEqual([['forget', 'demo']]);
    expect(await (await get('/api/conversations')).json()).toEqual([]);
    expect(state.messages).toEqual([theirs]);
  });

  it.each([
    ['/api/chat', '{}', 'text'],
    ['/api/chat', '{"text":""}', 'text'],
    ['/api/chat', JSON.stringify({ text: 'a'.repeat(4_001) }), 'text'],
    ['/api/chat', '{"text":"hi","conversationId":""}', 'conversationId'],
    ['/api/proposals/x/approve', '{}', 'contentHash'],
    ['/api/proposals/x/approve', '{"contentHash":"yes"}', 'contentHash'],
    ['/api/proposals/x/decline', JSON.stringify({ reason: 'a'.repeat(301) }), 'reason'],
  ])('error: %s with %.40s is refused by name', async (path, body, member) => {
    const { post, acts } = serving();
    const problem = await problemOf(await post(path, body));
    expect(problem).toMatchObject({ status: 400, code: 'request.invalid' });
    expect(problem.detail).toContain(member);
    expect(acts).toEqual([]);
  });

  it.each([
    ['chat.rate', 429],
    ['chat.busy', 429],
    ['chat.overloaded', 429],
    ['chat.unknown', 404],
    ['chat.forgotten', 409],
    ['chat.too-long', 422],
    ['proposal.changed', 409],
    ['proposal.expired', 409],
    ['proposal.void', 409],
    ['proposal.decided', 409],
    ['proposal.unknown', 404],
  ])('error: %s is a problem of status %i', async (code, status) => {
    const { post, state } = serving();
    state.answer = new ValidationError(code, 'Not now.');
    expect(await problemOf(await post('/api/chat', '{"text":"hi"}'))).toMatchObject({
      status,
      code,
      detail: 'Not now.',
    });
  });
});

describe('a refusal for the rate', () => {
  it.each([
    [1, '1'],
    [1_000, '1'],
    [1_001, '2'],
    [9_400, '10'],
    [undefined, null],
  ])('error: to be left alone for %s ms is Retry-After %s', async (retryAfterMs, header) => {
    const { post, state } = serving();
    state.answer = new ValidationError('chat.rate', 'Not now.', { retryAfterMs });
    const response = await post('/api/chat', '{"text":"hi"}');
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, header]);
  });
});

describe('who may ask', () => {
  it.each(['127.0.0.1', '127.0.0.1:4780', 'localhost:1', '[::1]:4780'])('default: %s is this machine', async (host) => {
    expect((await serving().get('/api/status', { host })).status).toBe(200);
  });

  it.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example:80', '192.168.0.2', ''])(
    'error: the host %j is refused, so that a rebound name gets nothing',
    async (host) => {
      expect(await problemOf(await serving().get('/api/status', { host }))).toMatchObject({ code: 'host.forbidden' });
    },
  );

  it.each(['http://evil.example', 'null', 'http://127.0.0.1:3000', 'https://127.0.0.1:4780'])(
    'error: an act from the origin %s is refused',
    async (origin) => {
      const { post, acts } = serving();
      expect(await problemOf(await post('/api/flatten', '{}', { origin }))).toMatchObject({ code: 'origin.forbidden' });
      expect(acts).toEqual([]);
    },
  );

  it.each(['cross-site', 'same-site'])('error: a %s request is refused, reads included', async (site) => {
    const { get, post, acts } = serving();
    const headers = { 'sec-fetch-site': site, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' };
    for (const response of [await get('/api/positions', headers), await post('/api/flatten', '{}', headers)])
      expect(await problemOf(response)).toMatchObject({ status: 403, code: 'origin.forbidden' });
    expect(acts).toEqual([]);
  });

  it('behavior: a link on another site opens the page, not the interface, and not in a frame', async () => {
    const { get } = serving();
    const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
    expect((await get('/', link)).status).toBe(200);
    expect((await get('/api/positions', link)).status).toBe(403);
    expect((await get('/', { ...link, 'sec-fetch-dest': 'iframe' })).status).toBe(403);
  });

  it('behavior: the page’s own requests, and those of no page, are served', async () => {
    const { post } = serving();
    const page = { origin: 'http://127.0.0.1:4780', 'sec-fetch-site': 'same-origin' };
    expect((await post('/api/flatten', '{}', page)).status).toBe(200);
    expect((await post('/api/flatten', '{}')).status).toBe(200);
  });

  it('behavior: every answer forbids framing, sniffing and foreign scripts', async () => {
    const { get } = serving();
    for (const path of ['/', '/api/status', '/api/nothing']) {
      const { headers } = await get(path);
      expect(headers.get('content-security-policy')).toContain("default-src 'self'");
      expect(headers.get('content-security-policy')).not.toMatch(/script-src|unsafe-eval/);
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('access-control-allow-origin')).toBeNull();
    }
  });
});

describe('the page', () => {
  it('default: the page at every path without an extension, its files with their types', async () => {
    const { get } = serving();
    for (const path of ['/', '/war-room']) {
      const response = await get(path);
      expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(response.headers.get('cache-control')).toBe('no-cache');
      expect(await response.text()).toContain('PerpDesk');
    }
    const script = await get('/assets/index-1.js');
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(script.headers.get('cache-control')).toContain('immutable');
  });

  it.each(['/api/nothing', '/api', '/api/', '/api/kill-switch', '/missing.js', '/assets/missing.css'])(
    'error: GET %s is a problem, never the page',
    async (path) => {
      const response = await serving().get(path);
      // A bare /api is a path of the page's.
      if (path === '/api') expect(response.status).toBeLessThan(500);
      else expect(await problemOf(response)).toMatchObject({ status: 404, code: 'route.unknown' });
    },
  );

  it('error: another method is a problem too', async () => {
    const { app } = serving();
    for (const [method, path] of [
      ['DELETE', '/api/positions'],
      ['POST', '/'],
      ['PUT', '/api/flatten'],
    ] as const)
      expect(await problemOf(await app.request(path, { method, headers: own }))).toMatchObject({ status: 404 });
  });

  it.each([
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/%2e%2e%2fsecret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/..%5csecret.txt',
    '/..%2fdist-other%2fx.txt',
    '//secret.txt',
    '/%00.txt',
    '/%.txt',
    '/%ff%fe.txt',
    `/${'a'.repeat(300)}.txt`,
    '/index.html/x.txt',
  ])('error: %s leads nowhere', async (path) => {
    const { app } = serving();
    const server = await listening(app);
    const answer = await server.raw(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`);
    await server.close();
    expect(answer).not.toContain('secret');
    expect(answer.slice(0, 12)).toMatch(/HTTP\/1.1 40[04]/);
  });

  it('error: a page that is not built says how to build it', async () => {
    const { app } = exampleDesk({ webDirectory: '/nowhere' });
    expect(await problemOf(await app.request('/', { headers: own }))).toMatchObject({
      code: 'page.missing',
      detail: expect.stringContaining('pnpm build:web'),
    });
  });
});

describe('the stream', () => {
  it('default: it goes on after Last-Event-ID, by header or query, uncompressed', async () => {
    const { app, stream, publish } = serving();
    await stream.start();
    const server = await listening(app);
    for (let each = 0; each < 4; each += 1)
      await publish({ type: 'round.opened', key: 'BTC-PERP', payload: exampleRound('BTC-PERP', each) });
    const url = `http://127.0.0.1:${server.port}/api/stream`;
    const readers = [new StreamReader(url, { lastEventId: 2 }), new StreamReader(`${url}?lastEventId=2`)];
    for (const reader of readers) {
      await reader.until(() => reader.of('journal').length === 2);
      expect(reader.messages[0]?.event).toBe('status');
      expect(reader.of('journal').map(({ id }) => id)).toEqual([3, 4]);
      const { headers } = await reader.head();
      expect(headers['content-type']).toBe('text/event-stream; charset=utf-8');
      expect(headers['content-encoding']).toBeUndefined();
      reader.close();
    }
    const odd = new StreamReader(`${url}?lastEventId=1e3`);
    await odd.until((messages) => messages.length > 0);
    expect(odd.of('journal')).toEqual([]);
    odd.close();
    expect(await server.raw('HEAD /api/stream HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')).toContain(
      '404',
    );
    stream.stop();
    await server.close();
  });
});

describe('the OpenAPI document', () => {
  it('default: it is served and names every route that there is', async () => {
    const { get, app } = serving();
    const document = await (await get('/api/openapi.json')).json();
    expect(document).toEqual(openApiDocument());
    const served = app.routes
      .filter(({ method, path }) => method !== 'ALL' && path.startsWith('/api/') && path !== '/api/openapi.json')
      .map(({ method, path }) => `${method.toLowerCase()} ${path.replace(/:(\w+)/, '{$1}')}`);
    const paths = openApiDocument().paths;
    const described = Object.entries(paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method} ${path}`),
    );
    expect(described.sort()).toEqual(served.sort());
    const posts = [...Object.keys(actRoutes), ...Object.keys(answeredRoutes)];
    expect(served).toHaveLength(Object.keys(snapshotRoutes).length + posts.length + 1);
  });

  it('behavior: bodies and path members are required, references lead somewhere, operations have names of their own', () => {
    const document = openApiDocument();
    const names = new Set<string>();
    for (const [path, item] of Object.entries(document.paths)) {
      for (const [method, operation] of Object.entries(item)) {
        names.add(operation.operationId);
        expect(operation.summary, path).toMatch(/\.$/);
        if (method === 'post') expect(operation.requestBody?.required).toBe(true);
        const inPath = operation.parameters.filter((parameter) => parameter.in === 'path');
        expect(inPath.map(({ name }) => `{${name}}`)).toEqual(path.match(/\{\w+\}/g) ?? []);
        expect(inPath.every(({ required }) => required)).toBe(true);
      }
    }
    expect(names.size).toBe(Object.values(document.paths).flatMap((item) => Object.keys(item)).length);
    const json = JSON.stringify(document);
    const references = new Set([...json.matchAll(/"\$ref":"([^"]*)"/g)].map((match) => match[1]));
    expect([...references]).toEqual(['#/components/schemas/Problem']);
    expect(Object.keys(document.components.schemas)).toEqual(['Problem']);
    expect(json).not.toContain('$schema');
  });
});
