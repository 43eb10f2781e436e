import { type EntryStyle, type Tier, toUsd } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { exampleSignal } from '../testing/signal.ts';
import { chooseStyle, type StyleReason } from './choose-style.ts';

const user = (tier: Tier, entryPreference: EntryStyle = 'ladder') => ({ tier, entryPreference });
const turnover = { turnover: 10_000_000 };
type Case = readonly [string, Parameters<typeof exampleSignal>[0], ReturnType<typeof user>, EntryStyle, StyleReason];

describe('chooseStyle', () => {
  it.each<Case>([
    ['a beginner with a strong signal', { confidence: 0.75 }, user('beginner'), 'market', 'beginner-strong'],
    [
      '… even on a large first trade',
      { confidence: 0.75, isFirstTrade: true, notional: toUsd(90_000) },
      user('beginner'),
      'market',
      'beginner-strong',
    ],
    ['a first trade', { isFirstTrade: true, confidence: 0.9 }, user('advanced', 'market'), 'ladder', 'first-trade'],
    [
      'a beginner with a weaker first signal',
      { isFirstTrade: true, confidence: 0.74 },
      user('beginner'),
      'ladder',
      'first-trade',
    ],
    ['a large order', { notional: toUsd(25_000), confidence: 0.9 }, user('advanced', 'market'), 'ladder', 'large'],
    ['high confidence and small', { confidence: 0.8 }, user('advanced', 'market'), 'sniper', 'high-small'],
    [
      'high confidence, not small',
      { confidence: 0.8, notional: toUsd(6_000) },
      user('advanced', 'market'),
      'market',
      'preference',
    ],
    ['small, not high', { confidence: 0.79 }, user('advanced', 'market'), 'market', 'preference'],
    ['nothing of these', {}, user('intermediate'), 'ladder', 'preference'],
  ])('default: %s', (_, change, settings, style, reason) => {
    expect(chooseStyle(exampleSignal(change), settings, turnover)).toEqual({ style, reason });
  });

  it('behavior: large and small go by the market too', () => {
    const thin = { turnover: 300_000 };
    expect(chooseStyle(exampleSignal({ confidence: 0.9 }), user('advanced', 'market'), thin)).toEqual({
      style: 'ladder',
      reason: 'large',
    });
    expect(chooseStyle(exampleSignal({ confidence: 0.9 }), user('advanced'), {})).toEqual({
      style: 'sniper',
      reason: 'high-small',
    });
  });
});
