import type { Decimal, MarginMode, OrderIntent, VenueCapabilities, VenueLane } from '@perpdesk/core';
import type { AccountRequest, CcxtVenue, GuardedExchange, SignedRequest } from '@perpdesk/core/ccxt';
import type { NativeFill, NativeFunding, NativeOrder, NativePosition, WireOrder, WireOutcome } from './native-order.ts';
import type { TradedMarket } from './traded-markets.ts';
import type { Fields } from './wire-values.ts';

/** An answer of the venue: undefined `json` where it is not readable. Numbers in it are texts. */
export interface WireAnswer {
  readonly status: number;
  readonly json: unknown;
}

export type VenueRequest = Omit<AccountRequest, 'lane'> & {
  readonly lane?: VenueLane;
  /** How many items of an answer weigh one more, where the venue counts them. */
  readonly itemsPerWeight?: number;
};

/** One user's account, as an adapter may use it. */
export interface VenueAccount {
  /** What the account is called at the venue, where requests name it: an address, an index. */
  readonly identity: string;
  nowMs(): number;
  market(nativeId: string): TradedMarket | undefined;
  markets(): readonly TradedMarket[];
  /**
   * Reads; the answer parsed.
   * @throws VenueError `venue.unreachable`, `venue.rate-limited`, `venue.refused`
   */
  read(request: VenueRequest): Promise<unknown>;
  /** Acts, once. @throws VenueError `venue.unreachable`: what became of it is not known */
  act(request: VenueRequest): Promise<WireAnswer>;
}

/** An order to be sent. */
export interface PlacedLeg {
  readonly intent: OrderIntent;
  readonly market: TradedMarket;
  readonly clientId: string;
  readonly expiresAtMs: number;
}

/** Where an order is, for what finds, cancels and amends it. */
export interface OrderRef {
  readonly clientId: string | undefined;
  readonly venueOrderId: string | undefined;
  readonly market: TradedMarket | undefined;
  /** Undefined where it is not known. */
  readonly conditional: boolean | undefined;
}

/** How an account trades an instrument at present. */
export interface AccountSetting {
  readonly leverage: Decimal | undefined;
  readonly marginMode: MarginMode | undefined;
}

/** The money of an account; what the venue does not tell is undefined. */
export interface NativeAccount {
  readonly asset: string;
  readonly balance: Decimal;
  readonly equity: Decimal;
  readonly unrealizedPnl: Decimal;
  readonly usedMargin: Decimal;
  readonly availableMargin: Decimal;
  readonly hedgeMode: boolean;
}

/** What a key may do and how its account is set up. */
export interface KeyReport {
  /** Undefined where the venue does not tell. */
  readonly canTrade: boolean | undefined;
  readonly canWithdraw: boolean | undefined;
  readonly hedgeMode: boolean;
}

/** What a socket message told. */
export interface NativeNews {
  readonly orders?: readonly NativeOrder[];
  readonly fills?: readonly NativeFill[];
  /** Positions or balances changed in a way that has to be read. */
  readonly accountChanged?: boolean;
}

/**
 * What differs between venues: names, units, endpoints, answers. What they share (authorisation, ids, precision, the check
 * of the bytes, watching, leverage before an entry, dead man's rule) is in {@link CcxtVenue}.
 */
export interface VenueAdapter {
  readonly venue: CcxtVenue;
  readonly capabilities: VenueCapabilities;
  /** The names of the secrets that must be in the vault. */
  readonly secrets: readonly string[];
  /** True when an order that replaces another carries what is left of it alone, not the whole. */
  readonly amendsRest?: boolean;
  readonly nativeId: (listed: Fields) => string | undefined;
  readonly base?: (listed: Fields) => string | undefined;
  /** What order requests call a market, where that is another name. */
  readonly wireId?: (listed: Fields) => string | undefined;
  /** ccxt's options from the secrets; what is no secret of ccxt's goes here. */
  readonly ccxtOptions?: (secrets: Readonly<Record<string, string>>) => Readonly<Record<string, unknown>>;
  identity(secrets: Readonly<Record<string, string>>): string;
  /** Our id as the venue takes it. */
  clientId(clientOrderId: string): string;
  /** Our id from the venue's form; undefined when it is none of ours, or when it can not be told from it alone. */
  clientOrderId(clientId: string): string | undefined;
  /** Sends orders, one request where there are several and the venue can. One outcome each, in their order. */
  place(account: VenueAccount, legs: readonly PlacedLeg[], bracket: boolean): Promise<readonly WireOutcome[]>;
  /** Replaces the open order `open` by the leg. */
  amend?(account: VenueAccount, leg: PlacedLeg, open: NativeOrder): Promise<WireOutcome>;
  /** What it carries, when a request places or changes orders; undefined when it does neither. @throws when it is not readable */
  readOrders(request: SignedRequest): readonly WireOrder[] | undefined;
  cancel(account: VenueAccount, ref: OrderRef): Promise<WireOutcome>;
  /** Cancels everything of the markets; left out where it is one by one. */
  cancelAll?(account: VenueAccount, markets: readonly TradedMarket[]): Promise<WireOutcome>;
  fetchSetting(account: VenueAccount, market: TradedMarket): Promise<AccountSetting>;
  /** @throws VenueError `venue.refused` */
  applySetting(
    account: VenueAccount,
    market: TradedMarket,
    setting: {
      readonly leverage: number;
      readonly marginMode: MarginMode | undefined;
      readonly present: AccountSetting;
    },
  ): Promise<void>;
  fetchOrder(account: VenueAccount, ref: OrderRef): Promise<NativeOrder | undefined>;
  fetchOpenOrders(account: VenueAccount): Promise<readonly NativeOrder[]>;
  fetchPositions(account: VenueAccount): Promise<readonly NativePosition[]>;
  fetchFills(account: VenueAccount, sinceMs: number): Promise<readonly NativeFill[]>;
  /** Funding received and paid since an instant, in any order; one may come twice. Left out where the venue does not tell. */
  fetchFunding?(account: VenueAccount, sinceMs: number): Promise<readonly NativeFunding[]>;
  /** How long lies between two instants at which funding is paid, ms, whole from the epoch on. Left out where it differs or is not known. */
  readonly fundingEveryMs?: number;
  fetchAccount(account: VenueAccount): Promise<NativeAccount>;
  fetchKeyReport(account: VenueAccount, secrets: Readonly<Record<string, string>>): Promise<KeyReport>;
  /** Sets the venue's timer; undefined takes it away. Left out where there is none. */
  setDeadMan?(
    account: VenueAccount,
    afterMs: number | undefined,
    markets: readonly TradedMarket[],
  ): Promise<WireOutcome>;
  readonly shortestDeadManMs?: number;
  /** What is watched, and how its messages are read. */
  readonly watches: readonly ((exchange: GuardedExchange) => Promise<unknown>)[];
  readNews(frame: unknown): NativeNews | undefined;
  /** Turns an answer that is no success into an error. */
  refusalOf(answer: WireAnswer): VenueRefusal | undefined;
}

/** Why a venue did not do what it was asked. `unknown`: it does not say whether it did. */
export interface VenueRefusal {
  readonly kind: 'refused' | 'rate-limited' | 'unknown';
  readonly code: string;
  readonly message: string;
}
