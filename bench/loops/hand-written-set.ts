/** A bar, as the sets take it. */
export interface Bar {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/**
 * SMA 20, EMA 20, RSI 14, MACD 12 26 9, Bollinger 20 2, ATR 14, StochRSI 14 14 3 3, ADX 14 and OBV of one series as one object
 * written by hand for nothing else, with the warm-ups of TA-Lib: no parameters, nothing to save or restore, no bad input, and a
 * running variance that loses its digits after a wild stretch.
 */
export class HandWrittenSet {
  sma = Number.NaN;
  ema = Number.NaN;
  rsi = Number.NaN;
  macd = Number.NaN;
  signal = Number.NaN;
  histogram = Number.NaN;
  upper = Number.NaN;
  middle = Number.NaN;
  lower = Number.NaN;
  atr = Number.NaN;
  raw = Number.NaN;
  k = Number.NaN;
  d = Number.NaN;
  adx = Number.NaN;
  plus = Number.NaN;
  minus = Number.NaN;
  obv = Number.NaN;
  readonly #closes = new Float64Array(20);
  readonly #strengths = new Float64Array(14);
  #seen = 0;
  #place = 0;
  #strengthPlace = 0;
  #sum = 0;
  #square = 0;
  #average = 0;
  #gain = 0;
  #loss = 0;
  #fast = 0;
  #slow = 0;
  #signal = 0;
  #range = 0;
  #raw1 = 0;
  #raw2 = 0;
  #k1 = 0;
  #k2 = 0;
  #high = 0;
  #low = 0;
  #close = 0;
  #plus = 0;
  #minus = 0;
  #trueRange = 0;
  #adx = 0;
  #obv = 0;

  update(bar: Bar): void {
    const { high, low, close, volume } = bar;
    const n = this.#seen;
    this.#seen = n + 1;
    const closes = this.#closes;
    const leaving = closes[this.#place] ?? 0;
    closes[this.#place] = close;
    this.#place = this.#place === 19 ? 0 : this.#place + 1;
    this.#sum += close - leaving;
    this.#square += close * close - leaving * leaving;
    if (n >= 19) {
      const mean = this.#sum / 20;
      const distance = 2 * Math.sqrt(Math.max(0, this.#square / 20 - mean * mean));
      this.sma = this.middle = mean;
      this.upper = mean + distance;
      this.lower = mean - distance;
    }
    if (n > 19) this.#average += (close - this.#average) * (2 / 21);
    else if (n === 19) this.#average = this.#sum / 20;
    if (n >= 19) this.ema = this.#average;
    this.#updateMacd(n, close);
    if (n > 0) {
      const above = this.#close - high;
      const below = low - this.#close;
      const trueRange = high - low + 0.5 * (Math.abs(above) + above + (Math.abs(below) + below));
      if (n <= 14) this.#range += trueRange / 14;
      else this.#range += (trueRange - this.#range) / 14;
      if (n >= 14) this.atr = this.#range;
      this.#updateAdx(n, high, low, trueRange);
      const change = close - this.#close;
      const gain = (Math.abs(change) + change) * (0.5 / 14);
      const loss = (Math.abs(change) - change) * (0.5 / 14);
      if (n <= 14) {
        this.#gain += gain;
        this.#loss += loss;
      } else {
        this.#gain = this.#gain * (13 / 14) + gain;
        this.#loss = this.#loss * (13 / 14) + loss;
      }
      if (n >= 14) this.#updateStochRsi(n);
      if (change > 0) this.#obv += volume;
      else if (change < 0) this.#obv -= volume;
    } else this.#obv = volume;
    this.obv = this.#obv;
    this.#high = high;
    this.#low = low;
    this.#close = close;
  }

  #updateMacd(n: number, close: number): void {
    if (n < 26) {
      this.#slow += close;
      if (n >= 14) this.#fast += close;
      if (n < 25) return;
      this.#slow /= 26;
      this.#fast /= 12;
    } else {
      this.#slow += (close - this.#slow) * (2 / 27);
      this.#fast += (close - this.#fast) * (2 / 13);
    }
    const line = this.#fast - this.#slow;
    if (n > 33) this.#signal += (line - this.#signal) * 0.2;
    else this.#signal += line / 9;
    if (n < 33) return;
    this.macd = line;
    this.signal = this.#signal;
    this.histogram = line - this.#signal;
  }

  #updateAdx(n: number, high: number, low: number, trueRange: number): void {
    const up = high - this.#high;
    const down = this.#low - low;
    const keep = n >= 14 ? 13 / 14 : 1;
    this.#plus = this.#plus * keep + (up > down && up > 0 ? up : 0);
    this.#minus = this.#minus * keep + (down > up && down > 0 ? down : 0);
    this.#trueRange = this.#trueRange * keep + trueRange;
    if (n < 14) return;
    this.plus = this.#trueRange === 0 ? 0 : (100 * this.#plus) / this.#trueRange;
    this.minus = this.#trueRange === 0 ? 0 : (100 * this.#minus) / this.#trueRange;
    const moved = this.#plus + this.#minus;
    const direction = moved === 0 ? 0 : (100 * Math.abs(this.#plus - this.#minus)) / moved;
    if (n > 27) this.#adx += (direction - this.#adx) / 14;
    else this.#adx += direction / 14;
    if (n >= 27) this.adx = this.#adx;
  }

  #updateStochRsi(n: number): void {
    const total = this.#gain + this.#loss;
    const rsi = total === 0 ? 50 : (100 * this.#gain) / total;
    this.rsi = rsi;
    const strengths = this.#strengths;
    strengths[this.#strengthPlace] = rsi;
    this.#strengthPlace = this.#strengthPlace === 13 ? 0 : this.#strengthPlace + 1;
    if (n < 27) return;
    let top = rsi;
    let bottom = rsi;
    for (let i = 0; i < 14; i += 1) {
      const one = strengths[i] ?? 0;
      if (one > top) top = one;
      else if (one < bottom) bottom = one;
    }
    const raw = top === bottom ? 50 : (100 * (rsi - bottom)) / (top - bottom);
    this.raw = raw;
    if (n >= 29) {
      const k = (raw + this.#raw1 + this.#raw2) / 3;
      this.k = k;
      if (n >= 31) this.d = (k + this.#k1 + this.#k2) / 3;
      this.#k2 = this.#k1;
      this.#k1 = k;
    }
    this.#raw2 = this.#raw1;
    this.#raw1 = raw;
  }
}
