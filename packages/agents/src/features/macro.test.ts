import { describe, expect, it } from 'vitest';
import { exampleMarket, exampleRelease, startAtMs } from '../testing/market.ts';
import { plainText, readCatalysts } from './catalysts.ts';
import { readRelease, readSurprises } from './macro-surprises.ts';

const dayMs = 86_400_000;
const atMs = startAtMs + 10 * dayMs;

describe('readSurprises', () => {
  it('default: polarity, importance and age weigh a surprise', () => {
    const { view } = exampleMarket(atMs, {
      releases: [
        exampleRelease('rate-expectations', 2, atMs),
        exampleRelease('rate-expectations', 1, atMs - 3.5 * dayMs, { importance: 'medium' }),
        exampleRelease('growth', 1, atMs - 7 * dayMs + 1, { polarity: 1 }),
      ],
    });
    const themes = readSurprises(view, atMs);
    expect(themes.get('rate-expectations')).toEqual({ surprise: -2 - 0.4 * 0.5, releases: 2 });
    expect(themes.get('growth')?.surprise).toBeCloseTo(0, 8);
    expect(themes.has('liquidity')).toBe(false);
  });

  it('behavior: an absurd surprise counts as three, one without consensus not at all', () => {
    expect(readRelease(exampleRelease('growth', 1e9, atMs))?.impact).toBe(-3);
    const { surprise: _, ...unscaled } = exampleRelease('growth', 1, atMs);
    expect(readRelease(unscaled)).toMatchObject({ impact: -0.5, outcome: 'beat' });
    const { consensus: __, ...event } = unscaled.event;
    expect(readRelease({ ...unscaled, event })).toBeUndefined();
  });
});

describe('readCatalysts', () => {
  const event = (series: string, importance: 'critical' | 'low', inMs: number) => ({
    ...exampleRelease('growth', 0, atMs + inMs, { series, importance }).event,
  });

  it('default: the most important first, then the soonest, within the window', () => {
    const macroEvents = [
      event('LOW', 'low', 1_000),
      event('LATER', 'critical', 3_000),
      event('SOON', 'critical', 2_000),
      event('FAR', 'critical', 9_000),
    ];
    const { view } = exampleMarket(atMs, { macroEvents });
    expect(readCatalysts(view, 5_000).map(({ series }) => series)).toEqual(['SOON', 'LATER', 'LOW']);
  });

  it('behavior: foreign text loses control and direction characters and is capped', () => {
    expect(plainText('a\u0000\u202Eb\nc')).toBe('a b c');
    expect([...plainText('😀'.repeat(300))]).toHaveLength(120);
  });
});
