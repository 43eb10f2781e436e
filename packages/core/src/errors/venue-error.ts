import { PerpDeskError } from './perpdesk-error.ts';

/** A venue is unreachable, rate-limited or refused a read. Acting methods return outcomes instead. */
export class VenueError extends PerpDeskError {
  static override readonly kinds: readonly string[] = ['VenueError', ...PerpDeskError.kinds];
  override readonly name: string = 'VenueError';
}
