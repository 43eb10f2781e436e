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
  /** Open orders of every type can be replaced. */
  readonly amend: boolean;
  /** How protection follows a changing position. */
  readonly protection: 'attached' | 'replace-in-place' | 'order';
  readonly marginModes: readonly MarginMode[];
  readonly postOnly: boolean;
  /** For how long the venue refuses a client order id it has seen. */
  readonly clientOrderIds: 'unique-forever' | 'unique-among-open' | 'not-enforced';
  /** How many orders go in one request; 1 where each goes alone. */
  readonly maxBatch: number;
  /**
   * Stops and take profits that rest at the venue and trigger by mark price. `bracket`: also together with their entry, held
   * back until it fills, one ending the other. `order`: as orders of their own. `none`: not at all.
   */
  readonly nativeProtection: 'bracket' | 'order' | 'none';
  /** What one request cancels; `one-by-one` where each order is cancelled by itself. */
  readonly cancelAll: 'account' | 'instrument' | 'one-by-one';
  /** What the venue cancels by itself when it hears nothing more from us. */
  readonly deadMansSwitch: 'account' | 'instrument' | 'none';
  /** How long after its authorisation has ended an order may still land, ms: 0 where the expiry is signed. */
  readonly landsLateByMs: number;
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

/** How to place several orders. */
export interface PlaceAllOptions {
  /**
   * The first is an entry and the others protect it: the venue holds them back until it fills, and one ends the other. Only
   * where `capabilities.nativeProtection` is `bracket`.
   */
  readonly bracket?: boolean;
  readonly signal?: AbortSignal;
}

/** A venue's own timer that cancels orders when we are not heard of. It knows nothing of positions: it takes stops, too. */
export interface DeadMansSwitch {
  /** The shortest time it can be set to, ms. */
  readonly shortestMs: number;
  /**
   * Sets the user's timer anew, while flat with resting entries alone: else refused, with `position.exists`, `stop.missing`
   * (something protective rests) or `order.unknown` (nothing rests). A refusal by the venue turns the switch off for the
   * user: `unavailable` says so. Beat it every third of its time.
   */
  arm(userId: string, afterMs: number, options?: { readonly signal?: AbortSignal }): Promise<CancelOutcome>;
  /** Takes the user's timer away. */
  disarm(userId: string, options?: { readonly signal?: AbortSignal }): Promise<CancelOutcome>;
  /** Undefined while the switch may be used for the user, else why not. */
  unavailable(userId: string): string | undefined;
}

/** What a venue tells about a user's account as it happens, in the venue's order. */
export type VenueUpdate =
  | { readonly kind: 'order'; readonly order: Order }
  | { readonly kind: 'fill'; readonly fill: Fill }
  | { readonly kind: 'position'; readonly position: Position | undefined; readonly instrumentId: InstrumentId }
  | { readonly kind: 'funding'; readonly payment: FundingPayment }
  | { readonly kind: 'account'; readonly account: Account };

/** Reads of a user's account at a venue. All throw VenueError when the venue can not answer; an empty answer is an answer. */
export interface VenueAccountReader {
  /**
   * Undefined when the venue does not have it. `instrumentId`: give it where it is known; some venues can be asked for an
   * order only by its instrument, and throw `venue.refused` without.
   */
  fetchOrder(
    userId: string,
    clientOrderId: string,
    options?: { readonly instrumentId?: InstrumentId; readonly signal?: AbortSignal },
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
  /**
   * Sends several authorised legs, as many to a request as the venue takes; one outcome for each, in their order.
   * @throws ValidationError `venue.bracket-unsupported` for a bracket where the venue has none.
   */
  placeAll(orders: readonly ApprovedOrder[], options?: PlaceAllOptions): Promise<readonly PlaceOutcome[]>;
  /**
   * Cancels every order of the user, or those of one instrument: protective ones too, wherever the venue keeps them.
   * `unknown` when it is not known of one of them.
   */
  cancelAll(
    userId: string,
    instrumentId?: InstrumentId,
    options?: { readonly signal?: AbortSignal },
  ): Promise<CancelOutcome>;
  /** Where the venue has one. */
  readonly deadMansSwitch?: DeadMansSwitch;
  /** Account updates of a user from now on. */
  watch(userId: string, listener: (update: VenueUpdate) => void): Unsubscribe;
}
