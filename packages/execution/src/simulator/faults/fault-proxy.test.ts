import { HttpTransport, InfoClient, SubscriptionClient, WebSocketTransport } from '@nktkas/hyperliquid';
import { describe, expect, it } from 'vitest';
import { quote, quotedExchange } from '../testing/quoted-exchange.ts';
import { FaultProxy } from './fault-proxy.ts';
import type { ProxyRule } from './proxy-rule.ts';

async function proxied(rules: readonly ProxyRule[]) {
  const exchange = await quotedExchange();
  const proxy = new FaultProxy({ target: exchange.url, rules });
  await proxy.start();
  return {
    exchange,
    proxy,
    info: new InfoClient({ transport: new HttpTransport({ apiUrl: proxy.url, timeout: 500 }) }),
    async [Symbol.asyncDispose]() {
      await proxy.stop();
      await exchange.stop();
    },
  };
}

/** Opens a plain socket through the proxy that watches BTC's middle price; `next` gives the messages one by one. */
async function watching(proxy: FaultProxy) {
  const socket = new WebSocket(`${proxy.wsUrl}/ws`);
  const heard: string[] = [];
  const waiting: ((text: string) => void)[] = [];
  socket.onmessage = ({ data }) => {
    const next = waiting.shift();
    if (next === undefined) heard.push(String(data));
    else next(String(data));
  };
  const closed = new Promise<void>((resolve) => {
    socket.onclose = () => resolve();
  });
  await new Promise((resolve) => {
    socket.onopen = resolve;
  });
  const next = (): Promise<string> => {
    const first = heard.shift();
    return first === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(first);
  };
  return { socket, next, closed, heard };
}
const subscribe = JSON.stringify({ method: 'subscribe', subscription: { type: 'bbo', coin: 'BTC' } });
const bid = (text: string): string => JSON.parse(text).data.bbo[0].px;

describe('FaultProxy', () => {
  it('default: passes HTTP and sockets on as they are', async () => {
    await using setting = await proxied([]);
    expect((await setting.info.meta()).universe).toHaveLength(3);
    const transport = new WebSocketTransport({ url: `${setting.proxy.wsUrl}/ws` });
    const bids: string[] = [];
    let second: () => void = () => {};
    const twice = new Promise<void>((resolve) => {
      second = resolve;
    });
    await new SubscriptionClient({ transport }).bbo({ coin: 'BTC' }, (event) => {
      bids.push(event.bbo[0]?.px ?? '');
      if (bids.length === 2) second();
    });
    quote(setting.exchange, 'BTC', 51_000);
    await twice;
    expect(bids).toEqual(['49990.0', '50990.0']);
    await transport.close();
  });

  it.each([
    ['cut', 'fetch failed'],
    ['cut-after', 'fetch failed'],
    ['server-error', '502'],
    ['corrupt', ''],
    ['half-open', 'timed out'],
  ] as const)('behavior: %s by HTTP fails once', async (kind, error) => {
    await using setting = await proxied([{ kind, containing: '"type":"meta"', times: 1 }]);
    if (kind === 'corrupt') {
      const whole = await (
        await fetch(`${setting.exchange.url}/info`, { method: 'POST', body: '{"type":"meta"}' })
      ).text();
      const broken = await (
        await fetch(`${setting.proxy.url}/info`, { method: 'POST', body: '{"type":"meta"}' })
      ).text();
      expect(broken).not.toBe(whole);
      expect(broken).toHaveLength(whole.length);
    } else {
      await expect(setting.info.meta()).rejects.toThrow(error);
    }
    expect((await setting.info.meta()).universe).toHaveLength(3);
    expect(setting.proxy.script.struck).toHaveLength(1);
  });

  it('behavior: delayed, dripped and doubled answers are whole', async () => {
    await using setting = await proxied([
      { kind: 'delay', delayMs: 5, times: 1 },
      { kind: 'drip', delayMs: 0, times: 1 },
      { kind: 'duplicate', times: 1 },
    ]);
    for (let i = 0; i < 4; i += 1) {
      expect(await setting.info.exchangeStatus()).toMatchObject({ specialStatuses: null });
    }
    expect(setting.proxy.script.struck.map((fault) => fault.kind)).toEqual(['delay', 'drip', 'duplicate']);
  });

  it('behavior: messages of a socket are doubled, put behind the next, dripped', async () => {
    const containing = '"channel":"bbo"';
    await using setting = await proxied([
      { kind: 'duplicate', containing, times: 1 },
      { kind: 'reorder', containing, times: 1 },
      { kind: 'drip', containing, times: 1, delayMs: 0 },
    ]);
    const { socket, next } = await watching(setting.proxy);
    socket.send(subscribe);
    await next();
    await next();
    expect([bid(await next()), bid(await next())]).toEqual(['49990.0', '49990.0']);
    for (const price of [51_000, 52_000, 53_000]) {
      quote(setting.exchange, 'BTC', price);
      await setting.info.exchangeStatus();
    }
    expect([bid(await next()), bid(await next()), bid(await next())]).toEqual(['51990.0', '50990.0', '52989.0']);
    socket.close();
  });

  it('behavior: sockets are cut, and frozen without an end', async () => {
    await using setting = await proxied([{ kind: 'cut', on: 'socket', containing: '50990', times: 1 }]);
    const first = await watching(setting.proxy);
    first.socket.send(subscribe);
    for (let i = 0; i < 3; i += 1) await first.next();
    quote(setting.exchange, 'BTC', 51_000);
    await first.closed;

    const second = await watching(setting.proxy);
    second.socket.send(subscribe);
    for (let i = 0; i < 3; i += 1) await second.next();
    setting.proxy.freezeSockets();
    quote(setting.exchange, 'BTC', 52_000);
    await setting.info.exchangeStatus();
    expect([second.heard, second.socket.readyState]).toEqual([[], WebSocket.OPEN]);
    setting.proxy.cutSockets();
    await second.closed;
  });
});
