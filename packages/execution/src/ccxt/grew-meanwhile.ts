import type { Logger, OrderIntent, PlaceOutcome } from '@perpdesk/core';
import type { AccountSession } from './account-session.ts';
import type { TradedMarket } from './traded-markets.ts';
import type { VenueAdapter } from './venue-adapter.ts';

/**
 * What filled between the look at an order and its replacement is not in the replacement's size: an entry that would come to
 * more than was authorised is cancelled, and what became of it is found out. Undefined when it did not grow.
 */
export async function grewMeanwhile(options: {
  readonly session: AccountSession;
  readonly intent: OrderIntent;
  readonly market: TradedMarket;
  readonly adapter: VenueAdapter;
  readonly logger: Logger;
}): Promise<PlaceOutcome | undefined> {
  const { adapter, intent, logger, market, session } = options;
  const { clientOrderId, size } = intent;
  const whole = await session.fetchNative(clientOrderId, market, { anew: true });
  if (whole === undefined || whole.size.times(market.unit).lessThanOrEqualTo(size)) return undefined;
  const cancelled = await adapter.cancel(session.in('close'), session.refs.ref(clientOrderId, market));
  logger.warn({ clientOrderId, cancelled }, 'an amended entry had grown and is cancelled');
  return { outcome: 'unknown', reason: 'It filled while it was amended, and was cancelled.' };
}
