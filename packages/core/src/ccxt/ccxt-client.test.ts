import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { SystemClock } from '../clock/system-clock.ts';
import { type CcxtClientOptions, type CcxtVenue, openCcxtClient } from './index.ts';

interface Seen {
  readonly url: string;
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A venue that answers by path, and remembers every byte it was sent. */
async function venueAt(answers: Record<string, (seen: Seen) => unknown>): Promise<{ http: string; seen: Seen[] }> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      const { url = '', method = '', headers } = request;
      const one = { url, method, headers, body };
      seen.push(one);
      const path = url.split('?', 1)[0] ?? '';
      const answer = answers[path]?.(one);
      response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer ?? {}));
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { http: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

const open = (venue: CcxtVenue, http: string, more: Partial<CcxtClientOptions> = {}) =>
  openCcxtClient({
    venue,
    clock: new SystemClock(),
    endpoints: { http, ws: http.replace('http', 'ws') },
    rateLimit: false,
    ...more,
  });

const binanceInfo = {
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
const bybitInfo = {
  retCode: 0,
  result: {
    category: 'linear',
    nextPageCursor: '',
    list: [
      {
        ...{ symbol: 'BTCUSDT', contractType: 'LinearPerpetual', status: 'Trading', baseCoin: 'BTC' },
        ...{ quoteCoin: 'USDT', settleCoin: 'USDT', fundingInterval: 480 },
        priceFilter: { tickSize: '0.1' },
        lotSizeFilter: { qtyStep: '0.001', minOrderQty: '0.001' },
        leverageFilter: { maxLeverage: '100' },
      },
    ],
  },
};
const okxInfo = {
  code: '0',
  data: [
    {
      ...{ instId: 'BTC-USDT-SWAP', instType: 'SWAP', uly: 'BTC-USDT', instFamily: 'BTC-USDT', settleCcy: 'USDT' },
      ...{ ctVal: '0.01', ctMult: '1', ctValCcy: 'BTC', ctType: 'linear', tickSz: '0.1', lotSz: '1', minSz: '1' },
      ...{ state: 'live', lever: '100' },
    },
  ],
};
const keys = { apiKey: 'the-key', secret: 'the-secret', password: 'the-password' };
const attribution = /ccxt|x-cvBP|x-xcKt|6b9ad766|referer|broker|"tag"|builder/i;
const sent = (seen: readonly Seen[]): string =>
  seen.map(({ url, headers, body }) => `${url} ${JSON.stringify(headers)} ${body}`).join('\n');

describe('orders of a hardened client', () => {
  it('behavior: Binance gets no broker id, with a client order id of ours and without one', async () => {
    const { http, seen } = await venueAt({
      '/fapi/v1/exchangeInfo': () => binanceInfo,
      '/fapi/v1/order': () => ({ orderId: 1, symbol: 'BTCUSDT', status: 'NEW' }),
    });
    const client = await open('binance', http, { credentials: keys, orders: true });
    await client.ask((exchange) => exchange.createOrder('BTC/USDT:USDT', 'limit', 'buy', 0.01, 50_000));
    await client.ask((exchange) =>
      exchange.createOrder('BTC/USDT:USDT', 'limit', 'buy', 0.01, 50_000, { clientOrderId: 'ours-1' }),
    );
    await client.close();
    const orders = seen.filter(({ method }) => method === 'POST');
    expect(orders).toHaveLength(2);
    expect(sent(seen)).not.toMatch(attribution);
    const ids = orders.map(({ url, body }) => new URLSearchParams(body || url.split('?')[1]).get('newClientOrderId'));
    expect(ids).toEqual([expect.stringMatching(/^0[0-9a-f]{22}$/), 'ours-1']);
  });

  it('behavior: Bybit gets no referrer', async () => {
    const { http, seen } = await venueAt({
      '/v5/market/instruments-info': ({ url }) =>
        url.includes('status=PreLaunch') || url.includes('category=inverse')
          ? { retCode: 0, result: { category: 'linear', list: [] } }
          : bybitInfo,
      '/v5/order/create': () => ({ retCode: 0, result: { orderId: '1' } }),
    });
    const client = await open('bybit', http, {
      credentials: keys,
      orders: true,
      ccxtOptions: { enableUnifiedAccount: true, enableUnifiedMargin: false },
    });
    await client.ask((exchange) => exchange.createOrder('BTC/USDT:USDT', 'limit', 'buy', 0.01, 50_000));
    await client.close();
    const order = seen.find(({ method }) => method === 'POST');
    expect(order?.headers.referer).toBeUndefined();
    expect(JSON.parse(order?.body ?? '{}')).toMatchObject({ symbol: 'BTCUSDT', side: 'Buy', qty: '0.01' });
    expect(sent(seen)).not.toMatch(attribution);
  });

  it('behavior: OKX gets no tag, and an id that names nobody', async () => {
    const { http, seen } = await venueAt({
      '/api/v5/public/instruments': () => okxInfo,
      '/api/v5/trade/order': () => ({ code: '0', data: [{ ordId: '1', sCode: '0' }] }),
      '/api/v5/trade/batch-orders': () => ({ code: '0', data: [{ ordId: '1', sCode: '0' }] }),
    });
    const client = await open('okx', http, { credentials: keys, orders: true });
    await client.ask((exchange) => exchange.createOrder('BTC/USDT:USDT', 'limit', 'buy', 1, 50_000));
    await client.close();
    const [order] = [JSON.parse(seen.find(({ method }) => method === 'POST')?.body ?? '[]')].flat();
    expect(order).toMatchObject({ instId: 'BTC-USDT-SWAP', clOrdId: expect.stringMatching(/^[0-9a-f]{16}$/) });
    expect(order.tag).toBeUndefined();
    expect(sent(seen)).not.toMatch(attribution);
  });

  it('behavior: the first private call of Hyperliquid signs the order alone: no builder, no referrer', async () => {
    const { http, seen } = await venueAt({
      '/info': ({ body }) =>
        body.includes('metaAndAssetCtxs')
          ? [
              { universe: [{ name: 'BTC', szDecimals: 5, maxLeverage: 40 }] },
              [
                {
                  markPx: '50000',
                  midPx: '50000',
                  oraclePx: '50000',
                  funding: '0',
                  openInterest: '1',
                  prevDayPx: '1',
                  dayNtlVlm: '1',
                },
              ],
            ]
          : {},
      '/exchange': () => ({ status: 'ok', response: { type: 'order', data: { statuses: [{ resting: { oid: 1 } }] } } }),
    });
    const privateKey = `0x${'1'.repeat(64)}`;
    const client = await open('hyperliquid', http, {
      credentials: { privateKey, walletAddress: `0x${'2'.repeat(40)}` },
      orders: true,
    });
    await client.ask((exchange) => exchange.createOrder('BTC/USDC:USDC', 'limit', 'buy', 0.01, 40_000));
    await client.close();
    const actions = seen.filter(({ url }) => url === '/exchange').map(({ body }) => JSON.parse(body).action);
    expect(actions).toEqual([
      { type: 'order', grouping: 'na', orders: [expect.objectContaining({ a: 0, b: true, p: '40000', s: '0.01' })] },
    ]);
  });

  it('behavior: what Lighter signs names no integrator, and no key is registered by itself', async () => {
    const signed: unknown[][] = [];
    const folder = mkdtempSync(join(tmpdir(), 'lighter-signer-'));
    // A signer of our own: what is handed to the real one is what would be signed. Its arguments are those of lighter-go of 2026.
    const names = [
      ...['marketIndex', 'clientOrderIndex', 'baseAmount', 'price', 'isAsk', 'orderType', 'timeInForce', 'reduceOnly'],
      ...['triggerPrice', 'orderExpiry', 'integratorAccountIndex', 'integratorTakerFee', 'integratorMakerFee'],
      ...['selfTradeBehaviorMode', 'selfTradeEqualityMode', 'skipNonce', 'nonce', 'apiKeyIndex', 'accountIndex'],
    ];
    writeFileSync(join(folder, 'wasm_exec.js'), 'globalThis.Go = class { importObject = {}; run() {} };');
    writeFileSync(join(folder, 'signer.wasm'), Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
    Object.assign(globalThis, {
      CreateClient: () => ({}),
      SignCreateOrder: (...fields: unknown[]) => {
        if (fields.length === 0) return { error: `SignCreateOrder expects 19 args: ${names.join(', ')}` };
        signed.push(fields);
        const info = Object.fromEntries(
          names.map((name, n) => [`${name.slice(0, 1).toUpperCase()}${name.slice(1)}`, fields[n]]),
        );
        return {
          txType: 14,
          txInfo: JSON.stringify({ ...info, Type: fields[5], OrderExpiry: 1, IntegratorTakerFee: 0 }),
        };
      },
    });
    const { http, seen } = await venueAt({
      '/api/v1/orderBookDetails': () => ({
        order_book_details: [
          {
            ...{
              symbol: 'BTC',
              market_id: 1,
              market_type: 'perp',
              status: 'active',
              size_decimals: 5,
              price_decimals: 1,
            },
            ...{ min_base_amount: '0.0001', min_quote_amount: '10' },
          },
        ],
      }),
      '/api/v1/nextNonce': () => ({ code: 200, nonce: 7 }),
      '/api/v1/sendTx': () => ({ code: 200, tx_hash: '0x1' }),
    });
    const paths = { libraryPath: join(folder, 'signer.wasm'), wasmExecPath: join(folder, 'wasm_exec.js') };
    const withKey = await open('lighter', http, {
      credentials: { privateKey: `0x${'1'.repeat(64)}` },
      ccxtOptions: {
        ...paths,
        accountIndex: 5,
        apiKeyIndex: 4,
        auths: { 5: { 4: { lighterPrivateKey: '2'.repeat(80) } } },
      },
      orders: true,
    });
    await withKey.ask((exchange) => exchange.createOrder('BTC/USDC:USDC', 'limit', 'buy', 0.01, 40_000));
    await withKey.close();
    // Market, client order id, size, price, …; integrator account and fees stand at 10 to 12.
    expect(signed).toHaveLength(1);
    expect(signed[0]?.[0]).toBe(1);
    expect(signed[0]?.slice(10, 13)).toEqual([0, 0, 0]);
    const posted = seen.filter(({ method }) => method === 'POST');
    expect(posted.map(({ url }) => url)).toEqual(['/api/v1/sendTx']);
    expect(sent(seen)).not.toMatch(/integrator|718718/);

    const withoutKey = await open('lighter', http, {
      credentials: { privateKey: `0x${'1'.repeat(64)}` },
      ccxtOptions: { ...paths, accountIndex: 5, apiKeyIndex: 4 },
      orders: true,
    });
    await expect(
      withoutKey.ask((exchange) => exchange.createOrder('BTC/USDC:USDC', 'limit', 'buy', 0.01, 40_000)),
    ).rejects.toThrow('none is registered by itself');
    await withoutKey.close();
    expect(seen.filter(({ method }) => method === 'POST')).toHaveLength(1);
    rmSync(folder, { recursive: true });
  });
});

describe('a hardened client', () => {
  it('default: reads public data and tells how far the clock of the venue is off', async () => {
    const { http, seen } = await venueAt({
      '/fapi/v1/exchangeInfo': () => binanceInfo,
      '/fapi/v1/time': () => ({ serverTime: Date.now() + 5_000 }),
      '/fapi/v1/aggTrades': () => [{ a: 7 }],
    });
    const client = await open('binance', http);
    expect(Object.keys(await client.ask((exchange) => exchange.loadMarkets()))).toEqual(['BTC/USDT:USDT']);
    expect(await client.askEndpoint('fapiPublicGetAggTrades', { symbol: 'BTCUSDT' })).toEqual([{ a: 7 }]);
    const { skewMs, uncertaintyMs } = await client.measureSkew();
    expect(Math.abs(skewMs - 5_000)).toBeLessThanOrEqual(uncertaintyMs + 2);
    expect(seen.map(({ url }) => url.split('?')[0])).toEqual([
      '/fapi/v1/exchangeInfo',
      '/fapi/v1/aggTrades',
      '/fapi/v1/time',
    ]);
    await client.close();
    await expect(client.ask((exchange) => exchange.fetchTime())).rejects.toMatchObject({ code: 'venue.closed' });
  });

  it('error: orders, withdrawals, private endpoints and keys can not be reached', async () => {
    const client = await open('binance', 'http://127.0.0.1:9');
    const reach = (name: string): unknown => Reflect.get(client.exchange, name);
    for (const name of [
      'createOrder',
      'withdraw',
      'transfer',
      'fapiPrivatePostOrder',
      'request',
      'secret',
      'options',
      'constructor',
      'clients',
    ])
      expect(() => reach(name), name).toThrow(`"${name}" of binance may not be called by this client.`);
    await expect(client.askEndpoint('fapiPrivatePostOrder', {})).rejects.toMatchObject({
      code: 'venue.method-refused',
    });
    await client.close();
    const acting = await open('binance', 'http://127.0.0.1:9', { credentials: keys, orders: true });
    expect(typeof acting.exchange.createOrder).toBe('function');
    for (const name of ['withdraw', 'transfer', 'sapiPostCapitalWithdrawApply'])
      expect(() => Reflect.get(acting.exchange, name)).toThrow('may not be called');
    await acting.close();
  });

  it('error: an address that is not on the list is refused before anything is sent', async () => {
    await expect(open('okx', 'http://example.com')).rejects.toThrow('http://example.com');
    const client = await openCcxtClient({
      venue: 'okx',
      clock: new SystemClock(),
      ccxtOptions: {},
    });
    expect(client.sockets.urls()).toEqual([]);
    await client.close();
  });

  it('error: failures are told by kind, without addresses and keys', async () => {
    const { http } = await venueAt({
      '/fapi/v1/time': () => ({ code: -1121, msg: 'Invalid symbol the-secret 0123456789abcdef0123456789abcdef\n' }),
    });
    const client = await open('binance', http, { credentials: keys });
    const refused = await client.ask((exchange) => exchange.fetchTime()).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'venue.refused', retryable: false });
    expect(String(refused)).not.toMatch(/the-secret|0123456789abcdef/);
    await client.close();
    const nobody = await open('binance', 'http://127.0.0.1:9');
    await expect(nobody.ask((exchange) => exchange.fetchTime())).rejects.toMatchObject({
      ...{ code: 'venue.unreachable', retryable: true },
    });
    await nobody.close();
  });

  it('behavior: requests take their turn in the budget', async () => {
    const { http } = await venueAt({ '/fapi/v1/time': () => ({ serverTime: Date.now() }) });
    const turns: [string, number][] = [];
    const client = await open('binance', http, {
      budget: { acquire: async (lane, weight) => void turns.push([lane, weight]) },
    });
    await client.ask((exchange) => exchange.fetchTime());
    await client.close();
    expect(turns).toEqual([['read', 1]]);
  });

  it('behavior: the budget hears of a request that was refused because there were too many', async () => {
    let code = -1003;
    const { http } = await venueAt({ '/fapi/v1/time': () => ({ code, msg: 'No.' }) });
    const refusals: true[] = [];
    const client = await open('binance', http, {
      budget: { acquire: async () => {}, refused: () => void refusals.push(true) },
    });
    const ask = () => client.ask((exchange) => exchange.fetchTime());
    await expect(ask()).rejects.toMatchObject({ code: 'venue.rate-limited' });
    expect(refusals).toHaveLength(1);
    code = -1121;
    await expect(ask()).rejects.toMatchObject({ code: 'venue.refused' });
    expect(refusals).toHaveLength(1);
    await client.close();
  });

  it('behavior: every venue opens, and prediction markets too', async () => {
    for (const venue of ['hyperliquid', 'lighter', 'aster', 'coinbase', 'polymarket', 'kalshi'] as const) {
      const client = await open(venue, 'http://127.0.0.1:9');
      expect(client.exchange.id).toMatch(/^(hyperliquid|lighter|aster|coinbaseinternational|polymarket|kalshi)$/);
      await client.close();
    }
  });
});
