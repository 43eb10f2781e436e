import type { Migration } from '@perpdesk/core/database';

/** The tables of the paper ledger, apart from the engine's. Amounts are exact decimals as text, orders and positions JSON. */
export interface PaperTables {
  paper_accounts: {
    venue: string;
    user_id: string;
    deposits: string;
    realized_pnl: string;
    fees: string;
    funding: string;
    sequence: number;
    version: number;
  };
  paper_positions: { venue: string; user_id: string; instrument_id: string; data: string };
  paper_orders: {
    venue: string;
    user_id: string;
    client_order_id: string;
    sequence: number;
    is_open: number;
    data: string;
  };
  paper_fills: { venue: string; user_id: string; version: number; ordinal: number; at_ms: number; data: string };
  paper_funding: { venue: string; user_id: string; instrument_id: string; at_ms: number; data: string };
}

/** The namespace of the paper ledger's migrations. */
export const paperNamespace = 'paper';

export const paperMigrations: readonly Migration[] = [
  {
    name: '0001-ledger',
    up: async ({ schema }) => {
      const table = (name: keyof PaperTables) =>
        schema
          .createTable(name)
          .addColumn('venue', 'text', (column) => column.notNull())
          .addColumn('user_id', 'text', (column) => column.notNull());
      let accounts = table('paper_accounts');
      for (const name of ['deposits', 'realized_pnl', 'fees', 'funding'] as const) {
        accounts = accounts.addColumn(name, 'text', (column) => column.notNull());
      }
      await accounts
        .addColumn('sequence', 'bigint', (column) => column.notNull())
        .addColumn('version', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('paper_accounts_key', ['venue', 'user_id'])
        .execute();
      await table('paper_positions')
        .addColumn('instrument_id', 'text', (column) => column.notNull())
        .addColumn('data', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('paper_positions_key', ['venue', 'user_id', 'instrument_id'])
        .execute();
      await table('paper_orders')
        .addColumn('client_order_id', 'text', (column) => column.notNull())
        .addColumn('sequence', 'bigint', (column) => column.notNull())
        .addColumn('is_open', 'integer', (column) => column.notNull())
        .addColumn('data', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('paper_orders_key', ['venue', 'user_id', 'client_order_id'])
        .execute();
      await schema
        .createIndex('paper_orders_open')
        .on('paper_orders')
        .columns(['venue', 'user_id', 'is_open'])
        .execute();
      await table('paper_fills')
        .addColumn('version', 'bigint', (column) => column.notNull())
        .addColumn('ordinal', 'integer', (column) => column.notNull())
        .addColumn('at_ms', 'bigint', (column) => column.notNull())
        .addColumn('data', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('paper_fills_key', ['venue', 'user_id', 'version', 'ordinal'])
        .execute();
      await schema
        .createIndex('paper_fills_by_time')
        .on('paper_fills')
        .columns(['venue', 'user_id', 'at_ms'])
        .execute();
      await table('paper_funding')
        .addColumn('instrument_id', 'text', (column) => column.notNull())
        .addColumn('at_ms', 'bigint', (column) => column.notNull())
        .addColumn('data', 'text', (column) => column.notNull())
        .addPrimaryKeyConstraint('paper_funding_key', ['venue', 'user_id', 'instrument_id', 'at_ms'])
        .execute();
    },
  },
  {
    // By its key alone, every payment of an account was looked at each time the newest were asked for.
    name: '0002-funding-by-time',
    up: async ({ schema }) => {
      await schema
        .createIndex('paper_funding_by_time')
        .on('paper_funding')
        .columns(['venue', 'user_id', 'at_ms'])
        .execute();
    },
  },
];
