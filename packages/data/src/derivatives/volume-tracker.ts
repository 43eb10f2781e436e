import type { Candle, Trade, VolumeFeatures } from '@perpdesk/core';
import { heardAtMs } from './heard-at.ts';
import { TimeBins } from './time-bins.ts';
import { VolumeDay } from './volume-day.ts';

const widthMs = 300_000;
const dayBars = 288;
const hourBars = 12;
const leastBars = 6;
/** Two hours of bars before one can be called unusual. */
const leastHistory = 24;

const bought = 0;
const sold = 1;
const ofBars = 2;

/**
 * What was traded of one instrument, by spans of five minutes over a day, in quote units: bought and sold from trades, the whole
 * from bars where they are told, else from trades.
 */
export class VolumeTracker {
  /** One more than a day: the span that is under way. */
  readonly #bins = new TimeBins({ widthMs, count: dayBars + 1, columns: 3 });
  /** Spans before this one are not counted from trades: the first that was seen began before we looked. */
  #wholeFrom = Number.NaN;
  readonly #day = new VolumeDay(dayBars - 1);
  #newestSpan = Number.NEGATIVE_INFINITY;
  #newestMinuteMs = Number.NEGATIVE_INFINITY;

  addTrade(trade: Trade): void {
    const { side, price, size } = trade;
    const atMs = heardAtMs(trade);
    const span = this.#bins.spanOf(atMs);
    if (Number.isNaN(this.#wholeFrom)) this.#wholeFrom = span + 1;
    if (span < this.#wholeFrom) return;
    this.#bins.add(side === 'buy' ? bought : sold, atMs, price * size);
    this.#day.changed(span);
    this.#newestSpan = Math.max(this.#newestSpan, span);
  }

  /** Takes a bar of one minute. One that is not newer than the last is passed over. */
  addMinute({ openAtMs, close, volume }: Candle): void {
    if (openAtMs <= this.#newestMinuteMs) return;
    this.#newestMinuteMs = openAtMs;
    this.#bins.add(ofBars, openAtMs, close * volume);
    const span = this.#bins.spanOf(openAtMs);
    this.#day.changed(span);
    this.#newestSpan = Math.max(this.#newestSpan, span);
  }

  /** When the newest span that is over and of which something was heard ended; undefined before the first. */
  knownToMs(nowMs: number): number | undefined {
    const last = Math.min(this.#newestSpan, this.#bins.spanOf(nowMs) - 1);
    return Number.isFinite(last) ? (last + 1) * widthMs : undefined;
  }

  /** The hour up to the last span that is over. Undefined when less than half of it is known. */
  hour(nowMs: number): Pick<VolumeFeatures, 'usd' | 'bars'> | undefined {
    const last = this.#bins.spanOf(nowMs) - 1;
    let usd = 0;
    let bars = 0;
    for (let span = last - hourBars + 1; span <= last; span += 1) {
      const volume = this.#volumeOf(span);
      if (Number.isNaN(volume)) continue;
      usd += volume;
      bars += 1;
    }
    return bars < leastBars ? undefined : { usd, bars };
  }

  /** What the hour says. Undefined where it is not known. */
  features(nowMs: number): VolumeFeatures | undefined {
    const hour = this.hour(nowMs);
    if (hour === undefined) return undefined;
    const last = this.#bins.spanOf(nowMs) - 1;
    const delta = this.#delta(last);
    const anomalyZ = this.#anomaly(last);
    return {
      ...hour,
      ...(delta === undefined ? {} : { delta }),
      ...(anomalyZ === undefined ? {} : { anomalyZ }),
    };
  }

  #volumeOf(span: number): number {
    const whole = this.#bins.at(ofBars, span);
    return Number.isNaN(whole) ? this.#traded(span) : whole;
  }

  #traded(span: number): number {
    const buys = this.#bins.at(bought, span);
    const sells = this.#bins.at(sold, span);
    return Number.isNaN(buys) ? sells : buys + (Number.isNaN(sells) ? 0 : sells);
  }

  #delta(last: number): number | undefined {
    const buys = this.#bins.sum(bought, last - hourBars + 1, last);
    const sells = this.#bins.sum(sold, last - hourBars + 1, last);
    const both = (buys || 0) + (sells || 0);
    return both > 0 ? ((buys || 0) - (sells || 0)) / both : undefined;
  }

  #anomaly(last: number): number | undefined {
    // Where more was heard than is asked about, the oldest spans have given way to it.
    if (this.#newestSpan > last + 1) this.#day.changed(Number.NEGATIVE_INFINITY);
    this.#day.moveTo(last, (span) => this.#volumeOf(span));
    return this.#day.robustZ(this.#volumeOf(last), leastHistory);
  }
}
