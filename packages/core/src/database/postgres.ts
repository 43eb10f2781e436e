import { type Driver, Kysely, PostgresDialect, PostgresDriver, type PostgresPool } from 'kysely';
import type pg from 'pg';
import { ConfigError } from '../errors/config-error.ts';
import { silentLogger } from '../logger/logger.ts';
import { Database } from './database.ts';
import type { DatabaseOptions } from './database-options.ts';
import { FailureMappingDriver } from './failure-mapping-driver.ts';
import { loadPeer } from './peer.ts';
import { codeOf, storeFailure } from './store-failure.ts';

const int8 = 20;

/** Opens a pool to a PostgreSQL server and asks it once. */
export async function openPostgres(url: string, location: string, options: DatabaseOptions): Promise<Database> {
  const { default: pgModule } = await loadPeer('pg', 'PostgreSQL', () => import('pg'));
  const logger = options.logger ?? silentLogger;
  const address = new URL(url);
  const asked = address.searchParams.get('options');
  address.searchParams.delete('options');
  const settings = [
    ...(asked === null ? [] : [asked]),
    ...(options.durability === 'normal' ? ['-c synchronous_commit=off'] : []),
    ...(options.readOnly ? ['-c default_transaction_read_only=on'] : []),
    ...(options.busyTimeoutMs === undefined ? [] : [`-c lock_timeout=${options.busyTimeoutMs}`]),
  ];
  const pool = new pgModule.Pool({
    connectionString: address.href,
    max: options.connections ?? 10,
    application_name: 'perpdesk',
    types: { getTypeParser: parserOf(pgModule.types) },
    ...(settings.length === 0 ? {} : { options: settings.join(' ') }),
  });
  // Without a listener, a connection that the server ends while it is idle would end the process.
  pool.on('error', (error) => logger.warn({ error: error.message, location }, 'an idle database connection was lost'));
  // The same of one that is lost between two statements of a transaction: the next statement fails of it.
  pool.on('connect', (client) => client.on('error', () => {}));
  try {
    await pool.query('select 1');
  } catch (cause) {
    await pool.end();
    throw openFailure(location, cause);
  }
  const kysely = new Kysely<unknown>({ dialect: new DeskPostgresDialect(pool, location) });
  return new Database({ kysely, dialect: 'postgres', location, durability: options.durability ?? 'full', logger });
}

class DeskPostgresDialect extends PostgresDialect {
  readonly #pool: PostgresPool;
  readonly #location: string;

  constructor(pool: PostgresPool, location: string) {
    super({ pool });
    this.#pool = pool;
    this.#location = location;
  }

  override createDriver(): Driver {
    return new FailureMappingDriver(new PostgresDriver({ pool: this.#pool }), this.#location);
  }
}

/** This pool's parsers: 64-bit integers are numbers (instants and positions fit), everything else is as pg has it. */
function parserOf(types: typeof pg.types): typeof pg.types.getTypeParser {
  return (oid, format) => (oid === int8 && format !== 'binary' ? Number : types.getTypeParser(oid, format));
}

function openFailure(location: string, cause: unknown): Error {
  const code = codeOf(cause);
  if (code.startsWith('28'))
    return new ConfigError('database.refused', `${location} refuses the user or the password.`, { cause });
  if (code === '3D000') return new ConfigError('database.missing', `There is no database ${location}.`, { cause });
  return storeFailure(location, cause);
}
