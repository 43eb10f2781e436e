import { SimulatedClock, toUsd, type User, type UserDirectory } from '@perpdesk/core';
import { StaticMarketView } from '@perpdesk/core/testing';
import { describe, expect, it } from 'vitest';
import { exampleBus, published } from '../testing/desk.ts';
import { exampleInstrument, startAtMs } from '../testing/market.ts';
import { exampleSignal } from '../testing/signal.ts';
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

async function run(users: UserDirectory) {
  const clock = new SimulatedClock({ startAtMs });
  const bus = exampleBus(clock);
  const koda = new Koda({ marketView: new StaticMarketView({ clock, instruments: [exampleInstrument()] }) });
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
  return { issued, signal, events: await published(bus, 'guidance.published') };
}

describe('KodaService', () => {
  it("default: a signal is answered with guidance by the user's settings", async () => {
    const { issued, signal, events } = await run({
      active: async () => [user],
      get: async (id) => (id === user.id ? user : undefined),
    });
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
});
