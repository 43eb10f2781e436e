import { connect } from 'node:net';
import { ExchangeClient, HttpTransport, WebSocketTransport } from '@nktkas/hyperliquid';
import type { OrderParameters } from '@nktkas/hyperliquid/api/exchange';
import { SimulatedClock } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import type { HyperliquidSimulator } from '../hyperliquid-simulator.ts';
import { quotedExchange, trader } from '../testing/quoted-exchange.ts';
import type { FaultKind } from './fault-rule.ts';
import { FaultScript } from './fault-script.ts';

const order: OrderParameters = {
  orders: [{ a: 0, b: true, p: 49_000, s: 0.1, r: false, t: { limit: { tif: 'Gtc' } } }],
  grouping: 'na',
};
const open = (exchange: HyperliquidSimulator): number => exchange.engine.openOrders(trader.address).length;

/** What a client learns, and how many orders are there in truth. */
const outcomes: readonly [FaultKind, string, number][] = [
  ['drop-before-accept', 'fetch failed', 0],
  ['drop-after-accept', 'fetch failed', 1],
  ['server-error-before-accept', '502', 0],
  ['server-error-after-accept', '502', 1],
  ['garbage-body', 'Invalid JSON response body', 1],
  ['reset-mid-body', 'terminated', 1],
  ['rate-limited', '429', 0],
  ['halted', 'Trading is halted.', 0],
  ['rejected', 'Insufficient margin', 0],
];

describe('faults of the simulator', () => {
  it.each(outcomes)('default: %s by HTTP', async (kind, error, orders) => {
    await using exchange = await quotedExchange({ faults: [{ kind, verbs: ['order'], times: 1 }] });
    const client = new ExchangeClient({ transport: new HttpTransport({ apiUrl: exchange.url }), wallet: trader });
    await expect(client.order(order)).rejects.toThrow(error);
    expect(open(exchange)).toBe(orders);
    expect(exchange.faults.struck).toMatchObject([{ kind, verb: 'order' }]);
    await client.order(order);
    expect(open(exchange)).toBe(orders + 1);
  });

  it('behavior: an answer sent twice is one order, and the next request is answered as its own', async () => {
    await using exchange = await quotedExchange({ faults: [{ kind: 'duplicate-answer', times: 1 }] });
    const client = new ExchangeClient({ transport: new HttpTransport({ apiUrl: exchange.url }), wallet: trader });
    await client.order(order);
    const second = await client.cancel({ cancels: [{ a: 0, o: 1 }] });
    expect(second.response.type).toBe('cancel');
    expect(exchange.faults.struck).toHaveLength(1);
    expect(open(exchange)).toBe(0);
  });

  it('behavior: the second answer is on the wire', async () => {
    await using exchange = await quotedExchange({ faults: [{ kind: 'duplicate-answer', verbs: ['exchangeStatus'] }] });
    const body = '{"type":"exchangeStatus"}';
    const socket = connect(Number(new URL(exchange.url).port), '127.0.0.1');
    socket.write(`POST /info HTTP/1.1\r\nhost: exchange\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    let heard = '';
    for await (const bytes of socket) heard += String(bytes);
    expect(heard.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
    expect(heard.match(/"specialStatuses":null/g)).toHaveLength(2);
  });

  it('behavior: latency passes before anything is done', async () => {
    const clock = new SimulatedClock({ startAtMs: Date.now() });
    await using exchange = await quotedExchange({ clock, faults: [{ kind: 'latency', delayMs: 500 }] });
    const body = JSON.stringify({ type: 'noop' });
    const asking = exchange.fetch('http://exchange/exchange', { method: 'POST', body });
    let isAnswered = false;
    void asking.then(() => {
      isAnswered = true;
    });
    await clock.advanceBy(499);
    expect(isAnswered).toBe(false);
    await clock.advanceBy(1);
    expect((await asking).status).toBe(422);
  });

  it('behavior: a late answer comes when the clock says so, the order is there before', async () => {
    const clock = new SimulatedClock({ startAtMs: Date.now() });
    await using exchange = await quotedExchange({ clock, faults: [{ kind: 'late', verbs: ['order'] }] });
    const client = new ExchangeClient({
      transport: new HttpTransport({ apiUrl: exchange.url, fetchOptions: {} }),
      wallet: trader,
    });
    const accepted = new Promise<void>((resolve) =>
      exchange.engine.on((event) => void (event.kind === 'order' && resolve())),
    );
    let answered = false;
    const placing = client.order(order).then((answer) => {
      answered = true;
      return answer;
    });
    await accepted;
    await clock.advanceBy(29_999);
    expect([answered, open(exchange)]).toEqual([false, 1]);
    await clock.advanceBy(1);
    expect((await placing).status).toBe('ok');
  });

  it('behavior: a request of a socket stays unanswered when it is dropped, done or not', async () => {
    await using exchange = await quotedExchange({
      faults: [
        { kind: 'drop-before-accept', times: 1 },
        { kind: 'drop-after-accept', times: 1 },
      ],
    });
    const transport = new WebSocketTransport({ url: exchange.wsUrl, timeout: 50 });
    const client = new ExchangeClient({ transport, wallet: trader });
    await transport.ready();
    await expect(client.order(order)).rejects.toThrow('timed out');
    expect(open(exchange)).toBe(0);
    await expect(client.order(order)).rejects.toThrow('timed out');
    expect(open(exchange)).toBe(1);
    await transport.close();
  });

  it.each([
    ['server-error-after-accept', '502', 1],
    ['rate-limited', '429', 0],
    ['reset-mid-body', 'closed', 1],
    ['garbage-body', 'timed out', 1],
    ['halted', 'Trading is halted.', 0],
  ] as const)('behavior: %s by a request of a socket', async (kind, error, orders) => {
    await using exchange = await quotedExchange({ faults: [{ kind, times: 1 }] });
    const transport = new WebSocketTransport({ url: exchange.wsUrl, timeout: 300 });
    await transport.ready();
    await expect(new ExchangeClient({ transport, wallet: trader }).order(order)).rejects.toThrow(error);
    expect(open(exchange)).toBe(orders);
    await transport.close();
  });

  it('behavior: an answer sent twice on a socket is heard twice, with one id', async () => {
    await using exchange = await quotedExchange({ faults: [{ kind: 'duplicate-answer', verbs: ['meta'] }] });
    const heard: string[] = [];
    const session = exchange.connect({ send: (text) => heard.push(text), close: () => {}, terminate: () => {} });
    session?.receive(JSON.stringify({ method: 'post', id: 3, request: { type: 'info', payload: { type: 'meta' } } }));
    await new Promise((resolve) => setImmediate(resolve));
    const answers = heard.filter((text) => text.includes('"channel":"post","data":{"id":3'));
    expect(answers).toHaveLength(2);
    expect(answers[0]).toBe(answers[1]);
  });

  it('behavior: messages that are pushed are lost and doubled', async () => {
    await using exchange = await quotedExchange({
      faults: [
        { kind: 'drop-before-accept', verbs: ['orderUpdates'], times: 1 },
        { kind: 'duplicate-answer', verbs: ['orderUpdates'], times: 1, skip: 0 },
      ],
    });
    const heard: string[] = [];
    const session = exchange.connect({ send: (text) => heard.push(text), close: () => {}, terminate: () => {} });
    session?.receive(
      JSON.stringify({ method: 'subscribe', subscription: { type: 'orderUpdates', user: trader.address } }),
    );
    const client = new ExchangeClient({ transport: new HttpTransport({ apiUrl: exchange.url }), wallet: trader });
    for (let i = 0; i < 3; i += 1) await client.order(order);
    const orders = heard
      .filter((text) => text.includes('"channel":"orderUpdates"'))
      .map((text) => JSON.parse(text).data[0].order.oid);
    expect(orders).toEqual([2, 2, 3]);
  });

  it('behavior: the same seed strikes the same requests', () => {
    const struck = (seed: number): string => {
      const script = new FaultScript({
        seed,
        rules: [
          { kind: 'latency', probability: 0.3, delayMs: [10, 500] },
          { kind: 'drop-after-accept', probability: 0.2 },
        ],
      });
      for (let i = 0; i < 200; i += 1) script.strike('order', 'exchange');
      return JSON.stringify(script.struck);
    };
    expect(struck(7)).toBe(struck(7));
    expect(struck(7)).not.toBe(struck(8));
    const count = JSON.parse(struck(7)).filter((fault: { kind: string }) => fault.kind === 'drop-after-accept').length;
    expect(count).toBeGreaterThan(20);
    expect(count).toBeLessThan(60);
  });

  it('behavior: without a socket, by fetch in memory, the same faults', async () => {
    await using exchange = await quotedExchange({ faults: [{ kind: 'drop-after-accept', verbs: ['meta'], times: 1 }] });
    const ask = () =>
      exchange.fetch('http://exchange/info', { method: 'POST', body: JSON.stringify({ type: 'meta' }) });
    await expect(ask()).rejects.toThrow('fetch failed');
    expect(await (await ask()).json()).toMatchObject({ universe: [{ name: 'BTC' }, { name: 'ETH' }, { name: 'SOL' }] });
  });
});
