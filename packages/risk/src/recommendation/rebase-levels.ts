import {
  type Instrument,
  type Price,
  type Recommendation,
  type Rejection,
  roundLimitPrice,
  roundProtectiveTrigger,
  type TakeProfit,
} from '@perpdesk/core';
import { refusal } from '../decision/refusal.ts';
import { show } from '../decision/show.ts';
import { passed, refused, type StepResult } from '../decision/step-result.ts';
import type { QuoteResult } from '../decision/usable-quote.ts';
import { priceOf } from '../exact/branded.ts';
import { Exact, exact } from '../exact/exact.ts';
import { geometryRefused } from './geometry.ts';

/** Two venues' prices of one market may differ by this share; beyond it they are not the same market: PRODUCT §2. */
export const maximumBasis: Exact = exact('0.003');

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
export function rebaseLevels(
  recommendation: Recommendation,
  instrument: Instrument,
  quotes: {
    /** At the executing instrument. */
    readonly quote: QuoteResult;
    /** At the plan's reference instrument; absent when it is the executing one. */
    readonly reference?: QuoteResult;
  },
): StepResult<Levels> {
  const before = {
    entry: recommendation.entry,
    stopLoss: recommendation.stopLoss,
    takeProfits: recommendation.takeProfits.map(({ price }) => price),
  };
  const ratio = ratioOfMids(quotes);
  if (!(ratio instanceof Exact)) return refused('levels', before, ratio);
  const basis = ratio.minus(1).abs();
  if (basis.greaterThan(maximumBasis)) {
    return refused(
      'levels',
      before,
      refusal('basis.limit', `${instrument.id} trades too far from the reference.`, maximumBasis, basis),
    );
  }
  const { direction } = recommendation;
  const moved = (price: Price): Price => (ratio.equals(1) ? price : priceOf(ratio.times(price).toDecimalPlaces(20)));
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

function ratioOfMids(quotes: { readonly quote: QuoteResult; readonly reference?: QuoteResult }): Exact | Rejection {
  const { quote, reference } = quotes;
  if (reference === undefined) return exact(1);
  if (!reference.ok) return reference.rejection;
  return quote.ok ? quote.quote.mid.dividedBy(reference.quote.mid) : quote.rejection;
}
