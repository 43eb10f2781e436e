import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Candle, type FeedChannel, type FeedUpdate, type MarketStep, SimulatedClock } from '@perpdesk/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MarketPlayer } from '../player/market-player.ts';
import { exampleCandles, exampleTicker } from '../player/testing/example-market.ts';
import { serviceHarness } from '../player/testing/service-harness.ts';
import { FeedRecorder } from './feed-recorder.ts';
import { RecordedSource, type RecordedSourceOptions } from './recorded-source.ts';
import { ScriptedFeed } from './testing/scripted-feed.ts';

const btc = 'BTC-PERP@scripted';
const startAtMs = Date.UTC(2026, 0, 5);
const minuteMs = 60_000;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'perpdesk-recorded-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Records updates, each at its own instant. */
async function record(
  updates: readonly (readonly [atMs: number, update: FeedUpdate])[],
  channels: readonly FeedChannel[] = [...new ScriptedFeed().channels],
): Promise<void> {
  const clock = new SimulatedClock({ startAtMs });
  const feed = new ScriptedFeed();
  await using recorder = new FeedRecorder({
    ...{ feed, clock, directory, segmentBytes: 2_000, blockBytes: 500 },
    subscription: { instrumentIds: [btc], channels },
  });
  await recorder.start();
  for (const [atMs, update] of updates) {
    await clock.advanceTo(Math.max(clock.nowMs(), atMs));
    feed.tell(update);
  }
}

async function stepsOf(options: Partial<RecordedSourceOptions> = {}): Promise<MarketStep[]> {
  const steps: MarketStep[] = [];
  for await (const step of new RecordedSource({ directory, ...options }).steps()) steps.push(step);
  return steps;
}

const bar = (candle: Candle, closed: boolean): FeedUpdate => ({
  ...{ kind: 'candle', candle, closed, receivedAtMs: candle.openAtMs },
});
const book = (sequence: number, bid: number): FeedUpdate => ({
  kind: 'book',
  book: {
    instrumentId: btc,
    bids: [[bid, 1]],
    asks: [[101, 2]],
    sequence,
    exchangeAtMs: sequence,
    receivedAtMs: sequence,
  },
});
const delta = (sequence: number, bid: number, size: number): FeedUpdate => ({
  kind: 'book-delta',
  delta: { instrumentId: btc, bids: [[bid, size]], asks: [], sequence, exchangeAtMs: sequence, receivedAtMs: sequence },
});
const bookGap = (toMs: number, filled: boolean): FeedUpdate => ({
  kind: 'gap',
  gap: { instrumentId: btc, channel: 'book', reason: 'sequence', fromMs: 0, toMs, filled },
});

describe('RecordedSource', () => {
  it('default: a player plays a recording into the desk, its minutes closed once and rolled up', async () => {
    const candles = exampleCandles(btc, '1m', startAtMs, 10);
    await record(
      candles.flatMap((candle): [number, FeedUpdate][] => [
        [candle.openAtMs + 30_000, bar({ ...candle, close: candle.open }, false)],
        [
          candle.openAtMs + minuteMs + 200,
          { kind: 'ticker', ticker: exampleTicker(btc, candle.openAtMs, candle.close) },
        ],
        [candle.openAtMs + minuteMs + 200, bar(candle, true)],
        [candle.openAtMs + minuteMs + 200, bar({ ...candle, timeframe: '5m' }, true)],
      ]),
    );
    const { service, clock, durable, state } = serviceHarness({ startAtMs: 0, instruments: [] });
    const source = new RecordedSource({ directory });
    const player = new MarketPlayer({ source, service, clock, speed: 'max', wallClock: new SimulatedClock() });
    expect(await player.run()).toMatchObject({
      ...{ outcome: 'ended', steps: 10, fromMs: startAtMs + minuteMs + 200, atMs: startAtMs + 10 * minuteMs + 200 },
    });
    expect(service.counts()).toMatchObject({ candles: 10, gaps: 0, invalid: 0, duplicates: 0 });
    expect(durable().filter((id) => id.includes('candle.closed') && id.includes(':5m'))).toHaveLength(2);
    expect(state.ticker(btc)?.value).toEqual(exampleTicker(btc, startAtMs + 9 * minuteMs, candles[9]?.close));
    expect(source.report()).toMatchObject({ updates: 40, lost: 0, cutOff: [], damageCount: 0 });
    expect(source.report().segments).toBeGreaterThan(1);
  });

  it('behavior: what came at one instant is one step, in its order, and nothing is told before it came', async () => {
    const trade = (id: string): FeedUpdate => ({
      kind: 'trade',
      trade: {
        instrumentId: btc,
        id,
        side: 'sell',
        price: 1,
        size: 2,
        exchangeAtMs: startAtMs,
        receivedAtMs: startAtMs,
      },
    });
    const liquidation: FeedUpdate = {
      kind: 'liquidation',
      liquidation: { instrumentId: btc, side: 'sell', price: 1, size: 2, exchangeAtMs: 1, receivedAtMs: 2 },
    };
    const gap = { instrumentId: btc, channel: 'book', reason: 'sequence', fromMs: 0, toMs: 5, filled: false } as const;
    await record([
      [startAtMs + 5, trade('a')],
      [startAtMs + 5, liquidation],
      [startAtMs + 5, { kind: 'gap', gap }],
      [startAtMs + 9, trade('b')],
    ]);
    expect(await stepsOf()).toStrictEqual([
      { atMs: startAtMs + 5, observations: [trade('a'), liquidation], gaps: [gap] },
      { atMs: startAtMs + 9, observations: [trade('b')] },
    ]);
  });

  it('behavior: without recorded candles the minutes are built from trades, without those in which some were missed', async () => {
    const trade = (atMs: number, price: number): [number, FeedUpdate] => {
      const moments = { exchangeAtMs: startAtMs + atMs, receivedAtMs: startAtMs + atMs + 50 };
      const trade = { instrumentId: btc, id: String(atMs), side: 'buy', price, size: 0.5, ...moments } as const;
      return [moments.receivedAtMs, { kind: 'trade', trade }];
    };
    const gap = (fromMs: number, toMs: number, filled: boolean): FeedUpdate => ({
      kind: 'gap',
      gap: {
        ...{ instrumentId: btc, channel: 'trades', reason: 'silent', filled },
        ...{ fromMs: startAtMs + fromMs, toMs: startAtMs + toMs },
      },
    });
    const at = (minute: number, ms: number): number => minute * minuteMs + ms;
    await record(
      [
        // Where the recording begins is no whole minute.
        ...[trade(at(0, 30_000), 100), trade(at(1, 0), 101), trade(at(1, 59_000), 99)],
        [startAtMs + at(2, 4_000), gap(at(2, 1_000), at(2, 3_000), true)],
        ...[trade(at(2, 10_000), 102), trade(at(3, 10_000), 103)],
        [startAtMs + at(3, 40_000), gap(at(3, 20_000), at(3, 30_000), false)],
        ...[trade(at(4, 0), 104), trade(at(4, 30_000), 105), trade(at(5, 3_000), 106)],
      ],
      ['trades'],
    );
    const closed = (await stepsOf()).flatMap(({ atMs, observations }) =>
      observations.flatMap((one) => (one.kind === 'candle' ? [[atMs, one.candle] as const] : [])),
    );
    expect(
      closed.map(([atMs, { openAtMs, open, high, low, close, volume }]) => [
        ...[atMs - startAtMs, (openAtMs - startAtMs) / minuteMs, open, high, low, close, volume],
      ]),
    ).toEqual([
      [at(2, 10_050), 1, 101, 101, 99, 99, 1],
      [at(3, 10_050), 2, 102, 102, 102, 102, 0.5],
      [at(5, 3_050), 4, 104, 105, 104, 105, 1],
    ]);
  });

  it('behavior: a book is told whole, not too often, and not between a gap and the next whole one', async () => {
    await record([
      [startAtMs, book(1, 99)],
      [startAtMs + 400, delta(2, 98, 5)],
      [startAtMs + 1_000, delta(3, 99, 0)],
      [startAtMs + 2_500, bookGap(startAtMs, false)],
      [startAtMs + 2_500, delta(4, 97, 1)],
      [startAtMs + 3_500, book(startAtMs + 3_000, 95)],
      // A gap may be told just after the book that ends it.
      [startAtMs + 3_500, bookGap(startAtMs + 3_000, false)],
      [startAtMs + 4_500, delta(startAtMs + 3_001, 94, 1)],
    ]);
    const told = (await stepsOf()).map(({ atMs, observations }) => [
      atMs - startAtMs,
      observations.map((one) => one.kind === 'book' && one.book.bids),
    ]);
    expect(told).toEqual([
      [0, [[[99, 1]]]],
      [1_000, [[[98, 5]]]],
      [3_500, [[[95, 1]]]],
      [
        4_500,
        [
          [
            [95, 1],
            [94, 1],
          ],
        ],
      ],
    ]);
    const all = await stepsOf({ bookEveryMs: 1, bookLevels: 1 });
    expect(all.map(({ atMs }) => atMs - startAtMs)).toEqual([0, 400, 1_000, 3_500, 4_500]);
    expect(all.at(-1)?.observations).toMatchObject([{ kind: 'book', book: { bids: [[95, 1]] } }]);
  });
});
