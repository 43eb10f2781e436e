import { MemoryEventBus, SimulatedClock, StaticUserDirectory, toPrice, toSize, toUsd } from '@perpdesk/core';
import { openDatabase } from '@perpdesk/core/database';
import { HmacApprovalAuthority } from '@perpdesk/core/security';
import { StaticMarketView, testIds } from '@perpdesk/core/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { CcxtVenue } from '../ccxt/ccxt-venue.ts';
import { MemoryVault, noonMs, simulatedSol } from '../ccxt/testing/live-desk.ts';
import { PositionCloser } from '../controls/position-closer.ts';
import { OrderDesk } from '../orders/order-desk.ts';
import { Portfolio } from '../portfolio/portfolio.ts';
import { hyperliquidAssets } from '../simulator/engine/simulated-assets.ts';
import { startSimulator } from '../simulator/start-simulator.ts';
import { testWallet } from '../simulator/testing/test-wallet.ts';
import { TestGate } from '../testing/test-gate.ts';
import { exampleUser } from '../testing/trading-desk.ts';
import { VenueDirectory } from '../venue/venue-directory.ts';
import { PositionGuard } from './position-guard.ts';

const instrument = simulatedSol;
const place = { userId: 'alice', venue: 'hyperliquid', instrumentId: instrument.id } as const;
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A guarded long of 2 SOL at 100.1 with its stop at 95, at the simulated Hyperliquid over real sockets. */
async function guardedAtHyperliquid() {
  const clock = new SimulatedClock({ startAtMs: noonMs });
  const wallet = testWallet(11);
  const exchange = await startSimulator({
    ...{ clock, assets: hyperliquidAssets.filter(({ coin }) => coin === 'SOL'), rateLimits: 'off' },
    accounts: { [wallet.address]: toUsd(1_000) },
  });
  closers.push(() => exchange.stop());
  const quote = (bid: number, ask: number, depth = 10_000): void => {
    exchange.engine.setMark('SOL', toPrice((bid + ask) / 2));
    exchange.engine.setBook('SOL', [[toPrice(bid), toSize(depth)]], [[toPrice(ask), toSize(depth)]]);
    exchange.engine.advance(clock.nowMs());
  };
  quote(100, 100.1);
  const vault = new MemoryVault();
  await vault.put(
    { userId: 'alice', venue: 'hyperliquid' },
    { walletAddress: wallet.address, privateKey: wallet.privateKey },
  );
  const ids = testIds('fired', clock);
  const authority = new HmacApprovalAuthority({ clock, ids });
  const venue = new CcxtVenue({
    ...{ venue: 'hyperliquid', clock, verifier: authority.verifier(), vault, instruments: () => [instrument] },
    endpoints: { http: exchange.url, ws: exchange.wsUrl.replace('/ws', '') },
  });
  await venue.start();
  closers.push(() => venue.stop());
  const database = await openDatabase({ url: 'sqlite::memory:' });
  closers.push(() => database.close());
  const shared = { clock, database, eventBus: new MemoryEventBus({ clock, ids }), venues: new VenueDirectory([venue]) };
  const users = new StaticUserDirectory({ users: [exampleUser({ venues: ['hyperliquid'] })] });
  const marketView = new StaticMarketView({ clock, instruments: [instrument], tickers: [] });
  const portfolio = new Portfolio({ ...shared, users, marketView });
  const orderDesk = new OrderDesk({ ...shared, riskGate: new TestGate(authority) });
  const guard = new PositionGuard({
    ...shared,
    orderDesk,
    portfolio,
    closer: new PositionCloser({ ...shared, orderDesk }),
  });
  await portfolio.start();
  await guard.start();
  closers.push(async () => {
    await guard.stop();
    await portfolio.stop();
  });
  // Sockets are not the clock's: what was sent is given a moment to arrive.
  const settled = async (): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, 200));
    await clock.idle();
  };
  await settled();
  await guard.plan({
    ...{ ...place, tradeId: 'trade:1', traceId: 'trace:1', leverage: 5, stopLoss: toPrice(95), takeProfits: [] },
  });
  await orderDesk.send({
    ...{ ...place, clientOrderId: 'a'.repeat(32), side: 'buy', type: 'market', size: toSize(2), timeInForce: 'ioc' },
    ...{
      price: toPrice(105),
      reduceOnly: false,
      purpose: 'entry',
      origin: 'agent',
      tradeId: 'trade:1',
      traceId: 'trace:1',
    },
  });
  await settled();
  await clock.advanceBy(1_000);
  await settled();
  const stops = () =>
    exchange.engine.openOrders(wallet.address.toLowerCase()).filter(({ trigger }) => trigger?.kind === 'stop-loss');
  const placed = () => exchange.engine.ledger().filter(({ kind }) => kind === 'place').length;
  const missing = async () => (await shared.eventBus.read({ types: ['protection.missing'], limit: 9 })).length;
  return { clock, exchange, guard, missing, placed, portfolio, quote, settled, stops };
}

describe('a stop that fires at Hyperliquid', () => {
  it('default: takes the position with it: nothing is told missing, nothing more is sent', async () => {
    const desk = await guardedAtHyperliquid();
    expect(desk.stops()).toHaveLength(1);
    const before = [desk.placed(), await desk.missing()];
    await desk.clock.advanceBy(1_000);
    desk.quote(94.5, 94.6);
    await desk.settled();
    await desk.clock.advanceBy(2_000);
    await desk.settled();
    expect(desk.portfolio.position(place)).toBeUndefined();
    expect([desk.placed(), await desk.missing()]).toEqual(before);
  });
});
