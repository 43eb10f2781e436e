import { StoreError, silentLogger } from '@perpdesk/core';
import { Database } from '@perpdesk/core/database';
import type { SimulatedTime } from './simulated-time.ts';

type Kysely = Database['kysely'];
type Plugin = Parameters<Kysely['withPlugin']>[0];
type Statement = Parameters<Plugin['transformQuery']>[0];

/** What befalls the statements of a process. */
export interface StatementFaults {
  /** True while the database does not answer. */
  readonly failing: () => boolean;
  /** Called with every statement before it is made; may end the process. */
  readonly onStatement: () => void;
  readonly ended: () => boolean;
}

/**
 * A database as one process sees it. While the database fails its statements throw; once the process has ended they do too,
 * so that a transaction it was in is rolled back, as the end of a real process has it.
 */
export function processDatabase(database: Database, time: SimulatedTime, faults: StatementFaults): Database {
  const plugin: Plugin = {
    transformQuery: ({ node }: Statement) => {
      time.stir();
      faults.onStatement();
      if (faults.ended()) throw new StoreError('database.closed', 'The process has ended.');
      if (faults.failing())
        throw new StoreError('database.unreachable', 'The database does not answer.', { retryable: true });
      return node;
    },
    transformResult: async ({ result }) => {
      time.stir();
      return result;
    },
  };
  const { dialect, durability, location } = database;
  return new Database({
    ...{ dialect, durability, location, logger: silentLogger },
    kysely: database.kysely.withPlugin(plugin),
  });
}
