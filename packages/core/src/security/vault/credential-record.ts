import { createSecretKey, randomBytes } from 'node:crypto';
import type { Insertable } from 'kysely';
import type { JsonValue } from '../../events/json.ts';
import type { CredentialKey } from '../../ports/credential-vault.ts';
import type { MasterKey } from './master-key.ts';
import { seal, unseal } from './sealed.ts';
import type { VaultHeadTable, VaultRecordTable } from './vault-tables.ts';

type RecordRow = VaultRecordTable;
type HeadRow = VaultHeadTable;
type Identity = Pick<RecordRow, 'user_id' | 'venue' | 'version' | 'data_key_id' | 'updated_at_ms'>;

/** What a record is bound to: nothing of it opens elsewhere. */
const contextOf = (row: Identity, purpose: 'data-key' | 'secrets'): JsonValue => ({
  purpose,
  userId: row.user_id,
  venue: row.venue,
  dataKeyId: row.data_key_id,
  version: row.version,
  updatedAtMs: row.updated_at_ms,
});

/** Encrypts a set of secrets under a data key of its own, wrapped by the master key. */
export function sealRecord(
  master: MasterKey,
  options: {
    readonly key: CredentialKey;
    readonly version: number;
    readonly secrets: Readonly<Record<string, string>>;
    readonly atMs: number;
  },
): Insertable<RecordRow> {
  const identity: Identity = {
    user_id: options.key.userId,
    venue: options.key.venue,
    version: options.version,
    data_key_id: `data-key_${randomBytes(8).toString('hex')}`,
    updated_at_ms: options.atMs,
  };
  const dataKey = randomBytes(32);
  const content = Buffer.from(JSON.stringify(Object.entries(options.secrets)));
  try {
    return {
      ...identity,
      master_id: master.id,
      wrapped_key: master.wrap(dataKey, contextOf(identity, 'data-key')),
      secrets: seal(createSecretKey(dataKey), content, contextOf(identity, 'secrets')),
    };
  } finally {
    dataKey.fill(0);
    content.fill(0);
  }
}

/** Decrypts a record, or gives undefined when anything of it is not as it was sealed. */
export function openRecord(master: MasterKey, row: RecordRow): Readonly<Record<string, string>> | undefined {
  const dataKey = row.master_id === master.id ? master.unwrap(row.wrapped_key, contextOf(row, 'data-key')) : undefined;
  if (dataKey === undefined) return undefined;
  const content = unseal(createSecretKey(dataKey), row.secrets, contextOf(row, 'secrets'));
  dataKey.fill(0);
  if (content === undefined) return undefined;
  try {
    return Object.freeze(Object.fromEntries(JSON.parse(content.toString('utf8'))));
  } finally {
    content.fill(0);
  }
}

/** The record's data key under another master key; its secrets stay as they are. Undefined when it does not open. */
export function rewrapRecord(
  from: MasterKey,
  to: MasterKey,
  row: RecordRow,
): Pick<RecordRow, 'master_id' | 'wrapped_key'> | undefined {
  const context = contextOf(row, 'data-key');
  const dataKey = row.master_id === from.id ? from.unwrap(row.wrapped_key, context) : undefined;
  if (dataKey === undefined) return undefined;
  try {
    return { master_id: to.id, wrapped_key: to.wrap(dataKey, context) };
  } finally {
    dataKey.fill(0);
  }
}

const statementOf = (row: Pick<HeadRow, 'user_id' | 'venue' | 'version' | 'removed'>): JsonValue => ({
  userId: row.user_id,
  venue: row.venue,
  version: row.version,
  removed: row.removed,
});

/** The authenticated statement of which version is the newest. */
export function signHead(master: MasterKey, head: Pick<HeadRow, 'user_id' | 'venue' | 'version' | 'removed'>): HeadRow {
  const { user_id, venue, version, removed } = head;
  return { user_id, venue, version, removed, master_id: master.id, mac: master.mac(statementOf(head)) };
}

/** True when the head is as the vault signed it. */
export const isHeadOf = (master: MasterKey, head: HeadRow): boolean =>
  head.master_id === master.id && master.isMac(head.mac, statementOf(head));
