import { binanceFutures } from '../../book/sequence-rules.ts';
import type { VenueFeed } from '../venue-feed.ts';
import { futuresCalls, futuresFetches, readFuturesFrame, unsubscribeFutures } from './binance-futures-wire.ts';

const hourMs = 3_600_000;

/** Binance USDⓈ-M. Trades are aggregated ones, whose ids have no hole: official on both socket and REST. */
export const binance: VenueFeed = {
  venue: 'binance',
  quote: 'USDT',
  defaults: {
    makerFeeRate: '0.0002',
    takerFeeRate: '0.0005',
    fundingIntervalMs: 8 * hourMs,
    minNotional: 5,
    maxLeverage: 20,
  },
  watches: {
    trades: [futuresCalls.trades],
    book: [(exchange, symbol) => exchange.watchOrderBook(symbol)],
    candles: [futuresCalls.candles],
    ticker: [futuresCalls.mark, futuresCalls.top, futuresCalls.last],
    funding: [futuresCalls.mark],
    liquidations: [(exchange, symbol) => exchange.watchLiquidations(symbol)],
  },
  polls: {
    'open-interest': {
      everyMs: 60_000,
      ask: (client, markets, sink) => futuresFetches.openInterest(client, markets, sink),
    },
  },
  silentAfterMs: { trades: 300_000, book: 30_000, ticker: 15_000, funding: 15_000 },
  book: {
    rule: binanceFutures,
    snapshot: 'rest',
    fetch: (client, market) => futuresFetches.book(client, 'fapiPublicGetDepth', market),
  },
  trades: {
    sequentialIds: true,
    fetch: (client, market, since) => futuresFetches.trades(client, 'fapiPublicGetAggTrades', market, since),
  },
  ccxtOptions: { watchTradesForSymbols: { name: 'aggTrade' }, watchTrades: { name: 'aggTrade' } },
  nativeId: ({ id }) => id,
  refine: (market, instrument) => ({ ...instrument, marginTiers: futuresFetches.marginTiers(market, instrument) }),
  fetchFundingIntervals: (client) => futuresFetches.fundingIntervals(client, 'fapiPublicGetFundingInfo'),
  unsubscribe: unsubscribeFutures,
  reader: () => readFuturesFrame,
  fetchBars: (client, market, range) => futuresFetches.bars(client, 'fapiPublicGetKlines', market, range),
  fetchFunding: (client, market, range) => futuresFetches.funding(client, 'fapiPublicGetFundingRate', market, range),
};
