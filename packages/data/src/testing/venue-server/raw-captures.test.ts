import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FeedUpdate } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { readRecording } from '../../recorder/read-recording.ts';
import { coinmCapture, timelineOf, usdmCapture } from './binance-captures.ts';
import { binanceDialect } from './dialects/binance.ts';
import { bybitDialect } from './dialects/bybit.ts';
import { dydxDialect } from './dialects/dydx.ts';
import { gateDialect } from './dialects/gate.ts';
import { krakenFuturesDialect } from './dialects/kraken-futures.ts';
import { okxDialect } from './dialects/okx.ts';
import { addTrade, type Body, bodiesOf, countBinance, linesOf, noTally, PlainBook } from './plain-count.ts';
import { serveToCcxt, serveToFeed } from './serve-capture.ts';

const fixtures =
  process.env.PERPDESK_FIXTURES ?? fileURLToPath(new URL('../../../../../../shared/fixtures', import.meta.url));
const raw = (name: string): string => join(fixtures, 'raw-ws', `${name}.gz`);
const sample = (name: string): Body => JSON.parse(readFileSync(join(fixtures, 'payloads', `${name}.json`), 'utf8'));
const missing = existsSync(join(fixtures, 'raw-ws')) ? '' : ` (skipped: no raw captures at ${fixtures})`;

describe.skipIf(missing !== '')(`raw captures through the real ccxt code${missing}`, () => {
  // `pnpm campaign raw-captures` serves the whole of both files.
  it('behavior: Binance USDⓈ-M of hftbacktest at full depth, its first 10,000 lines, through our feed', async () => {
    const { sent, told, counted } = await usdmCapture(join(fixtures, 'raw-ws'), 10_000);
    expect(told).toEqual(counted);
    expect(sent).toEqual({ 'btcusdt@trade': counted.tally?.trades, 'btcusdt@depth': expect.any(Number) });
    expect(counted.tally?.trades).toBeGreaterThan(1_000);
    expect(counted.deltas).toBeGreaterThan(300);
  });

  it('behavior: Binance USDⓈ-M of cryptofeed, four markets with trades, books and candles, through our feed, recorded and replayed', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'perpdesk-recorded-feed-'));
    const lines = ['http.0.0', 'ws.1.0'].flatMap((part) => linesOf(raw(`cryptofeed/BINANCE_FUTURES.${part}`)));
    const markets = ['SUSHI', 'AKRO', 'KEEP', 'CTK'];
    const { told, refused } = await serveToFeed({
      venue: 'binance',
      dialect: binanceDialect,
      answers: { '/fapi/v1/exchangeInfo': bodiesOf(linesOf(raw('cryptofeed/BINANCE_FUTURES.0')))[0] },
      timeline: timelineOf(lines),
      streams: markets.flatMap((market) =>
        ['aggTrade', 'depth', 'kline_1m'].map((kind) => `${market.toLowerCase()}usdt@${kind}`),
      ),
      instrumentIds: markets.map((market) => `${market}-PERP@binance` as const),
      channels: ['trades', 'book', 'candles'],
      recordIn: directory,
    });
    const replayed: FeedUpdate[] = [];
    for await (const batch of readRecording(directory)) replayed.push(...batch.map(({ update }) => update));
    rmSync(directory, { recursive: true });
    expect(replayed).toStrictEqual(told.updates);
    expect([refused, told.gaps]).toEqual([0, []]);
    const bodies = bodiesOf(lines);
    for (const market of markets) {
      const id = `${market}-PERP@binance` as const;
      const asked = lines.find((line) => line.includes(`/depth?symbol=${market}USDT&`)) ?? '';
      const expected = countBinance(bodies, `${market}USDT`, JSON.parse(asked.slice(asked.indexOf('{'))));
      expect(told.tallies[id] ?? noTally()).toEqual(expected.tally);
      expect(told.books[id]?.deltas).toBe(expected.book.deltas);
      expect(told.books[id]?.levels()).toEqual(expected.book.levels());
      const bars = bodies.flatMap(({ data }) => (data?.e === 'kline' && data.s === `${market}USDT` ? [data.k] : []));
      expect(told.bars[id]).toEqual(
        bars.map((k: Body) => [k.t, k.x, Number(k.o), Number(k.h), Number(k.l), Number(k.c), Number(k.v)]),
      );
    }
  });

  it('behavior: Binance COIN-M of hftbacktest at full depth, its first 5,000 lines, through ccxt itself', async () => {
    const { told, counted } = await coinmCapture(join(fixtures, 'raw-ws'), 5_000);
    expect(told).toEqual(counted);
    expect(counted.deltas).toBeGreaterThan(2_000);
  });

  it('behavior: OKX of cryptofeed, spot, future and swap, through ccxt itself (no sequence numbers yet, as our feed wants)', async () => {
    const lines = linesOf(raw('cryptofeed/OKX.ws.1.0'));
    const listings = linesOf(raw('cryptofeed/OKX.0'));
    const bodies = bodiesOf(lines, ['"data":']);
    const symbols = {
      'BTC-USDT': 'BTC/USDT',
      'BTC-USD-220527': 'BTC/USD:BTC-220527',
      'UNI-USD-SWAP': 'UNI/USD:UNI',
    };
    const { tallies, levels, deltas } = await serveToCcxt({
      exchange: 'okx',
      symbols: Object.values(symbols),
      channels: ['trades', 'book'],
      deltaMethod: 'handleOrderBookMessage',
      options: { fetchMarkets: { types: ['spot', 'future', 'swap'] }, fetchCurrencies: false },
      dialect: {
        ...okxDialect,
        answer: ({ path, query }) => {
          if (!path.endsWith('/public/instruments')) return undefined;
          const listing = listings.find((line) => line.includes(`instType=${query.get('instType')} `));
          return listing === undefined ? { code: '0', data: [] } : listing.slice(listing.indexOf('{'));
        },
      },
      answers: {},
      timeline: timelineOf(lines),
      streams: Object.keys(symbols).flatMap((id) => [`trades:${id}`, `books:${id}`]),
    });
    let updates = 0;
    for (const [id, symbol] of Object.entries(symbols)) {
      const tally = noTally();
      const book = new PlainBook();
      for (const { arg, data } of bodies) {
        if (arg?.instId !== id) continue;
        if (arg.channel === 'trades') for (const { px, sz } of data) addTrade(tally, Number(px), Number(sz));
        if (arg.channel !== 'books') continue;
        updates += data.length;
        book.set('bids', data[0].bids);
        book.set('asks', data[0].asks);
      }
      expect(tallies[symbol]).toEqual(tally);
      expect(levels[symbol]).toEqual(book.levels());
    }
    expect([deltas, updates]).toEqual([290, 290]);
  });

  it('behavior: OKX payload samples of books and trades, through our feed', async () => {
    const samples = {
      listed: sample('okx/nautilus/http_get_instruments_swap'),
      book: sample('okx/nautilus/ws_books_update'),
    };
    const trades = sample('okx/nautilus/ws_trades');
    const market = samples.listed.data.find((row: Body) => row.instId.endsWith('-USDT-SWAP')) ?? samples.listed.data[0];
    const instId: string = market.instId;
    const at = (body: Body): Body => ({
      ...body,
      arg: { ...body.arg, instId },
      data: body.data.map((row: Body) => ({ ...row, instId })),
    });
    // The sample's sum is of another book than this.
    const [{ checksum: _, ...update }] = samples.book.data;
    const { told, refused } = await serveToFeed({
      venue: 'okx',
      dialect: {
        ...okxDialect,
        bookOf: ({ path, query }) => (path.endsWith('/market/books') ? (query.get('instId') ?? undefined) : undefined),
      },
      answers: { '/api/v5/public/instruments': { code: '0', data: [market] } },
      timeline: [
        {
          receivedAtMs: 1_700_000_000_000,
          direction: 'received',
          text: JSON.stringify(at({ ...samples.book, data: [update] })),
        },
        {
          ...{ receivedAtMs: 1_700_000_000_001, direction: 'response' },
          text: JSON.stringify({
            code: '0',
            data: [{ bids: [['8476.5', '3', '0', '1']], asks: [], ts: '1597026383084', seqId: 123456 }],
          }),
        },
        { receivedAtMs: 1_700_000_000_002, direction: 'received', text: JSON.stringify(at(trades)) },
      ],
      book: instId,
      streams: [`trades:${instId}`, `books:${instId}`],
      instrumentIds: [`${market.baseCcy || market.uly.split('-')[0]}-PERP@okx`],
      channels: ['trades', 'book'],
    });
    const size = Number(market.ctVal) * Number(market.ctMult || 1);
    const [{ px, sz }] = trades.data;
    const tally = noTally();
    addTrade(tally, Number(px), Number((Number(sz) * size).toPrecision(15)));
    expect([refused, told.gaps]).toEqual([0, []]);
    const [toldTally] = Object.values(told.tallies);
    expect(toldTally?.trades).toBe(1);
    expect(toldTally?.value).toBeCloseTo(tally.value, 9);
    const [book] = Object.values(told.books);
    expect(book?.deltas).toBe(1);
    const expected = new PlainBook();
    expected.set('bids', [['8476.5', String(3)]]);
    expected.set('bids', update.bids);
    expected.set('asks', update.asks);
    const scaled = (side: readonly (readonly [number, number])[]) =>
      side.map(([price, contracts]) => [price, contracts * size]);
    const levels = book?.levels();
    for (const side of ['bids', 'asks'] as const) {
      expect(levels?.[side].map(([price]) => price)).toEqual(scaled(expected.levels()[side]).map(([price]) => price));
      const sizes = scaled(expected.levels()[side]).map(([, contracts]) => contracts ?? 0);
      for (const [i, size] of sizes.entries()) expect(levels?.[side][i]?.[1]).toBeCloseTo(size, 9);
    }
  });

  it('behavior: Bybit v5 payload samples (the capture is of v2, which is gone), through our feed', async () => {
    const book = sample('bybit/nautilus/ws_orderbook_snapshot');
    const delta = {
      ...book,
      type: 'delta',
      ts: book.ts + 20,
      data: {
        ...book.data,
        b: [
          ['27450.00', '0'],
          ['27449.00', '2.5'],
        ],
        a: [],
        u: book.data.u + 1,
      },
    };
    const trade = {
      topic: 'publicTrade.BTCUSDT',
      type: 'snapshot',
      ts: book.ts,
      data: [{ T: book.ts, s: 'BTCUSDT', S: 'Buy', v: '0.001', p: '27451.00', i: 'a' }],
    };
    const { told, refused } = await serveToFeed({
      venue: 'bybit',
      dialect: {
        ...bybitDialect,
        answer: ({ path, query }) =>
          path === '/v5/market/instruments-info'
            ? sample(`bybit/nautilus/http_get_instruments_${query.get('category')}`)
            : undefined,
      },
      answers: {},
      // Our feed watches another depth than the sample's.
      timeline: [book, delta, trade].map((body, i) => ({
        ...{ receivedAtMs: book.ts + i, direction: 'received' as const },
        text: JSON.stringify({ ...body, topic: body.topic.replace('orderbook.1.', 'orderbook.200.') }),
      })),
      streams: ['orderbook.200.BTCUSDT', 'publicTrade.BTCUSDT'],
      instrumentIds: ['BTC-PERP@bybit'],
      channels: ['trades', 'book'],
    });
    expect([refused, told.gaps]).toEqual([0, []]);
    const expected = new PlainBook();
    for (const { data } of [book, delta]) {
      expected.set('bids', data.b);
      expected.set('asks', data.a);
    }
    expect(told.books['BTC-PERP@bybit']?.deltas).toBe(1);
    expect(told.books['BTC-PERP@bybit']?.levels()).toEqual(expected.levels());
    expect(told.tallies['BTC-PERP@bybit']).toEqual({ trades: 1, size: 0.001, value: 27451 * 0.001 });
  });

  it('behavior: Kraken Futures of cryptofeed, ten contracts, through ccxt itself', async () => {
    const lines = linesOf(raw('cryptofeed/KRAKEN_FUTURES.ws.1.0'));
    const listed: Body = bodiesOf(linesOf(raw('cryptofeed/KRAKEN_FUTURES.0')))[0];
    // The venue has since turned the names of its listing to capitals, as its frames had them.
    const instruments = listed.instruments.map((row: Body) => ({ ...row, symbol: row.symbol.toUpperCase() }));
    const products = [...new Set(bodiesOf(lines, ['"book_snapshot"']).map((body) => body.product_id as string))];
    const symbolOf = (product: string): string => {
      const [, kind, base = '', expiry] = /^(..)_(.+)USD(?:_(\d+))?$/.exec(product) ?? [];
      const name = base === 'XBT' ? 'BTC' : base;
      return `${name}/USD:${name}${kind === 'FI' ? `-${expiry}` : ''}`;
    };
    const { tallies, levels, deltas } = await serveToCcxt({
      exchange: 'krakenfutures',
      symbols: products.map(symbolOf),
      channels: ['trades', 'book'],
      deltaMethod: 'handleOrderBook',
      dialect: krakenFuturesDialect,
      answers: { '/derivatives/api/v3/instruments': { ...listed, instruments } },
      timeline: timelineOf(lines),
      streams: products.flatMap((product) => [`book:${product}`, `trade:${product}`]),
    });
    expect(products).toHaveLength(10);
    let frames = 0;
    for (const product of products) {
      const tally = noTally();
      const book = new PlainBook();
      for (const body of bodiesOf(lines, [product])) {
        if (body.product_id !== product) continue;
        if (body.feed === 'trade') addTrade(tally, body.price, body.qty);
        if (body.feed === 'trade_snapshot')
          for (const row of body.trades.toReversed()) addTrade(tally, row.price, row.qty);
        if (body.feed === 'book_snapshot') {
          book.set('bids', body.bids, 'price', 'qty');
          book.set('asks', body.asks, 'price', 'qty');
        }
        if (body.feed !== 'book') continue;
        frames += 1;
        book.set(body.side === 'buy' ? 'bids' : 'asks', [body], 'price', 'qty');
      }
      expect(tallies[symbolOf(product)]).toEqual(tally);
      expect(levels[symbolOf(product)]).toEqual(book.levels());
    }
    expect([deltas, frames]).toEqual([7_014, 7_014]);
  });

  it('behavior: Gate of cryptofeed, ten books and a candle (it has no trades), through ccxt itself', async () => {
    const lines = ['http.0.0', 'ws.1.0'].flatMap((part) => linesOf(raw(`cryptofeed/GATEIO_FUTURES.${part}`)));
    const contracts = lines.flatMap((line) => /order_book\?contract=(\w+)&/.exec(line)?.[1] ?? []);
    const symbolOf = (contract: string): string => `${contract.replace('_', '/')}:USDT`;
    const { levels, deltas, bars } = await serveToCcxt({
      exchange: 'gate',
      symbols: contracts.map(symbolOf),
      channels: ['book', 'candles'],
      deltaMethod: 'handleDelta',
      options: { defaultType: 'swap', fetchMarkets: { types: ['swap'] }, fetchCurrencies: false },
      symbolOf,
      dialect: gateDialect,
      answers: {
        '/api/v4/futures/usdt/contracts': bodiesOf(linesOf(raw('cryptofeed/GATEIO_FUTURES.0')))[0],
        '/api/v4/futures/btc/contracts': [],
        '/api/v4/spot/currencies': [],
      },
      timeline: timelineOf(lines),
      streams: contracts.map((contract) => `futures.order_book_update:${contract}`),
    });
    let expected = 0;
    for (const contract of contracts) {
      const asked = lines.find((line) => line.includes(`contract=${contract}&`)) ?? '';
      const snapshot = JSON.parse(asked.slice(asked.indexOf('{')));
      const book = new PlainBook();
      book.set('bids', snapshot.bids, 'p', 's');
      book.set('asks', snapshot.asks, 'p', 's');
      for (const { channel, event, result } of bodiesOf(lines, [contract])) {
        if (channel !== 'futures.order_book_update' || event !== 'update' || result.s !== contract) continue;
        if (result.u <= snapshot.id) continue;
        expected += 1;
        book.set('bids', result.b, 'p', 's');
        book.set('asks', result.a, 'p', 's');
      }
      expect(levels[symbolOf(contract)]).toEqual(book.levels());
    }
    expect(contracts).toHaveLength(10);
    expect(deltas).toBe(expected);
    expect(bars).toEqual([[1_684_930_140_000, 0.1701, 0.1701, 0.1701, 0.1701, 0]]);
  });

  it('behavior: dYdX v4 payload samples (the capture is of v3, which is gone), through ccxt itself', async () => {
    const { trades, book, candle, whole } = {
      trades: sample('dydx/nautilus/ws_trades_update'),
      book: sample('dydx/nautilus/ws_orderbook_update'),
      candle: sample('dydx/nautilus/ws_candles_update'),
      whole: sample('dydx/nautilus/http_get_orderbook').result,
    };
    const subscribed = { type: 'subscribed', channel: 'v4_orderbook', id: 'BTC-USD', message_id: 1, contents: whole };
    const symbol = 'BTC/USDC:USDC';
    const { tallies, levels, deltas, bars } = await serveToCcxt({
      exchange: 'dydx',
      symbols: [symbol],
      channels: ['trades', 'book', 'candles'],
      deltaMethod: 'handleOrderBook',
      dialect: dydxDialect,
      answers: { '/v4/perpetualMarkets': sample('dydx/nautilus/http_get_perpetual_markets').result },
      timeline: [subscribed, book, trades, candle].map((body, i) => ({
        ...{ receivedAtMs: 1_765_210_320_000 + i, direction: 'received', text: JSON.stringify(body) },
      })),
      streams: ['v4_orderbook:BTC-USD', 'v4_trades:BTC-USD', 'v4_candles:BTC-USD/1MIN'],
    });
    const tally = noTally();
    for (const trade of trades.contents.trades) addTrade(tally, Number(trade.price), Number(trade.size));
    const expected = new PlainBook();
    for (const contents of [whole, book.contents]) {
      const [price, size] = contents === whole ? ['price', 'size'] : [0, 1];
      expected.set('bids', contents.bids, price, size);
      expected.set('asks', contents.asks, price, size);
    }
    expect(tallies[symbol]).toEqual(tally);
    expect(deltas).toBe(2);
    expect(levels[symbol]).toEqual(expected.levels());
    const { open, high, low, close, baseTokenVolume, startedAt } = candle.contents;
    expect(bars).toEqual([[Date.parse(startedAt), ...[open, high, low, close, baseTokenVolume].map(Number)]]);
  });
});
