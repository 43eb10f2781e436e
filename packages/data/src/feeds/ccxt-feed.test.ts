import { type FeedChannel, type InstrumentId, instrumentSchema, silentLogger } from '@perpdesk/core';
import { type MarketFeedHarness, marketFeedContract } from '@perpdesk/core/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { aggTrade, binanceScript } from './testing/binance-script.ts';
import { type FeedHarness, startFeed } from './testing/feed-harness.ts';
import type { LocalVenueOptions, SeenRequest } from './testing/local-venue.ts';
import { isSound } from './testing/payload-mutations.ts';
import { venueSamples } from './testing/venue-samples.ts';

const btc = 'BTC-PERP@binance';
const eth = 'ETH-PERP@binance';
const minute = 60_000;

const open: FeedHarness[] = [];
afterEach(async () => {
  for (const harness of open.splice(0)) await harness.close();
});

async function start(...parameters: Parameters<typeof startFeed>): Promise<FeedHarness> {
  const harness = await startFeed(...parameters);
  open.push(harness);
  return harness;
}

const book = (sequence: number, atMs: number): object => ({
  ...{
    lastUpdateId: sequence,
    E: atMs,
    T: atMs,
    bids: [
      ['100', '1'],
      ['99', '5'],
    ],
    asks: [['101', '2']],
  },
});
const depth = (first: number, last: number, previous: number, bid: string, size: string): object => ({
  ...{ e: 'depthUpdate', E: Date.now(), T: Date.now(), s: 'BTCUSDT', U: first, u: last, pu: previous },
  ...{ b: [[bid, size]], a: [] },
});
const subscribed = ({ venue }: FeedHarness, stream: string, times = 1): Promise<void> =>
  venue.until(
    () =>
      venue.received.filter(({ message }) => JSON.stringify(message).includes(`SUBSCRIBE","params":["${stream}`))
        .length >= times,
  );
const trade = (id: number, atMs = Date.now()): object => ({
  e: 'aggTrade',
  E: atMs,
  s: 'BTCUSDT',
  ...aggTrade(id, atMs),
});

describe('CcxtFeed', () => {
  it('default: lists instruments and tells every channel, each update as the domain has it', async () => {
    const now = Date.now();
    const harness = await start(
      'binance',
      binanceScript({
        '/fapi/v1/depth': () => book(10, now),
        '/fapi/v1/openInterest': () => ({ symbol: 'BTCUSDT', openInterest: '20', time: now }),
        '/fapi/v1/premiumIndex': () => ({ symbol: 'BTCUSDT', markPrice: '100.5' }),
      }),
    );
    const { feed, venue } = harness;
    const instruments = await feed.fetchInstruments();
    for (const instrument of instruments) expect(instrumentSchema.parse(instrument)).toEqual(instrument);
    expect(instruments.map(({ id, fundingIntervalMs }) => [id, fundingIntervalMs / 3_600_000])).toEqual([
      ...[
        ['BTC-PERP@binance', 8],
        ['ETH-PERP@binance', 4],
      ],
      ...[
        ['1000PEPE-PERP@binance', 8],
        ['BTC.USDC-PERP@binance', 8],
      ],
    ]);
    expect(instruments[0]).toMatchObject({
      ...{ priceRule: { kind: 'tick', tick: '0.1' }, lotSize: '0.001', minSize: '0.001', minNotional: '100' },
      ...{ makerFeeRate: '0.0002', takerFeeRate: '0.0005', contract: 'linear', status: 'trading' },
      marginTiers: [{ maintenanceMarginRate: '0.025' }],
    });
    const all: FeedChannel[] = ['trades', 'book', 'candles', 'ticker', 'funding', 'open-interest', 'liquidations'];
    expect([...feed.channels].sort()).toEqual([...all].sort());
    harness.watch([btc], all);
    for (const stream of [
      'btcusdt@aggTrade',
      'btcusdt@depth',
      'btcusdt@kline_1m',
      'btcusdt@markPrice',
      'btcusdt@bookTicker',
      'btcusdt@forceOrder',
    ])
      await subscribed(harness, stream);
    const barAt = Math.floor(now / minute) * minute;
    venue.send(trade(1, now), 'market');
    venue.send(depth(9, 12, 8, '100', '3'), 'public');
    const bar = { t: barAt, i: '1m', s: 'BTCUSDT', o: '100', h: '102', l: '99', c: '101', v: '7', x: true };
    venue.send({ e: 'kline', E: now, s: 'BTCUSDT', k: bar }, 'market');
    venue.send({ e: 'bookTicker', E: now, T: now, s: 'BTCUSDT', b: '100.4', a: '100.6' }, 'public');
    venue.send({ e: '24hrMiniTicker', E: now, s: 'BTCUSDT', c: '100.5' }, 'market');
    venue.send(
      { e: 'markPriceUpdate', E: now, s: 'BTCUSDT', p: '100.5', i: '100.4', r: '-0.0001', T: barAt + minute },
      'market',
    );
    venue.send(
      { e: 'forceOrder', E: now, o: { s: 'BTCUSDT', S: 'BUY', q: '2', p: '99', ap: '99.5', T: now } },
      'market',
    );
    expect((await harness.until('trade')).trade).toMatchObject({
      id: '1',
      side: 'buy',
      price: 100.1,
      size: 0.5,
      exchangeAtMs: now,
    });
    expect((await harness.until('book-delta')).delta).toMatchObject({
      bids: [[100, 3]],
      sequence: 12,
      firstSequence: 9,
      previousSequence: 8,
    });
    expect((await harness.until('book')).book).toMatchObject({
      bids: [
        [100, 1],
        [99, 5],
      ],
      asks: [[101, 2]],
      sequence: 10,
    });
    expect(await harness.until('candle')).toMatchObject({
      closed: true,
      candle: { timeframe: '1m', openAtMs: barAt, close: 101, volume: 7 },
    });
    expect((await harness.until('ticker')).ticker).toMatchObject({
      last: 100.5,
      mark: 100.5,
      index: 100.4,
      bid: 100.4,
      ask: 100.6,
    });
    expect((await harness.until('funding')).funding).toMatchObject({
      rate: -0.0001,
      settlesAtMs: barAt + minute,
      predicted: true,
    });
    expect((await harness.until('open-interest')).openInterest).toMatchObject({ size: 20, notionalUsd: 2010 });
    expect((await harness.until('liquidation')).liquidation).toMatchObject({ side: 'buy', price: 99.5, size: 2 });
    expect(harness.updates.every(isSound)).toBe(true);
    await harness.until('status', ({ status }) => status.channel === 'liquidations' && status.status === 'live');
    expect(feed.streams().map(({ status }) => status)).toEqual(all.map(() => 'live'));
    expect(feed.health()).toEqual({ status: 'healthy' });
    expect(feed.counts()).toMatchObject({ refused: 0, unusableMarkets: 0 });
  });

  it('behavior: after a cut what was missed is fetched, told in order, then the gap, then the new', async () => {
    const now = Date.now() - 1_000;
    const history = (request: SeenRequest): unknown =>
      [1, 2, 3, 4, 5].filter((id) => id >= Number(request.query.get('fromId'))).map((id) => aggTrade(id, now + id));
    const harness = await start(
      'binance',
      binanceScript({ '/fapi/v1/aggTrades': history, '/fapi/v1/depth': () => book(20, now) }),
    );
    harness.watch([btc], ['trades', 'book']);
    await subscribed(harness, 'btcusdt@aggTrade');
    await subscribed(harness, 'btcusdt@depth');
    harness.venue.send(trade(1, now + 1), 'market');
    harness.venue.send(depth(19, 21, 18, '100', '3'), 'public');
    await harness.until('book-delta');
    await harness.until('trade');
    harness.venue.cut();
    await subscribed(harness, 'btcusdt@aggTrade', 2);
    await subscribed(harness, 'btcusdt@depth', 2);
    harness.venue.route('/fapi/v1/depth', () => book(30, now));
    harness.venue.send(trade(5, now + 5), 'market');
    harness.venue.send(trade(6, now + 6), 'market');
    harness.venue.send(depth(29, 31, 28, '100', '4'), 'public');
    await harness.until('trade', ({ trade: { id } }) => id === '6');
    await harness.until('book-delta', ({ delta }) => delta.sequence === 31);
    const told = harness.updates.flatMap((update) =>
      update.kind === 'trade'
        ? [update.trade.id]
        : update.kind === 'gap' && update.gap.channel === 'trades'
          ? ['gap']
          : [],
    );
    expect(told).toEqual(['1', '2', '3', '4', '5', 'gap', '6']);
    const gaps = harness.of('gap').map(({ gap }) => gap);
    expect(gaps.find(({ channel }) => channel === 'trades')).toEqual({
      ...{ instrumentId: btc, channel: 'trades', reason: 'disconnected', filled: true },
      ...{ fromMs: now + 1, toMs: now + 5 },
    });
    expect(gaps.find(({ channel }) => channel === 'book')).toMatchObject({ reason: 'disconnected', filled: true });
    expect(harness.of('book').map(({ book: { sequence } }) => sequence)).toEqual([20, 30]);
    expect(harness.feed.streams().map(({ reconnects }) => reconnects)).toEqual([1, 1]);
  });

  it('behavior: a hole in the ids of a live stream is a gap, filled where the venue can tell and open where not', async () => {
    const now = Date.now();
    const harness = await start(
      'binance',
      binanceScript({
        '/fapi/v1/aggTrades': ({ query }) => {
          const from = Number(query.get('fromId'));
          return from < 10 ? [1, 2, 3, 4].filter((id) => id >= from).map((id) => aggTrade(id, now + id)) : undefined;
        },
      }),
    );
    harness.watch([btc], ['trades']);
    await subscribed(harness, 'btcusdt@aggTrade');
    harness.venue.send(trade(1, now + 1));
    harness.venue.send(trade(4, now + 4));
    await harness.until('gap', ({ gap }) => gap.filled);
    harness.venue.send(trade(5, now + 5));
    harness.venue.send(trade(5, now + 5));
    harness.venue.send(trade(10, now + 10));
    harness.venue.send(trade(20, now + 20));
    const unfilled = await harness.until('gap', ({ gap }) => !gap.filled);
    expect(unfilled.gap).toMatchObject({ reason: 'sequence', fromMs: now + 5, toMs: now + 10 });
    await harness.until('trade', ({ trade: { id } }) => id === '20');
    expect(harness.of('trade').map(({ trade: { id } }) => id)).toEqual(['1', '2', '3', '4', '5', '10', '20']);
    expect(harness.of('gap').map(({ gap }) => gap.filled)).toEqual([true, false, false]);
  });

  it('behavior: a book whose chain breaks is asked for anew, and nothing of the old one is told on', async () => {
    const now = Date.now();
    let sequence = 10;
    const harness = await start('binance', binanceScript({ '/fapi/v1/depth': () => book(sequence, now) }));
    harness.watch([btc], ['book']);
    await subscribed(harness, 'btcusdt@depth');
    harness.venue.send(depth(9, 12, 8, '100', '3'));
    await harness.until('book-delta');
    sequence = 40;
    harness.venue.send(depth(30, 41, 29, '100', '9'));
    harness.venue.send(depth(42, 43, 41, '98', '1'));
    await harness.until('book-delta', ({ delta }) => delta.sequence === 43);
    expect(
      harness.updates.flatMap((update): unknown[] =>
        update.kind === 'book'
          ? [update.book.sequence]
          : update.kind === 'book-delta'
            ? [update.delta.sequence]
            : update.kind === 'gap'
              ? [update.gap.reason]
              : [],
      ),
    ).toEqual([10, 12, 40, 'sequence', 41, 43]);
  });

  it('behavior: a stream that falls silent on an open socket is begun anew', async () => {
    const now = Date.now();
    const harness = await start('binance', binanceScript({ '/fapi/v1/depth': () => book(10, now) }), {
      timing: { silentAfterMs: { book: 120 } },
    });
    harness.watch([btc], ['book']);
    await subscribed(harness, 'btcusdt@depth');
    harness.venue.send(depth(9, 12, 8, '100', '3'));
    await harness.until('status', ({ status }) => status.status === 'stale');
    await subscribed(harness, 'btcusdt@depth', 2);
    harness.venue.route('/fapi/v1/depth', () => book(50, now));
    harness.venue.send(depth(49, 52, 48, '100', '3'));
    expect((await harness.until('gap')).gap).toMatchObject({ channel: 'book', reason: 'silent', filled: true });
    expect(harness.venue.connections).toHaveLength(2);
  });

  it('behavior: a stream of trades that is dead is told from a quiet one by asking', async () => {
    const now = Date.now() - 5_000;
    let newest = 1;
    const harness = await start(
      'binance',
      binanceScript({
        '/fapi/v1/aggTrades': ({ query }) =>
          Array.from({ length: newest }, (_, i) => aggTrade(i + 1, now + i)).slice(Number(query.get('fromId')) - 1),
      }),
      { timing: { silentAfterMs: { trades: 60 } } },
    );
    harness.watch([btc], ['trades']);
    await subscribed(harness, 'btcusdt@aggTrade');
    harness.venue.send(trade(1, now));
    await harness.venue.until(
      () => harness.venue.requests.filter(({ path }) => path.endsWith('aggTrades')).length >= 2,
    );
    expect(harness.venue.connections).toHaveLength(1);
    newest = 3;
    expect((await harness.until('gap')).gap).toMatchObject({ channel: 'trades', reason: 'silent', filled: true });
    expect(harness.of('trade').map(({ trade: { id } }) => id)).toEqual(['1', '2', '3']);
  });

  it('behavior: each bar is closed once, those of an outage are fetched', async () => {
    const now = Date.now();
    const first = Math.floor(now / minute) * minute - 3 * minute;
    const row = (openAtMs: number): unknown[] => [openAtMs, '100', '102', '99', '101', '7', openAtMs + minute - 1];
    const harness = await start(
      'binance',
      binanceScript({
        '/fapi/v1/klines': ({ query }) => {
          const rows = [];
          for (let at = Number(query.get('startTime')); at <= Number(query.get('endTime')); at += minute)
            rows.push(row(at));
          return rows;
        },
      }),
      { timing: { closeGraceMs: 3_600_000 } },
    );
    const bar = (openAtMs: number, x: boolean): object => ({
      ...{ e: 'kline', E: now, s: 'BTCUSDT' },
      k: { ...{ t: openAtMs, i: '1m', s: 'BTCUSDT', o: '100', h: '102', l: '99', c: '101' }, v: '7', x },
    });
    harness.watch([btc], ['candles']);
    await subscribed(harness, 'btcusdt@kline_1m');
    for (const closed of [false, true, true]) harness.venue.send(bar(first, closed));
    harness.venue.send(bar(first + minute, false));
    await harness.until('candle', ({ candle }) => candle.openAtMs === first + minute);
    harness.venue.cut();
    await subscribed(harness, 'btcusdt@kline_1m', 2);
    harness.venue.send(bar(first + 3 * minute, false));
    harness.venue.send(bar(first + 3 * minute, true));
    await harness.until('candle', ({ candle, closed }) => closed && candle.openAtMs === first + 3 * minute);
    const closed = harness.of('candle').filter((update) => update.closed);
    expect(closed.map(({ candle }) => (candle.openAtMs - first) / minute)).toEqual([0, 1, 2, 3]);
    expect(harness.of('gap').map(({ gap }) => [gap.channel, gap.filled])).toEqual([['candles', true]]);
  });

  it('behavior: a bad payload is counted and sampled without its control characters; the good ones go on', async () => {
    const lines: object[] = [];
    const logger = { ...silentLogger, warn: (fields: object) => void lines.push(fields), child: () => logger };
    const now = Date.now();
    const harness = await start(
      'binance',
      binanceScript({
        '/fapi/v1/aggTrades': ({ query }) =>
          [2, 3].filter((id) => id >= Number(query.get('fromId'))).map((id) => aggTrade(id, now + id)),
      }),
      { logger },
    );
    harness.watch([btc, eth], ['trades']);
    await subscribed(harness, 'btcusdt@aggTrade');
    await subscribed(harness, 'ethusdt@aggTrade');
    harness.venue.send(trade(1, now));
    harness.venue.send({ ...trade(2, now), p: '-5' });
    harness.venue.send({ ...trade(9, now), s: 'ETHUSDT' });
    harness.venue.send({ ...trade(3, now), s: 'EVIL\u001b[31m\u202e' });
    harness.venue.send(trade(3, now + 3));
    await harness.until('trade', ({ trade: { id } }) => id === '3');
    expect(
      harness
        .of('trade')
        .map(({ trade: t }) => `${t.instrumentId} ${t.id}`)
        .sort(),
    ).toEqual([`${btc} 1`, `${btc} 2`, `${btc} 3`, `${eth} 9`]);
    expect(harness.feed.counts()).toMatchObject({
      refused: 2,
      sampled: 2,
      refusedByReason: { 'trade.price': 1, 'trades.instrument': 1 },
    });
    expect(harness.feed.streams()[0]).toMatchObject({ instrumentId: btc, invalid: 1 });
    expect(harness.of('gap').map(({ gap }) => [gap.instrumentId, gap.reason, gap.filled])).toContainEqual([
      btc,
      'invalid',
      true,
    ]);
    expect(lines.map((line) => String(Reflect.get(line, 'payload'))).join()).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it('behavior: two who watch share a stream, and it ends with the second', async () => {
    const harness = await start('binance', binanceScript());
    const first = harness.watch([btc], ['trades']);
    const second = harness.watch([btc], ['trades']);
    await subscribed(harness, 'btcusdt@aggTrade');
    harness.venue.send(trade(1));
    await harness.until('trade');
    expect(harness.of('trade')).toHaveLength(2);
    first();
    harness.venue.send(trade(2));
    await harness.until('trade', ({ trade: { id } }) => id === '2');
    expect(harness.of('trade')).toHaveLength(3);
    second();
    second();
    await harness.venue.until(() =>
      harness.venue.received.some(({ message }) => Reflect.get(Object(message), 'method') === 'UNSUBSCRIBE'),
    );
    expect(harness.feed.streams()).toEqual([]);
    harness.watch([btc], ['trades']);
    await subscribed(harness, 'btcusdt@aggTrade', 2);
  });

  it('behavior: a storm of failures is one attempt at a time, with growing pauses', async () => {
    const harness = await start('binance', binanceScript(), { timing: { firstBackoffMs: 40, longestBackoffMs: 400 } });
    harness.watch([btc, eth], ['trades', 'candles', 'liquidations']);
    await subscribed(harness, 'ethusdt@forceOrder');
    await harness.until('status', ({ status }) => status.status === 'live');
    const before = harness.venue.connections.length;
    for (let i = 0; i < 3; i += 1) {
      harness.venue.cut();
      await harness.venue.until(() => harness.venue.connections.length > before + i);
    }
    expect(harness.venue.connections.length - before).toBe(3);
  });

  it('error: an unlisted instrument, and a stopped feed', async () => {
    const harness = await start('binance', binanceScript());
    expect(() => harness.watch(['NOPE-PERP@binance'], ['trades'])).toThrow('binance lists no NOPE-PERP@binance.');
    await expect(
      harness.feed.fetchCandles({ instrumentId: 'NOPE-PERP@binance', timeframe: '1m', fromMs: 0, toMs: 1 }),
    ).rejects.toMatchObject({ code: 'instrument.unlisted' });
    await harness.feed.stop();
    expect(harness.feed.health()).toEqual({ status: 'stopped' });
    expect(() => harness.watch([btc], ['trades'])).toThrow('The feed of binance is stopped.');
    expect(harness.venue.open).toBe(0);
  });

  it('error: a venue that does not answer fails the start', async () => {
    await expect(startFeed('binance', {})).rejects.toMatchObject({ name: 'VenueError' });
  });
});

const heard = (harness: FeedHarness, part: string, times = 1): Promise<void> =>
  harness.venue.until(
    () => harness.venue.received.filter(({ message }) => JSON.stringify(message).includes(part)).length >= times,
  );

describe('a feed of OKX', () => {
  const id = 'BTC-PERP@okx';
  const info = {
    ...{ instId: 'BTC-USDT-SWAP', instType: 'SWAP', uly: 'BTC-USDT', instFamily: 'BTC-USDT', settleCcy: 'USDT' },
    ...{ ctVal: '0.01', ctMult: '1', ctValCcy: 'BTC', ctType: 'linear', tickSz: '0.1', lotSz: '1', minSz: '1' },
    ...{ state: 'live', lever: '100' },
  };
  const inverse = {
    ...info,
    instId: 'BTC-USD-SWAP',
    uly: 'BTC-USD',
    instFamily: 'BTC-USD',
    settleCcy: 'BTC',
    ctVal: '100',
    ctValCcy: 'USD',
    ctType: 'inverse',
  };
  const script = {
    routes: {
      '/api/v5/public/instruments': () => ({ code: '0', data: [info, inverse] }),
      '/api/v5/public/time': () => ({ code: '0', data: [{ ts: String(Date.now()) }] }),
    },
  };
  const arg = { channel: 'books', instId: 'BTC-USDT-SWAP' };
  const snapshot = (seqId: number, checksum: number): object => ({
    ...{ arg, action: 'snapshot' },
    data: [
      {
        bids: [['100.4', '100', '0', '1']],
        asks: [['100.6', '250', '0', '1']],
        ts: String(Date.now()),
        checksum,
        prevSeqId: -1,
        seqId,
      },
    ],
  });
  const update = (seqId: number, prevSeqId: number, checksum: number): object => ({
    ...{ arg, action: 'update' },
    data: [{ bids: [['100.4', '50', '0', '1']], asks: [], ts: String(Date.now()), checksum, prevSeqId, seqId }],
  });

  it('behavior: contracts become base units, an inverse market keeps its quote and its contracts', async () => {
    const harness = await start('okx', script);
    const instruments = await harness.feed.fetchInstruments();
    for (const instrument of instruments) expect(instrumentSchema.parse(instrument)).toEqual(instrument);
    expect(
      instruments.map(({ id: one, contract, contractSize, lotSize }) => [one, contract, contractSize, lotSize]),
    ).toEqual([
      ['BTC-PERP@okx', 'linear', '0.01', '0.01'],
      ['BTC.USD-PERP@okx', 'inverse', '100', '1'],
    ]);
  });

  it('behavior: its checksums are verified: one that does not fit ends the book until a whole one comes', async () => {
    const harness = await start('okx', script);
    harness.watch([id], ['book']);
    await heard(harness, '"channel":"books"');
    // Sums by an independent CRC-32 (zlib) over 100.4:100:100.6:250 and 100.4:50:100.6:250.
    const { crc32 } = await import('node:zlib');
    const sum = (text: string): number => crc32(text) | 0;
    harness.venue.send(snapshot(5, sum('100.4:100:100.6:250')));
    harness.venue.send(update(6, 5, sum('100.4:50:100.6:250')));
    expect((await harness.until('book-delta')).delta).toMatchObject({ bids: [[100.4, 0.5]], previousSequence: 5 });
    harness.venue.send(update(7, 6, 12_345));
    await heard(harness, '"op":"unsubscribe"');
    harness.venue.send(snapshot(9, sum('100.4:100:100.6:250')));
    expect((await harness.until('gap')).gap).toMatchObject({ channel: 'book', reason: 'checksum', filled: true });
    expect(harness.of('book').map(({ book }) => book.sequence)).toEqual([5, 9]);
    expect(harness.of('book-delta')).toHaveLength(1);
    expect(harness.venue.connections).toHaveLength(1);
  });

  it('behavior: missed trades are paged back to the last known one', async () => {
    const now = Date.now() - 10_000;
    const row = (n: number): object => ({
      ...{ instId: 'BTC-USDT-SWAP', tradeId: String(n), px: '100', sz: '10', side: 'buy' },
      ts: String(now + n),
    });
    const harness = await start('okx', {
      routes: {
        ...script.routes,
        '/api/v5/market/history-trades': ({ query }) => {
          const before = Number(query.get('after') ?? 251);
          return {
            code: '0',
            data: Array.from({ length: 100 }, (_, i) => before - 1 - i)
              .filter((n) => n > 0)
              .map(row),
          };
        },
      },
    });
    const send = (n: number): void =>
      harness.venue.send({ arg: { channel: 'trades', instId: 'BTC-USDT-SWAP' }, data: [row(n)] });
    harness.watch([id], ['trades']);
    await heard(harness, '"channel":"trades"');
    send(20);
    await harness.until('trade');
    harness.venue.cut();
    await heard(harness, '"channel":"trades"', 2);
    send(250);
    send(251);
    await harness.until('trade', ({ trade }) => trade.id === '251');
    expect(harness.of('trade').map(({ trade }) => Number(trade.id))).toEqual(
      Array.from({ length: 232 }, (_, i) => 20 + i),
    );
    expect(harness.of('trade')[0]?.trade.size).toBe(0.1);
    expect(harness.of('gap').map(({ gap }) => gap.filled)).toEqual([true]);
  });
});

describe('a feed of Hyperliquid', () => {
  const id = 'BTC-PERP@hyperliquid';
  const universe = [
    { name: 'BTC', szDecimals: 5, maxLeverage: 40 },
    { name: 'kPEPE', szDecimals: 0, maxLeverage: 10 },
  ];
  const context = {
    markPx: '50000',
    midPx: '50000',
    oraclePx: '50000',
    funding: '0',
    openInterest: '1',
    prevDayPx: '1',
    dayNtlVlm: '1',
  };
  const script = {
    routes: {
      '/info': ({ body }: { body: string }) => {
        const { type, req } = JSON.parse(body);
        if (type === 'metaAndAssetCtxs') return [{ universe }, [context, context]];
        if (type === 'candleSnapshot')
          return Array.from({ length: Math.ceil((req.endTime - req.startTime) / minute) }, (_, i) => ({
            ...{ t: req.startTime + i * minute, s: 'BTC', i: '1m', o: '1', c: '2', h: '3', l: '1', v: '9' },
          }));
        return [];
      },
    },
  };

  it('behavior: names keep their thousands, prices have significant figures', async () => {
    const harness = await start('hyperliquid', script);
    const instruments = await harness.feed.fetchInstruments();
    for (const instrument of instruments) expect(instrumentSchema.parse(instrument)).toEqual(instrument);
    expect(instruments).toMatchObject([
      {
        id,
        lotSize: '0.00001',
        priceRule: { kind: 'significant-figures', figures: 5, maxDecimals: 1 },
        fundingIntervalMs: 3_600_000,
        marginTiers: [{ maxLeverage: 40 }],
      },
      { id: '1000PEPE-PERP@hyperliquid', base: 'kPEPE', lotSize: '1', priceRule: { maxDecimals: 6 } },
    ]);
  });

  it('behavior: books come whole, the ticker is put together, a bar closes when the next begins', async () => {
    const harness = await start('hyperliquid', script, { timing: { closeGraceMs: 3_600_000 } });
    harness.watch([id], ['ticker', 'candles', 'funding', 'open-interest']);
    for (const type of ['activeAssetCtx', 'l2Book', 'trades', 'candle']) await heard(harness, `"type":"${type}"`);
    const now = Date.now();
    const barAt = Math.floor(now / minute) * minute - 3 * minute;
    const { venue } = harness;
    venue.send({
      channel: 'subscriptionResponse',
      data: { method: 'subscribe', subscription: { type: 'trades', coin: 'BTC' } },
    });
    venue.send({ channel: 'trades', data: [{ coin: 'BTC', side: 'A', px: '100.5', sz: '1', time: now, tid: 7 }] });
    venue.send({
      channel: 'l2Book',
      data: { coin: 'BTC', time: now, levels: [[{ px: '100.4', sz: '1', n: 1 }], [{ px: '100.6', sz: '2', n: 1 }]] },
    });
    venue.send({
      channel: 'activeAssetCtx',
      data: {
        coin: 'BTC',
        ctx: { ...context, markPx: '100.45', oraclePx: '100.44', funding: '0.0000125', openInterest: '10' },
      },
    });
    expect((await harness.until('ticker')).ticker).toMatchObject({
      last: 100.5,
      mark: 100.45,
      index: 100.44,
      bid: 100.4,
      ask: 100.6,
    });
    const { funding } = await harness.until('funding');
    expect(funding).toMatchObject({
      rate: 0.0000125,
      intervalMs: 3_600_000,
      settlesAtMs: (Math.floor(now / 3_600_000) + 1) * 3_600_000,
    });
    expect((await harness.until('open-interest')).openInterest).toMatchObject({ size: 10, notionalUsd: 1004.5 });
    // Book and trades are watched for the ticker alone: nobody is told of them.
    expect([...harness.of('trade'), ...harness.of('book')]).toEqual([]);
    const bar = (n: number, close: string): object => ({
      channel: 'candle',
      data: { t: barAt + n * minute, s: 'BTC', i: '1m', o: '100', c: close, h: '110', l: '90', v: '5' },
    });
    for (const close of ['101', '102']) venue.send(bar(0, close));
    venue.send(bar(1, '103'));
    expect(await harness.until('candle', ({ closed }) => closed)).toMatchObject({
      candle: { openAtMs: barAt, close: 102 },
    });
    // A jump over bars: what is missing is asked for.
    venue.send(bar(3, '104'));
    await harness.until('candle', ({ candle }) => candle.close === 104);
    expect(
      harness
        .of('candle')
        .filter(({ closed }) => closed)
        .map(({ candle }) => [(candle.openAtMs - barAt) / minute, candle.close]),
    ).toEqual([
      [0, 102],
      [1, 2],
      [2, 2],
    ]);
  });
});

const symbols: Readonly<Record<InstrumentId, string>> = {
  'BTC-PERP@binance': 'BTCUSDT',
  'ETH-PERP@binance': 'ETHUSDT',
};

async function make(): Promise<MarketFeedHarness> {
  const startedAtMs = Date.now() - 60_000;
  const trades = new Map<string, Set<number>>();
  const harness = await startFeed(
    'binance',
    binanceScript({
      '/fapi/v1/aggTrades': ({ query }) =>
        [...(trades.get(query.get('symbol') ?? '') ?? [])]
          .filter((id) => id >= Number(query.get('fromId')))
          .sort((a, b) => a - b)
          .map((id) => aggTrade(id, startedAtMs + id)),
      '/fapi/v1/klines': ({ query }) => {
        const rows = [];
        for (let at = Number(query.get('startTime')); at <= Number(query.get('endTime')); at += minute)
          rows.push([at, '100', '102', '99', '101', '7', at + minute - 1]);
        return rows;
      },
    }),
  );
  return {
    feed: harness.feed,
    instrumentIds: ['BTC-PERP@binance', 'ETH-PERP@binance'],
    barsFromMs: startedAtMs - 60 * minute,
    subscribed: (instrumentId, times) => {
      const stream = `SUBSCRIBE","params":["${symbols[instrumentId]?.toLowerCase()}@aggTrade`;
      const { venue } = harness;
      return venue.until(
        () => venue.received.filter(({ message }) => JSON.stringify(message).includes(`"${stream}`)).length >= times,
      );
    },
    trade(instrumentId, id, { silently = false } = {}) {
      const symbol = symbols[instrumentId] ?? '';
      trades.set(symbol, (trades.get(symbol) ?? new Set()).add(id));
      const atMs = startedAtMs + id;
      if (!silently) harness.venue.send({ e: 'aggTrade', E: atMs, s: symbol, ...aggTrade(id, atMs) });
    },
    cut: () => harness.venue.cut(),
    close: () => harness.close(),
  };
}

describe('CcxtFeed keeps to the contract of a MarketFeed', () => {
  for (const { name, run } of marketFeedContract) it(name, () => run(make));
});

describe('every other venue, through the real ccxt', () => {
  const filters = [
    { filterType: 'PRICE_FILTER', tickSize: '0.1' },
    { filterType: 'LOT_SIZE', stepSize: '0.001', minQty: '0.001' },
  ];
  const bybitMarket = {
    ...{ symbol: 'BTCUSDT', contractType: 'LinearPerpetual', status: 'Trading', baseCoin: 'BTC', quoteCoin: 'USDT' },
    ...{ settleCoin: 'USDT', fundingInterval: 480, priceFilter: { tickSize: '0.1' } },
    ...{ lotSizeFilter: { qtyStep: '0.001', minOrderQty: '0.001' }, leverageFilter: { maxLeverage: '100' } },
  };
  const scripts: readonly {
    readonly venue: Parameters<typeof startFeed>[0];
    readonly routes: LocalVenueOptions['routes'] & object;
    readonly subscriptions: readonly string[];
    readonly credentials?: Record<string, string>;
  }[] = [
    {
      venue: 'aster',
      routes: {
        '/fapi/v3/exchangeInfo': () => ({
          symbols: [
            {
              ...{
                symbol: 'BTCUSDT',
                contractType: 'PERPETUAL',
                status: 'TRADING',
                baseAsset: 'BTC',
                quoteAsset: 'USDT',
              },
              ...{ marginAsset: 'USDT', filters },
            },
          ],
        }),
        '/fapi/v3/fundingInfo': () => [],
      },
      subscriptions: [
        'btcusdt@aggTrade',
        'btcusdt@depth20',
        'btcusdt@kline_1m',
        'btcusdt@markPrice',
        'btcusdt@bookTicker',
      ],
    },
    {
      venue: 'bybit',
      routes: {
        '/v5/market/instruments-info': ({ query }) => ({
          ...{ retCode: 0, retMsg: 'OK' },
          result: {
            category: query.get('category'),
            list: query.get('category') === 'linear' && query.get('status') === null ? [bybitMarket] : [],
          },
        }),
      },
      subscriptions: [
        'publicTrade.BTCUSDT',
        'orderbook.200.BTCUSDT',
        'kline.1.BTCUSDT',
        'tickers.BTCUSDT',
        'allLiquidation.BTCUSDT',
      ],
    },
    {
      venue: 'lighter',
      routes: {
        '/api/v1/orderBookDetails': () => ({
          order_book_details: [
            {
              ...{
                symbol: 'BTC',
                market_id: 1,
                market_type: 'perp',
                status: 'active',
                size_decimals: 5,
                price_decimals: 1,
              },
              ...{ min_base_amount: '0.0001', maker_fee: '0.0000', taker_fee: '0.0000', quote_multiplier: 1 },
              ...{ min_initial_margin_fraction: 200, maintenance_margin_fraction: 120 },
            },
          ],
        }),
      },
      subscriptions: ['trade/1', 'order_book/1', 'market_stats/1'],
    },
    {
      venue: 'coinbase',
      credentials: { apiKey: 'key', secret: 'c2VjcmV0', password: 'pass' },
      routes: {
        '/api/v1/instruments': () => [
          {
            ...{ symbol: 'BTC-PERP', type: 'PERP', base_asset_name: 'BTC', quote_asset_name: 'USDC', base_imf: '0.1' },
            ...{ base_increment: '0.0001', quote_increment: '0.1', trading_state: 'TRADING' },
            ...{ funding_interval: '3600000000000', min_notional_value: '10' },
          },
        ],
      },
      subscriptions: ['"MATCH"', '"LEVEL2"'],
    },
  ];

  it('behavior: Lighter tells settled funding in percent, without a sign and with who paid', async () => {
    const hour = 60 * minute;
    const untilMs = Math.floor(Date.now() / hour) * hour;
    const paid = [
      { rate: '0.0012', direction: 'short' },
      { rate: '0.0030', direction: 'long' },
      { rate: '0.0030', direction: 'nobody' },
    ];
    const harness = await start('lighter', {
      routes: {
        ...scripts.find(({ venue }) => venue === 'lighter')?.routes,
        '/api/v1/fundings': ({ query }) => ({
          fundings: paid
            .map((one, i) => ({ ...one, timestamp: untilMs / 1_000 - (3 - i) * 3_600 }))
            .filter(({ timestamp }) => timestamp >= Number(query.get('start_timestamp'))),
        }),
      },
    });
    const range = { instrumentId: 'BTC-PERP@lighter', fromMs: untilMs - 3 * hour, toMs: untilMs } as const;
    expect(await harness.feed.fetchFunding(range)).toMatchObject([
      { rate: expect.closeTo(-0.000012, 12), intervalMs: hour, settlesAtMs: untilMs - 3 * hour, predicted: false },
      { rate: expect.closeTo(0.00003, 12), settlesAtMs: untilMs - 2 * hour },
    ]);
    expect(harness.feed.counts().refusedByReason).toMatchObject({ 'funding.rate': expect.any(Number) });
  });

  it('behavior: bars and settled funding come oldest first and whole, in whatever order and pages a venue has them', async () => {
    const hour = 60 * minute;
    const untilMs = Math.floor(Date.now() / hour) * hour - hour;
    const fromMs = untilMs - 3 * hour;
    const okxInstrument = {
      ...{ instId: 'BTC-USDT-SWAP', instType: 'SWAP', uly: 'BTC-USDT', instFamily: 'BTC-USDT', settleCcy: 'USDT' },
      ...{ ctVal: '0.01', ctMult: '1', ctValCcy: 'BTC', ctType: 'linear', tickSz: '0.1', lotSz: '1', state: 'live' },
    };
    /** Times of a span that a page holds, newest first. */
    const newest = (beforeMs: number, stepMs: number, count: number): number[] =>
      Array.from({ length: count }, (_, i) => (Math.ceil(beforeMs / stepMs) - 1 - i) * stepMs);
    const histories: Record<string, LocalVenueOptions['routes'] & object> = {
      okx: {
        '/api/v5/public/instruments': () => ({ code: '0', data: [okxInstrument] }),
        '/api/v5/market/history-candles': ({ query }) => ({
          code: '0',
          data: newest(Number(query.get('after')), minute, 100)
            .filter((at) => at > Number(query.get('before')))
            .map((at) => [String(at), '1', '3', '1', '2', '700', '7', '14', '1']),
        }),
        '/api/v5/public/funding-rate-history': ({ query }) => ({
          code: '0',
          data: newest(Number(query.get('after')), 4 * hour, 100).map((at) => ({
            ...{ instId: 'BTC-USDT-SWAP', realizedRate: '0.0001', fundingTime: String(at) },
          })),
        }),
      },
      bybit: {
        ...scripts[1]?.routes,
        '/v5/market/kline': ({ query }) => ({
          retCode: 0,
          result: {
            list: newest(Number(query.get('end')) + 1, minute, 500)
              .filter((at) => at >= Number(query.get('start')))
              .map((at) => [String(at), '1', '3', '1', '2', '7', '14']),
          },
        }),
        '/v5/market/funding/history': ({ query }) => ({
          retCode: 0,
          result: {
            list: newest(Number(query.get('endTime')) + 1, 8 * hour, 200).map((at) => ({
              ...{ symbol: 'BTCUSDT', fundingRate: '0.0001', fundingRateTimestamp: String(at) },
            })),
          },
        }),
      },
    };
    for (const venue of ['okx', 'bybit'] as const) {
      const harness = await start(venue, { routes: histories[venue] ?? {} });
      const instrumentId: InstrumentId = `BTC-PERP@${venue}`;
      const bars = await harness.feed.fetchCandles({ instrumentId, timeframe: '1m', fromMs, toMs: untilMs });
      expect(
        bars.map(({ openAtMs }) => openAtMs),
        venue,
      ).toEqual(Array.from({ length: 180 }, (_, i) => fromMs + i * minute));
      expect(bars[0]).toMatchObject({ open: 1, high: 3, low: 1, close: 2, volume: 7 });
      const years = await harness.feed.fetchFunding({ instrumentId, fromMs: untilMs - 200 * 24 * hour, toMs: untilMs });
      const step = venue === 'okx' ? 4 * hour : 8 * hour;
      expect(years.length).toBe(Math.ceil(untilMs / step) - Math.ceil((untilMs - 200 * 24 * hour) / step));
      expect(years.every((rate, i) => i === 0 || rate.settlesAtMs - (years[i - 1]?.settlesAtMs ?? 0) === step)).toBe(
        true,
      );
      // What is nearer together than the usual eight hours is told as such.
      expect(years.at(-1)).toMatchObject({ rate: 0.0001, intervalMs: step, predicted: false });
    }
  });

  for (const { venue, routes, subscriptions, credentials } of scripts) {
    it(`behavior: ${venue} is listed, subscribed, read and cut without harm`, async () => {
      const harness = await start(venue, { routes }, credentials === undefined ? {} : { credentials });
      const [instrument] = await harness.feed.fetchInstruments();
      expect(instrument).toMatchObject({ id: `BTC-PERP@${venue}`, status: 'trading' });
      harness.watch(
        [`BTC-PERP@${venue}`],
        ['trades', 'book', 'candles', 'ticker', 'funding', 'open-interest', 'liquidations'],
      );
      for (const subscription of subscriptions) await heard(harness, subscription);
      for (const { frame } of venueSamples[venue].frames) harness.venue.send(frame);
      expect((await harness.until('trade')).trade).toMatchObject({ price: 100.5, size: 0.25 });
      expect((await harness.until('book')).book).toMatchObject({ bids: [[100.4, 1]] });
      expect(harness.feed.counts().refused).toBe(0);
      harness.venue.cut();
      for (const subscription of subscriptions) await heard(harness, subscription, 2);
      expect(harness.updates.filter((update) => !isSound(update))).toEqual([]);
    });
  }
});
