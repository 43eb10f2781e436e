import { SeededRandom, SimulatedClock, SortableIdGenerator, toPrice, toSize, toUsd } from '@perpdesk/core';
import { HmacApprovalAuthority } from '@perpdesk/core/security';
import { describe, expect, it } from 'vitest';
import type { ClientIdMode } from '../simulator/engine/exchange-engine.ts';
import { hyperliquidAssets } from '../simulator/engine/simulated-assets.ts';
import type { FaultKind } from '../simulator/faults/fault-rule.ts';
import { startSimulator } from '../simulator/start-simulator.ts';
import { testWallet } from '../simulator/testing/test-wallet.ts';
import { CcxtVenue } from './ccxt-venue.ts';
import { codeOf, exampleInstrument, MemoryVault, noonMs } from './testing/live-desk.ts';

const btc = exampleInstrument('hyperliquid');
const { address, privateKey } = testWallet(31);

async function setUp(clientIds: ClientIdMode) {
  const clock = new SimulatedClock({ startAtMs: noonMs });
  const exchange = await startSimulator({
    ...{
      clock,
      clientIds,
      assets: hyperliquidAssets.slice(0, 1),
      rateLimits: 'off',
      accounts: { [address]: toUsd(100_000) },
    },
  });
  exchange.engine.setMark('BTC', toPrice(60_000));
  exchange.engine.setBook('BTC', [[toPrice(59_999), toSize(100)]], [[toPrice(60_001), toSize(100)]]);
  const vault = new MemoryVault();
  await vault.put({ userId: 'alice', venue: 'hyperliquid' }, { walletAddress: address, privateKey });
  const authority = new HmacApprovalAuthority({
    clock,
    ids: new SortableIdGenerator({ clock, random: new SeededRandom('lost') }),
  });
  const venue = new CcxtVenue({
    ...{ venue: 'hyperliquid', clock, verifier: authority.verifier(), vault, instruments: () => [btc] },
    endpoints: { http: exchange.url, ws: exchange.wsUrl.replace('/ws', '') },
  });
  await venue.start();
  const intent = (changes: object = {}) => ({
    ...{
      clientOrderId: 'f'.repeat(32),
      userId: 'alice',
      venue: 'hyperliquid',
      instrumentId: btc.id,
      side: 'buy',
      type: 'limit',
    },
    ...{
      size: toSize('0.01'),
      price: toPrice(50_000),
      timeInForce: 'gtc',
      reduceOnly: false,
      purpose: 'entry',
      origin: 'manual',
    },
    ...changes,
  });
  const approve = (changes?: object) => authority.mint(intent(changes) as never, 'decision-1');
  /** Runs an act while time goes on, as far as its answer needs. */
  const inTime = async <Answer>(act: Promise<Answer>): Promise<Answer> => {
    let over = false;
    void act.finally(() => {
      over = true;
    });
    for (let turn = 0; turn < 400 && !over; turn += 1) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      if (turn > 40) await clock.advanceBy(1_000);
    }
    return act;
  };
  const resting = () => exchange.engine.openOrders(address);
  return {
    ...{ exchange, venue, approve, inTime, resting },
    async close() {
      await venue.stop();
      await exchange.stop();
    },
  };
}

const faults: readonly (readonly [FaultKind, done: boolean])[] = [
  ['drop-before-accept', false],
  ['drop-after-accept', true],
  ['server-error-before-accept', false],
  ['server-error-after-accept', true],
  ['late', true],
  ['garbage-body', true],
  ['reset-mid-body', true],
  ['rate-limited', false],
];
const modes: readonly ClientIdMode[] = ['unique-forever', 'unique-among-open', 'not-enforced', 'same-after-modify'];

describe('answers that are lost, on real sockets', () => {
  for (const mode of modes)
    it.each(faults)(
      `behavior: ids ${mode}: %s: a placed order is unknown, sent once, and found by its id`,
      async (kind, done) => {
        const { exchange, venue, approve, inTime, resting, close } = await setUp(mode);
        try {
          exchange.faults.add({ kind, verbs: ['order'], times: 1, ...(kind === 'late' ? { delayMs: 30_000 } : {}) });
          const outcome = await inTime(venue.place(approve()));
          expect(outcome.outcome).toBe('unknown');
          expect(resting()).toHaveLength(done ? 1 : 0);
          const found = await inTime(venue.fetchOrder('alice', 'f'.repeat(32)));
          expect(found?.status).toBe(done ? 'open' : undefined);
          expect(venue.departures()).toHaveLength(1);
        } finally {
          await close();
        }
      },
    );

  it.each(faults)(
    'behavior: %s: a change or a cancellation of an order is unknown, and the venue tells',
    async (kind, done) => {
      const { exchange, venue, approve, inTime, resting, close } = await setUp('unique-among-open');
      try {
        await venue.place(approve());
        exchange.faults.add({
          kind,
          verbs: ['batchModify'],
          times: 1,
          ...(kind === 'late' ? { delayMs: 30_000 } : {}),
        });
        expect((await inTime(venue.amend(approve({ price: toPrice(51_000) })))).outcome).toBe('unknown');
        expect((await inTime(venue.fetchOrder('alice', 'f'.repeat(32))))?.price).toBe(done ? '51000' : '50000');
        expect(resting()).toHaveLength(1);
        exchange.faults.add({
          kind,
          verbs: ['cancelByCloid', 'cancel'],
          times: 1,
          ...(kind === 'late' ? { delayMs: 30_000 } : {}),
        });
        expect((await inTime(venue.cancel('alice', 'f'.repeat(32)))).outcome).toBe('unknown');
        expect(resting()).toHaveLength(done ? 0 : 1);
        const again = await inTime(venue.cancel('alice', 'f'.repeat(32)));
        expect(codeOf(again)).toBe(done ? 'order.final' : 'accepted');
      } finally {
        await close();
      }
    },
  );

  it('behavior: an order that comes to the venue after its authorisation has ended does not land', async () => {
    const { exchange, venue, approve, inTime, resting, close } = await setUp('not-enforced');
    try {
      exchange.faults.add({ kind: 'latency', verbs: ['order'], times: 1, delayMs: 11_000 });
      expect((await inTime(venue.place(approve()))).outcome).toBe('unknown');
      await inTime(new Promise((resolve) => setTimeout(resolve, 200)));
      expect(exchange.faults.struck).toHaveLength(1);
      expect(resting()).toEqual([]);
    } finally {
      await close();
    }
  });
});
