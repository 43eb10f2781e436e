import type { Archetype, Opinion, Scaling, TradeDirection } from '@perpdesk/core';

/** RSI at which a move counts as exhausted (Wilder's 70/30). */
const overbought = 70;
const oversold = 30;

/** The features Riven reads off the opinions' evidence. */
export const rivenFeatures = {
  /** +1, 0, −1: a break of structure up, none, down. */
  structureBreak: 'structure.break',
  rsi: 'momentum.rsi',
  openInterestChange: 'oi.change',
} as const;

/**
 * What kind of trade a plan is. Breakout: structure broke its way while open interest expands. Fade: against an exhausted
 * extreme. Momentum: a trending regime, Luma with it and Meridian not against it. Hybrid: none of these, or several.
 */
export function classifyArchetype(direction: TradeDirection, opinions: readonly Opinion[]): Archetype {
  const sign = direction === 'long' ? 1 : -1;
  const feature = (name: string): number | undefined =>
    opinions.flatMap((opinion) => opinion.evidence).find((item) => item.feature === name)?.value;
  const of = (agent: string): Opinion | undefined => opinions.find((opinion) => opinion.agent === agent);

  const rsi = feature(rivenFeatures.rsi);
  if (rsi !== undefined && (direction === 'long' ? rsi <= oversold : rsi >= overbought)) return 'fade';
  const broke = sign * (feature(rivenFeatures.structureBreak) ?? 0) > 0;
  if (broke && (feature(rivenFeatures.openInterestChange) ?? 0) > 0) return 'breakout';
  const trending = of('vanta')?.regime === 'trending';
  const lumaWith = sign * (of('luma')?.score ?? 0) > 0;
  const macroAgainst = of('meridian')?.direction === (direction === 'long' ? 'short' : 'long');
  return trending && lumaWith && !macroAgainst ? 'momentum' : 'hybrid';
}

/** How the size follows: a wild market by its volatility, a mixed case by its confidence, else as it is. */
export function chooseScaling(archetype: Archetype, opinions: readonly Opinion[]): Scaling {
  if (opinions.some((opinion) => opinion.regime === 'volatile')) return 'volatility-based';
  return archetype === 'hybrid' ? 'confidence-based' : 'fixed';
}
