import { type PredictionQuote, type PredictionUpdate, SeededRandom, SystemClock } from '@perpdesk/core';
import { openDatabase } from '@perpdesk/core/database';
import { testClock, testStartAtMs } from '@perpdesk/core/testing';
import { describe, expect, it } from 'vitest';
import { SqlTimeSeriesStore } from '../store/sql-time-series-store.ts';
import { DiscoveryScan } from './discovery-scan.ts';
import { PolymarketSource } from './polymarket-source.ts';
import { PredictionWatch, type PredictionWatchOptions } from './prediction-watch.ts';
import {
  bookFrame,
  changeFrame,
  exampleIds,
  kalshiContract,
  polymarketContract,
  polymarketRow,
} from './testing/example-payloads.ts';
import { PredictionServer } from './testing/prediction-server.ts';
import { ScriptedSource } from './testing/scripted-source.ts';

const minuteMs = 60_000;
const { id } = polymarketContract;
const whole = { contractId: id, fromMs: 0, toMs: 8e15 };

async function watching(options: Partial<PredictionWatchOptions> = {}) {
  const database = await openDatabase({ url: 'sqlite::memory:' });
  const store = new SqlTimeSeriesStore({ database });
  await store.start();
  const clock = testClock();
  const source = new ScriptedSource('polymarket');
  const { listeners } = source;
  const say = (update: PredictionUpdate, contractId = id): void => source.say(contractId, update);
  const watch = new PredictionWatch({ clock, sources: [source], store, ...options });
  await watch.start();
  const quote = (seconds: number, bid: number, ask = bid + 0.02): PredictionQuote => {
    const moments = { exchangeAtMs: testStartAtMs + seconds * 1_000, receivedAtMs: testStartAtMs + seconds * 1_000 };
    return { contractId: id, bid, ask, depthUsd: 50, ...moments };
  };
  const close = async (): Promise<void> => {
    await store.stop();
    await database.close();
  };
  return { store, clock, say, listeners, watch, quote, [Symbol.asyncDispose]: close };
}

describe('PredictionWatch', () => {
  it('default: the first quote of each minute is in the store; drift is of those and of the newest', async () => {
    await using desk = await watching();
    const { clock, say, store, watch, quote } = desk;
    expect(watch.watch(polymarketContract)).toBe(true);
    say({ kind: 'status', contractId: id, status: 'live' });
    const said = [
      quote(1, 0.4),
      quote(30, 0.42),
      quote(61, 0.44),
      quote(3_590, 0.5),
      quote(3_661, 0.46),
      quote(3_670, 0.48),
    ];
    for (const one of said) say({ kind: 'quote', quote: one });
    await clock.advanceTo(testStartAtMs + 3_670_000);
    expect(watch.drift(id, [3_600_000])).toEqual({
      quality: 'fresh',
      atMs: testStartAtMs + 3_670_000,
      value: {
        mid: expect.closeTo(0.49, 9),
        spread: expect.closeTo(0.02, 9),
        // An hour ago the mid of the second minute stood: 0.45.
        changes: new Map([[3_600_000, expect.closeTo(0.04, 9)]]),
        hourlyVolatility: expect.any(Number),
        logOddsChanges: new Map([[3_600_000, expect.closeTo(Math.log(0.49 / 0.51) - Math.log(0.45 / 0.55), 9)]]),
        hourlyLogOddsVolatility: expect.any(Number),
        spanMs: 3_669_000,
        quotes: 5,
      },
    });
    await watch.stop();
    expect(await store.read('prediction', whole)).toEqual([said[0], said[2], said[3], said[4]]);
    // What was not received by then was not known.
    expect(await store.asOf('prediction', { contractId: id, asOfMs: testStartAtMs + 62_000 })).toEqual(said[2]);
    expect(watch.health()).toEqual({ status: 'stopped' });
  });

  it('default: quotes of a real source reach a real store, of contracts that a scan found', async () => {
    await using desk = await watching();
    const server = new PredictionServer();
    // A scan looks for what closes in days to come.
    const endDate = new Date(Date.now() + 7 * 86_400_000).toISOString();
    server.routes.set('/markets', () => [polymarketRow({ endDate })]);
    server.routes.set('/events', () => []);
    server.greeting = () => [bookFrame()];
    const endpoints = await server.start();
    const clock = new SystemClock();
    const source = new PolymarketSource({
      ...{ clock, random: new SeededRandom('watch'), endpoints, rateLimit: false },
      timing: { tickMs: 10, firstBackoffMs: 5, longestBackoffMs: 20, resyncMs: 20 },
    });
    const watch = new PredictionWatch({ clock, sources: [source], store: desk.store });
    const scan = new DiscoveryScan({ clock, sources: [source], found: (one) => watch.watch(one) });
    await watch.start();
    await scan.start();
    await server.subscriptions(1);
    await expect.poll(() => watch.quotes(id).length).toBe(1);
    // A second one in the same minute moves the quote that is held, not the one that is stored.
    server.say(changeFrame('BUY', '0.50', '10', { bid: '0.50', ask: '0.51' }));
    await expect.poll(() => watch.quotes(id).at(-1)?.bid).toBe(0.5);
    await scan.stop();
    await watch.stop();
    await source.close();
    await server.stop();
    expect(await desk.store.read('prediction', whole)).toMatchObject([
      { contractId: `polymarket:${exampleIds.condition}`, bid: 0.49, ask: 0.51, exchangeAtMs: 1_790_000_000_000 },
    ]);
  });

  it('behavior: drift of a contract whose stream is away is stale, and the health says so', async () => {
    await using desk = await watching();
    const { clock, say, watch, quote } = desk;
    watch.watch(polymarketContract);
    say({ kind: 'status', contractId: id, status: 'live' });
    say({ kind: 'quote', quote: quote(0, 0.4) });
    say({ kind: 'status', contractId: id, status: 'down' });
    await clock.advanceBy(minuteMs);
    expect(watch.drift(id)).toMatchObject({
      quality: 'stale',
      ageMs: minuteMs,
      value: { mid: expect.closeTo(0.41, 9) },
    });
    expect(watch.health()).toEqual({ status: 'degraded', detail: '1 contracts; 1 say nothing' });
  });

  it('behavior: a contract that is resolved is let go of, its rows stay', async () => {
    await using desk = await watching();
    const { say, listeners, store, watch, quote } = desk;
    watch.watch(polymarketContract);
    const first = quote(0, 0.4);
    say({ kind: 'quote', quote: first });
    say({ kind: 'resolved', contract: { ...polymarketContract, resolution: 'yes' } });
    expect([watch.watched(), watch.quotes(id), listeners.size]).toEqual([[], [], 0]);
    await watch.stop();
    expect(await store.read('prediction', whole)).toEqual([first]);
  });

  it('behavior: no more than may be, none that is resolved, none of a venue without a source', async () => {
    await using desk = await watching({ mostWatched: 1 });
    const { watch } = desk;
    expect(watch.watch({ ...polymarketContract, resolution: 'no' })).toBe(false);
    expect(watch.watch(kalshiContract)).toBe(false);
    expect([watch.watch(polymarketContract), watch.watch(polymarketContract)]).toEqual([true, true]);
    expect(watch.watch({ ...polymarketContract, id: 'polymarket:0x2' })).toBe(false);
    expect(watch.watched()).toEqual([id]);
    expect(watch.health()).toEqual({ status: 'healthy', detail: '1 contracts, 1 passed over' });
    await watch.stop();
    expect(watch.watch(polymarketContract)).toBe(false);
  });
});
