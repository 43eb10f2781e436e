import type { Candle, InstrumentId, Timeframe, Trade } from '@perpdesk/core';

/** A bar built from trades, with who took. buyVolume + sellVolume = volume; their difference is the volume delta. */
export interface TradeCandle extends Candle {
  /** Base units taken by buyers. */
  readonly buyVolume: number;
  /** Base units taken by sellers. */
  readonly sellVolume: number;
  /** How many trades. */
  readonly trades: number;
}

/**
 * The trades of one bar in order of venue time, those of one time as they came, and what they come to. They are kept, so that
 * a repeated one is known and one can be taken back.
 */
export class TradeBar {
  openAtMs = Number.NaN;
  /** What a bar without trades goes on from; NaN when nothing came before. */
  previousClose = Number.NaN;
  /** Venue time of the latest trade; before the first one, when the bar opens. */
  lastMs = Number.NEGATIVE_INFINITY;
  count = 0;
  /** Overwritten from the front by the next bar: an array that is emptied has to grow anew. */
  readonly #trades: Trade[] = [];
  /** Beyond every price before the first trade. Not begun as whole numbers: the fields are floats from the start. */
  #high = Number.NEGATIVE_INFINITY;
  #low = Number.POSITIVE_INFINITY;
  #volume = Number.NaN;
  #buyVolume = Number.NaN;

  begin(openAtMs: number): void {
    this.openAtMs = openAtMs;
    this.previousClose = Number.NaN;
    this.lastMs = openAtMs;
    this.count = 0;
    this.#high = Number.NEGATIVE_INFINITY;
    this.#low = Number.POSITIVE_INFINITY;
    this.#volume = 0;
    this.#buyVolume = 0;
  }

  get close(): number {
    return this.count === 0 ? this.previousClose : (this.#trades[this.count - 1] as Trade).price;
  }

  /** True when a trade of this id and time is in the bar. */
  has(id: string, atMs: number): boolean {
    return this.#indexOf(id, atMs) >= 0;
  }

  /** Adds a trade that none in the bar is later than, and that is not in it; its numbers were read by the caller already. */
  append(trade: Trade, atMs: number, price: number, size: number): void {
    if (price > this.#high) this.#high = price;
    if (price < this.#low) this.#low = price;
    this.#volume += size;
    // Without a branch: who takes can not be predicted.
    this.#buyVolume += size * Number(trade.side === 'buy');
    this.#trades[this.count] = trade;
    this.lastMs = atMs;
    this.count += 1;
  }

  /**
   * Adds trades from one place of a list on, as many as are of the instrument, possible, new, before `endMs` and not earlier than
   * the one before; the sums stay in registers meanwhile. @returns where the first is that was not added.
   */
  appendRun(trades: readonly Trade[], from: number, to: number, endMs: number, instrumentId: InstrumentId): number {
    const kept = this.#trades;
    let { count, lastMs } = this;
    let high = this.#high;
    let low = this.#low;
    let volume = this.#volume;
    let buyVolume = this.#buyVolume;
    let i = from;
    for (; i < to; i += 1) {
      const trade = trades[i] as Trade;
      const { exchangeAtMs, price, size } = trade;
      if (trade.instrumentId !== instrumentId) break;
      if (!(exchangeAtMs >= lastMs && exchangeAtMs < endMs && isPossible(price, size))) break;
      if (exchangeAtMs === lastMs && this.#indexAmong(count, trade.id, exchangeAtMs) >= 0) break;
      if (price > high) high = price;
      if (price < low) low = price;
      volume += size;
      // Without a branch: who takes can not be predicted.
      buyVolume += size * Number(trade.side === 'buy');
      kept[count] = trade;
      count += 1;
      lastMs = exchangeAtMs;
    }
    if (i === from) return i;
    this.#high = high;
    this.#low = low;
    this.#volume = volume;
    this.#buyVolume = buyVolume;
    this.lastMs = lastMs;
    this.count = count;
    return i;
  }

  /** Adds a trade of any time. @returns false when it is in the bar already. */
  add(trade: Trade): boolean {
    const { exchangeAtMs, price, size } = trade;
    const { count, lastMs } = this;
    if (exchangeAtMs <= lastMs && this.has(trade.id, exchangeAtMs)) return false;
    this.append(trade, Math.max(lastMs, exchangeAtMs), price, size);
    if (exchangeAtMs >= lastMs) return true;
    const trades = this.#trades;
    let at = count;
    while (at > 0 && (trades[at - 1] as Trade).exchangeAtMs > exchangeAtMs) at -= 1;
    trades.copyWithin(at + 1, at, count);
    trades[at] = trade;
    return true;
  }

  /** Puts a trade in the place of the one with its id, or takes that one out. @returns false when it is not in the bar. */
  revise(id: string, atMs: number, instead: Trade | undefined): boolean {
    const at = this.#indexOf(id, atMs);
    if (at < 0) return false;
    const trades = this.#trades.slice(0, this.count);
    trades.splice(at, 1, ...(instead === undefined ? [] : [instead]));
    const { previousClose } = this;
    this.begin(this.openAtMs);
    this.previousClose = previousClose;
    for (const trade of trades) this.append(trade, trade.exchangeAtMs, trade.price, trade.size);
    return true;
  }

  /** The bar as an object. Without trades it stands at the close before it; without that, undefined. */
  candle(instrumentId: InstrumentId, timeframe: Timeframe): TradeCandle | undefined {
    const { count, previousClose } = this;
    if (count === 0 && Number.isNaN(previousClose)) return undefined;
    return {
      instrumentId,
      timeframe,
      openAtMs: this.openAtMs,
      open: count === 0 ? previousClose : (this.#trades[0] as Trade).price,
      high: count === 0 ? previousClose : this.#high,
      low: count === 0 ? previousClose : this.#low,
      close: count === 0 ? previousClose : (this.#trades[count - 1] as Trade).price,
      volume: this.#volume,
      buyVolume: this.#buyVolume,
      // Rounding must not make it negative.
      sellVolume: Math.max(0, this.#volume - this.#buyVolume),
      trades: count,
    };
  }

  #indexOf(id: string, atMs: number): number {
    return this.#indexAmong(this.count, id, atMs);
  }

  /** Where a trade is among the first ones, −1 when it is not there. From the end: what repeats is mostly new. */
  #indexAmong(count: number, id: string, atMs: number): number {
    for (let i = count - 1; i >= 0; i -= 1) {
      const trade = this.#trades[i] as Trade;
      if (trade.exchangeAtMs < atMs) return -1;
      if (trade.exchangeAtMs === atMs && trade.id === id) return i;
    }
    return -1;
  }
}

/** True for a price and a size that can be: above zero and finite. */
export const isPossible = (price: number, size: number): boolean =>
  price > 0 && size > 0 && price + size < Number.POSITIVE_INFINITY;
