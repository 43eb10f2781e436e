import { ModelError, PerpDeskError } from '@perpdesk/core';
import { AnswerTooLong } from './load-openai.ts';

/**
 * Turns what the client threw into an error of the port. Nothing of it is carried on but the status: its messages, headers and bodies
 * come from outside and may repeat the key.
 */
export function modelErrorOf(error: unknown, signal: AbortSignal): PerpDeskError {
  if (PerpDeskError.is(error)) return error;
  if (signal.aborted) return new ModelError('model.timeout', 'The model did not answer in time.', { retryable: true });
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof AnswerTooLong) {
      return new ModelError('model.invalid-answer', 'The answer is longer than allowed.');
    }
  }
  if (error instanceof SyntaxError)
    return new ModelError('model.invalid-answer', 'The server answered what is not JSON.');
  const status = statusOf(error);
  if (status === undefined) {
    return new ModelError('model.unavailable', 'The model could not be reached.', { retryable: true });
  }
  const retryable = status === 408 || status === 409 || status === 429 || status >= 500;
  return new ModelError('model.unavailable', `The model's server answered with status ${status}.`, { retryable });
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('status' in error)) return undefined;
  return typeof error.status === 'number' ? error.status : undefined;
}
