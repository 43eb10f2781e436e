import type { InstrumentId, MarketId, RiskStep } from '@perpdesk/core';
import { refusal } from '../decision/refusal.ts';
import { passedBy, refused, riskStep, type StepResult, type StepValues } from '../decision/step-result.ts';
import type { HeldPosition } from '../exposure/held-position.ts';
import { countedPending, isEmpty } from '../exposure/venue-book.ts';
import type { PreparedPlan } from './prepared-plan.ts';
import type { RecommendationInput } from './recommendation-input.ts';
import type { Route } from './venue-routing.ts';

/**
 * What the user has in the market already, at any venue: one direction a market. The same side is refused unless the user
 * pyramids; the opposite side never flips, it proposes a close. What is pending counts as held.
 */
export function positionsHeld(
  input: RecommendationInput,
  route: Route,
  plan: PreparedPlan,
): StepResult<HeldPosition | undefined> {
  const { market, direction } = input.recommendation;
  const { pyramiding } = input.user;
  const held = heldIn(input, market);
  const pending =
    input.pending.length === 0
      ? input.pending
      : countedPending(input).filter(({ reservation }) => isOf(market, reservation.instrumentId));
  const against = held.find((position) => position.direction !== direction);
  if (against !== undefined) {
    const rejection = refusal(
      'position.opposite',
      `A ${against.direction} of the market is open: close it first.`,
      direction,
      against.direction,
    );
    return refused('positions-held', { direction, pyramiding }, rejection, {
      close: against.instrumentId,
      venue: against.venue,
    });
  }
  if (pending.some(({ reservation }) => reservation.direction !== direction)) {
    return refused(
      'positions-held',
      { direction, pyramiding },
      refusal('position.opposite', 'An entry to the other side is pending.', direction, 'pending opposite'),
    );
  }
  if (!pyramiding && held.length + pending.length > 0) {
    const actual = held.length > 0 ? 'open' : 'pending';
    return refused(
      'positions-held',
      { direction, pyramiding },
      refusal('position.exists', `A ${direction} of the market is ${actual} already.`, 'none', actual),
    );
  }
  const same = held.find(
    (position) => position.venue === route.venue.name && position.instrumentId === route.instrument.id,
  );
  const adds = same !== undefined;
  // Who does not pyramid adds to nothing.
  const key = pyramiding ? (adds ? 'adds' : 'may add') : 'holds none';
  const step = plan.step(key) ?? plan.keep(key, passedStep({ direction, pyramiding }, adds));
  return passedBy(step, same);
}

const passedStep = (before: StepValues, adds: boolean): RiskStep =>
  riskStep('positions-held', before, { adds }, 'Nothing stands against the plan.');

const nothing: readonly HeldPosition[] = [];

/** What is held of a market. */
function heldIn({ positions }: RecommendationInput, market: MarketId): readonly HeldPosition[] {
  let held: HeldPosition[] | undefined;
  for (const position of positions) {
    if (!isOf(market, position.instrumentId) || isEmpty(position)) continue;
    held ??= [];
    held.push(position);
  }
  return held ?? nothing;
}

/** As `marketOf(id) === market`, without making the text. */
const isOf = (market: MarketId, id: InstrumentId): boolean =>
  id.lastIndexOf('@') === market.length && id.startsWith(market);
