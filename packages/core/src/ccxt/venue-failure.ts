import { PerpDeskError } from '../errors/perpdesk-error.ts';
import { VenueError } from '../errors/venue-error.ts';
import { encodeControls } from '../security/encode-controls.ts';
import type { Ccxt } from './load-ccxt.ts';

const longestMessage = 200;

/**
 * Turns what ccxt throws into an error of ours: `venue.rate-limited`, `venue.unreachable` (both retryable) or
 * `venue.refused`. Only the venue's own words are kept, without addresses, secrets and long tokens: venues repeat signed
 * texts and keys in what they refuse. The original error is not kept as the cause for the same reason.
 */
export function venueFailure(
  ccxt: Ccxt,
  venue: string,
  error: unknown,
  secrets: readonly string[] = [],
): PerpDeskError {
  if (PerpDeskError.is(error)) return error;
  const said = readable(error, secrets);
  if (error instanceof ccxt.RateLimitExceeded || error instanceof ccxt.DDoSProtection) {
    return new VenueError('venue.rate-limited', `${venue} takes no more requests for now: ${said}`, {
      retryable: true,
    });
  }
  if (error instanceof ccxt.OperationFailed) {
    return new VenueError('venue.unreachable', `${venue} did not answer: ${said}`, { retryable: true });
  }
  return new VenueError('venue.refused', `${venue} refused: ${said}`);
}

function readable(error: unknown, secrets: readonly string[]): string {
  let text = error instanceof Error ? error.message : 'an unknown failure';
  for (const secret of secrets) if (secret !== '') text = text.replaceAll(secret, '…');
  return encodeControls(
    text
      .replace(/(https?|wss?):\/\/([^\s/?#]*)[^\s]*/g, '$2')
      .replace(/[\w+/=-]*\d[\w+/=-]{15,}|[\w+/=-]{15,}\d[\w+/=-]*/g, '…')
      .slice(0, longestMessage),
  );
}
