import type { Account, Rejection } from '@perpdesk/core';
import { refusal } from '../decision/refusal.ts';
import { passedBy, refused, riskStep, type StepResult, type StepValues } from '../decision/step-result.ts';
import { Exact, exact } from '../exact/exact.ts';
import type { ListingVerdict, PreparedListing, PreparedPlan } from './prepared-plan.ts';
import type { Listing, RecommendationInput, VenueCandidate } from './recommendation-input.ts';

/** Where a plan goes for one user. */
export interface Route {
  readonly venue: VenueCandidate;
  readonly instrument: Listing['instrument'];
  readonly prepared: PreparedListing;
  readonly account: Account;
}

/**
 * Step 2: the first of the user's venues that is healthy and lists the market; paper for a user who configured none (then
 * paper is the one candidate). A configured venue that fails is not replaced by paper: the reason is told.
 */
export function routeToVenue(input: RecommendationInput, plan: PreparedPlan): StepResult<Route> {
  let first: Rejection | undefined;
  for (const venue of input.candidates) {
    const verdict = listingAt(venue, plan);
    if (verdict.ok) return permit(venue, plan, plan.at(verdict.listing), input);
    first ??= verdict.rejection;
  }
  const none = refusal(
    'venue.none',
    `No venue of the user lists ${input.recommendation.market}.`,
    input.recommendation.market,
    'none',
  );
  return refused('venue-routing', givenOf(input), first ?? none);
}

function listingAt({ listings, name, unhealthy }: VenueCandidate, plan: PreparedPlan): ListingVerdict {
  return unhealthy === undefined
    ? plan.listingOf(name, listings)
    : {
        ok: false,
        rejection: refusal('venue.unhealthy', `Orders can not be sent to ${name}.`, 'healthy', unhealthy),
      };
}

function permit(
  venue: VenueCandidate,
  plan: PreparedPlan,
  prepared: PreparedListing,
  input: RecommendationInput,
): StepResult<Route> {
  const { account } = venue;
  const mode = input.limits.marginMode;
  const { quote: priced } = prepared;
  const { instrument } = prepared.listing;
  const rejection =
    accountRefused(account, venue.name) ??
    (venue.marginModes.includes(mode)
      ? undefined
      : refusal(
          'margin-mode.not-permitted',
          `${venue.name} does not offer ${mode} margin.`,
          venue.marginModes.join(', '),
          mode,
        )) ??
    (priced.ok ? undefined : priced.rejection);
  if (rejection !== undefined || account === undefined || !priced.ok) {
    return refused(
      'venue-routing',
      givenOf(input),
      rejection ?? refusal('account.unknown', 'Nothing is known of the account.', 'known', 'unknown'),
    );
  }
  const route = { venue, instrument, prepared, account: account.value };
  // Most users have one venue, and the same one.
  const isOnly = input.candidates.length === 1 && input.venueReasons === undefined;
  const known = isOnly ? plan.step(prepared) : undefined;
  if (known?.after.venue === venue.name) return passedBy(known, route);
  const step = riskStep(
    'venue-routing',
    givenOf(input),
    { venue: venue.name, instrumentId: instrument.id },
    'The best healthy venue that lists the market.',
  );
  return passedBy(isOnly ? plan.keep(prepared, step) : step, route);
}

const givenOf = ({ candidates, recommendation, venueReasons }: RecommendationInput): StepValues => ({
  venues: candidates.map(({ name }) => name),
  market: recommendation.market,
  ...(venueReasons === undefined ? {} : { reasons: { ...venueReasons } }),
});

/** Refuses an account that is not known freshly, holds nothing or is in hedge mode. */
export function accountRefused(account: VenueCandidate['account'], venue: string): Rejection | undefined {
  if (account === undefined || account.quality !== 'fresh') {
    return refusal(
      'account.unknown',
      `The account at ${venue} is not known as of now.`,
      'fresh',
      account?.quality ?? 'unknown',
    );
  }
  const { equity, availableMargin, positionMode } = account.value;
  if (positionMode === 'hedge')
    return refusal('hedge-mode.unsupported', `The account at ${venue} is in hedge mode.`, 'one-way', 'hedge');
  const [whole, available] = [exact(equity), exact(availableMargin)];
  if (!whole.isFinite() || !available.isFinite()) {
    return refusal(
      'account.unknown',
      `The figures of the account at ${venue} are no amounts.`,
      'finite',
      `${equity}, ${availableMargin}`,
    );
  }
  return whole.greaterThan(0) && available.greaterThan(0)
    ? undefined
    : refusal(
        'balance.zero',
        `The account at ${venue} has nothing to trade with.`,
        'above 0',
        Exact.min(whole, available),
      );
}
