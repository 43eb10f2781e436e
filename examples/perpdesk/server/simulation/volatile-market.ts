import type { Candle, Instrument, MarketObservation, MarketStep } from '@perpdesk/core';
import { MarketSimulator } from '@perpdesk/data';

/** How much further prices move than those of the simulator do. */
const amplification = 12;

/** A simulated market whose moves are several times larger, so that a trade lasts minutes; its book can be thinned. */
export class VolatileMarket {
  readonly #source: MarketSimulator;
  readonly #anchors = new Map<string, number>();
  /** By how much the present prices are moved. */
  readonly #present = new Map<string, number>();
  #steps: AsyncIterator<MarketStep> | undefined;
  #instruments: readonly Instrument[] = [];

  constructor(options: { readonly seed: string; readonly startAtMs: number; readonly backfillDays: number }) {
    this.#source = new MarketSimulator({ ...options, markets: ['BTC-PERP', 'ETH-PERP'], venues: ['hyperliquid'] });
  }

  get instruments(): readonly Instrument[] {
    return this.#instruments;
  }

  async open(): Promise<void> {
    this.#instruments = await this.#source.instruments();
    this.#steps = this.#source.steps()[Symbol.asyncIterator]();
  }

  /** Closed bars up to the last step, as they came. */
  async history(): Promise<readonly (readonly Candle[])[]> {
    const series: (readonly Candle[])[] = [];
    for await (const candles of this.#source.history()) series.push(candles);
    return series;
  }

  async background(): Promise<readonly (readonly MarketObservation[])[]> {
    const all: (readonly MarketObservation[])[] = [];
    for await (const observations of this.#source.background()) all.push(observations);
    return all;
  }

  /** The next two seconds. `depth`: the share of each level of the book that is there. */
  async next(depth: number): Promise<MarketStep> {
    const next = await this.#steps?.next();
    if (next === undefined || next.done === true) throw new Error('The simulated market has ended.');
    const { atMs, observations } = next.value;
    return { atMs, observations: observations.map((observation) => this.#amplified(observation, depth)) };
  }

  #amplified(observation: MarketObservation, depth: number): MarketObservation {
    switch (observation.kind) {
      case 'ticker': {
        const { ticker } = observation;
        const by = this.#shift(ticker.instrumentId, ticker.mark);
        this.#present.set(ticker.instrumentId, by);
        const moved = moveAll(ticker, ['last', 'mark', 'index', 'bid', 'ask'], by);
        return { kind: 'ticker', ticker: moved };
      }
      case 'trade': {
        const { trade } = observation;
        return { kind: 'trade', trade: moveAll(trade, ['price'], this.#present.get(trade.instrumentId) ?? 0) };
      }
      case 'book': {
        const { book } = observation;
        const by = this.#present.get(book.instrumentId) ?? 0;
        const moved = (levels: typeof book.bids): typeof book.bids =>
          levels.map(([price, size]) => [rounded(price + by), depth === 1 ? size : thinned(size * depth)]);
        return { kind: 'book', book: { ...book, bids: moved(book.bids), asks: moved(book.asks) } };
      }
      case 'candle': {
        const { candle } = observation;
        const at = (price: number): number => rounded(price + this.#shift(candle.instrumentId, price));
        const { close, high, low, open } = candle;
        return {
          kind: 'candle',
          candle: { ...candle, open: at(open), high: at(high), low: at(low), close: at(close) },
        };
      }
      default:
        return observation;
    }
  }

  #shift(id: string, price: number): number {
    const anchor = this.#anchors.get(id) ?? price;
    this.#anchors.set(id, anchor);
    const by = (price - anchor) * (amplification - 1);
    return anchor > 10_000 ? Math.round(by) : rounded(by);
  }
}

/** In whole lots of every market here. */
const thinned = (size: number): number => Math.max(1, Math.floor(size * 10_000)) / 10_000;
const rounded = (price: number): number => Math.round(price * 10) / 10;

function moveAll<Names extends string, Quoted extends { readonly [Name in Names]?: number | undefined }>(
  quoted: Quoted,
  names: readonly Names[],
  by: number,
): Quoted {
  const moved: { [Name in Names]?: number | undefined } = { ...quoted };
  for (const name of names) {
    const price = moved[name];
    if (price !== undefined) moved[name] = rounded(price + by);
  }
  return { ...quoted, ...moved };
}
