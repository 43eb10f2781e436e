import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { ExchangeClient, HttpTransport, InfoClient, SubscriptionClient, WebSocketTransport } from '@nktkas/hyperliquid';
import { toPrice, toSize } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import type { HyperliquidSimulator } from './hyperliquid-simulator.ts';
import { DeclaredShapes } from './testing/declared-shapes.ts';
import { quote, quotedExchange, stranger, trader } from './testing/quoted-exchange.ts';

const declarations = dirname(createRequire(import.meta.url).resolve('@nktkas/hyperliquid'));
const shapes = new DeclaredShapes(
  ['info', 'subscription', 'exchange'].map((api) => join(declarations, 'api', api, 'mod.d.ts')),
);
const user = trader.address;
/** Large ones: the client reads a small hexadecimal as an order's number. */
const cloid = (number: number) => `0xc1${number.toString(16).padStart(30, '0')}` as const;
const limit = (tif: 'Gtc' | 'Ioc' | 'Alo') => ({ limit: { tif } });
const stop = (tpsl: 'tp' | 'sl', triggerPx: number) => ({ trigger: { isMarket: true, triggerPx, tpsl } });

/** The same clients by HTTP and by socket requests. */
function clients(exchange: HyperliquidSimulator, by: 'http' | 'socket') {
  const transport =
    by === 'http'
      ? new HttpTransport({ apiUrl: exchange.url, rpcUrl: exchange.url })
      : new WebSocketTransport({ url: exchange.wsUrl });
  return {
    info: new InfoClient({ transport }),
    exchange: new ExchangeClient({ transport, wallet: trader }),
    async [Symbol.asyncDispose]() {
      if (transport instanceof WebSocketTransport) await transport.close();
    },
  };
}

describe.each(['http', 'socket'] as const)('@nktkas/hyperliquid by %s', (by) => {
  it('default: an order rests, is modified, shows, and is cancelled', async () => {
    await using exchange = await quotedExchange();
    await using client = clients(exchange, by);
    const placed = await client.exchange.order({
      orders: [{ a: 0, b: true, p: 49_000, s: 0.5, r: false, t: limit('Gtc'), c: cloid(1) }],
      grouping: 'na',
    });
    expect(shapes.errors('OrderResponse', placed)).toEqual([]);
    const [status] = placed.response.data.statuses;
    const oid = (status as { resting: { oid: number } }).resting.oid;
    expect(status).toEqual({ resting: { oid, cloid: cloid(1) } });

    const modified = await client.exchange.modify({
      oid,
      order: { a: 0, b: true, p: 48_900, s: 0.4, r: false, t: limit('Alo'), c: cloid(1) },
    });
    expect(modified).toEqual({ status: 'ok', response: { type: 'default' } });
    const [open] = await client.info.frontendOpenOrders({ user });
    expect(open).toMatchObject({ coin: 'BTC', limitPx: '48900.0', sz: '0.4', tif: 'Alo', cloid: cloid(1), side: 'B' });
    expect(open?.oid).not.toBe(oid);

    const batch = await client.exchange.batchModify({
      modifies: [
        { oid: cloid(1), order: { a: 0, b: true, p: 48_800, s: 0.4, r: false, t: limit('Gtc'), c: cloid(1) } },
      ],
    });
    expect(shapes.errors('BatchModifyResponse', batch)).toEqual([]);
    const found = await client.info.orderStatus({ user, oid: cloid(1) });
    expect(found).toMatchObject({ status: 'order', order: { status: 'open', order: { limitPx: '48800.0' } } });

    const cancelled = await client.exchange.cancelByCloid({ cancels: [{ asset: 0, cloid: cloid(1) }] });
    expect(cancelled.response.data.statuses).toEqual(['success']);
    expect(await client.info.openOrders({ user })).toEqual([]);
    expect(await client.info.orderStatus({ user, oid: cloid(1) })).toMatchObject({ order: { status: 'canceled' } });
    expect(await client.info.orderStatus({ user, oid: 999_999 })).toEqual({ status: 'unknownOid' });
    await expect(client.exchange.cancel({ cancels: [{ a: 0, o: oid }] })).rejects.toThrow(
      'Order was never placed, already canceled, or filled. asset=0',
    );
  });

  it('default: an order fills, and position, fills and margin say so', async () => {
    await using exchange = await quotedExchange();
    await using client = clients(exchange, by);
    await client.exchange.updateLeverage({ asset: 0, isCross: false, leverage: 5 });
    const bought = await client.exchange.order({
      orders: [{ a: 0, b: true, p: 50_100, s: 0.4, r: false, t: limit('Ioc') }],
      grouping: 'na',
    });
    expect(bought.response.data.statuses).toEqual([
      { filled: { totalSz: '0.4', avgPx: '50010.0', oid: expect.any(Number) } },
    ]);
    const state = await client.info.clearinghouseState({ user });
    expect(shapes.errors('ClearinghouseStateResponse', state)).toEqual([]);
    const [held] = state.assetPositions;
    expect(held?.position).toMatchObject({
      coin: 'BTC',
      szi: '0.4',
      entryPx: '50010.0',
      leverage: { type: 'isolated', value: 5 },
    });
    // 0.4 coins cost 20,004; a fifth is margin, and 4 were lost to the spread.
    expect(held?.position).toMatchObject({ unrealizedPnl: '-4.0', positionValue: '20000.0', marginUsed: '3996.8' });
    expect(held?.position.leverage).toMatchObject({ rawUsd: '-16003.2' });
    // The taker's fee of 4.5 basis points.
    expect(state.marginSummary.accountValue).toBe('99986.9982');

    await client.exchange.updateIsolatedMargin({ asset: 0, isBuy: true, ntli: 1_000_000_000 });
    const [more] = (await client.info.clearinghouseState({ user })).assetPositions;
    expect(more?.position.marginUsed).toBe('4996.8');

    const [fill] = await client.info.userFills({ user });
    expect(fill).toMatchObject({
      dir: 'Open Long',
      px: '50010.0',
      sz: '0.4',
      crossed: true,
      fee: '9.0018',
      startPosition: '0.0',
    });
    const since = await client.info.userFillsByTime({ user, startTime: 0, aggregateByTime: true });
    expect(since).toHaveLength(1);
    const active = await client.info.activeAssetData({ user, coin: 'BTC' });
    expect(active.leverage).toMatchObject({ type: 'isolated', value: 5 });
  });

  it('default: a parent with take-profit and stop, and groups bound to the position', async () => {
    await using exchange = await quotedExchange();
    await using client = clients(exchange, by);
    const group = await client.exchange.order({
      orders: [
        { a: 0, b: true, p: 49_500, s: 0.1, r: false, t: limit('Gtc') },
        { a: 0, b: false, p: 52_000, s: 0.1, r: true, t: stop('tp', 52_000) },
        { a: 0, b: false, p: 46_550, s: 0.1, r: true, t: stop('sl', 49_000) },
      ],
      grouping: 'normalTpsl',
    });
    expect(group.response.data.statuses.slice(1)).toEqual(['waitingForFill', 'waitingForFill']);
    quote(exchange, 'BTC', 49_400);
    const open = await client.info.frontendOpenOrders({ user });
    expect(shapes.errors('FrontendOpenOrdersResponse', open)).toEqual([]);
    expect(open.map((order) => [order.orderType, order.triggerCondition, order.isTrigger, order.tif]).sort()).toEqual([
      ['Stop Market', 'Price below 49000', true, null],
      ['Take Profit Market', 'Price above 52000', true, null],
    ]);
    quote(exchange, 'BTC', 48_900);
    expect((await client.info.clearinghouseState({ user })).assetPositions).toEqual([]);
    expect(await client.info.openOrders({ user })).toEqual([]);
    const history = await client.info.historicalOrders({ user });
    expect(shapes.errors('HistoricalOrdersResponse', history)).toEqual([]);
    expect(history.map((entry) => entry.status).sort()).toContain('siblingFilledCanceled');

    await client.exchange.order({ orders: [{ a: 0, b: true, p: 50_000, s: 0.1, r: false, t: limit('Ioc') }] });
    const bound = await client.exchange.order({
      orders: [{ a: 0, b: false, p: 40_000, s: 0, r: true, t: stop('sl', 45_000) }],
      grouping: 'positionTpsl',
    });
    expect(bound.response.data.statuses).toEqual([{ resting: { oid: expect.any(Number) } }]);
    const [guard] = await client.info.frontendOpenOrders({ user });
    expect(guard).toMatchObject({ isPositionTpsl: true, reduceOnly: true });
  });

  it('error: refusals come in the words of the venue', async () => {
    await using exchange = await quotedExchange();
    await using client = clients(exchange, by);
    const place = (order: object) =>
      client.exchange.order({
        orders: [{ a: 0, b: true, p: 49_000, s: 0.1, r: false, t: limit('Gtc'), ...order } as never],
        grouping: 'na',
      });
    await expect(place({ p: '49000.55' })).rejects.toThrow('Price must be divisible by tick size. asset=0');
    await expect(place({ s: 0.00001 })).rejects.toThrow('Order must have minimum value of $10. asset=0');
    await expect(place({ s: 1_000 })).rejects.toThrow('Insufficient margin to place order. asset=0');
    await expect(place({ r: true })).rejects.toThrow('Reduce only order would increase position. asset=0');
    await expect(place({ p: 50_100, t: limit('Alo') })).rejects.toThrow(
      'Post only order would have immediately matched',
    );
    await expect(place({ t: limit('Ioc') })).rejects.toThrow('Order could not immediately match');
    await expect(place({ a: 7 })).rejects.toThrow('Invalid asset. asset=7');
    exchange.mode = 'halted';
    await expect(place({})).rejects.toThrow('Trading is halted.');
    exchange.mode = 'post-only';
    await expect(place({})).rejects.toThrow('Only post-only orders allowed immediately after a network upgrade');
    await place({ t: limit('Alo') });
  });
});

describe('@nktkas/hyperliquid', () => {
  it('behavior: every answer is of the shape the client declares', async () => {
    await using exchange = await quotedExchange();
    await using client = clients(exchange, 'http');
    const { info } = client;
    await client.exchange.order({
      orders: [{ a: 0, b: true, p: 50_100, s: 0.1, r: false, t: limit('Ioc'), c: cloid(9) }],
    });
    await client.exchange.order({ orders: [{ a: 1, b: false, p: 2_600, s: 1, r: false, t: limit('Gtc') }] });
    exchange.engine.marketTrade('BTC', 'sell', toPrice(49_990), toSize(1));
    const answers: Record<string, unknown> = {
      MetaResponse: await info.meta(),
      MetaAndAssetCtxsResponse: await info.metaAndAssetCtxs(),
      AllPerpMetasResponse: await info.allPerpMetas(),
      SpotMetaResponse: await info.spotMeta(),
      SpotMetaAndAssetCtxsResponse: await info.spotMetaAndAssetCtxs(),
      PerpDexsResponse: await info.perpDexs(),
      AllMidsResponse: await info.allMids(),
      L2BookResponse: await info.l2Book({ coin: 'BTC' }),
      RecentTradesResponse: await info.recentTrades({ coin: 'BTC' }),
      CandleSnapshotResponse: await info.candleSnapshot({ coin: 'BTC', interval: '1m', startTime: 0 }),
      FundingHistoryResponse: await info.fundingHistory({ coin: 'BTC', startTime: 0 }),
      PredictedFundingsResponse: await info.predictedFundings(),
      ExchangeStatusResponse: await info.exchangeStatus(),
      MarginTableResponse: await info.marginTable({ id: 50 }),
      PerpsAtOpenInterestCapResponse: await info.perpsAtOpenInterestCap(),
      ClearinghouseStateResponse: await info.clearinghouseState({ user }),
      SpotClearinghouseStateResponse: await info.spotClearinghouseState({ user }),
      OpenOrdersResponse: await info.openOrders({ user }),
      FrontendOpenOrdersResponse: await info.frontendOpenOrders({ user }),
      HistoricalOrdersResponse: await info.historicalOrders({ user }),
      OrderStatusResponse: await info.orderStatus({ user, oid: cloid(9) }),
      UserFillsResponse: await info.userFills({ user }),
      UserFillsByTimeResponse: await info.userFillsByTime({ user, startTime: 0 }),
      UserFeesResponse: await info.userFees({ user }),
      UserFundingResponse: await info.userFunding({ user, startTime: 0 }),
      UserNonFundingLedgerUpdatesResponse: await info.userNonFundingLedgerUpdates({ user, startTime: 0 }),
      UserRateLimitResponse: await info.userRateLimit({ user }),
      UserAbstractionResponse: await info.userAbstraction({ user }),
      ActiveAssetDataResponse: await info.activeAssetData({ user, coin: 'BTC' }),
      ExtraAgentsResponse: await info.extraAgents({ user }),
      MaxBuilderFeeResponse: await info.maxBuilderFee({ user, builder: stranger.address }),
      ApprovedBuildersResponse: await info.approvedBuilders({ user }),
      ReferralResponse: await info.referral({ user }),
      UserRoleResponse: await info.userRole({ user }),
      PortfolioResponse: await info.portfolio({ user }),
      SubAccountsResponse: await info.subAccounts({ user }),
      LegalCheckResponse: await info.legalCheck({ user }),
      IsVipResponse: await info.isVip({ user }),
      WebData2Response: await info.webData2({ user }),
      TwapHistoryResponse: await info.twapHistory({ user }),
    };
    expect(Object.entries(answers).flatMap(([type, answer]) => shapes.errors(type, answer))).toEqual([]);
    expect(answers.CandleSnapshotResponse).toMatchObject([{ s: 'BTC', o: '50010.0', c: '49990.0', v: '1.1', n: 2 }]);
    expect(answers.RecentTradesResponse).toMatchObject([
      { side: 'A', px: '49990.0' },
      { side: 'B', users: [user, expect.any(String)] },
    ]);
    expect(answers.UserNonFundingLedgerUpdatesResponse).toMatchObject([
      { delta: { type: 'deposit', usdc: '100000.0' } },
    ]);
    expect(
      shapes.errors('ClearinghouseStateResponse', await info.clearinghouseState({ user: stranger.address })),
    ).toEqual([]);
  });

  it('behavior: every subscription begins, goes on, and has the shape the client declares', async () => {
    await using exchange = await quotedExchange();
    await using client = clients(exchange, 'http');
    await using transport = Object.assign(new WebSocketTransport({ url: exchange.wsUrl }), {
      async [Symbol.asyncDispose](this: WebSocketTransport) {
        await this.close();
      },
    });
    const streams = new SubscriptionClient({ transport });
    const seen = new Map<string, unknown[]>();
    const waiting = new Set<() => void>();
    const hear = (name: string) => (event: unknown) => {
      seen.set(name, [...(seen.get(name) ?? []), event]);
      for (const look of waiting) look();
    };
    const until = (done: () => boolean) =>
      new Promise<void>((resolve) => {
        const look = () => {
          if (!done()) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      });
    const subscriptions = [
      await streams.l2Book({ coin: 'BTC' }, hear('L2BookEvent')),
      await streams.l2Book({ coin: 'ETH', nSigFigs: 5, mantissa: 2 }, hear('L2BookEvent')),
      await streams.bbo({ coin: 'BTC' }, hear('BboEvent')),
      await streams.trades({ coin: 'BTC' }, hear('TradesEvent')),
      await streams.candle({ coin: 'BTC', interval: '1h' }, hear('CandleEvent')),
      await streams.activeAssetCtx({ coin: 'BTC' }, hear('ActiveAssetCtxEvent')),
      await streams.activeAssetData({ user, coin: 'BTC' }, hear('ActiveAssetDataEvent')),
      await streams.allMids(hear('AllMidsEvent')),
      await streams.assetCtxs(hear('AssetCtxsEvent')),
      await streams.allDexsAssetCtxs(hear('AllDexsAssetCtxsEvent')),
      await streams.orderUpdates({ user }, hear('OrderUpdatesEvent')),
      await streams.userEvents({ user }, hear('UserEventsEvent')),
      await streams.userFills({ user }, hear('UserFillsEvent')),
      await streams.userFundings({ user }, hear('UserFundingsEvent')),
      await streams.userHistoricalOrders({ user }, hear('UserHistoricalOrdersEvent')),
      await streams.userNonFundingLedgerUpdates({ user }, hear('UserNonFundingLedgerUpdatesEvent')),
      await streams.clearinghouseState({ user }, hear('ClearinghouseStateEvent')),
      await streams.allDexsClearinghouseState({ user }, hear('AllDexsClearinghouseStateEvent')),
      await streams.openOrders({ user }, hear('OpenOrdersEvent')),
      await streams.notification({ user }, hear('NotificationEvent')),
      await streams.webData3({ user }, hear('WebData3Event')),
      await streams.twapStates({ user }, hear('TwapStatesEvent')),
      await streams.spotState({ user }, hear('SpotStateEvent')),
    ];
    await client.exchange.order({ orders: [{ a: 0, b: true, p: 50_100, s: 0.1, r: false, t: limit('Ioc') }] });
    await client.exchange.order({ orders: [{ a: 0, b: true, p: 49_000, s: 0.1, r: false, t: limit('Gtc') }] });
    exchange.notify(user, 'Hello.');
    await until(
      () =>
        seen.size === 22 &&
        (seen.get('UserFillsEvent')?.length ?? 0) > 1 &&
        (seen.get('OrderUpdatesEvent') ?? []).flat().length > 1,
    );

    expect([...seen].flatMap(([type, events]) => events.flatMap((event) => shapes.errors(type, event)))).toEqual([]);
    const fills = seen.get('UserFillsEvent');
    expect(fills?.[0]).toEqual({ user, fills: [], isSnapshot: true });
    expect(fills?.[1]).toMatchObject({ user, fills: [{ px: '50010.0', sz: '0.1' }] });
    expect(fills?.[1]).not.toHaveProperty('isSnapshot');
    expect((seen.get('OrderUpdatesEvent') ?? []).flat()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ status: 'filled' }),
        expect.objectContaining({ status: 'open', order: expect.objectContaining({ limitPx: '49000.0' }) }),
      ]),
    );
    expect(seen.get('NotificationEvent')).toEqual([{ notification: 'Hello.' }]);

    for (const subscription of subscriptions) await subscription.unsubscribe();
    const before = seen.get('L2BookEvent')?.length;
    quote(exchange, 'BTC', 51_000);
    await client.info.exchangeStatus();
    expect(seen.get('L2BookEvent')).toHaveLength(before ?? 0);
  });

  it('behavior: after the venue restarts, the client is subscribed again and misses no fill', async () => {
    await using exchange = await quotedExchange();
    const transport = new WebSocketTransport({ url: exchange.wsUrl, reconnect: { reconnectionDelay: 1 } });
    const snapshots: number[] = [];
    let again: () => void = () => {};
    const twice = new Promise<void>((resolve) => {
      again = resolve;
    });
    await new SubscriptionClient({ transport }).userFills({ user }, ({ fills, isSnapshot }) => {
      if (isSnapshot !== true) return;
      snapshots.push(fills.length);
      if (snapshots.length === 2) again();
    });
    await exchange.stop();
    exchange.engine.place(
      user,
      [
        {
          coin: 'BTC',
          side: 'buy',
          size: toSize(1),
          limitPrice: toPrice(50_100),
          timeInForce: 'ioc',
          reduceOnly: false,
        },
      ],
      'na',
    );
    await exchange.start();
    await twice;
    expect(snapshots).toEqual([0, 1]);
    await transport.close();
  });

  it('behavior: the page’s own subscription shows all at once', async () => {
    await using exchange = await quotedExchange();
    const heard: string[] = [];
    const session = exchange.connect({ send: (text) => heard.push(text), close: () => {}, terminate: () => {} });
    session?.receive(JSON.stringify({ method: 'subscribe', subscription: { type: 'webData2', user } }));
    const { channel, data } = JSON.parse(heard.at(-1) ?? '{}');
    expect([channel, shapes.errors('WebData2Response', data)]).toEqual(['webData2', []]);
  });
});
