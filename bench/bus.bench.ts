// The buses: LocalMarketBus beside bare eventemitter3 (50 keys, the payload read by each listener), and the durable event bus on
// SQLite with 12 groups. Run: pnpm bench bus
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventEmitter } from 'eventemitter3';
import { OutboxEventBus, openDatabase } from '../packages/core/src/database/index.ts';
import {
  LocalMarketBus,
  SeededRandom,
  SimulatedClock,
  SortableIdGenerator,
  type Ticker,
} from '../packages/core/src/index.ts';

const clock = new SimulatedClock();
const tickers = Array.from({ length: 50 }, (_, index): Ticker => {
  const instrumentId = `M${index}-PERP@hyperliquid` as const;
  return {
    instrumentId,
    last: index + 1,
    mark: index + 1,
    bid: index + 1,
    ask: index + 1,
    exchangeAtMs: 0,
    receivedAtMs: 0,
  };
});
let sink = 0;

function median(measure: () => number): number {
  const runs = Array.from({ length: 9 }, measure).sort((a, b) => a - b);
  return runs[4] ?? Number.NaN;
}

function perEmit(emit: (ticker: Ticker) => void): number {
  const rounds = 20_000;
  const begun = performance.now();
  for (let round = 0; round < rounds; round += 1) for (const ticker of tickers) emit(ticker);
  return ((performance.now() - begun) * 1e6) / (rounds * tickers.length);
}

console.log('listeners   eventemitter3   LocalMarketBus   ratio');
for (const listeners of [1, 10, 100]) {
  const emitter = new EventEmitter();
  const bus = new LocalMarketBus({ clock });
  for (let i = 0; i < listeners; i += 1) {
    for (const ticker of tickers) emitter.on(ticker.instrumentId, (payload: Ticker) => void (sink += payload.last));
    bus.subscribe({ type: 'ticker.updated' }, (payload) => void (sink += payload.last));
  }
  const bare = median(() => perEmit((ticker) => emitter.emit(ticker.instrumentId, ticker)));
  const ours = median(() => perEmit((ticker) => void bus.publish('ticker.updated', ticker.instrumentId, ticker)));
  console.log(
    `${String(listeners).padStart(9)}   ${bare.toFixed(1).padStart(10)} ns   ${ours.toFixed(1).padStart(11)} ns   ${(ours / bare).toFixed(2).padStart(5)}`,
  );
}

const folder = mkdtempSync(join(tmpdir(), 'perpdesk-bench-'));
try {
  await using database = await openDatabase({ url: `sqlite:${join(folder, 'bus.db')}` });
  const ids = new SortableIdGenerator({ clock, random: new SeededRandom('bench') });
  const bus = new OutboxEventBus({ database, clock, ids });
  await bus.start();
  for (let group = 0; group < 12; group += 1)
    bus.subscribe({ group: `group-${group}`, types: ['candle.closed', 'account.changed'] }, () => void (sink += 1));
  const events = 20_000;
  const begun = performance.now();
  for (let i = 0; i < events; i += 1) {
    const payload = {
      instrumentId: 'BTC-PERP@hyperliquid',
      timeframe: '1m',
      openAtMs: i * 60_000,
      open: 1,
      high: 1,
      low: 1,
      close: 1,
      volume: 1,
    } as const;
    await bus.publish({ id: `c${i}`, type: 'candle.closed', key: 'BTC-PERP@hyperliquid:1m', payload });
    if (i % 5 === 4) await clock.idle();
  }
  await clock.idle();
  const each = (performance.now() - begun) / events;
  await bus.close();
  console.log(
    `durable: ${each.toFixed(3)} ms an event published and handled by 12 groups (SQLite file, candle.closed)`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (!Number.isFinite(sink)) throw new Error('nothing was delivered');
