import { type EntryStyle, type Rate, toNumber, toRate, type Usd } from '@perpdesk/core';
import { clamp } from '../features/measures.ts';
import type { MarketConditions } from './features.ts';
import { kodaDefaults as defaults } from './settings.ts';

/**
 * Estimates slippage as a fraction of price, from 0.0005 to 0.0025 (PRODUCT §2): the floor, and by style a share of half the spread, a
 * tenth of the 15m ATR over price, and a twentieth of the notional's share of a bar's turnover. What is not known adds nothing; the engine
 * checks real depth later.
 */
export function estimateSlippage(style: EntryStyle, notional: Usd, conditions: MarketConditions): Rate {
  const { floor, ceiling, perAtr, perTurnoverShare } = defaults.slippage;
  const { mid, spread = 0, atr, turnover } = conditions;
  const volatility = mid !== undefined && atr !== undefined ? (perAtr * atr) / mid : 0;
  const size = turnover !== undefined && turnover > 0 ? (perTurnoverShare * toNumber(notional)) / turnover : 0;
  const added = defaults.slippageShare[style] * (spread / 2 + volatility + size);
  return toRate(clamp(floor + added, floor, ceiling).toFixed(6));
}
