// The buses: ms per event for a replay's candle.closed to twelve groups, each awaited and idle after each as the player does;
// ns per market event against a loop over functions by key. Run: node --conditions=@perpdesk/source bench/buses.bench.ts
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, OutboxEventBus, openDatabase } from '../packages/core/src/database/index.ts';
import {
  instrumentIdSchema,
  LocalMarketBus,
  MemoryEventBus,
  SimulatedClock,
  type Ticker,
} from '../packages/core/src/index.ts';
import { testIds } from '../packages/core/src/testing/index.ts';

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

function market(listeners: number): void {
  const tickers = instruments.map(
    (instrumentId): Ticker => ({ instrumentId, last: 1, mark: 1, bid: 1, ask: 1, exchangeAtMs: 0, receivedAtMs: 0 }),
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
  const plain = new Map<string, ((ticker: Ticker, key: string) => void)[]>(instruments.map((key) => [key, []]));
  for (const [index, key] of instruments.entries())
    for (let i = 0; i < listeners; i += 1) {
      const handler = handlers[(index + i) % 3] ?? (() => {});
      plain.get(key)?.push(handler);
      bus.subscribe({ type: 'ticker.updated', key }, handler);
    }
  const count = 5_000_000 / listeners;
  const best = { plain: Number.POSITIVE_INFINITY, bus: Number.POSITIVE_INFINITY };
  const time = (publish: (key: string, ticker: Ticker) => void): number => {
    const startedAt = performance.now();
    for (let i = 0; i < count; i += 1) {
      const ticker = tickers[i % 50];
      if (ticker !== undefined) publish(ticker.instrumentId, ticker);
    }
    return ((performance.now() - startedAt) / count) * 1e6;
  };
  for (let round = 0; round < 7; round += 1) {
    best.plain = Math.min(
      best.plain,
      time((key, ticker) => plain.get(key)?.forEach((handler) => void handler(ticker, key))),
    );
    best.bus = Math.min(
      best.bus,
      time((key, ticker) => void bus.publish('ticker.updated', key, ticker)),
    );
  }
  console.log(
    `LocalMarketBus, 50 keys, ${listeners} listeners each`.padEnd(44),
    `${best.bus.toFixed(0)} ns, plain loop ${best.plain.toFixed(0)} ns (sum ${sum % 2})`,
  );
}

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
for (const listeners of [1, 10]) market(listeners);
