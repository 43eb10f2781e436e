import type { DLogger } from '@dbos-inc/dbos-sdk';
import type { Logger } from '@perpdesk/core';
import { WorkflowFailure } from './workflow-failure.ts';

/** Sends what DBOS logs to a desk's logger. Its everyday news are debug; a run that failed is told by the engine itself. */
export function dbosLogger(logger: Logger): DLogger {
  const own = logger.child({ source: 'dbos' });
  return {
    debug: (entry) => own.debug({}, String(entry)),
    info: (entry) => own.debug({}, String(entry)),
    warn: (entry) => own.warn({}, String(entry)),
    error: (entry, metadata) => {
      // DBOS hands errors over as their message, with themselves beside it.
      const error = metadata !== undefined && 'error' in metadata ? metadata.error : entry;
      if (!(error instanceof WorkflowFailure)) own.error({ error }, String(entry));
    },
  };
}
