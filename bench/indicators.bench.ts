// Batch indicators at 10,000 and 1,000,000 candles: ns per candle against a loop written by hand for nothing else (outputs
// prepared on both sides), and against the npm libraries (fresh outputs on both sides). Ratios of medians of one run, interleaved.
// Run: node --conditions=@perpdesk/source bench/indicators.bench.ts
import { SeededRandom } from '../packages/core/src/index.ts';
import { adx } from '../packages/data/src/indicators/adx.ts';
import { atr } from '../packages/data/src/indicators/atr.ts';
import { bollinger } from '../packages/data/src/indicators/bollinger.ts';
import { ema } from '../packages/data/src/indicators/ema.ts';
import { macd } from '../packages/data/src/indicators/macd.ts';
import { obv } from '../packages/data/src/indicators/obv.ts';
import { rsi } from '../packages/data/src/indicators/rsi.ts';
import { sma } from '../packages/data/src/indicators/sma.ts';
import { stochRsi } from '../packages/data/src/indicators/stoch-rsi.ts';
import { vwap } from '../packages/data/src/indicators/vwap.ts';
import * as loops from './loops/batch-loops.ts';
import { medians } from './loops/medians.ts';
import { type BatchPeers, batchPeers } from './peers/batch-peers.ts';

/** A random walk, which a branch predictor can't learn at a million rows; ten thousand it learns by heart. */
function walk(length: number, seed = 'bench'): loops.Columns {
  const random = new SeededRandom(seed);
  const column = (): Float64Array => new Float64Array(length);
  const columns = { openAtMs: column(), high: column(), low: column(), close: column(), volume: column() };
  let price = 100;
  for (let i = 0; i < length; i += 1) {
    price *= 1 + (random.next() - 0.5) * 0.01;
    columns.openAtMs[i] = Date.UTC(2024, 0, 1) + i * 60_000;
    columns.close[i] = price;
    columns.high[i] = price * (1 + random.next() * 0.003);
    columns.low[i] = price * (1 - random.next() * 0.003);
    columns.volume[i] = random.next() * 1000;
  }
  return columns;
}

/** One indicator: the loop and ours into prepared columns, ours into fresh ones, and what is asked of it. */
interface Case {
  readonly loop: () => unknown;
  readonly prepared: () => unknown;
  readonly fresh: () => unknown;
  /** At most so many times the loop. */
  readonly mostOfLoop: number;
  /** At least so many times as fast as the fastest library at 1M; at 10k. */
  readonly overPeers: readonly [million: number, tenThousand: number];
}

function casesOf(columns: loops.Columns): Readonly<Record<keyof BatchPeers, Case>> {
  const { close, volume } = columns;
  const [a, b, c, d] = Array.from({ length: 4 }, () => new Float64Array(close.length)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  return {
    SMA: {
      loop: () => loops.sma(close, a),
      prepared: () => sma(close, { period: 20 }, a),
      fresh: () => sma(close, { period: 20 }),
      mostOfLoop: 1.5,
      overPeers: [2, 1],
    },
    EMA: {
      loop: () => loops.ema(close, a),
      prepared: () => ema(close, { period: 20 }, a),
      fresh: () => ema(close, { period: 20 }),
      mostOfLoop: 1.5,
      overPeers: [2, 1],
    },
    RSI: {
      loop: () => loops.rsi(close, a),
      prepared: () => rsi(close, {}, a),
      fresh: () => rsi(close),
      mostOfLoop: 1.5,
      overPeers: [3, 1],
    },
    MACD: {
      loop: () => loops.macd(close, a, b, c),
      prepared: () => macd(close, {}, { macd: a, signal: b, histogram: c }),
      fresh: () => macd(close),
      mostOfLoop: 1.5,
      overPeers: [3, 1],
    },
    Bollinger: {
      loop: () => loops.bollinger(close, a, b, c),
      prepared: () => bollinger(close, {}, { upper: a, middle: b, lower: c }),
      fresh: () => bollinger(close),
      mostOfLoop: 4,
      overPeers: [3, 1 / 1.2],
    },
    ATR: {
      loop: () => loops.atr(columns, a),
      prepared: () => atr(columns, {}, a),
      fresh: () => atr(columns),
      mostOfLoop: 1.5,
      overPeers: [3, 1],
    },
    StochRSI: {
      loop: () => loops.stochRsi(close, d, a, b, c),
      prepared: () => stochRsi(close, {}, { raw: a, k: b, d: c }),
      fresh: () => stochRsi(close),
      mostOfLoop: 1.5,
      overPeers: [1.5, 1],
    },
    ADX: {
      loop: () => loops.adx(columns, a, b, c),
      prepared: () => adx(columns, {}, { adx: a, plus: b, minus: c }),
      fresh: () => adx(columns),
      mostOfLoop: 1.5,
      overPeers: [1.5, 1],
    },
    OBV: {
      loop: () => loops.obv(close, volume, a),
      prepared: () => obv(columns, a),
      fresh: () => obv(columns),
      mostOfLoop: 1.5,
      overPeers: [1, 1],
    },
    VWAP: {
      loop: () => loops.vwap(columns, a),
      prepared: () => vwap(columns, {}, a),
      fresh: () => vwap(columns),
      mostOfLoop: 1.5,
      overPeers: [3, 1],
    },
  };
}

/** The same of several series in turns: a short one that is gone over again and again is no market. */
function inTurns<Runs extends object>(of: readonly Runs[]): Runs {
  const turn = (name: string): unknown => {
    let at = 0;
    return () => {
      at = (at + 1) % of.length;
      return (of[at] as Record<string, () => unknown>)[name]?.();
    };
  };
  const [first] = of as [Runs];
  return Object.fromEntries(
    Object.entries(first).map(([name, value]) => [name, typeof value === 'function' ? turn(name) : value]),
  ) as Runs;
}

const rows: Record<string, string | number>[] = [];
const learned: Record<string, string | number>[] = [];
for (const candles of [1_000_000, 10_000]) {
  const isMillion = candles === 1_000_000;
  const series = Array.from({ length: isMillion ? 1 : 32 }, (_, index) => walk(candles, `bench ${index}`));
  const peers = await Promise.all(series.map((columns) => batchPeers(columns)));
  const cases = series.map((columns) => casesOf(columns));
  for (const indicator of Object.keys(cases[0] ?? {}) as (keyof BatchPeers)[]) {
    const one = inTurns(cases.map((each) => each[indicator]));
    const ours = medians({ loop: one.loop, prepared: one.prepared }, { candles, seconds: 1.5 });
    const others = inTurns(peers.map((each) => each[indicator]));
    const fresh = medians({ ours: one.fresh, ...others }, { candles, seconds: isMillion ? 4 : 2 });
    const same = cases[0]?.[indicator];
    if (!isMillion && same !== undefined) {
      const known = medians({ loop: same.loop, prepared: same.prepared }, { candles, seconds: 0.5 });
      const ratio = (known.prepared / known.loop).toFixed(2);
      learned.push({ indicator, 'loop ns': known.loop.toFixed(2), 'ours / loop': ratio });
    }
    const [fastest = '', fastestNs = Number.NaN] =
      Object.entries(fresh)
        .filter(([name]) => name !== 'ours')
        .sort(([, x = 0], [, y = 0]) => x - y)[0] ?? [];
    const ofLoop = ours.prepared / ours.loop;
    const overPeer = fastestNs / fresh.ours;
    const wanted = one.overPeers[isMillion ? 0 : 1];
    rows.push({
      candles,
      indicator,
      'loop ns': ours.loop.toFixed(2),
      'ours ns': ours.prepared.toFixed(2),
      'ours / loop': ofLoop.toFixed(2),
      'fresh ns': fresh.ours.toFixed(2),
      ...Object.fromEntries(
        ['ixjb94', 'indicatorts', 'debut', 'trading-signals', 'technicalindicators'].map((name) => [
          `${name} ns`,
          fresh[name]?.toFixed(1) ?? '-',
        ]),
      ),
      'fastest / ours': `${overPeer.toFixed(2)} ${fastest}`,
      goals: `${ofLoop <= one.mostOfLoop ? 'held' : 'MISSED'} <= ${one.mostOfLoop}; ${overPeer >= wanted ? 'held' : 'MISSED'} >= ${wanted.toFixed(2)}`,
    });
  }
}
console.table(rows);
console.log('one series of 10,000 again and again, whose turns the processor then knows (no goal):');
console.table(learned);
