import { type EventBus, type Proposal, type ProposalStatus, proposalSchema, StoreError } from '@perpdesk/core';
import { type Database, migrate, type SqlTransaction } from '@perpdesk/core/database';
import { type ProposalTables, proposalMigrations, proposalNamespace } from './proposal-tables.ts';

/** A proposal, and what belongs to it that its user is not shown. */
export interface KeptProposal {
  readonly proposal: Proposal;
  /** The thread of the graph that waits for the answer. */
  readonly threadId?: string;
  readonly traceId?: string;
}

/** A change of status: made only while the proposal still has the one it is `from`. */
export interface StatusChange {
  readonly id: string;
  readonly from: ProposalStatus;
  readonly to: ProposalStatus;
  readonly outcome?: string;
  /** Made only while it expires after this instant, ms. */
  readonly expiresAfterMs?: number;
}

/**
 * Keeps proposals in SQLite or PostgreSQL. Statuses change by compare-and-set, so that of many who try one succeeds, and each change is told by
 * `proposal.changed` in the transaction that makes it.
 */
export class ProposalStore {
  readonly #database: Database;
  readonly #eventBus: EventBus;

  constructor(options: { readonly database: Database; readonly eventBus: EventBus }) {
    this.#database = options.database;
    this.#eventBus = options.eventBus;
  }

  /** Brings its tables up to date. @throws ConfigError `database.newer`; StoreError */
  async open(): Promise<void> {
    await migrate(this.#database, { namespace: proposalNamespace, migrations: proposalMigrations });
  }

  /** Keeps a new one. @throws StoreError */
  async insert(kept: KeptProposal): Promise<void> {
    const { proposal, threadId, traceId } = kept;
    const { id, userId, conversationId, status, contentHash, createdAtMs, expiresAtMs, ...data } = proposal;
    const row = {
      id,
      user_id: userId,
      conversation_id: conversationId,
      status,
      content_hash: contentHash,
      thread_id: threadId ?? null,
      trace_id: traceId ?? null,
      created_at_ms: createdAtMs,
      expires_at_ms: expiresAtMs,
      outcome: null,
      data: JSON.stringify(data),
    };
    await this.#database.transaction(async (transaction) => {
      await transaction.as<ProposalTables>().insertInto('orchestrator_proposals').values(row).execute();
      await this.#tell(kept, undefined, transaction);
    });
  }

  /** Changes a status. Undefined when it was another already. @throws StoreError */
  change({ id, from, to, outcome, expiresAfterMs }: StatusChange): Promise<KeptProposal | undefined> {
    return this.#database.transaction(async (transaction) => {
      let update = transaction
        .as<ProposalTables>()
        .updateTable('orchestrator_proposals')
        .set({ status: to, ...(outcome === undefined ? {} : { outcome }) })
        .where('id', '=', id)
        .where('status', '=', from);
      if (expiresAfterMs !== undefined) update = update.where('expires_at_ms', '>', expiresAfterMs);
      const row = await update.returningAll().executeTakeFirst();
      if (row === undefined) return undefined;
      const changed = keptOf(row);
      await this.#tell(changed, from, transaction);
      return changed;
    });
  }

  /** @throws StoreError */
  async get(id: string): Promise<KeptProposal | undefined> {
    const row = await this.#rows().where('id', '=', id).executeTakeFirst();
    return row === undefined ? undefined : keptOf(row);
  }

  /** A user's, newest first. @throws StoreError */
  async list(
    userId: string,
    { status, limit }: { readonly status?: ProposalStatus; readonly limit: number },
  ): Promise<readonly KeptProposal[]> {
    let query = this.#rows()
      .where('user_id', '=', userId)
      .orderBy('created_at_ms', 'desc')
      .orderBy('id', 'desc')
      .limit(limit);
    if (status !== undefined) query = query.where('status', '=', status);
    return (await query.execute()).map(keptOf);
  }

  /** When the first of those that wait expires, ms. @throws StoreError */
  async nextExpiryMs(): Promise<number | undefined> {
    const row = await this.#database
      .as<ProposalTables>()
      .selectFrom('orchestrator_proposals')
      .select('expires_at_ms')
      .where('status', '=', 'waiting')
      .orderBy('expires_at_ms')
      .limit(1)
      .executeTakeFirst();
    return row?.expires_at_ms;
  }

  /** The ids of everybody's that have a status and expire by an instant, ms, the first in front. @throws StoreError */
  async ids(status: ProposalStatus, { untilMs }: { readonly untilMs?: number } = {}): Promise<readonly string[]> {
    let query = this.#database
      .as<ProposalTables>()
      .selectFrom('orchestrator_proposals')
      .select('id')
      .where('status', '=', status)
      .orderBy('expires_at_ms')
      .orderBy('id');
    if (untilMs !== undefined) query = query.where('expires_at_ms', '<=', untilMs);
    return (await query.execute()).map(({ id }) => id);
  }

  /** Forgets those that are over and were made before an instant, ms. @throws StoreError */
  async prune(beforeMs: number): Promise<void> {
    await this.#database
      .as<ProposalTables>()
      .deleteFrom('orchestrator_proposals')
      .where('created_at_ms', '<', beforeMs)
      .where('status', 'not in', ['waiting', 'approved'])
      .execute();
  }

  async #tell(
    { proposal, traceId }: KeptProposal,
    before: ProposalStatus | undefined,
    transaction: SqlTransaction,
  ): Promise<void> {
    const { id, userId, status } = proposal;
    await this.#eventBus.publish(
      {
        id: eventIdOf(id, status),
        type: 'proposal.changed',
        key: userId,
        userId,
        traceId: traceId ?? id,
        ...(before === undefined ? {} : { causationId: eventIdOf(id, before) }),
        payload: proposal,
      },
      { transaction },
    );
  }

  #rows() {
    return this.#database.as<ProposalTables>().selectFrom('orchestrator_proposals').selectAll();
  }
}

const eventIdOf = (id: string, status: ProposalStatus): string => `proposal:${id}:${status}`;

function keptOf(row: ProposalTables['orchestrator_proposals']): KeptProposal {
  const read = proposalSchema.safeParse({
    ...JSON.parse(row.data),
    id: row.id,
    userId: row.user_id,
    conversationId: row.conversation_id,
    status: row.status,
    contentHash: row.content_hash,
    createdAtMs: row.created_at_ms,
    expiresAtMs: row.expires_at_ms,
    ...(row.outcome === null ? {} : { outcome: row.outcome }),
  });
  if (!read.success) throw new StoreError('proposal.unreadable', `The proposal ${row.id} can not be read.`);
  return {
    proposal: read.data,
    ...(row.thread_id === null ? {} : { threadId: row.thread_id }),
    ...(row.trace_id === null ? {} : { traceId: row.trace_id }),
  };
}
