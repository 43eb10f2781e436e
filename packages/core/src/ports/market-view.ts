import type { Candle } from '../domain/candle.ts';
import type { InstrumentDerivatives, MarketDerivatives } from '../domain/derivatives.ts';
import type { Instrument, InstrumentId, MarketId } from '../domain/instrument.ts';
import type { FundingRate, Liquidation, OpenInterest, OrderBookSnapshot, Ticker } from '../domain/market-data.ts';
import type { Reading } from '../domain/reading.ts';
import type { Timeframe } from '../domain/timeframe.ts';

/** Indicator values after one closed bar, by the indicator's name with its parameters: `ema(20)`, `macd(12,26,9).signal`. */
export interface IndicatorSnapshot {
  readonly instrumentId: InstrumentId;
  readonly timeframe: Timeframe;
  /** The open of the bar it was computed on. */
  readonly openAtMs: number;
  /** Only values past their warm-up; never NaN. */
  readonly values: Readonly<Record<string, number>>;
  /** Bars seen since the series began or was reset by a gap. */
  readonly bars: number;
  /** Bars of late that never came and that the values step over; left out when there are none. */
  readonly missing?: number;
}

/** Market data as of the clock: nothing that closes or happens later can be read, by construction. */
export interface MarketView {
  /** All instruments with data, in a fixed order. */
  instruments(): readonly Instrument[];
  instrument(id: InstrumentId): Instrument | undefined;
  /** The instrument whose candles start a market's rounds and whose prices a recommendation is in. */
  reference(market: MarketId): Instrument | undefined;
  /** The last `limit` closed bars or fewer, oldest first. */
  candles(id: InstrumentId, timeframe: Timeframe, limit: number): readonly Candle[];
  /** The values after the last closed bar. */
  indicators(id: InstrumentId, timeframe: Timeframe): IndicatorSnapshot | undefined;
  ticker(id: InstrumentId): Reading<Ticker> | undefined;
  book(id: InstrumentId): Reading<OrderBookSnapshot> | undefined;
}

/** Derivatives data as of the clock, oldest first. */
export interface DerivativesView {
  /** The last settled or published rates. */
  funding(id: InstrumentId, limit: number): readonly FundingRate[];
  /** The last word of each minute. */
  openInterest(id: InstrumentId, limit: number): readonly OpenInterest[];
  liquidations(id: InstrumentId, windowMs: number): readonly Liquidation[];
}

/** What derivatives data says, computed once for all who read it; as of the clock. */
export interface DerivativesFeaturesView {
  /** Of one instrument, among the other venues of its market. */
  derivativesOf(id: InstrumentId): InstrumentDerivatives;
  /** Of a market over all its venues. */
  marketDerivatives(market: MarketId): MarketDerivatives;
}
