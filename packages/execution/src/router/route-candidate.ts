import {
  type BookLevel,
  Decimal,
  type FundingRate,
  type Instrument,
  isFresh,
  type OrderBookSnapshot,
  priceFromNumber,
  type Reading,
  type Side,
  sizeFromNumber,
  type Ticker,
  type Usd,
} from '@perpdesk/core';

/** What an order is routed by. */
export interface RouteRequest {
  readonly side: Side;
  /** Base units. */
  readonly size: Decimal;
  /** How the order is expected to fill; a maker pays the maker fee and no depth. */
  readonly liquidity: 'maker' | 'taker';
  /** How long the position is expected to be held: for its funding. */
  readonly holdingMs: number;
  /** How far through its own touch a book may be taken, a fraction of it. */
  readonly maxSlippage: Decimal;
}

/** A venue the user may trade on, and what is known of it as of now. */
export interface RouteCandidate {
  readonly venue: string;
  /** The market's instrument there; undefined where it is not listed. */
  readonly instrument: Instrument | undefined;
  /** Why orders can not be sent there; undefined when they can. */
  readonly unhealthy?: string | undefined;
  readonly book?: Reading<OrderBookSnapshot> | undefined;
  readonly ticker?: Reading<Ticker> | undefined;
  /** The rate in force or foretold; unknown counts as the dearest of the other venues. */
  readonly funding?: FundingRate | undefined;
  /** The most notional that may be added there: what the user's limits leave. */
  readonly room?: Usd | undefined;
}

/** One step of a venue's offer: so much at this price, and what a unit costs all in, signed against the trade. */
export interface OfferLevel {
  readonly price: Decimal;
  readonly size: Decimal;
  readonly unitCost: Decimal;
}

/** What a venue that can be used offers, best first. */
export interface Offer {
  readonly venue: string;
  readonly instrument: Instrument;
  readonly levels: readonly OfferLevel[];
  /** Fees of entry and exit and funding over the time held, as a fraction of notional. */
  readonly carry: Decimal;
  /** False when the depth is not known and the touch stands for it. */
  readonly depthKnown: boolean;
}

/** Why a venue can not be used now, in words; undefined when it can. */
export function unusable({ book, instrument, ticker, unhealthy }: RouteCandidate): string | undefined {
  if (unhealthy !== undefined) return unhealthy;
  if (instrument === undefined) return 'does not list the market';
  if (instrument.contract === 'inverse') return 'lists it as an inverse contract';
  if (instrument.status !== 'trading') return `the instrument is ${instrument.status}`;
  if (!isFresh(book) && !isFresh(ticker)) return 'has no fresh prices';
  return undefined;
}

/**
 * What a usable venue offers. Unit cost is price moved against the trade by fees and funding: for a buy price·(1 + carry), for
 * a sale −price·(1 − carry); the exit is reckoned at the taker's fee.
 */
export function offerOf(candidate: RouteCandidate, request: RouteRequest, dearestFunding: Decimal): Offer | undefined {
  const { instrument } = candidate;
  if (instrument === undefined || unusable(candidate) !== undefined) return undefined;
  const { side } = request;
  const sign = side === 'buy' ? 1 : -1;
  const entryFee = request.liquidity === 'maker' ? instrument.makerFeeRate : instrument.takerFeeRate;
  const carry = new Decimal(entryFee)
    .plus(instrument.takerFeeRate)
    .plus(fundingCost(candidate.funding, request) ?? dearestFunding);
  const { known, prices } = offered(candidate, request, instrument);
  const touch = prices[0]?.price;
  if (touch === undefined) return undefined;
  const worst = touch.times(new Decimal(1).plus(request.maxSlippage.times(sign)));
  let room = candidate.room === undefined ? undefined : new Decimal(candidate.room);
  const levels: OfferLevel[] = [];
  for (const { price, size } of prices) {
    if (price.minus(worst).times(sign).greaterThan(0)) break;
    const fits = room === undefined ? size : Decimal.min(size, room.dividedBy(price));
    if (!fits.greaterThan(0)) break;
    room = room?.minus(fits.times(price));
    levels.push({ price, size: fits, unitCost: price.times(new Decimal(sign).plus(carry)) });
  }
  return { venue: candidate.venue, instrument, levels, carry, depthKnown: known };
}

/** Funding paid over the time held as a fraction of notional, negative when received; undefined where the rate is not known. */
export function fundingCost(
  funding: FundingRate | undefined,
  { holdingMs, side }: Pick<RouteRequest, 'side' | 'holdingMs'>,
): Decimal | undefined {
  if (funding === undefined) return undefined;
  const paid = new Decimal(funding.rate).times(holdingMs).dividedBy(funding.intervalMs);
  return side === 'buy' ? paid : paid.negated();
}

function offered(
  { book, ticker }: RouteCandidate,
  { liquidity, side, size }: RouteRequest,
  instrument: Instrument,
): { readonly known: boolean; readonly prices: readonly { readonly price: Decimal; readonly size: Decimal }[] } {
  // A maker rests on its own side, a taker takes the other one.
  const takesAsks = (side === 'buy') === (liquidity === 'taker');
  const round = takesAsks ? 'up' : 'down';
  const priceOf = (value: number): Decimal => new Decimal(priceFromNumber(instrument.priceRule, value, round));
  if (isFresh(book)) {
    const levels: readonly BookLevel[] = takesAsks ? book.value.asks : book.value.bids;
    const [touch] = levels;
    if (touch !== undefined && liquidity === 'maker')
      return { known: true, prices: [{ price: priceOf(touch[0]), size }] };
    return {
      known: true,
      prices: levels.map(([price, there]) => ({
        price: priceOf(price),
        size: new Decimal(sizeFromNumber(instrument.lotSize, there)),
      })),
    };
  }
  if (!isFresh(ticker)) return { known: false, prices: [] };
  return { known: false, prices: [{ price: priceOf(takesAsks ? ticker.value.ask : ticker.value.bid), size }] };
}
