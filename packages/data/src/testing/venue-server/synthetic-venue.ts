import type { FeedChannel } from '@perpdesk/core';
import type { FeedVenue } from '../../feeds/venue-feeds.ts';
import type { StreamFrame } from './fault-injector.ts';
import type { MarketFact, SyntheticMarket } from './synthetic-market.ts';
import type { VenueProtocol } from './venue-protocol.ts';

/** A venue's words for a synthetic market. */
export interface SyntheticVenue {
  readonly venue: FeedVenue;
  /** At most so many levels a side. */
  readonly widestTicks: number;
  /** What a feed can keep whole here: a lost trade does not show where ids may have holes. */
  readonly channels: readonly FeedChannel[];
  readonly streams: readonly string[];
  readonly tradeStream: string;
  /** Frames in which one changed digit shows: all that a checksum is over. */
  readonly tampers: (stream: string) => boolean;
  /** Requests that may fail. */
  readonly mayFail: RegExp;
  protocol(market: SyntheticMarket): VenueProtocol;
  frame(fact: MarketFact, market: SyntheticMarket): StreamFrame;
}
