import type { Migration } from '@perpdesk/core/database';

/** The namespace of the migrations of LangGraph's checkpoints. */
export const checkpointNamespace = 'agents-checkpoints';

/** A value as LangGraph's serializer wrote it: JSON as text, bytes as base64. */
export interface StoredValue {
  type: string;
  value: string;
}

/**
 * Rows of checkpoints, of the channel values that changed at each, and of the writes of tasks that ended after it. `homes`: for each
 * channel, the checkpoint at which its value was written, as JSON.
 */
export interface CheckpointTables {
  agents_checkpoints: {
    thread_id: string;
    checkpoint_ns: string;
    checkpoint_id: string;
    parent_id: string | null;
    checkpoint: string;
    metadata: string;
    homes: string;
    kept_at_ms: number;
  };
  agents_checkpoint_values: StoredValue & {
    thread_id: string;
    checkpoint_ns: string;
    checkpoint_id: string;
    channel: string;
  };
  agents_checkpoint_writes: StoredValue & {
    thread_id: string;
    checkpoint_ns: string;
    checkpoint_id: string;
    task_id: string;
    idx: number;
    task_path: string;
    channel: string;
  };
}

export const checkpointMigrations: readonly Migration[] = [
  {
    name: '0001-checkpoints',
    up: async ({ schema }) => {
      await schema
        .createTable('agents_checkpoints')
        .addColumn('thread_id', 'text', (column) => column.notNull())
        .addColumn('checkpoint_ns', 'text', (column) => column.notNull())
        .addColumn('checkpoint_id', 'text', (column) => column.notNull())
        .addColumn('parent_id', 'text')
        .addColumn('checkpoint', 'text', (column) => column.notNull())
        .addColumn('metadata', 'text', (column) => column.notNull())
        .addColumn('homes', 'text', (column) => column.notNull())
        .addColumn('kept_at_ms', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('agents_checkpoints_key', ['thread_id', 'checkpoint_ns', 'checkpoint_id'])
        .execute();
      await schema
        .createIndex('agents_checkpoints_by_age')
        .on('agents_checkpoints')
        .columns(['kept_at_ms', 'thread_id'])
        .execute();
      await schema
        .createTable('agents_checkpoint_values')
        .addColumn('thread_id', 'text', (column) => column.notNull())
        .addColumn('checkpoint_ns', 'text', (column) => column.notNull())
        .addColumn('checkpoint_id', 'text', (column) => column.notNull())
        .addColumn('channel', 'text', (column) => column.notNull())
        .addColumn('type', 'text', (column) => column.notNull())
        .addColumn('value', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('agents_checkpoint_values_key', [
          'thread_id',
          'checkpoint_ns',
          'checkpoint_id',
          'channel',
        ])
        .execute();
      await schema
        .createTable('agents_checkpoint_writes')
        .addColumn('thread_id', 'text', (column) => column.notNull())
        .addColumn('checkpoint_ns', 'text', (column) => column.notNull())
        .addColumn('checkpoint_id', 'text', (column) => column.notNull())
        .addColumn('task_id', 'text', (column) => column.notNull())
        .addColumn('idx', 'integer', (column) => column.notNull())
        .addColumn('task_path', 'text', (column) => column.notNull())
        .addColumn('channel', 'text', (column) => column.notNull())
        .addColumn('type', 'text', (column) => column.notNull())
        .addColumn('value', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('agents_checkpoint_writes_key', [
          'thread_id',
          'checkpoint_ns',
          'checkpoint_id',
          'task_id',
          'idx',
        ])
        .execute();
    },
  },
];
