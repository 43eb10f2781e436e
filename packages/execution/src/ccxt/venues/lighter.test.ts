import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SimulatedClock, toPrice, toSize, type VenueUpdate } from '@perpdesk/core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { CcxtVenue } from '../ccxt-venue.ts';
import type { ScriptedAnswer } from '../testing/answer-server.ts';
import { codeOf, LiveDesk, noonMs, type Routes } from '../testing/live-desk.ts';

const secrets = { accountIndex: '5', apiKeyIndex: '4', apiPrivateKey: '2'.repeat(80) };
const details = {
  code: 200,
  order_book_details: [
    {
      ...{ symbol: 'BTC', market_id: 1, market_type: 'perp', status: 'active', size_decimals: 5, price_decimals: 1 },
      ...{ min_base_amount: '0.00001', min_quote_amount: '5', last_trade_price: '60000.0' },
    },
  ],
};
const market = {
  market_id: 1,
  symbol: 'BTC',
  initial_margin_fraction: '10.00',
  open_order_count: 1,
  pending_order_count: 0,
  position_tied_order_count: 0,
};
const flat = { ...market, sign: 1, position: '0.00000', unrealized_pnl: '0', margin_mode: 1 };
const account = (position: object = flat) => ({
  code: 200,
  accounts: [{ index: 5, available_balance: '900.0', total_asset_value: '1000.0', positions: [position] }],
});
const routes = (changes: Routes = {}): Routes => ({
  'GET /api/v1/orderBookDetails': () => details,
  'GET /api/v1/account': () => account(),
  'GET /api/v1/accountActiveOrders': () => ({ code: 200, orders: [] }),
  'GET /api/v1/accountInactiveOrders': () => ({ code: 200, orders: [] }),
  'GET /api/v1/trades': () => ({ code: 200, trades: [] }),
  'POST /api/v1/sendTx': () => ({ code: 200, tx_hash: '0x1' }),
  ...changes,
});

let folder = '';
let signer = { wasmPath: '', execPath: '' };
/** The arguments of each call of lighter-go's signer of 2026, and the names that it signs them under. */
const calls: Readonly<Record<string, readonly [type: number, names: string]>> = {
  SignCreateOrder: [
    14,
    'marketIndex, clientOrderIndex, baseAmount, price, isAsk, orderType, timeInForce, reduceOnly, triggerPrice, orderExpiry, integratorAccountIndex, integratorTakerFee, integratorMakerFee, selfTradeBehaviorMode, selfTradeEqualityMode, skipNonce, nonce, apiKeyIndex, accountIndex',
  ],
  SignCancelOrder: [15, 'marketIndex, orderIndex, skipNonce, nonce, apiKeyIndex, accountIndex'],
  SignCancelAllOrders: [16, 'timeInForce, time, cancelAllMarketIndex, skipNonce, nonce, apiKeyIndex, accountIndex'],
  SignUpdateLeverage: [20, 'marketIndex, fraction, marginMode, skipNonce, nonce, apiKeyIndex, accountIndex'],
};
const signedNames: Readonly<Record<string, string>> = {
  orderType: 'Type',
  orderIndex: 'Index',
  fraction: 'InitialMarginFraction',
};

/** A signer of our own in place of Lighter's, which signs what it is handed: lighter-signer.test.ts runs the real one. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lighter-signer-'));
  signer = { wasmPath: join(folder, 'signer.wasm'), execPath: join(folder, 'wasm_exec.js') };
  writeFileSync(signer.execPath, 'globalThis.Go = class { importObject = {}; run() {} };');
  writeFileSync(signer.wasmPath, Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  Object.assign(globalThis, { CreateClient: () => ({}), CreateAuthToken: () => ({ authToken: 'token' }) });
  putSigner();
});

/** Puts its functions where they are looked for; an older one lacks some arguments, and signs what the others have in their places. */
function putSigner(without: readonly string[] = []): void {
  for (const [call, [txType, list]] of Object.entries(calls)) {
    const names = list.split(', ').filter((name) => !without.includes(name));
    const sign = (...values: unknown[]) => {
      if (values.length < names.length) return { error: `${call} expects ${names.length} args: ${names.join(', ')}` };
      const info = names.map((name, n) => [
        signedNames[name] ?? `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`,
        name === 'orderExpiry' && values[n] === -1 ? noonMs : values[n],
      ]);
      return { txType, txInfo: JSON.stringify(Object.fromEntries(info)) };
    };
    Object.assign(globalThis, { [call]: sign });
  }
}
afterAll(() => rmSync(folder, { recursive: true }));

const desks: LiveDesk[] = [];
const run = async (changes: Routes = {}, more: object = {}): Promise<LiveDesk> => {
  const desk = await LiveDesk.run('lighter', secrets, routes(changes), { signer, ...more });
  desks.push(desk);
  return desk;
};
afterEach(async () => {
  putSigner();
  for (const desk of desks.splice(0)) await desk.close();
});
const infos = (desk: LiveDesk) =>
  desk.acts(/sendTx/).map(({ body }) => JSON.parse(/name="tx_info"\r\n\r\n([^\r]*)/.exec(body)?.[1] ?? ''));

/** After http_orders.json of nautilus_trader. */
const resting = (order_index: number, client_order_index: number) => ({
  ...{ order_index, client_order_index, market_index: 1, initial_base_amount: '0.01000', price: '60000.0' },
  ...{ remaining_base_amount: '0.00600', is_ask: false, filled_base_amount: '0.00400', filled_quote_amount: '240.0' },
  ...{ type: 'limit', time_in_force: 'good-till-time', reduce_only: false, trigger_price: '0.00', status: 'open' },
  ...{ timestamp: 1777941383576, created_at: 1777941383576, updated_at: 1777941383576 },
});

describe('Lighter', () => {
  it('error: without its signer it says what to install', async () => {
    const desk = await run();
    expect(
      () =>
        new CcxtVenue({
          venue: 'lighter',
          clock: new SimulatedClock(),
          verifier: desk.authority.verifier(),
          vault: desk.vault,
          instruments: () => [],
        }),
    ).toThrow(/npm install @reservoir0x\/lighter-ts-sdk/);
  });

  it('default: what is signed is what was authorised, in whole units, for no integrator; no key is registered', async () => {
    const desk = await run();
    const intent = desk.intent({ size: toSize('0.12345'), price: toPrice('59999.9') });
    expect(await desk.place(intent)).toMatchObject({ outcome: 'accepted', order: intent });
    expect(codeOf(await desk.place(desk.intent({ timeInForce: 'post-only' })))).toBe('accepted');
    expect(codeOf(await desk.place(desk.market()))).toBe('accepted');
    expect(codeOf(await desk.place(desk.stop()))).toBe('accepted');
    const [first, postOnly, bought, stop] = infos(desk);
    expect(first).toMatchObject({
      ...{
        MarketIndex: 1,
        BaseAmount: 12_345,
        Price: 599_999,
        IsAsk: 0,
        Type: 0,
        TimeInForce: 1,
        ReduceOnly: 0,
        TriggerPrice: 0,
      },
      ...{
        OrderExpiry: noonMs,
        ClientOrderIndex: Number.parseInt(intent.clientOrderId.slice(0, 12), 16),
        ...{ IntegratorAccountIndex: 0, IntegratorTakerFee: 0, IntegratorMakerFee: 0, SkipNonce: 1 },
      },
    });
    expect(postOnly.TimeInForce).toBe(2);
    expect(bought).toMatchObject({ Type: 1, TimeInForce: 0, Price: 630_000, OrderExpiry: 0 });
    expect(stop).toMatchObject({
      Type: 2,
      TriggerPrice: 550_000,
      Price: 522_500,
      IsAsk: 1,
      ReduceOnly: 1,
      TimeInForce: 0,
    });
    expect(desk.acts(/./).map(({ path }) => path)).toEqual(new Array(4).fill('/api/v1/sendTx'));
    expect(JSON.stringify(desk.server.seen)).not.toMatch(/718718/);
    expect(desk.mismatches).toEqual([]);
  });

  it.each<[string, ScriptedAnswer, string]>([
    [
      'margin',
      { json: { code: 21739, message: 'not enough margin to create the order' }, status: 400 },
      'margin.insufficient',
    ],
    ['the rate', { json: { code: 23000, message: 'Too Many Requests!' }, status: 429 }, 'order.throttled'],
    ['5xx', { text: '', status: 502 }, 'unknown'],
    ['garbage', { text: '{' }, 'unknown'],
    ['an answer without the transaction', { json: { code: 200 } }, 'unknown'],
    ['cut inside', { cut: 'inside' }, 'unknown'],
  ])('error: %s', async (_, answer, expected) => {
    const desk = await run({ 'POST /api/v1/sendTx': () => answer });
    expect(codeOf(await desk.place(desk.intent()))).toBe(expected);
    expect(desk.acts(/sendTx/)).toHaveLength(1);
  });

  it.each<[string, Readonly<Record<string, unknown>>]>([
    ['another nonce', { Nonce: 0 }],
    ['another account', { AccountIndex: 6 }],
    ['a fee for somebody', { L2TxAttributes: { 2: 1000 } }],
    ['a named integrator', { IntegratorAccountIndex: 718718 }],
    ['no expiry', { OrderExpiry: 0 }],
  ])('error: a signer that signs %s: nothing is sent', async (_, changes) => {
    const right: unknown = Reflect.get(globalThis, 'SignCreateOrder');
    const wrong = (...values: unknown[]) => {
      const signed = Reflect.apply(right as never, undefined, values) as { readonly txInfo?: string };
      if (signed.txInfo === undefined) return signed;
      return { ...signed, txInfo: JSON.stringify({ ...JSON.parse(signed.txInfo), ...changes }) };
    };
    Object.assign(globalThis, { SignCreateOrder: wrong });
    const desk = await run();
    expect(await desk.place(desk.intent())).toMatchObject({ outcome: 'rejected' });
    expect(desk.acts(/./)).toEqual([]);
  });

  it('behavior: an older signer counts nonces and names no market: acts go one by one, each with the next', async () => {
    putSigner([
      'skipNonce',
      'cancelAllMarketIndex',
      'integratorAccountIndex',
      'integratorTakerFee',
      'integratorMakerFee',
    ]);
    let next = 41;
    const desk = await run({
      'GET /api/v1/nextNonce': ({ query }) => {
        expect(query).toEqual({ account_index: '5', api_key_index: '4' });
        return { code: 200, nonce: next };
      },
      'POST /api/v1/sendTx': ({ body }) => {
        if (!body.includes(`"Nonce":${next},`)) return { json: { code: 21104, message: 'invalid nonce' }, status: 400 };
        next += 1;
        return { code: 200, tx_hash: '0x1' };
      },
      'GET /api/v1/accountActiveOrders': () => ({ code: 200, orders: [resting(77, 1), resting(78, 2)] }),
    });
    const id = (n: number): string => (n + 1).toString(16).padStart(12, '0').padEnd(32, '1');
    const placed = [0, 1, 2].map((n) => desk.place(desk.intent({ clientOrderId: id(n) })));
    expect((await Promise.all(placed)).map(codeOf)).toEqual(['accepted', 'accepted', 'accepted']);
    expect(await desk.venue.cancelAll('alice', desk.instrument.id)).toMatchObject({ outcome: 'accepted' });
    expect(infos(desk)).toMatchObject([
      ...[{ Nonce: 41 }, { Nonce: 42 }, { Nonce: 43 }],
      ...[
        { Nonce: 44, MarketIndex: 1, Index: 77 },
        { Nonce: 45, MarketIndex: 1, Index: 78 },
      ],
    ]);
  });

  it('behavior: orders are recognised by the bits the venue keeps, after a restart by who recalls them', async () => {
    const desk = await run();
    const intent = desk.intent();
    await desk.place(intent);
    const client_order_index = Number.parseInt(intent.clientOrderId.slice(0, 12), 16);
    const row = resting(281476929510110, client_order_index);
    const answers = { 'GET /api/v1/accountActiveOrders': () => ({ code: 200, orders: [row] }) };
    desk.routes = routes(answers);
    expect(await desk.venue.fetchOpenOrders('alice')).toMatchObject([
      {
        clientOrderId: intent.clientOrderId,
        status: 'partially-filled',
        filledSize: '0.004',
        averagePrice: '60000',
        venueOrderId: '281476929510110',
      },
    ]);
    expect(codeOf(await desk.venue.cancel('alice', intent.clientOrderId))).toBe('accepted');
    expect(infos(desk).at(-1)).toMatchObject({ MarketIndex: 1, Index: 281476929510110 });
    const recalled = await run(answers, {
      recallClientOrderId: async (id: string) => (id === String(client_order_index) ? intent.clientOrderId : undefined),
    });
    expect((await recalled.venue.fetchOpenOrders('alice')).map((order) => order.clientOrderId)).toEqual([
      intent.clientOrderId,
    ]);
    const forgotten = await run(answers);
    expect((await forgotten.venue.fetchOpenOrders('alice'))[0]?.clientOrderId).not.toBe(intent.clientOrderId);
    expect(await forgotten.venue.fetchOrder('alice', intent.clientOrderId)).toMatchObject({
      clientOrderId: intent.clientOrderId,
      status: 'partially-filled',
    });
    expect(await forgotten.venue.fetchOrder('alice', 'e'.repeat(32))).toBeUndefined();
  });

  it('behavior: leverage is a margin fraction, set when it differs', async () => {
    let fraction = '10.00';
    const desk = await run({
      'GET /api/v1/account': () => account({ ...flat, initial_margin_fraction: fraction }),
      'POST /api/v1/sendTx': ({ body }) => {
        if (body.includes('\r\n20\r\n')) fraction = '33.34';
        return { code: 200, tx_hash: '0x1' };
      },
    });
    await desk.place(desk.intent({ leverage: 10 }));
    const outcome = await desk.place(desk.intent({ leverage: 3 }));
    expect(infos(desk)).toMatchObject([
      { Type: 0 },
      { MarketIndex: 1, InitialMarginFraction: 3334, MarginMode: 1 },
      { Type: 0 },
    ]);
    expect(codeOf(outcome)).toBe('accepted');
  });

  it('behavior: positions and fills', async () => {
    const desk = await run({
      'GET /api/v1/account': () =>
        account({
          ...flat,
          sign: -1,
          position: '0.50000',
          avg_entry_price: '61000.0',
          position_value: '30000.0',
          unrealized_pnl: '500.0',
          liquidation_price: '70000',
        }),
      'GET /api/v1/trades': () => ({
        code: 200,
        trades: [
          {
            trade_id: 1,
            type: 'trade',
            market_id: 1,
            size: '0.5',
            price: '61000.0',
            ask_id: 9,
            bid_id: 8,
            ask_client_id: 0,
            bid_client_id: 7,
            ask_account_id: 5,
            bid_account_id: 6,
            is_maker_ask: false,
            taker_fee: 200,
            timestamp: noonMs - 1,
          },
        ],
      }),
    });
    expect(await desk.venue.fetchPositions('alice')).toMatchObject([
      {
        direction: 'short',
        size: '0.5',
        leverage: 10,
        marginMode: 'isolated',
        markPrice: '60000',
        openedAtMs: noonMs - 1,
      },
    ]);
    expect(await desk.venue.fetchFills('alice', 0)).toMatchObject([
      { side: 'sell', size: '0.5', liquidity: 'taker', fee: '6.1', venueOrderId: '9' },
    ]);
  });

  it('behavior: its sockets tell orders and trades of the account', async () => {
    const desk = await run();
    desk.server.onFrame = (frame, socket) => {
      const { type, channel } = frame as { type?: string; channel?: string };
      if (type === 'subscribe')
        socket.send(
          JSON.stringify({ type: `subscribed/${channel?.split('/')[0]}`, channel: channel?.replace('/', ':') }),
        );
    };
    const heard: VenueUpdate[] = [];
    desk.venue.watch('alice', (update) => heard.push(update));
    await vi.waitFor(
      async () => {
        await desk.clock.advanceBy(100);
        expect(desk.venue.watching('alice')).toBe(true);
      },
      { timeout: 5_000, interval: 10 },
    );
    const trade = {
      ...{
        trade_id: 9,
        type: 'trade',
        market_id: 1,
        size: '0.5',
        price: '61000.0',
        ask_id: 9,
        bid_id: 8,
        ask_client_id: 0,
        bid_client_id: 7,
      },
      ...{ ask_account_id: 6, bid_account_id: 5, is_maker_ask: true, taker_fee: 0, maker_fee: 0, timestamp: noonMs },
    };
    desk.server.tell({ channel: 'account_all_trades:5', trades: { 1: [trade] }, type: 'update/account_all_trades' });
    await vi.waitFor(
      () => expect(heard.some((update) => update.kind === 'fill' && update.fill.side === 'buy')).toBe(true),
      { timeout: 5_000, interval: 10 },
    );
  });
});
