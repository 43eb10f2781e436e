import { ExchangeClient, HttpTransport, InfoClient } from '@nktkas/hyperliquid';
import { SimulatedClock, toPrice } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import type { HyperliquidSimulator } from './hyperliquid-simulator.ts';
import { quote, quotedExchange, trader } from './testing/quoted-exchange.ts';

const user = trader.address;

/** An exchange whose hours pass when told, at the hour of the machine's clock that nonces need. */
async function timed() {
  const clock = new SimulatedClock({ startAtMs: Math.floor(Date.now() / 3_600_000) * 3_600_000 + 1 });
  const exchange = await quotedExchange({ clock, tickMs: 1_000, idleAfterMs: Number.POSITIVE_INFINITY });
  const transport = new HttpTransport({ apiUrl: exchange.url });
  return {
    clock,
    exchange,
    info: new InfoClient({ transport }),
    client: new ExchangeClient({ transport, wallet: trader }),
    [Symbol.asyncDispose]: () => exchange[Symbol.asyncDispose](),
  };
}

/** What a socket in memory hears of some subscriptions, acknowledgements left out. */
function hears(exchange: HyperliquidSimulator, ...types: string[]) {
  const heard: { channel: string; data: never }[] = [];
  const session = exchange.connect({
    send: (text) => {
      const message = text.startsWith('{') ? JSON.parse(text) : undefined;
      if (message !== undefined && message.channel !== 'subscriptionResponse') heard.push(message);
    },
    close: () => {},
    terminate: () => {},
  });
  for (const type of types) session?.receive(JSON.stringify({ method: 'subscribe', subscription: { type, user } }));
  return heard;
}

describe('the simulator as time goes', () => {
  it('default: funding is paid on the hour, and every account of it agrees', async () => {
    await using setting = await timed();
    const { clock, client, exchange, info } = setting;
    await client.order({ orders: [{ a: 0, b: true, p: 50_100, s: 1, r: false, t: { limit: { tif: 'Ioc' } } }] });
    exchange.engine.setFundingRate('BTC', '0.0001');
    const heard = hears(exchange, 'userFundings', 'userEvents');
    await clock.advanceBy(3_600_000);
    const [payment] = await info.userFunding({ user, startTime: 0 });
    // A long of one coin at 50,000 pays a ten-thousandth.
    expect(payment?.delta).toMatchObject({ coin: 'BTC', usdc: '-5.0', szi: '1.0', fundingRate: '0.0001' });
    expect((payment?.time ?? 1) % 3_600_000).toBe(0);
    expect(heard.map((message) => message.channel)).toEqual(['userFundings', 'userFundings', 'user']);
    expect(heard[0]?.data).toMatchObject({ isSnapshot: true, fundings: [] });
    expect(heard[1]?.data).toMatchObject({ user, fundings: [{ usdc: '-5.0' }] });
    expect(heard[2]?.data).toMatchObject({ funding: { usdc: '-5.0' } });
    const [held] = (await info.clearinghouseState({ user })).assetPositions;
    expect(held?.position.cumFunding).toEqual({ allTime: '5.0', sinceOpen: '5.0', sinceChange: '5.0' });
    const [print] = await info.fundingHistory({ coin: 'BTC', startTime: 0 });
    expect(print).toMatchObject({ coin: 'BTC', fundingRate: '0.0001', time: payment?.time });
  });

  it('behavior: a dead man’s switch takes every order, stops too, and says it was not the user', async () => {
    await using setting = await timed();
    const { clock, client, exchange, info } = setting;
    await client.order({ orders: [{ a: 0, b: true, p: 50_100, s: 1, r: false, t: { limit: { tif: 'Ioc' } } }] });
    await client.order({
      orders: [
        { a: 0, b: true, p: 49_000, s: 0.1, r: false, t: { limit: { tif: 'Gtc' } } },
        { a: 0, b: false, p: 45_000, s: 1, r: true, t: { trigger: { isMarket: true, triggerPx: 48_000, tpsl: 'sl' } } },
      ],
    });
    await client.scheduleCancel({ time: clock.nowMs() + 10_000 });
    const heard = hears(exchange, 'userEvents');
    const own = await client.order({
      orders: [{ a: 0, b: true, p: 48_000, s: 0.1, r: false, t: { limit: { tif: 'Gtc' } } }],
    });
    const [status] = own.response.data.statuses;
    await client.cancel({ cancels: [{ a: 0, o: (status as { resting: { oid: number } }).resting.oid }] });
    await clock.advanceBy(9_000);
    expect(heard).toEqual([]);
    expect(await info.openOrders({ user })).toHaveLength(2);
    await clock.advanceBy(2_000);
    expect(await info.openOrders({ user })).toEqual([]);
    const statuses = (await info.historicalOrders({ user })).map((entry) => entry.status);
    expect(statuses.filter((status) => status === 'scheduledCancel')).toHaveLength(2);
    expect(heard[0]?.data).toMatchObject({ nonUserCancel: [{ coin: 'BTC' }, { coin: 'BTC' }] });
  });

  it('behavior: a liquidation shows as fills of the exchange and as an event', async () => {
    await using setting = await timed();
    const { client, exchange, info } = setting;
    await client.updateLeverage({ asset: 0, isCross: false, leverage: 20 });
    await client.order({ orders: [{ a: 0, b: true, p: 50_100, s: 10, r: false, t: { limit: { tif: 'Ioc' } } }] });
    const heard = hears(exchange, 'userEvents');
    quote(exchange, 'BTC', 45_000);
    await info.exchangeStatus();
    expect((await info.clearinghouseState({ user })).assetPositions).toEqual([]);
    const [fill] = await info.userFills({ user });
    expect(fill).toMatchObject({
      side: 'A',
      dir: 'Close Long',
      liquidation: { liquidatedUser: user, markPx: expect.any(String) },
    });
    expect(heard.some((message) => 'liquidation' in (message.data as object))).toBe(true);
  });

  it('behavior: marks that move are told to those who hold', async () => {
    await using setting = await timed();
    const { clock, client, exchange } = setting;
    await client.order({ orders: [{ a: 0, b: true, p: 50_100, s: 1, r: false, t: { limit: { tif: 'Ioc' } } }] });
    const heard = hears(exchange, 'clearinghouseState');
    exchange.engine.setMark('BTC', toPrice(51_000));
    await clock.advanceBy(1_000);
    expect(heard.at(-1)?.data).toMatchObject({
      clearinghouseState: { assetPositions: [{ position: { unrealizedPnl: '990.0' } }] },
    });
  });
});
