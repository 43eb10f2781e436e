import { PerpDeskError } from '@perpdesk/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ModelAnswer } from './answer-schema.ts';
import { groundAnswer, numbersIn } from './grounding.ts';

const reading = {
  features: {
    'momentum.rsi': 61.234567,
    'oi.change': -1.2345678,
    'confluence.agreement': 0.75,
    close: 118_250.5,
    'flow.liquidatedUsd': 2_340_000,
  },
  keyLevels: [
    { kind: 'support', price: 117_800, strength: 0.6 },
    { kind: 'resistance', price: 119_000, strength: 0.8 },
  ],
  levelTolerance: 50,
} as const;

const answer: ModelAnswer = {
  direction: 'long',
  components: { trend: 15, structure: 10 },
  keyLevels: [],
  evidence: [{ feature: 'momentum.rsi', value: 61.2 }],
  reasoning: 'RSI at 61 supports the move.',
};
const ground = (change: Partial<ModelAnswer>, score = 50) => groundAnswer({ ...answer, ...change }, reading, score);
const codeOf = (run: () => unknown): string | undefined => {
  try {
    run();
    return undefined;
  } catch (error) {
    return PerpDeskError.is(error) ? error.code : 'other';
  }
};

describe('groundAnswer', () => {
  it('default: gives back the computed value of what is cited', () => {
    expect(ground({}).evidence).toEqual([{ feature: 'momentum.rsi', value: 61.234567 }]);
  });

  it('behavior: a level within the tolerance keeps the computed strength', () => {
    const { keyLevels } = ground({ keyLevels: [{ kind: 'support', price: 117_790 }] });
    expect(keyLevels).toEqual([{ kind: 'support', price: 117_790, strength: 0.6 }]);
  });

  it.each([
    ['a level too far from any', { keyLevels: [{ kind: 'support', price: 117_700 }] }],
    ['a level of the other kind', { keyLevels: [{ kind: 'resistance', price: 117_800 }] }],
    ['a feature that does not exist', { evidence: [{ feature: 'momentum.magic', value: 1 }] }],
    ['a name of the object itself', { evidence: [{ feature: 'constructor', value: 1 }] }],
    ['a feature at another value', { evidence: [{ feature: 'momentum.rsi', value: 58 }] }],
    ['a number nobody gave, in prose', { reasoning: 'A whale bought 4,200 coins.' }],
    ['a price nobody gave, in prose', { reasoning: 'It will reach 125k soon.' }],
    ['a price with its unit stuck to it', { reasoning: 'It is worth 99000USD.' }],
    ['digits of another script', { reasoning: 'It reaches ٩٩٠٠٠ soon.' }],
    ['a rounding that makes another number', { reasoning: 'The timeframes agree at 1.' }],
  ] as const)('error: %s', (_, change) => {
    expect(codeOf(() => ground(change))).toBe('model.ungrounded');
  });

  it.each([
    'RSI 14 at 61.2 on 15m and 4h.',
    'Open interest fell 1.2 % in an hour, the agreement is 75 %.',
    'Close at 118,250.5, near support at 117.8k; EMA(20) above EMA(50).',
    'Some 2.3M were liquidated.',
    'The score of 50 rests on trend 15.',
    'The 2nd swing high within 20 bars held.',
    'No number at all.',
  ])('behavior: takes “%s”', (reasoning) => {
    expect(codeOf(() => ground({ reasoning }))).toBeUndefined();
  });

  it('error: a direction that its own components do not give', () => {
    expect(codeOf(() => ground({ direction: 'short' }))).toBe('model.inconsistent');
    expect(codeOf(() => ground({ direction: 'long' }, 12))).toBe('model.inconsistent');
  });

  it('behavior: planted prices are caught', async () => {
    await fc.assert(
      fc.property(fc.integer({ min: 1_000, max: 200_000 }), (price) => {
        const near = [118_250.5, 117_800, 119_000].some((known) => Math.abs(known - price) <= 0.5);
        expect(codeOf(() => ground({ reasoning: `It heads for ${price}.` }))).toBe(
          near ? undefined : 'model.ungrounded',
        );
      }),
    );
  });
});

describe('numbersIn', () => {
  it('default: numbers with their precision, without names of timeframes and indicators', () => {
    const numbers = numbersIn('On 15m RSI(14) rose 2.50 to −61,000.5, 12k, 30 % and macd(12,26,9) too.');
    expect(numbers.map(({ value, decimals, percent }) => [value, decimals, percent])).toEqual([
      [2.5, 2, false],
      [-61_000.5, 1, false],
      [12_000, -3, false],
      [30, 0, true],
    ]);
  });
});
