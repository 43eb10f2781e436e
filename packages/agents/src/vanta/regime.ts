import type { Regime } from '@perpdesk/core';
import type { Features } from '../features/feature-set.ts';
import type { StructureState } from './schema.ts';
import { vantaDefaults as defaults } from './settings.ts';

/** The regime and the finer state of structure, from 15m volatility and the trend of all timeframes. */
export interface MarketState {
  readonly regime: Regime;
  readonly structureState: StructureState;
}

/**
 * Tells the state, the first that fits: a bar of three ATR is a spike; a change of character on moving volatility a transition; narrow
 * bands that do not widen a compression; a trend over the timeframes a trend; widening bands an expansion; what is left
 * swings around its mean.
 */
export function marketStateOf(features: Features): MarketState {
  const bias = Math.abs(features['confluence.bias'] ?? 0);
  const width = features['volatility.bandWidthPercentile'] ?? 0.5;
  const atrTrend = features['volatility.atrTrend'] ?? 1;
  const changed = features['structure.breakIsChange'] === 1 && (features['structure.breakAge'] ?? Infinity) <= 3;
  if ((features['volatility.lastRange'] ?? 0) >= defaults.spikeRange) {
    return { regime: 'volatile', structureState: 'volatility-spike' };
  }
  if (changed && atrTrend >= 1) return { regime: 'transitioning', structureState: 'transition' };
  if (width <= defaults.bandWidth.compressed && atrTrend < defaults.atrTrend.rising) {
    return { regime: 'quiet', structureState: 'compression' };
  }
  if (bias >= defaults.trendingBias) return { regime: 'trending', structureState: 'trend' };
  if (width >= defaults.bandWidth.expanded && atrTrend >= defaults.atrTrend.rising) {
    return { regime: 'volatile', structureState: 'expansion' };
  }
  return atrTrend <= defaults.atrTrend.fading
    ? { regime: 'quiet', structureState: 'mean-reversion' }
    : { regime: 'ranging', structureState: 'mean-reversion' };
}
