import type { FeedChannel, FeedGap, FeedUpdate, InstrumentId } from '@perpdesk/core';
import ccxt, { type Exchange } from 'ccxt';
import type { CaptureFrame } from '../../captures/capture-frame.ts';
import { CcxtFeed } from '../../feeds/ccxt-feed.ts';
import type { FeedVenue } from '../../feeds/venue-feeds.ts';
import { FeedRecorder } from '../../recorder/feed-recorder.ts';
import { CaptureVenue } from './capture-venue.ts';
import { addTrade, noTally, PlainBook, type Tally } from './plain-count.ts';
import { SteeredClock } from './steered-clock.ts';
import type { VenueDialect } from './venue-dialect.ts';

/** A capture and how it is served. */
export interface ServedCapture {
  readonly dialect: VenueDialect;
  /** Bodies by path. */
  readonly answers: Readonly<Record<string, unknown>>;
  readonly timeline: readonly CaptureFrame[];
  /** What an answer of the timeline that names no URL is a whole book of. */
  readonly book?: string;
  /** What has to be subscribed before anything is sent. */
  readonly streams: readonly string[];
}

/** What came out of a feed, put together again. */
export class Told {
  readonly tallies: Record<InstrumentId, Tally> = {};
  readonly books: Record<InstrumentId, PlainBook> = {};
  /** Every state of a bar: open instant, closed, open, high, low, close, volume. */
  readonly bars: Record<InstrumentId, (readonly [number, boolean, number, number, number, number, number])[]> = {};
  readonly gaps: FeedGap[] = [];
  /** All of it, as it came. */
  readonly updates: FeedUpdate[] = [];

  readonly take = (update: FeedUpdate): void => {
    this.updates.push(update);
    switch (update.kind) {
      case 'trade': {
        const { instrumentId, price, size } = update.trade;
        this.tallies[instrumentId] ??= noTally();
        return addTrade(this.tallies[instrumentId], price, size);
      }
      case 'book': {
        const book = new PlainBook();
        book.set('bids', update.book.bids);
        book.set('asks', update.book.asks);
        this.books[update.book.instrumentId] = book;
        return;
      }
      case 'book-delta': {
        const book = this.books[update.delta.instrumentId];
        if (book === undefined) throw new Error('A delta came before its book.');
        book.set('bids', update.delta.bids);
        book.set('asks', update.delta.asks);
        book.deltas += 1;
        return;
      }
      case 'candle': {
        const { instrumentId, openAtMs, open, high, low, close, volume } = update.candle;
        this.bars[instrumentId] ??= [];
        this.bars[instrumentId].push([openAtMs, update.closed, open, high, low, close, volume]);
        return;
      }
      case 'gap':
        this.gaps.push(update.gap);
    }
  };
}

/** Serves a capture to our feed of a venue and gives what it told. */
export async function serveToFeed(
  capture: ServedCapture & {
    readonly venue: FeedVenue;
    readonly instrumentIds: readonly InstrumentId[];
    readonly channels: readonly FeedChannel[];
    readonly ccxtOptions?: Readonly<Record<string, unknown>>;
    /** A folder to record the feed in. */
    readonly recordIn?: string;
  },
): Promise<{ readonly told: Told; readonly sent: Readonly<Record<string, number>>; readonly refused: number }> {
  const { venue, instrumentIds, channels, streams, ccxtOptions = {} } = capture;
  const clock = new SteeredClock(capture.timeline[0]?.receivedAtMs ?? 0);
  const served = new CaptureVenue({ ...capture, clock });
  await using server = served.server;
  const endpoints = await server.listen();
  const feed = new CcxtFeed({ venue, clock, endpoints, rateLimit: false, ccxtOptions });
  const told = new Told();
  try {
    await feed.start();
    feed.watch({ instrumentIds, channels }, told.take);
    const recorder =
      capture.recordIn === undefined
        ? undefined
        : new FeedRecorder({ feed, clock, directory: capture.recordIn, subscription: { instrumentIds, channels } });
    await recorder?.start();
    await server.heard(streams);
    const sent = await served.play();
    await recorder?.stop();
    return { told, sent, refused: feed.counts().refused };
  } finally {
    await feed.stop();
  }
}

/** What is asked of ccxt itself, for venues that have no feed of ours. */
export interface CcxtCapture extends ServedCapture {
  readonly exchange: 'binancecoinm' | 'dydx' | 'gate' | 'krakenfutures' | 'okx' | 'bybit';
  readonly symbols: readonly string[];
  readonly channels: readonly ('trades' | 'book' | 'candles')[];
  /** ccxt's method that takes one delta of a book, for counting. */
  readonly deltaMethod: string;
  readonly options?: Readonly<Record<string, unknown>>;
  /** The symbol of a whole book that is asked by REST. */
  readonly symbolOf?: (book: string) => string;
}

/** What ccxt made of a capture, by its symbols. */
export interface CcxtTold {
  readonly tallies: Readonly<Record<string, Tally>>;
  readonly levels: Readonly<Record<string, { readonly bids: readonly number[][]; readonly asks: readonly number[][] }>>;
  readonly deltas: number;
  readonly bars: readonly (readonly number[])[];
  readonly sent: Readonly<Record<string, number>>;
}

/** Serves a capture to a ccxt.pro exchange and gives what it made of it. */
export async function serveToCcxt(capture: CcxtCapture): Promise<CcxtTold> {
  const clock = new SteeredClock(capture.timeline[0]?.receivedAtMs ?? 0);
  const served = new CaptureVenue({ ...capture, clock });
  await using server = served.server;
  const { http, ws } = await server.listen();
  const options = { tradesLimit: 1_000_000, ...capture.options };
  const exchange: Exchange = new ccxt.pro[capture.exchange]({ enableRateLimit: false, newUpdates: true, options });
  exchange.urls.api = redirect(exchange.urls.api, http, ws);
  await exchange.loadHttpProxyAgent();
  const told = { deltas: 0, failures: [] as unknown[], sent: {}, levels: {} };
  countCalls(exchange, capture.deltaMethod, told);
  const tallies: Record<string, Tally> = {};
  const bars: number[][] = [];
  const watching: Promise<never>[] = [];
  const watch = (call: () => Promise<void>): void => {
    const loop = (async () => {
      for (;;) await call();
    })();
    // Told at the end, with the others.
    loop.catch(() => {});
    watching.push(loop);
  };
  try {
    await exchange.loadMarkets();
    for (const symbol of capture.symbols) {
      if (capture.channels.includes('trades')) {
        watch(async () => {
          tallies[symbol] ??= noTally();
          for (const { price, amount } of await exchange.watchTrades(symbol)) {
            addTrade(tallies[symbol], Number(price), Number(amount));
          }
        });
      }
      if (capture.channels.includes('book')) watch(async () => void (await exchange.watchOrderBook(symbol)));
      if (capture.channels.includes('candles')) {
        watch(async () => {
          for (const bar of await exchange.watchOHLCV(symbol, '1m')) bars.push(bar.map(Number));
        });
      }
    }
    await server.heard(capture.streams);
    told.sent = await served.play((book) => {
      const nonce: unknown = Reflect.get(Object(exchange.orderbooks[capture.symbolOf?.(book) ?? '']), 'nonce');
      return nonce !== undefined;
    });
    told.levels = Object.fromEntries(
      capture.symbols.flatMap((symbol) => {
        const book = exchange.orderbooks[symbol];
        return book === undefined ? [] : [[symbol, { bids: plain(book.bids), asks: plain(book.asks) }]];
      }),
    );
  } finally {
    await exchange.close();
    const failures = (await Promise.allSettled(watching)).flatMap((ended) =>
      ended.status === 'rejected' && !(ended.reason instanceof ccxt.ExchangeClosedByUser) ? [ended.reason] : [],
    );
    told.failures.push(...failures);
  }
  if (told.failures.length > 0) throw told.failures[0];
  return { tallies, bars, deltas: told.deltas, sent: told.sent, levels: told.levels };
}

const plain = (side: readonly unknown[]): number[][] =>
  // A side's own `map` would make another side.
  Array.from(side, (level) => [Number(Reflect.get(Object(level), 0)), Number(Reflect.get(Object(level), 1))]);

/** Every address of an exchange, led to the local server. */
function redirect(urls: unknown, http: string, ws: string): never {
  const lead = (value: unknown): unknown =>
    typeof value === 'string'
      ? value.replace(/^(https?|wss?):\/\/[^/]+/, (_, protocol: string) => (protocol.startsWith('ws') ? ws : http))
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(Object.entries(value).map(([key, member]) => [key, lead(member)]))
        : value;
  return lead(urls) as never;
}

function countCalls(exchange: Exchange, method: string, counted: { deltas: number }): void {
  const original: unknown = Reflect.get(exchange, method);
  if (typeof original !== 'function') throw new Error(`ccxt has no ${method}.`);
  Reflect.set(exchange, method, (...given: unknown[]) => {
    counted.deltas += 1;
    return Reflect.apply(original, exchange, given);
  });
}
