import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { NativeNews, VenueAccount } from './venue-adapter.ts';
import { venueAdapters } from './venues.ts';
import { parseExactly } from './wire-values.ts';

const payloads = join(
  process.env.PERPDESK_FIXTURES ?? fileURLToPath(new URL('../../../../../shared/fixtures', import.meta.url)),
  'payloads',
);
const read = (path: string): unknown => parseExactly(readFileSync(join(payloads, path), 'utf8'));

/** What the venues' own messages say, as recorded by nautilus_trader. */
describe.skipIf(!existsSync(payloads))('recorded messages of accounts', () => {
  it.each<[keyof typeof venueAdapters, string, (news: NativeNews | undefined) => unknown, unknown]>([
    [
      'binance',
      'binance/nautilus/futures/user_data_json/order_update_trade_partial.json',
      fill,
      ['0.001', 'order', '12345678'],
    ],
    [
      'binance',
      'binance/nautilus/futures/user_data_json/order_update_adl.json',
      fill,
      ['0.005', 'auto-deleveraging', '12346001'],
    ],
    [
      'binance',
      'binance/nautilus/futures/user_data_json/order_update_insurance.json',
      fill,
      ['0.02', 'liquidation', '12346003'],
    ],
    [
      'binance',
      'binance/nautilus/futures/user_data_json/order_update_settlement.json',
      fill,
      ['0.01', 'order', '12346002'],
    ],
    [
      'binance',
      'binance/nautilus/futures/user_data_json/order_update_calculated_pending.json',
      order,
      ['limit', 'open', undefined],
    ],
    [
      'binance',
      'binance/nautilus/futures/user_data_json/algo_update_canceled.json',
      order,
      ['take-profit-market', 'canceled', '750'],
    ],
    ['binance', 'binance/nautilus/futures/user_data_json/account_update.json', (news) => news?.accountChanged, true],
    [
      'bybit',
      'bybit/nautilus/ws_account_execution.json',
      fill,
      ['0.5', 'order', '0ab1bdf7-4219-438b-b30a-32ec863018f7'],
    ],
    ['bybit', 'bybit/nautilus/ws_account_order_stop_loss.json', order, ['stop-market', 'open', '48000']],
    ['bybit', 'bybit/nautilus/ws_account_order_take_profit.json', order, ['take-profit-market', 'open', '55000']],
    ['bybit', 'bybit/nautilus/ws_account_position_short.json', (news) => news?.accountChanged, true],
    ['bybit', 'bybit/nautilus/ws_account_wallet.json', (news) => news?.accountChanged, true],
    ['okx', 'okx/nautilus/ws_orders_adl.json', fill, ['0.3', 'auto-deleveraging', 'ETH-USDT-SWAP:1518906000']],
    ['okx', 'okx/nautilus/ws_orders_liquidation.json', (news) => news?.fills?.[0]?.reason, 'liquidation'],
  ])('behavior: %s: %s', (venue, path, tell, expected) => {
    expect(tell(venueAdapters[venue].readNews(read(path)))).toEqual(expected);
  });

  it('behavior: Hyperliquid’s funding: who is on the side that the rate pays receives, and each payment has an id of its own', async () => {
    const recorded = readFileSync(
      join(payloads, 'hyperliquid/sdk-cassettes/test_user_funding_history_without_end_time.yaml'),
      'utf8',
    );
    const rows = parseExactly(/string: '(.*)'/.exec(recorded)?.[1] ?? '') as readonly { delta: { szi: string } }[];
    const account = { read: async () => rows } as unknown as VenueAccount;
    const payments = (await venueAdapters.hyperliquid.fetchFunding?.(account, 0)) ?? [];
    expect(payments.length).toBeGreaterThan(100);
    expect([payments.length, new Set(payments.map(({ id }) => id)).size]).toEqual([rows.length, rows.length]);
    for (const [index, { amount, rate }] of payments.entries()) {
      const isLong = !rows[index]?.delta.szi.startsWith('-');
      expect(amount.isNegative()).toBe(isLong === rate?.greaterThan(0));
    }
    expect(payments[0]).toMatchObject({ nativeId: 'APE', id: 'APE:1681948800000', atMs: 1_681_948_800_000 });
    expect([payments[0]?.amount.toFixed(), payments[0]?.rate?.toFixed()]).toEqual(['0.145796', '-0.00029319']);
  });

  it('behavior: Lighter’s orders by market, with the bits of our id', () => {
    const message = read('lighter/nautilus/ws_account_orders_update.json') as Record<string, unknown>;
    const news = venueAdapters.lighter.readNews({
      ...message,
      type: 'update/account_all_orders',
      channel: 'account_all_orders:1234',
    });
    expect(news?.orders).toMatchObject([{ clientId: '42', side: 'sell', status: 'partially-filled', nativeId: '0' }]);
    expect(news?.orders?.[0]?.filled.toFixed()).toBe('0.002');
  });
});

function fill(news: NativeNews | undefined): unknown {
  const [one] = news?.fills ?? [];
  return [one?.size.toFixed(), one?.reason, one?.id.replace('BTCUSDT:', '')];
}

function order(news: NativeNews | undefined): unknown {
  const [one] = news?.orders ?? [];
  return [one?.type, one?.status, one?.triggerPrice?.toFixed()];
}
