import { PerpDeskError, type Rejection, type RiskDecision, type RiskStep, type Signal } from '@perpdesk/core';
import { refusal } from '../decision/refusal.ts';
import { type CloseProposal, riskStep } from '../decision/step-result.ts';
import { sizeOf } from '../exact/branded.ts';
import { Exact, exact, zero } from '../exact/exact.ts';
import { correlatedRisk } from '../exposure/correlated-risk.ts';
import type { ExposureContext } from '../exposure/exposure-context.ts';
import { type VenueBook, venueBook } from '../exposure/venue-book.ts';
import type { PendingEntry } from '../state/pending-entry.ts';
import { personalConfidence } from './personal-scoring.ts';
import { positionsHeld } from './positions-held.ts';
import { preFilter } from './pre-filter.ts';
import { type PreparedListing, PreparedPlan } from './prepared-plan.ts';
import type { RecommendationInput } from './recommendation-input.ts';
import { costOfSize, moneyOf, reserve } from './reservation.ts';
import { sizePlan } from './sizing.ts';
import { type Route, routeToVenue } from './venue-routing.ts';

/** A decision and, for a signal, what it holds back. */
export interface Evaluation {
  readonly decision: RiskDecision;
  readonly pending?: PendingEntry;
}

/** The id of the decision on a recommendation for one user: the same whenever it is asked for. */
export const decisionId = (recommendationId: string, userId: string): string =>
  `decision:${recommendationId}:${userId}`;
/** The id of the signal that a recommendation becomes for one user. */
export const signalId = (recommendationId: string, userId: string): string => `signal:${recommendationId}:${userId}`;

/**
 * Door 1 for one user: pre-filter, routing, personal scoring, risk evaluation, reservation, each step logged. Pure: equal
 * inputs give equal decisions. Never throws: what can not be reckoned is a rejection.
 */
export function evaluate(input: RecommendationInput): Evaluation {
  const steps: RiskStep[] = [];
  try {
    return evaluateSteps(input, steps);
  } catch (error) {
    const what = PerpDeskError.is(error) ? error.code : 'unexpected';
    const why = error instanceof Error ? error.message : String(error);
    const rejection = refusal(
      'recommendation.invalid',
      `The plan can not be reckoned: ${why}`,
      'numbers that can be reckoned with',
      what,
    );
    return rejected(input, [...steps, riskStep('evaluation', {}, { rejected: rejection.code }, rejection.message)], {
      rejection,
    });
  }
}

function evaluateSteps(input: RecommendationInput, steps: RiskStep[]): Evaluation {
  const { recommendation, limits } = input;
  const plan = input.plan ?? new PreparedPlan(input);
  const filtered = preFilter(input, plan);
  steps.push(filtered.step);
  if (!filtered.ok) return rejected(input, steps, filtered);
  const routed = routeToVenue(input, plan);
  steps.push(routed.step);
  if (!routed.ok) return rejected(input, steps, routed);
  const { levels, prices } = routed.value.prepared;
  steps.push(levels.step);
  if (!levels.ok || prices === undefined) return rejected(input, steps, levels.ok ? noLevels : levels);
  const held = positionsHeld(input, routed.value, plan);
  steps.push(held.step);
  if (!held.ok) return rejected(input, steps, held);
  const scored = personalConfidence(input, plan);
  steps.push(scored.step);
  if (!scored.ok) return rejected(input, steps, scored);

  const book = venueBook({
    account: routed.value.account,
    positions: input.positions,
    openOrders: input.openOrders,
    pending: input.pending,
    instrument: input.instrument,
    correlation: input.correlation,
    atMs: input.atMs,
  });
  if (book.unknown !== undefined) return rejected(input, steps, { rejection: unknownExposure(book.unknown) });
  const context = contextOf(input, plan, { route: routed.value, prices, book, confidence: scored.value });
  const sized = sizePlan({
    context,
    instrument: routed.value.instrument,
    direction: recommendation.direction,
    held: held.value,
    smallest: prices.smallest,
    scaling: plan.scaling,
    advanced: input.user.tier === 'advanced',
  });
  steps.push(...sized.steps);
  if (!sized.ok) {
    steps.push(riskStep('size', {}, { rejected: sized.rejection.code }, sized.rejection.message));
    return rejected(input, steps, sized);
  }
  const { entry, stopLoss, takeProfits } = levels.value;
  const cost = costOfSize(sized.size, context, sized.leverage);
  const { notional, initialMargin, riskAtStop } = moneyOf(cost);
  const id = signalId(recommendation.id, input.user.id);
  // Written out: an object spread into another is copied member by member, for each of ten thousand users.
  const signal: Signal = {
    id,
    recommendationId: recommendation.id,
    userId: input.user.id,
    market: recommendation.market,
    venue: routed.value.venue.name,
    instrumentId: routed.value.instrument.id,
    direction: recommendation.direction,
    size: sizeOf(sized.size),
    leverage: sized.leverage,
    marginMode: limits.marginMode,
    entry,
    stopLoss,
    takeProfits: [...takeProfits],
    confidence: scored.value,
    notional,
    initialMargin,
    riskAtStop,
    reservationId: `reservation:${id}`,
    isFirstTrade: context.firstTrade,
    createdAtMs: input.atMs,
    expiresAtMs: recommendation.expiresAtMs,
  };
  const reserved = reserve(signal, context, { held: held.value, size: sized.size, cost });
  steps.push(reserved.step);
  if (!reserved.ok) return rejected(input, steps, reserved);
  const pending = reserved.value;
  return {
    decision: {
      outcome: 'signal',
      id: decisionId(recommendation.id, input.user.id),
      recommendationId: recommendation.id,
      userId: input.user.id,
      signal,
      reservation: pending.reservation,
      steps,
      atMs: input.atMs,
    },
    pending,
  };
}

/** A holding or resting entry of unknown worth: exposure can not be reckoned until it is resolved. */
export const unknownExposure = (what: string): Rejection =>
  refusal('order.unresolved', 'What a holding or a resting entry may cost is not known.', 'a price', what);

/** Levels that stand have prices. */
const noLevels = { rejection: refusal('geometry.invalid', 'The plan has no levels.', 'levels', 'none') };

function contextOf(
  input: RecommendationInput,
  plan: PreparedPlan,
  {
    route,
    prices,
    book,
    confidence,
  }: {
    readonly route: Route;
    readonly prices: NonNullable<PreparedListing['prices']>;
    readonly book: VenueBook;
    readonly confidence: number;
  },
): ExposureContext {
  const { limits, operator } = input;
  const own = limits.maxOrderNotional;
  const everybodys = operator.maxOrderNotional;
  // Few set their own: everybody's is read, and divided by the entry, once.
  const shared = own === undefined && everybodys !== undefined ? plan.orderLimit(everybodys, prices.entry) : undefined;
  const maxOrderNotional =
    own === undefined || everybodys === undefined ? own && exact(own) : Exact.min(own, everybodys);
  return {
    limits,
    book,
    entry: prices.entry,
    unitLoss: prices.unitLoss,
    unitFees: prices.unitFees,
    unitCost: prices.unitCost,
    instrumentMargin: book.marginOf.get(route.instrument.id) ?? zero,
    firstTrade: route.venue.filledTrades === 0,
    confidenceFactor: plan.confidenceFactor(confidence),
    correlated:
      book.parts === undefined || input.correlation === undefined
        ? undefined
        : correlatedRisk(
            book.parts,
            { market: input.recommendation.market, direction: input.recommendation.direction },
            input.correlation,
          ),
    maxOrderNotional: shared?.notional ?? maxOrderNotional,
    maxOrderSize: shared?.size,
    operatorRoom:
      operator.maxNotional === undefined ? undefined : exact(operator.maxNotional).minus(operator.usedNotional),
  };
}

/** The decision that refuses, with what led to it. */
export function rejected(
  input: Pick<RecommendationInput, 'recommendation' | 'user' | 'atMs'>,
  steps: readonly RiskStep[],
  { rejection, proposal }: { readonly rejection: Rejection; readonly proposal?: CloseProposal },
): Evaluation {
  const { recommendation, user, atMs } = input;
  const id = decisionId(recommendation.id, user.id);
  return {
    decision: {
      outcome: 'rejected',
      id,
      recommendationId: recommendation.id,
      userId: user.id,
      rejection,
      ...(proposal === undefined ? {} : { proposal: { ...proposal } }),
      steps: [...steps],
      atMs,
    },
  };
}
