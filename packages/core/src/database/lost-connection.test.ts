import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { testDatabases } from '../testing/index.ts';

const [, , postgres] = await testDatabases();

describe(`a connection to ${postgres?.title} that is lost`, () => {
  it.skipIf(!postgres?.available)('error: between two statements of a transaction: the next one fails', async () => {
    const made = await postgres?.make();
    const database = await made?.open();
    const other = await made?.open();
    const lost = database?.transaction(async (transaction) => {
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(transaction.as());
      await sql`select pg_terminate_backend(${rows[0]?.pid})`.execute(other?.kysely as never);
      // Until the server has closed it: then the driver tells of it while nobody asks anything.
      for (let open = 1; open > 0; ) {
        const { rows: left } = await sql<{ n: number }>`
          select count(*)::int as n from pg_stat_activity where pid = ${rows[0]?.pid}`.execute(other?.kysely as never);
        open = left[0]?.n ?? 0;
      }
      for (let turn = 0; turn < 100; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      await sql`select 1`.execute(transaction.as());
    });
    await expect(lost).rejects.toThrow('not queryable');
    await sql`select 1`.execute(database?.kysely as never);
    await made?.drop();
  });
});
