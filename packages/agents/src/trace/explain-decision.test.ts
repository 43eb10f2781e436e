import {
  type LanguageModel,
  SeededRandom,
  SimulatedClock,
  SortableIdGenerator,
  toRate,
  ValidationError,
} from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { MemoryModelJournal } from '../model/journal/memory-model-journal.ts';
import { RecordingModel } from '../model/journal/recording-model.ts';
import { ScriptedModel } from '../model/scripted-model.ts';
import { answerTo } from '../testing/model-answer.ts';
import { exampleScore } from '../testing/opinion-score.ts';
import { runDecision } from '../testing/replayable-desk.ts';
import { explainDecision } from './explain-decision.ts';

async function byModel() {
  const modelJournal = new MemoryModelJournal();
  const clock = new SimulatedClock();
  const cloud = new ScriptedModel({
    name: 'cloud',
    usage: { inputTokens: 1_000, outputTokens: 100 },
    answer: ({ purpose, prompt }) =>
      purpose.startsWith('riven/')
        ? { reasoning: 'It rests on the trend.', keepTargets: [0] }
        : purpose.startsWith('koda/')
          ? { choice: 0, notes: ['It fits.'] }
          : answerTo(prompt, 15),
  });
  const priced: LanguageModel = {
    name: cloud.name,
    generate: async (request, options) => ({ ...(await cloud.generate(request, options)), costUsd: 0.00045 }),
  };
  const model = new RecordingModel({
    model: priced,
    journal: modelJournal,
    clock,
    ids: new SortableIdGenerator({ clock, random: new SeededRandom('questions') }),
  });
  const run = await runDecision({ model });
  await model.flush();
  return { ...run, modelJournal };
}

describe('explainDecision', () => {
  it('default: steps with inputs, outputs and questions, what it cost and what it may earn', async () => {
    const run = await byModel();
    const { steps, cost, plans, text } = await explainDecision(run);
    const vanta = steps.find(({ id }) => id.startsWith('opinion:vanta:'));
    expect(vanta?.text).toBe('vanta is long at 0.75, score 60, by its model (prompt 1).');
    expect(vanta?.inputs?.method).toMatchObject({ name: 'vanta', promptVersion: 1 });
    expect(vanta?.questions).toMatchObject([
      { purpose: 'vanta/1', model: 'cloud', outcome: 'answered', kept: false, costUsd: 0.00045 },
    ]);
    // Vanta's first word is its opinion's answer again: it is asked for once.
    const spoken = steps.filter(({ type }) => type === 'turn.completed');
    expect(spoken[0]?.questions).toEqual([]);
    expect(spoken.slice(1, 3).map(({ questions }) => questions.length)).toEqual([1, 1]);
    const asked = steps.flatMap(({ questions }) => questions).length;
    expect(cost).toEqual({
      questions: asked,
      inputTokens: asked * 1_000,
      outputTokens: asked * 100,
      usd: Math.round(asked * 450) / 1e6,
      unpriced: 0,
      modelMs: 0,
    });
    const [plan] = plans;
    expect(plan?.breakEvenUsd).toBeCloseTo((cost.usd * 10_000) / (plan?.edge.edgeBp ?? 0), 9);
    expect(text).toContain('Long at ');
    expect(text).toContain(`${asked} questions to models took ${asked * 1_000} + ${asked * 100} tokens, $${cost.usd}`);
    expect(text.split('\n').at(-1)).toMatch(/^Expected edge .* R .* it pays for the decision from a notional of \$/);
  });

  it('behavior: by rules, without journals: what was published is all that is told', async () => {
    const { traceId, eventBus } = await runDecision();
    const { steps, cost, plans, text } = await explainDecision({ traceId, eventBus });
    expect(steps.every(({ inputs, questions }) => inputs === undefined && questions.length === 0)).toBe(true);
    expect(cost.usd).toBe(0);
    expect(text).toContain('No model was asked.');
    expect(plans).toEqual([]);
  });

  it('behavior: a fee that is given counts', async () => {
    const { traceId, eventBus } = await byModel();
    const { plans } = await explainDecision({ traceId, eventBus, takerFeeRate: toRate('0.001') });
    const dear = await explainDecision({ traceId, eventBus, takerFeeRate: toRate('0.002') });
    expect(dear.plans[0]?.edge.feesR).toBeCloseTo((plans[0]?.edge.feesR ?? 0) * 2, 9);
  });

  it('behavior: scores, which come hours later, are no part of the decision', async () => {
    const { traceId, eventBus } = await runDecision();
    const before = await explainDecision({ traceId, eventBus });
    await eventBus.publish({ type: 'opinion.scored', key: 'BTC-PERP', traceId, payload: exampleScore() });
    expect(await explainDecision({ traceId, eventBus })).toEqual(before);
  });

  it('error: a trace that there is not', async () => {
    const { eventBus } = await runDecision();
    await expect(explainDecision({ traceId: 'none', eventBus })).rejects.toThrow(ValidationError);
  });
});
