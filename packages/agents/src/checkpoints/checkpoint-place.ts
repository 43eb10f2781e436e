import type { RunnableConfig } from '@langchain/core/runnables';
import { ValidationError } from '@perpdesk/core';

/** Where a checkpoint lies. */
export interface CheckpointPlace {
  readonly threadId: string;
  readonly namespace: string;
  /** Undefined: the newest. */
  readonly checkpointId: string | undefined;
}

/**
 * Reads the place off LangGraph's configuration.
 * @throws ValidationError `checkpoint.place` where a member is missing or no text
 */
export function placeOf(config: RunnableConfig): CheckpointPlace {
  const { threadId, namespace, checkpointId } = wantedOf(config);
  if (threadId === undefined)
    throw new ValidationError(
      'checkpoint.place',
      'A checkpoint needs configurable.thread_id, a text that is not empty.',
    );
  return { threadId, namespace: namespace ?? '', checkpointId };
}

/** The same of a search, in which everything may be left open. @throws ValidationError `checkpoint.place` */
export function wantedOf(config: RunnableConfig): {
  readonly threadId: string | undefined;
  readonly namespace: string | undefined;
  readonly checkpointId: string | undefined;
} {
  const { thread_id, checkpoint_ns, checkpoint_id } = config.configurable ?? {};
  return {
    threadId: textOf('thread_id', thread_id) || undefined,
    namespace: textOf('checkpoint_ns', checkpoint_ns),
    checkpointId: textOf('checkpoint_id', checkpoint_id) || undefined,
  };
}

/** The configuration of a place. */
export const configOf = (threadId: string, namespace: string, checkpointId: string): RunnableConfig => ({
  configurable: { thread_id: threadId, checkpoint_ns: namespace, checkpoint_id: checkpointId },
});

function textOf(name: string, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string')
    throw new ValidationError('checkpoint.place', `configurable.${name} is a ${typeof value}; it must be a text.`);
  return value;
}
