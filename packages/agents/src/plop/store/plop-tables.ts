import type { Migration } from '@perpdesk/core/database';

/** The namespace of Plop's migrations. */
export const plopNamespace = 'plop';

/** Assessments and their outcomes; the assessment whole as JSON beside what is looked for. */
export interface PlopTables {
  plop_assessments: {
    id: string;
    contract_id: string;
    venue: string;
    /** UTC days since the epoch. */
    day: number;
    at_ms: number;
    closes_at_ms: number;
    asked_at_ms: number;
    outcome: string | null;
    settled_at_ms: number | null;
    data: string;
  };
}

export const plopMigrations: readonly Migration[] = [
  {
    name: '0001-assessments',
    up: async ({ schema }) => {
      await schema
        .createTable('plop_assessments')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('contract_id', 'text', (column) => column.notNull())
        .addColumn('venue', 'text', (column) => column.notNull())
        .addColumn('day', 'integer', (column) => column.notNull())
        .addColumn('at_ms', 'bigint', (column) => column.notNull())
        .addColumn('closes_at_ms', 'bigint', (column) => column.notNull())
        .addColumn('asked_at_ms', 'bigint', (column) => column.notNull())
        .addColumn('outcome', 'text')
        .addColumn('settled_at_ms', 'bigint')
        .addColumn('data', 'text', (column) => column.notNull())
        .addUniqueConstraint('plop_assessments_one_a_day', ['contract_id', 'day'])
        .execute();
      await schema
        .createIndex('plop_assessments_waiting')
        .on('plop_assessments')
        .columns(['outcome', 'asked_at_ms'])
        .execute();
      await schema
        .createIndex('plop_assessments_settled')
        .on('plop_assessments')
        .columns(['venue', 'settled_at_ms'])
        .execute();
    },
  },
];
