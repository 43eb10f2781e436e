import type { Order, OrderIntent, Rejection } from '@perpdesk/core';

/** What became of a leg. `refused`: by Brix, nothing left. `rejected`: by the venue. `unknown`: only the venue can tell, later. */
export type SendOutcome =
  | { readonly outcome: 'accepted'; readonly order: Order }
  | { readonly outcome: 'refused'; readonly rejection: Rejection }
  | { readonly outcome: 'rejected'; readonly rejection: Rejection }
  | { readonly outcome: 'unknown' };

/** What became of an order that was sent earlier. `never-landed`: the venue does not have it and can not get it any more. */
export type OrderFate = SendOutcome | { readonly outcome: 'never-landed' };

/** What a venue was found to know of an order. `absent`: it does not have it, and may still get it. */
export type LookedUp = OrderFate | { readonly outcome: 'absent' };

/** What an order is found by. */
export type OrderRef = Pick<OrderIntent, 'userId' | 'venue' | 'clientOrderId'>;
