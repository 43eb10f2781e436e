// The barrel of @perpdesk/execution/ccxt: live venues through ccxt. Needs Node and the peer ccxt.
export { CcxtVenue, type CcxtVenueOptions } from './ccxt-venue.ts';
export type { ConnectionProblem, ConnectionReport } from './connection-report.ts';
export { type CcxtVenueName, ccxtVenueNames } from './venues.ts';
