import { type Kysely, sql } from 'kysely';
import { ConfigError } from '../errors/config-error.ts';
import type { Database, DatabaseDialect } from './database.ts';

/** One step of a schema, applied once and never changed after its release. */
export interface Migration {
  /** Sortable, such as `0001-orders`. */
  readonly name: string;
  up(kysely: Kysely<unknown>, dialect: DatabaseDialect): Promise<void>;
}

interface MigrationTables {
  perpdesk_migrations: { namespace: string; name: string; applied_at_ms: number };
}

/** The key of the advisory lock under which PostgreSQL is migrated: "perpdesk" in ASCII, cut to 53 bits. */
const migrationLock = 0x72706465736b;

/**
 * Brings a component's tables up to date, all steps in one transaction. Several processes may do so at once.
 * @throws ConfigError `database.newer` when a step is applied that this version does not know; `database.migrations` when
 * the list does not go on from what is applied.
 * @throws StoreError
 */
export async function migrate(
  database: Database,
  options: { readonly namespace: string; readonly migrations: readonly Migration[] },
): Promise<void> {
  const { namespace, migrations } = options;
  await database.transaction(async (transaction) => {
    const kysely = transaction.as<MigrationTables>();
    if (transaction.dialect === 'postgres')
      await sql`select pg_advisory_xact_lock(${migrationLock}::bigint)`.execute(kysely);
    await kysely.schema
      .createTable('perpdesk_migrations')
      .ifNotExists()
      .addColumn('namespace', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('applied_at_ms', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('perpdesk_migrations_key', ['namespace', 'name'])
      .execute();
    const rows = await kysely
      .selectFrom('perpdesk_migrations')
      .select('name')
      .where('namespace', '=', namespace)
      .execute();
    const applied = new Set(rows.map(({ name }) => name));
    const known = new Set(migrations.map(({ name }) => name));
    const unknown = [...applied].filter((name) => !known.has(name)).sort()[0];
    if (unknown !== undefined) {
      throw new ConfigError(
        'database.newer',
        `The database ${database.location} was made by a newer version: it has the step ${namespace}/${unknown}.`,
      );
    }
    const pending = migrations.slice(applied.size);
    const overlooked = migrations.slice(0, applied.size).find(({ name }) => !applied.has(name));
    if (overlooked !== undefined) {
      throw new ConfigError(
        'database.migrations',
        `The step ${namespace}/${overlooked.name} comes before steps that ${database.location} has already.`,
      );
    }
    const nowMs =
      transaction.dialect === 'postgres'
        ? sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`
        : sql<number>`cast(unixepoch('subsec') * 1000 as integer)`;
    for (const migration of pending) {
      await migration.up(transaction.as(), transaction.dialect);
      await kysely
        .insertInto('perpdesk_migrations')
        .values({ namespace, name: migration.name, applied_at_ms: nowMs })
        .execute();
    }
  });
}
