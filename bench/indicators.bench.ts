// Indicators against loops written by hand for nothing else: ns per candle and the ratio to the loop, at 1,000,000 and 10,000
// candles, batch into prepared columns and streaming one by one. Run: node --conditions=@perpdesk/source bench/indicators.bench.ts
import { SeededRandom } from '../packages/core/src/index.ts';
import { Atr, atr } from '../packages/data/src/indicators/atr.ts';
import { Bollinger, bollinger } from '../packages/data/src/indicators/bollinger.ts';
import { Ema, ema } from '../packages/data/src/indicators/ema.ts';
import { Macd, macd } from '../packages/data/src/indicators/macd.ts';
import { Rsi, rsi } from '../packages/data/src/indicators/rsi.ts';
import { StochRsi, stochRsi } from '../packages/data/src/indicators/stoch-rsi.ts';

interface Columns {
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
}

function walk(length: number): Columns {
  const random = new SeededRandom('bench');
  const columns = { high: new Float64Array(length), low: new Float64Array(length), close: new Float64Array(length) };
  let price = 100;
  for (let i = 0; i < length; i += 1) {
    price *= 1 + (random.next() - 0.5) * 0.01;
    columns.close[i] = price;
    columns.high[i] = price * (1 + random.next() * 0.003);
    columns.low[i] = price * (1 - random.next() * 0.003);
  }
  return columns;
}

// The loops: no state to go on from, no bad input, no parameters to check. Warm-ups are left to the first values.
const at = (column: Float64Array, i: number): number => column[i] as number;

function plainEma(v: Float64Array, out: Float64Array): void {
  const a = 2 / 21;
  const length = v.length;
  let e = 0;
  for (let i = 0; i < 20; i += 1) e += at(v, i) / 20;
  for (let i = 20; i < length; i += 1) {
    e += (at(v, i) - e) * a;
    out[i] = e;
  }
}

function plainRsi(v: Float64Array, out: Float64Array): void {
  const k = 13 / 14;
  const h = 0.5 / 14;
  let p = at(v, 0);
  let g = 0;
  let l = 0;
  for (let i = 0; i < v.length; i += 1) {
    const c = at(v, i) - p;
    p = at(v, i);
    g = g * k + (Math.abs(c) + c) * h;
    l = l * k + (Math.abs(c) - c) * h;
    out[i] = (100 * g) / (g + l);
  }
}

function plainMacd(v: Float64Array, a: Float64Array, b: Float64Array, c: Float64Array): void {
  let f = 0;
  let s = 0;
  let g = 0;
  for (let i = 0; i < v.length; i += 1) {
    const x = at(v, i);
    f += (x - f) * (2 / 13);
    s += (x - s) * (2 / 27);
    const m = f - s;
    g += (m - g) * 0.2;
    a[i] = m;
    b[i] = g;
    c[i] = m - g;
  }
}

function plainBollinger(v: Float64Array, a: Float64Array, b: Float64Array, c: Float64Array): void {
  let s = 0;
  let q = 0;
  for (let i = 0; i < v.length; i += 1) {
    const x = at(v, i);
    s += x;
    q += x * x;
    if (i >= 20) {
      const o = at(v, i - 20);
      s -= o;
      q -= o * o;
    }
    const m = s / 20;
    const d = 2 * Math.sqrt(Math.max(0, q / 20 - m * m));
    a[i] = m + d;
    b[i] = m;
    c[i] = m - d;
  }
}

function plainAtr({ high, low, close }: Columns, out: Float64Array): void {
  let p = at(close, 0);
  let a = 0;
  for (let i = 0; i < close.length; i += 1) {
    const u = p - at(high, i);
    const d = at(low, i) - p;
    a += (at(high, i) - at(low, i) + 0.5 * (Math.abs(u) + u + Math.abs(d) + d) - a) * (1 / 14);
    p = at(close, i);
    out[i] = a;
  }
}

function plainStochRsi(v: Float64Array, raw: Float64Array, k: Float64Array, d: Float64Array): void {
  plainRsi(v, raw);
  const tails = new Float64Array(30);
  const block = new Float64Array(15);
  let low = 0;
  let high = 0;
  let place = 0;
  let r1 = 0;
  let r2 = 0;
  let k1 = 0;
  let k2 = 0;
  for (let i = 0; i < v.length; i += 1) {
    const x = at(raw, i);
    low = place === 0 ? x : Math.min(low, x);
    high = place === 0 ? x : Math.max(high, x);
    block[place] = x;
    place += 1;
    const bottom = place === 14 ? low : Math.min(low, at(tails, place));
    const top = place === 14 ? high : Math.max(high, at(tails, 15 + place));
    if (place === 14) {
      tails[13] = tails[28] = x;
      for (let j = 12; j > 0; j -= 1) {
        tails[j] = Math.min(at(block, j), at(tails, j + 1));
        tails[15 + j] = Math.max(at(block, j), at(tails, 16 + j));
      }
      place = 0;
    }
    const r = (100 * (x - bottom)) / (top - bottom);
    const kk = (r + r1 + r2) / 3;
    raw[i] = r;
    k[i] = kk;
    d[i] = (kk + k1 + k2) / 3;
    r2 = r1;
    r1 = r;
    k2 = k1;
    k1 = kk;
  }
}

/** The median of runs, in ns per candle; runs until a second has passed, at least 9. */
function measure(candles: number, run: () => unknown): number {
  const times: number[] = [];
  const rounds = Math.max(1, Math.round(200_000 / candles));
  for (
    let i = 0;
    i < 20_000 && (times.length < 9 || times.reduce((a, b) => a + b, 0) * candles * rounds < 6e8);
    i += 1
  ) {
    const start = process.hrtime.bigint();
    for (let round = 0; round < rounds; round += 1) run();
    times.push(Number(process.hrtime.bigint() - start) / (candles * rounds));
  }
  times.splice(0, 3);
  return times.sort((x, y) => x - y)[times.length >> 1] ?? Number.NaN;
}

/** One indicator four ways; each streaming loop is written out, so that no call in it serves two classes. */
interface Case {
  readonly loop: () => void;
  readonly prepared: () => void;
  readonly fresh: () => unknown;
  readonly streaming: () => number;
}

function casesOf(columns: Columns): Readonly<Record<string, Case>> {
  const { high, low, close } = columns;
  const length = close.length;
  const [a, b, c] = [new Float64Array(length), new Float64Array(length), new Float64Array(length)];
  const average = new Ema({ period: 20 });
  const strength = new Rsi();
  const convergence = new Macd();
  const bands = new Bollinger();
  const range = new Atr();
  const stochastic = new StochRsi();
  return {
    EMA: {
      loop: () => plainEma(close, a),
      prepared: () => ema(close, { period: 20 }, a),
      fresh: () => ema(close, { period: 20 }),
      streaming: () => {
        let sum = 0;
        for (let i = 0; i < length; i += 1) {
          average.update(at(close, i));
          sum += average.value;
        }
        return sum;
      },
    },
    RSI: {
      loop: () => plainRsi(close, a),
      prepared: () => rsi(close, {}, a),
      fresh: () => rsi(close),
      streaming: () => {
        let sum = 0;
        for (let i = 0; i < length; i += 1) {
          strength.update(at(close, i));
          sum += strength.value;
        }
        return sum;
      },
    },
    MACD: {
      loop: () => plainMacd(close, a, b, c),
      prepared: () => macd(close, {}, { macd: a, signal: b, histogram: c }),
      fresh: () => macd(close),
      streaming: () => {
        let sum = 0;
        for (let i = 0; i < length; i += 1) {
          convergence.update(at(close, i));
          sum += convergence.value + convergence.signal + convergence.histogram;
        }
        return sum;
      },
    },
    Bollinger: {
      loop: () => plainBollinger(close, a, b, c),
      prepared: () => bollinger(close, {}, { upper: a, middle: b, lower: c }),
      fresh: () => bollinger(close),
      streaming: () => {
        let sum = 0;
        for (let i = 0; i < length; i += 1) {
          bands.update(at(close, i));
          sum += bands.upper + bands.middle + bands.lower;
        }
        return sum;
      },
    },
    ATR: {
      loop: () => plainAtr(columns, a),
      prepared: () => atr(columns, {}, a),
      fresh: () => atr(columns),
      streaming: () => {
        let sum = 0;
        for (let i = 0; i < length; i += 1) {
          range.update(at(high, i), at(low, i), at(close, i));
          sum += range.value;
        }
        return sum;
      },
    },
    StochRSI: {
      loop: () => plainStochRsi(close, a, b, c),
      prepared: () => stochRsi(close, {}, { raw: a, k: b, d: c }),
      fresh: () => stochRsi(close),
      streaming: () => {
        let sum = 0;
        for (let i = 0; i < length; i += 1) {
          stochastic.update(at(close, i));
          sum += stochastic.raw + stochastic.k + stochastic.d;
        }
        return sum;
      },
    },
  };
}

const rows: Record<string, string | number>[] = [];
for (const candles of [1_000_000, 10_000]) {
  for (const [indicator, one] of Object.entries(casesOf(walk(candles)))) {
    const loop = measure(candles, one.loop);
    const batch = measure(candles, one.prepared);
    const streaming = measure(candles, one.streaming);
    rows.push({
      candles,
      indicator,
      'loop ns': loop.toFixed(2),
      'batch ns': batch.toFixed(2),
      'batch / loop': (batch / loop).toFixed(2),
      'fresh columns ns': measure(candles, one.fresh).toFixed(2),
      'streaming ns': streaming.toFixed(2),
      'streaming / loop': (streaming / loop).toFixed(1),
    });
  }
}
console.table(rows);
