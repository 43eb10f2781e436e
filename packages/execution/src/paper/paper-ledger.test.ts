import { type Fill, type FundingPayment, type InstrumentId, toPrice, toRate, toSize, toUsd } from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import { type TestDatabase, testDatabases } from '@perpdesk/core/testing';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exampleAccount } from './example-paper.ts';
import { PaperLedger } from './paper-ledger.ts';

const fill = (id: string, atMs: number): Fill => ({
  ...{ id, userId: 'alice', venue: 'paper', instrumentId: 'BTC-PERP@hyperliquid', clientOrderId: id, venueOrderId: id },
  ...{ side: 'buy', price: toPrice('100'), size: toSize('1'), fee: toUsd('0'), feeRate: toRate('0') },
  ...{ liquidity: 'taker', realizedPnl: toUsd('0'), reason: 'order', atMs },
});
const payment = (market: string, atMs: number): FundingPayment => {
  const instrumentId: InstrumentId = `${market}-PERP@hyperliquid`;
  return { id: `${market}:${atMs}`, userId: 'alice', venue: 'paper', instrumentId, amount: toUsd('1'), atMs };
};

for (const { title, available, make } of await testDatabases()) {
  describe.skipIf(!available)(`the ledger on ${title}`, () => {
    let made: TestDatabase;
    let database: Database;
    let ledger: PaperLedger;
    let account = exampleAccount();

    beforeEach(async () => {
      made = await make();
      database = await made.open();
      ledger = new PaperLedger({ database, venue: 'paper' });
      await ledger.open();
      account = exampleAccount();
    });
    afterEach(() => made.drop());

    async function commit(fills: readonly Fill[], payments: readonly FundingPayment[] = []): Promise<void> {
      const before = account;
      account = { ...before, version: before.version + 1 };
      const updates = [
        ...fills.map((each) => ({ kind: 'fill', fill: each }) as const),
        ...payments.map((each) => ({ kind: 'funding', payment: each }) as const),
      ];
      await ledger.commit({ before, account, updates, orders: [] });
    }

    it('behavior: fills come as they were kept, also those of one change and one instant, and only since then', async () => {
      await commit([fill('late', 9)]);
      await commit([fill('c', 5), fill('a', 5), fill('b', 5)]);
      await commit([fill('old', 1)]);
      const since = async (sinceMs: number) => (await ledger.fills('alice', sinceMs)).map(({ id }) => id);
      expect(await since(0)).toEqual(['late', 'c', 'a', 'b', 'old']);
      expect(await since(5)).toEqual(['late', 'c', 'a', 'b']);
      expect(await since(6)).toEqual(['late']);
      expect(await ledger.fills('bob', 0)).toEqual([]);
    });

    it('behavior: payments come by their time, those of one time by instrument, and only since then', async () => {
      await commit([], [payment('SOL', 3_600_000), payment('BTC', 7_200_000)]);
      await commit([], [payment('ETH', 3_600_000), payment('BTC', 3_600_000)]);
      const since = async (sinceMs: number) => (await ledger.payments('alice', sinceMs)).map(({ id }) => id);
      expect(await since(0)).toEqual(['BTC:3600000', 'ETH:3600000', 'SOL:3600000', 'BTC:7200000']);
      expect(await since(3_600_001)).toEqual(['BTC:7200000']);
    });

    it('error: a change of an account that another process has changed meanwhile is refused whole', async () => {
      await commit([fill('a', 1)]);
      const stale = account;
      await commit([fill('b', 2)]);
      account = stale;
      await expect(commit([fill('c', 3)])).rejects.toMatchObject({ code: 'paper.conflict', retryable: true });
      expect((await ledger.fills('alice', 0)).map(({ id }) => id)).toEqual(['a', 'b']);
      expect((await ledger.load('alice'))?.version).toBe(2);
    });

    it.runIf(title.startsWith('SQLite'))('behavior: the newest payments are found by their time', async () => {
      const plan = await sql<{ detail: string }>`explain query plan select data from paper_funding
        where venue = 'paper' and user_id = 'alice' and at_ms >= 5`.execute(database.kysely);
      expect(plan.rows.map(({ detail }) => detail).join()).toContain('paper_funding_by_time');
    });
  });
}
