import type { MarketBusStats } from '../ports/market-bus.ts';

/** What a market bus counts over all its topics and listeners, those that have left among them. */
export class MarketCounts implements MarketBusStats {
  published = 0;
  delivered = 0;
  conflated = 0;
  overflowed = 0;
  failed = 0;
}
