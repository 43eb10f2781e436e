// Indicators as loops for one set of parameters: nothing to go on from, no bad input, no parameters to check, warm-ups left to
// the first values. What a loop of this machine can do at most, in other words.

export interface Columns {
  readonly openAtMs: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
}

const at = (column: Float64Array, i: number): number => column[i] as number;

export function sma(v: Float64Array, out: Float64Array): void {
  let s = 0;
  for (let i = 0; i < 20; i += 1) s += at(v, i);
  for (let i = 20; i < v.length; i += 1) {
    s += at(v, i) - at(v, i - 20);
    out[i] = s * 0.05;
  }
}

export function ema(v: Float64Array, out: Float64Array): void {
  let e = 0;
  for (let i = 0; i < 20; i += 1) e += at(v, i) / 20;
  for (let i = 20; i < v.length; i += 1) {
    e += (at(v, i) - e) * (2 / 21);
    out[i] = e;
  }
}

export function rsi(v: Float64Array, out: Float64Array): void {
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

export function macd(v: Float64Array, a: Float64Array, b: Float64Array, c: Float64Array): void {
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

/** By sum and sum of squares: fast, and wrong where a quiet stretch follows a wild one. */
export function bollinger(v: Float64Array, a: Float64Array, b: Float64Array, c: Float64Array): void {
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

export function atr({ high, low, close }: Columns, out: Float64Array): void {
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

/** The extremes by the block scheme of van Herk, as fast as comparisons are. */
export function stochRsi(
  v: Float64Array,
  strengths: Float64Array,
  raw: Float64Array,
  k: Float64Array,
  d: Float64Array,
): void {
  rsi(v, strengths);
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
    const x = at(strengths, i);
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

export function adx({ high, low, close }: Columns, out: Float64Array, plus: Float64Array, minus: Float64Array): void {
  const keep = 13 / 14;
  let ph = at(high, 0);
  let pl = at(low, 0);
  let pc = at(close, 0);
  let p = 0;
  let m = 0;
  let t = 0;
  let x = 0;
  for (let i = 0; i < close.length; i += 1) {
    const h = at(high, i);
    const l = at(low, i);
    const up = h - ph;
    const down = pl - l;
    p *= keep;
    m *= keep;
    if (up > down && up > 0) p += up;
    else if (down > up && down > 0) m += down;
    const u = pc - h;
    const d = l - pc;
    t = t * keep + (h - l + 0.5 * (Math.abs(u) + u + Math.abs(d) + d));
    x += ((100 * Math.abs(p - m)) / (p + m) - x) * (1 / 14);
    out[i] = x;
    plus[i] = (100 * p) / t;
    minus[i] = (100 * m) / t;
    ph = h;
    pl = l;
    pc = at(close, i);
  }
}

export function obv(close: Float64Array, volume: Float64Array, out: Float64Array): void {
  let p = at(close, 0);
  let b = at(volume, 0);
  out[0] = b;
  for (let i = 1; i < close.length; i += 1) {
    const c = at(close, i);
    if (c > p) b += at(volume, i);
    else if (c < p) b -= at(volume, i);
    p = c;
    out[i] = b;
  }
}

/** Since the day began. */
export function vwap({ openAtMs, high, low, close, volume }: Columns, out: Float64Array): void {
  let ends = 0;
  let t = 0;
  let s = 0;
  for (let i = 0; i < close.length; i += 1) {
    const openAt = at(openAtMs, i);
    if (openAt >= ends) {
      ends = (Math.floor(openAt / 86_400_000) + 1) * 86_400_000;
      t = s = 0;
    }
    const size = at(volume, i);
    t += ((at(high, i) + at(low, i) + at(close, i)) / 3) * size;
    s += size;
    out[i] = t / s;
  }
}
