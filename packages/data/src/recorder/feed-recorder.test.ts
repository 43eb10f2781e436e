import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import {
  type FeedChannel,
  type FeedUpdate,
  type InstrumentId,
  SimulatedClock,
  StoreError,
  ValidationError,
} from '@perpdesk/core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FeedRecorder, type FeedRecorderOptions } from './feed-recorder.ts';
import { readRecording } from './read-recording.ts';
import { RecordedFeed } from './recorded-feed.ts';
import { RecordingReporter } from './recording-report.ts';
import type { OpenSegmentFile } from './segment-file.ts';
import { openLine, type RecordedUpdate, segmentFile } from './segment-format.ts';
import { anyUpdate } from './testing/any-update.ts';
import { ScriptedFeed } from './testing/scripted-feed.ts';

const startAtMs = Date.UTC(2026, 0, 5);
const btc: InstrumentId = 'BTC-PERP@scripted';
const eth: InstrumentId = 'ETH-PERP@scripted';
const allChannels: readonly FeedChannel[] = [...new ScriptedFeed().channels];

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'perpdesk-recording-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const trade = (id: string, instrumentId = btc): FeedUpdate => ({
  kind: 'trade',
  trade: {
    ...{ instrumentId, id, side: 'buy', price: 100.1, size: 0.1 + 0.2 },
    ...{ exchangeAtMs: startAtMs, receivedAtMs: startAtMs + 1 },
  },
});
const book = (sequence: number): FeedUpdate => ({
  kind: 'book',
  book: { instrumentId: btc, bids: [[99, 1]], asks: [[101, 2]], sequence, exchangeAtMs: 1, receivedAtMs: 2 },
});
const bookOf = (update: FeedUpdate): object => (update.kind === 'book' ? update.book : {});
const delta = (sequence: number): FeedUpdate => ({
  kind: 'book-delta',
  delta: { instrumentId: btc, bids: [[98, sequence]], asks: [], sequence, exchangeAtMs: 1, receivedAtMs: 2 },
});

function recording(options: Partial<FeedRecorderOptions> = {}) {
  const clock = new SimulatedClock({ startAtMs });
  const feed = new ScriptedFeed();
  const recorder = new FeedRecorder({
    feed,
    clock,
    directory,
    subscription: { instrumentIds: [btc, eth], channels: allChannels },
    ...options,
  });
  return { clock, feed, recorder };
}

async function recordAll(updates: readonly FeedUpdate[], options: Partial<FeedRecorderOptions> = {}): Promise<void> {
  const { clock, feed, recorder } = recording(options);
  await recorder.start();
  for (const update of updates) {
    feed.tell(update);
    await clock.advanceBy(100);
  }
  await recorder.stop();
}

async function readAll(reporter = new RecordingReporter()): Promise<RecordedUpdate[]> {
  const updates: RecordedUpdate[] = [];
  for await (const batch of readRecording(directory, { reporter })) updates.push(...batch);
  return updates;
}

async function replayAll(speed: number | 'max' = 'max'): Promise<FeedUpdate[]> {
  const updates: FeedUpdate[] = [];
  const feed = new RecordedFeed({ directory, clock: new SimulatedClock(), speed });
  feed.watch({ instrumentIds: [btc, eth], channels: allChannels }, (update) => updates.push(update));
  await feed.start();
  await feed.ended();
  return updates;
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof StoreError || error instanceof ValidationError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'none';
}

describe('FeedRecorder and RecordedFeed', () => {
  it('default: replays what was recorded, instruments and channels too', async () => {
    const told = [book(1), delta(2), trade('a'), trade('b', eth), delta(3)];
    await recordAll(told);
    expect(await replayAll()).toStrictEqual(told);
    const feed = new RecordedFeed({ directory, clock: new SimulatedClock(), speed: 'max' });
    expect(await feed.fetchInstruments()).toStrictEqual(await new ScriptedFeed().fetchInstruments());
    expect([feed.venue, feed.channels]).toEqual(['scripted', new Set(allChannels)]);
  });

  it('behavior: replay of a recording is the identity, whatever is said and however it is cut into segments', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyUpdate, { maxLength: 40 }),
        fc.integer({ min: 1, max: 4000 }),
        fc.integer({ min: 1, max: 2000 }),
        async (told, segmentBytes, blockBytes) => {
          rmSync(directory, { recursive: true, force: true });
          await recordAll(told, { segmentBytes, blockBytes, flushEveryMs: 250 });
          expect(await replayAll()).toStrictEqual(told);
        },
      ),
      { seed: 3, numRuns: 25 },
    );
  });

  it('behavior: a recording cut at any byte gives what was written before, exactly, and says so', async () => {
    const told = fc.sample(anyUpdate, { seed: 11, numRuns: 12 });
    await recordAll(told, { blockBytes: 400, flushEveryMs: 100_000 });
    const path = join(directory, segmentFile(1));
    const whole = readFileSync(path);
    let longest = 0;
    for (let length = 0; length < whole.length; length += 7) {
      writeFileSync(path, whole.subarray(0, length));
      const reporter = new RecordingReporter();
      const read = (await readAll(reporter)).map((recorded) => recorded.update);
      expect(read).toStrictEqual(told.slice(0, read.length));
      expect(read.length).toBeGreaterThanOrEqual(longest);
      longest = read.length;
      expect(reporter.build()).toMatchObject({ cutOff: [segmentFile(1)], damageCount: 0, updates: read.length });
    }
    expect(longest).toBe(told.length);
  });

  it('behavior: a byte that was changed anywhere costs only what is near it, and is reported', async () => {
    const told = fc.sample(anyUpdate, { seed: 12, numRuns: 30 });
    await recordAll(told, { blockBytes: 700, flushEveryMs: 100_000 });
    const path = join(directory, segmentFile(1));
    const whole = readFileSync(path);
    const texts = told.map((update) => JSON.stringify(update));
    for (let at = 0; at < whole.length; at += 61) {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ 0x10;
      writeFileSync(path, bytes);
      const reporter = new RecordingReporter();
      const read = (await readAll(reporter)).map(({ update }) => update);
      const { damageCount, cutOff } = reporter.build();
      // The last bits of a block's last byte of content mean nothing.
      if (read.length < told.length) expect(damageCount + cutOff.length).toBeGreaterThan(0);
      else if (damageCount + cutOff.length === 0) expect(read).toStrictEqual(told);
      const own = read.filter((update) => update.kind !== 'gap' || update.gap.reason !== 'invalid');
      // What is read was told, in that order.
      let next = 0;
      for (const update of own) {
        const found = texts.indexOf(JSON.stringify(update), next);
        expect(found).toBeGreaterThanOrEqual(next);
        next = found + 1;
      }
      const lost = told.length - own.length;
      if (lost > 0 && own.length > 0 && JSON.stringify(own.at(-1)) === texts.at(-1)) {
        expect(read.filter((update) => update.kind === 'gap' && update.gap.reason === 'invalid')).toHaveLength(14);
      }
    }
  });

  it('behavior: segments are gzip files of lines that check, closed by size and by span, and the index lists them', async () => {
    await recordAll(
      Array.from({ length: 60 }, (_, i) => trade(String(i))),
      { segmentMs: 1500, flushEveryMs: 500 },
    );
    const files = readdirSync(directory).sort();
    expect(files).toEqual(['index.jsonl', ...[1, 2, 3, 4].map(segmentFile)]);
    const index = readFileSync(join(directory, 'index.jsonl'), 'utf8').trim().split(/\n+/);
    const entries = index.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(entries.map(({ file, continues, updates }) => [file, continues, updates])).toEqual([
      [segmentFile(1), false, 15],
      [segmentFile(2), true, 15],
      [segmentFile(3), true, 15],
      [segmentFile(4), true, 15],
    ]);
    const lines = gunzipSync(readFileSync(join(directory, segmentFile(2))))
      .toString()
      .trim()
      .split('\n');
    expect(lines).toHaveLength(17);
    expect(JSON.parse(openLine(lines[0] ?? '') ?? '')).toMatchObject({
      ...{ format: 'perpdesk.recording', version: 1, segment: 2, venue: 'scripted', openedAtMs: startAtMs + 1500 },
      channels: allChannels,
    });
    expect(JSON.parse(openLine(lines[16] ?? '') ?? '')).toMatchObject({
      ...{ sealed: true, updates: 15, firstAtMs: startAtMs + 1500, lastAtMs: startAtMs + 2900 },
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it('behavior: a second run goes on in the folder, with a gap of every stream between, and a lost segment is a gap', async () => {
    const options = { subscription: { instrumentIds: [btc], channels: ['trades'] as const } };
    await recordAll([trade('a'), trade('b')], options);
    await recordAll([trade('c')], options);
    const gap = (reason: string, fromMs: number) => ({
      kind: 'gap',
      gap: { instrumentId: btc, channel: 'trades', reason, fromMs, toMs: startAtMs, filled: false },
    });
    // The clock of the second run begins anew.
    expect(await replayAll()).toStrictEqual([trade('a'), trade('b'), gap('disconnected', startAtMs), trade('c')]);
    await recordAll([trade('d')], options);
    rmSync(join(directory, segmentFile(2)));
    expect(await replayAll()).toStrictEqual([trade('a'), trade('b'), gap('invalid', startAtMs), trade('d')]);
  });

  it('behavior: what was flushed is there after a kill -9, and the folder is gone on with', async () => {
    const child = fileURLToPath(new URL('./testing/record-child.ts', import.meta.url));
    const running = spawn(process.execPath, ['--conditions=@perpdesk/source', child, directory]);
    let said = '';
    for await (const chunk of running.stdout) {
      said += String(chunk);
      if (said.split('\n').length > 12) running.kill('SIGKILL');
    }
    const flushed = Number(said.trim().split('\n').at(-1));
    const reporter = new RecordingReporter();
    const read = await readAll(reporter);
    const ids = read.map(({ update }) => (update.kind === 'trade' ? Number(update.trade.id) : -1));
    expect(ids.length).toBeGreaterThanOrEqual(flushed);
    expect(ids).toEqual(ids.map((_, i) => i));
    const { cutOff, segments, damageCount } = reporter.build();
    expect(segments).toBeGreaterThan(2);
    expect([cutOff, damageCount]).toEqual([[segmentFile(segments)], 0]);
    await recordAll([trade('after')], { subscription: { instrumentIds: [btc], channels: ['trades'] } });
    const after = (await readAll()).slice(ids.length).map(({ update }) => update);
    expect(after).toMatchObject([{ kind: 'gap', gap: { channel: 'trades', reason: 'disconnected' } }, trade('after')]);
  });

  it('behavior: plays at a speed of the clock, from its first listener on', async () => {
    await recordAll([trade('a'), trade('b'), trade('c')]);
    const clock = new SimulatedClock();
    const feed = new RecordedFeed({ directory, clock, speed: 2 });
    await feed.start();
    await clock.advanceTo(1000);
    const heard: [string, number][] = [];
    feed.watch({ instrumentIds: [btc], channels: ['trades'] }, (update) => {
      if (update.kind === 'trade') heard.push([update.trade.id, clock.nowMs()]);
    });
    await clock.advanceTo(1060);
    expect(heard).toEqual([
      ['a', 1000],
      ['b', 1050],
    ]);
    expect(feed.streams()).toMatchObject([{ channel: 'trades', updates: 2, lastUpdateAtMs: startAtMs + 100 }]);
    await clock.advanceTo(2000);
    expect(await feed.ended()).toMatchObject({ updates: 3, segments: 1, lost: 0, cutOff: [], damageCount: 0 });
    expect(heard[2]).toEqual(['c', 1100]);
  });

  it('behavior: who watches later is told the book as it stands, once', async () => {
    await recordAll([book(1), delta(2), delta(3)]);
    const clock = new SimulatedClock();
    const feed = new RecordedFeed({ directory, clock });
    feed.watch({ instrumentIds: [btc], channels: ['trades'] }, () => {});
    await feed.start();
    await clock.advanceTo(150);
    const heard: FeedUpdate[] = [];
    feed.watch({ instrumentIds: [btc], channels: ['book'] }, (update) => heard.push(update));
    await clock.advanceTo(1000);
    const bids = [
      [99, 1],
      [98, 2],
    ];
    expect(heard).toEqual([{ kind: 'book', book: { ...bookOf(book(1)), bids, sequence: 2 } }, delta(3)]);
  });

  it('behavior: reads candles and funding no further than it has played', async () => {
    const candle = (minute: number, closed: boolean, close: number): FeedUpdate => ({
      kind: 'candle',
      closed,
      receivedAtMs: startAtMs,
      candle: {
        ...{ instrumentId: btc, timeframe: '1m', openAtMs: startAtMs + minute * 60_000 },
        ...{ open: 1, high: 2, low: 1, close, volume: 3 },
      },
    });
    await recordAll([candle(0, false, 1.5), candle(0, true, 2), candle(1, true, 1.1), candle(2, true, 1.2)]);
    const clock = new SimulatedClock();
    const feed = new RecordedFeed({ directory, clock });
    feed.watch({ instrumentIds: [btc], channels: ['candles'] }, () => {});
    await feed.start();
    await clock.advanceTo(200);
    const range = { instrumentId: btc, timeframe: '1m', fromMs: 0, toMs: startAtMs + 3_600_000 } as const;
    expect((await feed.fetchCandles(range)).map((bar) => bar.close)).toEqual([2, 1.1]);
    await clock.advanceTo(1000);
    expect((await feed.fetchCandles(range)).map((bar) => bar.close)).toEqual([2, 1.1, 1.2]);
  });
});

/** A disk that is full until it is not: `/dev/full` refuses each write as a full one does. */
function fullDisk(): { openFile: OpenSegmentFile; full: boolean } {
  const disk = {
    full: false,
    openFile: async (path: string) => {
      const handle = await open(path, 'wx');
      return {
        async write(bytes: Uint8Array, position: number) {
          if (disk.full) {
            await handle.write(bytes.subarray(0, bytes.length >> 1), 0, bytes.length >> 1, position);
            await using refusing = await open('/dev/full', 'r+');
            await refusing.write(bytes);
          }
          await handle.write(bytes, 0, bytes.length, position);
        },
        async finish(length: number) {
          await handle.truncate(length);
          await handle.close();
        },
      };
    },
  };
  return disk;
}

describe('FeedRecorder on a failing disk', () => {
  it('behavior: what waited is written when there is room again, and the failure is told once', async () => {
    const disk = fullDisk();
    const failures: StoreError[] = [];
    const { clock, feed, recorder } = recording({
      openFile: disk.openFile,
      onFailure: (error) => failures.push(error),
    });
    await recorder.start();
    feed.tell(trade('a'));
    await clock.advanceBy(1000);
    disk.full = true;
    feed.tell(trade('b'));
    await clock.advanceBy(5000);
    expect(failures.map((error) => `${error.code}: ${error.message.replace(directory, 'DIR')}`)).toEqual([
      'recording.unwritable: The recording in DIR can not be written (ENOSPC); make room or give another folder.',
    ]);
    expect(recorder.health()).toMatchObject({ status: 'degraded' });
    feed.tell(trade('c'));
    disk.full = false;
    await clock.advanceBy(1000);
    expect(recorder.health()).toMatchObject({ status: 'healthy' });
    await recorder.stop();
    expect((await readAll()).map(({ update }) => update)).toStrictEqual([trade('a'), trade('b'), trade('c')]);
  });

  it('behavior: what finds no room is a gap with its span and count, and a book goes on with a new whole one', async () => {
    const disk = fullDisk();
    const { clock, feed, recorder } = recording({ openFile: disk.openFile, maxPendingBytes: 1000, blockBytes: 400 });
    await recorder.start();
    feed.tell(book(1));
    feed.tell(trade('0'));
    await clock.advanceBy(1000);
    disk.full = true;
    for (let i = 1; i <= 40; i += 1) {
      feed.tell(trade(String(i)));
      feed.tell(delta(i + 1));
      await clock.advanceBy(100);
    }
    const { told, recorded, lost, pendingBytes } = recorder.counts();
    expect(told).toBe(82);
    expect(recorded + lost).toBe(82);
    expect(pendingBytes).toBeLessThan(1400);
    const watched = feed.subscriptions.length;
    disk.full = false;
    await clock.advanceBy(2000);
    expect(feed.subscriptions.slice(watched)).toEqual([{ instrumentIds: [btc], channels: ['book'] }]);
    feed.tell(delta(90));
    feed.tell(book(99));
    feed.tell(delta(100));
    feed.tell(trade('last'));
    await recorder.stop();
    const all = await readAll();
    const gaps = all.filter(({ update }) => update.kind === 'gap');
    expect(gaps.map(({ update }) => update.kind === 'gap' && [update.gap.channel, update.gap.reason])).toEqual([
      ['trades', 'overflow'],
      ['book', 'overflow'],
    ]);
    const total = gaps.reduce((sum, gap) => sum + (gap.lost ?? 0), 0);
    expect(total).toBe(recorder.counts().lost);
    expect(all.length - gaps.length + total).toBe(recorder.counts().told);
    // Before its gap a stream is whole, after it too: the book with a new whole one, and no delta between.
    const bookKinds = all.filter(({ update }) => ['book', 'book-delta', 'gap'].includes(update.kind));
    const afterGap = bookKinds.slice(
      bookKinds.findIndex(({ update }) => update.kind === 'gap' && update.gap.channel === 'book'),
    );
    expect(afterGap.slice(1).map(({ update }) => update)).toStrictEqual([book(99), delta(100)]);
    const trades = all.flatMap(({ update }) => (update.kind === 'trade' ? [update.trade.id] : []));
    const kept = trades.length - 1;
    expect(trades).toEqual([...Array.from({ length: kept }, (_, i) => String(i)), 'last']);
    const tradeGap = gaps[0]?.update;
    expect(tradeGap?.kind === 'gap' && tradeGap.gap.fromMs).toBe(
      all.findLast(({ update }) => update.kind === 'trade' && update.trade.id === String(kept - 1))?.atMs,
    );
  });

  it('error: says what was given up when it is stopped on a full disk', async () => {
    const disk = fullDisk();
    const failures: string[] = [];
    const { feed, recorder } = recording({
      openFile: disk.openFile,
      onFailure: (error) => failures.push(error.message),
    });
    await recorder.start();
    disk.full = true;
    feed.tell(trade('a'));
    feed.tell(trade('b'));
    await recorder.stop();
    expect(recorder.health()).toMatchObject({ status: 'failed' });
    expect(recorder.counts()).toMatchObject({ told: 2, recorded: 0, lost: 2 });
    expect(failures).toEqual([expect.stringContaining('2 updates were given up.')]);
  });

  it('error: a folder that can not be written, an instrument that is not listed, a bound that is none', async () => {
    const blocked = join(directory, 'file');
    writeFileSync(blocked, '');
    expect(await codeOf(recording({ directory: blocked }).recorder.start())).toMatch(
      /^recording\.unwritable: .*EEXIST/,
    );
    expect(await codeOf(recording({ directory: join(blocked, 'x') }).recorder.start())).toMatch(/ENOTDIR/);
    const other = recording({ subscription: { instrumentIds: ['SOL-PERP@scripted'], channels: ['trades'] } });
    expect(await codeOf(other.recorder.start())).toBe(
      'recorder.instrument: scripted does not list SOL-PERP@scripted, it can not be recorded.',
    );
    expect(() => recording({ segmentBytes: 0 })).toThrow('segmentBytes must be above 0, got 0.');
  });

  it('error: a recording that is not there, that is empty, of another version, of two venues', async () => {
    const clock = new SimulatedClock();
    const start = (path: string) => codeOf(new RecordedFeed({ directory: path, clock }).start());
    expect(await start(join(directory, 'none'))).toMatch(/^recording\.missing: /);
    expect(await start(directory)).toMatch(/^recording\.empty: /);
    await recordAll([trade('a')]);
    truncateSync(join(directory, segmentFile(1)), 10);
    expect(await start(directory)).toMatch(/^recording\.empty: /);
    expect(() => new RecordedFeed({ directory, clock, speed: 0 })).toThrow(
      'The speed must be "max" or a number above 0',
    );
  });
});
