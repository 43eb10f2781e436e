import type { Migration } from '@perpdesk/core/database';

/** The namespace of these migrations. */
export const calibrationNamespace = 'calibration';

/** Views that wait, scores, and what is added up of them. Domain objects are kept whole as JSON beside their keys. */
export interface CalibrationTables {
  calibration_pending: { id: string; data: string };
  calibration_scores: { id: string; agent: string; word: string; bars: number; due_at_ms: number; data: string };
  calibration_sums: { kind: 'entry' | 'base-rates' | 'drift'; key: string; data: string };
}

export const calibrationMigrations: readonly Migration[] = [
  {
    name: '0001-calibration',
    up: async ({ schema }) => {
      await schema
        .createTable('calibration_pending')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('data', 'text', (column) => column.notNull())
        .execute();
      await schema
        .createTable('calibration_scores')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('agent', 'text', (column) => column.notNull())
        .addColumn('word', 'text', (column) => column.notNull())
        .addColumn('bars', 'integer', (column) => column.notNull())
        .addColumn('due_at_ms', 'bigint', (column) => column.notNull())
        .addColumn('data', 'text', (column) => column.notNull())
        .execute();
      await schema
        .createIndex('calibration_scores_by_time')
        .on('calibration_scores')
        .columns(['due_at_ms', 'id'])
        .execute();
      await schema
        .createTable('calibration_sums')
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('key', 'text', (column) => column.notNull())
        .addColumn('data', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('calibration_sums_key', ['kind', 'key'])
        .execute();
    },
  },
];
