import { exact } from '../exact/exact.ts';
import type { ExposureLimit } from './exposure-limit.ts';

/** Notional at one venue, open, resting and pending, with the new one: `maxVenueNotional`. */
export const venueExposureLimit: ExposureLimit = {
  step: 'venue-exposure',
  code: 'venue-exposure.limit',
  message: 'The notional at the venue would be over its limit.',
  allows: ({ limits, book, entry }) =>
    limits.maxVenueNotional === undefined ? undefined : exact(limits.maxVenueNotional).minus(book.notional).buys(entry),
  measure: (size, { limits, book, entry }) =>
    limits.maxVenueNotional === undefined
      ? undefined
      : { limit: exact(limits.maxVenueNotional), actual: book.notional.plus(size.times(entry)) },
};
