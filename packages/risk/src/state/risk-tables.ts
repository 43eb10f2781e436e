import type { Migration } from '@perpdesk/core/database';

/** The namespace of this package's migrations. */
export const riskNamespace = 'risk';

/** Rows of risk state, reservations, decisions, changed limits, trading states and the processes that share them. Domain objects are kept whole as JSON beside their keys. */
export interface RiskTables {
  risk_states: { user_id: string; version: number; memory: string };
  risk_reservations: { signal_id: string; user_id: string; expires_at_ms: number; data: string };
  risk_decisions: { id: string; recommendation_id: string; at_ms: number; data: string };
  risk_limits: { user_id: string; data: string };
  risk_trading_states: { scope: string; state: string; reason: string; changed_at_ms: number };
  risk_trading_processes: { process: string; seen_at_ms: number };
}

export const riskMigrations: readonly Migration[] = [
  {
    name: '0001-risk',
    up: async ({ schema }) => {
      await schema
        .createTable('risk_states')
        .addColumn('user_id', 'text', (column) => column.primaryKey())
        .addColumn('version', 'integer', (column) => column.notNull())
        .addColumn('memory', 'text', (column) => column.notNull())
        .execute();
      await schema
        .createTable('risk_reservations')
        .addColumn('signal_id', 'text', (column) => column.primaryKey())
        .addColumn('user_id', 'text', (column) => column.notNull())
        .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
        .addColumn('data', 'text', (column) => column.notNull())
        .execute();
      await schema
        .createIndex('risk_reservations_by_user')
        .on('risk_reservations')
        .columns(['user_id', 'signal_id'])
        .execute();
      await schema
        .createTable('risk_decisions')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('recommendation_id', 'text', (column) => column.notNull())
        .addColumn('at_ms', 'bigint', (column) => column.notNull())
        .addColumn('data', 'text', (column) => column.notNull())
        .execute();
      await schema
        .createIndex('risk_decisions_by_recommendation')
        .on('risk_decisions')
        .columns(['recommendation_id', 'id'])
        .execute();
      await schema
        .createTable('risk_trading_states')
        .addColumn('scope', 'text', (column) => column.primaryKey())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('reason', 'text', (column) => column.notNull())
        .addColumn('changed_at_ms', 'bigint', (column) => column.notNull())
        .execute();
    },
  },
  {
    name: '0002-limits',
    up: async ({ schema }) => {
      await schema
        .createTable('risk_limits')
        .addColumn('user_id', 'text', (column) => column.primaryKey())
        .addColumn('data', 'text', (column) => column.notNull())
        .execute();
    },
  },
  {
    name: '0003-trading-processes',
    up: async ({ schema }) => {
      await schema
        .createTable('risk_trading_processes')
        .addColumn('process', 'text', (column) => column.primaryKey())
        .addColumn('seen_at_ms', 'bigint', (column) => column.notNull())
        .execute();
    },
  },
];
