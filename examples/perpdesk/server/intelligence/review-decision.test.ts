import {
  AgentService,
  DecisionRecorder,
  FeatureAgent,
  Koda,
  KodaService,
  MemoryDecisionJournal,
  MemoryModelJournal,
  RecordingModel,
  ScriptedModel,
} from '@perpdesk/agents';
import { MemoryEventBus, type Signal, SimulatedClock } from '@perpdesk/core';
import { decisionReviewSchema } from '@perpdesk/core/api';
import { StaticMarketView, testIds } from '@perpdesk/core/testing';
import { describe, expect, it } from 'vitest';
import { exampleApproval, exampleAtMs, exampleInstrument } from '../http/testing/example-data.ts';
import { reviewDecision } from './review-decision.ts';

const instrument = exampleInstrument({ market: 'BTC-PERP', lot: '0.001' });

/** A close of which came an opinion, and signals of two users with Koda's guidance. */
async function decided(rsi: () => number) {
  const clock = new SimulatedClock({ startAtMs: exampleAtMs });
  const eventBus = new MemoryEventBus({ clock, ids: testIds() });
  const marketView = new StaticMarketView({ clock, instruments: [instrument] });
  const agent = new FeatureAgent({
    ...{ name: 'reversal', weight: 0.2, timeframe: '15m', components: ['exhaustion'], clock },
    read: () => ({ features: { rsi: rsi() } }),
    judge: (features) => ({ components: { exhaustion: 50 - (features.rsi ?? 50) } }),
  });
  const [journal, modelJournal] = [new MemoryDecisionJournal(), new MemoryModelJournal()];
  const recorder = new DecisionRecorder({ journal, clock, wallClock: clock });
  const scripted = new ScriptedModel({ answer: () => ({ choice: 0, notes: ['It fits.'] }) });
  const model = new RecordingModel({
    ...{ model: scripted, journal: modelJournal, clock, wallClock: clock, ids: testIds() },
  });
  const users = { active: async () => [], get: async () => undefined };
  const services = [
    new KodaService({
      ...{ koda: new Koda({ marketView, thinking: { model, clock } }), eventBus, users, clock, journal: recorder },
    }),
    new AgentService({ agent, marketView, eventBus, clock, journal: recorder }),
  ];
  for (const service of services) await service.start();
  const bar = { open: 1, high: 1, low: 1, close: 1, volume: 1 };
  const { traceId } = await eventBus.publish({
    ...{ type: 'candle.closed', key: `${instrument.id}:15m` },
    payload: { instrumentId: instrument.id, timeframe: '15m', openAtMs: exampleAtMs - 900_000, ...bar },
  });
  for (const userId of ['ada', 'bob']) {
    const payload: Signal = { ...exampleApproval.signal, id: `signal:${userId}`, userId, instrumentId: instrument.id };
    await eventBus.publish({ type: 'signal.issued', key: userId, userId, traceId, payload });
  }
  await clock.idle();
  for (const service of services) await service.stop();
  await model.flush();
  return { eventBus, journal, modelJournal, agents: [agent], traceId };
}

describe('reviewDecision', () => {
  it('default: what came out comes out again, whatever the market does since; the words say how', async () => {
    let rsi = 71.4;
    const { traceId, ...sources } = await decided(() => rsi);
    rsi = 30;
    const review = await reviewDecision(sources, 'ada', traceId);
    expect(decisionReviewSchema.parse(review)).toEqual(review);
    expect(review).toMatchObject({ traceId, same: true, replayed: 2, differences: [], missing: [] });
    expect(review.digest).toBe(review.recordedDigest);
    expect(review.text).toContain('reversal is short at');
    expect(review.steps.find(({ type }) => type === 'guidance.published')?.text).toContain('by its model');
  });

  it('behavior: of a trace of two users each sees its own: steps, words, questions and cost', async () => {
    const { traceId, ...sources } = await decided(() => 71.4);
    for (const [userId, other] of [
      ['ada', 'bob'],
      ['bob', 'ada'],
    ] as const) {
      const review = await reviewDecision(sources, userId, traceId);
      expect(review.same).toBe(true);
      expect(review.cost.questions).toBe(1);
      const said = JSON.stringify(review);
      expect(said).toContain(`guidance:signal:${userId}`);
      expect(said).not.toContain(other);
    }
    const { replayed, cost, steps } = await reviewDecision(sources, 'eve', traceId);
    expect([replayed, cost.questions, steps.some(({ type }) => type === 'signal.issued')]).toEqual([1, 0, false]);
  });

  it('behavior: own events behind many of another are found', async () => {
    const { traceId, ...sources } = await decided(() => 71.4);
    const payload = { signalId: 's', userId: 'bob', contentHash: 'f'.repeat(64), reason: 'r' };
    for (let index = 0; index < 2_100; index += 1)
      await sources.eventBus.publish({ type: 'approval.requested', key: 'bob', userId: 'bob', traceId, payload });
    const last = { ...payload, userId: 'ada' };
    await sources.eventBus.publish({ type: 'approval.requested', key: 'ada', userId: 'ada', traceId, payload: last });
    const { steps } = await reviewDecision(sources, 'ada', traceId);
    expect(steps.filter(({ type }) => type === 'approval.requested')).toHaveLength(1);
  });

  it('error: rules that changed, and records that are not there, are said', async () => {
    const { traceId, ...sources } = await decided(() => 71.4);
    const agent = new FeatureAgent({
      ...{ name: 'reversal', weight: 0.2, timeframe: '15m', components: ['exhaustion'], clock: new SimulatedClock() },
      read: () => undefined,
      judge: () => ({ components: { exhaustion: 10 } }),
    });
    const changed = await reviewDecision({ ...sources, agents: [agent] }, 'ada', traceId);
    expect(changed.same).toBe(false);
    expect(changed.differences[0]).toMatchObject({ step: expect.stringMatching(/^opinion:reversal:/) });
    expect(changed.versions).toMatchObject([{ what: 'rules' }]);
    const { journal: _, ...unkept } = sources;
    const missing = await reviewDecision(unkept, 'ada', traceId);
    expect(missing).toMatchObject({ same: false, replayed: 0 });
    expect(missing.missing).toHaveLength(2);
    await expect(reviewDecision(sources, 'ada', 'nothing')).rejects.toMatchObject({ code: 'trace.unknown' });
  });
});
