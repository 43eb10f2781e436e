import {
  barOpenMs,
  type Candle,
  type CandleGap,
  type InstrumentId,
  type Timeframe,
  timeframeMs,
  timeframes,
  ValidationError,
} from '@perpdesk/core';

/** A bar that can not be closed because some of its base bars never came. The payload of `candle.skipped`. */
export interface SkippedBar {
  readonly instrumentId: InstrumentId;
  readonly timeframe: Timeframe;
  readonly openAtMs: number;
  readonly reason: 'partial';
  /** How many base bars it lacks, at least 1. */
  readonly missing: number;
}

/**
 * What became of a bar. `duplicate`: the newest bar again, value for value. `conflicting`: the newest bar again with other
 * values. `late`: older than the newest bar. Only `accepted` bars change anything.
 */
export type RollupOutcome = 'accepted' | 'duplicate' | 'conflicting' | 'late';

/** Who is told, synchronously, inside {@link CandleRollup.push}: first the gap, then skipped bars, then closed ones. */
export interface RollupListener {
  /** A finished bar above the base, timeframes ascending. Each is given once. */
  closed(candle: Candle): void;
  /** A bar that had at least one base bar but not all. */
  skipped?(bar: SkippedBar): void;
  /** Base bars that never came. Higher bars wholly inside it are told by this alone. */
  gapped?(gap: CandleGap): void;
  /** A bar that was refused as `conflicting` or `late`. */
  refused?(candle: Candle, outcome: 'conflicting' | 'late'): void;
}

/** How many bars a roll-up has seen, by outcome. */
export interface RollupCounts {
  readonly accepted: number;
  readonly duplicate: number;
  readonly conflicting: number;
  readonly late: number;
}

/** Options of {@link CandleRollup}. */
export interface CandleRollupOptions {
  readonly instrumentId: InstrumentId;
  readonly listener: RollupListener;
  /** The timeframe that comes in. Default `1m`. */
  readonly base?: Timeframe;
  /** What is made of it. Default: every timeframe above the base. Each must be a whole multiple of the base. */
  readonly targets?: readonly Timeframe[];
}

/** A target's forming bar. Plain numbers, so that a base bar allocates nothing. */
interface Forming {
  readonly timeframe: Timeframe;
  readonly durationMs: number;
  readonly parts: number;
  openAtMs: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  count: number;
}

/**
 * Rolls the base bars of one instrument up into higher timeframes aligned to the epoch. A higher bar is given once, with
 * its last base bar, and only when every base bar of it came; one that lacks any is told as skipped, never closed: with
 * its own last base bar, or with the first base bar after it. Nothing is invented: duplicates and late bars are refused.
 *
 * @example
 * const rollup = new CandleRollup({ instrumentId: 'BTC-PERP@hyperliquid', listener: { closed: (bar) => bars.push(bar) } });
 * for (const minute of minutes) rollup.push(minute);
 */
export class CandleRollup {
  readonly #instrumentId: InstrumentId;
  readonly #listener: RollupListener;
  readonly #base: Timeframe;
  readonly #baseMs: number;
  readonly #targets: readonly Forming[];
  readonly #counts = { accepted: 0, duplicate: 0, conflicting: 0, late: 0 };
  #last: Candle | undefined;

  /** @throws ValidationError `rollup.target` when a target is not a whole multiple above the base. */
  constructor(options: CandleRollupOptions) {
    this.#instrumentId = options.instrumentId;
    this.#listener = options.listener;
    this.#base = options.base ?? '1m';
    this.#baseMs = timeframeMs(this.#base);
    const above = timeframes.filter((timeframe) => timeframeMs(timeframe) > this.#baseMs);
    this.#targets = (options.targets ?? above)
      .map((timeframe) => forming(timeframe, this.#base))
      .sort((a, b) => a.durationMs - b.durationMs);
  }

  /**
   * Takes the next base bar.
   * @throws ValidationError `rollup.series` for a bar of another instrument or timeframe, `rollup.misaligned` for one that
   * does not open on a multiple of the base timeframe.
   */
  push(candle: Candle): RollupOutcome {
    if (candle.instrumentId !== this.#instrumentId || candle.timeframe !== this.#base) {
      throw new ValidationError(
        'rollup.series',
        `The roll-up of ${this.#instrumentId} ${this.#base} was given a bar of ${candle.instrumentId} ${candle.timeframe}.`,
      );
    }
    if (candle.openAtMs % this.#baseMs !== 0) {
      throw new ValidationError('rollup.misaligned', `A ${this.#base} bar can not open at ${candle.openAtMs}.`);
    }
    const last = this.#last;
    if (last !== undefined && candle.openAtMs <= last.openAtMs) return this.#refuse(candle, last);
    this.#counts.accepted += 1;
    this.#last = candle;
    if (last !== undefined) this.#leave(last.openAtMs + this.#baseMs, candle.openAtMs);
    for (const target of this.#targets) add(target, candle);
    this.#finish(candle.openAtMs + this.#baseMs);
    return 'accepted';
  }

  /** The bar of a target timeframe as far as it came, or undefined before its first base bar. It may lack some. */
  forming(timeframe: Timeframe): Candle | undefined {
    const target = this.#targets.find((other) => other.timeframe === timeframe);
    return target === undefined || target.count === 0 ? undefined : this.#candle(target);
  }

  /** How many bars were pushed, by outcome. */
  counts(): RollupCounts {
    return { ...this.#counts };
  }

  #refuse(candle: Candle, last: Candle): RollupOutcome {
    const outcome =
      candle.openAtMs < last.openAtMs ? 'late' : sameValues(candle, last) ? 'duplicate' : ('conflicting' as const);
    this.#counts[outcome] += 1;
    if (outcome !== 'duplicate') this.#listener.refused?.(candle, outcome);
    return outcome;
  }

  /** Tells the gap before a bar, and gives up the forming bars that ended inside it. */
  #leave(expectedMs: number, openAtMs: number): void {
    if (openAtMs === expectedMs) return;
    this.#listener.gapped?.({
      instrumentId: this.#instrumentId,
      timeframe: this.#base,
      fromMs: expectedMs,
      toMs: openAtMs,
      missing: (openAtMs - expectedMs) / this.#baseMs,
    });
    for (const target of this.#targets) {
      if (target.count > 0 && target.openAtMs + target.durationMs <= openAtMs) this.#skip(target);
    }
  }

  /** Closes or skips what ends at `closeAtMs`. */
  #finish(closeAtMs: number): void {
    for (const target of this.#targets) {
      if (target.openAtMs + target.durationMs === closeAtMs && target.count < target.parts) this.#skip(target);
    }
    for (const target of this.#targets) {
      if (target.count !== target.parts) continue;
      const candle = this.#candle(target);
      target.count = 0;
      this.#listener.closed(candle);
    }
  }

  #skip(target: Forming): void {
    const missing = target.parts - target.count;
    target.count = 0;
    this.#listener.skipped?.({
      instrumentId: this.#instrumentId,
      timeframe: target.timeframe,
      openAtMs: target.openAtMs,
      reason: 'partial',
      missing,
    });
  }

  #candle(bar: Forming): Candle {
    return {
      instrumentId: this.#instrumentId,
      timeframe: bar.timeframe,
      openAtMs: bar.openAtMs,
      open: bar.open,
      high: bar.high,
      low: bar.low,
      close: bar.close,
      volume: bar.volume,
    };
  }
}

function forming(timeframe: Timeframe, base: Timeframe): Forming {
  const durationMs = timeframeMs(timeframe);
  const parts = durationMs / timeframeMs(base);
  if (!Number.isInteger(parts) || parts < 2) {
    throw new ValidationError('rollup.target', `${timeframe} bars can not be rolled up from ${base} bars.`);
  }
  // No bar opens at −1, so that the first base bar begins a new one.
  return { timeframe, durationMs, parts, openAtMs: -1, open: 0, high: 0, low: 0, close: 0, volume: 0, count: 0 };
}

function add(bar: Forming, part: Candle): void {
  if (bar.count === 0) {
    bar.openAtMs = barOpenMs(bar.timeframe, part.openAtMs);
    bar.open = part.open;
    bar.high = part.high;
    bar.low = part.low;
    bar.volume = 0;
  } else {
    if (part.high > bar.high) bar.high = part.high;
    if (part.low < bar.low) bar.low = part.low;
  }
  bar.close = part.close;
  bar.volume += part.volume;
  bar.count += 1;
}

/** True when two bars of one time say the same. */
export const sameValues = (a: Candle, b: Candle): boolean =>
  a.open === b.open && a.high === b.high && a.low === b.low && a.close === b.close && a.volume === b.volume;
