import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brierOf, forecastOf, moveBetween } from './brier.ts';

const rates = { up: 0.2, flat: 0.5, down: 0.3 };
const probability = fc.double({ min: 0, max: 1, noNaN: true });
const probabilities = fc.tuple(probability, probability).map(([a, b]) => {
  const [low, high] = [Math.min(a, b), Math.max(a, b)];
  return { up: low, flat: high - low, down: 1 - high };
});

describe('moveBetween', () => {
  it('default: beyond the band is a move, the band itself is none', () => {
    const move = (exit: number): string => moveBetween(200, exit, 0.25);
    expect([move(250.01), move(250), move(200), move(150), move(149.99)]).toEqual([
      'up',
      'flat',
      'flat',
      'flat',
      'down',
    ]);
  });
});

describe('forecastOf', () => {
  it('default: the confidence for what is named, the rest as the others were before', () => {
    const long = forecastOf('long', 0.6, rates);
    expect(long.up).toBe(0.6);
    expect(long.flat).toBeCloseTo(0.4 * (5 / 8), 12);
    expect(long.down).toBeCloseTo(0.4 * (3 / 8), 12);
    const neutral = forecastOf('neutral', 0.9, rates);
    expect(neutral.flat).toBe(0.9);
    expect(neutral.up).toBeCloseTo(0.04, 12);
    expect(forecastOf('short', 0.3, rates)).toEqual({
      up: expect.closeTo(0.2, 12),
      flat: expect.closeTo(0.5, 12),
      down: 0.3,
    });
    // Where the others never happened each gets half.
    expect(forecastOf('long', 0.6, { up: 1, flat: 0, down: 0 })).toEqual({ up: 0.6, flat: 0.2, down: 0.2 });
  });

  it('behavior: probabilities, whatever was said and whatever was before', () => {
    const named = fc.constantFrom('long', 'short', 'neutral');
    fc.assert(
      fc.property(named, probability, probabilities, (direction, confidence, before) => {
        const { up, flat, down } = forecastOf(direction, confidence, before);
        expect(Math.min(up, flat, down)).toBeGreaterThanOrEqual(0);
        expect(up + flat + down).toBeCloseTo(1, 9);
      }),
    );
  });
});

describe('brierOf', () => {
  it('default: 0 for who was certain and right, 1 for who was certain and wrong', () => {
    expect(brierOf({ up: 1, flat: 0, down: 0 }, 'up')).toBe(0);
    expect(brierOf({ up: 1, flat: 0, down: 0 }, 'down')).toBe(1);
    expect(brierOf({ up: 1 / 3, flat: 1 / 3, down: 1 / 3 }, 'flat')).toBeCloseTo(1 / 3, 12);
    // (0.4² + 0.25² + 0.15²) / 2
    expect(brierOf({ up: 0.6, flat: 0.25, down: 0.15 }, 'up')).toBeCloseTo(0.1225, 12);
  });

  it('behavior: nobody expects to score better than by saying what is likely', () => {
    const expected = (said: typeof rates, likely: typeof rates): number =>
      likely.up * brierOf(said, 'up') + likely.flat * brierOf(said, 'flat') + likely.down * brierOf(said, 'down');
    fc.assert(
      fc.property(probabilities, probabilities, (said, likely) => {
        expect(expected(said, likely)).toBeGreaterThanOrEqual(expected(likely, likely) - 1e-12);
      }),
    );
  });
});
