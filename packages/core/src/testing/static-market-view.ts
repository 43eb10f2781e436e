import type { Clock } from '../clock/clock.ts';
import type { Candle } from '../domain/candle.ts';
import type { Instrument, InstrumentId, MarketId } from '../domain/instrument.ts';
import type { MacroEvent, MacroRelease } from '../domain/macro.ts';
import type { FundingRate, Liquidation, OpenInterest, OrderBookSnapshot, Ticker } from '../domain/market-data.ts';
import type { Reading } from '../domain/reading.ts';
import { type Timeframe, timeframeMs } from '../domain/timeframe.ts';
import type { MacroView } from '../ports/macro-view.ts';
import type { DerivativesView, IndicatorSnapshot, MarketView } from '../ports/market-view.ts';

/** Options of {@link StaticMarketView}: plain arrays, each oldest first within its series. */
export interface StaticMarketViewOptions {
  readonly clock: Clock;
  readonly instruments: readonly Instrument[];
  readonly candles?: readonly Candle[];
  readonly indicators?: readonly IndicatorSnapshot[];
  readonly tickers?: readonly Ticker[];
  readonly books?: readonly OrderBookSnapshot[];
  readonly funding?: readonly FundingRate[];
  readonly openInterest?: readonly OpenInterest[];
  readonly liquidations?: readonly Liquidation[];
  readonly macroEvents?: readonly MacroEvent[];
  readonly releases?: readonly MacroRelease[];
  /** How old a ticker or book may be and still be fresh. Default 60,000. */
  readonly freshForMs?: number;
}

/**
 * Market, derivatives and macro data from plain arrays, as of a clock: for tests, examples and an agent embedded over data at hand. A
 * market's reference is the first instrument of it that is given.
 *
 * @example
 * ```ts
 * const view = new StaticMarketView({ clock, instruments: [btc], candles });
 * view.candles('BTC-PERP@hyperliquid', '15m', 50); // the last 50 bars that are closed by clock.nowMs()
 * ```
 */
export class StaticMarketView implements MarketView, DerivativesView, MacroView {
  readonly #options: StaticMarketViewOptions;
  readonly #candles = new Map<string, Candle[]>();

  constructor(options: StaticMarketViewOptions) {
    this.#options = options;
    for (const candle of options.candles ?? []) {
      const key = `${candle.instrumentId}:${candle.timeframe}`;
      const series = this.#candles.get(key);
      if (series === undefined) this.#candles.set(key, [candle]);
      else series.push(candle);
    }
  }

  instruments(): readonly Instrument[] {
    return this.#options.instruments;
  }

  instrument(id: InstrumentId): Instrument | undefined {
    return this.#options.instruments.find((instrument) => instrument.id === id);
  }

  reference(market: MarketId): Instrument | undefined {
    return this.#options.instruments.find((instrument) => instrument.market === market);
  }

  candles(id: InstrumentId, timeframe: Timeframe, limit: number): readonly Candle[] {
    const series = this.#candles.get(`${id}:${timeframe}`) ?? [];
    const lastOpenMs = this.#nowMs() - timeframeMs(timeframe);
    const end = series.findLastIndex((candle) => candle.openAtMs <= lastOpenMs) + 1;
    return series.slice(Math.max(0, end - limit), end);
  }

  indicators(id: InstrumentId, timeframe: Timeframe): IndicatorSnapshot | undefined {
    const lastOpenMs = this.#nowMs() - timeframeMs(timeframe);
    return this.#options.indicators?.findLast(
      (snapshot) => snapshot.instrumentId === id && snapshot.timeframe === timeframe && snapshot.openAtMs <= lastOpenMs,
    );
  }

  ticker(id: InstrumentId): Reading<Ticker> | undefined {
    return this.#read(this.#options.tickers, id);
  }

  book(id: InstrumentId): Reading<OrderBookSnapshot> | undefined {
    return this.#read(this.#options.books, id);
  }

  funding(id: InstrumentId, limit: number): readonly FundingRate[] {
    return this.#known(this.#options.funding, id).slice(-limit);
  }

  openInterest(id: InstrumentId, limit: number): readonly OpenInterest[] {
    return this.#known(this.#options.openInterest, id).slice(-limit);
  }

  liquidations(id: InstrumentId, windowMs: number): readonly Liquidation[] {
    const fromMs = this.#nowMs() - windowMs;
    return this.#known(this.#options.liquidations, id).filter((liquidation) => liquidation.receivedAtMs > fromMs);
  }

  upcoming(windowMs: number): readonly MacroEvent[] {
    const nowMs = this.#nowMs();
    return (this.#options.macroEvents ?? [])
      .filter((event) => event.scheduledAtMs > nowMs && event.scheduledAtMs <= nowMs + windowMs)
      .sort((a, b) => a.scheduledAtMs - b.scheduledAtMs);
  }

  overdue(windowMs: number): readonly MacroEvent[] {
    const nowMs = this.#nowMs();
    const out = new Set(
      (this.#options.releases ?? []).filter(({ releasedAtMs }) => releasedAtMs <= nowMs).map(({ event }) => event.id),
    );
    return (this.#options.macroEvents ?? [])
      .filter(({ id, scheduledAtMs }) => scheduledAtMs <= nowMs && scheduledAtMs >= nowMs - windowMs && !out.has(id))
      .sort((a, b) => b.scheduledAtMs - a.scheduledAtMs);
  }

  released(windowMs: number): readonly MacroRelease[] {
    const nowMs = this.#nowMs();
    return (this.#options.releases ?? [])
      .filter((release) => release.releasedAtMs <= nowMs && release.releasedAtMs > nowMs - windowMs)
      .sort((a, b) => b.releasedAtMs - a.releasedAtMs);
  }

  #nowMs(): number {
    return this.#options.clock.nowMs();
  }

  #known<Item extends { readonly instrumentId: InstrumentId; readonly receivedAtMs: number }>(
    items: readonly Item[] | undefined,
    id: InstrumentId,
  ): Item[] {
    const nowMs = this.#nowMs();
    return (items ?? []).filter((item) => item.instrumentId === id && item.receivedAtMs <= nowMs);
  }

  #read<
    Item extends { readonly instrumentId: InstrumentId; readonly exchangeAtMs: number; readonly receivedAtMs: number },
  >(items: readonly Item[] | undefined, id: InstrumentId): Reading<Item> | undefined {
    const value = this.#known(items, id).at(-1);
    if (value === undefined) return undefined;
    const ageMs = this.#nowMs() - value.receivedAtMs;
    const atMs = value.exchangeAtMs;
    return ageMs <= (this.#options.freshForMs ?? 60_000)
      ? { quality: 'fresh', value, atMs }
      : { quality: 'stale', value, atMs, ageMs };
  }
}
