import { binanceDialect } from './dialects/binance.ts';
import type { TrueBar, TrueTrade } from './synthetic-market.ts';
import type { SyntheticVenue } from './synthetic-venue.ts';

const minuteMs = 60_000;
const s = 'BTCUSDT';

/** Binance USDⓈ-M: book events with `U`, `u` and `pu`, aggregated trades, minutes, and the REST endpoints over them. */
export const syntheticBinance: SyntheticVenue = {
  venue: 'binance',
  widestTicks: 60,
  channels: ['trades', 'book', 'candles'],
  streams: ['btcusdt@depth', 'btcusdt@aggTrade', 'btcusdt@kline_1m'],
  tradeStream: 'btcusdt@aggTrade',
  tampers: () => false,
  mayFail: /depth|aggTrades|klines/,
  protocol: (market) => ({
    hear: (message) => binanceDialect.hear(message),
    answer({ path, query }) {
      const atMs = market.nowMs();
      switch (path) {
        case '/fapi/v1/exchangeInfo':
          return { symbols: [listing] };
        case '/fapi/v1/time':
          return { serverTime: atMs };
        case '/fapi/v1/depth': {
          const levels = { bids: market.levels('bids'), asks: market.levels('asks') };
          return { lastUpdateId: market.sequence, E: atMs, T: atMs, ...levels };
        }
        case '/fapi/v1/aggTrades': {
          const from = Number(query.get('fromId')) - (market.trades[0]?.id ?? 0);
          return market.trades.slice(Math.max(0, from), from + Number(query.get('limit'))).map(aggregated);
        }
        case '/fapi/v1/klines': {
          const [from, to] = [Number(query.get('startTime')), Number(query.get('endTime'))];
          const { closed, forming } = market.bars();
          return [...closed, ...(forming === undefined ? [] : [forming])]
            .filter((bar) => bar.openAtMs >= from && bar.openAtMs <= to)
            .map(row);
        }
        default:
          return undefined;
      }
    },
  }),
  frame(fact, market) {
    const E = market.nowMs();
    switch (fact.kind) {
      case 'book': {
        const { first: U, last: u, previous: pu, bids: b, asks: a } = fact;
        return {
          stream: 'btcusdt@depth',
          text: JSON.stringify({ e: 'depthUpdate', E, T: E, s, U, u, pu, b, a }),
        };
      }
      case 'trade':
        return {
          stream: 'btcusdt@aggTrade',
          text: JSON.stringify({ e: 'aggTrade', E, s, ...aggregated(fact.trade) }),
        };
      case 'bar': {
        const { openAtMs: t, open, high, low, close, volume } = fact.bar;
        const [o, h, l, c, v] = [open, high, low, close, volume].map(String);
        const k = { t, T: t + minuteMs - 1, s, i: '1m', o, h, l, c, v, x: fact.closed };
        return { stream: 'btcusdt@kline_1m', text: JSON.stringify({ e: 'kline', E, s, k }) };
      }
    }
  },
};

const aggregated = ({ id, price, size, atMs, buyerIsMaker }: TrueTrade) => ({
  ...{ a: id, p: price.toFixed(1), q: size.toFixed(3), f: id, l: id, T: atMs, m: buyerIsMaker },
});

const row = ({ openAtMs, open, high, low, close, volume }: TrueBar) => [
  openAtMs,
  ...[open, high, low, close, volume].map(String),
  openAtMs + minuteMs - 1,
];

const listing = {
  ...{ symbol: s, pair: s, contractType: 'PERPETUAL', status: 'TRADING', underlyingType: 'COIN' },
  ...{ deliveryDate: 4_133_404_800_000, onboardDate: 1_569_398_400_000, maintMarginPercent: '2.5' },
  ...{ baseAsset: 'BTC', quoteAsset: 'USDT', marginAsset: 'USDT', pricePrecision: 1, quantityPrecision: 3 },
  filters: [
    { filterType: 'PRICE_FILTER', tickSize: '0.1', minPrice: '0.1', maxPrice: '10000000' },
    { filterType: 'LOT_SIZE', stepSize: '0.001', minQty: '0.001', maxQty: '1000' },
    { filterType: 'MIN_NOTIONAL', notional: '5' },
  ],
};
