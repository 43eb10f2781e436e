import { join } from 'node:path';
import type { CaptureFrame } from '../../captures/capture-frame.ts';
import { cryptofeedLine } from '../../captures/cryptofeed-capture.ts';
import { hftbacktestLine } from '../../captures/hftbacktest-capture.ts';
import { binanceDialect } from './dialects/binance.ts';
import { bodiesOf, countBinance, linesOf, type PlainBook, type Tally } from './plain-count.ts';
import { serveToCcxt, serveToFeed } from './serve-capture.ts';

const parts = ['@trade"', '@depth@', ' {"lastUpdateId"'];

/** What came out, beside a count straight from the frames. */
export interface CaptureComparison {
  readonly sent: Readonly<Record<string, number>>;
  readonly told: CaptureCount;
  readonly counted: CaptureCount;
}

export interface CaptureCount {
  readonly tally: Tally | undefined;
  readonly deltas: number | undefined;
  readonly levels: ReturnType<PlainBook['levels']> | undefined;
  /** Gaps and refused payloads. */
  readonly flaws: number;
}

/** What is wanted of captured lines, by substring, in the order of their times. */
export function timelineOf(lines: readonly string[], wanted: readonly string[] = ['']): CaptureFrame[] {
  const frames: CaptureFrame[] = [];
  for (const line of lines) {
    if (line === '' || !wanted.some((part) => line.includes(part))) continue;
    const frame = /^\d{19} /.test(line) ? hftbacktestLine(line) : cryptofeedLine(line);
    if (typeof frame === 'object') frames.push(frame);
  }
  return frames.sort((a, b) => a.receivedAtMs - b.receivedAtMs);
}

/** The USDⓈ-M capture of hftbacktest through our feed: its first lines, or all. */
export async function usdmCapture(raw: string, lineCount = Number.POSITIVE_INFINITY): Promise<CaptureComparison> {
  const lines = linesOf(join(raw, 'binance-hftbacktest/usdm/btcusdt_20240808.gz')).slice(0, lineCount);
  const { told, sent, refused } = await serveToFeed({
    venue: 'binance',
    dialect: binanceDialect,
    answers: { '/fapi/v1/exchangeInfo': bodiesOf(linesOf(join(raw, 'cryptofeed/BINANCE_FUTURES.0.gz')))[0] },
    timeline: timelineOf(lines, parts),
    book: 'BTCUSDT',
    streams: ['btcusdt@trade', 'btcusdt@depth'],
    instrumentIds: ['BTC-PERP@binance'],
    channels: ['trades', 'book'],
    // The capture is of single trades, our feed takes aggregated ones by itself.
    ccxtOptions: { watchTrades: { name: 'trade' }, watchTradesForSymbols: { name: 'trade' } },
  });
  const book = told.books['BTC-PERP@binance'];
  const flaws = refused + told.gaps.length;
  return {
    sent,
    told: { tally: told.tallies['BTC-PERP@binance'], deltas: book?.deltas, levels: book?.levels(), flaws },
    counted: countOf(lines, 'BTCUSDT'),
  };
}

/** The COIN-M capture of hftbacktest, two files that follow on each other, through ccxt itself: the first lines, or all. */
export async function coinmCapture(raw: string, lineCount = Number.POSITIVE_INFINITY): Promise<CaptureComparison> {
  const lines = ['20240808', '20240809']
    .flatMap((day) => linesOf(join(raw, `binance-hftbacktest/cm/btcusd_perp_${day}.gz`)))
    .slice(0, lineCount);
  const symbol = 'BTC/USD:BTC';
  const { tallies, levels, deltas, sent } = await serveToCcxt({
    exchange: 'binancecoinm',
    symbols: [symbol],
    channels: ['trades', 'book'],
    deltaMethod: 'handleOrderBookMessage',
    options: { fetchMarkets: { types: ['inverse'] }, fetchCurrencies: false, watchOrderBookLimit: 100_000 },
    symbolOf: () => symbol,
    dialect: binanceDialect,
    answers: { '/dapi/v1/exchangeInfo': { symbols: [coinmMarket] } },
    timeline: withBookFirst(timelineOf(lines, parts)),
    book: 'BTCUSD_PERP',
    streams: ['btcusd_perp@trade', 'btcusd_perp@depth'],
  });
  const book = levels[symbol] as CaptureCount['levels'];
  return {
    sent,
    told: { tally: tallies[symbol], deltas, levels: book, flaws: 0 },
    counted: countOf(lines, 'BTCUSD_PERP'),
  };
}

function countOf(lines: readonly string[], symbol: string): CaptureCount {
  const bodies = bodiesOf(lines, parts);
  const snapshot = bodies.find((body) => body.lastUpdateId !== undefined);
  const { tally, book } = countBinance(bodies, symbol, snapshot);
  return { tally, deltas: book.deltas, levels: book.levels(), flaws: 0 };
}

/**
 * With the whole book before the first event that joins it. ccxt 4.5.84 joins COIN-M by the rule of spot, so that it loses all
 * but the first of the events that were waiting for the book.
 */
function withBookFirst(timeline: readonly CaptureFrame[]): CaptureFrame[] {
  const at = timeline.findIndex(({ direction }) => direction === 'response');
  const book = timeline[at];
  if (book === undefined) return [...timeline];
  const { lastUpdateId } = JSON.parse(book.text);
  const others = timeline.toSpliced(at, 1);
  const joins = others.findIndex(({ text }) => Number(/"u":(\d+)/.exec(text)?.[1]) >= lastUpdateId);
  return others.toSpliced(joins, 0, book);
}

const coinmMarket = {
  ...{ symbol: 'BTCUSD_PERP', pair: 'BTCUSD', contractType: 'PERPETUAL', contractStatus: 'TRADING', contractSize: 100 },
  ...{ baseAsset: 'BTC', quoteAsset: 'USD', marginAsset: 'BTC', pricePrecision: 1, quantityPrecision: 0 },
  ...{ deliveryDate: 4_133_404_800_000, onboardDate: 1_597_042_800_000, filters: [], underlyingType: 'COIN' },
};
