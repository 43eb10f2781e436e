import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SimulatedClock } from '../clock/simulated-clock.ts';
import { PerpDeskError } from '../errors/perpdesk-error.ts';
import { DeskClient } from './desk-client.ts';
import { DeskRequestError } from './desk-request-error.ts';

const candle = {
  instrumentId: 'BTC-PERP@hyperliquid',
  timeframe: '5m',
  openAtMs: 300_000,
  open: 10,
  high: 12,
  low: 9,
  close: 11,
  volume: 3,
};

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly contentType: string | undefined;
  readonly body: string;
}

let server: Server;
let baseUrl: string;
let seen: Seen[];
let answer: (request: IncomingMessage, response: ServerResponse) => void;

beforeEach(async () => {
  seen = [];
  server = createServer(async (request, response) => {
    const { method, url, headers } = request;
    seen.push({ method, url, contentType: headers['content-type'], body: await text(request) });
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  baseUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
});

afterEach(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

const say =
  (body: unknown, status = 200, contentType = 'application/json') =>
  (_: IncomingMessage, response: ServerResponse) =>
    void response
      .writeHead(status, { 'Content-Type': contentType })
      .end(typeof body === 'string' ? body : JSON.stringify(body));

const failure = (promise: Promise<unknown>): Promise<DeskRequestError> =>
  promise.then(
    () => Promise.reject(new Error('It should have been refused.')),
    (error: unknown) => (error instanceof DeskRequestError ? error : Promise.reject(error)),
  );

describe('DeskClient', () => {
  it('default: fetches a snapshot in the desk’s own types', async () => {
    answer = say([candle]);
    const candles = await new DeskClient({ baseUrl: `${baseUrl}/` }).candles({
      instrumentId: 'BTC-PERP@hyperliquid',
      timeframe: '5m',
      limit: 2,
    });
    expect(candles).toEqual([candle]);
    expect(seen).toEqual([
      {
        method: 'GET',
        url: '/api/candles?instrumentId=BTC-PERP%40hyperliquid&timeframe=5m&limit=2',
        contentType: undefined,
        body: '',
      },
    ]);
  });

  it('behavior: members that a newer server adds are dropped, so that an older client goes on', async () => {
    answer = say([{ ...candle, trades: 7 }]);
    expect(await new DeskClient({ baseUrl }).get('/candles', { instrumentId: 'A@b', timeframe: '5m' })).toEqual([
      candle,
    ]);
  });

  it('behavior: each act is one POST of JSON with an escaped path', async () => {
    answer = say({ outcome: 'accepted' });
    const desk = new DeskClient({ baseUrl });
    await desk.approve('signal:a/b?c', 'f'.repeat(64));
    await desk.decline('s', 'no');
    const held = { venue: 'paper', instrumentId: 'BTC-PERP@hyperliquid', size: '3' } as const;
    await desk.closePosition(held);
    await desk.closePosition({ ...held, fraction: 0.5 });
    await desk.halt('enough');
    expect(await desk.flatten()).toEqual({ outcome: 'accepted' });
    await desk.forgetChat();
    expect(seen.map(({ method, url, contentType, body }) => [method, url, contentType, body])).toEqual([
      ['POST', '/api/approvals/signal%3Aa%2Fb%3Fc/approve', 'application/json', `{"contentHash":"${'f'.repeat(64)}"}`],
      ['POST', '/api/approvals/s/decline', 'application/json', '{"reason":"no"}'],
      ['POST', '/api/positions/close', 'application/json', '{"venue":"paper","instrumentId":"BTC-PERP@hyperliquid"}'],
      [
        'POST',
        '/api/positions/close',
        'application/json',
        '{"venue":"paper","instrumentId":"BTC-PERP@hyperliquid","fraction":0.5}',
      ],
      ['POST', '/api/kill-switch', 'application/json', '{"reason":"enough"}'],
      ['POST', '/api/flatten', 'application/json', '{}'],
      ['POST', '/api/chat/forget', 'application/json', '{}'],
    ]);
  });

  it('behavior: a question names no user, and a proposal is approved by its hash', async () => {
    const said = {
      id: 'm',
      conversationId: 'c',
      userId: 'ada',
      role: 'assistant',
      agents: [],
      text: 'Hi.',
      citations: [],
    };
    answer = say({ ...said, atMs: 1 });
    const desk = new DeskClient({ baseUrl });
    expect(await desk.ask({ text: 'What of BTC?' })).toMatchObject({ text: 'Hi.' });
    const asked = { conversationId: 'c', text: 'Why?', userId: 'bob' };
    await desk.ask(asked);
    const proposal = {
      ...{
        id: 'p',
        userId: 'ada',
        conversationId: 'c',
        action: { kind: 'pause-entries' },
        contentHash: 'f'.repeat(64),
      },
      ...{ summary: 'Pause.', createdAtMs: 1, expiresAtMs: 2, status: 'done', outcome: 'Paused.' },
    };
    answer = say(proposal);
    expect(await desk.approveProposal('p/1', 'f'.repeat(64))).toEqual(proposal);
    await desk.declineProposal('p', 'no');
    await desk.declineProposal('p');
    expect(seen.map(({ method, url, body }) => [method, url, body])).toEqual([
      ['POST', '/api/chat', '{"text":"What of BTC?"}'],
      ['POST', '/api/chat', '{"conversationId":"c","text":"Why?"}'],
      ['POST', '/api/proposals/p%2F1/approve', `{"contentHash":"${'f'.repeat(64)}"}`],
      ['POST', '/api/proposals/p/decline', '{"reason":"no"}'],
      ['POST', '/api/proposals/p/decline', '{}'],
    ]);
  });

  it('error: a question may take as long as the desk gives it', async () => {
    const clock = new SimulatedClock();
    answer = () => {};
    const failed = failure(new DeskClient({ baseUrl, clock, timeoutMs: 5000 }).ask({ text: 'hi' }));
    expect(clock.nextTimerAtMs()).toBe(40_000);
    await clock.advanceTo(40_000);
    expect(await failed).toMatchObject({ code: 'desk.timed-out', retryable: false });
  });

  it('error: a problem answer is thrown with its code, sentence and status', async () => {
    const problem = {
      type: 'about:blank',
      title: 'Conflict',
      status: 409,
      code: 'approval.altered',
      detail: 'Look again.',
    };
    answer = say(problem, 409, 'application/problem+json');
    const error = await failure(new DeskClient({ baseUrl }).approve('s', 'f'.repeat(64)));
    expect(error).toMatchObject({
      name: 'DeskRequestError',
      code: 'approval.altered',
      message: 'Look again.',
      status: 409,
      retryable: false,
    });
    expect(PerpDeskError.is(error)).toBe(true);
  });

  it('error: an error answer that is no problem document still has a code and its status', async () => {
    answer = say('<h1>Bad gateway</h1>', 502, 'text/html');
    expect(await failure(new DeskClient({ baseUrl }).get('/status'))).toMatchObject({
      code: 'desk.failed',
      message: 'The desk answered with status 502.',
      status: 502,
      retryable: true,
    });
    expect(await failure(new DeskClient({ baseUrl }).flatten())).toMatchObject({ retryable: false });
  });

  it.each([
    ['30', 30_000],
    ['0', 0],
    ['Thu, 01 Jan 1970 00:01:00 GMT', 60_000],
    ['soon', undefined],
    ['-1', undefined],
    [undefined, undefined],
  ])('error: a refusal says how long to wait: Retry-After %s', async (header, retryAfterMs) => {
    const problem = {
      type: 'about:blank',
      title: 'Too Many Requests',
      status: 429,
      code: 'chat.rate',
      detail: 'Wait.',
    };
    answer = (_, response) =>
      void response
        .writeHead(429, { 'Content-Type': 'application/problem+json', ...(header && { 'Retry-After': header }) })
        .end(JSON.stringify(problem));
    const desk = new DeskClient({ baseUrl, clock: new SimulatedClock() });
    const error = await failure(desk.ask({ text: 'hi' }));
    expect(error).toMatchObject({ status: 429, code: 'chat.rate', retryable: false });
    expect(error.retryAfterMs).toBe(retryAfterMs);
  });

  it.each([
    ['no JSON', '<html></html>'],
    ['another shape', { outcome: 'fine' }],
    ['a price that is none', [{ ...candle, close: '11' }]],
    ['nothing', ''],
  ])('error: a good answer that does not fit (%s) is unreadable, never passed on', async (_, body) => {
    answer = say(body);
    expect(
      await failure(new DeskClient({ baseUrl }).get('/candles', { instrumentId: 'A@b', timeframe: '1m' })),
    ).toMatchObject({
      code: 'desk.unreadable',
      retryable: false,
    });
  });

  it('error: an unreachable desk may be asked again, an act on it not blindly', async () => {
    await new Promise((resolve) => server.close(resolve));
    const desk = new DeskClient({ baseUrl });
    expect(await failure(desk.get('/positions'))).toMatchObject({ code: 'desk.unreachable', retryable: true });
    const act = await failure(desk.halt('x'));
    expect(act).toMatchObject({ code: 'desk.unreachable', retryable: false });
    expect(act.message).toBe('The desk can not be reached. Whether it acted is unknown.');
  });

  it('error: an answer that breaks off is unreachable, not unreadable', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '100' });
      response.write('[', () => response.destroy());
    };
    expect(await failure(new DeskClient({ baseUrl }).get('/positions'))).toMatchObject({ code: 'desk.unreachable' });
  });

  it('error: a desk that does not answer in time is given up, by the clock', async () => {
    const clock = new SimulatedClock();
    const asked = new Promise<void>((resolve) => {
      answer = () => resolve();
    });
    const result = failure(new DeskClient({ baseUrl, clock, timeoutMs: 5000 }).flatten());
    await asked;
    await clock.advanceTo(4999);
    expect(clock.nextTimerAtMs()).toBe(5000);
    await clock.advanceTo(5000);
    expect(await result).toMatchObject({
      code: 'desk.timed-out',
      message: 'The desk did not answer within 5000 ms. Whether it acted is unknown.',
      retryable: false,
    });
  });

  it('behavior: an answered request leaves no timer', async () => {
    const clock = new SimulatedClock();
    answer = say([]);
    await new DeskClient({ baseUrl, clock }).get('/positions');
    expect(clock.nextTimerAtMs()).toBeUndefined();
  });

  it('behavior: the caller’s signal ends a request with the caller’s reason', async () => {
    const abort = new AbortController();
    answer = () => abort.abort(new Error('gone elsewhere'));
    await expect(new DeskClient({ baseUrl }).get('/positions', {}, { signal: abort.signal })).rejects.toThrow(
      'gone elsewhere',
    );
  });
});
