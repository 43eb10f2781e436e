import {
  LocalMarketBus,
  MemoryEventBus,
  SortableIdGenerator,
  SystemClock,
  SystemRandom,
  silentLogger,
  toUsd,
} from '@perpdesk/core';
import { type Database, openDatabase } from '@perpdesk/core/database';
import { HmacApprovalAuthority, SqlCredentialVault } from '@perpdesk/core/security';
import { CcxtFeed, IndicatorPipeline, LiveSource, MarketDataService, MarketState } from '@perpdesk/data';
import type { HyperliquidSimulator } from '@perpdesk/execution/simulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testWallet } from '../../../../packages/execution/src/simulator/testing/test-wallet.ts';
import { agent, owner, startTradingPlace } from '../testing/trading-place.ts';
import { DeskVenue } from './desk-venue.ts';
import { VenueLink } from './venue-link.ts';

const key = { userId: 'ada', venue: 'hyperliquid' };
const keys = { walletAddress: owner.address, privateKey: agent.privateKey };
const other = testWallet(31);
const clock = new SystemClock();
const soon = { timeout: 10_000, interval: 20 };
let exchange: HyperliquidSimulator;
let database: Database;
let vault: SqlCredentialVault;
let state: MarketState;
let link: VenueLink;

beforeEach(async () => {
  exchange = await startTradingPlace('mainnet');
  exchange.deposit(other.address, toUsd(5_000));
  exchange.approveAgent(other.address, testWallet(32).address);
  database = await openDatabase({ url: 'sqlite::memory:' });
  vault = new SqlCredentialVault({ database, clock, unlock: { passphrase: 'only for this test' } });
  await vault.start();
  const ids = new SortableIdGenerator({ clock, random: new SystemRandom() });
  const eventBus = new MemoryEventBus({ clock, ids });
  state = new MarketState({ clock });
  const marketBus = new LocalMarketBus({ clock });
  const endpoints = { http: exchange.url, ws: exchange.wsUrl.replace('/ws', '') };
  const verifier = new HmacApprovalAuthority({ clock, ids }).verifier();
  link = new VenueLink({
    makeVenue: (instruments) => new DeskVenue({ venue: 'hyperliquid', clock, vault, verifier, instruments, endpoints }),
    ...{ userId: 'ada', vault, clock, lookEveryMs: 50, startWithinMs: 500, logger: silentLogger },
    marketData: new MarketDataService({ clock, marketBus, eventBus, state, pipeline: new IndicatorPipeline() }),
    feed: {
      open: () => new CcxtFeed({ venue: 'hyperliquid', clock, endpoints, rateLimit: false }),
      sourceOf: (feed) => new LiveSource({ feeds: [feed], clock, historyWithinMs: 1_000 }),
    },
  });
});
afterEach(async () => {
  await link.stop();
  await vault.stop();
  await database.close();
  await exchange.stop();
});

describe('VenueLink', { timeout: 30_000 }, () => {
  it('default: a venue that is away is unhealthy and the start goes on; when it answers it comes in with its prices', async () => {
    await vault.put(key, keys);
    await exchange.stop();
    await link.start();
    expect(link.health().status).toBe('failed');
    expect(link.venue.unhealthy()).toBe('The markets of hyperliquid are not loaded.');
    await exchange.start();
    await expect.poll(() => link.health(), soon).toEqual({ status: 'healthy' });
    expect(link.venue.unhealthy()).toBeUndefined();
    expect(link.venue.instruments().map(({ id }) => id)).toEqual(['BTC-PERP@hyperliquid']);
    await expect.poll(() => state.ticker('BTC-PERP@hyperliquid')?.quality, soon).toBe('fresh');
  });

  it('behavior: keys that are saved anew are used; while they are not in order no new risk is taken', async () => {
    await vault.put(key, keys);
    await link.start();
    await expect.poll(() => link.venue.unhealthy(), soon).toBeUndefined();
    await vault.put(key, { ...keys, privateKey: owner.privateKey });
    await expect.poll(() => link.venue.unhealthy(), soon).toContain('The key may withdraw');
    expect(link.health()).toMatchObject({ status: 'failed', detail: expect.stringContaining('may withdraw') });
    await vault.put(key, keys);
    await expect.poll(() => link.venue.unhealthy(), soon).toBeUndefined();
    const equity = async () => (await link.venue.fetchAccount('ada')).equity;
    expect(await equity()).toBe('10000');
    // Of another account: what is open is closed, and the next act is theirs.
    await vault.put(key, { walletAddress: other.address, privateKey: testWallet(32).privateKey });
    await expect.poll(equity, soon).toBe('5000');
    await vault.remove(key);
    await expect.poll(() => link.venue.unhealthy(), soon).toContain('There are no keys for hyperliquid');
  });
});
