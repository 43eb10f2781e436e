import type { LocalVenueOptions, SeenRequest } from './local-venue.ts';

const symbol = (base: string, more: object = {}): object => ({
  ...{ symbol: `${base}USDT`, contractType: 'PERPETUAL', deliveryDate: 4_133_404_800_000, status: 'TRADING' },
  ...{ baseAsset: base, quoteAsset: 'USDT', marginAsset: 'USDT', maintMarginPercent: '2.5', orderTypes: ['LIMIT'] },
  filters: [
    { filterType: 'PRICE_FILTER', tickSize: '0.10' },
    { filterType: 'LOT_SIZE', stepSize: '0.001', minQty: '0.001' },
    { filterType: 'MIN_NOTIONAL', notional: '100' },
  ],
  ...more,
});

/** A trade as Binance tells it. Ids are whole numbers without a hole; the price follows from the id. */
export const aggTrade = (id: number, atMs: number): Record<string, unknown> => ({
  ...{ a: id, p: String(100 + id / 10), q: '0.5', f: id, l: id, T: atMs, m: id % 2 === 0 },
});

/** Answers and subscriptions as Binance USDⓈ-M has them, for two markets. Answers can be replaced by path. */
export function binanceScript(routes: Record<string, (request: SeenRequest) => unknown> = {}): LocalVenueOptions {
  return {
    routes: {
      '/fapi/v1/exchangeInfo': () => ({
        symbols: [
          symbol('BTC'),
          symbol('ETH'),
          symbol('1000PEPE'),
          symbol('BTC', { symbol: 'BTCUSDC', quoteAsset: 'USDC', marginAsset: 'USDC' }),
        ],
      }),
      '/fapi/v1/fundingInfo': () => [{ symbol: 'ETHUSDT', fundingIntervalHours: 4 }],
      '/fapi/v1/time': () => ({ serverTime: Date.now() }),
      ...routes,
    },
    onMessage(message, reply) {
      reply({ result: null, id: Reflect.get(Object(message), 'id') });
    },
  };
}
