import type { Migration } from '@perpdesk/core/database';
import type { Generated } from 'kysely';

/** The tables of the step journal. */
export interface WorkflowTables {
  workflow_owners: { owner_id: string; epoch: number; lease_until_ms: number };
  workflow_runs: {
    id: string;
    name: string;
    version: number;
    status: string;
    input: string;
    result: string | null;
    error: string | null;
    owner: string;
    started_at_ms: number;
    updated_at_ms: number;
  };
  workflow_steps: {
    run_id: string;
    position: number;
    kind: string;
    name: string;
    state: string;
    data: string | null;
    deadline_ms: number | null;
    signal_sequence: number | null;
    at_ms: number;
  };
  workflow_signals: {
    sequence: Generated<number>;
    run_id: string;
    topic: string;
    dedup_key: string;
    payload: string;
    at_ms: number;
  };
}

/** The namespace of the journal's migrations. */
export const workflowNamespace = 'workflow';

export const workflowMigrations: readonly Migration[] = [
  {
    name: '0001-journal',
    up: async ({ schema }, dialect) => {
      await schema
        .createTable('workflow_owners')
        .addColumn('owner_id', 'text', (column) => column.primaryKey())
        .addColumn('epoch', 'bigint', (column) => column.notNull())
        .addColumn('lease_until_ms', 'bigint', (column) => column.notNull())
        .execute();
      await schema
        .createTable('workflow_runs')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('version', 'integer', (column) => column.notNull())
        .addColumn('status', 'text', (column) => column.notNull())
        .addColumn('input', 'text', (column) => column.notNull())
        .addColumn('result', 'text')
        .addColumn('error', 'text')
        .addColumn('owner', 'text', (column) => column.notNull())
        .addColumn('started_at_ms', 'bigint', (column) => column.notNull())
        .addColumn('updated_at_ms', 'bigint', (column) => column.notNull())
        .execute();
      await schema.createIndex('workflow_runs_by_status').on('workflow_runs').columns(['status', 'name']).execute();
      await schema
        .createTable('workflow_steps')
        .addColumn('run_id', 'text', (column) => column.notNull())
        .addColumn('position', 'integer', (column) => column.notNull())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('data', 'text')
        .addColumn('deadline_ms', 'bigint')
        .addColumn('signal_sequence', 'bigint')
        .addColumn('at_ms', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('workflow_steps_key', ['run_id', 'position'])
        .execute();
      await schema
        .createTable('workflow_signals')
        .addColumn('sequence', dialect === 'sqlite' ? 'integer' : 'bigserial', (column) =>
          dialect === 'sqlite' ? column.primaryKey().autoIncrement() : column.primaryKey(),
        )
        .addColumn('run_id', 'text', (column) => column.notNull())
        .addColumn('topic', 'text', (column) => column.notNull())
        .addColumn('dedup_key', 'text', (column) => column.notNull())
        .addColumn('payload', 'text', (column) => column.notNull())
        .addColumn('at_ms', 'bigint', (column) => column.notNull())
        .addUniqueConstraint('workflow_signals_once', ['run_id', 'topic', 'dedup_key'])
        .execute();
    },
  },
];
