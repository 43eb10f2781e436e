import { toRate, toSize } from '@perpdesk/core';
import { coinbaseInternational } from '../../book/sequence-rules.ts';
import { marginTiers } from '../../instruments/margin-tiers.ts';
import type { BookSource, FrameReader, PollCall, VenueFeed } from '../venue-feed.ts';
import { type Fields, fieldsOf, isoMs, rowsOf, textOf, unsigned, whole } from '../wire-values.ts';

const hourMs = 3_600_000;
const minuteMs = 60_000;

/**
 * Coinbase International perpetuals. Its socket wants keys even for market data: without them prices, funding and bars are
 * asked for, and there are no trades and no book. Names: docs.cdp.coinbase.com/intx.
 */
export const coinbase: VenueFeed = {
  venue: 'coinbase',
  quote: 'USDC',
  defaults: {
    makerFeeRate: '0.0002',
    takerFeeRate: '0.0004',
    fundingIntervalMs: hourMs,
    minNotional: 10,
    maxLeverage: 5,
  },
  watches: {
    trades: [(exchange, symbol) => exchange.watchTrades(symbol)],
    book: [(exchange, symbol) => exchange.watchOrderBook(symbol)],
  },
  polls: {
    ticker: quotePoll(5_000),
    funding: quotePoll(60_000),
    'open-interest': {
      everyMs: 60_000,
      async ask(client, markets, sink) {
        for (const { nativeId: instrument } of markets) {
          const answer = fieldsOf(await client.askEndpoint('v1PublicGetInstrumentsInstrument', { instrument }));
          const quote = fieldsOf(answer?.quote);
          const atMs = isoMs(quote?.timestamp);
          const notionalUsd = unsigned(answer?.open_interest) * unsigned(quote?.mark_price);
          sink.openInterest(answer?.symbol, { size: answer?.open_interest, notionalUsd, atMs });
        }
      },
    },
    candles: {
      everyMs: 15_000,
      async ask(client, markets, sink) {
        for (const market of markets) {
          const toMs = (Math.floor(sink.receivedAtMs / minuteMs) + 1) * minuteMs;
          const range = { timeframe: '1m', fromMs: toMs - 2 * minuteMs, toMs } as const;
          for (const bar of await coinbase.fetchBars(client, market, range)) sink.bar(market.nativeId, bar);
        }
      },
    },
  },
  silentAfterMs: { book: 60_000 },
  book: { rule: coinbaseInternational, snapshot: 'stream' } satisfies BookSource,
  trades: { sequentialIds: false },
  socketNeedsKeys: true,
  nativeId: ({ id }) => id,
  /** `base_imf` is the initial margin fraction of small positions; ccxt gives it out as a leverage. */
  refine(market, instrument) {
    const initial = unsigned(market.info.base_imf);
    const interval = whole(market.info.funding_interval) / 1e6;
    return {
      ...instrument,
      ...(initial > 0 && initial <= 1 ? { marginTiers: marginTiers([[0, Math.floor(1 / initial)]]) } : {}),
      ...(Number.isSafeInteger(interval) && interval > 0 ? { fundingIntervalMs: interval } : {}),
      lotSize: toSize(instrument.lotSize),
      makerFeeRate: toRate(instrument.makerFeeRate),
    };
  },
  reader: () => makeReader(),
  async fetchBars(client, market, { timeframe, fromMs, toMs }) {
    const answer = await client.askEndpoint('v1PublicGetInstrumentsInstrumentCandles', {
      instrument: market.nativeId,
      granularity: granularities[timeframe],
      start: new Date(fromMs).toISOString(),
      end: new Date(toMs - 1).toISOString(),
    });
    return rowsOf(fieldsOf(answer)?.aggregations)
      .map((row) => {
        const { start, open, high, low, close, volume } = fieldsOf(row) ?? {};
        return { timeframe, openAtMs: isoMs(start), open, high, low, close, volume, closed: undefined };
      })
      .sort((a, b) => a.openAtMs - b.openAtMs);
  },
  async fetchFunding(client, market, { fromMs, toMs }) {
    const found = [];
    for (let offset = 0; offset < 10_000; offset += 100) {
      const answer = await client.askEndpoint('v1PublicGetInstrumentsInstrumentFunding', {
        instrument: market.nativeId,
        result_limit: 100,
        result_offset: offset,
      });
      const rows = rowsOf(fieldsOf(answer)?.results).map((row) => {
        const data = fieldsOf(row);
        const settlesAtMs = isoMs(data?.event_time);
        return { rate: data?.funding_rate, settlesAtMs, predicted: false, atMs: settlesAtMs };
      });
      found.push(...rows);
      // Newest first.
      if (rows.length < 100 || (rows.at(-1)?.settlesAtMs ?? 0) < fromMs) break;
    }
    return found.filter(({ settlesAtMs }) => !(settlesAtMs < fromMs || settlesAtMs >= toMs)).reverse();
  },
};

const granularities = {
  ...{ '1m': 'ONE_MINUTE', '5m': 'FIVE_MINUTE', '15m': 'FIFTEEN_MINUTE' },
  ...{ '1h': 'ONE_HOUR', '4h': 'FOUR_HOUR', '1d': 'ONE_DAY' },
} as const;

function quotePoll(everyMs: number): PollCall {
  return {
    everyMs,
    async ask(client, markets, sink) {
      for (const { nativeId: instrument, instrument: listed } of markets) {
        const quote = fieldsOf(await client.askEndpoint('v1PublicGetInstrumentsInstrumentQuote', { instrument }));
        const atMs = isoMs(quote?.timestamp);
        sink.quote(instrument, {
          last: quote?.trade_price,
          mark: quote?.mark_price,
          index: quote?.index_price,
          bid: quote?.best_bid_price,
          ask: quote?.best_ask_price,
          atMs,
        });
        const settlesAtMs = (Math.floor(atMs / listed.fundingIntervalMs) + 1) * listed.fundingIntervalMs;
        sink.funding(instrument, { rate: quote?.predicted_funding, settlesAtMs, predicted: true, atMs });
      }
    },
  };
}

function makeReader(): FrameReader {
  /** One count for all messages of the session; of each book the count of its last message. */
  let lastOfSession = Number.NaN;
  const lastOfBook = new Map<string, number>();
  return (frame, sink) => {
    const message = fieldsOf(frame);
    const channel = textOf(message?.channel);
    if (message === undefined || channel === undefined) {
      if (message !== undefined && (message.type === 'error' || 'authenticated' in message)) return false;
      sink.refuse('frame.unknown');
      return true;
    }
    const sequence = whole(message.sequence);
    // What was lost may have been of any book: none is known to follow until it is told whole again.
    if (!Number.isNaN(sequence) && sequence !== lastOfSession + 1) lastOfBook.clear();
    if (!Number.isNaN(sequence)) lastOfSession = sequence;
    const atMs = isoMs(message.time);
    const product = textOf(message.product_id) ?? '';
    switch (channel) {
      case 'MATCH':
        // What came before the subscription is a snapshot of the last trade: told by its id like any other.
        sink.trade(product, match(message, atMs));
        return true;
      case 'LEVEL2': {
        const previous = lastOfBook.get(product) ?? sequence - 1;
        if (!Number.isNaN(sequence)) lastOfBook.set(product, sequence);
        readBook(product, message, { atMs, sequence, previous }, sink);
        return true;
      }
      case 'SUBSCRIPTIONS':
        return false;
      default:
        sink.refuse('frame.unknown');
        return true;
    }
  };
}

function readBook(
  product: string,
  message: Fields,
  at: { readonly atMs: number; readonly sequence: number; readonly previous: number },
  sink: Parameters<FrameReader>[1],
): void {
  const { atMs, sequence, previous } = at;
  if (message.type === 'SNAPSHOT')
    return sink.book(product, { bids: message.bids, asks: message.asks, atMs, sequence });
  if (!Array.isArray(message.changes)) return sink.refuse('book.changes');
  const bids: unknown[] = [];
  const asks: unknown[] = [];
  for (const change of message.changes) {
    const [side, price, size] = rowsOf(change);
    if (side === 'BUY') bids.push([price, size]);
    else if (side === 'SELL') asks.push([price, size]);
    else bids.push(undefined);
  }
  sink.bookDelta(product, { bids, asks, atMs, sequence, previousSequence: previous });
}

const match = (message: Fields, atMs: number) => ({
  id: message.match_id,
  side:
    message.aggressor_side === 'BUY'
      ? ('buy' as const)
      : message.aggressor_side === 'SELL'
        ? ('sell' as const)
        : undefined,
  price: message.trade_price,
  size: message.trade_qty,
  atMs,
});
