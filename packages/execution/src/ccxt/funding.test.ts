import {
  type DomainEvent,
  MemoryEventBus,
  SeededRandom,
  SimulatedClock,
  SortableIdGenerator,
  StaticUserDirectory,
  toPrice,
  toSize,
  toUsd,
  type VenueUpdate,
} from '@perpdesk/core';
import { openDatabase } from '@perpdesk/core/database';
import { HmacApprovalAuthority } from '@perpdesk/core/security';
import { StaticMarketView } from '@perpdesk/core/testing';
import { afterEach, expect, it, vi } from 'vitest';
import { Portfolio } from '../portfolio/portfolio.ts';
import { hyperliquidAssets } from '../simulator/engine/simulated-assets.ts';
import { startSimulator } from '../simulator/start-simulator.ts';
import { testWallet } from '../simulator/testing/test-wallet.ts';
import { exampleUser } from '../testing/trading-desk.ts';
import { VenueDirectory } from '../venue/venue-directory.ts';
import { CcxtVenue } from './ccxt-venue.ts';
import { exampleInstrument, MemoryVault, noonMs } from './testing/live-desk.ts';

const hourMs = 3_600_000;
const soon = { timeout: 4_000, interval: 10 };
const btc = exampleInstrument('hyperliquid');
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** Alice's account at the simulated Hyperliquid, over real sockets, and the portfolio that follows it. */
async function followed() {
  const clock = new SimulatedClock({ startAtMs: noonMs });
  const { address, privateKey } = testWallet(31);
  const exchange = await startSimulator({
    ...{ clock, assets: hyperliquidAssets.slice(0, 1), rateLimits: 'off', accounts: { [address]: toUsd(100_000) } },
  });
  exchange.engine.setMark('BTC', toPrice(60_000));
  exchange.engine.setBook('BTC', [[toPrice(60_000), toSize(10)]], [[toPrice(60_000.1), toSize(10)]]);
  const vault = new MemoryVault();
  await vault.put({ userId: 'alice', venue: 'hyperliquid' }, { walletAddress: address, privateKey });
  const ids = new SortableIdGenerator({ clock, random: new SeededRandom('funding') });
  const verifier = new HmacApprovalAuthority({ clock, ids }).verifier();
  const venue = new CcxtVenue({
    ...{ venue: 'hyperliquid', clock, verifier, vault, instruments: () => [btc] },
    endpoints: { http: exchange.url, ws: exchange.wsUrl.replace('/ws', '') },
  });
  await venue.start();
  const eventBus = new MemoryEventBus({ clock, ids });
  const events: DomainEvent[] = [];
  const subscription = { group: 'test', types: ['funding.paid', 'position.closed'] } as const;
  eventBus.subscribe(subscription, (event) => void events.push(event));
  const database = await openDatabase({ url: 'sqlite::memory:' });
  const portfolio = new Portfolio({
    ...{ eventBus, database, clock, venues: new VenueDirectory([venue]) },
    users: new StaticUserDirectory({ users: [exampleUser({ venues: ['hyperliquid'] })] }),
    marketView: new StaticMarketView({ clock, instruments: [btc] }),
  });
  const heard: VenueUpdate[] = [];
  venue.watch('alice', (update) => heard.push(update));
  ends.push(
    () => exchange.stop(),
    () => database.close(),
    () => venue.stop(),
    () => portfolio.stop(),
  );
  await portfolio.start();
  /** Trades by another hand than ours, and waits until the portfolio holds what is made of it. */
  const trade = async (side: 'buy' | 'sell', size: string, held: string | undefined): Promise<void> => {
    const limitPrice = toPrice(side === 'buy' ? 61_000 : 59_000);
    const order = { coin: 'BTC', side, size: toSize(size), limitPrice, timeInForce: 'ioc', reduceOnly: false } as const;
    exchange.engine.place(address.toLowerCase(), [order], 'na');
    await vi.waitFor(async () => {
      await clock.advanceBy(100);
      expect(portfolio.positions('alice')[0]?.size).toBe(held);
    }, soon);
  };
  return { clock, exchange, venue, portfolio, events, heard, trade };
}

it('default: a settlement reaches fetchFunding, the account and, through Portfolio, the position that stood', async () => {
  const { clock, exchange, venue, portfolio, events, heard, trade } = await followed();
  await trade('buy', '1', '1');
  exchange.engine.setFundingRate('BTC', '0.0001');
  await clock.advanceTo(noonMs + hourMs);
  const [payment, ...others] = (await venue.fetchFunding?.('alice', noonMs)) ?? [];
  expect(others).toEqual([]);
  // A long of 1 at 60,000 pays a ten-thousandth.
  expect(payment).toMatchObject({ instrumentId: btc.id, amount: '-6', rate: '0.0001', atMs: noonMs + hourMs });
  // Nobody asked for the account: what the payment made of it is told.
  await vi.waitFor(
    () => expect(heard.findLast(({ kind }) => kind === 'account')).toMatchObject({ account: { funding: '-6' } }),
    soon,
  );
  const account = await venue.fetchAccount('alice');
  expect(account).toMatchObject({ funding: '-6', deposits: '100000' });
  await portfolio.reconcile();
  await vi.waitFor(() => expect(events).toMatchObject([{ type: 'funding.paid', payload: payment }]), soon);
  expect(portfolio.account('alice', 'hyperliquid')?.value.funding).toBe('-6');
  await trade('sell', '1', undefined);
  await vi.waitFor(
    () => expect(events[1]).toMatchObject({ type: 'position.closed', payload: { funding: '-6' } }),
    soon,
  );
  // Whoever read it first, it was told once.
  expect(heard.filter(({ kind }) => kind === 'funding')).toEqual([{ kind: 'funding', payment }]);
});

it('behavior: what was settled while the socket was cut is told once it is back, once', async () => {
  const { clock, exchange, events, heard, trade, venue } = await followed();
  await trade('buy', '0.5', '0.5');
  exchange.engine.setFundingRate('BTC', '-0.0002');
  exchange.dropSockets();
  await clock.advanceTo(noonMs + hourMs);
  await vi.waitFor(async () => {
    await clock.advanceBy(1_000);
    expect(events).toMatchObject([{ type: 'funding.paid', payload: { amount: '6' } }]);
  }, soon);
  const count = (kind: VenueUpdate['kind']) => heard.filter((update) => update.kind === kind).length;
  const isBack = async (): Promise<void> => {
    for (const isUp of [false, true])
      await vi.waitFor(async () => {
        await clock.advanceBy(isUp ? 1_000 : 0);
        expect(venue.watching('alice')).toBe(isUp);
      }, soon);
  };
  await clock.advanceBy(120_000);
  const positions = count('position');
  exchange.dropSockets();
  await isBack();
  expect([count('funding'), count('position')]).toEqual([1, positions]);
  // A connection that knows nothing yet takes what was before it as known.
  await venue.forget('alice');
  await isBack();
  expect(count('funding')).toBe(1);
  expect(events).toHaveLength(1);
});
