import type { VenueUpdate } from '@perpdesk/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { LiveDesk, noonMs, type Routes } from './testing/live-desk.ts';

const desks: LiveDesk[] = [];
const ends: (() => void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) end();
  for (const desk of desks.splice(0)) await desk.close();
});
const soon = { timeout: 5_000, interval: 10 };
const say = (socket: WebSocket, frame: unknown): void => socket.send(JSON.stringify(frame));

/** Watches alice until her sockets are up; gives what is heard of her. */
async function watch(desk: LiveDesk): Promise<VenueUpdate[]> {
  desks.push(desk);
  const heard: VenueUpdate[] = [];
  ends.push(desk.venue.watch('alice', (update) => heard.push(update)));
  await vi.waitFor(async () => {
    await desk.clock.advanceBy(100);
    expect(desk.venue.watching('alice')).toBe(true);
  }, soon);
  return heard;
}
const fillsOf = (heard: readonly VenueUpdate[]) =>
  heard.flatMap((update) => (update.kind === 'fill' ? [update.fill] : []));
const ordersOf = (heard: readonly VenueUpdate[]) =>
  heard.flatMap((update) => (update.kind === 'order' ? [update.order] : []));

describe('private sockets', () => {
  it('behavior: Bybit signs in, subscribes, and tells orders and executions', async () => {
    const ok = (result: unknown) => ({ retCode: 0, retMsg: 'OK', result });
    const none = ok({ list: [], nextPageCursor: '' });
    const symbol = {
      ...{
        symbol: 'BTCUSDT',
        contractType: 'LinearPerpetual',
        status: 'Trading',
        baseCoin: 'BTC',
        quoteCoin: 'USDT',
        settleCoin: 'USDT',
      },
      ...{
        fundingInterval: 480,
        priceFilter: { tickSize: '0.1' },
        lotSizeFilter: { qtyStep: '0.001', minOrderQty: '0.001' },
      },
      leverageFilter: { maxLeverage: '100' },
    };
    const wallet = {
      totalWalletBalance: '100',
      totalEquity: '100',
      totalPerpUPL: '0',
      totalInitialMargin: '0',
      totalAvailableBalance: '100',
    };
    const routes: Routes = {
      'GET /v5/market/instruments-info': ({ query }) =>
        query.category === 'linear' && query.status !== 'PreLaunch'
          ? ok({ category: 'linear', nextPageCursor: '', list: [symbol] })
          : none,
      'GET /v5/order/realtime': () => none,
      'GET /v5/position/list': () => none,
      'GET /v5/execution/list': () => none,
      'GET /v5/account/transaction-log': () => none,
      'GET /v5/account/info': () => ok({ marginMode: 'ISOLATED_MARGIN' }),
      'GET /v5/account/wallet-balance': () => ok({ list: [wallet] }),
    };
    const desk = await LiveDesk.run('bybit', { apiKey: 'k', secret: 's' }, routes);
    desk.server.onFrame = (frame, socket) => {
      const { op, req_id: reqId, reqId: other } = frame as Record<string, string>;
      if (op === 'auth') say(socket, { success: true, ret_msg: '', op: 'auth', conn_id: 'c', req_id: reqId ?? other });
      if (op === 'subscribe')
        say(socket, { success: true, ret_msg: '', op: 'subscribe', conn_id: 'c', req_id: reqId ?? other });
    };
    const heard = await watch(desk);
    // After ws_account_execution.json and ws_account_order_stop_loss.json of nautilus_trader.
    const execution = {
      ...{
        category: 'linear',
        symbol: 'BTCUSDT',
        execFee: '26.3725275',
        execId: '0ab1bdf7',
        execPrice: '95900.1',
        execQty: '0.5',
      },
      ...{
        execType: 'Trade',
        orderId: '9aac161b',
        orderLinkId: 'a'.repeat(32),
        side: 'Sell',
        execTime: String(noonMs),
        isMaker: false,
      },
    };
    const stop = {
      ...{
        symbol: 'BTCUSDT',
        orderId: 's-1',
        side: 'Sell',
        orderType: 'Market',
        price: '',
        qty: '0.500',
        timeInForce: 'GTC',
      },
      ...{
        orderStatus: 'Untriggered',
        orderLinkId: 'b'.repeat(32),
        reduceOnly: true,
        cumExecQty: '0',
        avgPrice: '',
        category: 'linear',
      },
      ...{
        stopOrderType: 'StopLoss',
        triggerPrice: '48000.00',
        triggerDirection: 2,
        createdTime: String(noonMs),
        updatedTime: String(noonMs),
      },
    };
    desk.server.tell({ topic: 'order', id: '1', creationTime: noonMs, data: [stop] });
    desk.server.tell({
      topic: 'execution',
      id: '2',
      creationTime: noonMs,
      data: [execution, { ...execution, execType: 'Funding', execId: 'f' }],
    });
    await vi.waitFor(() => expect(fillsOf(heard)).toHaveLength(1), soon);
    expect(fillsOf(heard)[0]).toMatchObject({
      clientOrderId: 'a'.repeat(32),
      side: 'sell',
      size: '0.5',
      price: '95900.1',
      fee: '26.3725275',
    });
    expect(ordersOf(heard)[0]).toMatchObject({
      type: 'stop-market',
      purpose: 'stop-loss',
      triggerPrice: '48000',
      status: 'open',
    });
  });

  it('behavior: OKX signs in on both sockets, tells orders, algo orders and the fills in them', async () => {
    const ok = (...data: unknown[]) => ({ code: '0', msg: '', data });
    const swap = {
      ...{
        instId: 'BTC-USDT-SWAP',
        instType: 'SWAP',
        uly: 'BTC-USDT',
        instFamily: 'BTC-USDT',
        settleCcy: 'USDT',
        ctVal: '0.01',
      },
      ...{
        ctMult: '1',
        ctValCcy: 'BTC',
        ctType: 'linear',
        tickSz: '0.1',
        lotSz: '0.1',
        minSz: '0.1',
        state: 'live',
        lever: '100',
      },
    };
    const routes: Routes = {
      'GET /api/v5/public/instruments': () => ok(swap),
      'GET /api/v5/trade/orders-pending': () => ok(),
      'GET /api/v5/trade/orders-algo-pending': () => ok(),
      'GET /api/v5/account/positions': () => ok(),
      'GET /api/v5/trade/fills-history': () => ok(),
      'GET /api/v5/account/bills': () => ok(),
      'GET /api/v5/account/balance': () => ok({ details: [{ ccy: 'USDT', eq: '100', upl: '0', availEq: '100' }] }),
      'GET /api/v5/account/config': () => ok({ posMode: 'net_mode' }),
    };
    const desk = await LiveDesk.run('okx', { apiKey: 'k', secret: 's', password: 'p' }, routes);
    desk.server.onFrame = (frame, socket) => {
      const { op, args } = frame as { op?: string; args?: unknown[] };
      if (op === 'login') say(socket, { event: 'login', code: '0', msg: '', connId: 'c' });
      if (op === 'subscribe') for (const arg of args ?? []) say(socket, { event: 'subscribe', arg, connId: 'c' });
    };
    const heard = await watch(desk);
    // After ws_orders_adl.json of nautilus_trader.
    const order = {
      ...{
        accFillSz: '0.3',
        algoClOrdId: '',
        avgPx: '41000.0',
        cTime: String(noonMs),
        category: 'adl',
        clOrdId: '',
        execType: 'T',
      },
      ...{
        fillFee: '-12.3',
        fee: '-12.3',
        fillPx: '41000.0',
        fillSz: '0.3',
        fillPnl: '-1000',
        fillTime: String(noonMs),
        instId: 'BTC-USDT-SWAP',
      },
      ...{
        ordId: '2497956918703121000',
        ordType: 'market',
        px: '',
        reduceOnly: 'false',
        side: 'buy',
        state: 'filled',
        sz: '0.3',
        tradeId: '1518906000',
        uTime: String(noonMs),
      },
    };
    const algo = {
      ...{
        algoId: '7',
        algoClOrdId: 'c'.repeat(32),
        instId: 'BTC-USDT-SWAP',
        ordType: 'conditional',
        state: 'live',
        side: 'sell',
        sz: '1',
      },
      ...{
        slTriggerPx: '39000',
        tpTriggerPx: '',
        reduceOnly: 'true',
        actualSz: '',
        actualPx: '',
        ordId: '',
        cTime: String(noonMs),
        uTime: String(noonMs),
      },
    };
    desk.server.tell({ arg: { channel: 'orders', instType: 'SWAP' }, data: [order] });
    desk.server.tell({ arg: { channel: 'orders-algo', instType: 'SWAP' }, data: [algo] });
    await vi.waitFor(
      () => expect(ordersOf(heard).some(({ clientOrderId }) => clientOrderId === 'c'.repeat(32))).toBe(true),
      soon,
    );
    expect(fillsOf(heard)[0]).toMatchObject({
      side: 'buy',
      size: '0.003',
      price: '41000',
      fee: '12.3',
      realizedPnl: '-1000',
      reason: 'auto-deleveraging',
    });
    expect(desk.server.frames.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['/ws/v5/private', '/ws/v5/business']),
    );
  });

  it('behavior: Aster takes a listen key and tells as Binance does', async () => {
    const info = {
      symbols: [
        {
          ...{
            symbol: 'BTCUSDT',
            contractType: 'PERPETUAL',
            deliveryDate: 4133404800000,
            status: 'TRADING',
            baseAsset: 'BTC',
          },
          ...{ quoteAsset: 'USDT', marginAsset: 'USDT', orderTypes: ['LIMIT', 'MARKET'] },
          filters: [
            { filterType: 'PRICE_FILTER', tickSize: '0.10' },
            { filterType: 'LOT_SIZE', stepSize: '0.001', minQty: '0.001' },
          ],
        },
      ],
    };
    const routes: Routes = {
      'GET /fapi/v3/exchangeInfo': () => info,
      'POST /fapi/v3/listenKey': () => ({ listenKey: 'key' }),
      'POST /fapi/v1/listenKey': () => ({ listenKey: 'key' }),
      'GET /fapi/v3/income': () => [],
      'GET /fapi/v3/openOrders': () => [],
      'GET /fapi/v3/positionRisk': () => [],
      'GET /fapi/v3/positionSide/dual': () => ({ dualSidePosition: false }),
      'GET /fapi/v3/account': () => ({
        totalWalletBalance: '1',
        totalMarginBalance: '1',
        totalUnrealizedProfit: '0',
        totalInitialMargin: '0',
        availableBalance: '1',
      }),
    };
    const desk = await LiveDesk.run('aster', { privateKey: `0x${'1'.repeat(64)}` }, routes);
    const heard = await watch(desk);
    const trade = {
      ...{
        s: 'BTCUSDT',
        c: 'a'.repeat(32),
        S: 'BUY',
        o: 'LIMIT',
        f: 'GTC',
        q: '0.002',
        p: '7100.50',
        ap: '7100.50',
        sp: '0',
        x: 'TRADE',
      },
      ...{
        X: 'FILLED',
        i: 8886774,
        l: '0.002',
        z: '0.002',
        L: '7100.50',
        N: 'USDT',
        n: '0.01',
        T: noonMs,
        t: 12,
        m: true,
        R: false,
        ot: 'LIMIT',
        rp: '0',
      },
    };
    desk.server.tell({ e: 'ORDER_TRADE_UPDATE', T: noonMs, E: noonMs, o: trade });
    await vi.waitFor(
      () =>
        expect(fillsOf(heard)).toMatchObject([{ clientOrderId: 'a'.repeat(32), size: '0.002', liquidity: 'maker' }]),
      soon,
    );
  });
});
