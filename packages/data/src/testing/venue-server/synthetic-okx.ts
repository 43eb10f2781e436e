import { crc32 } from 'node:zlib';
import { okxDialect } from './dialects/okx.ts';
import type { LevelText, SyntheticMarket, TrueBar } from './synthetic-market.ts';
import type { SyntheticVenue } from './synthetic-venue.ts';

const instId = 'BTC-USDT-SWAP';

/**
 * OKX: a book chained by `prevSeqId` with a sum over its best 25 levels a side, which is all that this one has; minutes; and
 * whole books by request. Trades are left out: their ids may have holes, so that a lost frame does not show.
 */
export const syntheticOkx: SyntheticVenue = {
  venue: 'okx',
  widestTicks: 24,
  channels: ['book', 'candles'],
  streams: [`books:${instId}`, `candle1m:${instId}`],
  tradeStream: `trades:${instId}`,
  tampers: (stream) => stream.startsWith('books:'),
  mayFail: /market\/(books|history-candles)/,
  protocol: (market) => ({
    hear: (message) => okxDialect.hear(message),
    answer({ path, query }) {
      switch (path) {
        case '/api/v5/public/instruments':
          return { code: '0', data: [listing] };
        case '/api/v5/public/time':
          return { code: '0', data: [{ ts: String(market.nowMs()) }] };
        case '/api/v5/market/books':
          return { code: '0', data: [bookOf(market)] };
        case '/api/v5/market/history-candles': {
          const [before, after] = [Number(query.get('before')), Number(query.get('after'))];
          const bars = market.bars().closed.filter(({ openAtMs }) => openAtMs > before && openAtMs < after);
          const rows = bars.map((bar) => row(bar, true)).reverse();
          return { code: '0', data: rows.slice(0, Number(query.get('limit'))) };
        }
        default:
          return undefined;
      }
    },
  }),
  frame(fact, market) {
    switch (fact.kind) {
      case 'book': {
        const { last: seqId, previous: prevSeqId } = fact;
        const levels = { asks: fact.asks.map(quad), bids: fact.bids.map(quad) };
        const data = { ...levels, ts: String(market.nowMs()), checksum: checksumOf(market), seqId, prevSeqId };
        const arg = { channel: 'books', instId };
        return { stream: `books:${instId}`, text: JSON.stringify({ arg, action: 'update', data: [data] }) };
      }
      case 'trade': {
        const { id, price, size, atMs, buyerIsMaker } = fact.trade;
        const side = buyerIsMaker ? 'sell' : 'buy';
        const data = { instId, tradeId: String(id), px: price.toFixed(1), sz: size.toFixed(3), side, ts: String(atMs) };
        const arg = { channel: 'trades', instId };
        return { stream: `trades:${instId}`, text: JSON.stringify({ arg, data: [data] }) };
      }
      case 'bar': {
        const arg = { channel: 'candle1m', instId };
        return { stream: `candle1m:${instId}`, text: JSON.stringify({ arg, data: [row(fact.bar, fact.closed)] }) };
      }
    }
  },
};

const quad = ([price, size]: LevelText) => [price, Number(size) === 0 ? '0' : size, '0', '1'];

function bookOf(market: SyntheticMarket): unknown {
  const [asks, bids] = [market.levels('asks').map(quad), market.levels('bids').map(quad)];
  return { asks, bids, ts: String(market.nowMs()), seqId: market.sequence };
}

/** CRC-32 of `bid:size:ask:size:…` level by level, as a signed number. Source: OKX v5 documentation, checksum. */
function checksumOf(market: SyntheticMarket): number {
  const [bids, asks] = [market.levels('bids'), market.levels('asks')];
  const parts: string[] = [];
  for (let i = 0; i < 25; i += 1) parts.push(...(bids[i] ?? []), ...(asks[i] ?? []));
  return crc32(parts.join(':')) | 0;
}

const row = ({ openAtMs, open, high, low, close, volume }: TrueBar, closed: boolean) => [
  ...[openAtMs, open, high, low, close, volume, volume, volume].map(String),
  closed ? '1' : '0',
];

const listing = {
  ...{ instId, instType: 'SWAP', instFamily: 'BTC-USDT', uly: 'BTC-USDT', ctType: 'linear', ctVal: '1', ctMult: '1' },
  ...{ ctValCcy: 'BTC', settleCcy: 'USDT', baseCcy: '', quoteCcy: '', tickSz: '0.1', lotSz: '0.001', minSz: '0.001' },
  ...{ lever: '100', listTime: '1597026383085', state: 'live', expTime: '' },
};
