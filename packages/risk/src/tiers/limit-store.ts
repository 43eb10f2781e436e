import { riskLimitsSchema, type User } from '@perpdesk/core';
import { type Database, migrate } from '@perpdesk/core/database';
import * as z from 'zod';
import { type RiskTables, riskMigrations, riskNamespace } from '../state/risk-tables.ts';

const recordSchema = z.object({
  userId: z.string(),
  limits: riskLimitsSchema.partial(),
  raised: z.object({ limits: riskLimitsSchema.partial(), effectiveAtMs: z.int() }).exactOptional(),
});

/** What one user's limits were changed to. */
export interface LimitRecord {
  readonly userId: string;
  /** They hold now. */
  readonly limits: User['limits'];
  /** They hold from an instant on. */
  readonly raised?: { readonly limits: User['limits']; readonly effectiveAtMs: number };
}

/** Where changes of limits are kept. Every method throws StoreError when it can not. */
export interface LimitStore {
  /** Makes the store ready. */
  open(): Promise<void>;
  all(): Promise<readonly LimitRecord[]>;
  /** Replaces a user's record. */
  save(record: LimitRecord): Promise<void>;
}

/** Keeps changes of limits in this process: for embedding and tests. */
export class MemoryLimitStore implements LimitStore {
  readonly #records = new Map<string, LimitRecord>();

  async open(): Promise<void> {}

  async all(): Promise<readonly LimitRecord[]> {
    return [...this.#records.values()];
  }

  async save(record: LimitRecord): Promise<void> {
    this.#records.set(record.userId, record);
  }
}

/** Keeps changes of limits in SQLite or PostgreSQL. */
export class SqlLimitStore implements LimitStore {
  readonly #database: Database;

  constructor(options: { readonly database: Database }) {
    this.#database = options.database;
  }

  async open(): Promise<void> {
    await migrate(this.#database, { namespace: riskNamespace, migrations: riskMigrations });
  }

  async all(): Promise<readonly LimitRecord[]> {
    const rows = await this.#database
      .as<RiskTables>()
      .selectFrom('risk_limits')
      .select('data')
      .orderBy('user_id')
      .execute();
    return rows.map(({ data }) => recordSchema.parse(JSON.parse(data)));
  }

  async save(record: LimitRecord): Promise<void> {
    const data = JSON.stringify(record);
    await this.#database
      .as<RiskTables>()
      .insertInto('risk_limits')
      .values({ user_id: record.userId, data })
      .onConflict((conflict) => conflict.column('user_id').doUpdateSet({ data }))
      .execute();
  }
}
