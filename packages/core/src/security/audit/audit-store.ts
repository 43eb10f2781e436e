import { type Kysely, sql } from 'kysely';
import type { Clock } from '../../clock/clock.ts';
import { compileOnce, firstRow } from '../../database/compile-once.ts';
import type { SqlTransaction } from '../../database/database.ts';
import type { AuditEntry, AuditRecord } from '../../ports/audit-log.ts';
import { entryHash, rowOf } from './audit-chain.ts';
import type { AuditTables } from './audit-tables.ts';
import { type AuditBroken, type AuditPosition, auditGenesis } from './verify-audit.ts';

const selectLast = compileOnce((kysely: Kysely<AuditTables>, _: object) =>
  kysely
    .selectFrom('perpdesk_audit_entries')
    .select(['sequence', 'hash'])
    .orderBy('sequence', 'desc')
    // SQLite plans anew each time a limit is a parameter.
    .limit(sql.lit(1))
    .compile(),
);

/**
 * Adds records to the end of the chain, or tells what is wrong when the end is not the one that is remembered (`head`) or
 * one after it that another process wrote. Adds none where a checkpoint is `due` after the last there is.
 */
export async function appendEntries(
  transaction: SqlTransaction,
  options: {
    readonly records: readonly AuditRecord[];
    readonly head: AuditPosition;
    readonly clock: Clock;
    readonly due?: (sequence: number) => boolean;
  },
): Promise<readonly AuditEntry[] | AuditBroken> {
  const { records, head, clock } = options;
  const tables = transaction.as<AuditTables>();
  // SQLite's transaction is the only writer. PostgreSQL's others wait here, reading goes on.
  if (transaction.dialect === 'postgres')
    await sql`lock table perpdesk_audit_entries in share row exclusive mode`.execute(tables);
  let previous: AuditPosition = (await firstRow(selectLast(tables, {}))) ?? auditGenesis;
  if (previous.sequence < head.sequence) return { ok: false, sequence: previous.sequence + 1, reason: 'truncated' };
  if (previous.sequence === head.sequence && previous.hash !== head.hash)
    return { ok: false, sequence: head.sequence, reason: 'recomputed' };
  if (options.due?.(previous.sequence) === true) return [];
  const entries: AuditEntry[] = [];
  for (const record of records) {
    const content = { ...record, sequence: previous.sequence + 1, atMs: clock.nowMs() };
    const entry = { ...content, hash: entryHash(previous.hash, content) };
    entries.push(entry);
    previous = entry;
  }
  await tables.insertInto('perpdesk_audit_entries').values(entries.map(rowOf)).execute();
  return entries;
}
