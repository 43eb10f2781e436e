import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { microUsd, microUsdOf, usdOfMicro } from './cost.ts';
import { estimateTokens } from './token-estimate.ts';

describe('microUsdOf', () => {
  const prices = { inputUsdPerMillion: 0.25, outputUsdPerMillion: 2, cachedInputUsdPerMillion: 0.025 };

  it('default: tokens times price, exact, rounded up to a millionth', () => {
    expect(microUsdOf({ inputTokens: 1_000, outputTokens: 100 }, prices)).toBe(450);
    expect(microUsdOf({ inputTokens: 1_001, outputTokens: 100 }, prices)).toBe(451);
    // 100 × 0.15 is 15.000000000000002 as floats: not 16.
    expect(
      microUsdOf({ inputTokens: 100, outputTokens: 0 }, { inputUsdPerMillion: 0.15, outputUsdPerMillion: 0 }),
    ).toBe(15);
  });

  it('behavior: cached input has its own price, and is never more than the input', () => {
    expect(microUsdOf({ inputTokens: 1_000, outputTokens: 0 }, prices, 400)).toBe(160);
    expect(microUsdOf({ inputTokens: 1_000, outputTokens: 0 }, prices, 9_000)).toBe(25);
    expect(
      microUsdOf({ inputTokens: 1_000, outputTokens: 0 }, { ...prices, cachedInputUsdPerMillion: 0.25 }, 400),
    ).toBe(250);
  });

  it('behavior: dollars come back as they were', async () => {
    await fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 50 }), (micro) => {
        expect(microUsd(usdOfMicro(micro))).toBe(micro);
      }),
    );
  });
});

describe('estimateTokens', () => {
  it('default: letters by halves, digits and marks by one, other scripts by byte', () => {
    expect(estimateTokens('')).toBe(0);
    expect(estimateTokens('the market rose')).toBe(8);
    expect(estimateTokens('{"rsi":61.2}')).toBe(11);
    expect(estimateTokens('市場')).toBe(6);
  });

  it('behavior: never under half a token a character, never over a token a byte, and grows with the text', async () => {
    await fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, more) => {
        const estimate = estimateTokens(text);
        expect(estimate).toBeGreaterThanOrEqual(text.length / 2);
        expect(estimate).toBeLessThanOrEqual(Buffer.byteLength(text));
        expect(estimateTokens(text + more)).toBeGreaterThanOrEqual(estimate);
      }),
    );
  });
});
