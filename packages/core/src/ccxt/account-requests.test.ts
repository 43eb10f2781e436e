import { describe, expect, it } from 'vitest';
import { SimulatedClock } from '../clock/simulated-clock.ts';
import type { VenueError } from '../errors/venue-error.ts';
import {
  type AccountAnswer,
  type AccountRequest,
  type CcxtClientOptions,
  countedActs,
  openCcxtClient,
  type SignedRequest,
} from './index.ts';

const noonMs = Date.UTC(2026, 0, 5, 12);
const keys = { apiKey: 'the-key', secret: 'the-secret', password: 'the-password' };
const wallet = { privateKey: `0x${'1'.repeat(64)}`, walletAddress: `0x${'2'.repeat(40)}` };

async function open(options: Partial<CcxtClientOptions> & Pick<CcxtClientOptions, 'venue'>) {
  const clock = new SimulatedClock({ startAtMs: noonMs });
  const sent: SignedRequest[] = [];
  let answer = async (_: SignedRequest, _signal: AbortSignal): Promise<AccountAnswer> => ({ status: 200, text: '{}' });
  const client = await openCcxtClient({
    ...{ clock, credentials: keys, orders: true },
    transport: (request, signal) => {
      sent.push(request);
      return answer(request, signal);
    },
    ...options,
  });
  return { clock, sent, client, answers: (next: typeof answer) => (answer = next) };
}
const order = (params: Record<string, unknown> = {}): AccountRequest => ({
  ...{ api: 'fapiPrivate', path: 'order', method: 'POST', lane: 'open' },
  params: { symbol: 'BTCUSDT', newClientOrderId: 'ours', quantity: '0.010', ...params },
});
const formOf = ({ body }: SignedRequest) => Object.fromEntries(new URLSearchParams(body));
const codeOf = (act: Promise<unknown>): Promise<string> =>
  act.then(
    () => 'done',
    (error: VenueError) => error.code,
  );

describe('requests of an account', () => {
  it('default: signed as of when they leave, sent once, answered as it came', async () => {
    const { client, sent, answers } = await open({ venue: 'binance' });
    answers(async () => ({ status: 400, text: '{"code":-2019}' }));
    expect(await client.act(order())).toEqual({ status: 400, text: '{"code":-2019}' });
    const [request] = sent as [SignedRequest];
    expect(request.url).toBe('https://fapi.binance.com/fapi/v1/order');
    expect(formOf(request)).toMatchObject({ quantity: '0.010', newClientOrderId: 'ours' });
    expect(Number(formOf(request).timestamp) - noonMs).toBeLessThan(10);
    expect(sent).toHaveLength(1);
    await client.close();
  });

  it.each([
    ['binance', order(), 'body'],
    ['bybit', { ...order(), api: 'private', path: 'v5/order/create' }, 'x-bapi'],
    ['okx', { ...order(), api: 'private', path: 'trade/order' }, 'expTime'],
  ] as const)(
    'behavior: the expiry is part of what %s is sent, and what is over does not leave',
    async (venue, request, place) => {
      const { client, sent, clock } = await open({ venue });
      await client.act({ ...request, expiresAtMs: noonMs + 3_000 });
      const [{ headers, body }] = sent as [SignedRequest];
      const end =
        place === 'expTime'
          ? Number(headers.expTime)
          : place === 'x-bapi'
            ? Number(headers['X-BAPI-TIMESTAMP']) + Number(headers['X-BAPI-RECV-WINDOW'])
            : Number(new URLSearchParams(body).get('timestamp')) + Number(new URLSearchParams(body).get('recvWindow'));
      expect(end).toBeGreaterThan(noonMs + 2_950);
      expect(end).toBeLessThanOrEqual(noonMs + 3_000);
      await clock.advanceBy(3_000);
      expect(await codeOf(client.act({ ...request, expiresAtMs: noonMs + 3_000 }))).toBe('venue.refused');
      expect(sent).toHaveLength(1);
      await client.close();
    },
  );

  it('behavior: a wait for the budget does not lengthen the window', async () => {
    const clock = new SimulatedClock({ startAtMs: noonMs });
    const sent: SignedRequest[] = [];
    const client = await openCcxtClient({
      ...{ venue: 'binance', clock, credentials: keys, orders: true },
      budget: { acquire: () => clock.sleep(2_000) },
      transport: async (request) => {
        sent.push(request);
        return { status: 200, text: '{}' };
      },
    });
    const acting = client.act({ ...order(), expiresAtMs: noonMs + 3_000 });
    await clock.advanceBy(2_000);
    await acting;
    const { timestamp, recvWindow } = formOf(sent[0] as SignedRequest);
    expect(Number(timestamp) + Number(recvWindow)).toBeLessThanOrEqual(noonMs + 3_000);
    expect(Number(recvWindow)).toBeLessThanOrEqual(1_000);
    await client.close();
  });

  it('error: what is not on the venue’s list is not sent: transfers, withdrawals, keys, approvals', async () => {
    const { client, sent } = await open({ venue: 'binance' });
    for (const path of ['capital/withdraw/apply', 'futures/transfer'])
      expect(await codeOf(client.act({ ...order(), api: 'sapi', path }))).toBe('venue.method-refused');
    expect(await codeOf(client.readAccount(order()))).toBe('venue.method-refused');
    await client.close();
    const hyperliquid = await open({ venue: 'hyperliquid', credentials: wallet });
    const action = (type: string): AccountRequest => ({
      ...{ api: 'private', path: 'exchange', method: 'POST', lane: 'open', params: { action: { type } } },
    });
    for (const type of [
      'withdraw3',
      'usdSend',
      'approveAgent',
      'approveBuilderFee',
      'setReferrer',
      'spotSend',
      'vaultTransfer',
    ])
      expect(await codeOf(hyperliquid.client.act(action(type))), type).toBe('venue.method-refused');
    expect([...sent, ...hyperliquid.sent]).toEqual([]);
    await hyperliquid.client.close();
    const readOnly = await open({ venue: 'binance', orders: false });
    expect(await codeOf(readOnly.client.act(order()))).toBe('venue.method-refused');
    await readOnly.client.close();
  });

  it('error: who is shown the request may keep it, and then it is not counted', async () => {
    const { client, sent } = await open({
      venue: 'binance',
      onRequest: () => {
        throw new TypeError('not this one');
      },
    });
    const before = countedActs()['binance POST order'];
    await expect(client.act(order())).rejects.toThrow('not this one');
    expect([sent.length, countedActs()['binance POST order']]).toEqual([0, before]);
    await client.close();
  });

  it('error: an answer that does not come in time or breaks off is no answer, and is not asked for again', async () => {
    const { client, sent, clock, answers } = await open({ venue: 'binance', timeoutMs: 5_000 });
    answers(
      (_, signal) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    );
    const acting = codeOf(client.act(order()));
    await clock.advanceBy(5_000);
    expect(await acting).toBe('venue.unreachable');
    answers(async () => {
      throw new TypeError('terminated');
    });
    expect(await codeOf(client.act(order()))).toBe('venue.unreachable');
    expect(sent).toHaveLength(2);
    await client.close();
  });

  it('behavior: whichever way, what acts is counted', async () => {
    const { client } = await open({ venue: 'okx', endpoints: { http: 'http://127.0.0.1:9' } });
    const count = (name: string): number => countedActs()[`okx ${name}`] ?? 0;
    const before = [count('POST trade/order'), count('createOrder')];
    await client.act({ ...order(), api: 'private', path: 'trade/order' });
    // Reaching for it is no act; calling it is, whatever becomes of it.
    await client.ask((exchange) => exchange.createOrder('NONE', 'limit', 'buy', 1, 1)).catch(() => undefined);
    expect([count('POST trade/order'), count('createOrder')]).toEqual([(before[0] ?? 0) + 1, (before[1] ?? 0) + 1]);
    await client.close();
  });

  it.each([
    [
      'hyperliquid',
      wallet,
      { api: 'private', path: 'exchange', params: { action: { type: 'cancel', cancels: [] } } },
      'api.hyperliquid-testnet.xyz',
    ],
    ['binance', keys, {}, 'demo-fapi.binance.com'],
    ['bybit', keys, { api: 'private', path: 'v5/order/create' }, 'api-testnet.bybit.com'],
    ['okx', keys, { api: 'private', path: 'trade/order' }, 'www.okx.com'],
  ] as const)(
    'behavior: the test net of %s is all that is reached there',
    async (venue, credentials, changes, host) => {
      const { client, sent } = await open({ venue, credentials, network: 'testnet' });
      await client.act({ ...order(), ...changes });
      expect(new URL(sent[0]?.url ?? '').host).toBe(host);
      if (venue === 'okx') expect(sent[0]?.headers['x-simulated-trading']).toBe('1');
      await client.close();
    },
  );

  it('behavior: signatures of the test net of Hyperliquid are not those of its main net', async () => {
    const signatures = new Set<string>();
    for (const network of ['mainnet', 'testnet'] as const) {
      const { client, sent } = await open({ venue: 'hyperliquid', credentials: wallet, network });
      await client.act({
        ...{ api: 'private', path: 'exchange', method: 'POST', lane: 'open' },
        params: { action: { type: 'cancel', cancels: [] } },
      });
      signatures.add(JSON.parse(sent[0]?.body ?? '{}').signature.r);
      await client.close();
    }
    expect(signatures.size).toBe(2);
  });
});
