import { wholeBooks } from '../../book/sequence-rules.ts';
import type { FrameSink, RawBar, RawTrade } from '../raw-facts.ts';
import type { FrameReader, VenueFeed } from '../venue-feed.ts';
import { type Fields, fieldsOf, idOf, rowsOf, unsigned, whole } from '../wire-values.ts';

const hourMs = 3_600_000;

/**
 * Hyperliquid. A frame calls a market by its coin (`BTC`, `kPEPE`, `xyz:TSLA`). Books come whole; the ticker has no bid, ask or
 * last price, so these are the book's and the last trade's. Past trades: only the last few, so a longer gap stays open.
 * Builders' dexes (HIP-3) are listed with `ccxtOptions: { fetchMarkets: { types: ['swap', 'hip3'] } }`.
 * Names: hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api (info endpoint, WebSocket subscriptions).
 */
export const hyperliquid: VenueFeed = {
  venue: 'hyperliquid',
  quote: 'USDC',
  defaults: {
    makerFeeRate: '0.00015',
    takerFeeRate: '0.00045',
    fundingIntervalMs: hourMs,
    minNotional: 10,
    maxLeverage: 3,
  },
  watches: {
    trades: [(exchange, symbol) => exchange.watchTrades(symbol)],
    book: [(exchange, symbol) => exchange.watchOrderBook(symbol)],
    candles: [(exchange, symbol) => exchange.watchOHLCV(symbol, '1m')],
    ticker: [(exchange, symbol) => exchange.watchTicker(symbol)],
    funding: [(exchange, symbol) => exchange.watchTicker(symbol)],
    'open-interest': [(exchange, symbol) => exchange.watchTicker(symbol)],
  },
  polls: {},
  needs: { ticker: ['book', 'trades'] },
  silentAfterMs: { trades: 300_000, book: 15_000, ticker: 30_000, funding: 30_000, 'open-interest': 30_000 },
  book: { rule: wholeBooks, snapshot: 'stream' },
  trades: {
    sequentialIds: false,
    async fetch(client, market) {
      const rows = rowsOf(await client.askEndpoint('publicPostInfo', { type: 'recentTrades', coin: market.nativeId }));
      return rows.map((row) => coinTrade(fieldsOf(row) ?? {})).sort((a, b) => whole(a.atMs) - whole(b.atMs));
    },
  },
  nativeId: ({ info }) => idOf(info.name),
  base: ({ info }) => idOf(info.name),
  refine(market, instrument) {
    const sizeDecimals = whole(market.info.szDecimals);
    if (!(sizeDecimals <= 6)) return instrument;
    return {
      ...instrument,
      priceRule: { kind: 'significant-figures', figures: 5, maxDecimals: 6 - sizeDecimals },
      status: market.info.isDelisted === true ? 'settled' : 'trading',
    };
  },
  unsubscribe(subscription) {
    const message = fieldsOf(subscription);
    return message === undefined ? undefined : { ...message, method: 'unsubscribe' };
  },
  reader: () => readFrame,
  async fetchBars(client, market, { timeframe, fromMs, toMs }) {
    const rows = rowsOf(
      await client.askEndpoint('publicPostInfo', {
        type: 'candleSnapshot',
        req: { coin: market.nativeId, interval: timeframe, startTime: fromMs, endTime: toMs - 1 },
      }),
    );
    return rows.map((row) => coinBar(fieldsOf(row) ?? {}, timeframe));
  },
  /** Told a few milliseconds after the hour: the instant is taken to the minute. */
  async fetchFunding(client, market, { fromMs, toMs }) {
    const rows = rowsOf(
      await client.askEndpoint('publicPostInfo', {
        type: 'fundingHistory',
        coin: market.nativeId,
        startTime: fromMs,
        endTime: toMs - 1,
      }),
    );
    return rows.map((row) => {
      const data = fieldsOf(row);
      const settlesAtMs = Math.round(whole(data?.time) / 60_000) * 60_000;
      return { rate: data?.fundingRate, settlesAtMs, predicted: false, atMs: data?.time };
    });
  },
};

const readFrame: FrameReader = (frame, sink) => {
  const message = fieldsOf(frame);
  const data = message?.data;
  switch (message?.channel) {
    case 'trades':
      if (!Array.isArray(data)) return refused(sink, 'trades.list');
      // Several executions of one instant may come in any order.
      for (const row of data) {
        const trade = fieldsOf(row);
        sink.trade(trade?.coin, coinTrade(trade ?? {}));
      }
      return true;
    case 'l2Book': {
      const book = fieldsOf(data);
      const [bids, asks] = rowsOf(book?.levels);
      sink.book(book?.coin, { bids, asks, atMs: book?.time });
      return true;
    }
    case 'candle': {
      const bar = fieldsOf(data);
      if (bar?.i !== '1m') return refused(sink, 'candle.timeframe');
      sink.bar(bar.s, coinBar(bar, '1m'));
      return true;
    }
    case 'activeAssetCtx':
      readContext(fieldsOf(data), sink);
      return true;
    // Answers to what ccxt asks.
    case 'subscriptionResponse':
    case 'pong':
    case 'error':
    case 'post':
      return false;
    default:
      return refused(sink, 'frame.unknown');
  }
};

/** Contexts carry no time of their own: they are as of their arrival. Funding is paid on the next full hour. */
function readContext(data: Fields | undefined, sink: FrameSink): void {
  const context = fieldsOf(data?.ctx);
  const coin = data?.coin;
  const atMs = sink.receivedAtMs;
  sink.quote(coin, { mark: context?.markPx, index: context?.oraclePx, atMs });
  const settlesAtMs = (Math.floor(atMs / hourMs) + 1) * hourMs;
  sink.funding(coin, { rate: context?.funding, settlesAtMs, predicted: true, atMs });
  const notionalUsd = unsigned(context?.openInterest) * unsigned(context?.markPx);
  sink.openInterest(coin, { size: context?.openInterest, notionalUsd, atMs });
}

/** `side` is the taker's: B bought, A sold. */
const coinTrade = (data: Fields): RawTrade => ({
  id: data.tid,
  side: data.side === 'B' ? 'buy' : data.side === 'A' ? 'sell' : undefined,
  price: data.px,
  size: data.sz,
  atMs: data.time,
});

const coinBar = (data: Fields, timeframe: RawBar['timeframe']): RawBar => ({
  timeframe,
  openAtMs: data.t,
  open: data.o,
  high: data.h,
  low: data.l,
  close: data.c,
  volume: data.v,
  closed: undefined,
});

function refused(sink: FrameSink, reason: string): true {
  sink.refuse(reason);
  return true;
}
