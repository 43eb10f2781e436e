import type { Instrument, MarginTier } from '@perpdesk/core';
import { Decimal, toRate } from '@perpdesk/core';
import type { CcxtClient } from '@perpdesk/core/ccxt';
import type { ListedMarket } from '../listed-market.ts';
import type { FrameSink, RawBar, RawBook, RawFunding, RawTrade } from '../raw-facts.ts';
import type { AskedMarket, TradeMark, WatchCall } from '../venue-feed.ts';
import { fieldsOf, rowsOf, unsigned, whole } from '../wire-values.ts';

/** What Binance USDⓈ-M and Aster, whose interface is the same, watch alike. */
export const futuresCalls = {
  trades: (exchange, symbol) => exchange.watchTrades(symbol),
  candles: (exchange, symbol) => exchange.watchOHLCV(symbol, '1m'),
  mark: (exchange, symbol) => exchange.watchMarkPrice(symbol),
  top: (exchange, symbol) => exchange.watchBidsAsks([symbol]),
  last: (exchange, symbol) => exchange.watchTicker(symbol),
} as const satisfies Record<string, WatchCall>;

/**
 * Reads a frame, bare or wrapped as `{stream, data}`. Field names: Binance USDⓈ-M WebSocket market streams documentation.
 */
export function readFuturesFrame(frame: unknown, sink: FrameSink): boolean {
  const outer = fieldsOf(frame);
  const data = fieldsOf(outer?.data) ?? outer;
  if (data === undefined) return false;
  const symbol = data.s;
  switch (data.e) {
    case 'aggTrade':
    case 'trade':
      sink.trade(symbol, { ...futuresTrade(data), id: data.e === 'aggTrade' ? data.a : data.t });
      return true;
    case 'depthUpdate':
      sink.bookDelta(symbol, {
        bids: data.b,
        asks: data.a,
        atMs: data.T ?? data.E,
        sequence: data.u,
        firstSequence: data.U,
        previousSequence: data.pu,
      });
      return true;
    case 'kline': {
      const bar = fieldsOf(data.k);
      if (bar?.i !== '1m') return refused(sink, 'candle.timeframe');
      sink.bar(symbol, {
        timeframe: '1m',
        openAtMs: bar.t,
        open: bar.o,
        high: bar.h,
        low: bar.l,
        close: bar.c,
        volume: bar.v,
        closed: bar.x === true,
      });
      return true;
    }
    case 'bookTicker':
      sink.quote(symbol, { bid: data.b, ask: data.a, atMs: data.T ?? data.E });
      return true;
    case 'markPriceUpdate':
      sink.quote(symbol, { mark: data.p, index: data.i, atMs: data.E });
      sink.funding(symbol, { rate: data.r, settlesAtMs: data.T, predicted: true, atMs: data.E });
      return true;
    case '24hrTicker':
    case '24hrMiniTicker':
      sink.quote(symbol, { last: data.c, atMs: data.E });
      return true;
    case 'forceOrder': {
      const order = fieldsOf(data.o);
      sink.liquidation(order?.s, {
        side: order?.S === 'SELL' ? 'sell' : order?.S === 'BUY' ? 'buy' : undefined,
        // The average price is what it was closed at; the order's own is its limit.
        price: unsigned(order?.ap) > 0 ? order?.ap : order?.p,
        size: order?.q,
        atMs: order?.T,
      });
      return true;
    }
    default:
      // Answers to subscriptions are ccxt's; whatever else has no kind is nothing that was asked for.
      if ('id' in data || 'result' in data || 'error' in data) return false;
      return refused(sink, 'frame.unknown');
  }
}

/** The message that ends what a subscription began. */
export function unsubscribeFutures(subscription: unknown): unknown {
  const message = fieldsOf(subscription);
  return message === undefined ? undefined : { ...message, method: 'UNSUBSCRIBE' };
}

/** What is asked by REST. The endpoint's name differs from one venue to the other. */
export const futuresFetches = {
  async book(client: CcxtClient, endpoint: string, market: AskedMarket): Promise<RawBook> {
    const answer = fieldsOf(await client.askEndpoint(endpoint, { symbol: market.nativeId, limit: 1000 }));
    return { bids: answer?.bids, asks: answer?.asks, atMs: answer?.T ?? answer?.E, sequence: answer?.lastUpdateId };
  },

  /** Pages by id from the last known trade on, so that the pages overlap with what is known and with each other. */
  async trades(
    client: CcxtClient,
    endpoint: string,
    market: AskedMarket,
    since: TradeMark,
  ): Promise<readonly RawTrade[]> {
    const found: RawTrade[] = [];
    let fromId = whole(since.id);
    for (let page = 0; page < mostPages; page += 1) {
      const rows = rowsOf(await client.askEndpoint(endpoint, { symbol: market.nativeId, fromId, limit: pageLength }));
      for (const row of rows) {
        const data = fieldsOf(row) ?? {};
        found.push({ ...futuresTrade(data), id: data.a });
      }
      const last = whole(fieldsOf(rows.at(-1))?.a);
      if (rows.length < pageLength || !(last >= fromId)) break;
      fromId = last + 1;
    }
    return found;
  },

  async bars(
    client: CcxtClient,
    endpoint: string,
    market: AskedMarket,
    range: { readonly timeframe: RawBar['timeframe']; readonly fromMs: number; readonly toMs: number },
  ): Promise<readonly RawBar[]> {
    const { timeframe, fromMs, toMs } = range;
    const rows = rowsOf(
      await client.askEndpoint(endpoint, {
        symbol: market.nativeId,
        interval: timeframe,
        startTime: fromMs,
        endTime: toMs - 1,
        limit: 500,
      }),
    );
    return rows.map((row) => {
      const [openAtMs, open, high, low, close, volume] = rowsOf(row);
      return { timeframe, openAtMs, open, high, low, close, volume, closed: true };
    });
  },

  /** Settled at most milliseconds after the hour: the instant is taken to the minute. */
  async funding(
    client: CcxtClient,
    endpoint: string,
    market: AskedMarket,
    range: { readonly fromMs: number; readonly toMs: number },
  ): Promise<readonly RawFunding[]> {
    const { fromMs, toMs } = range;
    const rows = rowsOf(
      await client.askEndpoint(endpoint, {
        symbol: market.nativeId,
        startTime: fromMs,
        endTime: toMs - 1,
        limit: 1000,
      }),
    );
    return rows.map((row) => {
      const data = fieldsOf(row);
      const settlesAtMs = Math.round(whole(data?.fundingTime) / 60_000) * 60_000;
      return { rate: data?.fundingRate, settlesAtMs, predicted: false, atMs: data?.fundingTime };
    });
  },

  /** Only markets whose interval is not the usual eight hours are told. */
  async fundingIntervals(client: CcxtClient, endpoint: string): Promise<ReadonlyMap<string, number>> {
    const intervals = new Map<string, number>();
    for (const row of rowsOf(await client.askEndpoint(endpoint, {}))) {
      const { symbol, fundingIntervalHours } = fieldsOf(row) ?? {};
      const hours = whole(fundingIntervalHours);
      if (typeof symbol === 'string' && hours >= 1 && hours <= 24) intervals.set(symbol, hours * 3_600_000);
    }
    return intervals;
  },

  /** Open interest has no socket; it is valued at the mark price of the same moment. */
  async openInterest(client: CcxtClient, markets: readonly AskedMarket[], sink: FrameSink): Promise<void> {
    for (const { nativeId: symbol } of markets) {
      const [interest, premium] = await Promise.all([
        client.askEndpoint('fapiPublicGetOpenInterest', { symbol }),
        client.askEndpoint('fapiPublicGetPremiumIndex', { symbol }),
      ]);
      const { openInterest: size, time: atMs, symbol: named } = fieldsOf(interest) ?? {};
      const notionalUsd = unsigned(size) * unsigned(fieldsOf(premium)?.markPrice);
      sink.openInterest(named, { size, notionalUsd, atMs });
    }
  },

  /**
   * The full brackets need keys; the listing names the margin rates of the first: `maintMarginPercent`, in percent. Larger
   * positions have higher ones, so a caller that sizes up to the first bracket alone is right.
   */
  marginTiers(market: ListedMarket, instrument: Instrument): MarginTier[] {
    const percent = unsigned(market.info.maintMarginPercent);
    const [tier] = instrument.marginTiers;
    if (tier === undefined || !(percent > 0 && percent < 100)) return instrument.marginTiers;
    return [{ ...tier, maintenanceMarginRate: toRate(new Decimal(percent).dividedBy(100)) }];
  },
};

const pageLength = 1_000;
const mostPages = 20;

/** `m`: the buyer was the maker, so the taker sold. */
const futuresTrade = (data: ReturnType<typeof Object>): Omit<RawTrade, 'id'> => ({
  side: data.m === true ? 'sell' : data.m === false ? 'buy' : undefined,
  price: data.p,
  size: data.q,
  atMs: data.T,
});

function refused(sink: FrameSink, reason: string): true {
  sink.refuse(reason);
  return true;
}
