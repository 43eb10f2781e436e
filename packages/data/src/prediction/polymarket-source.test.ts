import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SeededRandom, SystemClock } from '@perpdesk/core';
import { predictionSourceContract } from '@perpdesk/core/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { PolymarketSource } from './polymarket-source.ts';
import {
  bookFrame,
  changeFrame,
  exampleIds,
  polymarketContract,
  polymarketRow,
  tradeFrame,
} from './testing/example-payloads.ts';
import { mutated } from './testing/mutated.ts';
import { PredictionServer } from './testing/prediction-server.ts';
import { UpdateLog } from './testing/update-log.ts';

const fixtures =
  process.env.PERPDESK_FIXTURES ?? fileURLToPath(new URL('../../../../../shared/fixtures', import.meta.url));
const samples = join(fixtures, 'payloads/polymarket/nautilus');
const missing = existsSync(samples) ? '' : ` (skipped: no payload samples at ${fixtures})`;
const sample = (name: string): unknown => JSON.parse(readFileSync(join(samples, `${name}.json`), 'utf8'));

const endings: (() => Promise<void>)[] = [];

/** A market that lists the example contract, and the source that asks it. */
async function serving(timing: Record<string, number> = {}) {
  const server = new PredictionServer();
  server.routes.set('/markets', (query) => {
    const asked = ['condition_ids', 'clob_token_ids', 'slug', 'id'].map((name) => query.get(name)).find(Boolean);
    const known = [exampleIds.condition, exampleIds.yes, 'will-it-rain-on-sunday', '77'].includes(asked ?? '');
    return asked === undefined || (known && query.get('closed') !== 'true') ? [polymarketRow()] : [];
  });
  server.routes.set('/events', () => []);
  const endpoints = await server.start();
  const source = new PolymarketSource({
    clock: new SystemClock(),
    random: new SeededRandom('polymarket'),
    endpoints,
    rateLimit: false,
    timing: { tickMs: 10, firstBackoffMs: 5, longestBackoffMs: 20, resyncMs: 20, ...timing },
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

describe('PolymarketSource by request', () => {
  for (const { name, run } of predictionSourceContract)
    it(name, () =>
      run(async () => {
        const { server, source } = await serving();
        const trade = { asset: exampleIds.yes, side: 'BUY', price: 0.5, size: 1, transactionHash: '0x1' };
        server.greeting = () => [bookFrame()];
        server.routes.set('/book', () => bookFrame());
        server.routes.set('/trades', () => [2, 1].map((second) => ({ ...trade, timestamp: 1_790_000_000 + second })));
        return { source, reference: 'will-it-rain-on-sunday', unknown: 'no-such-thing', close: async () => {} };
      }),
    );

  it('default: a link, a slug, a condition, a token and an id are the same contract', async () => {
    const { source } = await serving();
    const references = [
      'https://polymarket.com/event/rain-on-sunday/will-it-rain-on-sunday',
      'will-it-rain-on-sunday',
      exampleIds.condition,
      exampleIds.yes,
      'polymarket:77',
      polymarketContract.id,
    ];
    for (const reference of references)
      expect(await source.resolve(reference), reference).toEqual({
        ...polymarketContract,
        open: true,
        rules: 'Yes if it rains.',
        event: 'rain-on-sunday',
        series: 'sunday-weather',
        volume: 250_000.5,
        volume24h: 12_000,
      });
  });

  it('behavior: a closed contract is found too, with how it was resolved', async () => {
    const { server, source } = await serving();
    const closed = (outcomePrices: string, changes = {}) => {
      server.routes.set('/markets', (query) =>
        query.get('closed') === 'true' ? [polymarketRow({ closed: true, outcomePrices, ...changes })] : [],
      );
      return source.resolve('will-it-rain-on-sunday');
    };
    expect(await closed('["1", "0"]')).toMatchObject({ open: false, resolution: 'yes' });
    expect(await closed('["0", "1"]')).toMatchObject({ resolution: 'no' });
    expect(await closed('["0.5", "0.5"]')).toMatchObject({ resolution: 'void' });
    for (const undecided of [await closed('["0", "0"]'), await closed('["0.97", "0.03"]')])
      expect(undecided.resolution).toBeUndefined();
    expect((await closed('["1", "0"]', { umaResolutionStatus: 'disputed' })).resolution).toBeUndefined();
  });

  it('error: an event of several questions names them; nothing of the name; another venue', async () => {
    const { server, source } = await serving();
    const other = { slug: 'will-it-snow-on-sunday', conditionId: `0x${'cd'.repeat(32)}` };
    server.routes.set('/events', () => [{ slug: 'weather', markets: [polymarketRow(), polymarketRow(other)] }]);
    await expect(source.resolve('https://polymarket.com/event/weather')).rejects.toMatchObject({
      code: 'prediction.ambiguous',
      message: expect.stringContaining('will-it-rain-on-sunday, will-it-snow-on-sunday'),
    });
    server.routes.set('/events', () => [{ markets: [polymarketRow({ closed: true }), polymarketRow(other)] }]);
    expect((await source.resolve('https://polymarket.com/event/weather')).slug).toBe('will-it-snow-on-sunday');
    server.routes.set('/events', () => []);
    await expect(source.resolve('no-such-thing')).rejects.toMatchObject({ code: 'prediction.unknown' });
    await expect(source.resolve('KXFED-26DEC')).rejects.toMatchObject({ code: 'prediction.reference' });
  });

  it('default: the book in order, and trades in terms of YES, oldest first', async () => {
    const { server, source } = await serving();
    server.routes.set('/book', () => bookFrame());
    expect(await source.fetchBook(polymarketContract)).toMatchObject({
      contractId: polymarketContract.id,
      bids: [
        [0.49, 200],
        [0.48, 100],
      ],
      asks: [
        [0.51, 150],
        [0.52, 300],
      ],
      exchangeAtMs: 1_790_000_000_000,
    });
    const trade = {
      asset: exampleIds.yes,
      side: 'BUY',
      price: 0.55,
      size: 10,
      timestamp: 1_790_000_010,
      transactionHash: '0x1',
    };
    server.routes.set('/trades', () => [
      trade,
      { ...trade, asset: exampleIds.no, side: 'BUY', price: 0.4, timestamp: 1_790_000_005 },
      { ...trade, asset: '3' },
      { ...trade, price: 1.5 },
    ]);
    const trades = await source.fetchTrades(polymarketContract, 10);
    expect(trades.map(({ side, price, exchangeAtMs }) => [side, price, exchangeAtMs])).toEqual([
      ['sell', 0.6, 1_790_000_005_000],
      ['buy', 0.55, 1_790_000_010_000],
    ]);
    expect(source.refused()).toEqual({ trade: 2 });
  });

  it('error: a book that can not be, and a venue that fails', async () => {
    const { server, source } = await serving();
    server.routes.set('/book', () => bookFrame({ bids: [{ price: '0.6', size: '1' }] }));
    await expect(source.fetchBook(polymarketContract)).rejects.toMatchObject({ code: 'prediction.answer' });
    server.routes.set('/book', () => bookFrame({ asset_id: exampleIds.no }));
    await expect(source.fetchBook(polymarketContract)).rejects.toMatchObject({ code: 'prediction.answer' });
    server.routes.set('/book', () => 503);
    await expect(source.fetchBook(polymarketContract)).rejects.toMatchObject({
      code: 'venue.unreachable',
      retryable: true,
    });
    expect(source.refused()).toEqual({ 'crossed book': 1, book: 1 });
  });

  it('default: pages of open contracts, sifted by what was asked', async () => {
    const { server, source } = await serving();
    const rows = Array.from({ length: 5 }, (_, index) =>
      polymarketRow({
        slug: `market-${index}`,
        conditionId: `0x${String(index).repeat(64)}`,
        volume24hr: index * 1000,
      }),
    );
    server.routes.set('/markets', (query) => {
      const offset = Number(query.get('offset'));
      return rows.slice(offset, offset + Number(query.get('limit')));
    });
    const first = await source.search({ limit: 3, minVolume24h: 1000 });
    expect(first.contracts.map(({ slug }) => slug)).toEqual(['market-1', 'market-2']);
    const second = await source.search({ limit: 3, minVolume24h: 1000, cursor: first.cursor ?? '' });
    expect(second.contracts.map(({ slug }) => slug)).toEqual(['market-3', 'market-4']);
    expect(second.cursor).toBeUndefined();
    expect((await source.search({ closesBeforeMs: 1 })).contracts).toEqual([]);
    await expect(source.search({ limit: 1000 })).rejects.toMatchObject({ code: 'prediction.limit' });
  });

  it('behavior: hostile questions are made harmless, rows that are none counted', async () => {
    const { server, source } = await serving();
    server.routes.set('/public-search', () => ({
      events: [
        {
          slug: 'x-y',
          markets: [
            polymarketRow({ question: `<img src=x>Rain\u202E?\u0000 ${'a'.repeat(5000)}` }),
            7,
            polymarketRow({ outcomes: '["a"]' }),
          ],
        },
      ],
    }));
    const { contracts, refused } = await source.search({ text: 'rain' });
    expect(contracts[0]?.question).toMatch(/^Rain \? a+$/);
    expect(contracts[0]?.question.length).toBe(1000);
    expect(refused).toBe(2);
  });
});

describe('PolymarketSource on the socket', () => {
  const watching = async (timing: Record<string, number> = {}) => {
    const served = await serving(timing);
    served.server.greeting = () => [bookFrame()];
    const log = new UpdateLog();
    const stop = served.source.watch([polymarketContract], log.listen);
    await log.until((updates) => updates.some(({ kind }) => kind === 'quote'));
    return { ...served, log, stop };
  };

  it('default: quotes from a whole book and its changes, and trades', async () => {
    const { server, log } = await watching();
    server.say(
      changeFrame('BUY', '0.5', '40', { bid: '0.5', ask: '0.51' }),
      changeFrame('BUY', '0.5', '0', { bid: '0.49', ask: '0.51' }),
      tradeFrame(),
    );
    await log.until((updates) => updates.some(({ kind }) => kind === 'trade'));
    expect(log.words()).toEqual([
      'live',
      'quote 0.49 0.51',
      'quote 0.5 0.51',
      'quote 0.49 0.51',
      'trade buy 25 at 0.51',
    ]);
    const [quote] = log.updates.flatMap((update) => (update.kind === 'quote' ? [update.quote] : []));
    expect(quote?.depthUsd).toBeCloseTo(0.49 * 200 + 0.48 * 100 + 0.51 * 150 + 0.52 * 300, 9);
    expect(quote?.exchangeAtMs).toBe(1_790_000_000_000);
  });

  it('behavior: after a cut it subscribes again, says the gap, and goes on from a whole book', async () => {
    const { server, log } = await watching();
    server.cut();
    await server.subscriptions(2);
    await log.until((updates) => updates.filter(({ kind }) => kind === 'quote').length === 2);
    expect(log.words()).toEqual(['live', 'quote 0.49 0.51', 'down', 'gap disconnected', 'live', 'quote 0.49 0.51']);
    const gap = log.updates.find((update) => update.kind === 'gap');
    expect(gap?.kind === 'gap' && gap.toMs >= gap.fromMs).toBe(true);
  });

  it('behavior: a book that no longer agrees with the venue is asked for anew', async () => {
    const { server, log } = await watching();
    server.routes.set('/book', () =>
      bookFrame({
        bids: [{ price: '0.47', size: '5' }],
        asks: [{ price: '0.53', size: '5' }],
        timestamp: '1790000001500',
      }),
    );
    // The venue's best bid is one that we never heard of.
    server.say(changeFrame('SELL', '0.55', '10', { bid: '0.47', ask: '0.51' }));
    await log.until((updates) => updates.some((update) => update.kind === 'quote' && update.quote.bid === 0.47));
    expect(log.words()).toEqual(['live', 'quote 0.49 0.51', 'stale', 'gap sequence', 'live', 'quote 0.47 0.53']);
  });

  it('behavior: a socket that falls silent is said to be stale and dropped', async () => {
    const { log, server } = await watching({ staleAfterMs: 60 });
    await server.subscriptions(2);
    await log.until((updates) => updates.filter(({ kind }) => kind === 'quote').length === 2);
    expect(log.words().slice(2, 6)).toEqual(['stale', 'down', 'gap silent', 'live']);
  });

  it('behavior: a resolution is told once, and ends it', async () => {
    const { server, log } = await watching();
    server.routes.set('/markets', () => [polymarketRow({ closed: true, outcomePrices: '["0", "1"]' })]);
    server.say({ event_type: 'market_resolved', assets_ids: [exampleIds.yes, exampleIds.no] });
    await log.until((updates) => updates.some(({ kind }) => kind === 'resolved'));
    expect(log.words().at(-1)).toBe('resolved no');
  });

  it('behavior: two watchers share a stream; after the last one the socket is let go', async () => {
    const { server, source, log, stop } = await watching();
    const second = new UpdateLog();
    const stopSecond = source.watch([polymarketContract], second.listen);
    server.say(changeFrame('BUY', '0.5', '40', { bid: '0.5', ask: '0.51' }));
    await second.until((updates) => updates.length === 1);
    expect(server.subscribed).toHaveLength(1);
    stop();
    server.say(changeFrame('BUY', '0.5', '0', { bid: '0.49', ask: '0.51' }));
    await second.until((updates) => updates.length === 2);
    expect(log.updates.filter(({ kind }) => kind === 'quote')).toHaveLength(2);
    stopSecond();
    await server.drained();
    await source.close();
    expect(() => source.watch([polymarketContract], log.listen)).toThrow('closed');
  });

  it('error: a contract that was not resolved has nothing to watch', async () => {
    const { source } = await serving();
    const { tokens: _, ...unresolved } = polymarketContract;
    expect(() => source.watch([unresolved], () => {})).toThrow(
      expect.objectContaining({ code: 'prediction.contract' }),
    );
  });

  it('behavior: 2,000 mutated messages break nothing, are counted, and leave the next one as it is', async () => {
    const { server, source, log } = await watching();
    const random = new SeededRandom('mutated frames');
    const frames = [bookFrame(), changeFrame('BUY', '0.5', '40', { bid: '0.5', ask: '0.51' }), tradeFrame()];
    server.routes.set('/book', () => bookFrame());
    for (let index = 0; index < 2000; index += 1)
      server.say(mutated(JSON.stringify(frames[index % frames.length]), random));
    server.say(bookFrame(), tradeFrame({ price: '0.123' }));
    await log.until((updates) => updates.some((update) => update.kind === 'trade' && update.trade.price === 0.123));
    const { frame = 0, level = 0 } = source.refused();
    expect(frame + level).toBeGreaterThan(500);
    for (const update of log.updates) {
      if (update.kind === 'quote') expect(update.quote.bid).toBeLessThan(update.quote.ask);
      if (update.kind === 'trade') expect(update.trade.price > 0 && update.trade.price < 1).toBe(true);
    }
    expect(log.words().at(-1)).toBe('trade buy 25 at 0.123');
  });
});

describe.skipIf(missing !== '')(`Polymarket's payload samples${missing}`, () => {
  it('default: listed markets, books and trades', async () => {
    const { server, source } = await serving();
    server.routes.set('/markets', (query) => (query.get('closed') === 'true' ? [] : [sample('gamma_market')]));
    const contract = await source.resolve('btc-updown-5m-1773307200');
    expect(contract).toMatchObject({
      labels: { yes: 'Up', no: 'Down' },
      closesAtMs: Date.UTC(2026, 2, 12, 9, 25),
      volume24h: 9.999997,
      open: true,
      event: 'btc-updown-5m-1773307200',
    });
    server.routes.set('/markets', () => [sample('gamma_market_closed_binary_accepting_true')]);
    expect(await source.resolve('polymarket:1812085')).toMatchObject({ resolution: 'yes', open: false });
    server.routes.set('/markets', () => [sample('gamma_market_closed_zero_zero_legacy')]);
    expect((await source.resolve('polymarket:12')).resolution).toBeUndefined();
    server.routes.set('/markets', () => [sample('gamma_market_sports_market_money_line')]);
    expect((await source.resolve('polymarket:13')).labels).toEqual({ yes: 'FaZe', no: 'illwill' });
    const tokens = { yes: '12345678901234567890', no: '1' };
    server.routes.set('/book', () => sample('clob_book_response'));
    expect((await source.fetchBook({ ...contract, tokens })).bids.map(([price]) => price)).toEqual([0.5, 0.49, 0.48]);
    server.routes.set('/trades', () => sample('data_api_trades_response'));
    const yes = '71321045863084981365469005770620412523470745398083994982746259498689308907982';
    const trades = await source.fetchTrades({ ...contract, tokens: { yes, no: '9'.repeat(77) } }, 10);
    expect(trades.map(({ side, price, size }) => [side, price, size])).toEqual([
      ['sell', 0.55, 75],
      ['sell', 0.53, 50],
      ['buy', 0.55, 100],
    ]);
    server.routes.set('/public-search', () => sample('search_response'));
    const found = await source.search({ text: 'bitcoin' });
    expect(found.refused).toBe(0);
    expect(found.contracts.every(({ event }) => event?.startsWith('bitcoin-above'))).toBe(true);
    expect(source.refused()).toEqual({});
  });

  it('default: the messages of the socket', async () => {
    const { server, source } = await serving();
    const token = '71321045679252212594626385532706912750332728571942532289631379312455583992563';
    const contract = { ...polymarketContract, tokens: { yes: token, no: exampleIds.no } };
    server.routes.set('/markets', () => [polymarketRow({ clobTokenIds: JSON.stringify([token, exampleIds.no]) })]);
    server.greeting = () => [[sample('ws_market_book_msg')]];
    const log = new UpdateLog();
    source.watch([contract], log.listen);
    await log.until((updates) => updates.some(({ kind }) => kind === 'quote'));
    server.say(sample('ws_last_trade'), sample('ws_market_new_market_msg'), sample('ws_quotes'));
    server.say(
      changeFrame('BUY', '0.5', '1', { bid: '0.5', ask: '0.51' }),
      tradeFrame({ asset_id: token, price: '0.3' }),
    );
    await log.until((updates) => updates.filter(({ kind }) => kind === 'trade').length === 2);
    // The sample of changes puts a bid at the standing ask: such a book can not be, and nothing is quoted from it.
    expect(log.words()).toEqual(['live', 'quote 0.5 0.51', 'trade buy 25 at 0.51', 'stale', 'trade buy 25 at 0.3']);
    expect(source.refused()).toEqual({});
  });
});
