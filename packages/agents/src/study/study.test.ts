import { ConfigError, ModelError, SeededRandom, SimulatedClock, SortableIdGenerator } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import type { AnswerStore, KeptAnswer } from '../model/cache/answer-store.ts';
import { MemoryModelJournal } from '../model/journal/memory-model-journal.ts';
import { RecordingModel } from '../model/journal/recording-model.ts';
import { ScriptedModel } from '../model/scripted-model.ts';
import { exampleAnswer, exampleQuestion } from '../testing/question.ts';
import { compareCutoff } from './compare-cutoff.ts';
import { estimateStudyCost } from './estimate-cost.ts';
import { StudyModel } from './study-model.ts';

const clock = new SimulatedClock();
const prices = { inputUsdPerMillion: 1, outputUsdPerMillion: 10 };
const question = (index: number) => exampleQuestion({ prompt: `features: {"rsi":${index}}` });

/** Keeps answers in this process, as a folder of answers does over runs. */
class AnswersInMemory implements AnswerStore {
  readonly kept = new Map<string, KeptAnswer>();
  async open(): Promise<void> {}
  async get(key: string): Promise<KeptAnswer | undefined> {
    return this.kept.get(key);
  }
  async put(key: string, answer: KeptAnswer): Promise<void> {
    this.kept.set(key, answer);
  }
  async prune(): Promise<void> {}
}

const cloud = () =>
  new ScriptedModel({
    name: 'cloud',
    about: prices,
    usage: { inputTokens: 1_000, outputTokens: 100 },
    answer: () => exampleAnswer,
  });

describe('StudyModel', () => {
  it('default: what was paid for is kept, and a later study from the cache costs nothing', async () => {
    const answers = new AnswersInMemory();
    const model = cloud();
    const paid = new StudyModel({ mode: 'paid', model, answers, clock, capUsd: 1 });
    for (const index of [1, 2, 1]) await paid.generate(question(index));
    await paid.flush();
    expect(paid.outcome()).toMatchObject({
      outcome: 'complete',
      ...{ questions: 3, asked: 2, kept: 1, inputTokens: 2_000, outputTokens: 200, usd: 0.004 },
    });
    const cached = new StudyModel({ mode: 'cache', model: { name: 'cloud' }, answers, clock });
    expect((await cached.generate(question(1))).value).toEqual(exampleAnswer);
    await expect(cached.generate(question(3))).rejects.toMatchObject({ code: 'model.not-recorded' });
    expect(cached.outcome()).toMatchObject({ asked: 0, kept: 1, usd: 0, unanswered: { 'model.not-recorded': 1 } });
    expect(model.questions).toHaveLength(2);
  });

  it('behavior: no question leaves that could pass the cap, which ends the run once, and nothing is lost', async () => {
    const answers = new AnswersInMemory();
    const model = cloud();
    let capped = 0;
    // One question may take about 0.0226 dollars, and takes 0.002.
    const options = { mode: 'paid', model, answers, clock, capUsd: 0.03, onCapped: () => (capped += 1) } as const;
    const study = new StudyModel(options);
    const codes: string[] = [];
    for (let index = 0; index < 20; index += 1)
      await study.generate(question(index)).catch((error: unknown) => {
        if (ModelError.is(error)) codes.push(error.code);
      });
    await study.flush();
    const outcome = study.outcome();
    expect(outcome).toMatchObject({ outcome: 'capped', capUsd: 0.03, questions: 20 });
    expect(outcome.usd).toBeLessThanOrEqual(0.03);
    expect(outcome.asked).toBeGreaterThan(1);
    expect(new Set(codes)).toEqual(new Set(['model.over-budget']));
    expect(capped).toBe(1);
    expect(answers.kept.size).toBe(outcome.asked);
    // A second run is free up to where the first ended, and gets further.
    const again = new StudyModel(options);
    for (let index = 0; index <= outcome.asked; index += 1) await again.generate(question(index));
    expect(again.outcome()).toMatchObject({ outcome: 'complete', asked: 1, kept: outcome.asked });
  });

  it('behavior: a recording is replayed, its failures as questions without an answer', async () => {
    const journal = new MemoryModelJournal();
    const ids = new SortableIdGenerator({ clock, random: new SeededRandom('study') });
    const failing = new ScriptedModel({
      answer: (_, index) => {
        if (index === 1) throw new ModelError('model.unavailable', 'Status 500.', { retryable: true });
        return exampleAnswer;
      },
    });
    const recording = new RecordingModel({ model: failing, journal, clock, ids });
    for (const index of [0, 1]) await recording.generate(question(index)).catch(() => undefined);
    await recording.flush();
    const study = new StudyModel({ mode: 'replay', journal, clock });
    expect((await study.generate(question(0))).value).toEqual(exampleAnswer);
    await expect(study.generate(question(1))).rejects.toMatchObject({ code: 'model.not-recorded', retryable: false });
    expect(study.outcome()).toMatchObject({ kept: 1, usd: 0, unanswered: { 'model.unavailable': 1 } });
  });

  it('error: a cap in dollars needs prices', () => {
    const options = { mode: 'paid', answers: new AnswersInMemory(), clock } as const;
    expect(() => new StudyModel({ ...options, model: new ScriptedModel({ answer: () => 1 }), capUsd: 1 })).toThrow(
      ConfigError,
    );
    expect(() => new StudyModel({ ...options, model: cloud(), capUsd: Number.NaN })).toThrow(ConfigError);
  });
});

describe('estimateStudyCost', () => {
  it('default: rounds, questions, tokens and prices, from a run that asks nothing', async () => {
    const study = new StudyModel({ mode: 'measure', model: cloud(), clock });
    for (let index = 0; index < 8; index += 1) await study.generate(question(index)).catch(() => undefined);
    const counts = study.outcome();
    expect(counts.questions).toBe(8);
    const sample = { counts, rounds: 2, outputTokensPerAnswer: 100 };
    const estimate = estimateStudyCost(cloud(), sample, 100);
    expect(estimate.questions).toBe(400);
    expect(estimate.inputTokens).toBe(counts.estimatedInputTokens * 50);
    expect(estimate.outputTokens).toBe(40_000);
    expect(estimate.usd).toBeCloseTo((estimate.inputTokens * 1 + 40_000 * 10) / 1e6, 9);
    expect(estimate.mostUsd).toBeCloseTo(counts.mostUsd * 50, 5);
    // Nobody measured what answers take: they are reckoned at their bound.
    expect(estimateStudyCost(cloud(), { counts, rounds: 2 }, 100).outputTokens).toBe(400 * 1_024);
  });

  it('error: without prices, and without a round, nothing is estimated', () => {
    const counts = { questions: 1, estimatedInputTokens: 1, mostUsd: 1 };
    expect(() => estimateStudyCost({ name: 'x' }, { counts, rounds: 1 }, 1)).toThrow(/prices of x/);
    expect(() => estimateStudyCost(cloud(), { counts, rounds: 0 }, 1)).toThrow(/no round/);
  });
});

describe('compareCutoff', () => {
  const window = { fromMs: Date.UTC(2025, 6, 1), toMs: Date.UTC(2025, 6, 11) };
  it.each([
    ['2025-06-30', 'none', 0],
    ['2025-07-01', 'partly', 0.1],
    ['2025-07-10', 'whole', 1],
    ['2026-01-01', 'whole', 1],
  ] as const)('default: a model that has read up to %s remembers %s of it', (knowledgeCutoff, overlap, share) => {
    const found = compareCutoff({ name: 'cloud', about: { knowledgeCutoff } }, window);
    expect(found).toMatchObject({ overlap, share });
    expect(found.text.startsWith('OVERLAP')).toBe(overlap !== 'none');
  });

  it('behavior: a cutoff that nobody knows is flagged', () => {
    expect(compareCutoff({ name: 'cloud' }, window)).toEqual({
      overlap: 'unknown',
      text: 'OVERLAP UNKNOWN: cloud does not say up to when it has read; it may remember 2025-07-01 to 2025-07-11.',
    });
  });
});
