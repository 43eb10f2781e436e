import {
  type Candle,
  type FeedChannel,
  type FeedSubscription,
  type FeedUpdate,
  type FundingRate,
  type Health,
  type Instrument,
  type InstrumentId,
  type MarketFeed,
  SeededRandom,
  type SeriesRange,
  type StreamStatus,
  timeframeMs,
  type Unsubscribe,
} from '@perpdesk/core';
import { exampleInstrument } from '../../player/testing/example-market.ts';

/** One market of a {@link SimulatedVenue}, as it stands. */
interface Walk {
  readonly id: InstrumentId;
  readonly random: SeededRandom;
  price: number;
  sequence: number;
  tradeId: number;
  bar: Candle;
}

const minuteMs = 60_000;

/**
 * A venue that says as much as a busy one: each second and market a ticker, a book delta and a trade or two, the forming bar, and
 * at each minute the closed one; open interest and funding each minute; a liquidation now and then. Seeded.
 */
export class SimulatedVenue implements MarketFeed {
  readonly name: string;
  readonly venue: string;
  readonly channels: ReadonlySet<FeedChannel> = new Set([
    ...(['trades', 'book', 'candles', 'ticker', 'funding', 'open-interest', 'liquidations'] as const),
  ]);
  readonly #instruments: readonly Instrument[];
  readonly #walks: readonly Walk[];
  readonly #listeners = new Set<(update: FeedUpdate) => void>();

  constructor(options: { readonly venue: string; readonly markets: number; readonly startAtMs: number }) {
    const { venue, markets, startAtMs } = options;
    this.venue = venue;
    this.name = `feed.${venue}`;
    this.#instruments = Array.from({ length: markets }, (_, i) => exampleInstrument(`M${i}-PERP`, venue));
    this.#walks = this.#instruments.map(({ id }) => ({
      ...{ id, random: new SeededRandom(id), price: 100, sequence: 0, tradeId: 0 },
      bar: barAt(id, startAtMs, 100),
    }));
  }

  /** What is said at an instant, a whole second. */
  tick(atMs: number): void {
    for (const walk of this.#walks) this.#tick(walk, atMs);
  }

  async fetchInstruments(): Promise<readonly Instrument[]> {
    return this.#instruments;
  }

  async fetchCandles({ instrumentId, timeframe, fromMs, toMs }: SeriesRange): Promise<readonly Candle[]> {
    const length = timeframeMs(timeframe);
    const bars = Math.floor((toMs - fromMs) / length);
    return Array.from({ length: bars }, (_, i) => ({ ...barAt(instrumentId, fromMs + i * length, 100.01), timeframe }));
  }

  async fetchFunding(): Promise<readonly FundingRate[]> {
    return [];
  }

  watch(_: FeedSubscription, listener: (update: FeedUpdate) => void): Unsubscribe {
    this.#listeners.add(listener);
    const moments = { exchangeAtMs: 0, receivedAtMs: 0 };
    for (const { id: instrumentId, price } of this.#walks) {
      const levels = (sign: number): [number, number][] =>
        Array.from({ length: 200 }, (_, i) => [price + sign * (i + 1) * 0.01, 5]);
      listener({ kind: 'book', book: { instrumentId, bids: levels(-1), asks: levels(1), sequence: 0, ...moments } });
    }
    return () => this.#listeners.delete(listener);
  }

  streams(): readonly StreamStatus[] {
    return [];
  }

  async start(): Promise<void> {}
  async stop(): Promise<void> {}
  health(): Health {
    return { status: 'healthy' };
  }

  #say(update: FeedUpdate): void {
    for (const listener of this.#listeners) listener(update);
  }

  #tick(walk: Walk, atMs: number): void {
    const { id: instrumentId, random } = walk;
    const moments = { exchangeAtMs: atMs, receivedAtMs: atMs };
    walk.price = 100 * (1 + 0.05 * Math.sin(atMs / 7_200_000) + (random.next() - 0.5) * 0.001);
    const { price } = walk;
    if (atMs >= walk.bar.openAtMs + minuteMs) {
      this.#say({ kind: 'candle', candle: walk.bar, closed: true, receivedAtMs: atMs });
      walk.bar = barAt(instrumentId, atMs - (atMs % minuteMs), price);
      const rate = { rate: (random.next() - 0.5) * 0.0002, intervalMs: 3_600_000, predicted: true } as const;
      const settlesAtMs = atMs - (atMs % 3_600_000) + 3_600_000;
      this.#say({ kind: 'funding', funding: { instrumentId, ...rate, settlesAtMs, ...moments } });
      const size = 1_000 + random.next() * 10;
      this.#say({
        kind: 'open-interest',
        openInterest: { instrumentId, size, notionalUsd: size * price, ...moments },
      });
    }
    for (let count = random.next() < 0.5 ? 1 : 2; count > 0; count -= 1) {
      walk.tradeId += 1;
      const side = random.next() < 0.5 ? 'buy' : 'sell';
      const trade = {
        instrumentId,
        id: `${walk.tradeId}`,
        side,
        price,
        size: random.next() + 0.01,
        ...moments,
      } as const;
      this.#say({ kind: 'trade', trade });
    }
    walk.bar = { ...walk.bar, close: price, high: Math.max(walk.bar.high, price), low: Math.min(walk.bar.low, price) };
    this.#say({ kind: 'candle', candle: walk.bar, closed: false, receivedAtMs: atMs });
    walk.sequence += 1;
    // Far enough from the other side that the book never crosses; the levels that come also go.
    const level = 90 - Math.floor(random.next() * 500) / 100;
    this.#say({
      kind: 'book-delta',
      delta: {
        ...{
          instrumentId,
          bids: [[level, random.next() < 0.5 ? 0 : 3]],
          asks: [[level + 30, random.next() < 0.5 ? 0 : 3]],
        },
        ...{ sequence: walk.sequence, previousSequence: walk.sequence - 1, ...moments },
      },
    });
    const ticker = { instrumentId, last: price, mark: price, bid: price - 0.01, ask: price + 0.01, ...moments };
    this.#say({ kind: 'ticker', ticker });
    if (random.next() < 0.001)
      this.#say({ kind: 'liquidation', liquidation: { instrumentId, side: 'sell', price, size: 1, ...moments } });
  }
}

const barAt = (instrumentId: InstrumentId, openAtMs: number, price: number): Candle => ({
  ...{ instrumentId, timeframe: '1m', openAtMs },
  // No whole numbers: those take less memory, and what is of the past would grow when it is replaced.
  ...{ open: price, high: price + 0.001, low: price - 0.001, close: price, volume: 1.5 },
});
