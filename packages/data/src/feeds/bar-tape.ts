import {
  barOpenMs,
  type Candle,
  type Clock,
  type FeedGap,
  type FeedGapReason,
  type InstrumentId,
  type Logger,
  type Timeframe,
  timeframeMs,
} from '@perpdesk/core';
import { whileHeld } from './while-held.ts';

/** What a bar tape tells. */
export interface BarListener {
  bar(candle: Candle, closed: boolean): void;
  gap(gap: FeedGap): void;
}

export interface BarTapeOptions {
  readonly instrumentId: InstrumentId;
  readonly timeframe: Timeframe;
  readonly clock: Clock;
  readonly listener: BarListener;
  readonly logger: Logger;
  /** Bars that open in [fromMs, toMs) and are closed, oldest first. */
  readonly fetch: (fromMs: number, toMs: number) => Promise<readonly Candle[]>;
  readonly retryMs: number;
  /** How long after its end a bar may stay without a word before it is asked for, ms. */
  readonly closeGraceMs: number;
}

const attempts = 5;
const mostWaiting = 10_000;

/**
 * One series of a venue's own bars, each closed once and in order. A bar is closed when the venue says so or when the next
 * begins; what is missing between is fetched, while newer ones wait. Where trades are few the clock asks for a bar that ended
 * without a word.
 */
export class BarTape {
  readonly #options: BarTapeOptions;
  readonly #barMs: number;
  /** The open of the first bar that is not closed yet; undefined before the first bar. */
  #due: number | undefined;
  #forming: Candle | undefined;
  /** True once the venue was seen to say when a bar is closed. */
  #told = false;
  #broken: { reason: FeedGapReason; fromMs: number } | undefined;
  #waiting: { readonly candle: Candle; readonly closed: boolean | undefined }[] = [];
  /** Counts breaks: what is fetched over one has to be fetched again. */
  #breaks = 0;
  #connected = true;
  #holes = false;
  #filling = false;
  #stopped = false;
  readonly #stopping = new AbortController();

  constructor(options: BarTapeOptions) {
    this.#options = options;
    this.#barMs = timeframeMs(options.timeframe);
  }

  /** Takes a bar of the socket. */
  offer(candle: Candle, closed: boolean | undefined): void {
    if (this.#stopped) return;
    if (this.#broken !== undefined) {
      this.#wait(candle, closed);
      return;
    }
    if (closed !== undefined) this.#told = true;
    this.#due ??= candle.openAtMs;
    // A bar that is closed stays closed.
    if (candle.openAtMs < this.#due) return;
    const skipped = candle.openAtMs > this.#due;
    if (skipped && (this.#told || candle.openAtMs > this.#due + this.#barMs || this.#forming === undefined)) {
      this.#broken = { reason: 'sequence', fromMs: this.#due };
      this.#wait(candle, closed);
      this.resume();
      return;
    }
    if (skipped && this.#forming !== undefined) this.#close(this.#forming);
    if (closed === true) this.#close(candle);
    else {
      this.#forming = candle;
      this.#options.listener.bar(candle, false);
    }
  }

  breakOff(reason: FeedGapReason): void {
    if (this.#due === undefined || this.#stopped) return;
    this.#breaks += 1;
    this.#connected = false;
    // Their last words may be missing now; they are asked for again.
    this.#waiting = [];
    // So is its last word on the bar that was forming, unless it speaks of it again.
    this.#forming = undefined;
    this.#broken ??= { reason, fromMs: this.#due };
  }

  /** The socket tells again. */
  resume(): void {
    this.#connected = true;
    if (this.#broken === undefined || this.#filling || this.#stopped) return;
    this.#filling = true;
    void this.#fill();
  }

  /** Looks whether a bar should have closed by now, by the venue's clock. */
  tick(venueNowMs: number): void {
    if (this.#due === undefined || this.#broken !== undefined || this.#stopped) return;
    if (venueNowMs < this.#due + this.#barMs + this.#options.closeGraceMs) return;
    this.#broken = { reason: 'silent', fromMs: this.#due };
    this.resume();
  }

  stop(): void {
    this.#stopped = true;
    this.#stopping.abort();
    this.#waiting = [];
  }

  async #fill(): Promise<void> {
    const { clock, fetch, logger, instrumentId, retryMs } = this.#options;
    const breaks = this.#breaks;
    let answered = false;
    for (let attempt = 0; attempt < attempts && !this.#stopped; attempt += 1) {
      const fromMs = this.#due;
      if (fromMs === undefined) break;
      if (attempt > 0) await clock.sleep(retryMs * 2 ** (attempt - 1), this.#stopping).catch(() => {});
      if (this.#stopped) return;
      const toMs = this.#untilMs();
      if (toMs <= fromMs) return this.#end(true);
      try {
        const bars = await whileHeld(clock, fetch(fromMs, toMs));
        if (this.#stopped) return;
        if (breaks !== this.#breaks) break;
        answered = true;
        for (const bar of bars) if (bar.openAtMs >= (this.#due ?? 0) && bar.openAtMs < toMs) this.#closeInTurn(bar);
        if ((this.#due ?? 0) >= toMs) return this.#end(!this.#holes);
      } catch (error) {
        logger.debug(
          { instrumentId, attempt, error: error instanceof Error ? error.message : 'unknown' },
          'Missed bars could not be fetched.',
        );
      }
    }
    this.#filling = false;
    if (breaks === this.#breaks) this.#end(false, answered);
    else if (this.#connected) this.resume();
  }

  /** Closes a fetched bar; one that does not follow on the last leaves a hole. */
  #closeInTurn(bar: Candle): void {
    if (bar.openAtMs > (this.#due ?? bar.openAtMs)) this.#holes = true;
    this.#close(bar);
  }

  /** Where the first bar begins that is told by the socket again. */
  #untilMs(): number {
    const first = this.#waiting[0];
    if (first !== undefined) return first.candle.openAtMs;
    return barOpenMs(this.#options.timeframe, this.#options.clock.nowMs());
  }

  #end(filled: boolean, answered = true): void {
    const broken = this.#broken;
    this.#filling = false;
    this.#holes = false;
    if (broken === undefined || this.#stopped) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#broken = undefined;
    const first = waiting[0]?.candle.openAtMs;
    if (!filled) {
      this.#due = first ?? this.#untilMs();
      this.#forming = undefined;
    }
    // A quiet market: the bar was closed from the answer, or the venue answered that there is none.
    const quiet = broken.reason === 'silent' && answered;
    if (quiet) return this.#goOn(waiting);
    this.#options.listener.gap({
      instrumentId: this.#options.instrumentId,
      channel: 'candles',
      reason: broken.reason,
      fromMs: broken.fromMs,
      toMs: Math.max(broken.fromMs, first ?? this.#due ?? broken.fromMs),
      filled,
    });
    this.#goOn(waiting);
  }

  #goOn(waiting: readonly { readonly candle: Candle; readonly closed: boolean | undefined }[]): void {
    for (const { candle, closed } of waiting) this.offer(candle, closed);
  }

  #close(candle: Candle): void {
    this.#due = candle.openAtMs + this.#barMs;
    this.#forming = undefined;
    this.#options.listener.bar(candle, true);
  }

  /** Keeps the newest word on each bar while it waits. */
  #wait(candle: Candle, closed: boolean | undefined): void {
    const last = this.#waiting.at(-1);
    if (last?.candle.openAtMs === candle.openAtMs && last.closed !== true) this.#waiting.pop();
    if (last?.candle.openAtMs === candle.openAtMs && last.closed === true) return;
    this.#waiting.push({ candle, closed });
    if (this.#waiting.length > mostWaiting) this.#end(false);
  }
}
