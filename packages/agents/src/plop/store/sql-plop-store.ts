import { type PredictionAssessment, predictionAssessmentSchema } from '@perpdesk/core';
import { type Database, migrate } from '@perpdesk/core/database';
import * as z from 'zod';
import { dayOf, type PlopOutcome, type PlopStore, type ScoredAssessment } from './plop-store.ts';
import { type PlopTables, plopMigrations, plopNamespace } from './plop-tables.ts';

const assessmentOf = (text: string): PredictionAssessment => predictionAssessmentSchema.parse(JSON.parse(text));
const outcomeSchema = z.enum(['yes', 'no']);

/** Keeps assessments in SQLite or PostgreSQL, so that a restart forgets nothing. */
export class SqlPlopStore implements PlopStore {
  readonly #database: Database;

  constructor(options: { readonly database: Database }) {
    this.#database = options.database;
  }

  /** @throws ConfigError `database.newer`; StoreError */
  async open(): Promise<void> {
    await migrate(this.#database, { namespace: plopNamespace, migrations: plopMigrations });
  }

  async keep(assessment: PredictionAssessment): Promise<boolean> {
    const { id, contractId, venue, atMs, closesAtMs } = assessment;
    const row = {
      id,
      contract_id: contractId,
      venue,
      day: dayOf(assessment),
      at_ms: atMs,
      closes_at_ms: closesAtMs,
      asked_at_ms: atMs,
      outcome: null,
      settled_at_ms: null,
      data: JSON.stringify(assessment),
    };
    const kept = await this.#database
      .as<PlopTables>()
      .insertInto('plop_assessments')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .returning('id')
      .execute();
    return kept.length > 0;
  }

  async take({
    atMs,
    closedBeforeMs,
    openBeforeMs,
    givenUpBeforeMs,
    limit,
  }: Parameters<PlopStore['take']>[0]): Promise<string[]> {
    return this.#database.transaction(async (transaction) => {
      const kysely = transaction.as<PlopTables>();
      const rows = await kysely
        .selectFrom('plop_assessments')
        .select(({ fn }) => ['contract_id', fn.min('asked_at_ms').as('asked')])
        .where('outcome', 'is', null)
        .where('closes_at_ms', '>=', givenUpBeforeMs)
        .where(({ and, or, eb }) =>
          or([
            and([eb('closes_at_ms', '<=', atMs), eb('asked_at_ms', '<', closedBeforeMs)]),
            and([eb('closes_at_ms', '>', atMs), eb('asked_at_ms', '<', openBeforeMs)]),
          ]),
        )
        .groupBy('contract_id')
        .orderBy('asked')
        .orderBy('contract_id')
        .limit(limit)
        .execute();
      const ids = rows.map(({ contract_id }) => contract_id);
      if (ids.length > 0)
        await kysely
          .updateTable('plop_assessments')
          .set({ asked_at_ms: atMs })
          .where('contract_id', 'in', ids)
          .where('outcome', 'is', null)
          .execute();
      return ids;
    });
  }

  async waiting(contractId: string): Promise<readonly PredictionAssessment[]> {
    const rows = await this.#database
      .as<PlopTables>()
      .selectFrom('plop_assessments')
      .select('data')
      .where('contract_id', '=', contractId)
      .where('outcome', 'is', null)
      .orderBy('at_ms')
      .execute();
    return rows.map(({ data }) => assessmentOf(data));
  }

  async settle(contractId: string, outcome: PlopOutcome, atMs: number): Promise<void> {
    await this.#database
      .as<PlopTables>()
      .updateTable('plop_assessments')
      .set({ outcome, settled_at_ms: atMs })
      .where('contract_id', '=', contractId)
      .where('outcome', 'is', null)
      .execute();
  }

  async settled({ venue, limit }: Parameters<PlopStore['settled']>[0]): Promise<readonly ScoredAssessment[]> {
    const rows = await this.#database
      .as<PlopTables>()
      .selectFrom('plop_assessments')
      .select(['data', 'outcome'])
      .where('venue', '=', venue)
      .where('outcome', 'in', ['yes', 'no'])
      .orderBy('settled_at_ms', 'desc')
      .orderBy('at_ms', 'desc')
      .orderBy('id', 'desc')
      .limit(limit)
      .execute();
    return rows
      .map(({ data, outcome }) => ({ assessment: assessmentOf(data), outcome: outcomeSchema.parse(outcome) }))
      .reverse();
  }
}
