import { StoreError } from '@perpdesk/core';
import { type Database, migrate, type SqlTransaction } from '@perpdesk/core/database';
import { type ModelTables, modelMigrations, modelNamespace } from '../model-tables.ts';
import { limitOf, type ModelJournal, type ModelRecordQuery, type ModelRecordsToForget } from './model-journal.ts';
import { type ModelRecord, recordDataSchema } from './model-record.ts';

/** Keeps questions to models in SQLite or PostgreSQL; what a model is told, and each schema, once. */
export class SqlModelJournal implements ModelJournal {
  readonly #database: Database;

  constructor(options: { readonly database: Database }) {
    this.#database = options.database;
  }

  async open(): Promise<void> {
    await migrate(this.#database, { namespace: modelNamespace, migrations: modelMigrations });
  }

  async append(record: ModelRecord): Promise<void> {
    const { id, key, atMs, system, systemHash, schema, schemaHash, prompt, ...data } = record;
    await this.#database.transaction(
      async (transaction) => {
        const kysely = transaction.as<ModelTables>();
        // Both in one statement and in one order: two writers of the same texts do not wait for each other in a circle.
        const texts = [
          { hash: systemHash, text: system },
          { hash: schemaHash, text: schema },
        ].sort((a, b) => (a.hash < b.hash ? -1 : 1));
        await kysely
          .insertInto('model_texts')
          .values(texts)
          .onConflict((conflict) => conflict.column('hash').doNothing())
          .execute();
        await kysely
          .insertInto('model_questions')
          .values({
            id,
            key,
            at_ms: atMs,
            trace_id: data.context.traceId ?? null,
            round_key: data.context.roundKey ?? null,
            user_id: data.context.userId ?? null,
            system_hash: systemHash,
            schema_hash: schemaHash,
            prompt,
            data: JSON.stringify(data),
          })
          .execute();
      },
      { durability: 'normal' },
    );
  }

  async find(key: string, query: Pick<ModelRecordQuery, 'traceId' | 'roundKey'> = {}): Promise<readonly ModelRecord[]> {
    const rows = await this.#rows(query).where('model_questions.key', '=', key).execute();
    return rows.map(recordOf);
  }

  async read(query: ModelRecordQuery = {}): Promise<readonly ModelRecord[]> {
    const { afterId } = query;
    let rows = this.#rows(query).limit(limitOf(query));
    if (afterId !== undefined) rows = rows.where('model_questions.id', '>', afterId);
    return (await rows.execute()).map(recordOf);
  }

  async prune(what: ModelRecordsToForget): Promise<void> {
    await this.#database.transaction(async (transaction) => {
      const kysely = transaction.as<ModelTables>();
      const questions = kysely.deleteFrom('model_questions');
      if ('beforeMs' in what) await questions.where('at_ms', '<', what.beforeMs).execute();
      else if (what.agent === undefined) await questions.where('user_id', '=', what.userId).execute();
      else
        for (const ids of await askedBy(transaction, what.userId, what.agent))
          await kysely.deleteFrom('model_questions').where('id', 'in', ids).execute();
      await kysely
        .deleteFrom('model_texts')
        .where('hash', 'not in', (from) => from.selectFrom('model_questions').select('system_hash'))
        .where('hash', 'not in', (from) => from.selectFrom('model_questions').select('schema_hash'))
        .execute();
    });
  }

  #rows({ traceId, roundKey }: Pick<ModelRecordQuery, 'traceId' | 'roundKey'>) {
    let query = this.#database
      .as<ModelTables>()
      .selectFrom('model_questions')
      .innerJoin('model_texts as system', 'system.hash', 'model_questions.system_hash')
      .innerJoin('model_texts as schema', 'schema.hash', 'model_questions.schema_hash')
      .selectAll('model_questions')
      .select(['system.text as system', 'schema.text as schema'])
      .orderBy('model_questions.id');
    if (traceId !== undefined) query = query.where('model_questions.trace_id', '=', traceId);
    if (roundKey !== undefined) query = query.where('model_questions.round_key', '=', roundKey);
    return query;
  }
}

/** The ids of what an agent asked for a user, in pieces that a statement takes. */
async function askedBy(transaction: SqlTransaction, userId: string, agent: string): Promise<string[][]> {
  const rows = await transaction
    .as<ModelTables>()
    .selectFrom('model_questions')
    .select(['id', 'data'])
    .where('user_id', '=', userId)
    .execute();
  const ids = rows
    .filter(({ data }) => askerSchema.parse(JSON.parse(data)).context.agent === agent)
    .map(({ id }) => id);
  return Array.from({ length: Math.ceil(ids.length / idsAtOnce) }, (_, index) =>
    ids.slice(index * idsAtOnce, (index + 1) * idsAtOnce),
  );
}

const idsAtOnce = 500;
const askerSchema = recordDataSchema.pick({ context: true });

function recordOf(
  row: ModelTables['model_questions'] & { readonly system: string; readonly schema: string },
): ModelRecord {
  const data = recordDataSchema.safeParse(JSON.parse(row.data));
  if (!data.success)
    throw new StoreError('model.journal', `The record ${row.id} of a question to a model can not be read.`);
  return {
    ...data.data,
    id: row.id,
    key: row.key,
    atMs: row.at_ms,
    system: row.system,
    systemHash: row.system_hash,
    schema: row.schema,
    schemaHash: row.schema_hash,
    prompt: row.prompt,
  };
}
