import { OkxChecksum } from '../../book/okx-checksum.ts';
import { okx as okxRule } from '../../book/sequence-rules.ts';
import type { FrameSink, RawBar, RawFunding, RawTrade } from '../raw-facts.ts';
import type { FrameReader, VenueFeed } from '../venue-feed.ts';
import { type Fields, fieldsOf, rowsOf, whole } from '../wire-values.ts';

const hourMs = 3_600_000;
const pageLength = 100;
const mostPages = 20;
const mostSettlements = 20_000;

/**
 * OKX swaps, linear and inverse. Sizes are contracts. Books are checked by OKX's own sum where it sends one. Trades of the
 * socket may stand for several executions under the id of the last; the REST ones are single.
 * Names: okx.com/docs-v5 (public data, order book trading).
 */
export const okx: VenueFeed = {
  venue: 'okx',
  quote: 'USDT',
  defaults: {
    makerFeeRate: '0.0002',
    takerFeeRate: '0.0005',
    fundingIntervalMs: 8 * hourMs,
    minNotional: 0,
    maxLeverage: 20,
  },
  watches: {
    trades: [(exchange, symbol) => exchange.watchTrades(symbol)],
    book: [(exchange, symbol) => exchange.watchOrderBook(symbol)],
    candles: [(exchange, symbol) => exchange.watchOHLCV(symbol, '1m')],
    ticker: [
      (exchange, symbol) => exchange.watchTicker(symbol),
      (exchange, symbol) => exchange.watchMarkPrice(symbol, { channel: 'mark-price' }),
    ],
    funding: [(exchange, symbol) => exchange.watchFundingRate(symbol)],
    liquidations: [(exchange, symbol) => exchange.watchLiquidations(symbol)],
  },
  polls: {
    'open-interest': {
      everyMs: 60_000,
      async ask(client, markets, sink) {
        for (const { nativeId: instId } of markets) {
          const answer = await client.askEndpoint('publicGetPublicOpenInterest', { instType: 'SWAP', instId });
          const row = fieldsOf(rowsOf(fieldsOf(answer)?.data)[0]);
          sink.openInterest(row?.instId, { size: row?.oi, notionalUsd: row?.oiUsd, atMs: row?.ts });
        }
      },
    },
  },
  silentAfterMs: { trades: 300_000, book: 75_000, ticker: 30_000, funding: 180_000 },
  book: {
    rule: okxRule,
    snapshot: 'either',
    checksum: () => new OkxChecksum(),
    async fetch(client, market) {
      const answer = await client.askEndpoint('publicGetMarketBooks', { instId: market.nativeId, sz: 400 });
      const book = fieldsOf(rowsOf(fieldsOf(answer)?.data)[0]);
      const { bids, asks, ts, seqId } = book ?? {};
      return { bids, asks, atMs: ts, checksum: undefined, ...(seqId === undefined ? {} : { sequence: seqId }) };
    },
  },
  trades: {
    sequentialIds: false,
    /** Pages from the newest back to the last known one. */
    async fetch(client, market, since) {
      const found: RawTrade[] = [];
      let after: string | undefined;
      for (let page = 0; page < mostPages; page += 1) {
        const answer = await client.askEndpoint('publicGetMarketHistoryTrades', {
          instId: market.nativeId,
          limit: pageLength,
          ...(after === undefined ? {} : { after }),
        });
        const rows = rowsOf(fieldsOf(answer)?.data);
        for (const row of rows) found.push(swapTrade(fieldsOf(row) ?? {}));
        const oldest = found.at(-1);
        after = String(oldest?.id);
        if (rows.length < pageLength || whole(oldest?.atMs) < since.atMs || whole(oldest?.id) <= whole(since.id)) break;
      }
      const fromId = whole(since.id);
      // What the last known one stood for is known; one at or before it proves that nothing is missing behind.
      const behind = found.filter(({ id }) => whole(id) <= fromId).slice(0, 1);
      const missed = found.filter(({ id }) => !(whole(id) <= fromId));
      return [...missed, ...behind].reverse();
    },
  },
  nativeId: ({ id }) => id,
  refine: (market, instrument) =>
    market.info.state === undefined || market.info.state === 'live' ? instrument : { ...instrument, status: 'halted' },
  unsubscribe(subscription) {
    const message = fieldsOf(subscription);
    return message === undefined ? undefined : { ...message, op: 'unsubscribe' };
  },
  reader: () => readFrame,
  async fetchBars(client, market, { timeframe, fromMs, toMs }) {
    const rows: unknown[] = [];
    // The newest of a span comes first, a hundred at a time.
    for (let untilMs = toMs; untilMs > fromMs; ) {
      const answer = await client.askEndpoint('publicGetMarketHistoryCandles', {
        instId: market.nativeId,
        bar: barNames[timeframe],
        before: fromMs - 1,
        after: untilMs,
        limit: pageLength,
      });
      const page = rowsOf(fieldsOf(answer)?.data);
      rows.push(...page);
      const oldestMs = whole(rowsOf(page.at(-1))[0]);
      if (page.length < pageLength || !(oldestMs < untilMs)) break;
      untilMs = oldestMs;
    }
    return rows.map((row) => swapBar(row, timeframe)).reverse();
  },
  /** A hundred at a time, back from the end, as far as OKX keeps them. */
  async fetchFunding(client, market, { fromMs, toMs }) {
    const found: RawFunding[] = [];
    for (let after = toMs; after > fromMs && found.length < mostSettlements; ) {
      const answer = await client.askEndpoint('publicGetPublicFundingRateHistory', {
        instId: market.nativeId,
        after,
        limit: pageLength,
      });
      const rows = rowsOf(fieldsOf(answer)?.data).map((row) => {
        const data = fieldsOf(row);
        const rate = data?.realizedRate ?? data?.fundingRate;
        return { rate, settlesAtMs: data?.fundingTime, predicted: false, atMs: data?.fundingTime };
      });
      found.push(...rows);
      const oldestMs = whole(rows.at(-1)?.settlesAtMs);
      if (rows.length < pageLength || !(oldestMs < after)) break;
      after = oldestMs;
    }
    return found.reverse();
  },
};

/** OKX's days begin at midnight in Hong Kong unless UTC is asked for. */
const barNames = { '1m': '1m', '5m': '5m', '15m': '15m', '1h': '1H', '4h': '4H', '1d': '1Dutc' } as const;

const readFrame: FrameReader = (frame, sink) => {
  const message = fieldsOf(frame);
  if (message === undefined || 'event' in message || 'op' in message) return false;
  const { channel, instId } = fieldsOf(message.arg) ?? {};
  if (!Array.isArray(message.data) || message.data.length === 0) return refused(sink, 'frame.data');
  for (const row of message.data) {
    const data = fieldsOf(row);
    switch (channel) {
      case 'trades':
        sink.trade(data?.instId, swapTrade(data ?? {}));
        break;
      case 'books':
        readBook(instId, message.action, data, sink);
        break;
      case 'candle1m':
        sink.bar(instId, swapBar(row, '1m'));
        break;
      case 'tickers':
        sink.quote(data?.instId, { last: data?.last, bid: data?.bidPx, ask: data?.askPx, atMs: data?.ts });
        break;
      case 'mark-price':
        sink.quote(data?.instId, { mark: data?.markPx, atMs: data?.ts });
        break;
      case 'funding-rate':
        sink.funding(data?.instId, {
          rate: data?.fundingRate,
          settlesAtMs: data?.fundingTime,
          intervalMs: whole(data?.nextFundingTime) - whole(data?.fundingTime),
          predicted: true,
          atMs: data?.ts ?? sink.receivedAtMs,
        });
        break;
      case 'liquidation-orders':
        if (rowsOf(data?.details).length === 0) sink.refuse('liquidation.details');
        for (const detail of rowsOf(data?.details)) {
          const order = fieldsOf(detail);
          sink.liquidation(data?.instId, {
            side: sideOf(order?.side),
            price: order?.bkPx,
            size: order?.sz,
            atMs: order?.ts,
          });
        }
        break;
      default:
        return refused(sink, 'frame.unknown');
    }
  }
  return true;
};

function readBook(instId: unknown, action: unknown, data: Fields | undefined, sink: FrameSink): void {
  const { bids, asks, ts: atMs, seqId: sequence, prevSeqId: previousSequence, checksum } = data ?? {};
  if (action === 'snapshot') sink.book(instId, { bids, asks, atMs, sequence, checksum });
  else if (action === 'update') sink.bookDelta(instId, { bids, asks, atMs, sequence, previousSequence, checksum });
  else sink.refuse('book.action');
}

const sideOf = (value: unknown): 'buy' | 'sell' | undefined =>
  value === 'buy' ? 'buy' : value === 'sell' ? 'sell' : undefined;

const swapTrade = (data: Fields): RawTrade => ({
  id: data.tradeId,
  side: sideOf(data.side),
  price: data.px,
  size: data.sz,
  atMs: data.ts,
});

function swapBar(row: unknown, timeframe: RawBar['timeframe']): RawBar {
  const [openAtMs, open, high, low, close, volume, , , confirm] = rowsOf(row);
  return { timeframe, openAtMs, open, high, low, close, volume, closed: confirm === '1' };
}

function refused(sink: FrameSink, reason: string): true {
  sink.refuse(reason);
  return true;
}
