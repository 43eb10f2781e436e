import type { Candle, Clock, IndicatorSnapshot, InstrumentId, Timeframe, TimeSeriesStore } from '@perpdesk/core';
import { timeframeMs } from '@perpdesk/core';
import { deskIndicators } from './desk-indicators.ts';
import { IndicatorSets } from './indicator-sets.ts';
import type { IndicatorSpec } from './indicator-spec.ts';
import { SeriesIndicators } from './series-indicators.ts';
import { warmUpBars } from './warm-up-bars.ts';

/** Names a series. */
export interface SeriesKey {
  readonly instrumentId: InstrumentId;
  readonly timeframe: Timeframe;
}

/** Options of {@link IndicatorPipeline}. */
export interface IndicatorPipelineOptions {
  /** What every series of `timeframes` gets that has nothing declared of its own. Default {@link deskIndicators}. */
  readonly indicators?: readonly IndicatorSpec[];
  /** Default 5m, 15m, 1h, 4h and 1d. */
  readonly timeframes?: readonly Timeframe[];
  /** A hole of more bars than this begins a series anew. Default 3. */
  readonly maxMissingBars?: number;
}

/** Options of {@link IndicatorPipeline.warmFrom}. */
export interface WarmFromOptions {
  readonly series: readonly SeriesKey[];
  /** Only bars that are closed by its time are read. */
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Bars read per series. Default: enough for its indicators to have forgotten where they began, see `warmUpBars`. */
  readonly bars?: number;
  readonly signal?: AbortSignal;
}

/** A snapshot of values as they would be if the bar that is still forming closed as it stands. Never kept or published. */
export interface IndicatorPreview extends IndicatorSnapshot {
  readonly forming: true;
}

/**
 * Keeps indicators up to date over closed bars, by instrument and timeframe. An update allocates nothing, a series' set of
 * indicators takes about as many bytes as it has numbers, see `IndicatorSets`.
 *
 * Gaps: a hole of up to `maxMissingBars` bars is stepped over, as charts do: the indicators go on with the next bar, and the
 * snapshots say how many bars are `missing` for the next 250 bars. A longer hole resets the series: its values disappear
 * until they have warmed up on the bars after it.
 *
 * It publishes nothing itself: `MarketDataService` takes its snapshots to the MarketBus, as `indicators.updated`.
 *
 * @example
 * const pipeline = new IndicatorPipeline({ indicators: [{ kind: 'rsi' }], timeframes: ['15m'] });
 * await pipeline.warmFrom(store, { series: [{ instrumentId, timeframe: '15m' }], clock });
 * const rsi = pipeline.update(closedBar)?.values['rsi(14)'];
 * const live = pipeline.preview(formingBar)?.values['rsi(14)'];
 */
export class IndicatorPipeline {
  readonly #indicators: readonly IndicatorSpec[];
  readonly #timeframes: ReadonlySet<Timeframe>;
  readonly #maxMissingBars: number;
  readonly #series = new Map<InstrumentId, Map<Timeframe, SeriesIndicators>>();
  /** Sets by the list of specs that made them: series with one list share them. */
  readonly #sets = new WeakMap<readonly IndicatorSpec[], IndicatorSets>();
  /** The series that have indicators of their own, by the list. */
  readonly #declared = new Map<SeriesIndicators, readonly IndicatorSpec[]>();

  /** @throws ValidationError `indicator.period`, `indicator.duplicate` for specs that can not be. */
  constructor(options: IndicatorPipelineOptions = {}) {
    this.#indicators = options.indicators ?? deskIndicators;
    this.#timeframes = new Set(options.timeframes ?? ['5m', '15m', '1h', '4h', '1d']);
    this.#maxMissingBars = options.maxMissingBars ?? 3;
    this.#setsOf(this.#indicators);
  }

  /**
   * Gives one series indicators of its own instead of the common ones, from its next bar on. Series that are given the same
   * list share its code and pages.
   * @throws ValidationError `indicator.period`, `indicator.duplicate`
   */
  declare(series: SeriesKey, indicators: readonly IndicatorSpec[]): void {
    const created = this.#create(indicators);
    const timeframes = this.#timeframesOf(series.instrumentId);
    const before = timeframes.get(series.timeframe);
    if (before !== undefined) {
      before.remove();
      this.#declared.delete(before);
    }
    timeframes.set(series.timeframe, created);
    this.#declared.set(created, indicators);
  }

  /** The names of the values of a series, computed or still warming up; none where nothing is declared. */
  names(series: SeriesKey): readonly string[] {
    return this.#of(series)?.names() ?? [];
  }

  /** Takes bars of any series, each oldest first. What is not newer than the last of its series is passed over. */
  warm(candles: Iterable<Candle>): void {
    for (const candle of candles) this.#of(candle)?.update(candle);
  }

  /**
   * Warms series up from a store, as of the clock: the newest closed bars, oldest first, and nothing of the bar that is still
   * forming. Gives how many bars each series took, in order: 0 where the store has none or nothing is declared.
   * @throws StoreError when the store can not be read.
   */
  async warmFrom(store: Pick<TimeSeriesStore, 'latestCandles'>, options: WarmFromOptions): Promise<readonly number[]> {
    const { series, clock, signal } = options;
    const taken: number[] = [];
    for (const { instrumentId, timeframe } of series) {
      const one = this.#of({ instrumentId, timeframe });
      if (one === undefined) {
        taken.push(0);
        continue;
      }
      const asOfMs = clock.nowMs();
      const limit = options.bars ?? warmUpBars(this.#declared.get(one) ?? this.#indicators, timeframe);
      const candles = await store.latestCandles({ instrumentId, timeframe, asOfMs, limit }, signal && { signal });
      const closed = candles.filter((candle) => candle.openAtMs + timeframeMs(timeframe) <= asOfMs);
      taken.push(closed.filter((candle) => one.update(candle)).length);
    }
    return taken;
  }

  /**
   * Takes the next closed bar of its series and gives the values after it. Undefined where nothing is declared, and for a
   * bar that is not newer than the last.
   */
  update(candle: Candle): IndicatorSnapshot | undefined {
    const series = this.#of(candle);
    return series?.update(candle) ? series.snapshot() : undefined;
  }

  /**
   * The values as they would be if this bar, which is still forming, closed as it stands. Changes nothing: the next update
   * and every snapshot are as if it had not been asked. Undefined as of {@link IndicatorPipeline.update}. Custom indicators
   * without `preview` are left out.
   */
  preview(forming: Candle): IndicatorPreview | undefined {
    const snapshot = this.#of(forming)?.preview(forming);
    return snapshot && { ...snapshot, forming: true };
  }

  /** The values after the last bar of a series; undefined before the first. */
  snapshot(series: SeriesKey): IndicatorSnapshot | undefined {
    return this.#of(series)?.snapshot();
  }

  #of({ instrumentId, timeframe }: SeriesKey): SeriesIndicators | undefined {
    const known = this.#series.get(instrumentId)?.get(timeframe);
    if (known !== undefined || !this.#timeframes.has(timeframe)) return known;
    const created = this.#create(this.#indicators);
    this.#timeframesOf(instrumentId).set(timeframe, created);
    return created;
  }

  #timeframesOf(instrumentId: InstrumentId): Map<Timeframe, SeriesIndicators> {
    const known = this.#series.get(instrumentId);
    if (known !== undefined) return known;
    const created = new Map<Timeframe, SeriesIndicators>();
    this.#series.set(instrumentId, created);
    return created;
  }

  #create(indicators: readonly IndicatorSpec[]): SeriesIndicators {
    return new SeriesIndicators(this.#setsOf(indicators), { maxMissingBars: this.#maxMissingBars });
  }

  #setsOf(indicators: readonly IndicatorSpec[]): IndicatorSets {
    const known = this.#sets.get(indicators);
    if (known !== undefined) return known;
    const created = new IndicatorSets(indicators);
    this.#sets.set(indicators, created);
    return created;
  }
}
