import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { testClock } from '../testing/test-ids.ts';
import type { SignedRequest } from './account-requests.ts';
import type { OpenedSocket } from './inject-wires.ts';
import { openCcxtClient } from './open-ccxt-client.ts';

const endpoints = { http: 'http://127.0.0.1:9', ws: 'ws://127.0.0.1:9' };

describe('a client with wires of its own', () => {
  it('default: what ccxt asks goes by the transport', async () => {
    const asked: SignedRequest[] = [];
    const client = await openCcxtClient({
      ...{ venue: 'hyperliquid', clock: testClock(), endpoints },
      transport: async (request) => {
        asked.push(request);
        return { status: 200, text: '{"exchangeStatus":"ok","specialStatuses":null,"time":7}' };
      },
    });
    await client.askEndpoint('publicPostInfo', { type: 'exchangeStatus' });
    expect(asked.map(({ url, method, body }) => [url, method, body])).toEqual([
      ['http://127.0.0.1:9/info', 'POST', '{"type":"exchangeStatus"}'],
    ]);
    await client.close();
  });

  it('error: an answer of a failing venue is one, a transport that fails is no answer', async () => {
    const opened = (transport: () => Promise<{ status: number; text: string }>) =>
      openCcxtClient({ ...{ venue: 'hyperliquid', clock: testClock(), endpoints }, transport });
    const failing = await opened(async () => ({ status: 502, text: '<html>' }));
    await expect(failing.askEndpoint('publicPostInfo', { type: 'meta' })).rejects.toMatchObject({
      code: 'venue.unreachable',
    });
    const lost = await opened(async () => {
      throw new TypeError('fetch failed');
    });
    await expect(lost.askEndpoint('publicPostInfo', { type: 'meta' })).rejects.toMatchObject({
      code: 'venue.unreachable',
    });
    await failing.close();
    await lost.close();
  });

  it('behavior: sockets are opened, spoken to and ended by the opener, however long the machine takes', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const said: string[] = [];
    let events: Parameters<NonNullable<Parameters<typeof openCcxtClient>[0]['openSocket']>>[1] | undefined;
    let ended = 0;
    const client = await openCcxtClient({
      ...{ venue: 'hyperliquid', clock: testClock(), endpoints },
      transport: async ({ body }) => ({ status: 200, text: body.includes('metaAndAssetCtxs') ? meta : '[]' }),
      openSocket: (url, given): OpenedSocket => {
        said.push(url);
        events = given;
        queueMicrotask(() => given.open());
        return {
          send: (text) => said.push(text),
          close: () => {
            ended += 1;
          },
        };
      },
    });
    const book = client.ask((exchange) => exchange.watchOrderBook('BTC/USDC:USDC'));
    while (said.length < 2) await new Promise((resolve) => setImmediate(resolve));
    expect(said).toEqual([
      'ws://127.0.0.1:9/ws',
      '{"method":"subscribe","subscription":{"type":"l2Book","coin":"BTC"}}',
    ]);
    events?.message('{"channel":"pong"}');
    vi.advanceTimersByTime(600_000);
    expect([said.length, ended]).toEqual([2, 0]);
    events?.message(
      JSON.stringify({ channel: 'l2Book', data: { coin: 'BTC', time: 5, levels: [[{ px: '1', sz: '2', n: 1 }], []] } }),
    );
    expect((await book).bids[0]).toEqual([1, 2]);
    const next = client.ask((exchange) => exchange.watchOrderBook('BTC/USDC:USDC'));
    next.catch(() => {});
    await new Promise((resolve) => setImmediate(resolve));
    events?.closed(1006);
    await expect(next).rejects.toMatchObject({ code: 'venue.unreachable' });
    expect(client.sockets.urls()).toEqual([]);
    expect(ended).toBe(0);
    await client.close();
  });
});

const meta = JSON.stringify([
  { universe: [{ name: 'BTC', szDecimals: 5, maxLeverage: 40 }] },
  [
    {
      markPx: '1',
      midPx: '1',
      oraclePx: '1',
      funding: '0',
      openInterest: '0',
      dayNtlVlm: '0',
      prevDayPx: '1',
      premium: '0',
    },
  ],
]);
