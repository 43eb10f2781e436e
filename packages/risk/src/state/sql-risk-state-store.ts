import { type RiskDecision, riskDecisionSchema } from '@perpdesk/core';
import { type Database, migrate } from '@perpdesk/core/database';
import type { Kysely } from 'kysely';
import { type PendingEntry, pendingEntrySchema } from './pending-entry.ts';
import { emptyMemory, riskMemorySchema } from './risk-memory.ts';
import {
  bySignal,
  movesVersion,
  operatorStateId,
  type RiskChange,
  type RiskState,
  type RiskStateStore,
} from './risk-state-store.ts';
import { type RiskTables, riskMigrations, riskNamespace } from './risk-tables.ts';

/** How many ids go into one statement. */
const batch = 500;

/** Keeps risk state in SQLite or PostgreSQL, so that several processes share one budget. */
export class SqlRiskStateStore implements RiskStateStore {
  readonly #database: Database;
  readonly #kysely: Kysely<RiskTables>;

  constructor(options: { readonly database: Database }) {
    this.#database = options.database;
    this.#kysely = options.database.as<RiskTables>();
  }

  async open(): Promise<void> {
    await migrate(this.#database, { namespace: riskNamespace, migrations: riskMigrations });
  }

  async load(userIds: readonly string[]): Promise<readonly RiskState[]> {
    const states = new Map<string, { version: number; memory: string }>();
    const pending = new Map<string, PendingEntry[]>();
    for (let from = 0; from < userIds.length; from += batch) {
      const ids = userIds.slice(from, from + batch);
      const rows = await this.#kysely.selectFrom('risk_states').selectAll().where('user_id', 'in', ids).execute();
      for (const row of rows) states.set(row.user_id, row);
      const reservations = await this.#kysely
        .selectFrom('risk_reservations')
        .select(['user_id', 'data'])
        .where('user_id', 'in', ids)
        .execute();
      for (const row of reservations) {
        const entry = pendingEntrySchema.parse(JSON.parse(row.data));
        pending.set(row.user_id, [...(pending.get(row.user_id) ?? []), entry]);
      }
    }
    return userIds.map((userId) => {
      const state = states.get(userId);
      return {
        userId,
        version: state?.version ?? 0,
        pending: bySignal(pending.get(userId) ?? []),
        memory: state === undefined ? emptyMemory : riskMemorySchema.parse(JSON.parse(state.memory)),
      };
    });
  }

  async ownerOf(signalId: string): Promise<string | undefined> {
    const row = await this.#kysely
      .selectFrom('risk_reservations')
      .select('user_id')
      .where('signal_id', '=', signalId)
      .executeTakeFirst();
    return row?.user_id;
  }

  async decisions(recommendationId: string): Promise<readonly RiskDecision[]> {
    const rows = await this.#kysely
      .selectFrom('risk_decisions')
      .select('data')
      .where('recommendation_id', '=', recommendationId)
      .orderBy('id')
      .execute();
    return rows.map(({ data }) => riskDecisionSchema.parse(JSON.parse(data)));
  }

  async commit(
    changes: readonly RiskChange[],
    options: { readonly operatorVersion?: number } = {},
  ): Promise<readonly boolean[]> {
    return this.#database.transaction(async (transaction) => {
      const kysely = transaction.as<RiskTables>();
      const { operatorVersion } = options;
      if (operatorVersion !== undefined && !(await moveVersion(kysely, operatorStateId, operatorVersion, undefined))) {
        return changes.map(() => false);
      }
      const results: boolean[] = [];
      for (const change of changes) results.push(await apply(kysely, change));
      return results;
    });
  }

  async prune(before: { readonly decisionsMs: number; readonly reservationsMs: number }): Promise<void> {
    await this.#kysely.deleteFrom('risk_decisions').where('at_ms', '<', before.decisionsMs).execute();
    await this.#kysely.deleteFrom('risk_reservations').where('expires_at_ms', '<', before.reservationsMs).execute();
  }
}

/** The compare-and-set first: what fails there has written nothing. A decision that is there already moved only a version. */
async function apply(kysely: Kysely<RiskTables>, change: RiskChange): Promise<boolean> {
  const { userId, decision } = change;
  const memory = change.memory === undefined ? undefined : JSON.stringify(change.memory);
  if (movesVersion(change) && !(await moveVersion(kysely, userId, change.expectedVersion, memory))) return false;
  if (decision !== undefined) {
    const values = {
      id: decision.id,
      recommendation_id: decision.recommendationId,
      at_ms: decision.atMs,
      data: JSON.stringify(decision),
    };
    const inserted = await kysely
      .insertInto('risk_decisions')
      .values(values)
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    if (Number(inserted.numInsertedOrUpdatedRows ?? 0) === 0) return false;
  }
  if (change.remove !== undefined && change.remove.length > 0) {
    await kysely
      .deleteFrom('risk_reservations')
      .where('user_id', '=', userId)
      .where('signal_id', 'in', [...change.remove])
      .execute();
  }
  for (const entry of change.put ?? []) {
    const { signalId, expiresAtMs } = entry.reservation;
    const row = { user_id: userId, expires_at_ms: expiresAtMs, data: JSON.stringify(entry) };
    await kysely
      .insertInto('risk_reservations')
      .values({ signal_id: signalId, ...row })
      .onConflict((conflict) => conflict.column('signal_id').doUpdateSet(row))
      .execute();
  }
  return true;
}

async function moveVersion(
  kysely: Kysely<RiskTables>,
  userId: string,
  expected: number,
  memory: string | undefined,
): Promise<boolean> {
  if (expected === 0) {
    const values = { user_id: userId, version: 1, memory: memory ?? JSON.stringify(emptyMemory) };
    const inserted = await kysely
      .insertInto('risk_states')
      .values(values)
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return Number(inserted.numInsertedOrUpdatedRows ?? 0) === 1;
  }
  const updated = await kysely
    .updateTable('risk_states')
    .set({ version: expected + 1, ...(memory === undefined ? {} : { memory }) })
    .where('user_id', '=', userId)
    .where('version', '=', expected)
    .executeTakeFirst();
  return Number(updated.numUpdatedRows) === 1;
}
