import type { Migration } from '@perpdesk/core/database';

/** The namespace of this package's migrations. */
export const executionNamespace = 'execution';

/** Rows of orders, positions, guards, approvals, day openings and cursors. Domain objects are kept whole as JSON beside their keys. */
export interface ExecutionTables {
  execution_orders: {
    client_order_id: string;
    user_id: string;
    venue: string;
    instrument_id: string;
    trade_id: string | null;
    status: string;
    authorization_expires_at_ms: number;
    data: string;
  };
  execution_positions: {
    user_id: string;
    venue: string;
    instrument_id: string;
    data: string;
  };
  execution_guards: {
    user_id: string;
    venue: string;
    instrument_id: string;
    data: string;
  };
  execution_approvals: {
    signal_id: string;
    user_id: string;
    content_hash: string;
    expires_at_ms: number;
    data: string;
  };
  execution_day_openings: {
    user_id: string;
    venue: string;
    day: string;
    equity: string;
    deposits: string;
  };
  execution_cursors: {
    user_id: string;
    venue: string;
    data: string;
  };
  execution_equity: {
    user_id: string;
    venue: string;
    at_ms: number;
    equity: string;
    unrealized_pnl: string;
    deposits: string;
  };
}

export const executionMigrations: readonly Migration[] = [
  {
    name: '0001-trading',
    up: async ({ schema }) => {
      await schema
        .createTable('execution_orders')
        .addColumn('client_order_id', 'text', (column) => column.primaryKey())
        .addColumn('user_id', 'text', (column) => column.notNull())
        .addColumn('venue', 'text', (column) => column.notNull())
        .addColumn('instrument_id', 'text', (column) => column.notNull())
        .addColumn('trade_id', 'text')
        .addColumn('status', 'text', (column) => column.notNull())
        .addColumn('authorization_expires_at_ms', 'bigint', (column) => column.notNull())
        .addColumn('data', 'text', (column) => column.notNull())
        .execute();
      await schema.createIndex('execution_orders_by_status').on('execution_orders').columns(['status']).execute();
      for (const table of ['execution_positions', 'execution_guards'] as const) {
        await schema
          .createTable(table)
          .addColumn('user_id', 'text', (column) => column.notNull())
          .addColumn('venue', 'text', (column) => column.notNull())
          .addColumn('instrument_id', 'text', (column) => column.notNull())
          .addColumn('data', 'text', (column) => column.notNull())
          .addPrimaryKeyConstraint(`${table}_key`, ['user_id', 'venue', 'instrument_id'])
          .execute();
      }
      await schema
        .createTable('execution_approvals')
        .addColumn('signal_id', 'text', (column) => column.primaryKey())
        .addColumn('user_id', 'text', (column) => column.notNull())
        .addColumn('content_hash', 'text', (column) => column.notNull())
        .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
        .addColumn('data', 'text', (column) => column.notNull())
        .execute();
      await schema
        .createTable('execution_day_openings')
        .addColumn('user_id', 'text', (column) => column.notNull())
        .addColumn('venue', 'text', (column) => column.notNull())
        .addColumn('day', 'text', (column) => column.notNull())
        .addColumn('equity', 'text', (column) => column.notNull())
        .addColumn('deposits', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('execution_day_openings_key', ['user_id', 'venue', 'day'])
        .execute();
      await schema
        .createTable('execution_cursors')
        .addColumn('user_id', 'text', (column) => column.notNull())
        .addColumn('venue', 'text', (column) => column.notNull())
        .addColumn('data', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('execution_cursors_key', ['user_id', 'venue'])
        .execute();
    },
  },
  {
    name: '0002-equity',
    up: async ({ schema }) => {
      await schema
        .createTable('execution_equity')
        .addColumn('user_id', 'text', (column) => column.notNull())
        .addColumn('venue', 'text', (column) => column.notNull())
        .addColumn('at_ms', 'bigint', (column) => column.notNull())
        .addColumn('equity', 'text', (column) => column.notNull())
        .addColumn('unrealized_pnl', 'text', (column) => column.notNull())
        .addColumn('deposits', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('execution_equity_key', ['user_id', 'venue', 'at_ms'])
        .execute();
    },
  },
];
