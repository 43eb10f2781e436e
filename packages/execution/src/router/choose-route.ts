import {
  Decimal,
  floorToLot,
  type InstrumentId,
  type Price,
  type Rate,
  type Size,
  toPrice,
  toRate,
  toSize,
} from '@perpdesk/core';
import {
  fundingCost,
  type Offer,
  offerOf,
  type RouteCandidate,
  type RouteRequest,
  unusable,
} from './route-candidate.ts';

/** One part of an order and where it goes. */
export interface RouteLeg {
  readonly venue: string;
  readonly instrumentId: InstrumentId;
  readonly size: Size;
  /** What it is expected to fill at on average. */
  readonly expectedPrice: Price;
  /** Fees of both sides and funding over the time held, as a fraction of notional. */
  readonly carry: Rate;
}

/** What was thought of one venue. */
export interface RouteConsidered {
  readonly venue: string;
  /** All-in price of the whole size, against the trade; absent when it can not take the whole. */
  readonly allInPrice?: Price;
  readonly reason: string;
}

/** Where an order goes, and why. No legs: nowhere. `unrouted`: what no book can take within the slippage. */
export interface RouteDecision {
  readonly legs: readonly RouteLeg[];
  readonly unrouted: Size;
  /** In the order of the candidates. */
  readonly considered: readonly RouteConsidered[];
}

/** How the choice is made. */
export interface RouteRules {
  /** A venue the user prefers is taken while it is dearer by no more than this fraction. Default 0.0002. */
  readonly preferenceTolerance?: number;
  /** The most venues one order is split over. Default 3. */
  readonly maxLegs?: number;
}

/**
 * Chooses among venues by the all-in price of the whole size: depth, fees of both sides, funding over the time held. The
 * candidates stand in the user's order of preference: an earlier one is kept while it is hardly dearer. Only where no book
 * alone is deep enough the order is split, each next unit going where it is cheapest, in whole lots and above each venue's
 * minima.
 */
export function chooseRoute(
  request: RouteRequest,
  candidates: readonly RouteCandidate[],
  { preferenceTolerance = 0.0002, maxLegs = 3 }: RouteRules = {},
): RouteDecision {
  const dearest = candidates
    .map(({ funding }) => fundingCost(funding, request))
    .reduce<Decimal>((most, cost) => (cost?.greaterThan(most) ? cost : most), new Decimal(0));
  const offers = candidates.flatMap((candidate) => offerOf(candidate, request, dearest) ?? []);
  const whole = offers.flatMap((offer) => {
    const leg = takenFrom(offer, request.size);
    return leg?.filled.equals(request.size) ? [{ offer, ...leg }] : [];
  });
  const best = whole.reduce<Decimal | undefined>(
    (least, { unitCost }) => (least === undefined || unitCost.lessThan(least) ? unitCost : least),
    undefined,
  );
  const bound = best?.plus(best.abs().times(preferenceTolerance));
  const chosen = bound === undefined ? undefined : whole.find(({ unitCost }) => unitCost.lessThanOrEqualTo(bound));
  const legs =
    chosen === undefined ? split(offers, request, maxLegs) : [legOf(chosen.offer, chosen.filled, chosen.cost)];
  const routed = legs.reduce((total, { size }) => total.plus(size), new Decimal(0));
  return {
    legs,
    unrouted: toSize(request.size.minus(routed)),
    considered: candidates.map((candidate) => {
      const found = whole.find(({ offer }) => offer.venue === candidate.venue);
      const leg = legs.find(({ venue }) => venue === candidate.venue);
      const reason = reasonOf(candidate, found !== undefined, leg, chosen !== undefined, request);
      if (found === undefined) return { venue: candidate.venue, reason };
      return { venue: candidate.venue, allInPrice: toPrice(found.unitCost.abs().toSignificantDigits(12)), reason };
    }),
  };
}

function reasonOf(
  candidate: RouteCandidate,
  takesWhole: boolean,
  leg: RouteLeg | undefined,
  isSingle: boolean,
  { size }: RouteRequest,
): string {
  const why = unusable(candidate);
  if (why !== undefined) return why;
  if (leg !== undefined)
    return isSingle ? 'chosen: the best all-in price for the whole size' : `takes ${leg.size} of ${size}`;
  return takesWhole ? 'dearer all in' : 'too thin for the whole size, or over its limit';
}

/** What an offer gives of a size, what it costs, and the mean unit cost. */
function takenFrom(
  { levels }: Offer,
  size: Decimal,
): { readonly filled: Decimal; readonly cost: Decimal; readonly unitCost: Decimal } | undefined {
  let left = size;
  let cost = new Decimal(0);
  let allIn = new Decimal(0);
  for (const level of levels) {
    const taken = Decimal.min(left, level.size);
    cost = cost.plus(taken.times(level.price));
    allIn = allIn.plus(taken.times(level.unitCost));
    left = left.minus(taken);
    if (left.isZero()) break;
  }
  const filled = size.minus(left);
  return filled.isZero() ? undefined : { filled, cost, unitCost: allIn.dividedBy(filled) };
}

const legOf = ({ carry, instrument, venue }: Offer, size: Decimal, cost: Decimal): RouteLeg => ({
  venue,
  instrumentId: instrument.id,
  size: toSize(size),
  expectedPrice: toPrice(cost.dividedBy(size).toSignificantDigits(15)),
  carry: toRate(carry.toSignificantDigits(12)),
});

/** Gives each unit to the cheapest venue, the deepest few of them; what is less than a venue's minimum goes to the others. */
function split(offers: readonly Offer[], { size }: RouteRequest, maxLegs: number): readonly RouteLeg[] {
  let used = offers;
  for (;;) {
    const parts = allocate(used, size);
    const small = [...parts].filter(([offer, part]) => isTooSmall(offer, part));
    const kept = [...parts].filter(([offer, part]) => !isTooSmall(offer, part)).sort(([, a], [, b]) => b.comparedTo(a));
    const dropped = small[0]?.[0] ?? (kept.length > maxLegs ? kept.at(-1)?.[0] : undefined);
    if (dropped === undefined) {
      return kept.flatMap(([offer, part]) => {
        const taken = takenFrom(offer, part);
        return taken === undefined ? [] : [legOf(offer, taken.filled, taken.cost)];
      });
    }
    used = used.filter((offer) => offer !== dropped && parts.has(offer));
  }
}

function allocate(offers: readonly Offer[], size: Decimal): ReadonlyMap<Offer, Decimal> {
  const steps = offers
    .flatMap((offer) => offer.levels.map((level) => ({ offer, level })))
    .sort((a, b) => a.level.unitCost.comparedTo(b.level.unitCost));
  const raw = new Map<Offer, Decimal>();
  let left = size;
  for (const { offer, level } of steps) {
    const taken = Decimal.min(left, level.size);
    if (taken.isZero()) break;
    raw.set(offer, (raw.get(offer) ?? new Decimal(0)).plus(taken));
    left = left.minus(taken);
  }
  return new Map(
    [...raw].map(([offer, part]) => [offer, new Decimal(floorToLot(offer.instrument.lotSize, toSize(part)))]),
  );
}

function isTooSmall({ instrument, levels }: Offer, part: Decimal): boolean {
  const price = levels[0]?.price ?? new Decimal(0);
  return part.lessThan(instrument.minSize) || part.isZero() || part.times(price).lessThan(instrument.minNotional);
}
