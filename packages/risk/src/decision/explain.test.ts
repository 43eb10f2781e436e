import { toRate } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../recommendation/evaluate.ts';
import { FakeDesk, orderNumber } from '../testing/fake-desk.ts';
import { aRecommendation, aRecommendationInput } from '../testing/fixtures.ts';
import { explain } from './explain.ts';

describe('explain', () => {
  it('default: a signal, step by step, with what bounds its size', () => {
    const { decision } = evaluate(
      aRecommendationInput({ equity: 10_000, recommendation: aRecommendation({ confidence: 0.7 }) }),
    );
    const { headline, limitedBy, steps, text } = explain(decision);
    expect(headline).toBe(
      'A long of 0.01562 BTC-PERP@hyperliquid at paper with 3× leverage, bounded by confidence-scaling.',
    );
    expect(limitedBy).toEqual(['confidence-scaling']);
    expect(steps.map(({ number }) => number)).toEqual(steps.map((_, index) => index + 1));
    expect(steps.find(({ step }) => step === 'confidence-scaling')).toEqual({
      number: 9,
      step: 'confidence-scaling',
      change: 'size 0.025 → 0.015625',
      note: 'Times 0.625.',
    });
    expect(text.split('\n')[9]).toBe('9. confidence-scaling: size 0.025 → 0.015625. Times 0.625.');
  });

  it('behavior: where no trim made it smaller, the half of size₀ that did', () => {
    expect(explain(evaluate(aRecommendationInput()).decision).headline).toContain('bounded by position-margin');
  });

  it('behavior: a refusal with its code, limit and what was found', () => {
    const input = aRecommendationInput();
    const { decision } = evaluate({ ...input, limits: { ...input.limits, maxTotalMargin: toRate('0.0001') } });
    const { outcome, headline, refusal, text } = explain(decision);
    expect(outcome).toBe('rejected');
    expect(headline).toMatch(/^Refused \(size.below-minimum|total-margin.limit\)/);
    expect(refusal?.limit).not.toBe('');
    expect(text.split('\n').at(-1)).toBe(`Limit: ${refusal?.limit}. Found: ${refusal?.actual}.`);
  });

  it('behavior: an order of door 2, let pass and refused', async () => {
    const desk = new FakeDesk();
    desk.add();
    const brix = desk.brix();
    const passed = explain(await brix.authorize(orderNumber(1)));
    expect(passed.headline).toBe('Let pass: limit buy of 0.02 BTC-PERP@hyperliquid at paper.');
    expect(passed.steps).toHaveLength(16);
    expect(
      explain(await brix.authorize(orderNumber(2, { price: '70000' })))
        .text.split('\n')
        .slice(-2),
    ).toEqual(['5. price-collar: The price is too far from the mark.', 'Limit: 0.05. Found: 0.166666666666666667.']);
  });
});
