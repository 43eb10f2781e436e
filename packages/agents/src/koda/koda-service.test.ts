import { type LanguageModel, ModelError, SimulatedClock, toUsd, type User, type UserDirectory } from '@perpdesk/core';
import { StaticMarketView } from '@perpdesk/core/testing';
import { describe, expect, it } from 'vitest';
import { ScriptedModel } from '../model/scripted-model.ts';
import { exampleBus, published } from '../testing/desk.ts';
import { exampleInstrument, startAtMs } from '../testing/market.ts';
import { exampleSignal } from '../testing/signal.ts';
import { explainDecision } from '../trace/explain-decision.ts';
import { Koda } from './agent.ts';
import { KodaService } from './koda-service.ts';

const user: User = {
  id: 'user-1',
  name: 'Ada',
  active: true,
  tier: 'advanced',
  autonomy: 'full-auto',
  bounds: { maxNotional: toUsd(1_000), minConfidence: 0.6, maxTradesPerDay: 5 },
  limits: {},
  timeZone: 'UTC',
  venues: [],
  entryPreference: 'market',
  aggression: 'balanced',
  pyramiding: false,
  flattenOnDailyLoss: false,
};

const known: UserDirectory = {
  active: async () => [user],
  get: async (id) => (id === user.id ? user : undefined),
};

async function run(users: UserDirectory, model?: LanguageModel) {
  const clock = new SimulatedClock({ startAtMs });
  const bus = exampleBus(clock);
  const koda = new Koda({
    marketView: new StaticMarketView({ clock, instruments: [exampleInstrument()] }),
    ...(model === undefined ? {} : { thinking: { model, clock } }),
  });
  const service = new KodaService({ koda, eventBus: bus, users, clock });
  await service.start();
  const signal = exampleSignal();
  const issued = await bus.publish({
    type: 'signal.issued',
    key: signal.userId,
    userId: signal.userId,
    payload: signal,
  });
  await clock.idle();
  await service.stop();
  const failures = await published(bus, 'agent.failed');
  return { bus, issued, signal, failures, events: await published(bus, 'guidance.published') };
}

describe('KodaService', () => {
  it("default: a signal is answered with guidance by the user's settings", async () => {
    const { issued, signal, events, failures } = await run(known);
    expect(failures).toEqual([]);
    expect(events).toMatchObject([
      {
        id: `guidance:${signal.id}`,
        key: 'user-1',
        userId: 'user-1',
        traceId: issued.traceId,
        causationId: issued.id,
        payload: { signal, guidance: { signalId: signal.id, style: 'market' } },
      },
    ]);
  });

  it('behavior: a user who is not known is guided by the defaults', async () => {
    const { events } = await run({ active: async () => [], get: async () => undefined });
    expect(events[0]?.payload.guidance.style).toBe('ladder');
  });

  it('error: a model that fails is told with its cause before the guidance of the rules, to its user alone', async () => {
    const model = new ScriptedModel({
      answer: () => Promise.reject(new ModelError('model.refused', 'The model refused to answer.')),
    });
    const { bus, issued, signal, events, failures } = await run(known, model);
    expect(failures).toMatchObject([
      {
        id: `failed:guidance:${signal.id}`,
        key: 'user-1',
        userId: 'user-1',
        traceId: issued.traceId,
        causationId: issued.id,
        payload: {
          agent: 'koda',
          market: 'BTC-PERP',
          code: 'model.refused',
          message: 'The model refused to answer.',
          fellBack: true,
        },
      },
    ]);
    expect(events).toMatchObject([{ payload: { guidance: { source: 'rules', style: 'market' } } }]);
    const { text } = await explainDecision({ traceId: issued.traceId, eventBus: bus });
    expect(text.split('\n').slice(1, 3)).toEqual([
      'The model of koda could not be used (model.refused), its rules answer.',
      'Koda advises to enter as market in 1 order, by rules.',
    ]);
  });

  it('behavior: a model that answers is no failure', async () => {
    const model = new ScriptedModel({ answer: () => ({ choice: 0, notes: ['Well.'] }) });
    const { events, failures } = await run(known, model);
    expect(failures).toEqual([]);
    expect(events).toMatchObject([{ payload: { guidance: { source: 'model' } } }]);
  });
});
