import {
  Decimal,
  type OrderIntent,
  SeededRandom,
  SimulatedClock,
  SortableIdGenerator,
  toPrice,
  toSize,
  toUsd,
} from '@perpdesk/core';
import type { HttpTransport } from '@perpdesk/core/ccxt';
import { HmacApprovalAuthority } from '@perpdesk/core/security';
import { afterEach, describe, expect, it } from 'vitest';
import { hyperliquidAssets } from '../simulator/engine/simulated-assets.ts';
import { startSimulator } from '../simulator/start-simulator.ts';
import { testWallet } from '../simulator/testing/test-wallet.ts';
import { CcxtVenue } from './ccxt-venue.ts';
import { exampleInstrument, MemoryVault, noonMs } from './testing/live-desk.ts';

// Hyperliquid replaces an order by a new one of what is left, under the same client id: the newest order alone looks as if
// nothing of it had filled.

const btc = exampleInstrument('hyperliquid');
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function trading() {
  const clock = new SimulatedClock({ startAtMs: noonMs });
  const { address, privateKey } = testWallet(22);
  const exchange = await startSimulator({
    ...{ clock, assets: hyperliquidAssets.slice(0, 1), rateLimits: 'off', accounts: { [address]: toUsd(100_000) } },
  });
  ends.push(() => exchange.stop());
  const vault = new MemoryVault();
  await vault.put({ userId: 'alice', venue: 'hyperliquid' }, { walletAddress: address, privateKey });
  const ids = new SortableIdGenerator({ clock, random: new SeededRandom('amend') });
  const authority = new HmacApprovalAuthority({ clock, ids });
  const late = { fills: false };
  const transport: HttpTransport = async ({ url, method, headers, body }, signal) => {
    const answer = await fetch(url, { method, headers, body, signal });
    const text = await answer.text();
    return { status: answer.status, text: late.fills && body.includes('userFillsByTime') ? '[]' : text };
  };
  const open = async (): Promise<CcxtVenue> => {
    const venue = new CcxtVenue({
      ...{ venue: 'hyperliquid', clock, verifier: authority.verifier(), vault, instruments: () => [btc] },
      endpoints: { http: exchange.url, ws: exchange.wsUrl.replace('/ws', '') },
      transport,
    });
    await venue.start();
    ends.push(() => venue.stop());
    return venue;
  };
  /** The book around the order: who sells to it sells at its price. */
  const quote = (bid: number, ask: number): void => {
    exchange.engine.setMark('BTC', toPrice(60_000));
    exchange.engine.setBook('BTC', [[toPrice(bid), toSize(100)]], [[toPrice(ask), toSize(100)]]);
  };
  quote(59_000, 60_500);
  const intent = (price: number): OrderIntent => ({
    ...{ clientOrderId: 'c'.repeat(32), userId: 'alice', venue: 'hyperliquid', instrumentId: btc.id, side: 'buy' },
    ...{ type: 'limit', size: toSize('0.03'), price: toPrice(price), timeInForce: 'gtc', reduceOnly: false },
    ...{ purpose: 'entry', origin: 'manual' },
  });
  const approve = (price: number) => authority.mint(intent(price), 'decision');
  const sell = (size: string, price: number) =>
    exchange.engine.marketTrade('BTC', 'sell', toPrice(price), toSize(size));
  const exposure = () => {
    const account = address.toLowerCase();
    const held = new Decimal(exchange.engine.account(account).positions[0]?.size ?? 0);
    return exchange.engine
      .openOrders(account)
      .reduce((sum, order) => sum.plus(order.remainingSize), held)
      .toFixed();
  };
  return { venue: await open(), open, approve, sell, exposure, clock, late };
}

describe('an entry that is amended after a part of it has filled', () => {
  it('default: comes to its size and no more, however often it is amended', async () => {
    const { venue, approve, sell, exposure } = await trading();
    await venue.place(approve(59_500));
    sell('0.01', 59_500);
    expect((await venue.amend(approve(59_600))).outcome).toBe('accepted');
    expect(exposure()).toBe('0.03');
    sell('0.015', 59_600);
    for (const price of [59_700, 59_800]) {
      expect(await venue.amend(approve(price))).toMatchObject({ outcome: 'accepted', order: { size: '0.03' } });
      expect(exposure()).toBe('0.03');
    }
    expect(await venue.fetchOrder('alice', 'c'.repeat(32))).toMatchObject({
      ...{ size: '0.03', filledSize: '0.025', status: 'partially-filled' },
    });
    expect(await venue.fetchOpenOrders('alice')).toMatchObject([{ size: '0.03', filledSize: '0.025' }]);
  });

  it('behavior: also when the venue showed its fills only after it was amended', async () => {
    const { venue, approve, sell, exposure, late } = await trading();
    await venue.place(approve(59_500));
    sell('0.01', 59_500);
    late.fills = true;
    await venue.amend(approve(59_600));
    await venue.fetchOrder('alice', 'c'.repeat(32));
    late.fills = false;
    expect((await venue.amend(approve(59_700))).outcome).toBe('accepted');
    expect(exposure()).toBe('0.03');
  });

  it('behavior: also when another process amends it', async () => {
    const { clock, venue, open, approve, sell, exposure } = await trading();
    await venue.place(approve(59_500));
    sell('0.01', 59_500);
    await venue.amend(approve(59_600));
    sell('0.005', 59_600);
    const next = await open();
    // Of what was before this says nothing.
    expect(await next.fetchFills('alice', clock.nowMs() + 60_000)).toEqual([]);
    expect(await next.fetchOpenOrders('alice')).toMatchObject([{ size: '0.03', filledSize: '0.015' }]);
    await next.amend(approve(59_700));
    expect(exposure()).toBe('0.03');
  });
});
