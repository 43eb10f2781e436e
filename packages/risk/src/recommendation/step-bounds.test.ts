import { type Opinion, type Recommendation, toPrice, toRate, toSize, toUsd } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { show } from '../decision/show.ts';
import { exact } from '../exact/exact.ts';
import {
  anInstrument,
  aPending,
  aPosition,
  aRecommendation,
  aRecommendationInput,
  aTicker,
  aUser,
  fresh,
  noonMs,
} from '../testing/fixtures.ts';
import { evaluate } from './evaluate.ts';
import { geometryRefused } from './geometry.ts';
import { planRefused } from './plan-refused.ts';
import type { RecommendationInput } from './recommendation-input.ts';
import { scalingFactor } from './scaling-factor.ts';

const targets = (...pairs: readonly (readonly [price: string, fraction: string])[]) =>
  pairs.map(([price, fraction]) => ({ price: price as never, fraction: toRate(fraction) }));
/** What a decision says: its size, or code, limit and actual. */
const decided = (input: RecommendationInput): string => {
  const { decision } = evaluate(input);
  return decision.outcome === 'signal'
    ? decision.signal.size
    : `${decision.rejection.code} ${decision.rejection.limit} ${decision.rejection.actual}`;
};
const stepOf = (input: RecommendationInput, name: string) =>
  evaluate(input).decision.steps.find(({ step }) => step === name);

describe('the geometry of a plan', () => {
  const right: Parameters<typeof geometryRefused>[0] = {
    direction: 'long',
    entry: toPrice(100),
    stopLoss: toPrice(99),
    takeProfits: targets(['101', '0.5'], ['102', '0.5']),
  };
  const at = (changes: Partial<Parameters<typeof geometryRefused>[0]>) =>
    geometryRefused({ ...right, takeProfits: [...right.takeProfits], ...changes })?.code ?? 'right';
  const short = { direction: 'short', stopLoss: toPrice(101), takeProfits: targets(['99', '1']) } as const;

  it('default: stop, entry and targets in their order, either way', () => {
    expect(at({})).toBe('right');
    expect(at(short)).toBe('right');
    expect(geometryRefused({ ...right, takeProfits: targets(['100', '1']) })).toMatchObject({
      ...{ limit: 'stop < entry < take profits', actual: '99, 100, 100' },
    });
    expect(geometryRefused({ ...right, ...short, stopLoss: toPrice(100) })).toMatchObject({
      ...{ limit: 'take profits < entry < stop', actual: '100, 100, 99' },
    });
  });

  it.each([
    ['no target', { takeProfits: [] }],
    ['a stop at the entry', { stopLoss: toPrice(100) }],
    ['a stop beyond the entry', { stopLoss: toPrice(101) }],
    ['the second target behind the entry', { takeProfits: targets(['101', '0.5'], ['100', '0.5']) }],
    ['the second target unreadable', { takeProfits: targets(['101', '0.5'], ['102x', '0.5']) }],
    ['a target of nothing', { takeProfits: targets(['101', '1'], ['102', '0']) }],
    ['targets of more than the whole', { takeProfits: targets(['101', '0.6'], ['102', '0.5']) }],
    ['a negative share', { takeProfits: targets(['101', '1'], ['102', '-0.5']) }],
    ['a short with the levels of a long', { direction: 'short' as const }],
    ['a long with the levels of a short', { ...short, direction: 'long' as const }],
    ['an entry of zero', { entry: toPrice(0) }],
    ['a stop of zero', { stopLoss: toPrice(0) }],
    ['a stop that is no number', { stopLoss: 'NaN' as never }],
    ['a stop in scientific writing', { stopLoss: '9e1' as never }],
    ['a stop with a sign', { stopLoss: '-99' as never }],
    ['an entry with a letter before it', { entry: 'x100' as never }],
    ['an entry that ends in a point', { entry: '100.' as never }],
    ['a letter behind the point', { entry: '100.a' as never }],
  ])('error: %s', (_, changes) => {
    expect(at(changes)).toBe('geometry.invalid');
  });

  it('behavior: many decimals, and shares of exactly the whole', () => {
    expect(at({ entry: toPrice('100.123456789') })).toBe('right');
    expect(at({ takeProfits: targets(['101', '0.999999999'], ['102', '0.000000001']) })).toBe('right');
  });
});

describe('what a plan’s scaling does', () => {
  const factor = (changes: Partial<Recommendation>) => show(scalingFactor(aRecommendation(changes)));

  it('default: fixed, by volatility, by confidence, between a half and one', () => {
    expect(factor({ scaling: 'fixed', atr: 600, atrMedian: 300, confidence: 0.6 })).toBe('1');
    const volatile = (atr: number) => factor({ scaling: 'volatility-based', atr, atrMedian: 300 });
    expect([volatile(300), volatile(400), volatile(1_000), volatile(100)]).toEqual(['1', '0.75', '0.5', '1']);
    const sure = (confidence: number) => factor({ scaling: 'confidence-based', confidence });
    expect([sure(0.6), sure(0.8), sure(1), sure(0.5)]).toEqual(['0.5', '0.75', '1', '0.5']);
  });
});

describe('what nobody can use', () => {
  it('default: confidence and age at their bounds', () => {
    const at = (changes: Partial<Recommendation>, atMs = noonMs) => {
      const rejection = planRefused(aRecommendation(changes), atMs);
      return rejection === undefined ? 'usable' : `${rejection.code} ${rejection.limit} ${rejection.actual}`;
    };
    expect(at({ confidence: 0.6 })).toBe('usable');
    expect(at({ confidence: 0.59 })).toBe('confidence.low 0.6 0.59');
    expect(at({ expiresAtMs: noonMs + 1 })).toBe('usable');
    expect(at({ expiresAtMs: noonMs })).toBe(`recommendation.expired ${noonMs} ${noonMs}`);
    expect(at({ confidence: 1.1 })).toMatch(/^confidence\.low /);
    expect(at({ stopLoss: 'x' as never })).toMatch(/^geometry\.invalid .* x$/);
    expect(at({ takeProfits: [{ price: 'y', fraction: '1' }] as never })).toMatch(/^geometry\.invalid .* y$/);
    expect(at({ market: 7 as never })).toMatch(/^recommendation\.invalid .* 7$/);
    const message = planRefused(aRecommendation({ takeProfits: [{ price: 'y', fraction: '1' }] as never }), noonMs);
    expect(message?.message).toContain('takeProfits.0.price');
    expect(planRefused('nothing' as never, noonMs)).toMatchObject({
      ...{ code: 'recommendation.invalid', message: expect.stringContaining('content') },
    });
  });
});

describe('what is held already', () => {
  const held = (changes: Parameters<typeof aPosition>[0] = {}) =>
    aPosition({
      ...{ instrumentId: 'BTC-PERP@hyperliquid', size: toSize('0.001'), margin: toUsd(10), leverage: 3 },
      ...{ entryPrice: toPrice(60_000), markPrice: toPrice(60_000) },
      ...{ protection: { stopLoss: toPrice(59_400), stopSize: toSize('0.001'), takeProfits: [] } },
      ...changes,
    });
  const pyramiding = aUser({ pyramiding: true });

  it('default: the same side is refused unless the user pyramids, with what stands', () => {
    expect(decided(aRecommendationInput({ positions: [held()] }))).toBe('position.exists none open');
    const pending = [aPending({ instrumentId: 'BTC-PERP@okx' })];
    expect(decided(aRecommendationInput({ pending }))).toBe('position.exists none pending');
    expect(decided(aRecommendationInput({ pending, positions: [held()] }))).toBe('position.exists none open');
    expect(decided(aRecommendationInput({ positions: [held({ size: toSize(0) })] }))).not.toMatch(/^position/);
    // Another market, whose name only begins the same.
    const longer = aRecommendationInput({ positions: [held({ instrumentId: 'BTC-PERPX@hyperliquid' })] });
    expect(decided(longer)).not.toMatch(/^position/);
    expect(stepOf(aRecommendationInput({ positions: [held()], user: pyramiding }), 'positions-held')).toMatchObject({
      ...{ before: { direction: 'long', pyramiding: true }, after: { adds: true } },
    });
  });

  it('behavior: only what is held at the very instrument and venue is added to', () => {
    const adds = (position: ReturnType<typeof held>) =>
      stepOf(aRecommendationInput({ positions: [position], user: pyramiding }), 'positions-held')?.after;
    expect(adds(held())).toEqual({ adds: true });
    expect(adds(held({ venue: 'okx' }))).toEqual({ adds: false });
    expect(adds(held({ instrumentId: 'BTC-PERP@okx' }))).toEqual({ adds: false });
    // What is added to counts in the signal's baseline, what is held elsewhere does not.
    const baseline = (position: ReturnType<typeof held>) =>
      evaluate(aRecommendationInput({ positions: [position], user: pyramiding })).pending?.baseline;
    expect([baseline(held()), baseline(held({ venue: 'okx' }))]).toEqual(['0.001', '0']);
  });

  it('behavior: the other side proposes a close; one that is pending waits', () => {
    const opposite = aRecommendationInput({
      positions: [held({ direction: 'short', venue: 'okx' })],
      user: pyramiding,
    });
    const { decision } = evaluate(opposite);
    expect(decision).toMatchObject({
      ...{ outcome: 'rejected', rejection: { code: 'position.opposite', limit: 'long', actual: 'short' } },
      proposal: { close: 'BTC-PERP@hyperliquid', venue: 'okx' },
    });
    const pending = [aPending({ instrumentId: 'BTC-PERP@okx', direction: 'short' })];
    expect(decided(aRecommendationInput({ pending, user: pyramiding }))).toBe(
      'position.opposite long pending opposite',
    );
  });
});

describe('the user’s own weighting', () => {
  const opinion = (
    agent: string,
    direction: Opinion['direction'],
    confidence: number,
    changes: Partial<Opinion> = {},
  ) =>
    ({
      ...{ agent, market: 'BTC-PERP', direction, confidence, atMs: noonMs, refreshMs: 60_000 },
      ...changes,
    }) as Opinion;
  const scored = (
    opinions: readonly Opinion[],
    profile: Record<string, number> | null = { vanta: 0.5, luma: 0.5 },
    plan: Partial<Recommendation> = {},
  ) => {
    const user = aUser(profile === null ? {} : { strategyProfile: profile });
    const input = aRecommendationInput({
      opinions,
      user,
      recommendation: aRecommendation({ confidence: 0.9, ...plan }),
    });
    const step = stepOf(input, 'personal-scoring');
    const { decision } = evaluate(input);
    return decision.outcome === 'rejected' && decision.rejection.code === 'confidence.low'
      ? `refused ${decision.rejection.limit} ${decision.rejection.actual}`
      : step?.after;
  };

  it('default: the consensus formula with the user’s weights', () => {
    expect(scored([opinion('vanta', 'long', 0.8), opinion('luma', 'long', 0.7)])).toEqual({
      ...{ confidence: 0.75, disagreement: 0 },
    });
    // (0.5 · 0.9) for it, 0.5 · 0.3 against: d = 0.25 and 0.9 · 0.875.
    const mixed = scored([opinion('vanta', 'long', 0.9), opinion('luma', 'short', 0.3)]);
    expect(mixed).toEqual({ confidence: expect.closeTo(0.7875, 9), disagreement: expect.closeTo(0.25, 9) });
    expect(scored([opinion('vanta', 'long', 0.9), opinion('luma', 'neutral', 0.9)])).toEqual({
      ...{ confidence: 0.9, disagreement: 0 },
    });
  });

  it('behavior: calibration multiplies the weight of its own agent', () => {
    const opinions = [opinion('vanta', 'long', 0.6), opinion('luma', 'long', 0.8)];
    expect(scored(opinions, null)).toEqual({ confidence: 0.9 });
    const seat = { direction: 'long', confidence: 0.8, weight: 0.5, source: 'rules' } as const;
    const contributors = [
      { ...seat, agent: 'meridian', factor: 1.5 },
      { ...seat, agent: 'luma', factor: 0.5 },
    ];
    // (0.5 · 0.6 + 0.25 · 0.8) / 0.75.
    expect(scored(opinions, undefined, { contributors })).toMatchObject({ confidence: expect.closeTo(2 / 3, 9) });
  });

  it('behavior: at the least confidence it passes, below it there is no signal', () => {
    expect(scored([opinion('vanta', 'long', 0.6)])).toEqual({ confidence: 0.6, disagreement: 0 });
    expect(scored([opinion('vanta', 'long', 0.59)])).toBe('refused 0.6 0.59');
    expect(scored([opinion('vanta', 'long', 0.9), opinion('luma', 'short', 0.9)])).toBe('refused 0.6 0');
    expect(scored([opinion('vanta', 'short', 0.9)])).toBe('refused 0.6 0');
    // Nobody of the profile has spoken for it.
    expect(scored([opinion('meridian', 'long', 0.9)])).toBe('refused 0.6 0');
  });

  it('behavior: opinions of other markets and those that are missing by now do not count', () => {
    const strong = opinion('vanta', 'long', 0.9);
    const late = (ageMs: number) => opinion('luma', 'long', 0.7, { atMs: noonMs - ageMs });
    expect(scored([strong, late(240_000)])).toMatchObject({ confidence: expect.closeTo(0.8, 9) });
    expect(scored([strong, late(240_001)])).toMatchObject({ confidence: 0.9 });
    expect(scored([strong, opinion('luma', 'long', 0.7, { market: 'ETH-PERP' })])).toMatchObject({ confidence: 0.9 });
    expect(scored([late(240_001)])).toEqual({ confidence: 0.9 });
  });

  it('behavior: a short is scored by the shorts', () => {
    const short = { direction: 'short', stopLoss: toPrice(60_600), takeProfits: targets(['58800', '1']) } as const;
    const opinions = [opinion('vanta', 'short', 0.9), opinion('luma', 'long', 0.3)];
    expect(scored(opinions, null, short)).toEqual({ confidence: 0.9 });
    expect(scored(opinions, { vanta: 0.5, luma: 0.5 }, short)).toMatchObject({
      ...{ confidence: expect.closeTo(0.7875, 9), disagreement: expect.closeTo(0.25, 9) },
    });
  });
});

describe('levels at another instrument', () => {
  const listed = anInstrument({ id: 'BTC-PERP@okx', priceRule: { kind: 'tick', tick: toPrice(1) } });
  const at = (mid: number, plan: Partial<Recommendation> = {}) => {
    const input = aRecommendationInput({
      ...{ listed, recommendation: aRecommendation(plan), mid },
      referenceTicker: fresh(aTicker('BTC-PERP@hyperliquid', 60_000)),
    });
    return stepOf(input, 'levels')?.after ?? stepOf(input, 'venue-routing')?.after;
  };

  it('default: moved by the ratio of the mids and rounded: the entry from crossing, the rest towards firing', () => {
    expect(at(60_060)).toEqual({ entry: '60060', stopLoss: '59460', takeProfits: ['61261'], basis: '0.001' });
    expect(at(60_007)).toMatchObject({ entry: '60007', stopLoss: '59407', takeProfits: ['61207'] });
    const short = { direction: 'short', stopLoss: toPrice('60600.5'), takeProfits: targets(['58800.5', '1']) } as const;
    expect(at(60_000, { ...short, entry: toPrice('60000.5') })).toMatchObject({
      ...{ entry: '60001', stopLoss: '60600', takeProfits: ['58801'] },
    });
  });

  it('behavior: thirty basis points are the same market, more are not', () => {
    expect(at(60_180)).toMatchObject({ basis: '0.003' });
    expect(at(60_181)).toEqual({ rejected: 'basis.limit' });
    expect(at(59_820)).toMatchObject({ basis: '0.003' });
    expect(at(59_819)).toEqual({ rejected: 'basis.limit' });
  });
});

describe('exact figures of a signal', () => {
  it('behavior: an equity of thirty decimals buys the same, no more than its budget', () => {
    const sizeAt = (equity: string, tier: 'beginner' | 'advanced') => decided(aRecommendationInput({ equity, tier }));
    for (const tier of ['beginner', 'advanced'] as const) {
      const size = sizeAt('10000', tier);
      expect(size).toMatch(/^0\.\d+$/);
      expect(sizeAt(`10000.${'0'.repeat(29)}1`, tier)).toBe(size);
    }
  });

  it('default: the whole of it', () => {
    const { decision, pending } = evaluate(aRecommendationInput());
    expect(decision).toMatchObject({
      signal: { leverage: 3, entry: '60000', stopLoss: '59400', marginMode: 'isolated', isFirstTrade: false },
    });
    expect(exact(pending?.remaining ?? 0).greaterThan(0)).toBe(true);
    expect(pending).toMatchObject({
      legs: [],
      baseline: '0',
      leverage: 3,
      stopLoss: '59400',
      size: pending?.remaining,
    });
  });
});
