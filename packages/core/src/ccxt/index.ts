// The barrel of @perpdesk/core/ccxt: the one place that loads ccxt. Hardened clients of venues; needs Node and the peer ccxt.
export {
  type AccountAnswer,
  type AccountRequest,
  countedActs,
  type HttpTransport,
  type SignedRequest,
} from './account-requests.ts';
export type { CcxtClient, CcxtSockets, ClockSkew, GuardedExchange, SentSubscription } from './ccxt-client.ts';
export { type CcxtVenue, ccxtVenues } from './ccxt-venues.ts';
export type { OpenedSocket, SocketOpener } from './inject-wires.ts';
export { type CcxtClientOptions, openCcxtClient } from './open-ccxt-client.ts';
