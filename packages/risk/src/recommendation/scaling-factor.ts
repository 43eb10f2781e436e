import type { Recommendation } from '@perpdesk/core';
import { Exact, exact } from '../exact/exact.ts';
import { confidenceFactor } from './risk-evaluation/confidence-scaling.ts';

/** What multiplies size₀ by the plan's wish: fixed 1, volatility-based clamp(ATR median / ATR, 0.5, 1), confidence-based the factor. */
export function scalingFactor(plan: Pick<Recommendation, 'scaling' | 'atr' | 'atrMedian' | 'confidence'>): Exact {
  switch (plan.scaling) {
    case 'fixed':
      return exact(1);
    case 'volatility-based':
      return Exact.min(1, Exact.max('0.5', exact(plan.atrMedian).dividedBy(plan.atr)));
    case 'confidence-based':
      return confidenceFactor(plan.confidence);
  }
}
