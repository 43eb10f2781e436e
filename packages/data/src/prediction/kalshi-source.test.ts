import { SeededRandom, SystemClock } from '@perpdesk/core';
import { predictionSourceContract } from '@perpdesk/core/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { contractFromKalshi } from './kalshi-market.ts';
import { KalshiSource } from './kalshi-source.ts';
import { kalshiVenue } from './kalshi-venue.ts';
import { kalshiContract, kalshiRow } from './testing/example-payloads.ts';
import { mutated } from './testing/mutated.ts';
import { PredictionServer } from './testing/prediction-server.ts';
import { UpdateLog } from './testing/update-log.ts';

const book = (yes: readonly unknown[], no: readonly unknown[]): unknown => ({
  orderbook_fp: { yes_dollars: yes, no_dollars: no },
});
const wholeBook = book(
  [
    ['0.4800', '100.00'],
    ['0.4900', '200.00'],
  ],
  [
    ['0.4800', '300.00'],
    ['0.4900', '150.00'],
  ],
);
const trade = (id: string, changes: Record<string, unknown> = {}): unknown => ({
  trade_id: id,
  ticker: kalshiContract.slug,
  created_time: '2026-11-26T12:00:00.5Z',
  taker_side: 'yes',
  yes_price_dollars: '0.5100',
  count_fp: '25.00',
  ...changes,
});
const endings: (() => Promise<void>)[] = [];

async function serving(timing: Record<string, number> = {}) {
  const server = new PredictionServer();
  server.routes.set('/trade-api/v2/markets', (query) => {
    const named = query.get('tickers') ?? query.get('event_ticker') ?? query.get('series_ticker');
    return { markets: named === null || named === kalshiContract.slug ? [kalshiRow()] : [], cursor: '' };
  });
  server.routes.set(`/trade-api/v2/markets/${kalshiContract.slug}/orderbook`, () => wholeBook);
  server.routes.set('/trade-api/v2/markets/trades', () => ({ trades: [trade('2'), trade('1')] }));
  const endpoints = await server.start();
  const source = new KalshiSource({
    clock: new SystemClock(),
    random: new SeededRandom('kalshi'),
    endpoints,
    rateLimit: false,
    timing: { pollMs: 5, firstBackoffMs: 1, longestBackoffMs: 5, ...timing },
  });
  endings.push(async () => {
    await source.close();
    await server.stop();
  });
  return { server, source };
}

afterEach(async () => {
  for (const end of endings.splice(0)) await end();
});

describe('KalshiSource', () => {
  for (const { name, run } of predictionSourceContract)
    it(name, () =>
      run(async () => {
        const { source } = await serving();
        return { source, reference: kalshiContract.slug, unknown: 'KXNONE-1', close: async () => {} };
      }),
    );

  it('default: a ticker or a link is a contract; what is bid for NO is offered as YES', async () => {
    const { source } = await serving();
    const contract = await source.resolve(
      `https://kalshi.com/markets/kxrain/rain/${kalshiContract.slug.toLowerCase()}`,
    );
    expect(contract).toEqual({
      ...kalshiContract,
      open: true,
      event: 'KXRAIN-26DEC06',
      series: 'KXRAIN',
      rules: 'Yes if it rains.',
      volume: 40208,
      volume24h: 12000,
    });
    expect(await source.fetchBook(contract)).toMatchObject({
      bids: [
        [0.49, 200],
        [0.48, 100],
      ],
      asks: [
        [0.51, 150],
        [0.52, 300],
      ],
    });
    expect(await source.fetchTrades(contract, 2)).toMatchObject([
      { id: '2', side: 'buy', price: 0.51, size: 25, exchangeAtMs: Date.UTC(2026, 10, 26, 12, 0, 0, 500) },
      { id: '1' },
    ]);
  });

  it('behavior: cents and whole counts, as the venue once told them', async () => {
    const { server, source } = await serving();
    server.routes.set(`/trade-api/v2/markets/${kalshiContract.slug}/orderbook`, () => ({
      orderbook: { yes: [[48, 10]], no: null },
    }));
    expect(await source.fetchBook(kalshiContract)).toMatchObject({ bids: [[0.48, 10]], asks: [] });
    server.routes.set('/trade-api/v2/markets/trades', () => ({
      trades: [
        trade('1', { yes_price_dollars: undefined, count_fp: undefined, yes_price: 37, count: 4, taker_side: 'no' }),
      ],
    }));
    expect(await source.fetchTrades(kalshiContract, 1)).toMatchObject([{ side: 'sell', price: 0.37, size: 4 }]);
  });

  it('behavior: resolved only once it is final', () => {
    const resolution = (status: string, result: string): unknown => {
      const contract = contractFromKalshi(kalshiRow({ status, result }));
      return typeof contract === 'string' ? contract : contract.resolution;
    };
    expect(resolution('finalized', 'yes')).toBe('yes');
    expect(resolution('settled', 'no')).toBe('no');
    expect(resolution('determined', 'yes')).toBeUndefined();
    expect(resolution('finalized', 'scalar')).toBeUndefined();
    expect(contractFromKalshi(kalshiRow({ market_type: 'scalar' }))).toBe('market type');
  });

  it('error: a question with several answers names them', async () => {
    const { server, source } = await serving();
    const rows = ['T1', 'T2'].map((end) => kalshiRow({ ticker: `KXRAIN-26DEC06-${end}` }));
    server.routes.set('/trade-api/v2/markets', (query) => ({
      markets: query.get('event_ticker') === 'KXRAIN-26DEC06' ? rows : [],
    }));
    await expect(source.resolve('kalshi:KXRAIN-26DEC06')).rejects.toMatchObject({
      code: 'prediction.ambiguous',
      message: expect.stringContaining('KXRAIN-26DEC06-T1, KXRAIN-26DEC06-T2'),
    });
  });

  it('default: words are looked for in so many pages', async () => {
    const { server, source } = await serving();
    let pages = 0;
    server.routes.set('/trade-api/v2/markets', () => {
      pages += 1;
      return {
        markets: [kalshiRow({ ticker: `KXSNOW-${pages}`, title: pages === 3 ? 'Snow?' : 'Rain?' })],
        cursor: 'more',
      };
    });
    const { contracts, cursor } = await source.search({ text: 'snow 3', limit: 10 });
    expect(contracts.map(({ slug }) => slug)).toEqual(['KXSNOW-3']);
    expect([pages, cursor]).toEqual([5, 'more']);
  });

  it('default: watched by asking: quotes each time, trades once, gaps said', async () => {
    const { server, source } = await serving();
    const log = new UpdateLog();
    source.watch([kalshiContract], log.listen);
    await log.until((updates) => updates.filter(({ kind }) => kind === 'quote').length === 2);
    expect(log.words()).toEqual(['live', 'quote 0.49 0.51', 'quote 0.49 0.51']);
    server.routes.set('/trade-api/v2/markets/trades', () => ({ trades: [trade('3'), trade('2'), trade('1')] }));
    await log.until((updates) => updates.some(({ kind }) => kind === 'trade'));
    server.routes.set(`/trade-api/v2/markets/${kalshiContract.slug}/orderbook`, () => 503);
    await log.until((updates) => updates.some((update) => update.kind === 'status' && update.status === 'stale'));
    server.routes.set(`/trade-api/v2/markets/${kalshiContract.slug}/orderbook`, () => wholeBook);
    await log.until((updates) => updates.some(({ kind }) => kind === 'gap'));
    const words = log.words();
    expect(words.filter((word) => word.startsWith('trade'))).toEqual(['trade buy 25 at 0.51']);
    expect(words.slice(words.indexOf('stale')).slice(0, 3)).toEqual(['stale', 'gap disconnected', 'live']);
  });

  it('behavior: a contract past its closing is asked for its end', async () => {
    const { server, source } = await serving({ resolutionMs: 1 });
    const log = new UpdateLog();
    source.watch([{ ...kalshiContract, closesAtMs: 1 }], log.listen);
    await log.until((updates) => updates.some(({ kind }) => kind === 'quote'));
    server.routes.set('/trade-api/v2/markets', () => ({
      markets: [kalshiRow({ status: 'finalized', result: 'yes' })],
    }));
    await log.until((updates) => updates.some(({ kind }) => kind === 'resolved'));
    expect(log.words().at(-1)).toBe('resolved yes');
  });

  it('behavior: 2,000 mutated answers break nothing and are counted', async () => {
    const random = new SeededRandom('mutated answers');
    const refused: string[] = [];
    let answer: unknown;
    const desk = {
      client: { askEndpoint: async () => answer },
      nowMs: () => 0,
      refuse: (reason: string) => refused.push(reason),
    };
    let failures = 0;
    for (let index = 0; index < 2000; index += 1) {
      const of = [{ markets: [kalshiRow()] }, wholeBook, { trades: [trade('1')] }][index % 3];
      try {
        answer = JSON.parse(mutated(JSON.stringify(of), random));
      } catch {
        continue;
      }
      try {
        if (index % 3 === 0)
          for (const one of (await kalshiVenue.search(desk, {})).contracts) expect(one.venue).toBe('kalshi');
        if (index % 3 === 1) {
          const { bids, asks } = await kalshiVenue.book(desk, kalshiContract);
          expect(bids[0]?.[0] ?? 0).toBeLessThan(asks[0]?.[0] ?? 1);
        }
        if (index % 3 === 2)
          for (const { price, size } of await kalshiVenue.trades(desk, kalshiContract, 10))
            expect(price > 0 && price < 1 && size > 0).toBe(true);
      } catch (error) {
        expect(error).toMatchObject({ code: 'prediction.answer' });
        failures += 1;
      }
    }
    expect(refused.length + failures).toBeGreaterThan(100);
  });
});
