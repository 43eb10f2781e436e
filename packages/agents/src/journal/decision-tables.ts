import type { Migration } from '@perpdesk/core/database';

/** The namespace of these migrations. */
export const decisionNamespace = 'decisions';

/** What decisions were made of: inputs as JSON beside what they are found by. */
export interface DecisionTables {
  decision_records: {
    id: string;
    subject: string;
    kind: string;
    agent: string;
    trace_id: string | null;
    round_key: string | null;
    user_id: string | null;
    at_ms: number;
    inputs: string;
  };
}

export const decisionMigrations: readonly Migration[] = [
  {
    name: '0001-decisions',
    up: async ({ schema }) => {
      await schema
        .createTable('decision_records')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('subject', 'text', (column) => column.notNull())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('agent', 'text', (column) => column.notNull())
        .addColumn('trace_id', 'text')
        .addColumn('round_key', 'text')
        .addColumn('user_id', 'text')
        .addColumn('at_ms', 'bigint', (column) => column.notNull())
        .addColumn('inputs', 'text', (column) => column.notNull())
        .execute();
      for (const column of ['subject', 'trace_id', 'round_key', 'user_id'])
        await schema
          .createIndex(`decision_records_by_${column}`)
          .on('decision_records')
          .columns([column, 'at_ms'])
          .execute();
      await schema.createIndex('decision_records_by_time').on('decision_records').column('at_ms').execute();
    },
  },
];
