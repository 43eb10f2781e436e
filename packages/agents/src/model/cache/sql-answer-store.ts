import { type Database, migrate } from '@perpdesk/core/database';
import * as z from 'zod';
import { type ModelTables, modelMigrations, modelNamespace } from '../model-tables.ts';
import type { AnswerStore, KeptAnswer } from './answer-store.ts';

const dataSchema = z.object({
  value: z.json(),
  model: z.string(),
  attempts: z.union([z.literal(1), z.literal(2)]),
});

/** Keeps answers in SQLite or PostgreSQL. */
export class SqlAnswerStore implements AnswerStore {
  readonly #database: Database;

  constructor(options: { readonly database: Database }) {
    this.#database = options.database;
  }

  async open(): Promise<void> {
    await migrate(this.#database, { namespace: modelNamespace, migrations: modelMigrations });
  }

  async get(key: string): Promise<KeptAnswer | undefined> {
    const row = await this.#database
      .as<ModelTables>()
      .selectFrom('model_answers')
      .select(['data', 'expires_at_ms'])
      .where('key', '=', key)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const { data } = dataSchema.safeParse(JSON.parse(row.data));
    if (data === undefined) return undefined;
    return { ...data, ...(row.expires_at_ms === null ? {} : { expiresAtMs: row.expires_at_ms }) };
  }

  async put(key: string, { expiresAtMs, ...data }: KeptAnswer, atMs: number): Promise<void> {
    const row = { data: JSON.stringify(data), kept_at_ms: atMs, expires_at_ms: expiresAtMs ?? null };
    await this.#database.transaction(
      (transaction) =>
        transaction
          .as<ModelTables>()
          .insertInto('model_answers')
          .values({ key, ...row })
          .onConflict((conflict) => conflict.column('key').doUpdateSet(row))
          .execute(),
      { durability: 'normal' },
    );
  }

  async prune({ expiredMs, keptMs }: { readonly expiredMs: number; readonly keptMs?: number }): Promise<void> {
    const answers = this.#database.as<ModelTables>().deleteFrom('model_answers');
    await answers.where('expires_at_ms', '<=', expiredMs).execute();
    if (keptMs !== undefined) await answers.where('kept_at_ms', '<', keptMs).execute();
  }
}
