import {
  type Candle,
  type Instrument,
  type InstrumentId,
  type MarketView,
  type Timeframe,
  type TimeSeriesStore,
  timeframeMs,
  toNumber,
} from '@perpdesk/core';
import { calibrationDefaults as defaults } from './settings.ts';

/** One bar, by what it is of and when it closes. */
export interface ClosePoint {
  readonly instrumentId: InstrumentId;
  readonly timeframe: Timeframe;
  readonly closeAtMs: number;
}

/** How many bars back a view is looked through for one that is not its last. */
const lookBack = 1_000;

/**
 * Where outcomes are read: the market view, then, for bars that it has let go of or that came while nobody was here, the store.
 * Both know only bars that are closed by the clock. A bar that neither has is not replaced by a neighbour.
 */
export class OutcomePrices {
  readonly #view: MarketView;
  readonly #store: Pick<TimeSeriesStore, 'readCandles'> | undefined;
  /** The ATR up to the last bar of each series, where it is known: the same is asked for each horizon of each agent. */
  readonly #ranges = new Map<string, { readonly last: Candle; readonly range: number }>();
  /** The taker's fee of each instrument as it stands. */
  readonly #fees = new Map<InstrumentId, { readonly instrument: Instrument; readonly fee: number }>();

  constructor(options: {
    readonly marketView: MarketView;
    readonly candleStore?: Pick<TimeSeriesStore, 'readCandles'> | undefined;
  }) {
    this.#view = options.marketView;
    this.#store = options.candleStore;
  }

  /** The close of a bar; a promise of it where the store is asked. @throws StoreError */
  closeOf({ instrumentId, timeframe, closeAtMs }: ClosePoint): number | undefined | Promise<number | undefined> {
    const openAtMs = closeAtMs - timeframeMs(timeframe);
    const seen = barsUntil(this.#view, { instrumentId, timeframe, closeAtMs }, 1).at(-1);
    if (seen?.openAtMs === openAtMs) return seen.close;
    if (this.#store === undefined) return undefined;
    const range = { instrumentId, timeframe, fromMs: openAtMs, toMs: openAtMs + 1 };
    return this.#store.readCandles(range).then((kept) => (kept.length === 0 ? undefined : kept.close[0]));
  }

  /**
   * How far a market must go in `bars` bars to have moved, as a fraction of its price: the larger of a share of the ATR grown
   * with the square root of time, and the taker's fees for the way there and back. Undefined where the bars that the ATR is of
   * are too few, have a long hole, or end more than a bar before.
   */
  bandAt(point: ClosePoint, bars: number): number | undefined {
    const { bandShare, feesPaid } = defaults;
    const last = barsUntil(this.#view, point, 1).at(-1);
    if (last === undefined || last.openAtMs + 2 * timeframeMs(point.timeframe) < point.closeAtMs) return undefined;
    const range = this.#rangeUntil(last, point);
    if (range === undefined) return undefined;
    const band = (bandShare * range * Math.sqrt(bars)) / last.close;
    const wide = Math.max(band, feesPaid * this.#feeOf(point.instrumentId));
    return wide > 0 ? wide : undefined;
  }

  #rangeUntil(last: Candle, point: ClosePoint): number | undefined {
    const { atrBars, bridgedBars } = defaults;
    const key = `${point.instrumentId}|${point.timeframe}`;
    const known = this.#ranges.get(key);
    if (known?.last === last) return known.range;
    const candles = barsUntil(this.#view, point, atrBars + 1);
    const first = candles[0];
    if (first === undefined || candles.length <= atrBars) return undefined;
    if (last.openAtMs - first.openAtMs > (atrBars + bridgedBars) * timeframeMs(point.timeframe)) return undefined;
    const range = meanTrueRange(candles);
    this.#ranges.set(key, { last, range });
    return range;
  }

  #feeOf(instrumentId: InstrumentId): number {
    const instrument = this.#view.instrument(instrumentId);
    if (instrument === undefined) return 0;
    const known = this.#fees.get(instrumentId);
    if (known?.instrument === instrument) return known.fee;
    const fee = toNumber(instrument.takerFeeRate);
    this.#fees.set(instrumentId, { instrument, fee });
    return fee;
  }
}

/** The last `count` bars that close by an instant. Mostly they are the last there are. */
function barsUntil(
  view: MarketView,
  { instrumentId, timeframe, closeAtMs }: ClosePoint,
  count: number,
): readonly Candle[] {
  const stepMs = timeframeMs(timeframe);
  const newest = view.candles(instrumentId, timeframe, count);
  const last = newest.at(-1);
  if (last === undefined || last.openAtMs + stepMs <= closeAtMs) return newest;
  const all = view.candles(instrumentId, timeframe, lookBack);
  const end = all.findLastIndex(({ openAtMs }) => openAtMs + stepMs <= closeAtMs) + 1;
  return all.slice(Math.max(0, end - count), end);
}

/** True range: the widest of high − low and the distances of both from the previous close. The first bar gives only its close. */
function meanTrueRange(candles: readonly Candle[]): number {
  let total = 0;
  for (let i = 1; i < candles.length; i += 1) {
    const bar = candles[i];
    const before = candles[i - 1]?.close;
    if (bar !== undefined && before !== undefined) total += Math.max(bar.high, before) - Math.min(bar.low, before);
  }
  return total / (candles.length - 1);
}
