import { toRate } from '@perpdesk/core';
import { lighter as lighterRule } from '../../book/sequence-rules.ts';
import type { FrameSink, RawFunding, RawTrade } from '../raw-facts.ts';
import type { FrameReader, VenueFeed } from '../venue-feed.ts';
import { type Fields, fieldsOf, idOf, rowsOf, signed, textOf, unsigned, whole } from '../wire-values.ts';

const hourMs = 3_600_000;
const minuteMs = 60_000;

/**
 * Lighter perpetuals. A frame calls a market by its number, in the channel's name. ccxt has no candle channel, so bars are
 * asked for. Bid and ask are the book's best. Funding is percent of the notional for an hour: two clients that settle accounts
 * by it say so (docs.rs df-lighter-core, markets/funding; pypi lighter-data), and the clamps beside it, 0.05 and 4, are
 * percent. Open interest is dollars on the socket: as coins it would be several times all bitcoins there are, and in dollars it
 * is what the listing has in coins.
 * Names: apidocs.lighter.xyz (WebSocket reference, order books, candles, fundings).
 */
export const lighter: VenueFeed = {
  venue: 'lighter',
  quote: 'USDC',
  defaults: { makerFeeRate: '0', takerFeeRate: '0', fundingIntervalMs: hourMs, minNotional: 10, maxLeverage: 5 },
  watches: {
    trades: [(exchange, symbol) => exchange.watchTrades(symbol)],
    book: [(exchange, symbol) => exchange.watchOrderBook(symbol)],
    ticker: [(exchange, symbol) => exchange.watchTicker(symbol)],
    funding: [(exchange, symbol) => exchange.watchTicker(symbol)],
    'open-interest': [(exchange, symbol) => exchange.watchTicker(symbol)],
    liquidations: [(exchange, symbol) => exchange.watchTrades(symbol)],
  },
  polls: {
    candles: {
      everyMs: 10_000,
      /** The last two bars: the one that has closed is told as closed, once. */
      async ask(client, markets, sink) {
        for (const market of markets) {
          const toMs = (Math.floor(sink.receivedAtMs / minuteMs) + 1) * minuteMs;
          const rows = await candleRows(client, market.nativeId, '1m', toMs - 2 * minuteMs, toMs);
          for (const row of rows) sink.bar(market.nativeId, bar(fieldsOf(row) ?? {}, '1m'));
        }
      },
    },
  },
  needs: { ticker: ['book'] },
  silentAfterMs: { trades: 300_000, book: 30_000, ticker: 30_000, funding: 30_000, 'open-interest': 30_000 },
  book: { rule: lighterRule, snapshot: 'stream' },
  trades: {
    sequentialIds: false,
    async fetch(client, market) {
      const answer = await client.askEndpoint('publicGetRecentTrades', { market_id: market.nativeId, limit: 100 });
      return inOrder(rowsOf(fieldsOf(answer)?.trades));
    },
  },
  nativeId: ({ id }) => id,
  refine(market, instrument) {
    const maker = unsigned(market.info.maker_fee);
    const taker = unsigned(market.info.taker_fee);
    const initial = whole(market.info.min_initial_margin_fraction);
    const [tier] = instrument.marginTiers;
    const maintenance = whole(market.info.maintenance_margin_fraction);
    return {
      ...instrument,
      // The listing has fees in percent, margin fractions in hundredths of a percent.
      ...(maker >= 0 ? { makerFeeRate: toRate((maker / 100).toPrecision(6)) } : {}),
      ...(taker >= 0 ? { takerFeeRate: toRate((taker / 100).toPrecision(6)) } : {}),
      ...(tier !== undefined && initial > 0 && maintenance > 0
        ? {
            marginTiers: [
              {
                ...tier,
                maxLeverage: Math.floor(10_000 / initial),
                maintenanceMarginRate: toRate((maintenance / 10_000).toPrecision(6)),
              },
            ],
          }
        : {}),
    };
  },
  unsubscribe(subscription) {
    const message = fieldsOf(subscription);
    return message === undefined ? undefined : { type: 'unsubscribe', channel: message.channel };
  },
  reader: () => readFrame,
  async fetchBars(client, market, { timeframe, fromMs, toMs }) {
    const rows = await candleRows(client, market.nativeId, timeframe, fromMs, toMs);
    return rows.map((row) => bar(fieldsOf(row) ?? {}, timeframe));
  },
  /** Settlements, in seconds; the rate without a sign, and who paid it. */
  async fetchFunding(client, market, { fromMs, toMs }) {
    const answer = await client.askEndpoint('publicGetFundings', {
      ...{ market_id: market.nativeId, resolution: '1h', count_back: 0 },
      ...{ start_timestamp: Math.floor(fromMs / 1000), end_timestamp: Math.ceil(toMs / 1000) },
    });
    return rowsOf(fieldsOf(answer)?.fundings).map((row): RawFunding => {
      const { timestamp, rate, direction } = fieldsOf(row) ?? {};
      const settlesAtMs = whole(timestamp) * 1000;
      const sign = direction === 'long' ? 1 : direction === 'short' ? -1 : Number.NaN;
      return { rate: (sign * unsigned(rate)) / 100, settlesAtMs, predicted: false, atMs: settlesAtMs };
    });
  },
};

const candleRows = async (
  client: Parameters<VenueFeed['fetchBars']>[0],
  marketId: string,
  resolution: string,
  fromMs: number,
  toMs: number,
): Promise<readonly unknown[]> => {
  const answer = await client.askEndpoint('publicGetCandles', {
    market_id: marketId,
    resolution,
    start_timestamp: fromMs,
    end_timestamp: toMs - 1,
    count_back: 0,
  });
  return rowsOf(fieldsOf(answer)?.c);
};

const bar = ({ t: openAtMs, o: open, h: high, l: low, c: close, v: volume }: Fields, timeframe: '1m' | string) => ({
  timeframe: timeframe as '1m',
  ...{ openAtMs, open, high, low, close, volume },
  closed: undefined,
});

const readFrame: FrameReader = (frame, sink) => {
  const message = fieldsOf(frame);
  const channel = textOf(message?.channel);
  const type = textOf(message?.type);
  if (message === undefined || channel === undefined || type === undefined) {
    if (message !== undefined && ['connected', 'ping', 'pong', 'unsubscribed'].includes(String(type))) return false;
    return message !== undefined && 'error' in message ? false : refused(sink, 'frame.unknown');
  }
  if (type === 'unsubscribed' || type === 'ping') return false;
  const [name, market] = channel.split(':', 2);
  switch (name) {
    case 'trade': {
      // A market without any has null.
      if (!Array.isArray(message.trades) && message.trades !== null) sink.refuse('trades.list');
      for (const trade of inOrder(rowsOf(message.trades))) sink.trade(market, trade);
      for (const row of rowsOf(message.liquidation_trades)) {
        const { side, price, size, atMs } = trade(fieldsOf(row) ?? {});
        sink.liquidation(market, { side, price, size, atMs });
      }
      return true;
    }
    case 'order_book':
      readBook(market, type, message, sink);
      return true;
    case 'market_stats':
      readStats(market, message, sink);
      return true;
    default:
      return refused(sink, 'frame.unknown');
  }
};

function readBook(market: unknown, type: string, message: Fields, sink: FrameSink): void {
  const book = fieldsOf(message.order_book);
  const raw = { bids: book?.bids, asks: book?.asks, atMs: message.timestamp, sequence: book?.nonce };
  if (type.startsWith('subscribed')) sink.book(market, raw);
  else sink.bookDelta(market, { ...raw, previousSequence: book?.begin_nonce });
}

function readStats(market: unknown, message: Fields, sink: FrameSink): void {
  const stats = fieldsOf(message.market_stats);
  const atMs = message.timestamp;
  sink.quote(market, { last: stats?.last_trade_price, mark: stats?.mark_price, index: stats?.index_price, atMs });
  const notionalUsd = unsigned(stats?.open_interest);
  sink.openInterest(market, { size: notionalUsd / unsigned(stats?.mark_price), notionalUsd, atMs });
  const settlesAtMs = (Math.floor(whole(atMs) / hourMs) + 1) * hourMs;
  sink.funding(market, { rate: signed(stats?.current_funding_rate) / 100, settlesAtMs, predicted: true, atMs });
}

/** The taker's side: against a maker who asks it bought. */
const trade = (data: Fields): RawTrade => ({
  id: idOf(data.trade_id_str) ?? data.trade_id,
  side: data.is_maker_ask === true ? 'buy' : data.is_maker_ask === false ? 'sell' : undefined,
  price: data.price,
  size: data.size,
  atMs: data.timestamp,
});

/** Trades come newest first, or in no order. */
const inOrder = (rows: readonly unknown[]): RawTrade[] =>
  rows.map((row) => trade(fieldsOf(row) ?? {})).sort((a, b) => whole(a.id) - whole(b.id));

function refused(sink: FrameSink, reason: string): true {
  sink.refuse(reason);
  return true;
}
