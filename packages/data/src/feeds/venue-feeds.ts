import type { VenueFeed } from './venue-feed.ts';
import { aster } from './venues/aster.ts';
import { binance } from './venues/binance.ts';
import { bybit } from './venues/bybit.ts';
import { coinbase } from './venues/coinbase.ts';
import { hyperliquid } from './venues/hyperliquid.ts';
import { lighter } from './venues/lighter.ts';
import { okx } from './venues/okx.ts';

/** Our name of a venue there is a feed of. */
export type FeedVenue = 'hyperliquid' | 'lighter' | 'binance' | 'aster' | 'coinbase' | 'bybit' | 'okx';

/** Every venue there is a feed of. */
export const venueFeeds: Readonly<Record<FeedVenue, VenueFeed>> = {
  hyperliquid,
  lighter,
  binance,
  aster,
  coinbase,
  bybit,
  okx,
};
