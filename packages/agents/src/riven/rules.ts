import type { Archetype, Opinion, Scaling, TradeDirection } from '@perpdesk/core';
import { readPlanFeatures } from './features.ts';
import type { PlanRequest } from './plan-request.ts';
import { rivenDefaults } from './settings.ts';

/**
 * What kind of trade a plan is. Breakout: structure broke its way while open interest expands. Fade: against an exhausted
 * extreme. Momentum: a trending regime, Luma with it and Meridian not against it. Hybrid: none of these, or several.
 */
export function classifyArchetype(direction: TradeDirection, opinions: readonly Opinion[]): Archetype {
  const sign = direction === 'long' ? 1 : -1;
  const { rsi, structureBreak, openInterestChange, trending, derivativesScore, macro } = readPlanFeatures(opinions);
  const { overbought, oversold } = rivenDefaults.exhaustion;
  if (rsi !== undefined && (direction === 'long' ? rsi <= oversold : rsi >= overbought)) return 'fade';
  if (sign * structureBreak > 0 && openInterestChange > 0) return 'breakout';
  const macroAgainst = macro === (direction === 'long' ? 'short' : 'long');
  return trending && sign * derivativesScore > 0 && !macroAgainst ? 'momentum' : 'hybrid';
}

/** How the size follows: a wild market by its volatility, a mixed case by its confidence, else as it is. */
export function chooseScaling(archetype: Archetype, opinions: readonly Opinion[]): Scaling {
  if (readPlanFeatures(opinions).volatile) return 'volatility-based';
  return archetype === 'hybrid' ? 'confidence-based' : 'fixed';
}

/** Says who said what and what was taken off. */
export function wordPlan({ round, direction, consensus, turns, challenge }: PlanRequest, archetype: Archetype): string {
  const penalties = [
    consensus.missing.length > 0 ? `${consensus.missing.join(' and ')} missing` : '',
    consensus.stale.length > 0 ? `${consensus.stale.join(' and ')} stale` : '',
    consensus.disagreement > 0 ? `disagreement ${percent(consensus.disagreement)}` : '',
    (consensus.challenge?.strength ?? 0) > 0 ? `a case against of ${percent(consensus.challenge?.strength ?? 0)}` : '',
  ].filter((note) => note !== '');
  const after = penalties.length > 0 ? `, after ${penalties.join(', ')}` : '';
  const lines = turns.map(
    (turn) => `${turn.agent} (${turn.direction}, ${percent(turn.confidence)}): ${turn.reasoning}`,
  );
  const against =
    challenge === undefined
      ? []
      : [`${challenge.agent} (devil's advocate, ${percent(challenge.confidence)}): ${challenge.reasoning}`];
  const summary = `${round.market} ${direction} as ${archetype} at ${percent(consensus.confidence)}${after}.`;
  return [summary, ...lines, ...against].join('\n').slice(0, 4000);
}

const percent = (value: number): string => `${Math.round(value * 100)} %`;
