import { compare, type Price, plus, type Size, zeroSize } from '@perpdesk/core';
import { type CandleInterval, candleIntervals, closesAtMs, opensAtMs } from './candle-interval.ts';

/** A candle as the exchange keeps it; `volume` in base units. */
export interface ExchangeCandle {
  readonly openMs: number;
  readonly closeMs: number;
  readonly open: Price;
  readonly high: Price;
  readonly low: Price;
  readonly close: Price;
  readonly volume: Size;
  readonly trades: number;
}

/** The venue answers with at most as many. */
const keptCandles = 5_000;

/** The candles of all coins at all intervals, built from the exchange's trades. An interval without a trade has none. */
export class CandleBook {
  readonly #series = new Map<string, ExchangeCandle[]>();

  add(coin: string, price: Price, size: Size, atMs: number): void {
    for (const interval of candleIntervals) {
      const series = this.#of(coin, interval);
      const openMs = opensAtMs(interval, atMs);
      const last = series.at(-1);
      if (last === undefined || last.openMs < openMs) {
        series.push({ ...opened(interval, openMs, price), volume: size, trades: 1 });
        if (series.length > keptCandles) series.shift();
      } else {
        series[series.length - 1] = {
          ...last,
          high: compare(price, last.high) > 0 ? price : last.high,
          low: compare(price, last.low) < 0 ? price : last.low,
          close: price,
          volume: plus(last.volume, size),
          trades: last.trades + 1,
        };
      }
    }
  }

  /** Puts past candles before those that trades made, oldest first. */
  load(coin: string, interval: CandleInterval, candles: readonly ExchangeCandle[]): void {
    const series = this.#of(coin, interval);
    const firstMs = series[0]?.openMs ?? Infinity;
    const older = candles.filter((candle) => candle.openMs < firstMs);
    series.unshift(...older);
    series.splice(0, Math.max(0, series.length - keptCandles));
  }

  /** Those that open between two instants, both included, oldest first. */
  between(coin: string, interval: CandleInterval, fromMs: number, toMs: number): readonly ExchangeCandle[] {
    return (this.#series.get(`${coin} ${interval}`) ?? []).filter(
      (candle) => candle.openMs >= fromMs && candle.openMs <= toMs,
    );
  }

  last(coin: string, interval: CandleInterval): ExchangeCandle | undefined {
    return this.#series.get(`${coin} ${interval}`)?.at(-1);
  }

  #of(coin: string, interval: CandleInterval): ExchangeCandle[] {
    const key = `${coin} ${interval}`;
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    const made: ExchangeCandle[] = [];
    this.#series.set(key, made);
    return made;
  }
}

function opened(interval: CandleInterval, openMs: number, price: Price): ExchangeCandle {
  return {
    openMs,
    closeMs: closesAtMs(interval, openMs),
    open: price,
    high: price,
    low: price,
    close: price,
    volume: zeroSize,
    trades: 0,
  };
}
