import { ExchangeClient, HttpTransport, InfoClient } from '@nktkas/hyperliquid';
import { SimulatedClock } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import type { HyperliquidSimulator } from '../hyperliquid-simulator.ts';
import { quotedExchange, trader } from '../testing/quoted-exchange.ts';
import { testWallet } from '../testing/test-wallet.ts';
import { actionWeight, answerWeight, infoWeight } from './request-weight.ts';

const subscribe = (subscription: object) => JSON.stringify({ method: 'subscribe', subscription });

/** A socket in memory and what it heard. */
function socket(exchange: HyperliquidSimulator) {
  const heard: { channel: string; data: unknown }[] = [];
  const closed: string[] = [];
  const session = exchange.connect({
    send: (text) => void (text.startsWith('{') && heard.push(JSON.parse(text))),
    close: (_code, reason) => void closed.push(reason),
    terminate: () => {},
  });
  return { session, heard, closed };
}

describe('request weights', () => {
  it('default: as the venue counts them', () => {
    expect(['l2Book', 'meta', 'userRole'].map(infoWeight)).toEqual([2, 20, 60]);
    expect([answerWeight('userFills', 199), answerWeight('candleSnapshot', 600), answerWeight('meta', 99)]).toEqual([
      9, 10, 0,
    ]);
    expect([1, 39, 40, 79, 80].map(actionWeight)).toEqual([1, 1, 2, 2, 3]);
  });
});

describe('rate limits of the simulator', () => {
  it('default: 1,200 of weight a minute, then 429 until the minute is over', async () => {
    const clock = new SimulatedClock({ startAtMs: 1_735_689_600_000 });
    await using exchange = await quotedExchange({ clock, rateLimits: {} });
    const info = new InfoClient({ transport: new HttpTransport({ apiUrl: exchange.url }) });
    for (let i = 0; i < 60; i += 1) await info.meta();
    await expect(info.exchangeStatus()).rejects.toThrow('429');
    await clock.advanceBy(59_999);
    await expect(info.exchangeStatus()).rejects.toThrow('429');
    await clock.advanceBy(1);
    expect(await info.exchangeStatus()).toMatchObject({ time: clock.nowMs() });
  });

  it('behavior: an account that trades nothing runs out of actions, trading gives more', async () => {
    await using exchange = await quotedExchange({ rateLimits: { actionsBeforeTrading: 2 } });
    const transport = new HttpTransport({ apiUrl: exchange.url });
    const client = new ExchangeClient({ transport, wallet: trader });
    const order = (p: number) =>
      client.order({ orders: [{ a: 0, b: true, p, s: 0.01, r: false, t: { limit: { tif: 'Gtc' } } }] });
    await order(49_000);
    await order(50_100);
    for (let i = 0; i < 5; i += 1) await order(49_000);
    const limit = await new InfoClient({ transport }).userRateLimit({ user: trader.address });
    expect(limit).toEqual({ cumVlm: '500.1', nRequestsUsed: 7, nRequestsCap: 502, nRequestsSurplus: 0 });
    await using strict = await quotedExchange({ rateLimits: { actionsBeforeTrading: 2 } });
    const poor = new ExchangeClient({ transport: new HttpTransport({ apiUrl: strict.url }), wallet: trader });
    await poor.updateLeverage({ asset: 0, isCross: true, leverage: 3 });
    await poor.updateLeverage({ asset: 0, isCross: true, leverage: 4 });
    await expect(poor.updateLeverage({ asset: 0, isCross: true, leverage: 5 })).rejects.toThrow(
      'Too many cumulative requests sent (3 > 2) for cumulative volume traded $0.00.',
    );
  });

  it('behavior: sockets are limited in subscriptions, users and messages', async () => {
    await using exchange = await quotedExchange({
      rateLimits: { subscriptions: 3, subscribedUsers: 2, messagesPerMinute: 8 },
    });
    const { session, heard, closed } = socket(exchange);
    for (const number of [1, 2, 3]) {
      session?.receive(subscribe({ type: 'orderUpdates', user: testWallet(number).address }));
    }
    expect(heard.map((message) => message.channel)).toEqual(['subscriptionResponse', 'subscriptionResponse', 'error']);
    expect(heard.at(-1)?.data).toBe('Cannot track more than 2 total users.');
    session?.receive(subscribe({ type: 'notification', user: testWallet(1).address }));
    session?.receive(subscribe({ type: 'trades', coin: 'BTC' }));
    expect(heard.at(-1)?.data).toBe('Cannot subscribe to more than 3 channels.');
    for (let i = 0; i < 4; i += 1) session?.receive('{"method":"ping"}');
    expect(heard.filter((message) => message.channel === 'pong')).toHaveLength(3);
    expect(closed).toEqual(['Too many messages']);
  });

  it('behavior: an idle socket is closed after a minute, a ping keeps it', async () => {
    const clock = new SimulatedClock({ startAtMs: 1_735_689_600_000 });
    await using exchange = await quotedExchange({ clock });
    const { session, closed } = socket(exchange);
    await clock.advanceBy(50_000);
    session?.receive('{"method":"ping"}');
    await clock.advanceBy(59_000);
    expect(closed).toEqual([]);
    await clock.advanceBy(1_000);
    expect(closed).toEqual(['Inactive']);
  });
});
