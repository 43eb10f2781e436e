import { type TradingScope, tradingScopeSchema, tradingStateSchema } from '@perpdesk/core';
import { type Database, migrate, type SqlTransaction } from '@perpdesk/core/database';
import { type RiskTables, riskMigrations, riskNamespace } from '../state/risk-tables.ts';
import type { HaltRecord } from './halt-file.ts';

/** Makes the table ready. @throws StoreError */
export async function openHaltRows(database: Database): Promise<void> {
  await migrate(database, { namespace: riskNamespace, migrations: riskMigrations });
}

/** The trading states that a database holds, with those that were loosened. @throws StoreError */
export async function readHaltRows(database: Database): Promise<ReadonlyMap<TradingScope, HaltRecord>> {
  const rows = await database.as<RiskTables>().selectFrom('risk_trading_states').selectAll().orderBy('scope').execute();
  const records = new Map<TradingScope, HaltRecord>();
  for (const row of rows) {
    const state = tradingStateSchema.safeParse(row.state);
    const record = {
      state: state.success ? state.data : 'halted',
      reason: row.reason,
      atMs: Number(row.changed_at_ms),
    } as const;
    records.set(tradingScopeSchema.parse(row.scope), record);
  }
  return records;
}

/** Writes one scope's state. @throws StoreError */
export async function writeHaltRow(
  database: Database | SqlTransaction,
  scope: TradingScope,
  record: HaltRecord,
): Promise<void> {
  const row = { state: record.state, reason: record.reason, changed_at_ms: record.atMs };
  await database
    .as<RiskTables>()
    .insertInto('risk_trading_states')
    .values({ scope, ...row })
    .onConflict((conflict) => conflict.column('scope').doUpdateSet(row))
    .execute();
}
