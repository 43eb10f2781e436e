import { describe, expect, it } from 'vitest';
import { marketStateOf } from './regime.ts';

describe('marketStateOf', () => {
  it.each([
    ['a bar of three ATR', { 'volatility.lastRange': 3, 'confluence.bias': 1 }, 'volatile', 'volatility-spike'],
    [
      'a fresh change of character',
      { 'structure.breakIsChange': 1, 'structure.breakAge': 1, 'volatility.atrTrend': 1.1 },
      'transitioning',
      'transition',
    ],
    ['narrow bands', { 'volatility.bandWidthPercentile': 0.1, 'confluence.bias': 0.9 }, 'quiet', 'compression'],
    ['a trend over the timeframes', { 'confluence.bias': -0.5 }, 'trending', 'trend'],
    [
      'bands that widen',
      { 'volatility.bandWidthPercentile': 0.9, 'volatility.atrTrend': 1.3 },
      'volatile',
      'expansion',
    ],
    ['fading volatility', { 'volatility.atrTrend': 0.7 }, 'quiet', 'mean-reversion'],
    ['nothing of these', {}, 'ranging', 'mean-reversion'],
  ] as const)('default: %s', (_, features, regime, structureState) => {
    expect(marketStateOf(features)).toEqual({ regime, structureState });
  });
});
