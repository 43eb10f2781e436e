import {
  Decimal,
  type DerivativesView,
  type MarketId,
  type MarketView,
  type Side,
  type Size,
  type Usd,
} from '@perpdesk/core';
import type { VenueDirectory } from '../venue/venue-directory.ts';
import { chooseRoute, type RouteDecision, type RouteRules } from './choose-route.ts';

/** What is to be routed. */
export interface RoutedOrder {
  readonly userId: string;
  readonly market: MarketId;
  readonly side: Side;
  readonly size: Size;
  /** Venues the user may trade on, in order of preference. */
  readonly venues: readonly string[];
  /** Default `taker`. */
  readonly liquidity?: 'maker' | 'taker';
  /** How long the position is expected to be held. Default 8 h. */
  readonly holdingMs?: number;
}

/** Options of {@link VenueRouter}. */
export interface VenueRouterOptions extends RouteRules {
  readonly venues: VenueDirectory;
  readonly marketView: MarketView;
  readonly derivativesView?: DerivativesView;
  /** The most notional that may be added for a user at a venue; undefined where nothing bounds it. */
  readonly room?: (userId: string, venue: string) => Usd | undefined;
  /** How far through its touch a book may be taken. Default 0.002. */
  readonly maxSlippage?: number;
}

/**
 * Says where an order is best sent, with the reasons. It sends nothing: each leg is an order of its own that Brix passes or
 * refuses.
 */
export class VenueRouter {
  readonly #options: VenueRouterOptions;

  constructor(options: VenueRouterOptions) {
    this.#options = options;
  }

  /** Routes an order by what is known as of now. */
  route({
    userId,
    market,
    side,
    size,
    venues,
    liquidity = 'taker',
    holdingMs = 28_800_000,
  }: RoutedOrder): RouteDecision {
    const { derivativesView, marketView, room, maxSlippage = 0.002 } = this.#options;
    const candidates = venues.map((name) => {
      const venue = this.#options.venues.get(name);
      const instrument = venue
        ?.instruments()
        .find((listed) => listed.market === market && listed.contract === 'linear');
      const unhealthy = venue === undefined ? 'is not there' : venue.unhealthy();
      const id = instrument?.id;
      return {
        venue: name,
        instrument,
        unhealthy,
        book: id === undefined ? undefined : marketView.book(id),
        ticker: id === undefined ? undefined : marketView.ticker(id),
        funding: id === undefined ? undefined : derivativesView?.funding(id, 1).at(-1),
        room: room?.(userId, name),
      };
    });
    const request = { side, size: new Decimal(size), liquidity, holdingMs, maxSlippage: new Decimal(maxSlippage) };
    return chooseRoute(request, candidates, this.#options);
  }

  /** The venues that could take an order, best first: where it would go, then by all-in price. Others are left out. */
  rank(order: RoutedOrder): readonly { readonly venue: string; readonly reason: string }[] {
    const { considered, legs } = this.route(order);
    const taken = (venue: string): Decimal => new Decimal(legs.find((leg) => leg.venue === venue)?.size ?? 0);
    const sign = order.side === 'buy' ? 1 : -1;
    return considered
      .filter(({ allInPrice, venue }) => allInPrice !== undefined || taken(venue).greaterThan(0))
      .toSorted(
        (a, b) =>
          taken(b.venue).comparedTo(taken(a.venue)) ||
          sign *
            new Decimal(a.allInPrice ?? Number.POSITIVE_INFINITY).comparedTo(b.allInPrice ?? Number.POSITIVE_INFINITY),
      )
      .map(({ reason, venue }) => ({ venue, reason }));
  }
}
