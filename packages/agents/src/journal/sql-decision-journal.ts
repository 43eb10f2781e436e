import {
  type DecisionJournal,
  type DecisionRecord,
  type DecisionRecordKind,
  type DecisionRecordQuery,
  StoreError,
} from '@perpdesk/core';
import { type Database, migrate } from '@perpdesk/core/database';
import * as z from 'zod';
import { type DecisionTables, decisionMigrations, decisionNamespace } from './decision-tables.ts';
import { mostRecords } from './memory-decision-journal.ts';

/** Rows in one statement: below what SQLite binds. */
const batch = 100;

/** Keeps what decisions were made of in SQLite or PostgreSQL. */
export class SqlDecisionJournal implements DecisionJournal {
  readonly #database: Database;

  constructor(options: { readonly database: Database }) {
    this.#database = options.database;
  }

  async open(): Promise<void> {
    await migrate(this.#database, { namespace: decisionNamespace, migrations: decisionMigrations });
  }

  /** Need not survive the loss of power by itself: a decision that lost its inputs says so when it is replayed. */
  async append(records: readonly DecisionRecord[]): Promise<void> {
    if (records.length === 0) return;
    // In one order: two writers of the same records do not wait for each other in a circle.
    const rows = records.map(rowOf).sort((a, b) => (a.id < b.id ? -1 : 1));
    await this.#database.transaction(
      async (transaction) => {
        for (let from = 0; from < rows.length; from += batch)
          await transaction
            .as<DecisionTables>()
            .insertInto('decision_records')
            .values(rows.slice(from, from + batch))
            .onConflict((conflict) => conflict.column('id').doNothing())
            .execute();
      },
      { durability: 'normal' },
    );
  }

  async find(subject: string): Promise<readonly DecisionRecord[]> {
    const rows = await this.#rows().where('subject', '=', subject).execute();
    return rows.map(recordOf);
  }

  async read({ traceId, roundKey, limit = mostRecords }: DecisionRecordQuery = {}): Promise<readonly DecisionRecord[]> {
    let rows = this.#rows().limit(Math.min(limit, mostRecords));
    if (traceId !== undefined) rows = rows.where('trace_id', '=', traceId);
    if (roundKey !== undefined) rows = rows.where('round_key', '=', roundKey);
    return (await rows.execute()).map(recordOf);
  }

  async prune(what: { readonly beforeMs: number } | { readonly userId: string }): Promise<void> {
    await this.#database.transaction(async (transaction) => {
      const records = transaction.as<DecisionTables>().deleteFrom('decision_records');
      await ('beforeMs' in what
        ? records.where('at_ms', '<', what.beforeMs)
        : records.where('user_id', '=', what.userId)
      ).execute();
    });
  }

  #rows() {
    return this.#database
      .as<DecisionTables>()
      .selectFrom('decision_records')
      .selectAll()
      .orderBy('at_ms')
      .orderBy('id');
  }
}

const rowOf = (record: DecisionRecord): DecisionTables['decision_records'] => ({
  id: record.id,
  subject: record.subject,
  kind: record.kind,
  agent: record.agent,
  trace_id: record.traceId ?? null,
  round_key: record.roundKey ?? null,
  user_id: record.userId ?? null,
  at_ms: record.atMs,
  inputs: JSON.stringify(record.inputs),
});

const kinds = ['opinion', 'turn', 'round', 'plan', 'guidance'] as const satisfies readonly DecisionRecordKind[];

const keptSchema = z.object({
  kind: z.enum(kinds),
  inputs: z.object({
    method: z.object({
      name: z.string(),
      promptVersion: z.number().exactOptional(),
      promptHash: z.string().exactOptional(),
    }),
    reading: z.json().exactOptional(),
    absent: z.string().exactOptional(),
    rules: z.json().exactOptional(),
    asked: z.object({ key: z.string(), answerHash: z.string().exactOptional() }).exactOptional(),
    fellBack: z.object({ code: z.string(), message: z.string() }).exactOptional(),
  }),
});

function recordOf(row: DecisionTables['decision_records']): DecisionRecord {
  const kept = keptSchema.safeParse({ kind: row.kind, inputs: JSON.parse(row.inputs) });
  if (!kept.success) throw new StoreError('decision.journal', `The record ${row.id} of a decision can not be read.`);
  return {
    id: row.id,
    subject: row.subject,
    agent: row.agent,
    atMs: row.at_ms,
    ...kept.data,
    ...(row.trace_id === null ? {} : { traceId: row.trace_id }),
    ...(row.round_key === null ? {} : { roundKey: row.round_key }),
    ...(row.user_id === null ? {} : { userId: row.user_id }),
  };
}
