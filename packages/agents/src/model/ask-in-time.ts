import { type Clock, type LanguageModel, type ModelAnswer, ModelError, type ModelRequest } from '@perpdesk/core';
import type * as z from 'zod';
import { guardOf } from './guard/guard-of.ts';

/** Options of {@link askInTime}. */
export interface AskOptions {
  /** What the model's time is measured with: the machine's, since the desk's own stands still while somebody thinks. */
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  readonly onText?: (piece: string) => void;
}

/**
 * Asks a model and keeps to `request.timeoutMs` whether the model does or not: one that hangs is left behind, one that keeps failing is not
 * asked for a while. The answer is held to the schema a second time, so that a model of anybody's making may be given.
 * @throws ModelError always one of ours: what a library throws may hold headers and bodies, and goes no further.
 */
export function askInTime<Schema extends z.ZodType>(
  model: LanguageModel,
  request: ModelRequest<Schema>,
  { clock, ...options }: AskOptions,
): Promise<ModelAnswer<z.infer<Schema>>> {
  return guardOf(model, clock).generateAs(
    request,
    (answer) => {
      const parsed = request.schema.safeParse(answer.value);
      if (!parsed.success) throw new ModelError('model.invalid-answer', 'The answer does not fit the schema.');
      return { ...answer, value: parsed.data };
    },
    options,
  );
}
