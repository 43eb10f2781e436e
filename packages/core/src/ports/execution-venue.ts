import type { Account } from '../domain/account.ts';
import type { Fill, FundingPayment } from '../domain/fill.ts';
import type { Instrument, InstrumentId } from '../domain/instrument.ts';
import type { Order } from '../domain/order.ts';
import type { Position } from '../domain/position.ts';
import type { Rejection } from '../domain/risk-decision.ts';
import type { MarginMode } from '../domain/user.ts';
import type { ApprovedOrder } from './approved-order.ts';
import type { Unsubscribe } from './event-bus.ts';

/** What a venue can do; the contract suite runs what is declared. */
export interface VenueCapabilities {
  readonly kind: 'paper' | 'live';
  readonly amend: boolean;
  /** How protection follows a changing position. */
  readonly protection: 'attached' | 'replace-in-place' | 'order';
  readonly marginModes: readonly MarginMode[];
  readonly postOnly: boolean;
  /** For how long the venue refuses a client order id it has seen. */
  readonly clientOrderIds: 'unique-forever' | 'unique-among-open' | 'not-enforced';
}

/** What became of an act. `unknown`: only a query tells; never sent again blindly. */
export type PlaceOutcome =
  | { readonly outcome: 'accepted'; readonly order: Order }
  | { readonly outcome: 'rejected'; readonly rejection: Rejection }
  | { readonly outcome: 'unknown'; readonly reason: string };
export type CancelOutcome =
  | { readonly outcome: 'accepted' }
  /** The order is final already (filled, cancelled): read it. */
  | { readonly outcome: 'rejected'; readonly rejection: Rejection }
  | { readonly outcome: 'unknown'; readonly reason: string };

/** What a venue tells about a user's account as it happens, in the venue's order. */
export type VenueUpdate =
  | { readonly kind: 'order'; readonly order: Order }
  | { readonly kind: 'fill'; readonly fill: Fill }
  | { readonly kind: 'position'; readonly position: Position | undefined; readonly instrumentId: InstrumentId }
  | { readonly kind: 'funding'; readonly payment: FundingPayment }
  | { readonly kind: 'account'; readonly account: Account };

/** Reads of a user's account at a venue. All throw VenueError when the venue can not answer; an empty answer is an answer. */
export interface VenueAccountReader {
  fetchOrder(
    userId: string,
    clientOrderId: string,
    options?: { readonly signal?: AbortSignal },
  ): Promise<Order | undefined>;
  /** Resting orders, protective ones included. */
  fetchOpenOrders(userId: string, options?: { readonly signal?: AbortSignal }): Promise<readonly Order[]>;
  fetchPositions(userId: string, options?: { readonly signal?: AbortSignal }): Promise<readonly Position[]>;
  fetchFills(userId: string, sinceMs: number, options?: { readonly signal?: AbortSignal }): Promise<readonly Fill[]>;
  fetchAccount(userId: string, options?: { readonly signal?: AbortSignal }): Promise<Account>;
  /** Funding received and paid since an instant, oldest first. Left out where the venue can not tell. */
  fetchFunding?(
    userId: string,
    sinceMs: number,
    options?: { readonly signal?: AbortSignal },
  ): Promise<readonly FundingPayment[]>;
}

/** A place orders are sent to. Acting methods return outcomes and do not throw on them. */
export interface ExecutionVenue extends VenueAccountReader {
  readonly name: string;
  readonly capabilities: VenueCapabilities;
  /** The instruments that can be traded here, with this venue's rules. */
  instruments(): readonly Instrument[];
  /** Undefined when orders can be sent, else why not. */
  unhealthy(): string | undefined;
  /** Sends one authorised leg. The authorisation is verified and spent before anything leaves. */
  place(order: ApprovedOrder, options?: { readonly signal?: AbortSignal }): Promise<PlaceOutcome>;
  /** Replaces the open order of the same client order id by the authorised one. Only where `capabilities.amend`. */
  amend(order: ApprovedOrder, options?: { readonly signal?: AbortSignal }): Promise<PlaceOutcome>;
  /** Cancels one order. Needs no authorisation: it can only lessen what may happen. */
  cancel(userId: string, clientOrderId: string, options?: { readonly signal?: AbortSignal }): Promise<CancelOutcome>;
  /** Account updates of a user from now on. */
  watch(userId: string, listener: (update: VenueUpdate) => void): Unsubscribe;
}
