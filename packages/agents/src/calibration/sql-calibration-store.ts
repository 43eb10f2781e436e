import { type OpinionScore, opinionScoreSchema } from '@perpdesk/core';
import { type Database, migrate, type SqlTransaction } from '@perpdesk/core/database';
import type { BookEntry } from './calibration-book.ts';
import { entryKey } from './calibration-book.ts';
import type { CalibrationChange, CalibrationStore, KeptCalibration, ScoreQuery } from './calibration-store.ts';
import { type CalibrationTables, calibrationMigrations, calibrationNamespace } from './calibration-tables.ts';
import { driftStateSchema } from './drift-detector.ts';
import { bookEntrySchema, moveCountsSchema } from './kept-rows.ts';
import { pendingScoreSchema } from './pending-score.ts';

/** How many rows go into one statement. */
const batch = 200;

/** Keeps calibration in SQLite or PostgreSQL. One process at a time fills it; others may read. */
export class SqlCalibrationStore implements CalibrationStore {
  readonly #database: Database;

  constructor(options: { readonly database: Database }) {
    this.#database = options.database;
  }

  async open(): Promise<void> {
    await migrate(this.#database, { namespace: calibrationNamespace, migrations: calibrationMigrations });
  }

  async load(): Promise<KeptCalibration> {
    const kysely = this.#database.as<CalibrationTables>();
    const pending = await kysely.selectFrom('calibration_pending').select('data').orderBy('id').execute();
    const sums = await kysely.selectFrom('calibration_sums').selectAll().orderBy('kind').orderBy('key').execute();
    const of = (kind: string) => sums.filter((row) => row.kind === kind);
    return {
      pending: pending.map(({ data }) => pendingScoreSchema.parse(JSON.parse(data))),
      entries: of('entry').map(({ data }): BookEntry => bookEntrySchema.parse(JSON.parse(data))),
      baseRates: of('base-rates').map(({ key, data }) => ({ key, counts: moveCountsSchema.parse(JSON.parse(data)) })),
      drifts: of('drift').map(({ key, data }) => ({ key, state: driftStateSchema.parse(JSON.parse(data)) })),
    };
  }

  /**
   * The commit need not survive the loss of power by itself: views, scores and sums are then all as they were before, and
   * the events that led to them come again.
   */
  async commit(change: CalibrationChange): Promise<void> {
    await this.#database.transaction((transaction) => write(transaction, change), { durability: 'normal' });
  }

  async scored(ids: readonly string[]): Promise<ReadonlySet<string>> {
    const kysely = this.#database.as<CalibrationTables>();
    const found = new Set<string>();
    for (const some of batches(ids)) {
      const rows = await kysely.selectFrom('calibration_scores').select('id').where('id', 'in', some).execute();
      for (const { id } of rows) found.add(id);
    }
    return found;
  }

  async scores(query: ScoreQuery = {}): Promise<readonly OpinionScore[]> {
    const { agent, words, bars, fromMs, toMs, limit = 10_000 } = query;
    let rows = this.#database
      .as<CalibrationTables>()
      .selectFrom('calibration_scores')
      .select('data')
      .orderBy('due_at_ms', 'desc')
      .orderBy('id', 'desc')
      .limit(limit);
    if (agent !== undefined) rows = rows.where('agent', '=', agent);
    if (words !== undefined) rows = rows.where('word', 'in', [...words]);
    if (bars !== undefined) rows = rows.where('bars', '=', bars);
    if (fromMs !== undefined) rows = rows.where('due_at_ms', '>=', fromMs);
    if (toMs !== undefined) rows = rows.where('due_at_ms', '<', toMs);
    const found = await rows.execute();
    return found.map(({ data }) => opinionScoreSchema.parse(JSON.parse(data))).reverse();
  }

  async prune(beforeMs: number): Promise<void> {
    await this.#database
      .as<CalibrationTables>()
      .deleteFrom('calibration_scores')
      .where('due_at_ms', '<', beforeMs)
      .execute();
  }
}

async function write(transaction: SqlTransaction, change: CalibrationChange): Promise<void> {
  const kysely = transaction.as<CalibrationTables>();
  for (const views of batches(change.opened)) {
    const rows = views.map((view) => ({ id: view.id, data: JSON.stringify(view) }));
    await kysely
      .insertInto('calibration_pending')
      .values(rows)
      .onConflict((row) => row.doNothing())
      .execute();
  }
  for (const ids of batches(change.settled))
    await kysely.deleteFrom('calibration_pending').where('id', 'in', ids).execute();
  for (const scores of batches(change.scores)) {
    const rows = scores.map((score) => {
      const { id, agent, word, bars, dueAtMs } = score;
      return { id, agent, word, bars, due_at_ms: dueAtMs, data: JSON.stringify(score) };
    });
    await kysely
      .insertInto('calibration_scores')
      .values(rows)
      .onConflict((row) => row.doNothing())
      .execute();
  }
  const sums = [
    ...change.entries.map((entry) => ({ kind: 'entry' as const, key: entryKey(entry), data: JSON.stringify(entry) })),
    ...change.baseRates.map(({ key, counts }) => ({ kind: 'base-rates' as const, key, data: JSON.stringify(counts) })),
    ...change.drifts.map(({ key, state }) => ({ kind: 'drift' as const, key, data: JSON.stringify(state) })),
  ];
  for (const rows of batches(sums)) {
    await kysely
      .insertInto('calibration_sums')
      .values(rows)
      .onConflict((row) => row.columns(['kind', 'key']).doUpdateSet(({ ref }) => ({ data: ref('excluded.data') })))
      .execute();
  }
}

function batches<Row>(rows: readonly Row[]): Row[][] {
  const result: Row[][] = [];
  for (let from = 0; from < rows.length; from += batch) result.push(rows.slice(from, from + batch));
  return result;
}
