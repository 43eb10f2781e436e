import { sql } from 'kysely';
import type { Migration } from '../../database/migrate.ts';

/** One entry of the audit log. */
export interface AuditEntryTable {
  sequence: number;
  at_ms: number;
  action: string;
  actor: string;
  subject: string;
  trace_id: string | null;
  details: string;
  hash: string;
}

export interface AuditTables {
  perpdesk_audit_entries: AuditEntryTable;
}

const refusal = 'the audit log is append-only';

/** SQLite's triggers; the last is for `insert or replace`, which deletes without a delete trigger. */
const sqliteTriggers = [
  `create trigger perpdesk_audit_no_update before update on perpdesk_audit_entries begin select raise(abort, '${refusal}'); end`,
  `create trigger perpdesk_audit_no_delete before delete on perpdesk_audit_entries begin select raise(abort, '${refusal}'); end`,
  `create trigger perpdesk_audit_no_replace before insert on perpdesk_audit_entries
   when exists (select 1 from perpdesk_audit_entries where sequence = new.sequence)
   begin select raise(abort, '${refusal}'); end`,
];

const postgresTriggers = [
  `create function perpdesk_audit_refuse() returns trigger language plpgsql as $$ begin raise exception '${refusal}'; end $$`,
  `create trigger perpdesk_audit_no_change before update or delete on perpdesk_audit_entries
   for each row execute function perpdesk_audit_refuse()`,
  `create trigger perpdesk_audit_no_truncate before truncate on perpdesk_audit_entries
   for each statement execute function perpdesk_audit_refuse()`,
];

export const auditMigrations: readonly Migration[] = [
  {
    name: '0001-audit',
    up: async (kysely, dialect) => {
      await kysely.schema
        .createTable('perpdesk_audit_entries')
        .addColumn('sequence', dialect === 'sqlite' ? 'integer' : 'bigint', (column) => column.primaryKey())
        .addColumn('at_ms', 'bigint', (column) => column.notNull())
        .addColumn('action', 'text', (column) => column.notNull())
        .addColumn('actor', 'text', (column) => column.notNull())
        .addColumn('subject', 'text', (column) => column.notNull())
        .addColumn('trace_id', 'text')
        .addColumn('details', 'text', (column) => column.notNull())
        .addColumn('hash', 'text', (column) => column.notNull())
        .execute();
      await kysely.schema
        .createIndex('perpdesk_audit_by_subject')
        .on('perpdesk_audit_entries')
        .columns(['subject', 'sequence'])
        .execute();
      for (const trigger of dialect === 'sqlite' ? sqliteTriggers : postgresTriggers)
        await sql.raw(trigger).execute(kysely);
    },
  },
];
