import { ModelError, type ModelUsage, PerpDeskError } from '@perpdesk/core';
import { outOfTime } from '../model/call/within-time.ts';
import { AnswerTooLong } from './load-openai.ts';

/** Failures before anything was sent. */
const notSent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/** The longest that a server's wish to be left alone is taken seriously. */
const longestRetryAfterMs = 3_600_000;

/**
 * Turns what the client threw into an error of the port. Nothing of it is carried on but the status and how long to wait: its
 * messages, headers and bodies come from outside and may repeat the key.
 * @param spent What earlier requests of the question took: all of it where the server did not begin to answer this one.
 */
export function modelErrorOf(error: unknown, signal: AbortSignal, spent: ModelUsage): PerpDeskError {
  if (PerpDeskError.is(error)) return error;
  if (signal.aborted) return outOfTime();
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof AnswerTooLong) {
      return new ModelError('model.invalid-answer', 'The answer is longer than allowed.');
    }
    if ('code' in cause && notSent.has(String(cause.code))) {
      return new ModelError('model.unavailable', 'The model could not be reached.', { retryable: true, usage: spent });
    }
  }
  if (error instanceof SyntaxError)
    return new ModelError('model.invalid-answer', 'The server answered what is not JSON.');
  const status = memberOf(error, 'status');
  if (typeof status !== 'number') {
    return new ModelError('model.unavailable', 'The model could not be reached.', { retryable: true });
  }
  const retryAfterMs = retryAfterOf(memberOf(error, 'headers'));
  return new ModelError('model.unavailable', `The model's server answered with status ${status}.`, {
    retryable: status === 408 || status === 409 || status === 429 || status >= 500,
    usage: spent,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value ? Reflect.get(value, name) : undefined;
}

/** `retry-after-ms`, else `retry-after` in seconds; a date there is left out, the machine's clock is not ours to read. */
function retryAfterOf(headers: unknown): number | undefined {
  if (!(headers instanceof Headers)) return undefined;
  const milliseconds = headers.get('retry-after-ms');
  const seconds = headers.get('retry-after');
  const waitMs = milliseconds === null ? Number(seconds ?? Number.NaN) * 1_000 : Number(milliseconds);
  return waitMs >= 0 ? Math.min(Math.ceil(waitMs), longestRetryAfterMs) : undefined;
}
