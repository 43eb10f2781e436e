// Streaming, bar by bar: nine values (EMA, RSI, MACD, Bollinger, ATR), then nine indicators (SMA, StochRSI, ADX and OBV too, 17
// values), of one series against a set written by hand and against libraries; then of 3,000 live sets (500 symbols x 6
// timeframes): time, size and allocation. The nine values by hand have a deviation as exact as ours; what an inexact one saves is
// shown beside it. The nine indicators by hand have the inexact one. Ratios of medians of one run.
// Run: node --expose-gc --conditions=@perpdesk/source bench/indicators-streaming.bench.ts
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Candle, instrumentIdSchema, SeededRandom } from '../packages/core/src/index.ts';
import { IndicatorSets } from '../packages/data/src/pipeline/indicator-sets.ts';
import type { IndicatorSpec } from '../packages/data/src/pipeline/indicator-spec.ts';
import { type Bar, HandWrittenSet } from './loops/hand-written-set.ts';
import { HandWrittenUnstableValues, HandWrittenValues } from './loops/hand-written-values.ts';
import { medians } from './loops/medians.ts';
import { streamingPeers } from './peers/streaming-peers.ts';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

/** A set by hand; `read` is its alone, or it would be slower for having to tell two apart. */
interface ByHand<Hand> {
  readonly hand: () => Hand;
  readonly read: (hand: Hand) => number;
}

interface Measured<Hand, Unstable = never> extends ByHand<Hand> {
  readonly title: 'values' | 'indicators';
  readonly specs: readonly IndicatorSpec[];
  /** The same with a deviation that loses its digits, where `hand` has one that does not. */
  readonly unstable?: ByHand<Unstable>;
  /** All of ours, as `read` does those by hand. */
  readonly readColumn: (column: Float64Array) => number;
}

const nineOf = (c: Float64Array): number =>
  (c[0] as number) +
  (c[1] as number) +
  (c[2] as number) +
  (c[3] as number) +
  (c[4] as number) +
  (c[5] as number) +
  (c[6] as number) +
  (c[7] as number) +
  (c[8] as number);

const values: Measured<HandWrittenValues, HandWrittenUnstableValues> = {
  title: 'values',
  specs: [{ kind: 'ema', period: 20 }, { kind: 'rsi' }, { kind: 'macd' }, { kind: 'bollinger' }, { kind: 'atr' }],
  hand: () => new HandWrittenValues(),
  unstable: {
    hand: () => new HandWrittenUnstableValues(),
    read: (it) => it.ema + it.rsi + it.macd + it.signal + it.histogram + it.upper + it.middle + it.lower + it.atr,
  },
  read: (it) => it.ema + it.rsi + it.macd + it.signal + it.histogram + it.upper + it.middle + it.lower + it.atr,
  readColumn: nineOf,
};

const indicators: Measured<HandWrittenSet> = {
  title: 'indicators',
  specs: [{ kind: 'sma', period: 20 }, ...values.specs, { kind: 'stoch-rsi' }, { kind: 'adx' }, { kind: 'obv' }],
  hand: () => new HandWrittenSet(),
  read: (it) =>
    it.sma +
    (it.ema + it.rsi + it.macd + it.signal + it.histogram + it.upper + it.middle + it.lower + it.atr) +
    (it.raw + it.k + it.d + it.adx + it.plus + it.minus + it.obv),
  readColumn: (c) =>
    nineOf(c) +
    ((c[9] as number) +
      (c[10] as number) +
      (c[11] as number) +
      (c[12] as number) +
      (c[13] as number) +
      (c[14] as number) +
      (c[15] as number) +
      (c[16] as number)),
};

/** Bars of a random walk. */
function bars(count: number): readonly Candle[] {
  const random = new SeededRandom('bench');
  const instrumentId = instrumentIdSchema.parse('BTC-PERP@hyperliquid');
  let close = 100;
  return Array.from({ length: count }, (_, i) => {
    const open = close;
    close *= 1 + (random.next() - 0.5) * 0.01;
    const high = Math.max(open, close) * (1 + random.next() * 0.003);
    const low = Math.min(open, close) * (1 - random.next() * 0.003);
    return {
      instrumentId,
      timeframe: '1m',
      openAtMs: i * 60_000,
      open,
      high,
      low,
      close,
      volume: random.next() * 1000,
    };
  });
}

const column = new Float64Array(17);

const verdict = (holds: boolean, goal: string): string => `${holds ? 'held' : 'MISSED'} ${goal}`;

/** One set, its values read after each bar. */
async function oneSet<Hand extends { update(bar: Bar): void }, Unstable extends { update(bar: Bar): void }>({
  title,
  specs,
  hand: create,
  unstable,
  read,
  readColumn,
}: Measured<Hand, Unstable>): Promise<void> {
  const candles = bars(2_000);
  const sets = new IndicatorSets(specs);
  const set = sets.add();
  const hand = create();
  const inexact = unstable?.hand();
  for (const bar of candles) {
    sets.update(set, bar);
    hand.update(bar);
    inexact?.update(bar);
  }
  sets.values(set, column);
  for (const sum of [read(hand), ...(inexact ? [unstable?.read(inexact) ?? 0] : [])]) {
    const difference = readColumn(column) / sum - 1;
    if (!(Math.abs(difference) < 1e-9)) throw new Error(`The sets differ by ${difference}.`);
  }
  const loop = (take: (bar: Candle) => number) => (): number => {
    let sum = 0;
    for (const bar of candles) sum += take(bar);
    return sum;
  };
  const peers = await streamingPeers(title);
  const others: Record<string, () => number> = Object.fromEntries(
    Object.entries(peers).map(([name, make]) => [name, loop(make())]),
  );
  if (unstable !== undefined && inexact !== undefined)
    others.inexact = () => {
      let sum = 0;
      for (const bar of candles) {
        inexact.update(bar);
        sum += unstable.read(inexact);
      }
      return sum;
    };
  const ns = medians(
    {
      hand: () => {
        let sum = 0;
        for (const bar of candles) {
          hand.update(bar);
          sum += read(hand);
        }
        return sum;
      },
      ours: () => {
        let sum = 0;
        for (const bar of candles) {
          sets.update(set, bar);
          sets.values(set, column);
          sum += readColumn(column);
        }
        return sum;
      },
      ...others,
    },
    { candles: candles.length, seconds: 4 },
  );
  const { hand: handNs, ours, inexact: inexactNs, debut = Number.NaN, 'trading-signals': signals = Number.NaN } = ns;
  console.log(`one set of nine ${title}, its values read after each bar:`);
  console.table([
    {
      set: `written by hand${unstable ? ', as exact' : ', with an inexact deviation'}`,
      'ns/bar': handNs.toFixed(0),
      ratio: '1',
      goal: '',
    },
    ...(inexactNs === undefined
      ? []
      : [
          {
            set: 'written by hand, with an inexact deviation',
            'ns/bar': inexactNs.toFixed(0),
            ratio: (inexactNs / handNs).toFixed(2),
            goal: `(ours ${(ours / inexactNs).toFixed(2)}x)`,
          },
        ]),
    {
      set: 'ours',
      'ns/bar': ours.toFixed(0),
      ratio: (ours / handNs).toFixed(2),
      goal: verdict(ours <= 1.5 * handNs, '<= 1.5x the hand-written'),
    },
    {
      set: title === 'values' ? '@debut/indicators' : '@debut/indicators (eight, no OBV)',
      'ns/bar': debut.toFixed(0),
      ratio: (debut / handNs).toFixed(1),
      goal: verdict(debut >= 2 * ours, `ours >= 2x: ${(debut / ours).toFixed(1)}x`),
    },
    {
      set: 'trading-signals',
      'ns/bar': signals.toFixed(0),
      ratio: (signals / handNs).toFixed(1),
      goal: verdict(signals >= 10 * ours, `ours >= 10x: ${(signals / ours).toFixed(1)}x`),
    },
  ]);
}

/** Bytes in use, the heap's and those of typed arrays. */
function usedBytes(): number {
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** 3,000 sets, each in turn taking its next bar, as when a minute closes everywhere. */
function manySets<Hand extends { update(bar: Bar): void }>({
  title,
  specs,
  hand: create,
}: Omit<Measured<Hand>, 'unstable'>): void {
  const count = 3_000;
  const few = 32;
  // Few enough to stay in the cache, as a bar that has just closed is.
  const candles = bars(256);
  const bar = (set: number, round: number): Candle => candles[(set * 7 + round) & 255] as Candle;
  const sets = new IndicatorSets(specs);
  const handles = new Uint32Array(count);
  for (let index = 0; index < few; index += 1) handles[index] = sets.add();
  let live = few;
  let round = 0;
  const take = (rounds: number): void => {
    for (const until = round + rounds; round < until; round += 1) {
      for (let index = 0; index < live; index += 1) {
        const set = handles[index] ?? 0;
        sets.update(set, bar(set, round));
      }
    }
  };
  // What code and tables take is there once, that of beginning included; a set's own size is what the rest of them add.
  for (let times = 0; times < 30; times += 1) {
    for (let index = 0; index < few; index += 1) sets.reset(handles[index] ?? 0);
    take(1_000);
  }
  const before = usedBytes();
  for (let index = few; index < count; index += 1) handles[index] = sets.add();
  live = count;
  take(300);
  const after300 = (usedBytes() - before) / (count - few);
  take(1_200);
  const after1500 = (usedBytes() - before) / (count - few);

  const hands = Array.from({ length: count }, () => create());
  for (let i = 0; i < 300; i += 1) for (const [index, hand] of hands.entries()) hand.update(bar(index, i));
  let handRound = 300;
  const ns = medians(
    {
      ours: () => take(1),
      hand: () => {
        for (let index = 0; index < count; index += 1) hands[index]?.update(bar(index, handRound));
        handRound += 1;
      },
    },
    { candles: count, seconds: 4 },
  );

  // Few enough updates for no collection in between; the least of some tries, since the compiler allocates too.
  const updates = 300_000;
  let perUpdate = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 5; attempt += 1) {
    collect();
    const heapBefore = process.memoryUsage().heapUsed;
    take(Math.round(updates / count));
    perUpdate = Math.min(perUpdate, (process.memoryUsage().heapUsed - heapBefore) / updates);
  }
  console.log(`3,000 live sets of nine ${title}:`);
  console.table([
    {
      measure: 'ns per update',
      value: `${ns.ours.toFixed(0)} (written by hand, an object each: ${ns.hand.toFixed(0)})`,
      goal: verdict(ns.ours <= 150, '<= 150'),
    },
    {
      measure: 'KB per set after 300 / 1,500 bars',
      value: `${(after300 / 1024).toFixed(3)} / ${(after1500 / 1024).toFixed(3)}`,
      goal: verdict(after1500 <= 1024 && after1500 < 1.02 * after300, '<= 1 KB, flat'),
    },
    { measure: 'numbers per set', value: sets.numbersPerSet, goal: '' },
    { measure: 'bytes allocated per update', value: perUpdate.toFixed(2), goal: verdict(perUpdate < 1, '0') },
  ]);
}

await oneSet(values);
manySets(values);
await oneSet(indicators);
manySets(indicators);
