import { type Database, type DatabaseDialect, type Migration, migrate } from '@perpdesk/core/database';
import { type Kysely, sql } from 'kysely';

/** The tables that are read by name; rows of series go through `tables/series-tables.ts`. Instants are milliseconds. */
export interface MarketTables {
  /** What rows belong to. `kind` is a timeframe (of bars), `funding`, `volume 1m` and the like. */
  readonly market_series: { readonly id: number; readonly instrument_id: string; readonly kind: string };
  /** Where a source of market data stood, so that a restart goes on. */
  readonly market_source_states: { readonly name: string; readonly at_ms: number; readonly state: string };
}

/** The namespace of the migrations. */
export const marketNamespace = 'market';

/** A column of a new table: name, type (`small` for what fits 32 bits), whether it may be null. */
type NewColumn = readonly [name: string, type: 'integer' | 'small' | 'real' | 'text', nullable?: 'nullable'];

/**
 * Rows are keyed by a small series number and, on SQLite, lie in the key's own tree (`without rowid`): 58 bytes a bar
 * where a text key takes 98 (measured over a million bars).
 */
async function createSeriesTable(
  kysely: Kysely<unknown>,
  dialect: DatabaseDialect,
  name: string,
  columns: readonly NewColumn[],
  keyColumns = 1,
): Promise<void> {
  const sqlite = dialect === 'sqlite';
  const types = {
    integer: sqlite ? 'integer' : 'bigint',
    small: 'integer',
    real: sqlite ? 'real' : 'double precision',
    text: 'text',
  };
  const lines = columns.map(
    ([column, type, nullable]) =>
      sql`${sql.ref(column)} ${sql.raw(types[type])} ${sql.raw(nullable ? '' : 'not null')}`,
  );
  const key = sql.join(columns.slice(0, keyColumns).map(([column]) => sql.ref(column)));
  await sql`create table ${sql.table(name)} (series_id integer not null, ${sql.join(lines)}, primary key (series_id, ${key}))
    ${sql.raw(sqlite ? 'strict, without rowid' : '')}`.execute(kysely);
}

/** The steps of the tables, released ones never changed. */
export const marketMigrations: readonly Migration[] = [
  {
    name: '0001-market-data',
    async up(kysely, dialect) {
      const sqlite = dialect === 'sqlite';
      const table = sql.raw(sqlite ? 'strict' : '');
      const identity = sql.raw(sqlite ? 'integer primary key' : 'integer generated always as identity primary key');
      await sql`create table market_series (
        id ${identity},
        instrument_id text not null,
        kind text not null,
        unique (instrument_id, kind)
      ) ${table}`.execute(kysely);
      await createSeriesTable(kysely, dialect, 'market_candles', [
        ['open_at_ms', 'integer'],
        ['open', 'real'],
        ['high', 'real'],
        ['low', 'real'],
        ['close', 'real'],
        ['volume', 'real'],
      ]);
      await createSeriesTable(kysely, dialect, 'market_funding', [
        ['settles_at_ms', 'integer'],
        ['rate', 'real'],
        ['interval_ms', 'integer'],
        ['predicted', 'small'],
        ['exchange_at_ms', 'integer'],
        ['received_at_ms', 'integer'],
      ]);
      await createSeriesTable(kysely, dialect, 'market_open_interest', [
        ['exchange_at_ms', 'integer'],
        ['received_at_ms', 'integer'],
        ['size', 'real'],
        ['notional_usd', 'real'],
      ]);
      await sql`create table market_source_states (
        name text primary key,
        at_ms ${sql.raw(sqlite ? 'integer' : 'bigint')} not null,
        state text not null
      ) ${table}`.execute(kysely);
    },
  },
  {
    name: '0002-more-kinds',
    async up(kysely, dialect) {
      const received = ['received_at_ms', 'integer'] as const;
      await createSeriesTable(kysely, dialect, 'market_volume', [
        ['open_at_ms', 'integer'],
        ['buy_volume', 'real'],
        ['sell_volume', 'real'],
        ['buy_trades', 'integer'],
        ['sell_trades', 'integer'],
      ]);
      await createSeriesTable(kysely, dialect, 'market_indicators', [
        ['open_at_ms', 'integer'],
        ['readings', 'text'],
        ['bars', 'integer'],
        ['missing', 'integer', 'nullable'],
      ]);
      await createSeriesTable(kysely, dialect, 'market_quotes', [
        ['exchange_at_ms', 'integer'],
        ['last', 'real'],
        ['mark', 'real'],
        ['index_price', 'real', 'nullable'],
        ['bid', 'real'],
        ['ask', 'real'],
        received,
      ]);
      await createSeriesTable(kysely, dialect, 'market_predicted_funding', [
        ['exchange_at_ms', 'integer'],
        ['settles_at_ms', 'integer'],
        ['rate', 'real'],
        ['interval_ms', 'integer'],
        ['predicted', 'small'],
        received,
      ]);
      await createSeriesTable(
        kysely,
        dialect,
        'market_liquidations',
        [['exchange_at_ms', 'integer'], ['side', 'text'], ['price', 'real'], ['size', 'real'], received],
        4,
      );
      await createSeriesTable(kysely, dialect, 'market_predictions', [
        ['exchange_at_ms', 'integer'],
        ['bid', 'real'],
        ['ask', 'real'],
        ['depth_usd', 'real'],
        received,
      ]);
    },
  },
];

/**
 * Brings the tables of market data up to date. A new SQLite file is set to give space back in steps
 * (`auto_vacuum = incremental`), which can only be chosen before the first table.
 * @throws ConfigError `database.newer`; StoreError
 */
export async function openMarketTables(database: Database): Promise<void> {
  if (database.dialect === 'sqlite') {
    const { rows } = await sql<{ tables: number }>`select count(*) as tables from sqlite_master`.execute(
      database.kysely,
    );
    if (rows[0]?.tables === 0) {
      await sql`pragma auto_vacuum = incremental`.execute(database.kysely);
      await sql`vacuum`.execute(database.kysely);
    }
  }
  await migrate(database, { namespace: marketNamespace, migrations: marketMigrations });
}
