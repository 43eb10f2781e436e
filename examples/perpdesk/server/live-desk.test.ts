import { openDatabase } from '@perpdesk/core/database';
import { SqlTimeSeriesStore } from '@perpdesk/data';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { binanceScript } from '../../../packages/data/src/feeds/testing/binance-script.ts';
import { LocalVenue } from '../../../packages/data/src/feeds/testing/local-venue.ts';
import { bookFrame, polymarketRow } from '../../../packages/data/src/prediction/testing/example-payloads.ts';
import { PredictionServer } from '../../../packages/data/src/prediction/testing/prediction-server.ts';
import { Workplace } from './testing/product.ts';

const place = new Workplace();
let venue: LocalVenue;
let saying: NodeJS.Timeout;
const polymarket = new PredictionServer();
let polymarketAddress = '';
const minuteMs = 60_000;
const price = 61_800.5;

/** A Binance of its own: bars of the past by request, the present on the socket. */
beforeAll(async () => {
  venue = await LocalVenue.start(
    binanceScript({
      '/fapi/v1/klines': ({ query }) => {
        const [from, to] = [Number(query.get('startTime')), Number(query.get('endTime'))];
        const lengths: Record<string, number> = { '1m': 1, '5m': 5, '15m': 15, '1h': 60, '4h': 240, '1d': 1_440 };
        const step = (lengths[query.get('interval') ?? '1m'] ?? 1) * minuteMs;
        const first = Math.ceil(from / step) * step;
        return Array.from({ length: Math.max(0, Math.floor((to - first) / step) + 1) }, (_, index) =>
          bar(first + index * step, step),
        );
      },
      '/fapi/v1/depth': () => ({
        lastUpdateId: 10,
        E: Date.now(),
        T: Date.now(),
        bids: [['61800.4', '3']],
        asks: [['61800.6', '2']],
      }),
      '/fapi/v1/aggTrades': () => [],
      '/fapi/v1/fundingRate': () => [],
      '/fapi/v1/openInterest': () => ({ symbol: 'BTCUSDT', openInterest: '85000.5', time: Date.now() }),
    }),
  );
  const endDate = new Date(Date.now() + 7 * 86_400_000).toISOString();
  polymarket.routes.set('/markets', () => [polymarketRow({ endDate })]);
  polymarket.greeting = () => [bookFrame()];
  polymarketAddress = (await polymarket.start()).http.replace('http://', '');
  let update = 10;
  saying = setInterval(() => {
    const E = Date.now();
    const s = 'BTCUSDT';
    update += 1;
    venue.send({ e: 'markPriceUpdate', E, s, p: String(price), i: String(price), r: '0.0001', T: E + 3_600_000 });
    venue.send({ e: '24hrTicker', E, s, c: String(price), v: '1', q: '1' });
    venue.send({ e: '24hrMiniTicker', E, s, c: String(price), o: '1', h: '1', l: '1', v: '1', q: '1' });
    venue.send({ e: 'bookTicker', u: update, E, T: E, s, b: '61800.4', B: '3', a: '61800.6', A: '2' });
    venue.send({ e: 'depthUpdate', E, T: E, s, U: update, u: update, pu: update - 1, b: [['61800.3', '1']], a: [] });
  }, 50);
});
afterAll(async () => {
  clearInterval(saying);
  await venue.close();
  await polymarket.stop();
  await place[Symbol.asyncDispose]();
});

const bar = (openAtMs: number, lengthMs: number): unknown[] => [
  ...[openAtMs, '61800.1', '61900', '61700', String(price), '12.5', openAtMs + lengthMs - 1],
  ...['772506', 100, '6', '370800', '0'],
];
const address = (): string => venue.endpoints.http.replace('http://', '');
const away = '127.0.0.1:9';
const nobody = Object.fromEntries(
  ['HYPERLIQUID', 'BINANCE', 'ASTER', 'COINBASE', 'LIGHTER'].map((name) => [`PERPDESK_VENUE_${name}`, away]),
);
interface Started {
  readonly notice: string;
  readonly url: string;
}

describe('a live desk', () => {
  it('default: live market data of the venues that answer, with their history and their present prices', {
    timeout: 60_000,
  }, async () => {
    const args = '--source live --venues binance,okx --symbols BTC --port 0 --data-dir live'.split(' ');
    const environment = {
      ...{ PERPDESK_VENUE_BINANCE: address(), PERPDESK_VENUE_OKX: away },
      ...{ PERPDESK_VENUE_POLYMARKET: polymarketAddress, PERPDESK_VENUE_KALSHI: away },
    };
    const desk = place.start(args, environment);
    const { notice, url }: Started = JSON.parse(await desk.logged('desk.started'));
    expect(notice).toContain('Live public market data of binance (no answer from okx); orders go to a paper account.');
    const get = async <Answer>(path: string): Promise<Answer> =>
      (await (await fetch(`${url}/api${path}`)).json()) as Answer;
    const status = await get<{ source: string; services: { name: string }[] }>('/status');
    expect(status.source).toBe('live');
    expect(status.services.map(({ name }) => name)).toContain('feed.binance');
    await expect
      .poll(() => get('/tickers'), { timeout: 15_000 })
      .toMatchObject([{ instrumentId: 'BTC-PERP@binance', last: price, bid: 61_800.4, ask: 61_800.6 }]);
    const candles = await get<{ close: number }[]>('/candles?instrumentId=BTC-PERP%40binance&timeframe=15m&limit=200');
    expect(candles).toHaveLength(200);

    // It speaks at once, on what closed last before it was started, and not again on the same close.
    const rounds = () => get<readonly { round: { key: string; closeAtMs: number } }[]>('/rounds?market=BTC-PERP');
    await expect.poll(async () => (await rounds()).length, { timeout: 25_000 }).toBe(1);
    expect(Date.now() - ((await rounds())[0]?.round.closeAtMs ?? 0)).toBeLessThan(15 * minuteMs + 30_000);

    // What the scan found is watched, and its first quote is stored.
    await polymarket.subscriptions(1);
    const stored = async () => {
      const services = (await get<{ services: { name: string; detail?: string }[] }>('/status')).services;
      return services.find(({ name }) => name === 'prediction-watch')?.detail;
    };
    await expect.poll(stored).toBe('1 contracts');
    expect(await desk.end('SIGINT')).toMatchObject({ code: 0, error: '' });
    const database = await openDatabase({ url: `sqlite:${place.file('live/market.db')}` });
    const store = new SqlTimeSeriesStore({ database });
    await store.start();
    expect(await store.latest('prediction', { asOfMs: Date.now() })).toMatchObject([{ bid: 0.49, ask: 0.51 }]);
    await store.stop();
    await database.close();

    // What it holds is of a real market: a simulated one must not go on with it.
    const other = await place.run('--source simulated --headless --data-dir live'.split(' '));
    expect([other.code, other.error]).toEqual([1, expect.stringContaining('holds a desk of another kind')]);
  });

  it('behavior: where no venue answers it is a simulated market, and says so', { timeout: 30_000 }, async () => {
    const desk = place.start(['--headless', '--data-dir', 'fallback'], nobody);
    const { notice }: Started = JSON.parse(await desk.logged('desk.started'));
    expect(notice).toContain('No venue answered, so this is a simulated market');
    expect(await desk.end('SIGINT')).toMatchObject({ code: 0, error: '' });
  });

  it('error: live was asked for by name and nobody answers', async () => {
    const ended = await place.run('--source live --headless --data-dir none'.split(' '), nobody);
    expect(ended.code).toBe(1);
    expect(ended.error).toBe(
      'perpdesk: None of hyperliquid, binance, aster, coinbase, lighter answered within 3 s: is there a network? Use --source simulated or --replay DIR.\n',
    );
  });
});
