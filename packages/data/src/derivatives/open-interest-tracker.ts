import {
  type OpenInterest,
  type OpenInterestFeatures,
  type OpenInterestMove,
  openInterestQuadrant,
} from '@perpdesk/core';
import { heardAtMs } from './heard-at.ts';
import { robustZ } from './robust-z.ts';
import { SampledSeries } from './sampled-series.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const leastSpanMs = 15 * minuteMs;
const trendMs = 4 * hourMs;
const leastTrendPoints = 4;
/** The day's hourly moves, one every five minutes: two hours of them before a move can be called unusual. */
const leastMoves = 24;

/** Open interest of one instrument over a day, one value every five minutes and the newest. */
export class OpenInterestTracker {
  readonly #samples = new SampledSeries({ spacingMs: 5 * minuteMs, capacity: 300 });
  #newest: OpenInterest | undefined;
  #newestAtMs = Number.NEGATIVE_INFINITY;
  #price = Number.NaN;

  get newest(): OpenInterest | undefined {
    return this.#newest;
  }

  /** Takes a value, with the price that is known by then (NaN: none). An older one than the newest is passed over. */
  push(value: OpenInterest, price: number): void {
    const atMs = heardAtMs(value);
    if (atMs <= this.#newestAtMs) return;
    this.#newest = value;
    this.#newestAtMs = atMs;
    this.#price = price;
    this.#samples.push(atMs, value.size, price);
  }

  /** Undefined before the first value. */
  features(): OpenInterestFeatures | undefined {
    const newest = this.#newest;
    if (newest === undefined) return undefined;
    const move = this.move();
    const z =
      move !== undefined && move.spanMs >= hourMs ? robustZ(move.percent, this.#pastMoves(), leastMoves) : undefined;
    const trend = this.#trend();
    return {
      size: newest.size,
      notionalUsd: newest.notionalUsd,
      ...(move === undefined ? {} : { move: z === undefined ? move : { ...move, z } }),
      ...(trend === undefined ? {} : { trendPercentPerHour: trend }),
    };
  }

  /** The size an hour before the newest, or at the first value where that is younger: what moves are measured from. */
  #baseIndex(atMs: number): number | undefined {
    const index = Math.max(0, this.#samples.indexAsOf(atMs - hourMs));
    const span = atMs - this.#samples.timeAt(index);
    return span >= leastSpanMs && span <= 2 * hourMs && this.#samples.valueAt(index) > 0 ? index : undefined;
  }

  /** How it moved, without how unusual that is. */
  move(): OpenInterestMove | undefined {
    const newest = this.#newest;
    const index = this.#baseIndex(this.#newestAtMs);
    if (newest === undefined || index === undefined) return undefined;
    const size = this.#samples.valueAt(index);
    const percent = 100 * (newest.size / size - 1);
    const pricePercent = 100 * (this.#price / this.#samples.priceAt(index) - 1);
    const spanMs = this.#newestAtMs - this.#samples.timeAt(index);
    return {
      percent,
      spanMs,
      usd: newest.size > 0 ? newest.notionalUsd * (1 - size / newest.size) : -newest.notionalUsd,
      ...(Number.isFinite(pricePercent) ? { pricePercent, quadrant: openInterestQuadrant(percent, pricePercent) } : {}),
    };
  }

  /** The hourly moves up to each value that is kept but the newest, percent. */
  #pastMoves(): number[] {
    const moves: number[] = [];
    let base = 0;
    for (let index = 0; index < this.#samples.length - 1; index += 1) {
      const fromMs = this.#samples.timeAt(index) - hourMs;
      while (this.#samples.timeAt(base + 1) <= fromMs) base += 1;
      const spanMs = this.#samples.timeAt(index) - this.#samples.timeAt(base);
      if (spanMs < hourMs || spanMs > 2 * hourMs) continue;
      const move = 100 * (this.#samples.valueAt(index) / this.#samples.valueAt(base) - 1);
      if (Number.isFinite(move)) moves.push(move);
    }
    return moves;
  }

  #trend(): number | undefined {
    const last = this.#samples.length - 1;
    const first = this.#samples.indexAsOf(this.#newestAtMs - trendMs) + 1;
    const count = last - first + 1;
    if (count < leastTrendPoints || this.#samples.timeAt(last) - this.#samples.timeAt(first) < hourMs) return undefined;
    let hours = 0;
    let sizes = 0;
    for (let i = first; i <= last; i += 1) {
      hours += (this.#samples.timeAt(i) - this.#newestAtMs) / hourMs / count;
      sizes += this.#samples.valueAt(i) / count;
    }
    let covariance = 0;
    let variance = 0;
    for (let i = first; i <= last; i += 1) {
      const hour = (this.#samples.timeAt(i) - this.#newestAtMs) / hourMs - hours;
      covariance += hour * (this.#samples.valueAt(i) - sizes);
      variance += hour * hour;
    }
    return sizes > 0 ? (100 * covariance) / variance / sizes : undefined;
  }
}
