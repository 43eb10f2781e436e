import { ConfigError, PerpDeskError, ValidationError, VenueError } from '@perpdesk/core';
import type { Problem } from '@perpdesk/core/api';

/** An HTTP failure with a stable code. */
export class HttpProblem extends Error {
  readonly problem: Problem;

  constructor(status: number, code: string, detail: string) {
    super(detail);
    this.problem = { type: 'about:blank', title: titles[status] ?? 'Error', status, code, detail };
  }
}

const titles: Record<number, string> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  413: 'Content Too Large',
  422: 'Unprocessable Content',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
};

/** What a thrown value becomes for a client: our own errors by kind, anything else without detail. */
export function toProblem(error: unknown): Problem {
  if (error instanceof HttpProblem) return error.problem;
  if (!PerpDeskError.is(error))
    return new HttpProblem(500, 'internal', 'Something went wrong; the log says what.').problem;
  const status =
    ValidationError.is(error) && error.name === ValidationError.name
      ? 422
      : error.name === VenueError.name
        ? 502
        : error.name === ConfigError.name
          ? 409
          : 500;
  return new HttpProblem(status, error.code, error.message).problem;
}
