import type { SqlCheckpointSaver, SqlCheckpointSaverOptions } from './sql-checkpoint-saver.ts';

/**
 * Opens the saver of LangGraph's checkpoints on a database, its tables brought up to date. LangGraph is loaded only here.
 * @throws ConfigError `database.newer`, `database.migrations`
 * @throws StoreError
 * @example
 * ```ts
 * const database = await openDatabase({ url: 'sqlite:desk.db' });
 * const checkpointer = await openCheckpoints({ database, clock: new SystemClock() });
 * const warRoom = new WarRoom({ agents, marketView, checkpointer });
 * ```
 */
export async function openCheckpoints(options: SqlCheckpointSaverOptions): Promise<SqlCheckpointSaver> {
  const { SqlCheckpointSaver: Saver } = await import('./sql-checkpoint-saver.ts');
  const saver = new Saver(options);
  await saver.open();
  return saver;
}
