import { toSize } from '@perpdesk/core';
import { bybit as bybitRule } from '../../book/sequence-rules.ts';
import type { FrameSink, RawBar, RawFunding, RawTrade } from '../raw-facts.ts';
import type { AskedMarket, FrameReader, VenueFeed } from '../venue-feed.ts';
import { type Fields, fieldsOf, rowsOf, textOf, whole } from '../wire-values.ts';

const hourMs = 3_600_000;
const mostSettlements = 20_000;

/**
 * Bybit perpetuals, linear and inverse (whose contracts are one dollar each). One stream of tickers tells prices, funding and
 * open interest, first whole and then what changed. Names: bybit-exchange.github.io/docs/v5.
 */
export const bybit: VenueFeed = {
  venue: 'bybit',
  quote: 'USDT',
  defaults: {
    makerFeeRate: '0.0002',
    takerFeeRate: '0.00055',
    fundingIntervalMs: 8 * hourMs,
    minNotional: 5,
    maxLeverage: 20,
  },
  watches: {
    trades: [(exchange, symbol) => exchange.watchTrades(symbol)],
    book: [(exchange, symbol) => exchange.watchOrderBook(symbol, 200)],
    candles: [(exchange, symbol) => exchange.watchOHLCV(symbol, '1m')],
    ticker: [(exchange, symbol) => exchange.watchTicker(symbol)],
    funding: [(exchange, symbol) => exchange.watchTicker(symbol)],
    'open-interest': [(exchange, symbol) => exchange.watchTicker(symbol)],
    liquidations: [(exchange, symbol) => exchange.watchLiquidations(symbol)],
  },
  polls: {},
  silentAfterMs: { trades: 300_000, book: 30_000, ticker: 30_000, funding: 30_000, 'open-interest': 30_000 },
  book: { rule: bybitRule, snapshot: 'stream' },
  trades: {
    sequentialIds: false,
    /** The last thousand, newest first; there are no older ones to ask for. */
    async fetch(client, market) {
      const answer = await client.askEndpoint('publicGetV5MarketRecentTrade', {
        category: categoryOf(market),
        symbol: market.nativeId,
        limit: 1000,
      });
      return resultList(answer)
        .map((row) => {
          const data = fieldsOf(row) ?? {};
          const { execId: id, price, size, time: atMs } = data;
          return { id, side: sideOf(data.side), price, size, atMs };
        })
        .reverse();
    },
  },
  nativeId: ({ id }) => id,
  refine(market, instrument) {
    const minutes = whole(market.info.fundingInterval);
    return {
      ...instrument,
      ...(minutes >= 60 ? { fundingIntervalMs: minutes * 60_000 } : {}),
      // ccxt takes the smallest order for the contract's size.
      ...(market.inverse ? { contractSize: toSize(1) } : {}),
    };
  },
  unsubscribe(subscription) {
    const message = fieldsOf(subscription);
    return message === undefined ? undefined : { ...message, op: 'unsubscribe' };
  },
  reader: () => makeReader(),
  async fetchBars(client, market, { timeframe, fromMs, toMs }) {
    const answer = await client.askEndpoint('publicGetV5MarketKline', {
      category: categoryOf(market),
      symbol: market.nativeId,
      interval: barNames[timeframe],
      start: fromMs,
      end: toMs - 1,
      limit: 1000,
    });
    return resultList(answer)
      .map((row): RawBar => {
        const [openAtMs, open, high, low, close, volume] = rowsOf(row);
        return { timeframe, openAtMs, open, high, low, close, volume, closed: true };
      })
      .reverse();
  },
  /** Two hundred at a time, back from the end. */
  async fetchFunding(client, market, { fromMs, toMs }) {
    const found: RawFunding[] = [];
    for (let endMs = toMs - 1; endMs >= fromMs && found.length < mostSettlements; ) {
      const answer = await client.askEndpoint('publicGetV5MarketFundingHistory', {
        category: categoryOf(market),
        symbol: market.nativeId,
        endTime: endMs,
        limit: 200,
      });
      const rows = resultList(answer).map((row) => {
        const data = fieldsOf(row);
        const settlesAtMs = data?.fundingRateTimestamp;
        return { rate: data?.fundingRate, settlesAtMs, predicted: false, atMs: settlesAtMs };
      });
      found.push(...rows);
      const oldestMs = whole(rows.at(-1)?.settlesAtMs);
      if (rows.length < 200 || !(oldestMs <= endMs)) break;
      endMs = oldestMs - 1;
    }
    return found.reverse();
  },
};

const barNames = { '1m': '1', '5m': '5', '15m': '15', '1h': '60', '4h': '240', '1d': 'D' } as const;
const categoryOf = ({ instrument }: AskedMarket): string => instrument.contract;
const resultList = (answer: unknown): readonly unknown[] => rowsOf(fieldsOf(fieldsOf(answer)?.result)?.list);
const sideOf = (value: unknown): 'buy' | 'sell' | undefined =>
  value === 'Buy' ? 'buy' : value === 'Sell' ? 'sell' : undefined;

function makeReader(): FrameReader {
  /** What is known of each ticker: later messages have the changed fields alone. */
  const tickers = new Map<string, Fields>();
  return (frame, sink) => {
    const message = fieldsOf(frame);
    const topic = textOf(message?.topic);
    if (message === undefined || topic === undefined) {
      // Answers to subscriptions and pings are ccxt's.
      if (message !== undefined && ('op' in message || 'success' in message || 'ret_msg' in message)) return false;
      return refused(sink, 'frame.unknown');
    }
    const [channel] = topic.split('.', 1);
    const symbol = topic.slice(topic.lastIndexOf('.') + 1);
    switch (channel) {
      case 'publicTrade':
        return each(message.data, sink, (data) => sink.trade(data.s, streamTrade(data)));
      case 'orderbook':
        readBook(message, sink);
        return true;
      case 'kline':
        return each(message.data, sink, (data) => sink.bar(symbol, streamBar(data)));
      case 'tickers':
        readTicker(tickers, message, symbol, sink);
        return true;
      case 'allLiquidation':
        // `S` is the side of the position: a long (Buy) is closed by selling.
        return each(message.data, sink, (data) =>
          sink.liquidation(data.s, {
            side: data.S === 'Buy' ? 'sell' : data.S === 'Sell' ? 'buy' : undefined,
            price: data.p,
            size: data.v,
            atMs: data.T,
          }),
        );
      default:
        return refused(sink, 'frame.unknown');
    }
  };
}

function readBook(message: Fields, sink: FrameSink): void {
  const data = fieldsOf(message.data);
  const book = { bids: data?.b, asks: data?.a, atMs: message.cts ?? message.ts, sequence: data?.u };
  if (message.type === 'snapshot') sink.book(data?.s, book);
  else if (message.type === 'delta') sink.bookDelta(data?.s, book);
  else sink.refuse('book.type');
}

function readTicker(tickers: Map<string, Fields>, message: Fields, symbol: string, sink: FrameSink): void {
  const data = fieldsOf(message.data);
  if (data === undefined) return sink.refuse('ticker.data');
  const known = message.type === 'delta' ? tickers.get(symbol) : {};
  // A change of what is not known says nothing yet.
  if (known === undefined) return;
  const atMs = message.ts;
  const { lastPrice: last, markPrice: mark, indexPrice: index, bid1Price: bid, ask1Price: ask } = data;
  // Only what the message says is checked and told, so that one bad field does no lasting harm.
  sink.quote(symbol, { ...defined({ last, mark, index, bid, ask }), atMs });
  const merged = { ...known, ...data };
  tickers.set(symbol, merged);
  if ('fundingRate' in data || 'nextFundingTime' in data) {
    const hours = whole(merged.fundingIntervalHour);
    sink.funding(symbol, {
      rate: merged.fundingRate,
      settlesAtMs: merged.nextFundingTime,
      ...(hours > 0 ? { intervalMs: hours * hourMs } : {}),
      predicted: true,
      atMs,
    });
  }
  // The value of inverse contracts comes in coin; theirs is their number of dollars.
  if ('openInterest' in data) sink.openInterest(symbol, { size: data.openInterest, atMs });
}

const defined = <Shape extends object>(shape: Shape): Partial<Shape> =>
  Object.fromEntries(Object.entries(shape).filter(([, value]) => value !== undefined)) as Partial<Shape>;

function each(rows: unknown, sink: FrameSink, read: (data: Fields) => void): true {
  if (!Array.isArray(rows) || rows.length === 0) return refused(sink, 'frame.data');
  for (const row of rows) {
    const data = fieldsOf(row);
    if (data === undefined) sink.refuse('frame.row');
    else read(data);
  }
  return true;
}

const streamTrade = (data: Fields): RawTrade => ({
  id: data.i,
  side: sideOf(data.S),
  price: data.p,
  size: data.v,
  atMs: data.T,
});

const streamBar = ({ start: openAtMs, open, high, low, close, volume, confirm }: Fields): RawBar => ({
  ...{ timeframe: '1m', openAtMs, open, high, low, close, volume },
  closed: confirm === true,
});

function refused(sink: FrameSink, reason: string): true {
  sink.refuse(reason);
  return true;
}
