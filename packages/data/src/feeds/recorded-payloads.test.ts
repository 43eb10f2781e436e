import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { FrameProbe } from './testing/frame-probe.ts';
import { isSound } from './testing/payload-mutations.ts';
import type { FeedVenue } from './venue-feeds.ts';

const fixtures =
  process.env.PERPDESK_FIXTURES ?? fileURLToPath(new URL('../../../../../shared/fixtures', import.meta.url));
const payloads = join(fixtures, 'payloads');
const missing = existsSync(payloads) ? '' : ` (skipped: no payload samples at ${payloads})`;

const sample = (path: string): unknown => JSON.parse(readFileSync(join(payloads, path), 'utf8'));
const lines = (path: string): unknown[] =>
  readFileSync(join(payloads, path), 'utf8')
    .trim()
    .split(/\n|(?<=\})(?=\{)/)
    .map((line) => JSON.parse(line));

/** A market of ccxt's listing, whatever its numbers. */
const listed = (id: string, more: object = {}): Record<string, unknown> => ({
  [id]: {
    ...{ id, symbol: id, base: id, quote: 'USDT', settle: 'USDT', swap: true, contractSize: 1 },
    ...{ precision: { price: 0.01, amount: 0.001 }, info: { contractType: 'PERPETUAL', name: id }, ...more },
  },
});

function probe(venue: FeedVenue, id: string, frames: readonly unknown[], more: object = {}): FrameProbe {
  const made = new FrameProbe(venue, listed(id, more), { startAtMs: Date.UTC(2026, 10, 23) });
  for (const frame of frames) made.take(frame);
  expect(made.refusals.byReason()).toEqual({});
  expect(made.updates.filter((update) => !isSound(update))).toEqual([]);
  return made;
}

// Of our own making the same is tested in other-venues.test.ts.
describe.skipIf(missing !== '')(`payload samples of venues${missing}`, () => {
  const futures = 'binance/nautilus/futures/market_data_json';

  it('behavior: Binance', () => {
    const candle = probe('binance', 'BTCUSDT', [sample(`${futures}/kline_stream_closed.json`)]).of('candle');
    expect(candle[0]).toMatchObject({
      closed: true,
      candle: { openAtMs: 1638747660000, open: 0.001, high: 0.0025, low: 0.001, close: 0.002, volume: 1000 },
    });
    const liquidation = probe('binance', 'BTCUSDT', [sample(`${futures}/liquidation_stream.json`)]).of('liquidation');
    expect(liquidation[0]?.liquidation).toMatchObject({ side: 'sell', price: 9910.12345678, size: 0.014 });
    expect(probe('binance', 'BNBUSDT', [sample(`${futures}/book_ticker_stream.json`)]).accepted).toBe(1);
    expect(probe('binance', 'BTCUSDT', [sample(`${futures}/ticker_stream.json`)]).accepted).toBe(1);
  });

  it('behavior: OKX', () => {
    const trades = probe('okx', 'BTC-USD', [sample('okx/nautilus/ws_trades.json')]).of('trade');
    expect(trades[0]?.trade).toMatchObject({
      id: '130639474',
      price: 42219.9,
      size: 0.12060306,
      side: 'buy',
      exchangeAtMs: 1630048897897,
    });
    expect(
      probe('okx', 'BTC-USDT', lines('okx/gct/wsAllTrades.json'))
        .of('trade')
        .map(({ trade }) => [trade.id, trade.side]),
    ).toEqual([
      ['674510826', 'buy'],
      ['674510827', 'sell'],
    ]);
    const funding = probe('okx', 'BTC-USDT-SWAP', [sample('okx/nautilus/ws_funding_rate.json')]).of('funding');
    expect(funding[0]?.funding).toMatchObject({ rate: 0.0001, settlesAtMs: 1744590349506, intervalMs: 28_800_000 });
    expect(probe('okx', 'BTC-USDT', [sample('okx/nautilus/ws_books_update.json')]).accepted).toBe(1);
  });

  it('behavior: Bybit', () => {
    const made = probe('bybit', 'BTCUSDT', [
      sample('bybit/nautilus/ws_ticker_linear.json'),
      sample('bybit/nautilus/ws_orderbook_snapshot.json'),
    ]);
    expect(made.of('ticker')[0]?.ticker).toMatchObject({
      last: 17216,
      mark: 17217.33,
      index: 17227.36,
      bid: 17215.5,
      ask: 17216,
      exchangeAtMs: 1673272861686,
    });
    expect(made.of('funding')[0]?.funding).toMatchObject({
      rate: -0.000212,
      settlesAtMs: 1673280000000,
      intervalMs: 28_800_000,
    });
    expect(made.of('open-interest')[0]?.openInterest).toMatchObject({
      size: 68744.761,
      notionalUsd: 68744.761 * 17217.33,
    });
    expect(made.of('book')[0]?.book).toMatchObject({
      bids: [
        [27450, 0.5],
        [27449.5, 1],
      ],
      asks: [
        [27451, 0.75],
        [27451.5, 0.9],
      ],
      sequence: 123456789,
    });
  });

  it('behavior: Hyperliquid', () => {
    const trades = sample('hyperliquid/nautilus/http_recent_trades_btc.json');
    const made = probe('hyperliquid', 'BTC', [
      { channel: 'trades', data: trades },
      { channel: 'l2Book', data: sample('hyperliquid/nautilus/ws_book_data.json') },
    ]);
    expect(made.of('trade').map(({ trade }) => [trade.id, trade.side, trade.price])).toEqual([
      ...[
        ['300003', 'sell', 104320],
        ['300002', 'buy', 104310.5],
        ['300001', 'sell', 104300],
      ],
    ]);
    expect(made.of('book')[0]?.book.bids[0]).toEqual([98450.5, 2.5]);
    expect(made.of('book')[0]?.book.asks).toHaveLength(5);
  });

  it('behavior: Lighter', () => {
    const made = probe('lighter', '0', [sample('lighter/nautilus/ws_trade_subscribed.json')]);
    const stats = probe('lighter', '1', [sample('lighter/nautilus/ws_market_stats_subscribed_single.json')]);
    expect(made.of('trade')[0]?.trade).toMatchObject({
      id: '16164557907',
      side: 'sell',
      price: 2181.83,
      size: 0.1336,
      exchangeAtMs: 1773854156654,
    });
    // Dollars: as coins it would be five times all bitcoins there are.
    expect(stats.of('open-interest')[0]?.openInterest).toMatchObject({
      size: 102123609.308856 / 64356.3,
      notionalUsd: 102123609.308856,
    });
    // Percent for an hour: −0.0028 % till the next full hour.
    expect(stats.of('funding')[0]?.funding).toMatchObject({
      rate: -0.000028,
      intervalMs: 3_600_000,
      settlesAtMs: 1780549200000,
      predicted: true,
    });
    // An empty book is a book.
    expect(
      probe('lighter', '39', [sample('lighter/nautilus/ws_order_book_subscribed_empty.json')]).of('book')[0]?.book,
    ).toMatchObject({ bids: [], asks: [] });
  });
});
