import { type Order, toSize } from '@perpdesk/core';
import { type Database, migrate } from '@perpdesk/core/database';
import { testDatabases } from '@perpdesk/core/testing';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { examplePaperIntent } from '../paper/example-paper.ts';
import { type ExecutionTables, executionMigrations, executionNamespace } from '../store/execution-tables.ts';
import { OrderStore } from './order-store.ts';

const id = (digit: string): string => digit.repeat(32);
const order = (changes: Partial<Order> = {}): Order => ({
  ...examplePaperIntent({ size: toSize('1'), clientOrderId: id('a') }),
  ...{ status: 'intended', filledSize: toSize('0'), createdAtMs: 1, updatedAtMs: 1, ...changes },
});

/** Resolves when a statement waits for the lock of another. */
async function untilOneWaits(database: Database): Promise<void> {
  for (let waiting = 0; waiting === 0; ) {
    const { rows } = await sql<{ n: number }>`select count(*)::int as n from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`.execute(database.kysely);
    waiting = rows[0]?.n ?? 0;
  }
}

for (const { title, available, make } of await testDatabases()) {
  describe.skipIf(!available)(`orders kept on ${title}`, () => {
    it('behavior: two who write an order at once lose nothing of what either knows', async () => {
      const made = await make();
      const database = await made.open();
      await migrate(database, { namespace: executionNamespace, migrations: executionMigrations });
      const store = new OrderStore(database);
      await store.put(order(), 5);
      let answered: Promise<void> = Promise.resolve();
      await database.transaction(async (transaction) => {
        const filled = order({ status: 'partially-filled', filledSize: toSize('0.4'), updatedAtMs: 3 });
        await store.advance(filled, transaction.as<ExecutionTables>());
        answered = database.transaction((other) =>
          store.put(order({ status: 'open', updatedAtMs: 2 }), 9, other.as<ExecutionTables>()),
        );
        if (database.dialect === 'postgres') await untilOneWaits(database);
      });
      await answered;
      const kept = await store.get(id('a'));
      expect(kept).toMatchObject({ authorizationExpiresAtMs: 9, order: { status: 'partially-filled' } });
      expect(kept?.order.filledSize).toBe('0.4');
      await made.drop();
    });

    it('behavior: an order is found by its id, its status and its account', async () => {
      const made = await make();
      const database = await made.open();
      await migrate(database, { namespace: executionNamespace, migrations: executionMigrations });
      const store = new OrderStore(database);
      const open = order({ status: 'open', clientOrderId: id('b') });
      await store.put(order(), 5);
      await store.put(open, 6);
      await store.advance(order({ clientOrderId: id('c') }), database.as<ExecutionTables>());
      expect(await store.get(id('b'))).toEqual({ order: open, authorizationExpiresAtMs: 6 });
      expect(await store.get(id('c'))).toBeUndefined();
      expect((await store.unsettled()).map((each) => each.order.clientOrderId)).toEqual([id('a')]);
      expect(await store.open(open.userId, open.venue)).toEqual([open]);
      await made.drop();
    });
  });
}
