import assert from 'node:assert/strict';
import { candleSchema } from '../domain/candle.ts';
import { type InstrumentId, instrumentSchema, venueOf } from '../domain/instrument.ts';
import { tradeSchema } from '../domain/market-data.ts';
import { timeframeMs } from '../domain/timeframe.ts';
import type { FeedUpdate, MarketFeed } from '../ports/market-feed.ts';
import type { ContractCase } from './contract-case.ts';

/** A feed on a venue that the suite can speak for. */
export interface MarketFeedHarness {
  /** Started. */
  readonly feed: MarketFeed;
  /** Two instruments of the venue. */
  readonly instrumentIds: readonly [InstrumentId, InstrumentId];
  /** Resolves when the venue has taken `times` subscriptions to an instrument's trades. */
  subscribed(instrumentId: InstrumentId, times: number): Promise<void>;
  /**
   * The venue has a trade of this id, 1 and up, and tells it on its sockets. Each id is of a later instant; what it has can be
   * fetched from it afterwards.
   */
  trade(instrumentId: InstrumentId, id: number, options?: { readonly silently?: boolean }): void;
  /** Ends every socket. */
  cut(): void;
  /** An instant from which on the venue has bars of every minute. */
  readonly barsFromMs: number;
  close(): Promise<void>;
}

/** Makes a started feed on a venue with nothing said yet. */
export type MakeMarketFeed = () => Promise<MarketFeedHarness>;

/** What a listener was told, and a promise of what it will be. */
class Listener {
  readonly updates: FeedUpdate[] = [];
  readonly #waiting = new Set<() => void>();

  readonly hear = (update: FeedUpdate): void => {
    this.updates.push(update);
    for (const wake of this.#waiting) wake();
  };

  get tradeIds(): string[] {
    return this.updates.flatMap((update) => (update.kind === 'trade' ? [update.trade.id] : []));
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds())
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiting.delete(wake);
          resolve();
        };
        this.#waiting.add(wake);
      });
  }
}

function scenario(name: string, run: (harness: MarketFeedHarness) => Promise<void>): ContractCase<MakeMarketFeed> {
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

/** What every MarketFeed keeps to. */
export const marketFeedContract: readonly ContractCase<MakeMarketFeed>[] = [
  scenario(
    'default: lists instruments of its own venue, each as the domain has it',
    async ({ feed, instrumentIds }) => {
      const listed = await feed.fetchInstruments();
      for (const instrument of listed) {
        assert.deepEqual(instrumentSchema.parse(instrument), instrument);
        assert.equal(instrument.venue, feed.venue);
        assert.equal(venueOf(instrument.id), feed.venue);
      }
      const ids = listed.map(({ id }) => id);
      assert.equal(new Set(ids).size, ids.length);
      for (const id of instrumentIds) assert.ok(ids.includes(id), `${id} is listed`);
    },
  ),

  scenario('default: tells trades of what is watched, in order, each once', async (harness) => {
    const { feed, instrumentIds } = harness;
    const [watched, other] = instrumentIds;
    const listener = new Listener();
    feed.watch({ instrumentIds: [watched], channels: ['trades'] }, listener.hear);
    await harness.subscribed(watched, 1);
    for (const id of [1, 2, 2, 1, 3]) harness.trade(watched, id);
    harness.trade(other, 1);
    harness.trade(watched, 4);
    await listener.until(() => listener.tradeIds.includes('4'));
    assert.deepEqual(listener.tradeIds, ['1', '2', '3', '4']);
    for (const update of listener.updates) {
      if (update.kind !== 'trade') continue;
      assert.deepEqual(tradeSchema.parse(update.trade), update.trade);
      assert.equal(update.trade.instrumentId, watched);
    }
    const stream = feed.streams().find(({ instrumentId }) => instrumentId === watched);
    assert.equal(stream?.channel, 'trades');
    assert.equal(stream?.status, 'live');
    assert.equal(stream?.updates, 4);
    assert.equal(stream?.reconnects, 0);
  }),

  scenario('behavior: after a cut it comes back by itself and tells what it missed before the gap', async (harness) => {
    const { feed, instrumentIds } = harness;
    const [watched] = instrumentIds;
    const listener = new Listener();
    feed.watch({ instrumentIds: [watched], channels: ['trades'] }, listener.hear);
    await harness.subscribed(watched, 1);
    harness.trade(watched, 1);
    await listener.until(() => listener.tradeIds.length === 1);
    harness.cut();
    harness.trade(watched, 2, { silently: true });
    await harness.subscribed(watched, 2);
    harness.trade(watched, 3);
    await listener.until(() => listener.tradeIds.includes('3') && listener.updates.some(({ kind }) => kind === 'gap'));
    const gaps = listener.updates.flatMap((update) => (update.kind === 'gap' ? [update.gap] : []));
    assert.equal(gaps.length, 1);
    const [gap] = gaps;
    assert.equal(gap?.channel, 'trades');
    assert.ok((gap?.fromMs ?? 0) <= (gap?.toMs ?? -1));
    // Filled means told before; open means that it says so.
    const before = listener.updates.slice(
      0,
      listener.updates.findIndex(({ kind }) => kind === 'gap'),
    );
    const missedTold = before.some((update) => update.kind === 'trade' && update.trade.id === '2');
    assert.equal(missedTold, gap?.filled);
    assert.deepEqual(new Set(listener.tradeIds).size, listener.tradeIds.length);
    assert.ok((feed.streams()[0]?.reconnects ?? 0) >= 1);
  }),

  scenario('behavior: two who watch the same hear the same, and one that throws disturbs nobody', async (harness) => {
    const { feed, instrumentIds } = harness;
    const [watched] = instrumentIds;
    const listener = new Listener();
    feed.watch({ instrumentIds: [watched], channels: ['trades'] }, () => {
      throw new Error('no');
    });
    const leave = feed.watch({ instrumentIds: [watched], channels: ['trades'] }, listener.hear);
    await harness.subscribed(watched, 1);
    harness.trade(watched, 1);
    await listener.until(() => listener.tradeIds.length === 1);
    assert.equal(feed.streams().length, 1);
    leave();
    leave();
    const again = new Listener();
    feed.watch({ instrumentIds: [watched], channels: ['trades'] }, again.hear);
    harness.trade(watched, 2);
    await again.until(() => again.tradeIds.length === 1);
    assert.deepEqual([listener.tradeIds, again.tradeIds], [['1'], ['2']]);
  }),

  scenario('behavior: gives closed bars of a range, oldest first', async ({ feed, instrumentIds, barsFromMs }) => {
    const [instrumentId] = instrumentIds;
    const minuteMs = timeframeMs('1m');
    const fromMs = Math.ceil(barsFromMs / minuteMs) * minuteMs;
    const bars = await feed.fetchCandles({ instrumentId, timeframe: '1m', fromMs, toMs: fromMs + 5 * minuteMs });
    assert.deepEqual(
      bars.map(({ openAtMs }) => (openAtMs - fromMs) / minuteMs),
      [0, 1, 2, 3, 4],
    );
    for (const bar of bars) assert.deepEqual(candleSchema.parse(bar), bar);
  }),

  scenario('error: an instrument the venue does not list is refused', async ({ feed }) => {
    const nowhere: InstrumentId = `NOWHERE-PERP@${feed.venue}`;
    assert.throws(() => feed.watch({ instrumentIds: [nowhere], channels: ['trades'] }, () => {}), /NOWHERE-PERP/);
  }),

  scenario('behavior: once stopped it tells nothing more', async (harness) => {
    const { feed, instrumentIds } = harness;
    const [watched] = instrumentIds;
    const listener = new Listener();
    feed.watch({ instrumentIds: [watched], channels: ['trades'] }, listener.hear);
    await harness.subscribed(watched, 1);
    harness.trade(watched, 1);
    await listener.until(() => listener.tradeIds.length === 1);
    await feed.stop();
    const told = listener.updates.length;
    harness.trade(watched, 2);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(listener.updates.length, told);
    assert.deepEqual(feed.health(), { status: 'stopped' });
    assert.deepEqual(feed.streams(), []);
  }),
];
