import { toPrice, toSize } from '@perpdesk/core';
import { afterEach, describe, expect, it } from 'vitest';
import type { ScriptedAnswer } from '../testing/answer-server.ts';
import { codeOf, LiveDesk, noonMs, type Routes } from '../testing/live-desk.ts';

const secrets = { apiKey: 'the-key', secret: 'the-secret' };
const instruments = {
  category: 'linear',
  nextPageCursor: '',
  list: [
    {
      ...{ symbol: 'BTCUSDT', contractType: 'LinearPerpetual', status: 'Trading', baseCoin: 'BTC', quoteCoin: 'USDT' },
      ...{ settleCoin: 'USDT', fundingInterval: 480, priceFilter: { tickSize: '0.1' } },
      ...{ lotSizeFilter: { qtyStep: '0.001', minOrderQty: '0.001' }, leverageFilter: { maxLeverage: '100' } },
    },
  ],
};
const ok = (result: unknown, more: object = {}) => ({ retCode: 0, retMsg: 'OK', result, ...more });
const none = ok({ list: [], nextPageCursor: '' });
const refusal = (retCode: number, retMsg = ''): ScriptedAnswer => ({ json: { retCode, retMsg, result: {} } });
const routes = (changes: Routes = {}): Routes => ({
  'GET /v5/market/instruments-info': ({ query }) =>
    query.category === 'linear' && query.status !== 'PreLaunch' ? ok(instruments) : none,
  'POST /v5/order/create': () => ok({ orderId: 'o-1' }),
  'POST /v5/order/amend': () => ok({ orderId: 'o-1' }),
  'POST /v5/order/cancel': () => ok({ orderId: 'o-1' }),
  'GET /v5/order/realtime': () => none,
  'GET /v5/order/history': () => none,
  'GET /v5/position/list': () => none,
  'GET /v5/execution/list': () => none,
  'GET /v5/account/info': () => ok({ marginMode: 'ISOLATED_MARGIN' }),
  ...changes,
});
const desks: LiveDesk[] = [];
const run = async (changes: Routes = {}): Promise<LiveDesk> => {
  const desk = await LiveDesk.run('bybit', secrets, routes(changes));
  desks.push(desk);
  return desk;
};
afterEach(async () => {
  for (const desk of desks.splice(0)) await desk.close();
});
const bodies = (desk: LiveDesk) => desk.acts(/./).map(({ body }) => JSON.parse(body));

describe('Bybit', () => {
  it('default: an order leaves as it was authorised, within a window that ends with its authorisation, for no referrer', async () => {
    const desk = await run();
    const intent = desk.intent({ size: toSize('0.123'), price: toPrice('59999.9') });
    expect(await desk.place(intent)).toMatchObject({ outcome: 'accepted', order: { ...intent, venueOrderId: 'o-1' } });
    expect(bodies(desk)).toEqual([
      {
        ...{ category: 'linear', symbol: 'BTCUSDT', side: 'Buy', qty: '0.123', orderLinkId: intent.clientOrderId },
        ...{ reduceOnly: false, positionIdx: 0, orderType: 'Limit', price: '59999.9', timeInForce: 'GTC' },
      },
    ]);
    const headers = desk.acts(/create/)[0]?.headers ?? {};
    expect(Number(headers['x-bapi-timestamp']) + Number(headers['x-bapi-recv-window'])).toBeLessThanOrEqual(
      noonMs + 10_000,
    );
    expect(headers.referer).toBeUndefined();
    expect(JSON.stringify(desk.server.seen)).not.toMatch(/ccxt|referer|broker/i);
    // What is read afterwards has the usual window again.
    await desk.venue.fetchOpenOrders('alice');
    expect(desk.server.seen.at(-1)?.headers['x-bapi-recv-window']).toBe('5000');
    expect(desk.mismatches).toEqual([]);
  });

  it('behavior: market orders, bounded ones, post-only ones; stops and profits trigger by mark, the right way round', async () => {
    const desk = await run();
    const short = { side: 'buy' } as const;
    for (const intent of [
      desk.market(),
      desk.market({ price: toPrice('60100.5') }),
      desk.intent({ timeInForce: 'post-only' }),
      desk.stop(),
      desk.stop({ type: 'take-profit-market', purpose: 'take-profit', triggerPrice: toPrice(70_000) }),
      desk.stop({ ...short, triggerPrice: toPrice(65_000) }),
    ])
      expect(codeOf(await desk.place(intent))).toBe('accepted');
    expect(
      bodies(desk).map(({ orderType, price, timeInForce, triggerPrice, triggerBy, triggerDirection, reduceOnly }) => [
        ...[orderType, price, timeInForce, triggerPrice, triggerBy, triggerDirection, reduceOnly],
      ]),
    ).toEqual([
      ['Market', undefined, undefined, undefined, undefined, undefined, false],
      ['Limit', '60100.5', 'IOC', undefined, undefined, undefined, false],
      ['Limit', '60000', 'PostOnly', undefined, undefined, undefined, false],
      ['Market', undefined, undefined, '55000', 'MarkPrice', 2, true],
      ['Market', undefined, undefined, '70000', 'MarkPrice', 1, true],
      ['Market', undefined, undefined, '65000', 'MarkPrice', 1, true],
    ]);
    expect(desk.mismatches).toEqual([]);
  });

  it('behavior: a batch has an outcome each', async () => {
    const desk = await run({
      'POST /v5/order/create-batch': () =>
        ok(
          { list: [{ orderId: 'a' }, { orderId: '' }] },
          {
            retExtInfo: {
              list: [
                { code: 0, msg: 'OK' },
                { code: 110007, msg: 'ab not enough' },
              ],
            },
          },
        ),
    });
    const outcomes = await desk.venue.placeAll([desk.intent(), desk.stop()].map((intent) => desk.approve(intent)));
    expect(outcomes.map(codeOf)).toEqual(['accepted', 'margin.insufficient']);
    expect(desk.mismatches).toEqual([]);
  });

  it.each<[string, ScriptedAnswer, string]>([
    ['margin', refusal(110007), 'margin.insufficient'],
    ['reduce only', refusal(110017), 'reduce-only.violated'],
    ['the id is taken', refusal(110072), 'order.duplicate'],
    ['outside the window', refusal(10002), 'approval.expired'],
    ['a code that is not listed', refusal(199999), 'order.invalid'],
    ['the rate', refusal(10006, 'Too many visits!'), 'order.throttled'],
    ['the venue’s timeout', refusal(10000, 'Server Timeout'), 'unknown'],
    ['the venue’s error', refusal(10016), 'unknown'],
    ['the rate of an address', { text: '', status: 403 }, 'unknown'],
    ['5xx', { text: '', status: 500 }, 'unknown'],
    ['garbage', { text: '...' }, 'unknown'],
    ['an answer without the order', { json: ok({}) }, 'unknown'],
    ['cut inside', { cut: 'inside' }, 'unknown'],
  ])('error: %s', async (_, answer, expected) => {
    const desk = await run({ 'POST /v5/order/create': () => answer });
    expect(codeOf(await desk.place(desk.intent()))).toBe(expected);
    expect(desk.acts(/create/)).toHaveLength(1);
  });

  it('behavior: a stop is found by our id, moved in place and cancelled', async () => {
    const desk = await run();
    const intent = desk.stop();
    const row = {
      ...{ orderId: 'o-1', orderLinkId: intent.clientOrderId, symbol: 'BTCUSDT', side: 'Sell', orderType: 'Market' },
      ...{ price: '0', qty: '0.010', cumExecQty: '0', avgPrice: '', timeInForce: 'IOC', orderStatus: 'Untriggered' },
      ...{
        reduceOnly: true,
        stopOrderType: 'Stop',
        triggerPrice: '55000.00',
        triggerDirection: 2,
        closeOnTrigger: false,
      },
      ...{ createdTime: String(noonMs), updatedTime: String(noonMs) },
    };
    await desk.place(intent);
    desk.routes = routes({
      'GET /v5/order/realtime': ({ query }) =>
        query.orderLinkId === undefined || query.orderLinkId === intent.clientOrderId ? ok({ list: [row] }) : none,
    });
    expect(await desk.venue.fetchOrder('alice', intent.clientOrderId)).toMatchObject({ ...intent, status: 'open' });
    expect(await desk.venue.fetchOrder('alice', 'e'.repeat(32))).toBeUndefined();
    const moved = { ...intent, size: toSize('0.008'), triggerPrice: toPrice(56_000) };
    expect(await desk.venue.amend(desk.approve(moved))).toMatchObject({
      outcome: 'accepted',
      order: { triggerPrice: '56000', size: '0.008' },
    });
    expect(bodies(desk).at(-1)).toEqual({
      ...{
        category: 'linear',
        symbol: 'BTCUSDT',
        orderLinkId: intent.clientOrderId,
        qty: '0.008',
        triggerPrice: '56000',
      },
    });
    expect(codeOf(await desk.venue.cancel('alice', intent.clientOrderId))).toBe('accepted');
    expect(desk.mismatches).toEqual([]);
  });

  it('error: an account in another margin mode is not turned over, the entry does not leave', async () => {
    const desk = await run({
      'GET /v5/account/info': () => ok({ marginMode: 'REGULAR_MARGIN' }),
      'GET /v5/position/list': ({ query }) =>
        query.symbol === undefined ? none : ok({ list: [{ symbol: 'BTCUSDT', size: '0', leverage: '3' }] }),
    });
    expect(await desk.place(desk.intent({ leverage: 3, marginMode: 'isolated' }))).toMatchObject({
      rejection: { code: 'leverage.limit' },
    });
    expect(desk.acts(/./)).toEqual([]);
    expect(codeOf(await desk.place(desk.intent({ leverage: 3, marginMode: 'cross' })))).toBe('accepted');
  });

  it('error: a key without the right to the log trades all the same, without its funding', async () => {
    const desk = await run({ 'GET /v5/account/transaction-log': () => refusal(10005, 'Permission denied') });
    expect(await desk.venue.fetchFunding?.('alice', noonMs - 1_000)).toEqual([]);
    const down = await run({ 'GET /v5/account/transaction-log': () => refusal(10016, 'Server error.') });
    await expect(down.venue.fetchFunding?.('alice', noonMs - 1_000)).rejects.toMatchObject({
      code: 'venue.unreachable',
    });
  });

  it('behavior: funding is in the settlements of the log: by week and page, the rate as the market has it', async () => {
    // A row of the venue's own documentation (bybit-exchange.github.io/docs/v5/account/transaction-log), and its mirror.
    const paid = {
      ...{ transSubType: '', id: '592324_BTCUSDT_161440249321', symbol: 'BTCUSDT', side: 'Buy', funding: '-0.003676' },
      ...{ orderLinkId: '', orderId: '1672128000-8-592324-1-2', fee: '0.00000000', change: '-0.003676', cashFlow: '0' },
      ...{ transactionTime: String(noonMs - 2), type: 'SETTLEMENT', feeRate: '0.0001', bonusChange: '', size: '100' },
      ...{ qty: '100', cashBalance: '5086.55825002', currency: 'USDT', category: 'linear', tradePrice: '0.3676' },
    };
    const received = {
      ...{ ...paid, id: '592324_BTCUSDT_161440249322', side: 'Sell', funding: '0.003676', feeRate: '-0.0001' },
      ...{ size: '-100', transactionTime: String(noonMs - 1) },
    };
    const trade = { ...paid, id: '3', type: 'TRADE', funding: '0' };
    const asked: Record<string, string>[] = [];
    const desk = await run({
      'GET /v5/account/transaction-log': ({ query }) => {
        asked.push(query);
        if (Number(query.endTime) < noonMs - 86_400_000) return none;
        return query.cursor === undefined
          ? ok({ list: [received, trade], nextPageCursor: 'more' })
          : ok({ list: [paid], nextPageCursor: '' });
      },
    });
    const weekMs = 7 * 86_400_000;
    expect(await desk.venue.fetchFunding?.('alice', noonMs - weekMs - 86_400_000)).toEqual([
      {
        ...{ id: 'alice:592324_BTCUSDT_161440249321', userId: 'alice', venue: 'bybit', atMs: noonMs - 2 },
        ...{ instrumentId: desk.instrument.id, amount: '-0.003676', rate: '0.0001', notional: '36.76' },
      },
      {
        ...{ id: 'alice:592324_BTCUSDT_161440249322', userId: 'alice', venue: 'bybit', atMs: noonMs - 1 },
        ...{ instrumentId: desk.instrument.id, amount: '0.003676', rate: '0.0001', notional: '36.76' },
      },
    ]);
    expect(asked.map(({ type, accountType, cursor }) => [type, accountType, cursor])).toEqual([
      ['SETTLEMENT', 'UNIFIED', undefined],
      ['SETTLEMENT', 'UNIFIED', undefined],
      ['SETTLEMENT', 'UNIFIED', 'more'],
    ]);
    for (const { startTime, endTime } of asked) expect(Number(endTime) - Number(startTime)).toBeLessThan(weekMs);
  });

  it('behavior: a key that may withdraw and hedge mode are told', async () => {
    const key =
      (Wallet: string[], readOnly = 0) =>
      () =>
        ok({ readOnly, permissions: { ContractTrade: ['Order', 'Position'], Wallet } });
    const desk = await run({ 'GET /v5/user/query-api': key(['AccountTransfer', 'Withdraw']) });
    expect((await desk.venue.testConnection('alice')).problems.map(({ code }) => code)).toEqual([
      'credentials.can-withdraw',
    ]);
    desk.routes = routes({
      'GET /v5/user/query-api': key([], 1),
      'GET /v5/position/list': () => ok({ list: [{ symbol: 'BTCUSDT', size: '0', positionIdx: 1 }] }),
    });
    expect((await desk.venue.testConnection('alice')).problems.map(({ code }) => code)).toEqual([
      'credentials.can-not-trade',
      'hedge-mode.unsupported',
    ]);
  });
});
