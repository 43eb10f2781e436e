import { toPrice, toSize } from '@perpdesk/core';
import { afterEach, describe, expect, it } from 'vitest';
import type { ScriptedAnswer } from '../testing/answer-server.ts';
import { codeOf, LiveDesk, noonMs, type Routes } from '../testing/live-desk.ts';

const secrets = { apiKey: 'the-key', secret: 'the-secret', password: 'the-password' };
const swap = {
  ...{ instId: 'BTC-USDT-SWAP', instType: 'SWAP', uly: 'BTC-USDT', instFamily: 'BTC-USDT', settleCcy: 'USDT' },
  ...{ ctVal: '0.01', ctMult: '1', ctValCcy: 'BTC', ctType: 'linear', tickSz: '0.1', lotSz: '0.1', minSz: '0.1' },
  ...{ state: 'live', lever: '100' },
};
const ok = (...data: unknown[]) => ({ code: '0', msg: '', data });
const refusal = (sCode: string, sMsg = ''): ScriptedAnswer => ({
  json: { code: '1', msg: 'All operations failed', data: [{ sCode, sMsg, ordId: '' }] },
});
const routes = (changes: Routes = {}): Routes => ({
  'GET /api/v5/public/instruments': () => ok(swap),
  'POST /api/v5/trade/order': () => ok({ ordId: '2497956918703121000', sCode: '0' }),
  'POST /api/v5/trade/order-algo': () => ok({ algoId: '77', sCode: '0' }),
  'GET /api/v5/trade/orders-pending': () => ok(),
  'GET /api/v5/trade/orders-algo-pending': () => ok(),
  'GET /api/v5/account/positions': () => ok(),
  'GET /api/v5/trade/fills-history': () => ok(),
  ...changes,
});
const desks: LiveDesk[] = [];
const run = async (changes: Routes = {}): Promise<LiveDesk> => {
  const desk = await LiveDesk.run('okx', secrets, routes(changes));
  desks.push(desk);
  return desk;
};
afterEach(async () => {
  for (const desk of desks.splice(0)) await desk.close();
});
const bodies = (desk: LiveDesk) => desk.acts(/./).map(({ body }) => JSON.parse(body));

describe('OKX', () => {
  it('default: an order leaves as it was authorised, in contracts, with an expiry, for no broker', async () => {
    const desk = await run();
    const intent = desk.intent({ size: toSize('0.123'), price: toPrice('59999.9') });
    expect(await desk.place(intent)).toMatchObject({
      outcome: 'accepted',
      order: { ...intent, venueOrderId: '2497956918703121000' },
    });
    expect(bodies(desk)).toEqual([
      {
        ...{ instId: 'BTC-USDT-SWAP', tdMode: 'isolated', clOrdId: intent.clientOrderId, side: 'buy', sz: '12.3' },
        ...{ reduceOnly: false, ordType: 'limit', px: '59999.9' },
      },
    ]);
    expect(desk.acts(/order$/)[0]?.headers.exptime).toBe(String(noonMs + 10_000));
    expect(JSON.stringify(desk.server.seen)).not.toMatch(/6b9ad766|"tag"|ccxt|broker/i);
    expect(desk.mismatches).toEqual([]);
  });

  it('behavior: market orders, bounded ones, post-only ones; stops go to the algo orders and trigger by mark', async () => {
    const desk = await run();
    const stop = desk.stop({ marginMode: 'cross' });
    for (const intent of [
      desk.market(),
      desk.market({ price: toPrice('60100.5') }),
      desk.intent({ timeInForce: 'post-only' }),
      stop,
      desk.stop({ type: 'take-profit-market', purpose: 'take-profit', triggerPrice: toPrice(70_000) }),
    ])
      expect(codeOf(await desk.place(intent))).toBe('accepted');
    const [market, bounded, postOnly, stopped, profit] = bodies(desk);
    expect([market.ordType, market.px, bounded.ordType, bounded.px, postOnly.ordType]).toEqual([
      'market',
      undefined,
      'ioc',
      '60100.5',
      'post_only',
    ]);
    expect(stopped).toEqual({
      ...{
        instId: 'BTC-USDT-SWAP',
        tdMode: 'cross',
        algoClOrdId: stop.clientOrderId,
        clOrdId: stop.clientOrderId,
        side: 'sell',
      },
      ...{
        ordType: 'conditional',
        sz: '1',
        reduceOnly: true,
        slTriggerPx: '55000',
        slOrdPx: '-1',
        slTriggerPxType: 'mark',
      },
    });
    expect([profit.tpTriggerPx, profit.tpOrdPx, profit.tpTriggerPxType]).toEqual(['70000', '-1', 'mark']);
    expect(desk.mismatches).toEqual([]);
  });

  it('behavior: a batch that partly failed has an outcome each', async () => {
    const desk = await run({
      'POST /api/v5/trade/batch-orders': () => ({
        code: '2',
        msg: '',
        data: [
          { ordId: '1', sCode: '0' },
          { ordId: '', sCode: '51008', sMsg: 'Insufficient' },
        ],
      }),
    });
    const outcomes = await desk.venue.placeAll(
      [desk.intent(), desk.intent(), desk.stop()].map((intent) => desk.approve(intent)),
    );
    expect(outcomes.map(codeOf)).toEqual(['accepted', 'margin.insufficient', 'accepted']);
  });

  it.each<[string, ScriptedAnswer, string]>([
    ['margin', refusal('51008', 'Order failed. Insufficient USDT margin in account'), 'margin.insufficient'],
    ['the id is taken', refusal('51016'), 'order.duplicate'],
    ['expired', refusal('51149'), 'approval.expired'],
    // http_place_algo_order_rejected of nautilus_trader: success as a whole, refused in the row.
    [
      'a parameter',
      { json: ok({ algoId: '', algoClOrdId: 'x', sCode: '51000', sMsg: 'Parameter instId error' }) },
      'order.invalid',
    ],
    ['the rate', { json: { code: '50011', msg: 'Rate limit reached.', data: [] }, status: 429 }, 'order.throttled'],
    [
      'the endpoint’s timeout',
      { json: { code: '50004', msg: 'API endpoint request timeout', data: [] }, status: 400 },
      'unknown',
    ],
    ['busy', { json: { code: '50026', msg: 'System error', data: [] }, status: 500 }, 'unknown'],
    ['a row’s timeout', refusal('51054', 'Request timed out'), 'unknown'],
    ['429 without a word', { text: '', status: 429 }, 'unknown'],
    ['garbage', { text: '<' }, 'unknown'],
    ['an answer without the order', { json: ok() }, 'unknown'],
    ['cut inside', { cut: 'inside' }, 'unknown'],
  ])('error: %s', async (_, answer, expected) => {
    const desk = await run({ 'POST /api/v5/trade/order': () => answer });
    expect(codeOf(await desk.place(desk.intent()))).toBe(expected);
    expect(desk.acts(/order$/)).toHaveLength(1);
  });

  it('behavior: open orders are those of both places; a stop is found by its id alone, moved in place, cancelled there', async () => {
    const desk = await run();
    const intent = desk.stop();
    await desk.place(intent);
    const algo = {
      ...{
        algoId: '77',
        algoClOrdId: intent.clientOrderId,
        clOrdId: '',
        ordId: '',
        instId: 'BTC-USDT-SWAP',
        instType: 'SWAP',
      },
      ...{
        ordType: 'conditional',
        state: 'live',
        side: 'sell',
        sz: '1',
        slTriggerPx: '55000',
        slOrdPx: '-1',
        tpTriggerPx: '',
      },
      ...{ reduceOnly: 'true', actualSz: '0', actualPx: '', cTime: String(noonMs), uTime: String(noonMs) },
    };
    desk.routes = routes({
      'GET /api/v5/trade/order': () => ({ json: { code: '51603', msg: 'Order does not exist', data: [] } }),
      'GET /api/v5/trade/order-algo': ({ query }) =>
        query.algoClOrdId === intent.clientOrderId
          ? ok(algo)
          : { json: { code: '51603', msg: 'Order does not exist', data: [] } },
      'GET /api/v5/trade/orders-algo-pending': ({ query }) => (query.ordType === 'conditional' ? ok(algo) : ok()),
      'POST /api/v5/trade/amend-algos': () => ok({ algoId: '77', sCode: '0' }),
      'POST /api/v5/trade/cancel-algos': () => ok({ algoId: '77', sCode: '0' }),
    });
    expect(await desk.venue.fetchOpenOrders('alice')).toMatchObject([{ ...intent, status: 'open', size: '0.01' }]);
    const { id: instrumentId } = desk.instrument;
    expect(await desk.venue.fetchOrder('alice', 'e'.repeat(32), { instrumentId })).toBeUndefined();
    await expect(desk.venue.fetchOrder('alice', 'e'.repeat(32))).rejects.toMatchObject({ code: 'venue.refused' });
    const moved = { ...intent, size: toSize('0.008'), triggerPrice: toPrice(56_000) };
    expect(codeOf(await desk.venue.amend(desk.approve(moved)))).toBe('accepted');
    expect(bodies(desk).at(-1)).toMatchObject({
      algoClOrdId: intent.clientOrderId,
      newSz: '0.8',
      newSlTriggerPx: '56000',
      newSlTriggerPxType: 'mark',
    });
    expect(codeOf(await desk.venue.cancel('alice', intent.clientOrderId))).toBe('accepted');
    expect(bodies(desk).at(-1)).toEqual([{ instId: 'BTC-USDT-SWAP', algoClOrdId: intent.clientOrderId }]);
    expect(desk.mismatches).toEqual([]);
  });

  it('behavior: contracts are told in base units, and leverage is set by margin mode', async () => {
    let lever = '10';
    const desk = await run({
      'GET /api/v5/account/positions': () =>
        ok({
          instId: 'BTC-USDT-SWAP',
          mgnMode: 'cross',
          posSide: 'net',
          pos: '-5',
          lever: '10',
          markPx: '60000',
          avgPx: '61000',
          upl: '50',
          uTime: String(noonMs),
        }),
      'GET /api/v5/account/leverage-info': () => ok({ instId: 'BTC-USDT-SWAP', lever, mgnMode: 'cross' }),
      'POST /api/v5/account/set-leverage': ({ body }) => {
        lever = JSON.parse(body).lever;
        return ok({});
      },
    });
    expect(await desk.venue.fetchPositions('alice')).toMatchObject([
      { direction: 'short', size: '0.05', entryPrice: '61000', marginMode: 'cross' },
    ]);
    // The position that is there keeps its mode.
    expect(codeOf(await desk.place(desk.intent({ leverage: 3, marginMode: 'isolated' })))).toBe('accepted');
    expect(bodies(desk)[0]).toEqual({ instId: 'BTC-USDT-SWAP', lever: '3', mgnMode: 'cross' });
  });

  it('behavior: funding is in the bills, of the archive where it is older than a week; a kind that is not known is not guessed', async () => {
    const bill = (billId: string, subType: string, pnl: string, ts: number) => ({
      ...{ billId, subType, pnl, ts: String(ts), type: '8', instType: 'SWAP', instId: 'BTC-USDT-SWAP', ccy: 'USDT' },
      ...{ balChg: pnl, posBalChg: '0', sz: '50', px: '60000', mgnMode: 'cross', fee: '0', execType: '', ordId: '' },
    });
    const pages: Record<string, readonly unknown[]> = {
      // Newest first, a page at a time.
      first: [
        ...Array.from({ length: 99 }, (_, index) => ({
          ...bill(`o${index}`, '173', '-1', noonMs),
          instId: 'OTHER-SWAP',
        })),
        bill('2', '174', '0.15', noonMs - 1),
      ],
      '2': [bill('1', '173', '-0.3', noonMs - 2)],
    };
    const asked: string[] = [];
    const bills =
      (name: string): Routes[string] =>
      ({ query }) => {
        asked.push(`${name} ${query.type} ${query.after ?? ''}`);
        return ok(...((pages[query.after ?? 'first'] ?? []) as object[]));
      };
    const desk = await run({
      'GET /api/v5/account/bills': bills('bills'),
      'GET /api/v5/account/bills-archive': bills('archive'),
    });
    const both = [
      {
        ...{ id: 'alice:1', userId: 'alice', venue: 'okx', instrumentId: desk.instrument.id, amount: '-0.3' },
        ...{ notional: '30000', atMs: noonMs - 2 },
      },
      {
        ...{ id: 'alice:2', userId: 'alice', venue: 'okx', instrumentId: desk.instrument.id, amount: '0.15' },
        ...{ notional: '30000', atMs: noonMs - 1 },
      },
    ];
    expect(await desk.venue.fetchFunding?.('alice', noonMs - 1_000)).toEqual(both);
    expect(await desk.venue.fetchFunding?.('alice', noonMs - 8 * 86_400_000)).toEqual(both);
    expect(asked).toEqual(['bills 8 ', 'bills 8 2', 'archive 8 ', 'archive 8 2']);
    pages.first = [bill('3', '999', '-1', noonMs)];
    await expect(desk.venue.fetchFunding?.('alice', 0)).rejects.toMatchObject({ code: 'venue.unreachable' });
  });

  it('behavior: a key that may withdraw and hedge mode are told', async () => {
    const desk = await run({
      'GET /api/v5/account/config': () => ok({ perm: 'read_only,withdraw,trade', posMode: 'long_short_mode' }),
    });
    expect((await desk.venue.testConnection('alice')).problems.map(({ code }) => code)).toEqual([
      'credentials.can-withdraw',
      'hedge-mode.unsupported',
    ]);
  });
});
