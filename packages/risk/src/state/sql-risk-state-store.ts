import { type RiskDecision, riskDecisionSchema } from '@perpdesk/core';
import { type Database, migrate } from '@perpdesk/core/database';
import type { Kysely } from 'kysely';
import { ParsedRows } from './parsed-rows.ts';
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
  readonly #entries = new ParsedRows((text) => pendingEntrySchema.parse(JSON.parse(text)));
  readonly #memories = new ParsedRows((text) => riskMemorySchema.parse(JSON.parse(text)));

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
        .select(['user_id', 'signal_id', 'data'])
        .where('user_id', 'in', ids)
        .execute();
      for (const row of reservations) {
        const entry = this.#entries.read(row.signal_id, row.data);
        const others = pending.get(row.user_id);
        if (others === undefined) pending.set(row.user_id, [entry]);
        else others.push(entry);
      }
    }
    return userIds.map((userId) => {
      const state = states.get(userId);
      return {
        userId,
        version: state?.version ?? 0,
        pending: bySignal(pending.get(userId) ?? []),
        memory: state === undefined ? emptyMemory : this.#memories.read(userId, state.memory),
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
    options: Parameters<RiskStateStore['commit']>[1] = {},
  ): Promise<readonly boolean[]> {
    return this.#database.transaction(async (transaction) => {
      const kysely = transaction.as<RiskTables>();
      const { operatorVersion, alongside } = options;
      if (operatorVersion !== undefined && !(await moveVersion(kysely, operatorStateId, operatorVersion, undefined))) {
        return changes.map(() => false);
      }
      const committed = await commitAll(kysely, changes);
      if (committed.every(Boolean)) await alongside?.(transaction);
      return committed;
    });
  }

  async prune(before: { readonly decisionsMs: number; readonly reservationsMs: number }): Promise<void> {
    await this.#kysely.deleteFrom('risk_decisions').where('at_ms', '<', before.decisionsMs).execute();
    await this.#kysely.deleteFrom('risk_reservations').where('expires_at_ms', '<', before.reservationsMs).execute();
  }
}

/**
 * The compare-and-set first: what fails there has written nothing. A decision that is there already moved only a version. A few
 * statements for every 500 changes; two of one user can not meet in one of them.
 */
async function commitAll(kysely: Kysely<RiskTables>, changes: readonly RiskChange[]): Promise<readonly boolean[]> {
  const users = new Set(changes.map(({ userId }) => userId));
  const size = users.size === changes.length ? batch : 1;
  const committed = new Set<RiskChange>();
  for (let from = 0; from < changes.length; from += size) {
    const some = changes.slice(from, from + size);
    const moved = await movedOf(kysely, some);
    const kept = await keptDecisions(kysely, moved);
    await writePending(kysely, kept);
    for (const change of kept) committed.add(change);
  }
  return changes.map((change) => committed.has(change));
}

/** Those that found their version, or need none. */
async function movedOf(kysely: Kysely<RiskTables>, changes: readonly RiskChange[]): Promise<readonly RiskChange[]> {
  const moving = changes.filter(movesVersion);
  const fresh = moving.filter(({ expectedVersion }) => expectedVersion === 0);
  const moved = new Set<RiskChange>();
  if (fresh.length > 0) {
    const rows = await kysely
      .insertInto('risk_states')
      .values(
        fresh.map(({ userId, memory }) => ({
          user_id: userId,
          version: 1,
          memory: JSON.stringify(memory ?? emptyMemory),
        })),
      )
      .onConflict((conflict) => conflict.doNothing())
      .returning('user_id')
      .execute();
    const inserted = new Set(rows.map(({ user_id }) => user_id));
    for (const change of fresh) if (inserted.has(change.userId)) moved.add(change);
  }
  // Of one expected version and without a memory of their own they move together.
  const together = Map.groupBy(
    moving.filter(({ expectedVersion, memory }) => expectedVersion > 0 && memory === undefined),
    ({ expectedVersion }) => expectedVersion,
  );
  for (const [expected, group] of together) {
    const ids = group.map(({ userId }) => userId);
    const rows = await kysely
      .updateTable('risk_states')
      .set({ version: expected + 1 })
      .where('version', '=', expected)
      .where('user_id', 'in', ids)
      .returning('user_id')
      .execute();
    const updated = new Set(rows.map(({ user_id }) => user_id));
    for (const change of group) if (updated.has(change.userId)) moved.add(change);
  }
  for (const change of moving) {
    if (change.expectedVersion === 0 || change.memory === undefined) continue;
    if (await moveVersion(kysely, change.userId, change.expectedVersion, JSON.stringify(change.memory)))
      moved.add(change);
  }
  return changes.filter((change) => moved.has(change) || !movesVersion(change));
}

/** Those whose decision was not there before, or who have none. */
async function keptDecisions(
  kysely: Kysely<RiskTables>,
  changes: readonly RiskChange[],
): Promise<readonly RiskChange[]> {
  const values = changes.flatMap(({ decision }) =>
    decision === undefined
      ? []
      : {
          id: decision.id,
          recommendation_id: decision.recommendationId,
          at_ms: decision.atMs,
          data: JSON.stringify(decision),
        },
  );
  if (values.length === 0) return changes;
  const rows = await kysely
    .insertInto('risk_decisions')
    .values(values)
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .execute();
  const inserted = new Set(rows.map(({ id }) => id));
  return changes.filter(({ decision }) => decision === undefined || inserted.has(decision.id));
}

async function writePending(kysely: Kysely<RiskTables>, changes: readonly RiskChange[]): Promise<void> {
  const removed = changes.flatMap(({ remove }) => remove ?? []);
  const owners = changes.filter(({ remove }) => (remove?.length ?? 0) > 0).map(({ userId }) => userId);
  for (let from = 0; from < removed.length; from += batch) {
    await kysely
      .deleteFrom('risk_reservations')
      .where('user_id', 'in', owners)
      .where('signal_id', 'in', removed.slice(from, from + batch))
      .execute();
  }
  const rows = changes.flatMap(({ userId, put }) =>
    (put ?? []).map((entry) => ({
      signal_id: entry.reservation.signalId,
      user_id: userId,
      expires_at_ms: entry.reservation.expiresAtMs,
      data: JSON.stringify(entry),
    })),
  );
  for (let from = 0; from < rows.length; from += batch) {
    await kysely
      .insertInto('risk_reservations')
      .values(rows.slice(from, from + batch))
      .onConflict((conflict) =>
        conflict.column('signal_id').doUpdateSet(({ ref }) => ({
          user_id: ref('excluded.user_id'),
          expires_at_ms: ref('excluded.expires_at_ms'),
          data: ref('excluded.data'),
        })),
      )
      .execute();
  }
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
