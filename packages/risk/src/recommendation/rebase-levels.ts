import {
  Decimal,
  type Price,
  type Rejection,
  roundLimitPrice,
  roundProtectiveTrigger,
  type TakeProfit,
  toPrice,
} from '@perpdesk/core';
import { refusal } from '../decision/refusal.ts';
import { show } from '../decision/show.ts';
import { passed, refused, type StepResult } from '../decision/step-result.ts';
import { usableQuote } from '../decision/usable-quote.ts';
import { geometryRefused } from './geometry.ts';
import type { RecommendationInput } from './recommendation-input.ts';
import type { Route } from './venue-routing.ts';

/** Two venues' prices of one market may differ by this share; beyond it they are not the same market: PRODUCT §2. */
export const maximumBasis: Decimal = new Decimal('0.003');

/** A plan's levels at the executing instrument. */
export interface Levels {
  readonly entry: Price;
  readonly stopLoss: Price;
  readonly takeProfits: readonly TakeProfit[];
}

/**
 * Moves the plan's levels from the reference to the executing instrument by the ratio of their mids and rounds them: the
 * entry away from crossing, stop and take profits towards firing earlier. A basis over 30 bp is refused.
 */
export function rebaseLevels(input: RecommendationInput, route: Route): StepResult<Levels> {
  const { recommendation } = input;
  const { instrument } = route;
  const before = {
    entry: recommendation.entry,
    stopLoss: recommendation.stopLoss,
    takeProfits: recommendation.takeProfits.map(({ price }) => price),
  };
  const ratio = ratioOfMids(input, route);
  if (!(ratio instanceof Decimal)) return refused('levels', before, ratio);
  const basis = ratio.minus(1).abs();
  if (basis.greaterThan(maximumBasis)) {
    return refused(
      'levels',
      before,
      refusal('basis.limit', `${instrument.id} trades too far from the reference.`, maximumBasis, basis),
    );
  }
  const { direction } = recommendation;
  const moved = (price: Price): Price => (ratio.equals(1) ? price : toPrice(ratio.times(price).toDecimalPlaces(20)));
  const levels: Levels = {
    entry: roundLimitPrice(instrument.priceRule, direction === 'long' ? 'buy' : 'sell', moved(recommendation.entry)),
    stopLoss: roundProtectiveTrigger(instrument.priceRule, {
      direction,
      kind: 'stop-loss',
      price: moved(recommendation.stopLoss),
    }),
    takeProfits: recommendation.takeProfits.map(({ price, fraction }) => ({
      price: roundProtectiveTrigger(instrument.priceRule, { direction, kind: 'take-profit', price: moved(price) }),
      fraction,
    })),
  };
  const collapsed = geometryRefused({ direction, ...levels, takeProfits: [...levels.takeProfits] });
  if (collapsed !== undefined) return refused('levels', before, collapsed);
  const after = {
    entry: levels.entry,
    stopLoss: levels.stopLoss,
    takeProfits: levels.takeProfits.map(({ price }) => price),
    basis: show(basis),
  };
  return passed('levels', before, after, `Re-based to ${instrument.id} and rounded to its price rule.`, levels);
}

function ratioOfMids(input: RecommendationInput, route: Route): Decimal | Rejection {
  if (route.instrument.id === input.recommendation.instrumentId) return new Decimal(1);
  const reference = usableQuote(input.referenceTicker, input.recommendation.instrumentId);
  return reference.ok ? route.quote.mid.dividedBy(reference.quote.mid) : reference.rejection;
}
