import type { Migration } from '@perpdesk/core/database';

/** The namespace of the migrations of conversations. */
export const memoryNamespace = 'orchestrator-memory';

/** Rows of conversations and of their messages. `written`: how many were ever written, which is the position of the last. */
export interface MemoryTables {
  orchestrator_conversations: {
    id: string;
    user_id: string;
    started_at_ms: number;
    last_at_ms: number;
    written: number;
  };
  orchestrator_messages: {
    id: string;
    conversation_id: string;
    position: number;
    data: string;
  };
}

export const memoryMigrations: readonly Migration[] = [
  {
    name: '0001-conversations',
    up: async ({ schema }) => {
      await schema
        .createTable('orchestrator_conversations')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('user_id', 'text', (column) => column.notNull())
        .addColumn('started_at_ms', 'bigint', (column) => column.notNull())
        .addColumn('last_at_ms', 'bigint', (column) => column.notNull())
        .addColumn('written', 'integer', (column) => column.notNull())
        .execute();
      await schema
        .createIndex('orchestrator_conversations_of_user')
        .on('orchestrator_conversations')
        .columns(['user_id', 'last_at_ms', 'id'])
        .execute();
      await schema
        .createIndex('orchestrator_conversations_by_age')
        .on('orchestrator_conversations')
        .column('last_at_ms')
        .execute();
      await schema
        .createTable('orchestrator_messages')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('conversation_id', 'text', (column) =>
          column.notNull().references('orchestrator_conversations.id').onDelete('cascade'),
        )
        .addColumn('position', 'integer', (column) => column.notNull())
        .addColumn('data', 'text', (column) => column.notNull())
        .addUniqueConstraint('orchestrator_messages_order', ['conversation_id', 'position'])
        .execute();
    },
  },
];
