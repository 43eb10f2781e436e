import { barOpenMs, type InstrumentId, type Trade, timeframeMs, type VolumeBar } from '@perpdesk/core';

const base = '1m';
const baseMs = timeframeMs(base);

/** Options of {@link VolumeBarBuilder}. */
export interface VolumeBarBuilderOptions {
  readonly instrumentId: InstrumentId;
  /** Told of each bar once it is whole, and again as it would be now when a late trade changed it. */
  readonly told: (bar: VolumeBar) => void;
  /** How long after its end a bar waits for late trades, in ms of venue time. Default 2,000. */
  readonly graceMs?: number;
  /** How many minutes are remembered, so that late trades of them are known. Default 5. */
  readonly remembered?: number;
  /** How far the venue time of a trade may be ahead of its arrival, ms. What is stamped later is left out. Default 60,000. */
  readonly aheadMs?: number;
}

interface Minute {
  readonly bar: VolumeBar;
  told: boolean;
}

/**
 * Adds up who took in each minute of one instrument, by sums alone: no trade is kept, so each must be given once, as feeds do.
 *
 * A minute is told by the first trade after its end and the grace, never by time alone: a stream that has died in silence says so
 * before its next trade, and what it missed is then not told as if it were whole. A minute that was begun in, or that an
 * interruption touches, is not told at all. One in which nothing traded is told where the venue's bar says so.
 *
 * @example
 * const builder = new VolumeBarBuilder({ instrumentId, told: (bar) => bars.push(bar) });
 * for (const trade of trades) builder.take(trade);
 */
export class VolumeBarBuilder {
  readonly #options: Required<VolumeBarBuilderOptions>;
  /** By open time; in no order where trades come late. */
  readonly #minutes = new Map<number, Minute>();
  /** Minutes that open before were not seen whole. */
  #completeMs = Number.NEGATIVE_INFINITY;
  #begun = false;
  #newestMs = Number.NEGATIVE_INFINITY;

  constructor(options: VolumeBarBuilderOptions) {
    this.#options = { graceMs: 2_000, remembered: 5, aheadMs: 60_000, ...options };
  }

  /** Takes a trade of the instrument. */
  take({ side, size, exchangeAtMs, receivedAtMs }: Trade): void {
    if (exchangeAtMs - receivedAtMs > this.#options.aheadMs) return;
    const openAtMs = barOpenMs(base, exchangeAtMs);
    if (!this.#begun) this.#completeMs = Math.max(this.#completeMs, openAtMs + baseMs);
    this.#begun = true;
    const minute = this.#minuteAt(openAtMs);
    if (minute !== undefined) {
      minute.bar[`${side}Volume`] += size;
      minute.bar[`${side}Trades`] += 1;
      if (minute.told) this.#tell(minute);
    }
    this.#close(exchangeAtMs);
  }

  /** Tells that by the venue's bar nothing was traded in the minute that opens at a time. */
  quiet(openAtMs: number): void {
    if (!this.#begun || this.#minutes.has(openAtMs)) return;
    const minute = this.#minuteAt(openAtMs);
    if (minute !== undefined) this.#tell(minute);
  }

  /** Tells that trades may have been missed from after `fromMs` to before `toMs`: minutes that it touches are not told. */
  interrupt(fromMs: number, toMs: number): void {
    this.#completeMs = Math.max(this.#completeMs, Math.ceil(toMs / baseMs) * baseMs);
    for (const [openAtMs, { told }] of this.#minutes)
      if (!told && openAtMs + baseMs > fromMs) this.#minutes.delete(openAtMs);
  }

  /** The minute that opens at a time, begun if it is not there; undefined when it was not seen whole or is forgotten. */
  #minuteAt(openAtMs: number): Minute | undefined {
    const known = this.#minutes.get(openAtMs);
    if (known !== undefined) return known;
    if (openAtMs < this.#completeMs || openAtMs < this.#forgottenMs()) return undefined;
    const { instrumentId } = this.#options;
    const bar: VolumeBar = {
      instrumentId,
      timeframe: base,
      openAtMs,
      buyVolume: 0,
      sellVolume: 0,
      buyTrades: 0,
      sellTrades: 0,
    };
    const minute: Minute = { bar, told: false };
    this.#minutes.set(openAtMs, minute);
    this.#newestMs = Math.max(this.#newestMs, openAtMs);
    for (const [each, { told }] of this.#minutes) if (told && each < this.#forgottenMs()) this.#minutes.delete(each);
    return minute;
  }

  #close(venueMs: number): void {
    const endedMs = venueMs - this.#options.graceMs - baseMs;
    for (const [openAtMs, minute] of this.#minutes) if (!minute.told && openAtMs <= endedMs) this.#tell(minute);
  }

  #tell(minute: Minute): void {
    minute.told = true;
    this.#options.told({ ...minute.bar });
  }

  #forgottenMs(): number {
    return this.#newestMs - this.#options.remembered * baseMs;
  }
}
