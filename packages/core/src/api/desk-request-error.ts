import type { PerpDeskErrorOptions } from '../errors/perpdesk-error.ts';
import { VenueError } from '../errors/venue-error.ts';

/**
 * A request that the product refused, or that did not come through. Codes of its own: `desk.unreachable`, `desk.timed-out`,
 * `desk.unreadable`, `desk.failed`, `stream.unsupported`; all others are the server's.
 */
export class DeskRequestError extends VenueError {
  static override readonly kinds: readonly string[] = ['DeskRequestError', ...VenueError.kinds];
  override readonly name: string = 'DeskRequestError';
  /** The HTTP status, where there was an answer. */
  readonly status: number | undefined;

  constructor(
    code: string,
    message: string,
    options: PerpDeskErrorOptions & { readonly status?: number | undefined } = {},
  ) {
    super(code, message, options);
    this.status = options.status;
  }
}
