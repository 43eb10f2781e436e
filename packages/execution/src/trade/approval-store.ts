import { type Guidance, guidanceSchema, type Signal, signalSchema } from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import type { Kysely, Selectable } from 'kysely';
import * as z from 'zod';
import type { ExecutionTables } from '../store/execution-tables.ts';

/** A signal that waits for its user: exactly what will be sent, bound by hash. */
export interface PendingApproval {
  readonly signal: Signal;
  readonly guidance: Guidance;
  /** SHA-256 over all that acts, hexadecimal. Approving and editing name it. */
  readonly contentHash: string;
  /** On the wall clock: people answer in real time. */
  readonly expiresAtMs: number;
}

const dataSchema = z.object({ signal: signalSchema, guidance: guidanceSchema });

/** Requests for approval that are not answered yet. */
export class ApprovalStore {
  readonly #kysely: Kysely<ExecutionTables>;

  constructor(database: Database) {
    this.#kysely = database.as<ExecutionTables>();
  }

  /** Keeps a request; of one that is kept already the first stands. Returns what is kept. */
  async put(approval: PendingApproval): Promise<PendingApproval> {
    const { signal, guidance, contentHash, expiresAtMs } = approval;
    await this.#kysely
      .insertInto('execution_approvals')
      .values({
        signal_id: signal.id,
        user_id: signal.userId,
        content_hash: contentHash,
        expires_at_ms: expiresAtMs,
        data: JSON.stringify({ signal, guidance }),
      })
      .onConflict((conflict) => conflict.column('signal_id').doNothing())
      .execute();
    return (await this.get(signal.id)) ?? approval;
  }

  /** Puts an edited plan in the place of the one that waits; the time to answer stays. Without one that waits, nothing. */
  async replace({ contentHash, guidance, signal }: Omit<PendingApproval, 'expiresAtMs'>): Promise<void> {
    await this.#kysely
      .updateTable('execution_approvals')
      .set({ content_hash: contentHash, data: JSON.stringify({ signal, guidance }) })
      .where('signal_id', '=', signal.id)
      .execute();
  }

  /** Of one user, or of all; oldest first. */
  async list(userId?: string): Promise<readonly PendingApproval[]> {
    let query = this.#rows().orderBy('expires_at_ms').orderBy('signal_id');
    if (userId !== undefined) query = query.where('user_id', '=', userId);
    return (await query.execute()).map(read);
  }

  async get(signalId: string): Promise<PendingApproval | undefined> {
    const row = await this.#rows().where('signal_id', '=', signalId).executeTakeFirst();
    return row && read(row);
  }

  async remove(signalId: string): Promise<void> {
    await this.#kysely.deleteFrom('execution_approvals').where('signal_id', '=', signalId).execute();
  }

  #rows() {
    return this.#kysely.selectFrom('execution_approvals').selectAll();
  }
}

const read = (row: Selectable<ExecutionTables['execution_approvals']>): PendingApproval => ({
  ...dataSchema.parse(JSON.parse(row.data)),
  contentHash: row.content_hash,
  expiresAtMs: row.expires_at_ms,
});
