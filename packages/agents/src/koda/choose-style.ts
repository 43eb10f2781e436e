import { type EntryStyle, type Signal, type Tier, toNumber } from '@perpdesk/core';
import type { MarketConditions } from './features.ts';
import { kodaDefaults as defaults } from './settings.ts';

/** Why a style was chosen: which rule of the precedence held. */
export type StyleReason = 'beginner-strong' | 'first-trade' | 'large' | 'high-small' | 'preference';

/** A choice with its reason. */
export interface StyleChoice {
  readonly style: EntryStyle;
  readonly reason: StyleReason;
}

/**
 * Chooses how to enter, by the precedence of PRODUCT §2: beginner and strong → market; first trade or large → ladder; high confidence
 * and small → sniper; else the user's preference.
 */
export function chooseStyle(
  signal: Pick<Signal, 'confidence' | 'notional' | 'isFirstTrade'>,
  user: { readonly tier: Tier; readonly entryPreference: EntryStyle },
  { turnover }: MarketConditions,
): StyleChoice {
  const notional = toNumber(signal.notional);
  const share = turnover !== undefined && turnover > 0 ? notional / turnover : undefined;
  const { large, small } = defaults;
  if (user.tier === 'beginner' && signal.confidence >= defaults.strongConfidence) {
    return { style: 'market', reason: 'beginner-strong' };
  }
  if (signal.isFirstTrade) return { style: 'ladder', reason: 'first-trade' };
  if (notional >= large.notional || (share !== undefined && share >= large.turnoverShare)) {
    return { style: 'ladder', reason: 'large' };
  }
  const isSmall = notional <= small.notional && (share === undefined || share <= small.turnoverShare);
  if (signal.confidence >= defaults.highConfidence && isSmall) return { style: 'sniper', reason: 'high-small' };
  return { style: user.entryPreference, reason: 'preference' };
}
