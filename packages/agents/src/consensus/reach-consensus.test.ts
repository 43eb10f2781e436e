import type { Direction } from '@perpdesk/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calibrationFactor } from './calibration-factor.ts';
import { freshness } from './freshness.ts';
import { isStrong, reachConsensus, type Seat } from './reach-consensus.ts';

type Word = readonly [Direction, number, 'stale'?] | undefined;
const seats = (...words: readonly Word[]): Seat[] =>
  (
    [
      ['vanta', 0.4],
      ['luma', 0.35],
      ['meridian', 0.25],
    ] as const
  ).map(([agent, weight], index) => {
    const word = words[index];
    return word === undefined
      ? { agent, weight }
      : { agent, weight, vote: { direction: word[0], confidence: word[1], stale: word[2] === 'stale' } };
  });

describe('reachConsensus', () => {
  // The check values of PRODUCT §2; the long decimals are the formula's terms worked by hand.
  it.each([
    ['all long', seats(['long', 0.75], ['long', 0.7], ['long', 0.65]), 0.7075, 'long'],
    ['Meridian missing', seats(['long', 0.75], ['long', 0.7], undefined), (0.545 / 0.75) * 0.85, 'long'],
    ['one stale', seats(['long', 0.75], ['long', 0.7, 'stale'], ['long', 0.65]), 0.63675, 'long'],
    [
      'Meridian short',
      seats(['long', 0.75], ['long', 0.7], ['short', 0.65]),
      (0.545 / 0.75) * (1 - (0.5 * 0.1625) / 0.7075),
      'long',
    ],
  ] as const)('default: %s', (_, given, confidence, direction) => {
    const result = reachConsensus(given);
    expect(Math.abs(result.confidence - confidence)).toBeLessThan(1e-9);
    expect(result.direction).toBe(direction);
    expect(result.standAside).toBeUndefined();
  });

  it('default: the printed check values', () => {
    expect(reachConsensus(seats(['long', 0.75], ['long', 0.7], undefined)).confidence).toBeCloseTo(0.6176666, 6);
    expect(reachConsensus(seats(['long', 0.75], ['short', 0.7], ['long', 0.65])).confidence).toBeCloseTo(0.58834, 5);
    expect(reachConsensus(seats(['long', 0.75], ['long', 0.7], ['short', 0.65])).confidence).toBeCloseTo(0.6432, 4);
  });

  it.each([
    ['Luma short', seats(['long', 0.75], ['short', 0.7], ['long', 0.65]), 'low-confidence'],
    ['one vote', seats(['long', 0.75], ['neutral', 0.5], ['neutral', 0.5]), 'too-few-votes'],
    ['all neutral', seats(['neutral', 0.75], ['neutral', 0.5], ['neutral', 0.5]), 'too-few-votes'],
    ['one present', seats(['long', 0.9], undefined, undefined), 'too-few-agents'],
    ['nobody', seats(undefined, undefined, undefined), 'too-few-agents'],
    ['a heavy minority', seats(['long', 0.6], ['short', 0.9], ['long', 0.6]), 'disagreement'],
  ] as const)('behavior: stands aside with %s', (_, given, reason) => {
    expect(reachConsensus(given)).toMatchObject({ standAside: reason, direction: 'neutral' });
  });

  it('behavior: equal sides tie', () => {
    const tied = [
      { agent: 'a', weight: 0.5, vote: { direction: 'long', confidence: 0.7, stale: false } },
      { agent: 'b', weight: 0.5, vote: { direction: 'short', confidence: 0.7, stale: false } },
    ] as const;
    expect(reachConsensus(tied).standAside).toBe('tie');
  });

  it('behavior: the bounds themselves pass', () => {
    expect(reachConsensus(seats(['long', 0.6], ['long', 0.6], ['long', 0.6])).standAside).toBeUndefined();
    const atBound = [
      { agent: 'a', weight: 1, vote: { direction: 'long', confidence: 0.75, stale: false } },
      { agent: 'b', weight: 1, vote: { direction: 'long', confidence: 0.75, stale: false } },
      { agent: 'c', weight: 1, vote: { direction: 'short', confidence: 1, stale: false } },
    ] as const;
    expect(reachConsensus(atBound).disagreement).toBeCloseTo(0.4, 12);
    expect(reachConsensus(atBound).standAside).toBeUndefined(); // d = 0.40 and 0.75 × 0.8 = 0.60
  });

  it('default: a short consensus, with who was missing and whose word was old', () => {
    const result = reachConsensus(seats(['short', 0.9], ['short', 0.8, 'stale'], undefined));
    // Base (0.4 · 0.9 + 0.35 · 0.8) / 0.75, less 15 % for who is missing and 10 % for the old word.
    expect(result.confidence).toBeCloseTo((0.64 / 0.75) * 0.85 * 0.9, 12);
    expect(result).toMatchObject({ direction: 'short', missing: ['meridian'], stale: ['luma'], disagreement: 0 });
    expect(result).not.toHaveProperty('standAside');
  });

  it('default: the devil’s advocate takes up to a tenth of a strong consensus, and leaves it strong', () => {
    const strong = seats(['long', 0.9], ['long', 0.9], ['neutral', 0.6]);
    const against = (strength: number) => reachConsensus(strong, undefined, { agent: 'meridian', strength });
    expect(against(0).confidence).toBeCloseTo(0.9, 12);
    expect(against(0.5).confidence).toBeCloseTo(0.9 * 0.95, 12);
    expect(against(1)).toMatchObject({ direction: 'long', challenge: { agent: 'meridian', strength: 1 } });
    expect(against(1).confidence).toBeCloseTo(0.81, 12);
    expect(against(9).confidence).toBeCloseTo(0.81, 12);
    const barely = seats(['short', 0.78], ['short', 0.78], ['short', 0.78]);
    expect(reachConsensus(barely, undefined, { agent: 'luma', strength: 1 })).toMatchObject({
      direction: 'short',
      confidence: 0.75,
    });
  });

  it('behavior: a challenge to what is not strong changes nothing', () => {
    for (const given of [
      seats(['long', 0.75], ['long', 0.7], ['long', 0.65]),
      seats(['long', 0.99], ['long', 0.99], ['short', 0.2]),
      seats(['long', 0.99], undefined, undefined),
    ]) {
      expect(isStrong(reachConsensus(given))).toBe(false);
      expect(reachConsensus(given, undefined, { agent: 'luma', strength: 1 })).toEqual(reachConsensus(given));
    }
  });

  it('behavior: strong is what is at the bound, and what float error alone takes below it', () => {
    const consensus = reachConsensus(seats(['long', 0.75], ['long', 0.75], ['long', 0.75]));
    const strong = (below: number) => isStrong({ ...consensus, confidence: 0.75 - below });
    expect([0, 1e-12, 2e-12].map(strong)).toEqual([true, true, false]);
  });

  it('behavior: whatever the case, a challenge raises nothing, turns nothing and silences nothing', () => {
    const confidence = fc.double({ min: 0.6, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        confidence,
        confidence,
        confidence,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (a, b, c, strength) => {
          const given = seats(['short', a], ['short', b], ['short', c]);
          const before = reachConsensus(given);
          const after = reachConsensus(given, undefined, { agent: 'luma', strength });
          expect(after.confidence).toBeLessThanOrEqual(before.confidence);
          expect(after.confidence).toBeGreaterThanOrEqual(Math.min(before.confidence, 0.75));
          expect([after.direction, after.standAside]).toEqual([before.direction, before.standAside]);
        },
      ),
    );
  });

  it('behavior: calibration moves a vote as a weight would', () => {
    const [vanta, luma, meridian] = seats(['long', 0.75], ['long', 0.7], ['short', 0.65]);
    if (!vanta || !luma || !meridian) throw new Error('three seats');
    const calibrated = reachConsensus([{ ...vanta, factor: 0.5 }, luma, { ...meridian, factor: 1.5 }]);
    const reweighted = reachConsensus([{ ...vanta, weight: 0.2 }, luma, { ...meridian, weight: 0.375 }]);
    expect(calibrated.confidence).toBeCloseTo(reweighted.confidence, 12);
  });

  it('behavior: mirrored votes give the mirrored result, within bounds, whatever the order', () => {
    const word = fc.option(
      fc.record({
        direction: fc.constantFrom<Direction>('long', 'short', 'neutral'),
        confidence: fc.double({ min: 0, max: 1, noNaN: true }),
        stale: fc.boolean(),
      }),
    );
    const mirror = { long: 'short', short: 'long', neutral: 'neutral' } as const;
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), (words) => {
        const given: Seat[] = words.map((vote, i) => ({
          agent: `a${i}`,
          weight: 0.2 + i / 10,
          ...(vote ? { vote } : {}),
        }));
        const result = reachConsensus(given);
        const mirrored = reachConsensus(
          given.map((seat) =>
            seat.vote ? { ...seat, vote: { ...seat.vote, direction: mirror[seat.vote.direction] } } : seat,
          ),
        );
        expect(result.confidence).toBeGreaterThanOrEqual(0);
        expect(result.confidence).toBeLessThanOrEqual(1);
        expect(mirrored.direction).toBe(mirror[result.direction]);
        expect(mirrored.standAside).toBe(result.standAside);
        expect(reachConsensus([...given].reverse()).confidence).toBeCloseTo(result.confidence, 12);
        if (result.direction !== 'neutral') {
          expect(result.votes.filter((vote) => vote.direction === result.direction).length).toBeGreaterThanOrEqual(2);
          expect(result.confidence).toBeGreaterThanOrEqual(0.6 - 1e-12); // the rounding that a bound is given
        }
      }),
    );
  });
});

describe('calibrationFactor', () => {
  it('default: shrinks towards 1 and is clamped', () => {
    expect(calibrationFactor(undefined)).toBe(1);
    expect(calibrationFactor({ scored: 0, skill: 1, hitRate: 1 })).toBe(1);
    expect(calibrationFactor({ scored: 50, skill: 0.2, hitRate: 0.6 })).toBeCloseTo(1.1, 12);
    expect(calibrationFactor({ scored: 10_000, skill: 0.9, hitRate: 0.9 })).toBe(1.5);
    expect(calibrationFactor({ scored: 10_000, skill: -3, hitRate: 0.1 })).toBe(0.5);
  });
});

describe('freshness', () => {
  it('default: the bound itself counts as the better state', () => {
    const at = (ageMs: number): string => freshness({ atMs: 0, refreshMs: 100 }, ageMs);
    expect([200, 201, 400, 401].map(at)).toEqual(['fresh', 'stale', 'stale', 'missing']);
    expect(freshness(undefined, 0)).toBe('missing');
    // The age counts, not the hour.
    expect(freshness({ atMs: 1_000, refreshMs: 100 }, 1_200)).toBe('fresh');
    expect(freshness({ atMs: 1_000, refreshMs: 100 }, 1_401)).toBe('missing');
  });
});
