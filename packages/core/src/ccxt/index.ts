// The barrel of @perpdesk/core/ccxt: the one place that loads ccxt. Hardened clients of venues; needs Node and the peer ccxt.
export type { CcxtClient, CcxtSockets, ClockSkew, GuardedExchange, SentSubscription } from './ccxt-client.ts';
export { type CcxtVenue, ccxtVenues } from './ccxt-venues.ts';
export { type CcxtClientOptions, openCcxtClient } from './open-ccxt-client.ts';
