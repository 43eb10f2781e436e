import { ModelError } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { Luma } from '../luma/agent.ts';
import { ScriptedModel } from '../model/scripted-model.ts';
import { exampleCandles, exampleMarket, startAtMs } from '../testing/market.ts';
import { answerTo } from '../testing/model-answer.ts';
import { Vanta } from '../vanta/agent.ts';

const atMs = startAtMs + 14 * 86_400_000;
const candles = exampleCandles({ drift: () => 0.000_005 });
const market = () => exampleMarket(atMs, { candles });

describe('Analyst', () => {
  it('default: beside a model’s opinion stands what the rules say of the same data', async () => {
    const { view, clock, request } = market();
    const model = new ScriptedModel({ answer: ({ prompt }) => answerTo(prompt, -20) });
    const judged = await new Vanta({ marketView: view, clock, model }).opine(request);
    const alone = await new Vanta({ marketView: view, clock }).opine(request);
    expect(judged).toMatchObject({ source: 'model', direction: 'short', score: -80 });
    expect(alone?.direction).toBe('neutral');
    const { direction, score, confidence } = alone ?? {};
    expect(judged?.ruled).toEqual({ direction, score, confidence });
    expect(alone).not.toHaveProperty('ruled');
  });

  it('behavior: rules that stood in for a model do not stand beside themselves', async () => {
    const { view, clock, request } = market();
    const model = new ScriptedModel({
      answer: () => {
        throw new ModelError('model.unavailable', 'It is down.');
      },
    });
    const opinion = await new Vanta({ marketView: view, clock, model }).opine(request);
    expect(opinion?.source).toBe('rules');
    expect(opinion).not.toHaveProperty('ruled');
  });

  it('behavior: what a filter holds back is neutral in both', async () => {
    const { view, clock, request } = market();
    const model = new ScriptedModel({ answer: ({ prompt }) => answerTo(prompt, 15) });
    const settings = { filter: 'strong-only' } as const;
    const luma = new Luma({ marketView: view, derivativesView: view, clock, model, settings });
    const opinion = await luma.opine(request);
    expect(opinion).toMatchObject({
      source: 'model',
      score: 60,
      direction: 'neutral',
      ruled: { direction: 'neutral' },
    });
  });
});
