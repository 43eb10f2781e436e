import { type Insertable, sql } from 'kysely';
import type { Database, SqlTransaction } from '../../database/database.ts';
import type { CredentialKey } from '../../ports/credential-vault.ts';
import { isHeadOf, rewrapRecord, signHead } from './credential-record.ts';
import type { MasterKey } from './master-key.ts';
import { sealedError } from './sealed.ts';
import type { VaultHeadTable, VaultMasterTable, VaultRecordTable, VaultTables } from './vault-tables.ts';

/** The one row of the master key. */
export const masterSlot = 1;

/** A record and the statement of its newest version, read at one instant. */
export interface StoredCredentials {
  readonly head: VaultHeadTable | undefined;
  readonly record: VaultRecordTable | undefined;
}

type Nullable<Row> = { readonly [Column in keyof Row]: Row[Column] | null };

/** Reads both in one statement. */
export async function readCredentials(
  source: Database | SqlTransaction,
  key: CredentialKey,
): Promise<StoredCredentials> {
  const { userId: user, venue } = key;
  const { rows } = await sql<
    Nullable<Omit<VaultRecordTable, 'user_id' | 'venue'>> & {
      readonly head_version: number | null;
      readonly removed: number | null;
      readonly head_master_id: string | null;
      readonly mac: string | null;
    }
  >`
    select h.version as head_version, h.removed, h.master_id as head_master_id, h.mac,
           r.version, r.data_key_id, r.master_id, r.wrapped_key, r.secrets, r.updated_at_ms
    from (select 1 as one) as o
    left join perpdesk_vault_heads as h on h.user_id = ${user} and h.venue = ${venue}
    left join perpdesk_vault_records as r on r.user_id = ${user} and r.venue = ${venue}`.execute(
    source.as<VaultTables>(),
  );
  const identity = { user_id: user, venue };
  const [row] = rows;
  if (row === undefined) return { head: undefined, record: undefined };
  const {
    head_version,
    removed,
    head_master_id,
    mac,
    version,
    data_key_id,
    master_id,
    wrapped_key,
    secrets,
    updated_at_ms,
  } = row;
  const head =
    head_version === null || removed === null || head_master_id === null || mac === null
      ? undefined
      : { ...identity, version: head_version, removed, master_id: head_master_id, mac };
  const record =
    version === null ||
    data_key_id === null ||
    master_id === null ||
    wrapped_key === null ||
    secrets === null ||
    updated_at_ms === null
      ? undefined
      : { ...identity, version, data_key_id, master_id, wrapped_key, secrets, updated_at_ms };
  return { head, record };
}

/** Replaces the record, or takes it away. */
export async function writeRecord(
  transaction: SqlTransaction,
  key: CredentialKey,
  record: Insertable<VaultRecordTable> | undefined,
): Promise<void> {
  const tables = transaction.as<VaultTables>();
  await tables
    .deleteFrom('perpdesk_vault_records')
    .where('user_id', '=', key.userId)
    .where('venue', '=', key.venue)
    .execute();
  if (record !== undefined) await tables.insertInto('perpdesk_vault_records').values(record).execute();
}

export async function writeHead(transaction: SqlTransaction, head: VaultHeadTable): Promise<void> {
  const { version, removed, master_id, mac } = head;
  await transaction
    .as<VaultTables>()
    .insertInto('perpdesk_vault_heads')
    .values(head)
    .onConflict((conflict) => conflict.columns(['user_id', 'venue']).doUpdateSet({ version, removed, master_id, mac }))
    .execute();
}

/** The master row; with a transaction of PostgreSQL locked against other writers until its end. */
export async function readMaster(
  source: Database | SqlTransaction,
  options: { readonly lock?: boolean } = {},
): Promise<VaultMasterTable | undefined> {
  const query = source.as<VaultTables>().selectFrom('perpdesk_vault_master').selectAll().where('slot', '=', masterSlot);
  return await (options.lock && source.dialect === 'postgres' ? query.forUpdate() : query).executeTakeFirst();
}

/** Puts every record and head under another master key. @throws StoreError `vault.sealed` when one does not open */
export async function rewrapAll(transaction: SqlTransaction, from: MasterKey, to: MasterKey): Promise<number> {
  const tables = transaction.as<VaultTables>();
  const records = await tables.selectFrom('perpdesk_vault_records').selectAll().execute();
  for (const row of records) {
    const wrapped = rewrapRecord(from, to, row);
    if (wrapped === undefined) throw sealedError('A record of the vault');
    await tables
      .updateTable('perpdesk_vault_records')
      .set(wrapped)
      .where('user_id', '=', row.user_id)
      .where('venue', '=', row.venue)
      .execute();
  }
  for (const row of await tables.selectFrom('perpdesk_vault_heads').selectAll().execute()) {
    if (!isHeadOf(from, row)) throw sealedError('A record of the vault');
    await writeHead(transaction, signHead(to, row));
  }
  return records.length;
}
