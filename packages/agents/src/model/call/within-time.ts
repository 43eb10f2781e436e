import {
  type Clock,
  type LanguageModel,
  type ModelAnswer,
  type ModelCallOptions,
  ModelError,
  type ModelRequest,
  PerpDeskError,
} from '@perpdesk/core';
import type * as z from 'zod';

/** The error of a question whose time is over or whose caller gave up. */
export const outOfTime = (): ModelError =>
  new ModelError('model.timeout', 'The model did not answer in time.', { retryable: true });

/**
 * Asks a model and waits for the request's time at most, whether the model keeps to it or not. What it throws that is no error of
 * ours becomes one.
 * @throws ModelError those of the port; PerpDeskError of the model's set-up.
 */
export async function askWithin<Schema extends z.ZodType>(
  model: LanguageModel,
  request: ModelRequest<Schema>,
  clock: Clock,
  options: ModelCallOptions = {},
): Promise<ModelAnswer<z.infer<Schema>>> {
  const { signal: outer, ...rest } = options;
  const abort = new AbortController();
  const late = Promise.withResolvers<never>();
  // Nobody may be racing against it yet, or any more, when it rejects.
  late.promise.catch(() => undefined);
  const give = (): void => {
    abort.abort();
    late.reject(outOfTime());
  };
  const cancelTimer = clock.setTimer(request.timeoutMs, give);
  if (outer?.aborted) give();
  else outer?.addEventListener('abort', give, { once: true });
  try {
    return await Promise.race([model.generate(request, { ...rest, signal: abort.signal }), late.promise]);
  } catch (error) {
    throw asModelError(error);
  } finally {
    cancelTimer();
    outer?.removeEventListener('abort', give);
  }
}

/** An error of ours as it is; of anything else only that it happened: what a library throws may hold headers and bodies. */
export function asModelError(error: unknown): PerpDeskError {
  if (PerpDeskError.is(error)) return error;
  return new ModelError('model.unavailable', 'The model failed in a way of its own.', { retryable: true });
}
