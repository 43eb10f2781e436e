import type { Migration } from '@perpdesk/core/database';

/** The namespace of the migrations of what is kept of models. */
export const modelNamespace = 'models';

/** Rows of what was spent on models, of questions with their answers, of long texts once each, and of kept answers. */
export interface ModelTables {
  model_spending: {
    scope: string;
    key: string;
    calls: number;
    failed_calls: number;
    input_tokens: number;
    output_tokens: number;
    micro_usd: number;
    model_ms: number;
    changed_at_ms: number;
  };
  model_questions: {
    id: string;
    key: string;
    at_ms: number;
    trace_id: string | null;
    round_key: string | null;
    user_id: string | null;
    system_hash: string;
    schema_hash: string;
    prompt: string;
    data: string;
  };
  model_texts: { hash: string; text: string };
  model_answers: { key: string; data: string; kept_at_ms: number; expires_at_ms: number | null };
}

export const modelMigrations: readonly Migration[] = [
  {
    name: '0001-models',
    up: async ({ schema }) => {
      let spending = schema
        .createTable('model_spending')
        .addColumn('scope', 'text', (column) => column.notNull())
        .addColumn('key', 'text', (column) => column.notNull());
      for (const name of [
        'calls',
        'failed_calls',
        'input_tokens',
        'output_tokens',
        'micro_usd',
        'model_ms',
        'changed_at_ms',
      ])
        spending = spending.addColumn(name, 'bigint', (column) => column.notNull().defaultTo(0));
      await spending.addPrimaryKeyConstraint('model_spending_key', ['scope', 'key']).execute();
      await schema
        .createTable('model_questions')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('key', 'text', (column) => column.notNull())
        .addColumn('at_ms', 'bigint', (column) => column.notNull())
        .addColumn('trace_id', 'text')
        .addColumn('round_key', 'text')
        .addColumn('user_id', 'text')
        .addColumn('system_hash', 'text', (column) => column.notNull())
        .addColumn('schema_hash', 'text', (column) => column.notNull())
        .addColumn('prompt', 'text', (column) => column.notNull())
        .addColumn('data', 'text', (column) => column.notNull())
        .execute();
      for (const column of ['key', 'trace_id', 'round_key', 'user_id'])
        await schema
          .createIndex(`model_questions_by_${column}`)
          .on('model_questions')
          .columns([column, 'id'])
          .execute();
      await schema.createIndex('model_questions_by_time').on('model_questions').column('at_ms').execute();
      await schema
        .createTable('model_texts')
        .addColumn('hash', 'text', (column) => column.primaryKey())
        .addColumn('text', 'text', (column) => column.notNull())
        .execute();
      await schema
        .createTable('model_answers')
        .addColumn('key', 'text', (column) => column.primaryKey())
        .addColumn('data', 'text', (column) => column.notNull())
        .addColumn('kept_at_ms', 'bigint', (column) => column.notNull())
        .addColumn('expires_at_ms', 'bigint')
        .execute();
    },
  },
];
