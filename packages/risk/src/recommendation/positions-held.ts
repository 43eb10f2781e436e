import { marketOf } from '@perpdesk/core';
import { refusal } from '../decision/refusal.ts';
import { passed, refused, type StepResult } from '../decision/step-result.ts';
import type { HeldPosition } from '../exposure/held-position.ts';
import { countedPending, isEmpty } from '../exposure/venue-book.ts';
import type { RecommendationInput } from './recommendation-input.ts';
import type { Route } from './venue-routing.ts';

/**
 * What the user has in the market already, at any venue: one direction a market. The same side is refused unless the user
 * pyramids; the opposite side never flips, it proposes a close. What is pending counts as held.
 */
export function positionsHeld(input: RecommendationInput, route: Route): StepResult<HeldPosition | undefined> {
  const { market, direction } = input.recommendation;
  const before = { direction, pyramiding: input.user.pyramiding };
  const held = input.positions.filter((position) => marketOf(position.instrumentId) === market && !isEmpty(position));
  const pending = countedPending(input)
    .map(({ reservation }) => reservation)
    .filter((reservation) => marketOf(reservation.instrumentId) === market);
  const against = held.find((position) => position.direction !== direction);
  if (against !== undefined) {
    const rejection = refusal(
      'position.opposite',
      `A ${against.direction} of the market is open: close it first.`,
      direction,
      against.direction,
    );
    return refused('positions-held', before, rejection, { close: against.instrumentId, venue: against.venue });
  }
  if (pending.some((reservation) => reservation.direction !== direction)) {
    return refused(
      'positions-held',
      before,
      refusal('position.opposite', 'An entry to the other side is pending.', direction, 'pending opposite'),
    );
  }
  if (!input.user.pyramiding && held.length + pending.length > 0) {
    const actual = held.length > 0 ? 'open' : 'pending';
    return refused(
      'positions-held',
      before,
      refusal('position.exists', `A ${direction} of the market is ${actual} already.`, 'none', actual),
    );
  }
  const same = held.find(
    (position) => position.venue === route.venue.name && position.instrumentId === route.instrument.id,
  );
  return passed('positions-held', before, { adds: same !== undefined }, 'Nothing stands against the plan.', same);
}
