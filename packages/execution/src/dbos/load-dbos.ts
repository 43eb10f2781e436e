import { ConfigError } from '@perpdesk/core';

export type Dbos = typeof import('@dbos-inc/dbos-sdk');

/** What is used of the package, loaded. */
export interface DbosPackage extends Pick<Dbos, 'DBOS' | 'DBOSClient'> {
  readonly errors: Dbos['Error'];
  /**
   * Gives back to the queue what processes left that are gone, by their executor ids; returns the ids of the runs. DBOS calls
   * it at its start for its own id and offers it to its cloud service only, hence the internal path.
   */
  readonly reenqueue: (executorIds: readonly string[]) => Promise<readonly string[]>;
}

/** Loads DBOS, which only this engine needs. @throws ConfigError `package.missing` with the install line */
export async function loadDbos(load: () => Promise<Dbos> = () => import('@dbos-inc/dbos-sdk')): Promise<DbosPackage> {
  try {
    const { DBOS, DBOSClient, Error: errors } = await load();
    const { DBOSExecutor } = await import('@dbos-inc/dbos-sdk/internal/dbos-executor');
    const reenqueue = async (executorIds: readonly string[]): Promise<readonly string[]> => {
      const handles = await DBOSExecutor.globalInstance?.recoverPendingWorkflows([...executorIds]);
      return (handles ?? []).map(({ workflowID }) => workflowID);
    };
    return { DBOS, DBOSClient, errors, reenqueue };
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    // A version without the internal path is as good as none.
    if (!['ERR_MODULE_NOT_FOUND', 'ERR_PACKAGE_PATH_NOT_EXPORTED'].includes(String(code))) throw cause;
    throw new ConfigError(
      'package.missing',
      'Workflows on DBOS need the package @dbos-inc/dbos-sdk: npm install @dbos-inc/dbos-sdk@5.3.0',
      { cause },
    );
  }
}
