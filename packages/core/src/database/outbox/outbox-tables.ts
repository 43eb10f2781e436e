import { type ColumnType, type GeneratedAlways, type Selectable, sql } from 'kysely';
import type { Migration } from '../migrate.ts';

/** The namespace of the outbox's migrations. */
export const outboxNamespace = 'outbox';

/** The outbox: events, how far each group is with each type, and what groups gave up. */
export interface OutboxTables {
  perpdesk_events: {
    /** PostgreSQL only: the order of writing, which is not the order of committing. */
    ticket: GeneratedAlways<number>;
    /** PostgreSQL: null until the row is committed and has its place. */
    position: ColumnType<number, number | undefined, number>;
    id: string;
    type: string;
    version: number;
    at_ms: number;
    key: string;
    user_id: string | null;
    trace_id: string;
    causation_id: string | null;
    payload: string;
  };
  perpdesk_event_cursors: { group_name: string; type: string; position: number };
  perpdesk_dead_letters: {
    group_name: string;
    event_id: string;
    position: number;
    attempts: number;
    error: string;
    at_ms: number;
  };
}

/** A row of the outbox as it is read. */
export type EventRow = Omit<Selectable<OutboxTables['perpdesk_events']>, 'ticket'>;

export const outboxMigrations: readonly Migration[] = [
  {
    name: '0001-outbox',
    up: async (kysely, dialect) => {
      const { schema } = kysely;
      const events = schema.createTable('perpdesk_events');
      const placed =
        dialect === 'sqlite'
          ? events.addColumn('position', 'integer', (column) => column.primaryKey().autoIncrement())
          : events
              .addColumn('ticket', 'bigint', (column) => column.generatedAlwaysAsIdentity().primaryKey())
              .addColumn('position', 'bigint', (column) => column.unique());
      await placed
        .addColumn('id', 'text', (column) => column.notNull().unique())
        .addColumn('type', 'text', (column) => column.notNull())
        .addColumn('version', 'integer', (column) => column.notNull())
        .addColumn('at_ms', 'bigint', (column) => column.notNull())
        .addColumn('key', 'text', (column) => column.notNull())
        .addColumn('user_id', 'text')
        .addColumn('trace_id', 'text', (column) => column.notNull())
        .addColumn('causation_id', 'text')
        .addColumn('payload', 'text', (column) => column.notNull())
        .execute();
      await schema.createIndex('perpdesk_events_by_type').on('perpdesk_events').columns(['type', 'position']).execute();
      await schema.createIndex('perpdesk_events_by_key').on('perpdesk_events').columns(['key', 'position']).execute();
      await schema
        .createIndex('perpdesk_events_by_trace')
        .on('perpdesk_events')
        .columns(['trace_id', 'position'])
        .execute();
      await schema
        .createIndex('perpdesk_events_by_user')
        .on('perpdesk_events')
        .columns(['user_id', 'position'])
        .where(sql.ref('user_id'), 'is not', null)
        .execute();
      if (dialect === 'postgres') {
        await sql`create sequence perpdesk_event_positions`.execute(kysely);
        await schema
          .createIndex('perpdesk_events_without_place')
          .on('perpdesk_events')
          .column('ticket')
          .where(sql.ref('position'), 'is', null)
          .execute();
      }
      await schema
        .createTable('perpdesk_event_cursors')
        .addColumn('group_name', 'text', (column) => column.notNull())
        .addColumn('type', 'text', (column) => column.notNull())
        .addColumn('position', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('perpdesk_event_cursors_key', ['group_name', 'type'])
        .execute();
      await schema
        .createTable('perpdesk_dead_letters')
        .addColumn('group_name', 'text', (column) => column.notNull())
        .addColumn('event_id', 'text', (column) => column.notNull())
        .addColumn('position', 'bigint', (column) => column.notNull())
        .addColumn('attempts', 'integer', (column) => column.notNull())
        .addColumn('error', 'text', (column) => column.notNull())
        .addColumn('at_ms', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('perpdesk_dead_letters_key', ['group_name', 'event_id'])
        .execute();
    },
  },
];
