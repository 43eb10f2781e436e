import type { Bar } from './hand-written-set.ts';

/**
 * EMA 20, RSI 14, MACD 12 26 9, Bollinger 20 2 and ATR 14 of one series as one object written by hand for nothing else, with the
 * warm-ups of TA-Lib and a deviation as exact as ours: sums of distances from an anchor, taken anew where digits were lost and
 * once in 32 windows. No parameters, nothing to save or restore, no bad input.
 */
export class HandWrittenValues {
  ema = Number.NaN;
  rsi = Number.NaN;
  macd = Number.NaN;
  signal = Number.NaN;
  histogram = Number.NaN;
  upper = Number.NaN;
  middle = Number.NaN;
  lower = Number.NaN;
  atr = Number.NaN;
  readonly #closes = new Float64Array(20);
  #seen = 0;
  #anchor = 0;
  #taken = 0;
  #left = 0;
  #place = 0;
  #sum = 0;
  #square = 0;
  #average = 0;
  #gain = 0;
  #loss = 0;
  #fast = 0;
  #slow = 0;
  #signal = 0;
  #range = 0;
  #close = 0;

  update({ high, low, close }: Bar): void {
    const n = this.#seen;
    this.#seen = n + 1;
    const closes = this.#closes;
    const leaving = closes[this.#place] ?? 0;
    closes[this.#place] = close;
    this.#place = this.#place === 19 ? 0 : this.#place + 1;
    const after = close - this.#anchor;
    const before = leaving - this.#anchor;
    const moved = after - before;
    this.#sum += moved;
    this.#square += moved * (after + before);
    if (n >= 19) {
      let offset = this.#sum / 20;
      let square = this.#square / 20;
      let variance = square - offset * offset;
      const isSound =
        variance >= this.#taken / 256 && variance >= square * 2 ** -18 && before * before <= this.#taken * 1024;
      this.#left -= 1;
      if (!isSound || this.#left < 0) {
        this.#takeAnew();
        offset = this.#sum / 20;
        square = this.#square / 20;
        variance = this.#taken;
      }
      const mean = this.#anchor + offset;
      const distance = 2 * Math.sqrt(Math.max(0, variance));
      this.middle = mean;
      this.upper = mean + distance;
      this.lower = mean - distance;
    }
    if (n > 19) this.#average += (close - this.#average) * (2 / 21);
    else if (n === 19) this.#average = this.middle;
    if (n >= 19) this.ema = this.#average;
    this.#updateMacd(n, close);
    if (n > 0) {
      const above = this.#close - high;
      const below = low - this.#close;
      const trueRange = high - low + 0.5 * (Math.abs(above) + above + (Math.abs(below) + below));
      if (n <= 14) this.#range += trueRange / 14;
      else this.#range += (trueRange - this.#range) / 14;
      if (n >= 14) this.atr = this.#range;
      const change = close - this.#close;
      const gain = (Math.abs(change) + change) * (0.5 / 14);
      const loss = (Math.abs(change) - change) * (0.5 / 14);
      const keep = n <= 14 ? 1 : 13 / 14;
      this.#gain = this.#gain * keep + gain;
      this.#loss = this.#loss * keep + loss;
      const total = this.#gain + this.#loss;
      if (n >= 14) this.rsi = total === 0 ? 50 : (100 * this.#gain) / total;
    }
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

  #takeAnew(): void {
    const closes = this.#closes;
    let total = 0;
    for (let i = 0; i < 20; i += 1) total += closes[i] ?? 0;
    this.#anchor = total / 20;
    let sum = 0;
    let square = 0;
    for (let i = 0; i < 20; i += 1) {
      const distance = (closes[i] ?? 0) - this.#anchor;
      sum += distance;
      square += distance * distance;
    }
    this.#sum = sum;
    this.#square = square;
    this.#taken = Math.max(0, square / 20 - (sum / 20) ** 2);
    this.#left = 640;
  }
}

/** {@link HandWrittenValues} with the shortest variance there is, by sum and sum of squares: it loses its digits after a wild stretch. */
export class HandWrittenUnstableValues {
  ema = Number.NaN;
  rsi = Number.NaN;
  macd = Number.NaN;
  signal = Number.NaN;
  histogram = Number.NaN;
  upper = Number.NaN;
  middle = Number.NaN;
  lower = Number.NaN;
  atr = Number.NaN;
  readonly #closes = new Float64Array(20);
  #seen = 0;
  #place = 0;
  #sum = 0;
  #square = 0;
  #average = 0;
  #gain = 0;
  #loss = 0;
  #fast = 0;
  #slow = 0;
  #signal = 0;
  #range = 0;
  #close = 0;

  update({ high, low, close }: Bar): void {
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
      this.middle = mean;
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
      const change = close - this.#close;
      const gain = (Math.abs(change) + change) * (0.5 / 14);
      const loss = (Math.abs(change) - change) * (0.5 / 14);
      const keep = n <= 14 ? 1 : 13 / 14;
      this.#gain = this.#gain * keep + gain;
      this.#loss = this.#loss * keep + loss;
      const total = this.#gain + this.#loss;
      if (n >= 14) this.rsi = total === 0 ? 50 : (100 * this.#gain) / total;
    }
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
}
