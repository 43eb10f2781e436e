import {
  Decimal,
  SeededRandom,
  SimulatedClock,
  SortableIdGenerator,
  toPrice,
  toSize,
  toUsd,
  type VenueUpdate,
} from '@perpdesk/core';
import { countedActs } from '@perpdesk/core/ccxt';
import { HmacApprovalAuthority } from '@perpdesk/core/security';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { EngineOrder } from '../simulator/engine/exchange-engine.ts';
import { hyperliquidAssets } from '../simulator/engine/simulated-assets.ts';
import type { HyperliquidSimulator } from '../simulator/hyperliquid-simulator.ts';
import { startSimulator } from '../simulator/start-simulator.ts';
import { testWallet } from '../simulator/testing/test-wallet.ts';
import { CcxtVenue } from './ccxt-venue.ts';
import { exampleInstrument, LiveDesk, MemoryVault, noonMs, type Routes } from './testing/live-desk.ts';

const soon = { timeout: 4_000, interval: 10 };
const btc = exampleInstrument('hyperliquid');
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
const heardOf = (heard: readonly VenueUpdate[], kind: VenueUpdate['kind']) =>
  heard.filter((update) => update.kind === kind);

/** Alice at the simulated Hyperliquid, watched; `weights`: what was asked of the budget. */
async function watched() {
  const weights: number[] = [];
  const budget = { acquire: async (_lane: string, weight: number) => void weights.push(weight) };
  const clock = new SimulatedClock({ startAtMs: noonMs });
  const { address, privateKey } = testWallet(21);
  const exchange: HyperliquidSimulator = await startSimulator({
    ...{ clock, assets: hyperliquidAssets.slice(0, 1), rateLimits: 'off', accounts: { [address]: toUsd(100_000) } },
  });
  quote(exchange, 60_000);
  const vault = new MemoryVault();
  await vault.put({ userId: 'alice', venue: 'hyperliquid' }, { walletAddress: address, privateKey });
  const authority = new HmacApprovalAuthority({
    clock,
    ids: new SortableIdGenerator({ clock, random: new SeededRandom('watch') }),
  });
  const venue = new CcxtVenue({
    ...{ venue: 'hyperliquid', clock, verifier: authority.verifier(), vault, instruments: () => [btc] },
    endpoints: { http: exchange.url, ws: exchange.wsUrl.replace('/ws', '') },
    budget,
  });
  await venue.start();
  const heard: VenueUpdate[] = [];
  const unsubscribe = venue.watch('alice', (update) => heard.push(update));
  ends.push(
    () => exchange.stop(),
    async () => {
      unsubscribe();
      await venue.stop();
    },
  );
  await vi.waitFor(async () => {
    await clock.advanceBy(100);
    expect(venue.watching('alice')).toBe(true);
  }, soon);
  return { clock, exchange, venue, heard, address, authority, weights };
}
function quote(exchange: HyperliquidSimulator, price: number): void {
  exchange.engine.setMark('BTC', toPrice(price));
  exchange.engine.setBook('BTC', [[toPrice(price - 1), toSize(100)]], [[toPrice(price + 1), toSize(100)]]);
}
const marketBuy = (size: string): EngineOrder => ({
  ...{
    coin: 'BTC',
    side: 'buy',
    size: toSize(size),
    limitPrice: toPrice(61_000),
    timeInForce: 'ioc',
    reduceOnly: false,
  },
});
const heardFees = (heard: readonly VenueUpdate[]): string =>
  heard.reduce((sum, update) => (update.kind === 'fill' ? sum.plus(update.fill.fee) : sum), new Decimal(0)).toFixed();
/** The account trades by another hand than ours. */
const tradeElsewhere = async (exchange: HyperliquidSimulator, address: string, size: string): Promise<void> => {
  exchange.engine.place(address.toLowerCase(), [marketBuy(size)], 'na');
  // The exchange tells at its next tick.
  if (exchange.clock instanceof SimulatedClock) await exchange.clock.advanceBy(100);
};

describe('AccountStream', () => {
  it('default: fills by another hand are told with the position they make, each once', async () => {
    const { exchange, heard, address } = await watched();
    await tradeElsewhere(exchange, address, '0.1');
    await vi.waitFor(() => expect(heardOf(heard, 'position').length).toBeGreaterThan(0), soon);
    await tradeElsewhere(exchange, address, '0.2');
    await vi.waitFor(
      () => expect(heardOf(heard, 'position').at(-1)).toMatchObject({ position: { size: '0.3', direction: 'long' } }),
      soon,
    );
    const fills = heardOf(heard, 'fill').map((update) => (update.kind === 'fill' ? update.fill : undefined));
    expect(fills.map((fill) => fill?.size).sort()).toEqual(['0.1', '0.2']);
    expect(new Set(fills.map((fill) => fill?.id)).size).toBe(2);
  });

  it('behavior: a fill that somebody else reads first is told all the same, once', async () => {
    const { exchange, heard, address, clock, venue } = await watched();
    const fills = () => heardOf(heard, 'fill').length;
    exchange.engine.place(address.toLowerCase(), [marketBuy('0.1')], 'na');
    // The exchange has not told yet: it is read beside the position.
    expect(await venue.fetchPositions('alice')).toMatchObject([{ size: '0.1' }]);
    expect(fills()).toBe(1);
    await clock.advanceBy(1_000);
    await vi.waitFor(
      () => expect(heardOf(heard, 'position').at(-1)).toMatchObject({ position: { size: '0.1' } }),
      soon,
    );
    expect(fills()).toBe(1);
  });

  it('behavior: fills that the socket tells are not read again: a fill costs a reading of the position and one of the account', async () => {
    const { clock, exchange, heard, address, venue, weights } = await watched();
    // The reading once the venue has surely taken the subscriptions is over.
    await clock.advanceBy(5_000);
    await vi.waitFor(() => expect(venue.watching('alice')).toBe(true), soon);
    weights.length = 0;
    await tradeElsewhere(exchange, address, '0.1');
    await vi.waitFor(() => expect(heardOf(heard, 'account').length).toBeGreaterThan(0), soon);
    expect(heardOf(heard, 'account').at(-1)).toMatchObject({ account: { fees: heardFees(heard) } });
    expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeLessThanOrEqual(10);
  });

  it('behavior: what happens while the socket is cut is told once it is back, nothing twice', async () => {
    const { exchange, heard, address, clock } = await watched();
    await tradeElsewhere(exchange, address, '0.1');
    await vi.waitFor(() => expect(heardOf(heard, 'position')).toHaveLength(1), soon);
    for (let cut = 1; cut <= 3; cut += 1) {
      exchange.dropSockets();
      // Nobody hears of this one.
      await tradeElsewhere(exchange, address, '0.1');
      const expected = toSize((cut + 1) / 10);
      await vi.waitFor(async () => {
        await clock.advanceBy(1_000);
        expect(heardOf(heard, 'position').at(-1)).toMatchObject({ position: { size: expected } });
      }, soon);
    }
    const ids = heardOf(heard, 'fill').map((update) => (update.kind === 'fill' ? update.fill.id : ''));
    expect([ids.length, new Set(ids).size]).toEqual([4, 4]);
  });

  it('behavior: an order that is replaced is not told as cancelled, though the venue ends the old one under the same id', async () => {
    const { heard, venue, authority, clock } = await watched();
    const resting = {
      clientOrderId: 'e'.repeat(32),
      userId: 'alice',
      venue: 'hyperliquid',
      instrumentId: btc.id,
      side: 'buy',
      type: 'limit',
      size: toSize('0.01'),
      price: toPrice(50_000),
      timeInForce: 'gtc',
      reduceOnly: false,
      purpose: 'entry',
      origin: 'manual',
    } as const;
    await venue.place(authority.mint(resting, 'decision-1'));
    for (const price of [51_000, 52_000]) {
      await venue.amend(authority.mint({ ...resting, price: toPrice(price) }, 'decision-2'));
      await vi.waitFor(async () => {
        await clock.advanceBy(100);
        expect(heardOf(heard, 'order').at(-1)).toMatchObject({ order: { price: String(price), status: 'open' } });
      }, soon);
    }
    const statuses = new Set(
      heardOf(heard, 'order').map((update) => (update.kind === 'order' ? update.order.status : '')),
    );
    expect(statuses).toEqual(new Set(['open']));
  });

  it('behavior: who watches goes on hearing after the keys were rotated', async () => {
    const { heard, venue, exchange, address, clock } = await watched();
    await venue.forget('alice');
    await vi.waitFor(async () => {
      await clock.advanceBy(100);
      expect(venue.watching('alice')).toBe(true);
    }, soon);
    await tradeElsewhere(exchange, address, '0.1');
    await vi.waitFor(() => expect(heardOf(heard, 'fill')).toHaveLength(1), soon);
  });

  it('behavior: the same through the socket of Binance: its partial fill, its algo order, a liquidation', async () => {
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
    const position = {
      ...{
        symbol: 'BTCUSDT',
        positionAmt: '0.001',
        entryPrice: '7100.5',
        markPrice: '7100.5',
        unRealizedProfit: '0',
        leverage: '5',
      },
      ...{ marginType: 'isolated', isolatedMargin: '1.4', liquidationPrice: '0', updateTime: noonMs },
    };
    const routes: Routes = {
      'GET /fapi/v1/exchangeInfo': () => exchangeInfo,
      'POST /fapi/v1/listenKey': () => ({ listenKey: 'the-listen-key' }),
      'GET /fapi/v1/income': () => [],
      'GET /fapi/v1/openOrders': () => [],
      'GET /fapi/v1/openAlgoOrders': () => [],
      'GET /fapi/v2/positionRisk': () => [position],
      'GET /fapi/v1/positionSide/dual': () => ({ dualSidePosition: false }),
      'GET /fapi/v3/account': () => ({
        totalWalletBalance: '100',
        totalMarginBalance: '100',
        totalUnrealizedProfit: '0',
        totalInitialMargin: '1.4',
        availableBalance: '98.6',
      }),
    };
    const desk = await LiveDesk.run('binance', { apiKey: 'k', secret: 's' }, routes);
    ends.push(() => desk.close());
    const heard: VenueUpdate[] = [];
    desk.venue.watch('alice', (update) => heard.push(update));
    await vi.waitFor(() => expect(desk.server.sockets.size).toBe(1), soon);
    // Messages after nautilus_trader: order_update_trade_partial, algo_update_canceled, order_update_adl.
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
      },
      ...{
        x: 'TRADE',
        X: 'PARTIALLY_FILLED',
        i: 8886774,
        l: '0.001',
        z: '0.001',
        L: '7100.50',
        N: 'USDT',
        n: '0.01000000',
      },
      ...{ T: noonMs, t: 12345678, m: true, R: false, ot: 'LIMIT', ps: 'BOTH', cp: false, rp: '12.34' },
    };
    desk.server.tell({ e: 'ORDER_TRADE_UPDATE', T: noonMs, E: noonMs, o: trade });
    desk.server.tell({ e: 'ORDER_TRADE_UPDATE', T: noonMs, E: noonMs, o: trade });
    const algo = {
      ...{
        caid: 'b'.repeat(32),
        aid: 2148719,
        at: 'CONDITIONAL',
        o: 'STOP_MARKET',
        s: 'BTCUSDT',
        S: 'SELL',
        ps: 'BOTH',
        f: 'GTC',
      },
      ...{
        q: '0.01',
        X: 'CANCELED',
        ai: '',
        ap: '0.00000',
        aq: '0.00000',
        tp: '750',
        p: '0',
        wt: 'MARK_PRICE',
        R: true,
        cp: false,
      },
    };
    desk.server.tell({ e: 'ALGO_UPDATE', T: noonMs, E: noonMs, o: algo });
    const adl = {
      ...trade,
      c: 'adl_autoclose_12345',
      S: 'SELL',
      x: 'CALCULATED',
      X: 'NEW_ADL',
      i: 8887001,
      l: '0.001',
      t: 12346001,
      R: true,
    };
    desk.server.tell({ e: 'ORDER_TRADE_UPDATE', T: noonMs + 1, E: noonMs + 1, o: adl });
    await vi.waitFor(() => expect(heardOf(heard, 'fill')).toHaveLength(2), soon);
    expect(heardOf(heard, 'fill')).toMatchObject([
      {
        fill: {
          clientOrderId: 'a'.repeat(32),
          size: '0.001',
          price: '7100.5',
          fee: '0.01',
          realizedPnl: '12.34',
          liquidity: 'maker',
          reason: 'order',
        },
      },
      { fill: { reason: 'auto-deleveraging', side: 'sell' } },
    ]);
    const orders = heardOf(heard, 'order').map((update) =>
      update.kind === 'order' ? [update.order.clientOrderId[0], update.order.status] : [],
    );
    expect(orders.slice(0, 2)).toEqual([
      ['a', 'partially-filled'],
      ['b', 'canceled'],
    ]);
    await vi.waitFor(
      () => expect(heardOf(heard, 'position').at(0)).toMatchObject({ position: { size: '0.001', openedAtMs: noonMs } }),
      soon,
    );
    // A message that can not be read makes the account be read.
    const before = desk.server.seen.filter(({ path }) => path.endsWith('/openOrders')).length;
    desk.server.tell({ e: 'ORDER_TRADE_UPDATE', T: noonMs, o: { ...trade, X: 'WHO_KNOWS' } });
    await vi.waitFor(
      () => expect(desk.server.seen.filter(({ path }) => path.endsWith('/openOrders')).length).toBeGreaterThan(before),
      soon,
    );
  });
});

describe('what leaves', () => {
  it('behavior: everything that acts is counted at the client, and orders are as many as departures', async () => {
    const { venue, authority } = await watched();
    const before = countedActs()['hyperliquid POST exchange'] ?? 0;
    const intent = (index: number) => ({
      ...{
        clientOrderId: index.toString(16).padStart(32, 'd'),
        userId: 'alice',
        venue: 'hyperliquid',
        instrumentId: btc.id,
      },
      ...({
        side: 'buy',
        type: 'limit',
        size: toSize('0.01'),
        price: toPrice(50_000),
        timeInForce: 'gtc',
        reduceOnly: false,
      } as const),
      ...({ purpose: 'entry', origin: 'manual' } as const),
    });
    for (const index of [1, 2, 3]) await venue.place(authority.mint(intent(index), 'decision-1'));
    expect(venue.departures()).toHaveLength(3);
    expect((countedActs()['hyperliquid POST exchange'] ?? 0) - before).toBe(3);
    expect(Object.keys(countedActs()).filter((name) => /createOrder|editOrder/.test(name))).toEqual([]);
  });
});
