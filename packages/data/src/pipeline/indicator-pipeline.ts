import type { Candle, IndicatorSnapshot, InstrumentId, Timeframe } from '@perpdesk/core';
import { deskIndicators } from './desk-indicators.ts';
import type { IndicatorSpec } from './indicator-spec.ts';
import { SeriesIndicators } from './series-indicators.ts';

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

/**
 * Keeps indicators up to date over closed bars, by instrument and timeframe.
 *
 * Gaps: a hole of up to `maxMissingBars` bars is stepped over, as charts do: the indicators go on with the next bar, and the
 * snapshots say how many bars are `missing` for the next 250 bars. A longer hole resets the series: its values disappear
 * until they have warmed up on the bars after it.
 *
 * @example
 * const pipeline = new IndicatorPipeline({ indicators: [{ kind: 'rsi' }], timeframes: ['15m'] });
 * pipeline.warm(history);
 * const rsi = pipeline.update(closedBar)?.values['rsi(14)'];
 */
export class IndicatorPipeline {
  readonly #indicators: readonly IndicatorSpec[];
  readonly #timeframes: ReadonlySet<Timeframe>;
  readonly #maxMissingBars: number;
  readonly #series = new Map<InstrumentId, Map<Timeframe, SeriesIndicators>>();

  /** @throws ValidationError `indicator.period`, `indicator.duplicate` for specs that can not be. */
  constructor(options: IndicatorPipelineOptions = {}) {
    this.#indicators = options.indicators ?? deskIndicators;
    this.#timeframes = new Set(options.timeframes ?? ['5m', '15m', '1h', '4h', '1d']);
    this.#maxMissingBars = options.maxMissingBars ?? 3;
    this.#create(this.#indicators);
  }

  /**
   * Gives one series indicators of its own instead of the common ones, from its next bar on.
   * @throws ValidationError `indicator.period`, `indicator.duplicate`
   */
  declare(series: SeriesKey, indicators: readonly IndicatorSpec[]): void {
    this.#timeframesOf(series.instrumentId).set(series.timeframe, this.#create(indicators));
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
   * Takes the next closed bar of its series and gives the values after it. Undefined where nothing is declared, and for a
   * bar that is not newer than the last.
   */
  update(candle: Candle): IndicatorSnapshot | undefined {
    const series = this.#of(candle);
    return series?.update(candle) ? series.snapshot() : undefined;
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
    return new SeriesIndicators(indicators, { maxMissingBars: this.#maxMissingBars });
  }
}
