import { type Candle, type InstrumentId, type Timeframe, timeframeMs, ValidationError } from '@perpdesk/core';
import type { BarListener } from './bar-listener.ts';
import { CandleRollup, sameValues } from './candle-rollup.ts';

/** Options of {@link VenueCandles}. */
export interface VenueCandlesOptions {
  readonly instrumentId: InstrumentId;
  readonly listener: BarListener;
  /** The timeframe that the venue sends. Default `1m`. */
  readonly timeframe?: Timeframe;
  /** What its bars are rolled up into. Default: every timeframe above. */
  readonly targets?: readonly Timeframe[];
  /** How long after its end {@link VenueCandles.advanceTo} waits for the last word on a bar, in milliseconds. Default 2,000. */
  readonly graceMs?: number;
  /** How many closed bars are kept, so that restatements of them are known. Default 10. */
  readonly remembered?: number;
}

/**
 * What became of a venue's bar. `forming`: not finished yet. `closed`: this one, just now. `duplicate`: closed already, value
 * for value. `restated`: closed already with other values, told as corrected. `late`: before everything remembered.
 */
export type VenueBarOutcome = 'forming' | 'closed' | 'duplicate' | 'restated' | 'late' | 'invalid';

/** How many bars came, by outcome. */
export type VenueBarCounts = Readonly<Record<VenueBarOutcome, number>>;

/**
 * Closes the bars that a venue sends for one instrument, so that they come out as those built from trades do.
 *
 * A bar closes once: when the venue says that it is final, when a later one opens, or when venue time given to
 * {@link advanceTo} is past its end and the grace. What the venue says of it afterwards is told as corrected. Bars that
 * never came are told as a gap; none is invented.
 *
 * @example
 * const bars = new VenueCandles({ instrumentId, listener: { closed: (bar) => store.push(bar) } });
 * socket.on('kline', (candle, isFinal) => bars.push(candle, isFinal));
 */
export class VenueCandles {
  readonly #instrumentId: InstrumentId;
  readonly #listener: BarListener;
  readonly #timeframe: Timeframe;
  readonly #durationMs: number;
  readonly #graceMs: number;
  readonly #remembered: number;
  readonly #rollup: CandleRollup;
  readonly #counts: Record<VenueBarOutcome, number> = {
    forming: 0,
    closed: 0,
    duplicate: 0,
    restated: 0,
    late: 0,
    invalid: 0,
  };
  #forming: Candle | undefined;
  /** The last closed bars, oldest first. */
  #closed: Candle[] = [];

  /** @throws ValidationError `rollup.target` when a target is not a whole multiple above the timeframe. */
  constructor(options: VenueCandlesOptions) {
    const { listener, targets } = options;
    this.#instrumentId = options.instrumentId;
    this.#listener = listener;
    this.#timeframe = options.timeframe ?? '1m';
    this.#durationMs = timeframeMs(this.#timeframe);
    this.#graceMs = options.graceMs ?? 2_000;
    this.#remembered = Math.max(1, options.remembered ?? 10);
    this.#rollup = new CandleRollup({
      instrumentId: options.instrumentId,
      base: this.#timeframe,
      listener: {
        closed: (candle) => listener.closed(candle),
        skipped: (bar) => listener.skipped?.(bar),
        gapped: (gap) => listener.gapped?.(gap),
      },
      ...(targets === undefined ? {} : { targets }),
    });
  }

  /**
   * Takes a bar as the venue sent it.
   * @param isFinal true when the venue says that it will not change. Default false.
   * @throws ValidationError `candles.series` for a bar of another instrument or timeframe.
   */
  push(candle: Candle, isFinal = false): VenueBarOutcome {
    if (candle.instrumentId !== this.#instrumentId || candle.timeframe !== this.#timeframe) {
      throw new ValidationError(
        'candles.series',
        `The ${this.#timeframe} bars of ${this.#instrumentId} were given a bar of ${candle.instrumentId} ${candle.timeframe}.`,
      );
    }
    const outcome = sound(candle, this.#durationMs) ? this.#take(candle, isFinal) : 'invalid';
    this.#counts[outcome] += 1;
    return outcome;
  }

  /** Tells that venue time has come so far, so that a bar closes though no later one opens. */
  advanceTo(venueMs: number): void {
    const forming = this.#forming;
    if (forming !== undefined && forming.openAtMs + this.#durationMs + this.#graceMs <= venueMs) this.#close(forming);
  }

  /** The bar that is not closed yet, as it was last sent. */
  forming(): Candle | undefined {
    return this.#forming;
  }

  /** How many bars came, by outcome. */
  counts(): VenueBarCounts {
    return { ...this.#counts };
  }

  #take(candle: Candle, isFinal: boolean): VenueBarOutcome {
    const last = this.#closed.at(-1);
    if (last !== undefined && candle.openAtMs <= last.openAtMs) return this.#restate(candle);
    const forming = this.#forming;
    // Older than the forming one, but never closed: the roll-up has not passed it, so it can still close in turn.
    if (forming !== undefined && candle.openAtMs < forming.openAtMs) {
      if (!isFinal) return 'late';
      this.#close(candle, forming);
      return 'closed';
    }
    if (forming !== undefined && candle.openAtMs > forming.openAtMs) this.#close(forming);
    this.#forming = candle;
    if (!isFinal) return 'forming';
    this.#close(candle);
    return 'closed';
  }

  #close(candle: Candle, stillForming?: Candle): void {
    this.#forming = stillForming;
    this.#closed.push(candle);
    if (this.#closed.length > this.#remembered) this.#closed.shift();
    this.#listener.closed(candle);
    this.#rollup.push(candle);
  }

  #restate(candle: Candle): VenueBarOutcome {
    const at = this.#closed.findIndex(({ openAtMs }) => openAtMs === candle.openAtMs);
    const closed = this.#closed[at];
    if (closed === undefined) return 'late';
    if (sameValues(closed, candle)) return 'duplicate';
    this.#closed[at] = candle;
    this.#listener.corrected?.(candle, 'restated');
    return 'restated';
  }
}

/** True for a bar that can be. */
function sound({ openAtMs, open, high, low, close, volume }: Candle, durationMs: number): boolean {
  return (
    openAtMs % durationMs === 0 &&
    low > 0 &&
    low <= Math.min(open, close) &&
    high >= Math.max(open, close) &&
    high < Number.POSITIVE_INFINITY &&
    volume >= 0 &&
    volume < Number.POSITIVE_INFINITY
  );
}
