// Candles from trades: ns per trade for 500,000 trades into 1m bars and the five timeframes above, against a hand-written loop
// that does the same and ccxt's buildOHLCVC (which makes 1m bars alone), in one run.
// Run: node --conditions=@perpdesk/source bench/candles.bench.ts
import { existsSync } from 'node:fs';
import type { Trade } from '../packages/core/src/index.ts';
import { median, SeededRandom } from '../packages/core/src/index.ts';
import { CandleBuilder } from '../packages/data/src/candles/candle-builder.ts';

const count = 500_000;
const rounds = 9;
const partSize = 5_000;
const parts = count / partSize;
const startMs = Date.UTC(2026, 0, 5);
const random = new SeededRandom(3);
const instrumentId = 'BTC-PERP@binance';

/** About 60 trades a second: 140 minutes. The first bar is whole. */
const trades: Trade[] = [];
for (let i = 0, atMs = startMs, price = 60_000; i < count; i += 1) {
  trades.push({
    instrumentId,
    id: String(9_000_000 + i),
    side: random.next() < 0.5 ? 'buy' : 'sell',
    price,
    size: Math.ceil(random.next() * 1000) / 1000,
    exchangeAtMs: atMs,
    receivedAtMs: atMs,
  });
  atMs += Math.floor(random.next() * 34);
  price = Math.round((price + (random.next() - 0.5) * 4) * 10) / 10;
}
const lastMs = trades.at(-1)?.exchangeAtMs ?? 0;

/** What is timed: takes trades in turn; `end` closes what is open and gives, per timeframe, the sum of all bars. */
interface Contender {
  readonly name: string;
  create(): { take(from: number, to: number): void; end(): number[] };
  /** Reads what will be taken, so that it lies in the cache as a trade does that was just parsed. */
  touch(from: number, to: number): number;
}

const touchTrades = (from: number, to: number): number => {
  let sum = 0;
  for (let i = from; i < to; i += 1) {
    const trade = trades[i] as Trade;
    sum += trade.price + trade.size + trade.exchangeAtMs + trade.receivedAtMs + trade.id.length + trade.side.length;
  }
  return sum;
};

/** Plain objects, closed by the first trade of the next minute, rolled up at the close of a minute. */
const byHand: Contender = {
  name: 'hand-written loop, 1m … 1d',
  touch: touchTrades,
  create() {
    const frames = [60_000, 300_000, 900_000, 3_600_000, 14_400_000, 86_400_000];
    const bars = frames.map(() => ({ at: -1, open: 0, high: 0, low: 0, close: 0, volume: 0 }));
    const minute = bars[0] as (typeof bars)[number];
    const sums = frames.map(() => 0);
    const done = (index: number): void => {
      const bar = bars[index] as (typeof bars)[number];
      sums[index] = (sums[index] as number) + bar.open + bar.high + bar.low + bar.close + bar.volume;
    };
    const rollUp = (): void => {
      done(0);
      for (let i = 1; i < frames.length; i += 1) {
        const frame = frames[i] as number;
        const bar = bars[i] as (typeof bars)[number];
        const at = Math.floor(minute.at / frame) * frame;
        if (at !== bar.at) {
          bar.at = at;
          bar.open = minute.open;
          bar.high = minute.high;
          bar.low = minute.low;
          bar.volume = 0;
        } else {
          if (minute.high > bar.high) bar.high = minute.high;
          if (minute.low < bar.low) bar.low = minute.low;
        }
        bar.close = minute.close;
        bar.volume += minute.volume;
        if (minute.at + 60_000 === at + frame) done(i);
      }
    };
    let nextMs = -1;
    return {
      take(from, to) {
        for (let i = from; i < to; i += 1) {
          const { exchangeAtMs: at, price, size } = trades[i] as Trade;
          if (at >= nextMs) {
            if (nextMs > 0) rollUp();
            minute.at = Math.floor(at / 60_000) * 60_000;
            nextMs = minute.at + 60_000;
            minute.open = price;
            minute.high = price;
            minute.low = price;
            minute.volume = 0;
          } else {
            if (price > minute.high) minute.high = price;
            if (price < minute.low) minute.low = price;
          }
          minute.close = price;
          minute.volume += size;
        }
      },
      end() {
        rollUp();
        return sums;
      },
    };
  },
};

/** Trades as they come: many at once, or one at a time as a live feed gives them. */
const ours = (name: string, give: (builder: CandleBuilder, from: number, to: number) => void): Contender => ({
  name,
  touch: touchTrades,
  create() {
    const names = ['1m', '5m', '15m', '1h', '4h', '1d'];
    const sums = names.map(() => 0);
    const builder = new CandleBuilder({
      instrumentId,
      completeFromMs: startMs,
      listener: {
        closed(bar) {
          const index = names.indexOf(bar.timeframe);
          sums[index] = (sums[index] as number) + bar.open + bar.high + bar.low + bar.close + bar.volume;
        },
      },
    });
    return {
      take(from, to) {
        give(builder, from, to);
      },
      end() {
        builder.advanceTo(Math.floor(lastMs / 60_000) * 60_000 + 62_000);
        return sums;
      },
    };
  },
});

const atOnce = ours('CandleBuilder.pushAll, 1m … 1d', (builder, from, to) => builder.pushAll(trades, from, to));
const oneByOne = ours('CandleBuilder.push, 1m … 1d', (builder, from, to) => {
  for (let i = from; i < to; i += 1) builder.push(trades[i] as Trade);
});

interface Ccxt {
  readonly Exchange: new () => { buildOHLCVC(trades: readonly object[], timeframe: string): number[][] };
}

const contenders = [atOnce, oneByOne, byHand];
const ccxtPath = new URL('../packages/data/node_modules/ccxt/js/src/base/Exchange.js', import.meta.url);
if (existsSync(ccxtPath)) {
  const module = (await import(ccxtPath.href)) as Ccxt;
  const exchange = new module.Exchange();
  const theirs = trades.map(({ exchangeAtMs, price, size }) => ({ timestamp: exchangeAtMs, price, amount: size }));
  const partsOfTheirs = Array.from({ length: parts }, (_, part) =>
    theirs.slice(part * partSize, (part + 1) * partSize),
  );
  contenders.push({
    name: 'ccxt buildOHLCVC, 1m alone',
    touch(from, to) {
      let sum = 0;
      for (let i = from; i < to; i += 1) sum += (theirs[i]?.timestamp ?? 0) + (theirs[i]?.price ?? 0);
      return sum;
    },
    create: () => ({
      take: (from) => void exchange.buildOHLCVC(partsOfTheirs[from / partSize] ?? [], '1m'),
      // It has no state: a bar that two parts share comes out in two halves, so all are built at once to be compared.
      end: () => [
        exchange
          .buildOHLCVC(theirs, '1m')
          .reduce((sum, bar) => sum + [1, 2, 3, 4, 5].reduce((all, column) => all + (bar[column] as number), 0), 0),
      ],
    }),
  });
}

/** Each part is timed by itself, the contenders by turns, so that what else the machine does hits all alike. */
const times = contenders.map(() => Array.from({ length: parts }, (): number[] => []));
const results: number[][] = [];
let touched = 0;
for (let round = 0; round < rounds; round += 1) {
  const runs = contenders.map((contender) => contender.create());
  for (let part = 0; part < parts; part += 1) {
    const [from, to] = [part * partSize, (part + 1) * partSize];
    for (const [c, contender] of contenders.entries()) {
      touched += contender.touch(from, to);
      const startedAt = performance.now();
      runs[c]?.take(from, to);
      times[c]?.[part]?.push(performance.now() - startedAt);
    }
  }
  if (round === 0) results.push(...runs.map((run) => run.end()));
}
const [mine = [], single = [], loop = [], theirs] = results;
const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.abs(b);
for (const [i, sum] of loop.entries()) {
  if (!near(mine[i] ?? 0, sum)) throw new Error(`The bars differ: ${mine[i]} against ${sum}`);
  if (single[i] !== mine[i]) throw new Error(`One by one the bars differ: ${single[i]} against ${mine[i]}`);
}
if (theirs !== undefined && !near(theirs[0] ?? 0, mine[0] ?? 0)) throw new Error('ccxt’s 1m bars differ');
const typical = times.map((all) => all.reduce((total, part) => total + (median(part) ?? Number.NaN), 0));
const [own = Number.NaN, ownSingle = Number.NaN, limit = Number.NaN, ccxt] = typical;
console.log(
  `${count.toLocaleString('en')} trades over ${Math.round((lastMs - startMs) / 60_000)} minutes; the bars are the same (${touched > 0})`,
);
console.log(`${'candles'.padEnd(32)}${'ns/trade'.padStart(10)}${'x loop'.padStart(9)}`);
for (const [c, { name }] of contenders.entries()) {
  const ms = typical[c] ?? Number.NaN;
  console.log(
    `${name.padEnd(32)}${((ms * 1e6) / count).toFixed(1).padStart(10)}${(ms / limit).toFixed(2).padStart(9)}`,
  );
}
const tell = (goal: string, ratio: number, holds: boolean): void =>
  console.log(`  goal ${goal}: ${ratio.toFixed(2)} ${holds ? 'holds' : 'DOES NOT HOLD'}`);
tell('pushAll <= 2x the loop', own / limit, own / limit <= 2);
tell('push <= 2x the loop', ownSingle / limit, ownSingle / limit <= 2);
if (ccxt !== undefined) {
  tell('pushAll >= 7x ccxt', ccxt / own, ccxt / own >= 7);
  tell('push >= 7x ccxt', ccxt / ownSingle, ccxt / ownSingle >= 7);
}
