import type { Migration } from '@perpdesk/core/database';

/** The namespace of the migrations of resolved contracts. */
export const predictionNamespace = 'prediction';

/** Contracts of prediction markets as they were resolved: the contract whole, and its mids by horizon, as JSON beside what is looked for. */
export interface PredictionTables {
  prediction_outcomes: {
    contract_id: string;
    venue: string;
    series: string | null;
    category: string | null;
    known_at_ms: number;
    contract: string;
    mids: string;
  };
}

export const predictionMigrations: readonly Migration[] = [
  {
    name: '0001-outcomes',
    up: async ({ schema }) => {
      await schema
        .createTable('prediction_outcomes')
        .addColumn('contract_id', 'text', (column) => column.primaryKey())
        .addColumn('venue', 'text', (column) => column.notNull())
        .addColumn('series', 'text')
        .addColumn('category', 'text')
        .addColumn('known_at_ms', 'bigint', (column) => column.notNull())
        .addColumn('contract', 'text', (column) => column.notNull())
        .addColumn('mids', 'text', (column) => column.notNull())
        .execute();
      await schema
        .createIndex('prediction_outcomes_by_series')
        .on('prediction_outcomes')
        .columns(['venue', 'series', 'known_at_ms'])
        .execute();
      await schema
        .createIndex('prediction_outcomes_by_category')
        .on('prediction_outcomes')
        .columns(['venue', 'category', 'known_at_ms'])
        .execute();
    },
  },
];
