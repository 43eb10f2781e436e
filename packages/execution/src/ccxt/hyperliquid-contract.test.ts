import { SeededRandom, SimulatedClock, SortableIdGenerator, toPrice, toSize, toUsd } from '@perpdesk/core';
import { HmacApprovalAuthority } from '@perpdesk/core/security';
import { type ExecutionVenueHarness, executionVenueContract } from '@perpdesk/core/testing';
import { describe, it } from 'vitest';
import { hyperliquidAssets } from '../simulator/engine/simulated-assets.ts';
import { startSimulator } from '../simulator/start-simulator.ts';
import { testWallet } from '../simulator/testing/test-wallet.ts';
import { CcxtVenue } from './ccxt-venue.ts';
import { MemoryVault, noonMs, simulatedSol } from './testing/live-desk.ts';

const instrument = simulatedSol;

/** The adapter over real sockets in front of the simulated exchange, on one simulated clock. */
async function harness(): Promise<ExecutionVenueHarness> {
  const clock = new SimulatedClock({ startAtMs: noonMs });
  const wallets = { alice: testWallet(11), bob: testWallet(12) };
  const exchange = await startSimulator({
    ...{ clock, assets: hyperliquidAssets.filter(({ coin }) => coin === 'SOL'), rateLimits: 'off' },
    accounts: { [wallets.alice.address]: toUsd(1_000), [wallets.bob.address]: toUsd(1_000) },
  });
  const vault = new MemoryVault();
  for (const [userId, { address, privateKey }] of Object.entries(wallets))
    await vault.put({ userId, venue: 'hyperliquid' }, { walletAddress: address, privateKey });
  const authority = new HmacApprovalAuthority({
    clock,
    ids: new SortableIdGenerator({ clock, random: new SeededRandom('contract') }),
  });
  const open = async (): Promise<CcxtVenue> => {
    const venue = new CcxtVenue({
      ...{ venue: 'hyperliquid', clock, verifier: authority.verifier(), vault, instruments: () => [instrument] },
      endpoints: { http: exchange.url, ws: exchange.wsUrl.replace('/ws', '') },
    });
    await venue.start();
    return venue;
  };
  const quote: ExecutionVenueHarness['quote'] = async ({ bid, ask, depth = 10_000 }) => {
    exchange.engine.setMark('SOL', toPrice((bid + ask) / 2));
    exchange.engine.setBook('SOL', [[toPrice(bid), toSize(depth)]], [[toPrice(ask), toSize(depth)]]);
    exchange.engine.advance(clock.nowMs());
  };
  await quote({ bid: 100, ask: 100.1 });
  let venue = await open();
  return {
    ...{ venue, clock, authority, instrument, users: ['alice', 'bob'], quote },
    async settleFunding(rate) {
      exchange.engine.setFundingRate('SOL', rate);
      await clock.advanceBy(3_600_000);
    },
    // Sockets are not the clock's: what was sent is given a moment to arrive.
    async settled() {
      await new Promise((resolve) => setTimeout(resolve, 150));
      await clock.idle();
    },
    async restart() {
      await venue.stop();
      venue = await open();
      return venue;
    },
    async close() {
      await venue.stop();
      await exchange.stop();
    },
  };
}

describe('CcxtVenue on the simulated Hyperliquid', () => {
  for (const { name, run } of executionVenueContract) it(name, () => run(harness));
});
