import type { InfoRequest } from '../info/info-request.ts';
import type { ExchangeChanges } from '../records/exchange-changes.ts';

/** A subscription as the exchange acknowledges it: only the fields it knows, addresses in lower case. */
export type Subscription = Readonly<Record<string, unknown>> & { readonly type: string };

/** One kind of subscription. */
export interface SubscriptionTopic {
  /** The channel its messages come on, where it is not named like the subscription. */
  readonly channel?: string;
  /** The fields that make the subscription, undefined when they can not be read. */
  read(request: InfoRequest): Readonly<Record<string, unknown>> | undefined;
  /** What a new subscriber is sent at once. */
  initial(subscription: Subscription): readonly unknown[];
  /** What subscribers are sent after something happened. */
  update(subscription: Subscription, changes: ExchangeChanges): readonly unknown[];
}
