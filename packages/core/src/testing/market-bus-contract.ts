import assert from 'node:assert/strict';
import type { SimulatedClock } from '../clock/simulated-clock.ts';
import type { InstrumentId } from '../domain/instrument.ts';
import { instrumentIdSchema } from '../domain/instrument.ts';
import type { Ticker, Trade } from '../domain/market-data.ts';
import type { MarketBus } from '../ports/market-bus.ts';
import type { ContractCase } from './contract-case.ts';

/** A bus to test. */
export interface MarketBusHarness {
  readonly bus: MarketBus;
  readonly clock: SimulatedClock;
  /** The keys whose overflow was told, in order. */
  readonly overflows: readonly string[];
  close(): Promise<void>;
}

/** Makes a bus without a subscription. */
export type MakeMarketBus = () => Promise<MarketBusHarness>;

const btc = instrumentIdSchema.parse('BTC-PERP@hyperliquid');
const eth = instrumentIdSchema.parse('ETH-PERP@hyperliquid');
const ticker = (instrumentId: InstrumentId, last: number): Ticker => ({
  instrumentId,
  last,
  mark: last,
  bid: last,
  ask: last,
  exchangeAtMs: 0,
  receivedAtMs: 0,
});
const trade = (id: number, instrumentId = btc): Trade => ({
  instrumentId,
  id: String(id),
  side: 'buy',
  price: 1,
  size: 1,
  exchangeAtMs: 0,
  receivedAtMs: 0,
});

/** A handler that is busy until it is let go on, once per call. */
function gated<Payload>(note: (payload: Payload) => void): {
  readonly handler: (payload: Payload) => Promise<void>;
  readonly letGo: () => Promise<void>;
} {
  const waiting: (() => void)[] = [];
  return {
    handler: (payload) => {
      note(payload);
      return new Promise((resolve) => waiting.push(resolve));
    },
    letGo: async () => {
      waiting.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

function scenario(name: string, run: (harness: MarketBusHarness) => Promise<void>): ContractCase<MakeMarketBus> {
  return {
    name,
    run: async (make) => {
      const harness = await make();
      try {
        await run(harness);
      } finally {
        await harness.close();
      }
    },
  };
}

/** What every MarketBus inside a process keeps to. */
export const marketBusContract: readonly ContractCase<MakeMarketBus>[] = [
  scenario('default: a free listener has the event before publish returns, of its key or of all', async ({ bus }) => {
    const log: string[] = [];
    bus.subscribe({ type: 'ticker.updated' }, ({ last }, key) => void log.push(`all ${key} ${last}`));
    bus.subscribe({ type: 'ticker.updated', key: btc }, ({ last }) => void log.push(`btc ${last}`));
    bus.subscribe({ type: 'trade.received' }, ({ id }) => void log.push(`trade ${id}`));
    assert.equal(bus.publish('ticker.updated', btc, ticker(btc, 1)), undefined);
    void bus.publish('ticker.updated', eth, ticker(eth, 2));
    assert.equal(bus.publish('trade.received', btc, trade(7)), undefined);
    assert.deepEqual(log, [`all ${btc} 1`, 'btc 1', `all ${eth} 2`, 'trade 7']);
  }),

  scenario('default: latest gives the newest event of a state and key, and nothing of a stream', async ({ bus }) => {
    assert.equal(bus.latest('ticker.updated', btc), undefined);
    for (const last of [1, 2]) void bus.publish('ticker.updated', btc, ticker(btc, last));
    void bus.publish('trade.received', btc, trade(1));
    assert.equal(bus.latest('ticker.updated', btc)?.last, 2);
    assert.equal(bus.latest('ticker.updated', eth), undefined);
    assert.equal(bus.latest('trade.received', btc), undefined);
  }),

  scenario('behavior: a busy listener of a state gets the newest per key, each key once', async ({ bus, clock }) => {
    const seen: string[] = [];
    const { handler, letGo } = gated<Ticker>(({ instrumentId, last }) =>
      seen.push(`${instrumentId.slice(0, 3)} ${last}`),
    );
    bus.subscribe({ type: 'ticker.updated' }, handler);
    for (let last = 1; last <= 5; last += 1) {
      void bus.publish('ticker.updated', btc, ticker(btc, last));
      void bus.publish('ticker.updated', eth, ticker(eth, last));
    }
    assert.deepEqual(seen, ['BTC 1']);
    for (let i = 0; i < 4; i += 1) await letGo();
    assert.deepEqual(seen, ['BTC 1', 'ETH 5', 'BTC 5']);
    assert.deepEqual(bus.stats(), { published: 10, delivered: 3, conflated: 7, overflowed: 0, failed: 0 });
    await clock.idle();
  }),

  scenario(
    'behavior: a stream reaches a busy listener whole and in order, and a publisher that waits never overflows it',
    async ({ bus, overflows }) => {
      const seen: string[] = [];
      const { handler, letGo } = gated<Trade>(({ id }) => seen.push(id));
      bus.subscribe({ type: 'trade.received', maxPending: 4 }, handler);
      const wanted = Array.from({ length: 30 }, (_, index) => index);
      let published = false;
      const publishing = (async () => {
        for (const id of wanted) await bus.publish('trade.received', btc, trade(id));
        published = true;
      })();
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(published, false);
      while (seen.length < wanted.length) await letGo();
      await publishing;
      await letGo();
      assert.deepEqual(seen, wanted.map(String));
      assert.deepEqual([bus.stats().overflowed, overflows], [0, []]);
    },
  ),

  scenario(
    'behavior: beyond its bound a stream gives up events, counted and told once per run',
    async ({ bus, overflows }) => {
      const seen: string[] = [];
      const { handler, letGo } = gated<Trade>(({ id }) => seen.push(id));
      bus.subscribe({ type: 'trade.received', maxPending: 2 }, handler);
      for (let id = 0; id < 6; id += 1) void bus.publish('trade.received', btc, trade(id));
      assert.deepEqual([bus.stats().overflowed, overflows], [3, [btc]]);
      for (let i = 0; i < 3; i += 1) await letGo();
      for (let id = 6; id < 11; id += 1) void bus.publish('trade.received', eth, trade(id, eth));
      assert.deepEqual([bus.stats().overflowed, overflows], [5, [btc, eth]]);
      for (let i = 0; i < 4; i += 1) await letGo();
      assert.deepEqual(seen, ['0', '1', '2', '6', '7', '8']);
    },
  ),

  scenario(
    'behavior: a listener that throws or rejects disturbs neither the publisher nor the others',
    async ({ bus, clock }) => {
      const seen: number[] = [];
      bus.subscribe({ type: 'ticker.updated' }, () => {
        throw new Error('no');
      });
      bus.subscribe({ type: 'ticker.updated' }, async () => {
        throw new Error('never');
      });
      bus.subscribe({ type: 'ticker.updated' }, ({ last }) => void seen.push(last));
      void bus.publish('ticker.updated', btc, ticker(btc, 1));
      await clock.idle();
      void bus.publish('ticker.updated', btc, ticker(btc, 2));
      await clock.idle();
      assert.deepEqual(seen, [1, 2]);
      assert.equal(bus.stats().failed, 4);
    },
  ),

  scenario('behavior: what a listener publishes of the same key comes after, for every listener', async ({ bus }) => {
    const log: string[] = [];
    bus.subscribe({ type: 'ticker.updated' }, ({ last }) => {
      log.push(`a ${last}`);
      if (last < 3) void bus.publish('ticker.updated', btc, ticker(btc, last + 1));
    });
    bus.subscribe({ type: 'ticker.updated' }, ({ last }) => void log.push(`b ${last}`));
    void bus.publish('ticker.updated', btc, ticker(btc, 1));
    assert.deepEqual(log, ['a 1', 'b 1', 'a 2', 'b 2', 'a 3', 'b 3']);
    assert.equal(bus.latest('ticker.updated', btc)?.last, 3);
    assert.equal(bus.stats().published, 3);
  }),

  scenario('behavior: the clock stands still while a listener is busy', async ({ bus, clock }) => {
    const { handler, letGo } = gated<Ticker>(() => {});
    bus.subscribe({ type: 'ticker.updated' }, handler);
    for (const last of [1, 2]) void bus.publish('ticker.updated', btc, ticker(btc, last));
    let idle = false;
    const waiting = clock.idle().then(() => (idle = true));
    await letGo();
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(idle, false);
    await letGo();
    await waiting;
  }),

  scenario(
    'behavior: one that leaves gets nothing more, and lets publishers on that wait for it',
    async ({ bus, clock }) => {
      const seen: string[] = [];
      const { handler, letGo } = gated<Trade>(({ id }) => seen.push(id));
      const leave = bus.subscribe({ type: 'trade.received', maxPending: 2 }, handler);
      void bus.publish('trade.received', btc, trade(1));
      const full = bus.publish('trade.received', btc, trade(2));
      assert.ok(full instanceof Promise);
      leave();
      leave();
      await full;
      await letGo();
      void bus.publish('trade.received', btc, trade(3));
      await clock.idle();
      assert.deepEqual(seen, ['1']);
      assert.deepEqual(bus.stats(), { published: 3, delivered: 1, conflated: 0, overflowed: 0, failed: 0 });
    },
  ),
];
