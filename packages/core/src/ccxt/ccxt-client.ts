import type { Exchange } from 'ccxt';
import type { AccountAnswer, AccountRequest } from './account-requests.ts';
import type { accountMethods, orderMethods, readableFacts, readMethods } from './allowed-methods.ts';
import type { CcxtVenue } from './ccxt-venues.ts';

type Allowed =
  | (typeof readMethods)[number]
  | (typeof accountMethods)[number]
  | (typeof orderMethods)[number]
  | Exclude<(typeof readableFacts)[number], 'events' | 'outcomes'>;

/**
 * What may be asked of ccxt's own object. Everything else throws ConfigError `venue.method-refused`, withdrawals and transfers
 * always; accounts and orders unless the client was opened with `credentials` and `orders`.
 */
export type GuardedExchange = Pick<Exchange, Extract<Allowed, keyof Exchange>>;

/** A subscription as ccxt sent it. */
export interface SentSubscription {
  readonly url: string;
  /** ccxt's names of what is waited for. */
  readonly hashes: readonly string[];
  /** ccxt's names of what it takes to be subscribed. */
  readonly subscribed: readonly string[];
  /** What was sent, to be sent again. */
  readonly message: unknown;
  /** True when ccxt was subscribed already and sends nothing. */
  readonly shared: boolean;
}

/** The sockets of a client. */
export interface CcxtSockets {
  /** The addresses that are connected or connecting. */
  urls(): readonly string[];
  /** True once the socket is open. */
  isOpen(url: string): boolean;
  /** True once a subscription has gone out: ccxt spaces them, which with many takes a while. */
  wasSent(subscription: SentSubscription): boolean;
  /** Sends a message on an open socket; nothing when there is none. */
  send(url: string, message: unknown): void;
  /** Makes ccxt forget a subscription, so that watching it again sends it again. What waits for it rejects. */
  forget(subscription: SentSubscription): void;
  /** Drops a socket at once; what waits on it rejects. */
  drop(url: string, reason: string): void;
}

/** A hardened ccxt instance of one venue. */
export interface CcxtClient {
  readonly venue: CcxtVenue;
  readonly exchange: GuardedExchange;
  readonly sockets: CcxtSockets;
  /**
   * Runs something of the exchange and turns what it throws into an error of ours.
   * @throws VenueError `venue.unreachable`, `venue.rate-limited`, `venue.refused`
   * @throws ConfigError `venue.host-refused`, `venue.attribution-refused`, `venue.method-refused`
   */
  ask<Answer>(question: (exchange: GuardedExchange) => Promise<Answer>): Promise<Answer>;
  /**
   * Calls a public endpoint by ccxt's name of it: `fapiPublicGetAggTrades`.
   * @throws VenueError and ConfigError as {@link ask}
   */
  askEndpoint(name: string, params: Readonly<Record<string, unknown>>): Promise<unknown>;
  /**
   * Watches: resolves or rejects as ccxt's promise does. `sent` is called when the subscription is made.
   * @throws VenueError and ConfigError as {@link ask}
   */
  watch(
    question: (exchange: GuardedExchange) => Promise<unknown>,
    sent: (subscription: SentSubscription) => void,
  ): Promise<void>;
  /**
   * Reads an account. Gives back what came, whatever it says; retried never.
   * @throws VenueError `venue.unreachable` when nothing readable came
   * @throws ConfigError as {@link ask}
   */
  readAccount(request: AccountRequest): Promise<AccountAnswer>;
  /**
   * Acts for an account, once: counted, shown to `onRequest` as it goes over the wire, sent, never retried. Only for a client
   * that was opened with `orders`.
   * @throws VenueError `venue.unreachable` when nothing readable came: what became of it is not known
   * @throws ConfigError as {@link ask}, and what `onRequest` throws: then nothing was sent
   */
  act(request: AccountRequest): Promise<AccountAnswer>;
  /** Asks the venue for its time. @throws VenueError as {@link ask} */
  measureSkew(): Promise<ClockSkew>;
  /** Drops every socket and request. Nothing can be asked any more. Never throws. */
  close(): Promise<void>;
}

/** How far a venue's clock is before ours. */
export interface ClockSkew {
  /** Venue minus ours, ms; positive when the venue is ahead. */
  readonly skewMs: number;
  /** Half the round trip: the most by which it may be wrong, beside the venue's own rounding. */
  readonly uncertaintyMs: number;
  readonly measuredAtMs: number;
}
