import { SimulatedClock, toPrice, toSize } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import type { HyperliquidSimulator } from '../hyperliquid-simulator.ts';
import { quote, quotedExchange, trader } from '../testing/quoted-exchange.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));

function socket(exchange: HyperliquidSimulator) {
  const heard: { channel: string; data: never }[] = [];
  const session = exchange.connect({
    send: (text) => void (text.startsWith('{') && heard.push(JSON.parse(text))),
    close: () => {},
    terminate: () => {},
  });
  const say = (message: unknown) => session?.receive(typeof message === 'string' ? message : JSON.stringify(message));
  const subscribe = (subscription: object) => say({ method: 'subscribe', subscription });
  return { heard, say, subscribe };
}

describe('SocketSession', () => {
  it('default: a subscription is acknowledged, then sent what is, then what comes', async () => {
    await using exchange = await quotedExchange();
    const { heard, say, subscribe } = socket(exchange);
    subscribe({ type: 'l2Book', coin: 'BTC' });
    quote(exchange, 'BTC', 51_000);
    await settled();
    const subscription = { type: 'l2Book', coin: 'BTC', nSigFigs: null, mantissa: null };
    expect(heard[0]).toEqual({ channel: 'subscriptionResponse', data: { method: 'subscribe', subscription } });
    expect(heard.slice(1)).toMatchObject([
      { channel: 'l2Book', data: { levels: [[{ px: '49990.0', sz: '20.0', n: 1 }, {}, {}, {}, {}], {}] } },
      { channel: 'l2Book', data: { levels: [[{ px: '50990.0' }, {}, {}, {}, {}], {}] } },
    ]);
    say({ method: 'unsubscribe', subscription: { type: 'l2Book', coin: 'BTC' } });
    quote(exchange, 'BTC', 52_000);
    await settled();
    expect(heard.slice(3)).toEqual([
      { channel: 'subscriptionResponse', data: { method: 'unsubscribe', subscription } },
    ]);
  });

  it('behavior: levels are put together as asked, bids down and asks up', async () => {
    await using exchange = await quotedExchange();
    const { heard, subscribe } = socket(exchange);
    subscribe({ type: 'l2Book', coin: 'BTC', nSigFigs: 3 });
    expect(heard[1]?.data).toMatchObject({
      levels: [[{ px: '49900.0', sz: '100.0', n: 5 }], [{ px: '50100.0', sz: '100.0', n: 5 }]],
    });
  });

  it('behavior: new subscribers of trades get the last, oldest first; candles follow trades', async () => {
    await using exchange = await quotedExchange();
    for (const price of [50_010, 50_020]) exchange.engine.marketTrade('BTC', 'buy', toPrice(price), toSize(1));
    await settled();
    const { heard, subscribe } = socket(exchange);
    subscribe({ type: 'trades', coin: 'BTC' });
    expect(heard[1]?.data).toMatchObject([
      { side: 'B', sz: '1.0' },
      { side: 'B', sz: '1.0' },
    ]);
    subscribe({ type: 'candle', coin: 'BTC', interval: '1d' });
    expect(heard[3]?.data).toMatchObject({ s: 'BTC', i: '1d', v: '2.0', n: 2 });
  });

  it('error: what can not be read or is there already is said so', async () => {
    await using exchange = await quotedExchange();
    const { heard, say, subscribe } = socket(exchange);
    subscribe({ type: 'bbo', coin: 'BTC' });
    heard.length = 0;
    subscribe({ type: 'bbo', coin: 'BTC' });
    subscribe({ type: 'bbo', coin: 'NONE' });
    subscribe({ type: 'toString' });
    say({ method: 'unsubscribe', subscription: { type: 'bbo', coin: 'ETH' } });
    say('{');
    say({ method: 'post', id: 1, request: { type: 'other', payload: {} } });
    expect(heard.map((message) => message.channel)).toEqual(Array(6).fill('error'));
    expect(heard.map((message) => String(message.data).slice(0, 20))).toEqual([
      'Already subscribed: ',
      'Invalid subscription',
      'Invalid subscription',
      'Already unsubscribed',
      'Error parsing JSON i',
      'Error parsing JSON i',
    ]);
  });

  it('behavior: requests by post carry their id back, too many at once are refused', async () => {
    const clock = new SimulatedClock({ startAtMs: 1_735_689_600_000 });
    await using exchange = await quotedExchange({
      clock,
      rateLimits: { postsInFlight: 1 },
      faults: [{ kind: 'latency', verbs: ['info'], delayMs: 1 }],
    });
    const { heard, say } = socket(exchange);
    const request = { type: 'info', payload: { type: 'orderStatus', user: trader.address, oid: 5 } };
    say({ method: 'post', id: 7, request });
    say({ method: 'post', id: 8, request });
    expect(heard).toEqual([{ channel: 'error', data: 'too many pending post requests id=8' }]);
    await clock.advanceBy(1);
    expect(heard[1]).toEqual({
      channel: 'post',
      data: { id: 7, response: { type: 'info', payload: { type: 'orderStatus', data: { status: 'unknownOid' } } } },
    });
  });

  it('behavior: sockets that are dropped hear nothing more and count no more', async () => {
    await using exchange = await quotedExchange({ rateLimits: { sockets: 1 } });
    const { heard, subscribe } = socket(exchange);
    subscribe({ type: 'bbo', coin: 'BTC' });
    expect(exchange.connect({ send: () => {}, close: () => {}, terminate: () => {} })).toBeUndefined();
    exchange.dropSockets();
    const before = heard.length;
    quote(exchange, 'BTC', 51_000);
    await settled();
    expect(heard).toHaveLength(before);
    expect(exchange.connect({ send: () => {}, close: () => {}, terminate: () => {} })).toBeDefined();
  });
});
