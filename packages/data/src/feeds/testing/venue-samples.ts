import type { FeedVenue } from '../venue-feeds.ts';

/** What a venue's listing and frames look like, of our own making: names of fields from its documentation, numbers invented. */
export interface VenueSample {
  /** Entries of ccxt's listing. */
  readonly listing: Readonly<Record<string, unknown>>;
  readonly instrumentId: `${string}@${string}`;
  /** Frames as the venue sends them, with how many facts each holds. */
  readonly frames: readonly { readonly facts: number; readonly frame: object }[];
}

/** When everything in the samples happens. */
export const sampleAtMs = Date.UTC(2026, 0, 5, 12, 0, 30);
const t = sampleAtMs;
const bar = Date.UTC(2026, 0, 5, 12, 0);

function listed(id: string, quote: string, info: object, more: object = {}): Record<string, unknown> {
  const symbol = `BTC/${quote}:${quote}`;
  return {
    [symbol]: {
      ...{ id, symbol, base: 'BTC', quote, settle: quote, swap: true, linear: true, inverse: false, active: true },
      ...{ contractSize: 1, precision: { price: 0.1, amount: 0.001 }, limits: { leverage: { max: 50 } }, info },
      ...more,
    },
  };
}

const binanceFrames = [
  { facts: 1, frame: { e: 'aggTrade', E: t, s: 'BTCUSDT', a: 11, p: '100.5', q: '0.25', f: 1, l: 2, T: t, m: true } },
  {
    facts: 1,
    frame: {
      e: 'depthUpdate',
      E: t,
      T: t,
      s: 'BTCUSDT',
      U: 5,
      u: 9,
      pu: 4,
      b: [
        ['100.4', '1'],
        ['100.3', '0'],
      ],
      a: [['100.6', '2.5']],
    },
  },
  {
    facts: 1,
    frame: {
      e: 'kline',
      E: t,
      s: 'BTCUSDT',
      k: { t: bar, T: bar + 59_999, s: 'BTCUSDT', i: '1m', o: '100', c: '101', h: '102', l: '99', v: '12.5', x: false },
    },
  },
  { facts: 1, frame: { e: 'bookTicker', u: 1, E: t, T: t, s: 'BTCUSDT', b: '100.4', B: '1', a: '100.6', A: '2' } },
  {
    facts: 2,
    frame: { e: 'markPriceUpdate', E: t, s: 'BTCUSDT', p: '100.45', i: '100.44', r: '0.0001', T: bar + 28_800_000 },
  },
];

const binance: VenueSample = {
  listing: listed('BTCUSDT', 'USDT', { contractType: 'PERPETUAL', maintMarginPercent: '2.5' }),
  instrumentId: 'BTC-PERP@binance',
  frames: [
    ...binanceFrames,
    { facts: 1, frame: { e: '24hrTicker', E: t, s: 'BTCUSDT', c: '100.5', o: '99' } },
    {
      facts: 1,
      frame: {
        e: 'forceOrder',
        E: t,
        o: { s: 'BTCUSDT', S: 'SELL', o: 'LIMIT', q: '0.5', p: '99', ap: '99.5', X: 'FILLED', T: t },
      },
    },
  ],
};

const aster: VenueSample = {
  listing: listed('BTCUSDT', 'USDT', { contractType: 'PERPETUAL' }),
  instrumentId: 'BTC-PERP@aster',
  frames: binanceFrames.map(({ facts, frame }) => ({ facts, frame: { stream: 'btcusdt@any', data: frame } })),
};

const hyperliquid: VenueSample = {
  listing: listed('0', 'USDC', { name: 'BTC', szDecimals: 5, maxLeverage: 40 }),
  instrumentId: 'BTC-PERP@hyperliquid',
  frames: [
    {
      facts: 2,
      frame: {
        channel: 'trades',
        data: [
          { coin: 'BTC', side: 'A', px: '100.5', sz: '0.25', hash: '0x1', time: t, tid: 1, users: ['0xa', '0xb'] },
          { coin: 'BTC', side: 'B', px: '100.6', sz: '0.5', hash: '0x2', time: t + 1, tid: 2, users: ['0xa', '0xb'] },
        ],
      },
    },
    {
      facts: 1,
      frame: {
        channel: 'l2Book',
        data: { coin: 'BTC', time: t, levels: [[{ px: '100.4', sz: '1', n: 1 }], [{ px: '100.6', sz: '2', n: 1 }]] },
      },
    },
    {
      facts: 1,
      frame: {
        channel: 'candle',
        data: { t: bar, T: bar + 59_999, s: 'BTC', i: '1m', o: '100', c: '101', h: '102', l: '99', v: '12.5', n: 3 },
      },
    },
    {
      facts: 3,
      frame: {
        channel: 'activeAssetCtx',
        data: {
          coin: 'BTC',
          ctx: { funding: '0.0000125', openInterest: '1000.5', oraclePx: '100.44', markPx: '100.45', midPx: '100.5' },
        },
      },
    },
  ],
};

const okx: VenueSample = {
  listing: listed(
    'BTC-USDT-SWAP',
    'USDT',
    { state: 'live' },
    { contractSize: 0.01, precision: { price: 0.1, amount: 1 } },
  ),
  instrumentId: 'BTC-PERP@okx',
  frames: [
    {
      facts: 2,
      frame: {
        arg: { channel: 'trades', instId: 'BTC-USDT-SWAP' },
        data: [
          { instId: 'BTC-USDT-SWAP', tradeId: '11', px: '100.5', sz: '25', side: 'buy', ts: String(t), count: '1' },
          { instId: 'BTC-USDT-SWAP', tradeId: '12', px: '100.6', sz: '5', side: 'sell', ts: String(t + 1), count: '2' },
        ],
      },
    },
    {
      facts: 1,
      frame: {
        arg: { channel: 'books', instId: 'BTC-USDT-SWAP' },
        action: 'snapshot',
        data: [
          {
            bids: [['100.4', '100', '0', '1']],
            asks: [['100.6', '250', '0', '1']],
            ts: String(t),
            checksum: 0,
            prevSeqId: -1,
            seqId: 5,
          },
        ],
      },
    },
    {
      facts: 1,
      frame: {
        arg: { channel: 'books', instId: 'BTC-USDT-SWAP' },
        action: 'update',
        data: [{ bids: [['100.4', '0', '0', '0']], asks: [], ts: String(t), checksum: 0, prevSeqId: 5, seqId: 6 }],
      },
    },
    {
      facts: 1,
      frame: {
        arg: { channel: 'candle1m', instId: 'BTC-USDT-SWAP' },
        data: [[String(bar), '100', '102', '99', '101', '1250', '12.5', '1255', '0']],
      },
    },
    {
      facts: 1,
      frame: {
        arg: { channel: 'tickers', instId: 'BTC-USDT-SWAP' },
        data: [{ instId: 'BTC-USDT-SWAP', last: '100.5', askPx: '100.6', bidPx: '100.4', ts: String(t) }],
      },
    },
    {
      facts: 1,
      frame: {
        arg: { channel: 'mark-price', instId: 'BTC-USDT-SWAP' },
        data: [{ instId: 'BTC-USDT-SWAP', instType: 'SWAP', markPx: '100.45', ts: String(t) }],
      },
    },
    {
      facts: 1,
      frame: {
        arg: { channel: 'funding-rate', instId: 'BTC-USDT-SWAP' },
        data: [
          {
            instId: 'BTC-USDT-SWAP',
            fundingRate: '0.0001',
            fundingTime: String(bar + 14_400_000),
            nextFundingTime: String(bar + 28_800_000),
            ts: String(t),
          },
        ],
      },
    },
    {
      facts: 1,
      frame: {
        arg: { channel: 'liquidation-orders', instType: 'SWAP' },
        data: [
          {
            instId: 'BTC-USDT-SWAP',
            details: [{ side: 'sell', posSide: 'long', bkPx: '99.5', sz: '50', ts: String(t) }],
          },
        ],
      },
    },
  ],
};

const bybit: VenueSample = {
  listing: {
    ...listed('BTCUSDT', 'USDT', { fundingInterval: 480 }),
    'BTC/USD:BTC': {
      ...{ id: 'BTCUSD', symbol: 'BTC/USD:BTC', base: 'BTC', quote: 'USD', settle: 'BTC', swap: true, inverse: true },
      ...{ contractSize: 5, precision: { price: 0.5, amount: 1 }, info: { fundingInterval: 480 } },
    },
  },
  instrumentId: 'BTC-PERP@bybit',
  frames: [
    {
      facts: 2,
      frame: {
        ...{ topic: 'publicTrade.BTCUSDT', type: 'snapshot', ts: t },
        data: [
          { T: t, s: 'BTCUSDT', S: 'Buy', v: '0.25', p: '100.5', L: 'PlusTick', i: 'aa-1', BT: false },
          { T: t + 1, s: 'BTCUSDT', S: 'Sell', v: '0.5', p: '100.4', L: 'PlusTick', i: 'aa-2', BT: false },
        ],
      },
    },
    {
      facts: 1,
      frame: {
        topic: 'orderbook.200.BTCUSDT',
        type: 'snapshot',
        ts: t,
        data: { s: 'BTCUSDT', b: [['100.4', '1']], a: [['100.6', '2']], u: 5, seq: 7 },
        cts: t,
      },
    },
    {
      facts: 1,
      frame: {
        topic: 'orderbook.200.BTCUSDT',
        type: 'delta',
        ts: t,
        data: { s: 'BTCUSDT', b: [['100.4', '0']], a: [], u: 6, seq: 8 },
        cts: t,
      },
    },
    {
      facts: 1,
      frame: {
        topic: 'kline.1.BTCUSDT',
        type: 'snapshot',
        ts: t,
        data: [
          {
            start: bar,
            end: bar + 59_999,
            interval: '1',
            open: '100',
            close: '101',
            high: '102',
            low: '99',
            volume: '12.5',
            confirm: false,
            timestamp: t,
          },
        ],
      },
    },
    {
      facts: 3,
      frame: {
        topic: 'tickers.BTCUSDT',
        type: 'snapshot',
        ts: t,
        data: {
          symbol: 'BTCUSDT',
          lastPrice: '100.5',
          markPrice: '100.45',
          indexPrice: '100.44',
          openInterest: '1000.5',
          openInterestValue: '100500',
          nextFundingTime: String(bar + 28_800_000),
          fundingRate: '0.0001',
          fundingIntervalHour: '8',
          bid1Price: '100.4',
          ask1Price: '100.6',
        },
      },
    },
    {
      facts: 1,
      frame: {
        topic: 'allLiquidation.BTCUSDT',
        type: 'snapshot',
        ts: t,
        data: [{ T: t, s: 'BTCUSDT', S: 'Buy', v: '0.5', p: '99.5' }],
      },
    },
  ],
};

const lighter: VenueSample = {
  listing: listed('1', 'USDC', {
    maker_fee: '0',
    taker_fee: '0',
    min_initial_margin_fraction: 200,
    maintenance_margin_fraction: 120,
  }),
  instrumentId: 'BTC-PERP@lighter',
  frames: [
    {
      facts: 2,
      frame: {
        ...{ channel: 'trade:1', type: 'update/trade', nonce: 5 },
        trades: [
          {
            trade_id: 12,
            trade_id_str: '12',
            market_id: 1,
            size: '0.25',
            price: '100.5',
            is_maker_ask: false,
            timestamp: t,
          },
        ],
        liquidation_trades: [
          {
            trade_id: 13,
            trade_id_str: '13',
            type: 'liquidation',
            market_id: 1,
            size: '0.5',
            price: '99.5',
            is_maker_ask: false,
            timestamp: t,
          },
        ],
      },
    },
    {
      facts: 1,
      frame: {
        channel: 'order_book:1',
        type: 'subscribed/order_book',
        timestamp: t,
        offset: 1,
        order_book: {
          code: 0,
          asks: [{ price: '100.6', size: '2' }],
          bids: [{ price: '100.4', size: '1' }],
          offset: 1,
          nonce: 5,
          begin_nonce: 0,
        },
      },
    },
    {
      facts: 1,
      frame: {
        channel: 'order_book:1',
        type: 'update/order_book',
        timestamp: t,
        offset: 2,
        order_book: { code: 0, asks: [], bids: [{ price: '100.4', size: '0' }], offset: 2, nonce: 6, begin_nonce: 5 },
      },
    },
    {
      facts: 3,
      frame: {
        channel: 'market_stats:1',
        type: 'update/market_stats',
        timestamp: t,
        market_stats: {
          current_funding_rate: '0.0012',
          market_id: 1,
          index_price: '100.44',
          mark_price: '100.45',
          open_interest: '1000.5',
          last_trade_price: '100.5',
        },
      },
    },
  ],
};

const iso = new Date(t).toISOString();
const coinbase: VenueSample = {
  listing: listed('BTC-PERP', 'USDC', { base_imf: '0.1', funding_interval: '3600000000000' }),
  instrumentId: 'BTC-PERP@coinbase',
  frames: [
    {
      facts: 1,
      frame: {
        sequence: 1,
        product_id: 'BTC-PERP',
        time: iso,
        match_id: '177',
        trade_qty: '0.25',
        aggressor_side: 'BUY',
        trade_price: '100.5',
        channel: 'MATCH',
        type: 'UPDATE',
      },
    },
    {
      facts: 1,
      frame: {
        sequence: 2,
        product_id: 'BTC-PERP',
        time: iso,
        bids: [['100.4', '1']],
        asks: [['100.6', '2']],
        channel: 'LEVEL2',
        type: 'SNAPSHOT',
      },
    },
    {
      facts: 1,
      frame: {
        sequence: 3,
        product_id: 'BTC-PERP',
        time: iso,
        changes: [['BUY', '100.3', '6']],
        channel: 'LEVEL2',
        type: 'UPDATE',
      },
    },
  ],
};

export const venueSamples: Readonly<Record<FeedVenue, VenueSample>> = {
  hyperliquid,
  lighter,
  binance,
  aster,
  coinbase,
  bybit,
  okx,
};
