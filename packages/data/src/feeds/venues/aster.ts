import { wholeBooks } from '../../book/sequence-rules.ts';
import type { FrameReader, VenueFeed } from '../venue-feed.ts';
import { fieldsOf } from '../wire-values.ts';
import { futuresCalls, futuresFetches, readFuturesFrame, unsubscribeFutures } from './binance-futures-wire.ts';

const hourMs = 3_600_000;

/**
 * Aster perpetuals: Binance USDⓈ-M's interface on Aster's hosts. ccxt subscribes to its best 20 levels, which come whole each
 * time. ccxt has one name for ticker and mark price, so the last price is the last trade's. No open interest is published.
 * Names: github.com/asterdex/api-docs.
 */
export const aster: VenueFeed = {
  venue: 'aster',
  quote: 'USDT',
  defaults: {
    makerFeeRate: '0.0001',
    takerFeeRate: '0.00035',
    fundingIntervalMs: 8 * hourMs,
    minNotional: 5,
    maxLeverage: 20,
  },
  watches: {
    trades: [futuresCalls.trades],
    book: [(exchange, symbol) => exchange.watchOrderBook(symbol, 20)],
    candles: [futuresCalls.candles],
    ticker: [futuresCalls.mark, futuresCalls.top],
    funding: [futuresCalls.mark],
  },
  polls: {},
  needs: { ticker: ['trades'] },
  silentAfterMs: { trades: 300_000, book: 30_000, ticker: 30_000, funding: 30_000 },
  book: { rule: wholeBooks, snapshot: 'stream' },
  trades: {
    sequentialIds: true,
    fetch: (client, market, since) => futuresFetches.trades(client, 'fapiPublicGetV3AggTrades', market, since),
  },
  nativeId: ({ id, info }) => (info.contractType === 'PERPETUAL' ? id : undefined),
  refine: (market, instrument) => ({ ...instrument, marginTiers: futuresFetches.marginTiers(market, instrument) }),
  fetchFundingIntervals: (client) => futuresFetches.fundingIntervals(client, 'fapiPublicGetV3FundingInfo'),
  unsubscribe: unsubscribeFutures,
  reader: () => readFrame,
  fetchBars: (client, market, range) => futuresFetches.bars(client, 'fapiPublicGetV3Klines', market, range),
  fetchFunding: (client, market, range) => futuresFetches.funding(client, 'fapiPublicGetV3FundingRate', market, range),
};

/** Depth frames hold the whole of the best levels. */
const readFrame: FrameReader = (frame, sink) => {
  const outer = fieldsOf(frame);
  const data = fieldsOf(outer?.data) ?? outer;
  if (data?.e !== 'depthUpdate') return readFuturesFrame(frame, sink);
  sink.book(data.s, { bids: data.b, asks: data.a, atMs: data.T ?? data.E, sequence: data.u });
  return true;
};
