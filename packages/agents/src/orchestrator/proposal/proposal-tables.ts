import type { ProposalStatus } from '@perpdesk/core';
import type { Migration } from '@perpdesk/core/database';

/** The namespace of the migrations of what chats proposed. */
export const proposalNamespace = 'orchestrator-proposals';

/** Rows of proposals. `data`: what never changes of one, as JSON. `thread_id`: the conversation's graph that waits for it. */
export interface ProposalTables {
  orchestrator_proposals: {
    id: string;
    user_id: string;
    conversation_id: string;
    status: ProposalStatus;
    content_hash: string;
    thread_id: string | null;
    trace_id: string | null;
    created_at_ms: number;
    expires_at_ms: number;
    outcome: string | null;
    data: string;
  };
}

export const proposalMigrations: readonly Migration[] = [
  {
    name: '0001-proposals',
    up: async ({ schema }) => {
      await schema
        .createTable('orchestrator_proposals')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('user_id', 'text', (column) => column.notNull())
        .addColumn('conversation_id', 'text', (column) => column.notNull())
        .addColumn('status', 'text', (column) => column.notNull())
        .addColumn('content_hash', 'text', (column) => column.notNull())
        .addColumn('thread_id', 'text')
        .addColumn('trace_id', 'text')
        .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
        .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
        .addColumn('outcome', 'text')
        .addColumn('data', 'text', (column) => column.notNull())
        .execute();
      await schema
        .createIndex('orchestrator_proposals_of_user')
        .on('orchestrator_proposals')
        .columns(['user_id', 'created_at_ms', 'id'])
        .execute();
      await schema
        .createIndex('orchestrator_proposals_by_expiry')
        .on('orchestrator_proposals')
        .columns(['status', 'expires_at_ms'])
        .execute();
    },
  },
];
