import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { binanceScript } from '../../../../packages/data/src/feeds/testing/binance-script.ts';
import { LocalVenue } from '../../../../packages/data/src/feeds/testing/local-venue.ts';
import { Workplace } from '../testing/product.ts';
import type { DayParity } from './run-parity.ts';

const place = new Workplace();
const minuteMs = 60_000;
const price = 61_800.5;
let venue: LocalVenue;
let saying: NodeJS.Timeout;

/** A venue of its own: bars that rise and fall in the past, by request, and the present on the socket. */
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
      '/fapi/v1/depth': () => {
        const [E, T] = [Date.now(), Date.now()];
        return { lastUpdateId: 10, E, T, bids: [['61800.4', '3']], asks: [['61800.6', '2']] };
      },
      '/fapi/v1/aggTrades': () => [],
      '/fapi/v1/fundingRate': () => [],
      '/fapi/v1/openInterest': () => ({ symbol: 'BTCUSDT', openInterest: '85000.5', time: Date.now() }),
    }),
  );
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
  await place[Symbol.asyncDispose]();
});

function bar(openAtMs: number, lengthMs: number): unknown[] {
  const close = price + Math.round(Math.sin(openAtMs / lengthMs / 7) * 400);
  const prices = [close - 20, close + 60, close - 80, close].map(String);
  return [openAtMs, ...prices, '12.5', openAtMs + lengthMs - 1, '772506', 100, '6', '370800', '0'];
}

describe('a recorded live run that is run again', () => {
  it('default: the round of its start is held again, word for word', { timeout: 90_000 }, async () => {
    const args = '--source live --venues binance --symbols BTC --port 0 --data-dir live --record --autonomy full-auto';
    const away = '127.0.0.1:9';
    const desk = place.start(args.split(' '), {
      ...{ PERPDESK_VENUE_BINANCE: venue.endpoints.http.replace('http://', '') },
      ...{ PERPDESK_VENUE_POLYMARKET: away, PERPDESK_VENUE_KALSHI: away },
    });
    const { url }: { url: string } = JSON.parse(await desk.logged('desk.started'));
    const events = async () =>
      (await (await fetch(`${url}/api/events?after=0&limit=200`)).json()) as {
        readonly event: { readonly type: string };
      }[];
    const concluded = async () => (await events()).some(({ event }) => event.type === 'round.concluded');
    await expect.poll(concluded, { timeout: 30_000 }).toBe(true);
    // The last five seconds of a live run are not compared: what is in flight then is not finished.
    await pause(5_200);
    expect(await desk.end('SIGINT')).toMatchObject({ code: 0, error: '' });

    const ended = await place.run(['--parity', 'live', '--report', 'parity.json']);
    const report: DayParity = JSON.parse(readFileSync(place.file('parity.json'), 'utf8'));
    expect(report).toMatchObject({ source: 'live', unexplained: 0, damaged: 0 });
    // Where the round made a plan, its orders left a moment later than on a clock that waits for nobody.
    expect(report.roots.filter(({ cause }) => cause !== 'timing')).toEqual([]);
    expect(report.counts).toMatchObject({ round: { same: 1 }, conclusion: { same: 1 } });
    expect(report.counts.opinion?.same).toBeGreaterThan(1);
    expect(report.counts.turn?.same).toBeGreaterThan(0);
    expect(ended.code).toBe(0);
  });
});
