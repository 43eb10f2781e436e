import type { OpenInterestQuadrant } from '../domain/derivatives.ts';
import type { FundingRate } from '../domain/market-data.ts';

const hourMs = 3_600_000;
/** Changes below these, in percent, are no change. */
const leastPricePercent = 0.05;
const leastInterestPercent = 0.1;

/** A funding rate as a fraction of notional per eight hours: what makes venues with other intervals comparable. */
export const fundingPer8h = ({ rate, intervalMs }: Pick<FundingRate, 'rate' | 'intervalMs'>): number =>
  (rate * 8 * hourMs) / intervalMs;

/** A funding rate as a fraction of notional over 365 days, paid at each interval and not compounded. */
export const fundingPerYear = ({ rate, intervalMs }: Pick<FundingRate, 'rate' | 'intervalMs'>): number =>
  (rate * 365 * 24 * hourMs) / intervalMs;

/**
 * Open interest × price (PRODUCT §2): up/up new longs, up/down new shorts, down/up short covering, down/down capitulation; flat
 * when open interest moved by less than 0.1 % or the price by less than 0.05 %.
 */
export function openInterestQuadrant(interestPercent: number, pricePercent: number): OpenInterestQuadrant {
  if (Math.abs(interestPercent) < leastInterestPercent || Math.abs(pricePercent) < leastPricePercent) return 'flat';
  if (interestPercent > 0) return pricePercent > 0 ? 'new-longs' : 'new-shorts';
  return pricePercent > 0 ? 'short-covering' : 'capitulation';
}
