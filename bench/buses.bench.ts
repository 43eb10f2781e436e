// The buses: ms per event for a replay's candle.closed to twelve groups, each awaited and idle after each as the player does;
// ns per market event against bare eventemitter3 and a loop over functions by key, in one run. Run: node --conditions=@perpdesk/source bench/buses.bench.ts
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, OutboxEventBus, openDatabase } from '../packages/core/src/database/index.ts';
import {
  instrumentIdSchema,
  LocalMarketBus,
  MemoryEventBus,
  median,
  SimulatedClock,
  type Ticker,
} from '../packages/core/src/index.ts';
import { testIds } from '../packages/core/src/testing/index.ts';
import { importPeer } from './peers/import-peer.ts';

const instruments = Array.from({ length: 50 }, (_, index) => instrumentIdSchema.parse(`S${index}-PERP@hyperliquid`));

async function events(
  title: string,
  database: Database | undefined,
  type: 'candle.closed' | 'service.failed',
): Promise<void> {
  const clock = new SimulatedClock();
  const options = { clock, ids: testIds('bench') };
  const bus = database === undefined ? new MemoryEventBus(options) : new OutboxEventBus({ ...options, database });
  if (bus instanceof OutboxEventBus) await bus.start();
  let handled = 0;
  for (let group = 0; group < 12; group += 1) {
    const isAsync = group % 2 === 0;
    bus.subscribe({ group: `group-${group}`, types: [type] }, () => {
      handled += 1;
      return isAsync ? Promise.resolve() : undefined;
    });
  }
  const count = 10_000;
  const startedAt = performance.now();
  for (let index = 0; index < count; index += 1) {
    if (index % 5 === 0) await clock.advanceTo(index * 12_000);
    const instrumentId = instruments[index % 5];
    if (instrumentId === undefined) continue;
    if (type === 'candle.closed') {
      const payload = {
        instrumentId,
        timeframe: '1m',
        openAtMs: index,
        open: 1.5,
        high: 2.5,
        low: 1.25,
        close: 2,
        volume: 1000.125,
      } as const;
      await bus.publish({ type, key: `${instrumentId}:1m`, payload });
    } else await bus.publish({ type, key: instrumentId, payload: { service: instrumentId, message: 'gone' } });
    await clock.idle();
  }
  await bus.close();
  await database?.close();
  console.log(
    `${title.padEnd(44)} ${((performance.now() - startedAt) / count).toFixed(3)} ms/event, ${handled / count} handlings each`,
  );
}

/** The part of eventemitter3 that is called here. */
interface Emitter {
  on(event: string, listener: (ticker: Ticker, key: string) => void): void;
  emit(event: string, ticker: Ticker): boolean;
}

const emitterPeer = await importPeer<{ readonly EventEmitter: new () => Emitter }>('eventemitter3');

/** Publishes `count` payloads in turn over all keys. Each contender has a loop of its own, so that each call site sees one callee. */
type Run = (count: number) => void;

function contenders(listeners: number): { readonly runs: Record<string, Run>; readonly sum: () => number } {
  const tickers = instruments.map(
    (instrumentId, i): Ticker => ({
      instrumentId,
      last: i + 1,
      mark: 1,
      bid: 1,
      ask: 1,
      exchangeAtMs: 0,
      receivedAtMs: 0,
    }),
  );
  let sum = 0;
  const handlers = [
    (t: Ticker): void => {
      sum += t.last;
    },
    (t: Ticker): void => {
      sum -= t.mark;
    },
    (t: Ticker): void => {
      sum += 2 * t.bid;
    },
  ];
  const bus = new LocalMarketBus({ clock: new SimulatedClock() });
  const emitter = emitterPeer && new emitterPeer.EventEmitter();
  const functions = new Map<string, ((ticker: Ticker, key: string) => void)[]>(instruments.map((key) => [key, []]));
  for (const [index, key] of instruments.entries())
    for (let i = 0; i < listeners; i += 1) {
      const handler = handlers[(index + i) % 3] ?? (() => {});
      functions.get(key)?.push(handler);
      bus.subscribe({ type: 'ticker.updated', key }, handler);
      emitter?.on(key, handler);
    }
  const topics = instruments.map((key) => bus.topic('ticker.updated', key));
  const runs: Record<string, Run> = {
    loop: (count) => {
      for (let i = 0; i < count; i += 1) {
        const ticker = tickers[i % 50] as Ticker;
        const of = functions.get(ticker.instrumentId) ?? [];
        for (let j = 0; j < of.length; j += 1) of[j]?.(ticker, ticker.instrumentId);
      }
    },
    publish: (count) => {
      for (let i = 0; i < count; i += 1) {
        const ticker = tickers[i % 50] as Ticker;
        void bus.publish('ticker.updated', ticker.instrumentId, ticker);
      }
    },
    topic: (count) => {
      for (let i = 0; i < count; i += 1) void topics[i % 50]?.publish(tickers[i % 50] as Ticker);
    },
  };
  if (emitter !== undefined)
    runs.eventemitter3 = (count) => {
      for (let i = 0; i < count; i += 1) {
        const ticker = tickers[i % 50] as Ticker;
        emitter.emit(ticker.instrumentId, ticker);
      }
    };
  return { runs, sum: () => sum };
}

/** Medians of many short runs, one contender after another in an order that turns. */
function market(listeners: number): void {
  const { runs, sum } = contenders(listeners);
  const names = Object.keys(runs);
  const times = new Map(names.map((name) => [name, [] as number[]]));
  const count = Math.ceil(200_000 / listeners);
  for (let round = 0; round < 105; round += 1) {
    for (let turn = 0; turn < names.length; turn += 1) {
      const name = names[(turn + round) % names.length] ?? '';
      const startedAt = performance.now();
      runs[name]?.(count);
      if (round >= 5) times.get(name)?.push(((performance.now() - startedAt) / count) * 1e6);
    }
  }
  const ns = (name: string): number => median(times.get(name) ?? []) ?? Number.NaN;
  const peer = ns('eventemitter3');
  console.log(
    `LocalMarketBus, 50 keys, ${listeners} listeners each`.padEnd(44),
    names.map((name) => `${name} ${ns(name).toFixed(1)} ns`).join(', '),
    `| against eventemitter3: publish ${(ns('publish') / peer).toFixed(2)}, topic ${(ns('topic') / peer).toFixed(2)} (sum ${sum() % 2})`,
  );
}

for (const listeners of [1, 10, 100]) market(listeners);
const folder = mkdtempSync(join(tmpdir(), 'perpdesk-bench-'));
await events('MemoryEventBus', undefined, 'candle.closed');
await events('OutboxEventBus, SQLite in memory', await openDatabase({ url: 'sqlite::memory:' }), 'candle.closed');
await events(
  'OutboxEventBus, SQLite file, candle.closed',
  await openDatabase({ url: `sqlite:${join(folder, 'a.db')}` }),
  'candle.closed',
);
await events(
  'OutboxEventBus, SQLite file, synced',
  await openDatabase({ url: `sqlite:${join(folder, 'b.db')}` }),
  'service.failed',
);
rmSync(folder, { recursive: true });
