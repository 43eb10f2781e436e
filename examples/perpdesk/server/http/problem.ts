import { PerpDeskError } from '@perpdesk/core';
import type { Problem } from '@perpdesk/core/api';

/** An HTTP failure with a stable code. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
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
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
};

/** Statuses of our own errors, by the name of their class: two copies of a package have the same names. */
const statuses: Record<string, number> = { ValidationError: 422, ConfigError: 409, VenueError: 502, ModelError: 502 };

/** Statuses of what is no mistake in the request: what is not there, or not any more, what has changed meanwhile, and what comes too often. */
const statusesByCode: Record<string, number> = {
  'approval.unknown': 404,
  'chat.unknown': 404,
  'trace.unknown': 404,
  'chat.forgotten': 409,
  'proposal.unknown': 404,
  'proposal.changed': 409,
  'proposal.expired': 409,
  'proposal.void': 409,
  'proposal.decided': 409,
  'chat.busy': 429,
  'chat.rate': 429,
  'chat.overloaded': 429,
};

/** What a thrown value becomes for a client: our own errors by kind, anything else without detail. */
export function toProblem(error: unknown): Problem {
  if (error instanceof HttpProblem) return error.problem;
  if (!PerpDeskError.is(error)) {
    return new HttpProblem(500, 'internal', 'Something went wrong; the log says what.').problem;
  }
  const status = statusesByCode[error.code] ?? statuses[error.name] ?? 500;
  return new HttpProblem(status, error.code, error.message).problem;
}

/** How long to wait before asking again, in whole seconds (RFC 9110, 10.2.3), where the error says so; never too short. */
export function retryAfterOf(error: unknown): { readonly 'Retry-After'?: string } {
  if (!PerpDeskError.is(error) || error.retryAfterMs === undefined) return {};
  return { 'Retry-After': String(Math.max(1, Math.ceil(error.retryAfterMs / 1_000))) };
}
