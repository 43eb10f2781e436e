import {
  type Fill,
  type OrderIntent,
  type PlaceOutcome,
  toPrice,
  toRate,
  toSize,
  type VenueUpdate,
} from '@perpdesk/core';
import { type Database, openDatabase } from '@perpdesk/core/database';
import {
  type ExecutionVenueHarness,
  executionVenueContract,
  type TestDatabase,
  testDatabases,
} from '@perpdesk/core/testing';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { exampleInstrument, examplePaperIntent } from './example-paper.ts';
import { PaperDesk } from './paper-desk.ts';
import type { PaperVenue } from './paper-venue.ts';

const btc = 'BTC-PERP@hyperliquid';
const minuteMs = 60_000;
const hourMs = 3_600_000;
const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** The contract's harness over a ledger under a name of its own. */
const harnessOf = async (openLedger: () => Promise<Database>, name = 'paper'): Promise<ExecutionVenueHarness> => {
  const database = await openLedger();
  const desk = new PaperDesk({ startingBalance: '1000', name });
  const state = { venue: await desk.open(database) };
  return {
    venue: state.venue,
    clock: desk.clock,
    authority: desk.authority,
    instrument: exampleInstrument(),
    users: ['alice', 'bob'],
    quote: ({ bid, ask, depth = 1_000 }) => desk.quote({ bid, ask, depth }),
    settleFunding: async (rate) => {
      await desk.clock.advanceBy(hourMs);
      desk.settle(Number(rate));
      await desk.clock.idle();
    },
    restart: async () => {
      await state.venue.stop();
      state.venue = await desk.open(database);
      return state.venue;
    },
    close: async () => {
      await state.venue.stop();
      await database.close();
    },
  };
};

describe('PaperVenue on SQLite', () => {
  for (const { name, run } of executionVenueContract)
    it(name, () => run(() => harnessOf(() => openDatabase({ url: 'sqlite::memory:' }))));
});

for (const { title, available, make } of (await testDatabases()).filter(({ title }) =>
  title.startsWith('PostgreSQL'),
)) {
  describe.skipIf(!available)(`PaperVenue on ${title}`, () => {
    let files: TestDatabase;
    beforeAll(async () => {
      files = await make();
    });
    afterAll(() => files.drop());
    for (const [index, { name, run }] of executionVenueContract.entries()) {
      it(name, () => run(() => harnessOf(() => openDatabase({ url: files.url, connections: 2 }), `paper-${index}`)));
    }
  });
}

interface Given {
  readonly desk: PaperDesk;
  readonly database: Database;
  readonly venue: PaperVenue;
  place(changes?: Partial<OrderIntent>, venue?: PaperVenue): Promise<PlaceOutcome>;
  fills(userId?: string, venue?: PaperVenue): Promise<readonly string[]>;
}

const tell = (fill: Fill): string => `${fill.reason} ${fill.side} ${fill.size} @ ${fill.price}`;
let made = 0;

async function setUp(options: ConstructorParameters<typeof PaperDesk>[0] = {}): Promise<Given> {
  const database = await openDatabase({ url: 'sqlite::memory:' });
  const desk = new PaperDesk(options);
  const venue = await desk.open(database);
  open.push(
    () => database.close(),
    () => venue.stop(),
  );
  await desk.quote({ bid: 100, ask: 100 });
  return {
    desk,
    database,
    venue,
    place: (changes = {}, at = venue) => {
      made += 1;
      const clientOrderId = (0xfee000 + made).toString(16).padStart(32, '0');
      return at.place(desk.authority.mint(examplePaperIntent({ clientOrderId, ...changes }), 'decision-1'));
    },
    fills: async (userId = 'alice', at = venue) => (await at.fetchFills(userId, 0)).map(tell),
  };
}

const stop = (trigger: string): Partial<OrderIntent> => ({
  side: 'sell',
  type: 'stop-market',
  triggerPrice: toPrice(trigger),
  reduceOnly: true,
  timeInForce: 'gtc',
  purpose: 'stop-loss',
});

describe('PaperVenue against a market', () => {
  it('behavior: a bar and the price it ended with come in one go: the bar is matched first, whichever is told first', async () => {
    for (const tickerFirst of [true, false]) {
      const { desk, place, fills } = await setUp();
      await place();
      await place(stop('95'));
      await place({ ...stop('105'), type: 'take-profit-market', purpose: 'take-profit' });
      await desk.clock.advanceBy(minuteMs);
      if (tickerFirst) desk.tick(109, 109);
      desk.bar({ open: 100, high: 110, low: 90, close: 109 });
      if (!tickerFirst) desk.tick(109, 109);
      await desk.clock.idle();
      expect(await fills()).toEqual(['order buy 1 @ 100', 'order sell 1 @ 95']);
    }
  });

  it('behavior: forming bars, other timeframes and bars told twice do nothing', async () => {
    const { desk, venue, place, fills } = await setUp();
    await place({ type: 'limit', timeInForce: 'gtc', price: toPrice('99'), size: toSize('500'), leverage: 10 });
    await desk.clock.advanceBy(minuteMs);
    const nowMs = desk.clock.nowMs();
    const bar = { instrumentId: btc, open: 100, high: 100, low: 90, close: 100, volume: 1_000 } as const;
    void desk.marketBus.publish('candle.updated', btc, { ...bar, timeframe: '1m', openAtMs: nowMs });
    void desk.marketBus.publish('candle.updated', btc, { ...bar, timeframe: '5m', openAtMs: nowMs - 5 * minuteMs });
    await desk.clock.idle();
    expect(await fills()).toEqual([]);
    desk.bar(bar);
    desk.bar(bar);
    await desk.clock.idle();
    expect(await fills()).toEqual(['order buy 100 @ 99']);
    expect((await venue.fetchOpenOrders('alice')).map(({ filledSize }) => filledSize)).toEqual(['100']);
  });

  it('behavior: watchers hear only what is on disk, in order, and one that throws harms nobody', async () => {
    const { desk, database, venue, place } = await setUp();
    const heard: string[] = [];
    const rows: Promise<{ readonly rows: readonly unknown[] }>[] = [];
    venue.watch('alice', () => {
      throw new Error('a broken listener');
    });
    venue.watch('alice', (update: VenueUpdate) => {
      heard.push(update.kind === 'order' ? update.order.status : update.kind);
      if (update.kind === 'fill') rows.push(sql`select * from paper_fills`.execute(database.kysely));
    });
    await place();
    await place(stop('95'));
    await desk.quote({ bid: 94, ask: 94 });
    expect(heard).toEqual([
      ...['open', 'filled', 'fill', 'position', 'account'],
      ...['open', 'account'],
      ...['triggered', 'filled', 'fill', 'position', 'account'],
    ]);
    expect((await Promise.all(rows)).map((result) => result.rows.length)).toEqual([1, 2]);
  });

  it('behavior: an order with latency is accepted at once and matched when it arrives, also over a restart', async () => {
    const { desk, database, venue, place, fills } = await setUp({ latencyMs: 250 });
    const outcome = await place();
    expect(outcome).toMatchObject({ outcome: 'accepted', order: { status: 'open', filledSize: '0' } });
    await desk.quote({ bid: 101, ask: 101 });
    await desk.clock.advanceBy(249);
    expect(await fills()).toEqual([]);
    await venue.stop();
    const again = await desk.open(database);
    await desk.clock.advanceBy(1);
    expect(await fills('alice', again)).toEqual(['order buy 1 @ 101']);
    await again.stop();
  });

  it('behavior: funding is paid at each instant, also for those that passed while the process was down, and never twice', async () => {
    const { desk, database, venue, place } = await setUp();
    await place();
    await desk.clock.advanceBy(hourMs);
    desk.tick(100, 100);
    desk.settle(0.001);
    desk.settle(0.001);
    await desk.clock.idle();
    expect((await venue.fetchAccount('alice')).funding).toBe('-0.1');
    await venue.stop();
    for (const rate of [0.002, 0.003]) {
      await desk.clock.advanceBy(hourMs);
      desk.settle(rate);
    }
    const again = await desk.open(database, { derivativesView: desk.marketView });
    await desk.clock.advanceBy(hourMs);
    desk.tick(100, 100);
    desk.settle(-0.0005);
    await desk.clock.idle();
    const payments = await again.fetchFunding('alice', 0);
    expect(payments.map(({ rate, amount }) => [rate, amount])).toEqual([
      ['0.001', '-0.1'],
      ['0.002', '-0.2'],
      ['0.003', '-0.3'],
      ['-0.0005', '0.05'],
    ]);
    expect((await again.fetchAccount('alice')).funding).toBe('-0.55');
    await again.stop();
  });

  it('behavior: a stale price carries no new risk and lets positions be left', async () => {
    const { desk, place } = await setUp();
    await place();
    await desk.clock.advanceBy(2 * minuteMs);
    expect(await place()).toMatchObject({ outcome: 'rejected', rejection: { code: 'market-data.stale' } });
    expect(await place({ side: 'sell', reduceOnly: true })).toMatchObject({
      outcome: 'accepted',
      order: { status: 'filled' },
    });
  });

  it('behavior: what becomes known later is listed then; while nothing does, the same list is given', async () => {
    const { desk, venue } = await setUp();
    const later = exampleInstrument({ id: 'ETH-PERP@hyperliquid', market: 'ETH-PERP' });
    let known = [exampleInstrument()];
    Object.assign(desk.marketView, { instruments: () => known });
    const listed = venue.instruments();
    expect(venue.instruments()).toBe(listed);
    known = [exampleInstrument(), later];
    expect(venue.instruments().map(({ id }) => id)).toEqual([btc, later.id]);
  });

  it('behavior: fees of the venue take the place of the instrument’s, and inverse contracts are not traded', async () => {
    const inverse = exampleInstrument({ id: 'BTC-PERP@binance', contract: 'inverse' });
    const { venue, place } = await setUp({
      fees: { maker: toRate('0'), taker: toRate('0.001') },
      instruments: [exampleInstrument(), inverse],
    });
    expect(venue.instruments().map(({ id, takerFeeRate }) => [id, takerFeeRate])).toEqual([[btc, '0.001']]);
    await place();
    expect((await venue.fetchAccount('alice')).fees).toBe('0.1');
    expect(await place({ instrumentId: inverse.id })).toMatchObject({
      outcome: 'rejected',
      rejection: { code: 'settlement.unsupported' },
    });
  });

  it('error: a ledger that can not be written makes new orders unknown, loses no stop, and heals', async () => {
    const { desk, database, venue, place, fills } = await setUp();
    await place();
    await place(stop('95'));
    await sql`alter table paper_fills rename to hidden`.execute(database.kysely);
    const lost = await place({ size: toSize('2') });
    expect(lost.outcome).toBe('unknown');
    await desk.quote({ bid: 94, ask: 94 });
    expect([venue.health().status, venue.unhealthy() !== undefined]).toEqual(['degraded', true]);
    expect(await place()).toMatchObject({ outcome: 'rejected', rejection: { code: 'venue.unhealthy' } });
    await sql`alter table hidden rename to paper_fills`.execute(database.kysely);
    await desk.clock.advanceBy(1_000);
    expect(await fills()).toEqual(['order buy 1 @ 100', 'order sell 1 @ 94']);
    expect(venue.health()).toEqual({ status: 'healthy' });
  });

  it('error: two processes on one ledger do not overwrite each other', async () => {
    const { desk, database, venue, place } = await setUp();
    await place();
    const other = await desk.open(database);
    await place({}, other);
    // What this venue knows is old: nothing of it may be written over what the other did.
    expect((await place({ type: 'limit', timeInForce: 'gtc', price: toPrice('90') })).outcome).toBe('unknown');
    expect((await venue.fetchPositions('alice')).map(({ size }) => size)).toEqual(['2']);
    await place();
    expect((await venue.fetchPositions('alice')).map(({ size }) => size)).toEqual(['3']);
    await other.stop();
  });

  it('error: before the start and after the stop nothing is read or traded', async () => {
    const { venue, place } = await setUp();
    await venue.stop();
    await expect(venue.fetchAccount('alice')).rejects.toMatchObject({ code: 'venue.stopped', retryable: true });
    expect(await place()).toMatchObject({ outcome: 'rejected', rejection: { code: 'venue.unhealthy' } });
    expect((await venue.cancel('alice', 'a'.repeat(32))).outcome).toBe('unknown');
  });
});
