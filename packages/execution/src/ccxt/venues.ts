import type { VenueAdapter } from './venue-adapter.ts';
import { aster } from './venues/aster.ts';
import { binance } from './venues/binance.ts';
import { bybit } from './venues/bybit.ts';
import { hyperliquid } from './venues/hyperliquid.ts';
import { lighter } from './venues/lighter.ts';
import { okx } from './venues/okx.ts';

/** The venues that orders can be sent to. */
export const ccxtVenueNames = ['hyperliquid', 'lighter', 'binance', 'bybit', 'okx', 'aster'] as const;
/** One of {@link ccxtVenueNames}. */
export type CcxtVenueName = (typeof ccxtVenueNames)[number];

/** What differs between them, one file each. */
export const venueAdapters: Readonly<Record<CcxtVenueName, VenueAdapter>> = {
  hyperliquid,
  lighter,
  binance,
  bybit,
  okx,
  aster,
};
