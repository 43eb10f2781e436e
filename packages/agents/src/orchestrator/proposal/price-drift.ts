import { Decimal, type InstrumentId, isFresh, marketOf, type Proposal, type SharedDeskState } from '@perpdesk/core';
import { showExact, showPrice } from '../answer/show.ts';

/** The mid of an instrument as of now, in quote units; undefined when there is none that is fresh. */
export type ReadMid = (instrumentId: InstrumentId) => number | undefined;

/** Reads mids off the desk's state: those of the market's reference instrument, while fresh. */
export const freshMid =
  (shared: Pick<SharedDeskState, 'ticker'>): ReadMid =>
  (instrumentId) => {
    const ticker = shared.ticker(marketOf(instrumentId));
    return isFresh(ticker) ? (ticker.value.bid + ticker.value.ask) / 2 : undefined;
  };

/** True for what can be a price. */
export const isPrice = (mid: number | undefined): mid is number => mid !== undefined && Number.isFinite(mid) && mid > 0;

/** Why an order is void at the mid there is now; undefined while it holds. Not knowing the price makes it void. */
export function priceDrift(
  { price, maxDrift }: NonNullable<Proposal['reference']>,
  mid: number | undefined,
): string | undefined {
  if (!isPrice(mid)) return 'There is no fresh price to hold the order against.';
  const drift = new Decimal(mid).minus(price).abs().dividedBy(price);
  if (drift.lessThanOrEqualTo(maxDrift)) return undefined;
  const share = showExact(new Decimal(maxDrift).times(100));
  return `The price has moved from ${showPrice(price)} to ${showPrice(mid)}, more than ${share} %.`;
}
