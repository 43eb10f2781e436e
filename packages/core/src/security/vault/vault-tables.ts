import type { Migration } from '../../database/migrate.ts';

/** How the present master key is found again; one row. Holds no key. */
export interface VaultMasterTable {
  slot: number;
  id: string;
  kind: 'passphrase' | 'key-file';
  salt: string;
  cost: number;
  block_size: number;
  parallelization: number;
  /** A known text, sealed: tells a wrong passphrase or key file at once. */
  probe: string;
  created_at_ms: number;
}

/** One set of credentials. Every column is bound to the ciphertext. */
export interface VaultRecordTable {
  user_id: string;
  venue: string;
  version: number;
  data_key_id: string;
  master_id: string;
  wrapped_key: string;
  secrets: string;
  updated_at_ms: number;
}

/** The newest version of each record, kept apart and authenticated, so that an old record put back is noticed. */
export interface VaultHeadTable {
  user_id: string;
  venue: string;
  version: number;
  removed: number;
  master_id: string;
  mac: string;
}

export interface VaultTables {
  perpdesk_vault_master: VaultMasterTable;
  perpdesk_vault_records: VaultRecordTable;
  perpdesk_vault_heads: VaultHeadTable;
}

export const vaultMigrations: readonly Migration[] = [
  {
    name: '0001-vault',
    up: async (kysely) => {
      await kysely.schema
        .createTable('perpdesk_vault_master')
        .addColumn('slot', 'integer', (column) => column.primaryKey())
        .addColumn('id', 'text', (column) => column.notNull())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('salt', 'text', (column) => column.notNull())
        .addColumn('cost', 'integer', (column) => column.notNull())
        .addColumn('block_size', 'integer', (column) => column.notNull())
        .addColumn('parallelization', 'integer', (column) => column.notNull())
        .addColumn('probe', 'text', (column) => column.notNull())
        .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
        .execute();
      await kysely.schema
        .createTable('perpdesk_vault_records')
        .addColumn('user_id', 'text', (column) => column.notNull())
        .addColumn('venue', 'text', (column) => column.notNull())
        .addColumn('version', 'bigint', (column) => column.notNull())
        .addColumn('data_key_id', 'text', (column) => column.notNull())
        .addColumn('master_id', 'text', (column) => column.notNull())
        .addColumn('wrapped_key', 'text', (column) => column.notNull())
        .addColumn('secrets', 'text', (column) => column.notNull())
        .addColumn('updated_at_ms', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('perpdesk_vault_records_key', ['user_id', 'venue'])
        .execute();
      await kysely.schema
        .createTable('perpdesk_vault_heads')
        .addColumn('user_id', 'text', (column) => column.notNull())
        .addColumn('venue', 'text', (column) => column.notNull())
        .addColumn('version', 'bigint', (column) => column.notNull())
        .addColumn('removed', 'integer', (column) => column.notNull())
        .addColumn('master_id', 'text', (column) => column.notNull())
        .addColumn('mac', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('perpdesk_vault_heads_key', ['user_id', 'venue'])
        .execute();
    },
  },
];
