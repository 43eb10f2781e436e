import { toPrice, toSize } from '@perpdesk/core';
import { afterEach, describe, expect, it } from 'vitest';
import type { ScriptedAnswer, SeenRequest } from '../testing/answer-server.ts';
import { codeOf, LiveDesk, noonMs, type Routes } from '../testing/live-desk.ts';

const secrets = { apiKey: 'the-key', secret: 'the-secret' };
const exchangeInfo = {
  symbols: [
    {
      ...{ symbol: 'BTCUSDT', contractType: 'PERPETUAL', deliveryDate: 4133404800000, status: 'TRADING' },
      ...{ baseAsset: 'BTC', quoteAsset: 'USDT', marginAsset: 'USDT', orderTypes: ['LIMIT', 'MARKET'] },
      filters: [
        { filterType: 'PRICE_FILTER', tickSize: '0.10' },
        { filterType: 'LOT_SIZE', stepSize: '0.001', minQty: '0.001' },
      ],
    },
  ],
};
const formOf = ({ body, query, method }: SeenRequest): Record<string, string> =>
  method === 'DELETE' ? query : Object.fromEntries(new URLSearchParams(body));
/** An order as Binance answers it; ids of nineteen digits, as some of its symbols have. */
const orderRow = (form: Record<string, string>, changes: object = {}) => ({
  ...{ symbol: 'BTCUSDT', clientOrderId: form.newClientOrderId, side: form.side, type: form.type, status: 'NEW' },
  ...{ origQty: form.quantity, executedQty: '0', avgPrice: '0.00', price: form.price ?? '0', stopPrice: '0' },
  ...{
    timeInForce: form.timeInForce ?? 'GTC',
    reduceOnly: form.reduceOnly === 'true',
    updateTime: noonMs,
    time: noonMs,
  },
  ...changes,
});
/** JSON with a number that no float holds. */
const withId = (row: object, id = '8389765926492000001'): ScriptedAnswer => ({
  text: JSON.stringify(row).replace(/}$/, `,"orderId":${id}}`),
});
const flat = { symbol: 'BTCUSDT', positionAmt: '0.000', leverage: '5', marginType: 'isolated' };
const routes = (changes: Routes = {}): Routes => ({
  'GET /fapi/v1/exchangeInfo': () => exchangeInfo,
  'POST /fapi/v1/order': (request) => withId(orderRow(formOf(request))),
  'POST /fapi/v1/algoOrder': (request) => ({
    algoId: 5,
    clientAlgoId: formOf(request).clientAlgoId,
    algoStatus: 'NEW',
  }),
  'GET /fapi/v2/positionRisk': () => [flat],
  'GET /fapi/v1/openOrders': () => [],
  'GET /fapi/v1/openAlgoOrders': () => [],
  'GET /fapi/v1/income': () => [],
  ...changes,
});
const refusal = (code: number, msg = '', status = 400): ScriptedAnswer => ({ json: { code, msg }, status });

const desks: LiveDesk[] = [];
const run = async (changes: Routes = {}): Promise<LiveDesk> => {
  const desk = await LiveDesk.run('binance', secrets, routes(changes));
  desks.push(desk);
  return desk;
};
afterEach(async () => {
  for (const desk of desks.splice(0)) await desk.close();
});

describe('Binance', () => {
  it('default: an order leaves as it was authorised, within a window that ends with its authorisation, for no broker', async () => {
    const desk = await run();
    const intent = desk.intent({ size: toSize('0.123'), price: toPrice('59999.9') });
    expect(await desk.place(intent)).toMatchObject({
      outcome: 'accepted',
      order: { ...intent, status: 'open', venueOrderId: '8389765926492000001' },
    });
    const [request] = desk.acts(/order$/);
    const { timestamp, recvWindow, signature, ...form } = formOf(request as SeenRequest);
    expect(form).toEqual({
      ...{ symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', quantity: '0.123', price: '59999.9', timeInForce: 'GTC' },
      ...{ newClientOrderId: intent.clientOrderId, newOrderRespType: 'RESULT' },
    });
    expect(Number(timestamp) + Number(recvWindow)).toBeLessThanOrEqual(noonMs + 10_000);
    expect(Number(recvWindow)).toBeGreaterThan(9_900);
    expect(signature).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(desk.server.seen)).not.toMatch(/x-xcKt|x-cvBP|broker|referer|ccxt/i);
    expect(desk.mismatches).toEqual([]);
  });

  it('behavior: market orders, bounded ones and post-only ones; stops go to the algo orders and trigger by mark', async () => {
    const desk = await run();
    const stop = desk.stop();
    for (const intent of [
      desk.market(),
      desk.market({ price: toPrice('60100.5') }),
      desk.intent({ timeInForce: 'post-only' }),
      stop,
      desk.stop({ type: 'take-profit-market', purpose: 'take-profit', triggerPrice: toPrice(70_000) }),
    ])
      expect(codeOf(await desk.place(intent))).toBe('accepted');
    const pick = (request: SeenRequest) => {
      const { type, price, timeInForce, triggerPrice, workingType, reduceOnly } = formOf(request);
      return [request.path.split('/').at(-1), type, price, timeInForce, triggerPrice, workingType, reduceOnly];
    };
    expect(desk.acts(/rder$/).map(pick)).toEqual([
      ['order', 'MARKET', undefined, undefined, undefined, undefined, undefined],
      ['order', 'LIMIT', '60100.5', 'IOC', undefined, undefined, undefined],
      ['order', 'LIMIT', '60000', 'GTX', undefined, undefined, undefined],
      ['algoOrder', 'STOP_MARKET', undefined, undefined, '55000', 'MARK_PRICE', 'true'],
      ['algoOrder', 'TAKE_PROFIT_MARKET', undefined, undefined, '70000', 'MARK_PRICE', 'true'],
    ]);
    expect(formOf(desk.acts(/algoOrder/)[0] as SeenRequest).clientAlgoId).toBe(stop.clientOrderId);
    expect(desk.mismatches).toEqual([]);
  });

  it('behavior: a batch is one request with an outcome each, stops beside it', async () => {
    const desk = await run({
      'POST /fapi/v1/batchOrders': (request) => {
        const [first] = JSON.parse(formOf(request).batchOrders ?? '[]');
        return [
          { ...orderRow(first), orderId: 1 },
          { code: -2019, msg: 'Margin is insufficient.' },
        ];
      },
    });
    const orders = [desk.intent(), desk.stop(), desk.intent()].map((intent) => desk.approve(intent));
    expect((await desk.venue.placeAll(orders)).map(codeOf)).toEqual(['accepted', 'accepted', 'margin.insufficient']);
    expect(desk.acts(/./).map(({ path }) => path)).toEqual(['/fapi/v1/batchOrders', '/fapi/v1/algoOrder']);
    expect(desk.mismatches).toEqual([]);
  });

  it.each<[string, ScriptedAnswer, string]>([
    ['margin', refusal(-2019), 'margin.insufficient'],
    ['a lot', refusal(-1111), 'price.invalid'],
    ['reduce only', refusal(-2022), 'reduce-only.violated'],
    ['the id is taken', refusal(-4116), 'order.duplicate'],
    ['it would trigger at once', refusal(-2021), 'stop.wrong-side'],
    ['outside the window', refusal(-1021), 'approval.expired'],
    ['a code that is not listed', refusal(-9999), 'order.invalid'],
    ['the rate, in its own words', refusal(-1003, 'Too many requests', 429), 'order.throttled'],
    ['the rate, without a word', { text: '', status: 429 }, 'unknown'],
    ['status unknown', refusal(-1006), 'unknown'],
    ['timeout at the venue', refusal(-1007, 'Timeout waiting for response from backend server.', 408), 'unknown'],
    ['5xx with a code', refusal(-2019, 'Margin is insufficient.', 503), 'unknown'],
    ['a gateway’s page', { text: '<html>', status: 403 }, 'unknown'],
    ['garbage', { text: 'ok' }, 'unknown'],
    ['an answer without the order', { json: {} }, 'unknown'],
    ['cut inside', { cut: 'inside' }, 'unknown'],
    ['cut before', { cut: 'before' }, 'unknown'],
  ])('error: %s', async (_, answer, expected) => {
    const desk = await run({ 'POST /fapi/v1/order': () => answer });
    expect(codeOf(await desk.place(desk.intent()))).toBe(expected);
    expect(desk.acts(/order$/)).toHaveLength(1);
  });

  it('behavior: leverage and margin mode are set when they differ; a mode that is so already is no failure', async () => {
    let leverage = '20';
    const desk = await run({
      'GET /fapi/v2/positionRisk': () => [{ ...flat, marginType: 'cross', leverage }],
      'POST /fapi/v1/marginType': () => refusal(-4046, 'No need to change margin type.'),
      'POST /fapi/v1/leverage': (request) => {
        leverage = formOf(request).leverage ?? '';
        return { leverage: Number(leverage), symbol: 'BTCUSDT' };
      },
    });
    expect(codeOf(await desk.place(desk.intent({ leverage: 3, marginMode: 'isolated' })))).toBe('accepted');
    expect(
      desk
        .acts(/./)
        .map((request) => [request.path.split('/').at(-1), formOf(request).marginType ?? formOf(request).leverage]),
    ).toEqual([
      ['marginType', 'ISOLATED'],
      ['leverage', '3'],
      ['order', undefined],
    ]);
  });

  it('behavior: open orders are those of both places, found and cancelled where they are', async () => {
    const algo = {
      ...{
        algoId: 123456789,
        clientAlgoId: 'c'.repeat(32),
        algoType: 'CONDITIONAL',
        orderType: 'STOP_MARKET',
        symbol: 'BTCUSDT',
      },
      ...{
        side: 'SELL',
        quantity: '0.010',
        algoStatus: 'NEW',
        triggerPrice: '55000.00',
        reduceOnly: true,
        actualOrderId: '',
      },
      ...{ createTime: noonMs - 5, updateTime: noonMs },
    };
    const plain = orderRow(
      { newClientOrderId: 'd'.repeat(32), side: 'BUY', type: 'LIMIT', quantity: '0.5', price: '50000.00' },
      { orderId: 9 },
    );
    const desk = await run({
      'GET /fapi/v1/openOrders': () => [plain],
      'GET /fapi/v1/openAlgoOrders': () => [algo],
      'GET /fapi/v1/order': () => refusal(-2013, 'Order does not exist.'),
      'GET /fapi/v1/algoOrder': ({ query }) =>
        query.clientAlgoId === algo.clientAlgoId ? algo : refusal(-2013, 'Order does not exist.'),
      'DELETE /fapi/v1/algoOrder': () => ({ algoId: 123456789, code: '200', msg: 'success' }),
      'DELETE /fapi/v1/allOpenOrders': () => ({ code: 200, msg: 'done' }),
      'DELETE /fapi/v1/algoOpenOrders': () => ({ code: 200, msg: 'done' }),
    });
    const open = await desk.venue.fetchOpenOrders('alice');
    expect(
      open.map(({ clientOrderId, type, triggerPrice, price }) => [clientOrderId[0], type, triggerPrice, price]),
    ).toEqual([
      ['d', 'limit', undefined, '50000'],
      ['c', 'stop-market', '55000', undefined],
    ]);
    expect(codeOf(await desk.venue.cancel('alice', algo.clientAlgoId))).toBe('accepted');
    const { id: instrumentId } = desk.instrument;
    expect(await desk.venue.fetchOrder('alice', algo.clientAlgoId)).toMatchObject({
      status: 'open',
      purpose: 'stop-loss',
    });
    expect(await desk.venue.fetchOrder('alice', 'e'.repeat(32), { instrumentId })).toBeUndefined();
    // Without the instrument nothing proves that it never was.
    await expect(desk.venue.fetchOrder('alice', 'e'.repeat(32))).rejects.toMatchObject({ code: 'venue.refused' });
    expect(codeOf(await desk.venue.cancelAll('alice'))).toBe('accepted');
    expect(desk.acts(/./).map(({ path }) => path.split('/').at(-1))).toEqual([
      'algoOrder',
      'allOpenOrders',
      'algoOpenOrders',
    ]);
  });

  it('behavior: a stop that triggered is as the order is that it became, and its fills are its own', async () => {
    const stop = {
      algoId: 7,
      clientAlgoId: 'c'.repeat(32),
      orderType: 'STOP_MARKET',
      symbol: 'BTCUSDT',
      side: 'SELL',
      quantity: '0.010',
    };
    const desk = await run({
      'GET /fapi/v1/algoOrder': () => ({
        ...stop,
        algoStatus: 'FINISHED',
        triggerPrice: '55000',
        reduceOnly: true,
        actualOrderId: '900',
        createTime: noonMs,
        updateTime: noonMs,
      }),
      'GET /fapi/v1/order': ({ query }) =>
        query.orderId === '900'
          ? orderRow(
              { newClientOrderId: 'x', side: 'SELL', type: 'MARKET', quantity: '0.010' },
              { orderId: 900, status: 'FILLED', executedQty: '0.010', avgPrice: '54990.5' },
            )
          : refusal(-2013, 'Order does not exist.'),
      'GET /fapi/v1/income': () => [{ symbol: 'BTCUSDT', incomeType: 'COMMISSION', income: '-0.1', time: noonMs }],
      'GET /fapi/v1/userTrades': () => [
        {
          symbol: 'BTCUSDT',
          id: 55,
          orderId: 900,
          side: 'SELL',
          price: '54990.50',
          qty: '0.010',
          realizedPnl: '-50.1',
          commission: '0.22',
          maker: false,
          time: noonMs,
        },
      ],
    });
    const { id: instrumentId } = desk.instrument;
    expect(await desk.venue.fetchOrder('alice', stop.clientAlgoId, { instrumentId })).toMatchObject({
      ...{
        clientOrderId: stop.clientAlgoId,
        status: 'filled',
        filledSize: '0.01',
        averagePrice: '54990.5',
        venueOrderId: '900',
      },
    });
    expect(await desk.venue.fetchFills('alice', noonMs)).toMatchObject([
      { clientOrderId: stop.clientAlgoId, venueOrderId: '900', size: '0.01', fee: '0.22', realizedPnl: '-50.1' },
    ]);
  });

  it.each([
    ['binance', '/fapi/v1/income'],
    ['aster', '/fapi/v3/income'],
  ] as const)('behavior: funding is in the income, by page, each payment once: %s', async (name, path) => {
    const all = Array.from({ length: 1_001 }, (_, index) => ({
      ...{ symbol: 'BTCUSDT', incomeType: 'FUNDING_FEE', income: index % 2 === 0 ? '-0.5' : '0.25', asset: 'USDT' },
      ...{
        time: noonMs + Math.floor(index / 2),
        info: 'FUNDING_FEE',
        tranId: `448032199177404${index + 1_000}`,
        tradeId: '',
      },
    }));
    const asked: Record<string, string>[] = [];
    const income: Routes[string] = ({ query }) => {
      asked.push(query);
      const page = all.filter(({ time }) => time >= Number(query.startTime)).slice(0, 1_000);
      // Its ids are numbers, beyond what a float holds.
      return { text: JSON.stringify(page).replace(/"tranId":"(\d+)"/g, '"tranId":$1') };
    };
    const key = name === 'binance' ? secrets : { privateKey: `0x${'1'.repeat(64)}` };
    const desk = await LiveDesk.run(name, key, {
      ...routes(),
      'GET /fapi/v3/exchangeInfo': routes()['GET /fapi/v1/exchangeInfo'] ?? (() => ({})),
      [`GET ${path}`]: income,
    });
    desks.push(desk);
    const payments = (await desk.venue.fetchFunding?.('alice', noonMs)) ?? [];
    expect(asked.map(({ incomeType, startTime }) => [incomeType, startTime])).toEqual([
      ['FUNDING_FEE', String(noonMs)],
      ['FUNDING_FEE', String(noonMs + 499)],
    ]);
    expect(payments).toHaveLength(1_001);
    expect(payments[1]).toEqual({
      ...{ id: 'alice:BTCUSDT:4480321991774041001', userId: 'alice', venue: name, instrumentId: desk.instrument.id },
      ...{ amount: '0.25', atMs: noonMs },
    });
  });

  it('behavior: a key that may withdraw and an account in hedge mode are told', async () => {
    const desk = await run({
      'GET /sapi/v1/account/apiRestrictions': () => ({
        enableFutures: true,
        enableWithdrawals: true,
        enableReading: true,
      }),
      'GET /fapi/v1/positionSide/dual': () => ({ dualSidePosition: true }),
    });
    const report = await desk.venue.testConnection('alice');
    expect([report.ok, report.canWithdraw, report.problems.map(({ code }) => code)]).toEqual([
      false,
      'yes',
      ['credentials.can-withdraw', 'hedge-mode.unsupported'],
    ]);
    expect((await desk.venue.testConnection('bob')).problems).toMatchObject([{ code: 'credentials.missing' }]);
    expect((await desk.venue.saveCredentials('bob', { ...secrets, secret: '' })).problems).toMatchObject([
      { code: 'credentials.incomplete' },
    ]);
    expect(await desk.vault.get({ userId: 'bob', venue: 'binance' })).toBeUndefined();
    desk.routes = routes({
      'GET /sapi/v1/account/apiRestrictions': () => ({ enableFutures: true, enableWithdrawals: false }),
      'GET /fapi/v1/positionSide/dual': () => ({ dualSidePosition: false }),
    });
    expect(await desk.venue.saveCredentials('bob', secrets)).toEqual({ ok: true, problems: [], canWithdraw: 'no' });
    expect(await desk.vault.get({ userId: 'bob', venue: 'binance' })).toEqual(secrets);
    desk.routes = routes({
      'GET /sapi/v1/account/apiRestrictions': () =>
        refusal(-2015, 'Invalid API-key, IP, or permissions for action.', 401),
    });
    expect((await desk.venue.testConnection('alice')).problems).toMatchObject([{ code: 'credentials.refused' }]);
    desk.routes = routes({ 'GET /sapi/v1/account/apiRestrictions': () => ({ text: '', status: 502 }) });
    await expect(desk.venue.testConnection('alice')).rejects.toMatchObject({ code: 'venue.unreachable' });
  });
});

describe('Aster', () => {
  it('default: the same orders, signed by a wallet, stops in the ordinary plumbing, for no builder', async () => {
    const desk = await LiveDesk.run(
      'aster',
      { privateKey: `0x${'1'.repeat(64)}` },
      {
        'GET /fapi/v3/exchangeInfo': () => exchangeInfo,
        'POST /fapi/v3/order': (request) => withId(orderRow(formOf(request)), '12'),
      },
    );
    desks.push(desk);
    const [intent, stop] = [desk.intent({ size: toSize('0.123') }), desk.stop()];
    expect(codeOf(await desk.place(intent))).toBe('accepted');
    expect(codeOf(await desk.place(stop))).toBe('accepted');
    const [first, second] = desk.acts(/order$/).map(formOf);
    expect(first).toMatchObject({
      symbol: 'BTCUSDT',
      quantity: '0.123',
      price: '60000',
      newClientOrderId: intent.clientOrderId,
    });
    expect(second).toMatchObject({
      type: 'STOP_MARKET',
      stopPrice: '55000',
      workingType: 'MARK_PRICE',
      reduceOnly: 'true',
      newClientOrderId: stop.clientOrderId,
    });
    expect(first?.nonce).not.toBe(second?.nonce);
    expect(desk.acts(/./)).toHaveLength(2);
    expect(JSON.stringify(desk.server.seen)).not.toMatch(/builder|approve|feeRate/i);
    expect(desk.mismatches).toEqual([]);
  });

  it('error: it has no test net', async () => {
    const { CcxtVenue } = await import('../ccxt-venue.ts');
    const desk = await LiveDesk.run(
      'aster',
      { privateKey: `0x${'1'.repeat(64)}` },
      { 'GET /fapi/v3/exchangeInfo': () => exchangeInfo },
    );
    desks.push(desk);
    const venue = new CcxtVenue({
      ...{
        venue: 'aster',
        network: 'testnet',
        clock: desk.clock,
        verifier: desk.authority.verifier(),
        vault: desk.vault,
      },
      instruments: () => [desk.instrument],
    });
    await expect(venue.start()).rejects.toMatchObject({ code: 'venue.testnet-none' });
  });
});
