import type { TradingScope } from '@perpdesk/core';
import type { Database, DatabaseDialect } from '@perpdesk/core/database';
import { type RawBuilder, sql } from 'kysely';
import type { RiskTables } from '../state/risk-tables.ts';
import type { HaltRecord } from './halt-file.ts';
import { writeHaltRow } from './halt-rows.ts';

/**
 * Says that a process is alive and that all it halted stands in the database: `unsaved` gives what does not yet, and is written
 * with it. The instant it is alive at is the database's, taken before `unsaved` is asked, so that what the process halts later is
 * never taken for told. Resolves with what was written.
 * @throws StoreError
 */
export async function reportProcess(
  database: Database,
  name: string,
  unsaved: () => ReadonlyMap<TradingScope, HaltRecord>,
): Promise<ReadonlyMap<TradingScope, HaltRecord>> {
  // Nothing is lost with a sign of life that does not survive the loss of power; what was halted must.
  const durability = unsaved().size === 0 ? 'normal' : 'full';
  return database.transaction(
    async (transaction) => {
      const { rows } = await sql<{ readonly now: number }>`select ${databaseNowMs(transaction.dialect)} as now`.execute(
        transaction.as(),
      );
      const seenAtMs = Number(rows[0]?.now);
      const told = new Map(unsaved());
      for (const [scope, record] of told) await writeHaltRow(transaction, scope, record);
      await transaction
        .as<RiskTables>()
        .insertInto('risk_trading_processes')
        .values({ process: name, seen_at_ms: seenAtMs })
        .onConflict((conflict) => conflict.column('process').doUpdateSet({ seen_at_ms: seenAtMs }))
        .execute();
      return told;
    },
    { durability },
  );
}

/**
 * How long ago, ms, all the other processes were alive: 0 where there are none. One that was silent for longer than
 * `forgetAfterMs` is forgotten.
 * @throws StoreError
 */
export async function oldestSignMs(database: Database, name: string, forgetAfterMs: number): Promise<number> {
  const nowMs = databaseNowMs(database.dialect);
  const { rows } = await sql<{ readonly age: number | null }>`
    select ${nowMs} - min(seen_at_ms) as age from risk_trading_processes
    where process <> ${name} and seen_at_ms >= ${nowMs} - ${forgetAfterMs}`.execute(database.kysely);
  return Math.max(0, Number(rows[0]?.age ?? 0));
}

/** Signs a process off: nobody waits for its signs any more. @throws StoreError */
export async function signOff(database: Database, name: string): Promise<void> {
  await database.as<RiskTables>().deleteFrom('risk_trading_processes').where('process', '=', name).execute();
}

/** The present instant by the database's clock, rounded down. */
const databaseNowMs = (dialect: DatabaseDialect): RawBuilder<number> =>
  dialect === 'postgres'
    ? sql<number>`floor(extract(epoch from clock_timestamp()) * 1000)::bigint`
    : sql<number>`cast(unixepoch('subsec') * 1000 as integer)`;
