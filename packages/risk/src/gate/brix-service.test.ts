import { type DomainEvent, MemoryEventBus, toUsd } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { FakeDesk, recommendationFor } from '../testing/fake-desk.ts';
import { anAccount, fresh, noonMs } from '../testing/fixtures.ts';
import { BrixService } from './brix-service.ts';

async function running(prepare: (desk: FakeDesk) => void = (desk) => void desk.add()) {
  const desk = new FakeDesk();
  prepare(desk);
  const { clock, ids } = desk;
  const eventBus = new MemoryEventBus({ clock, ids });
  const heard: DomainEvent[] = [];
  eventBus.subscribe(
    { group: 'test', types: ['risk.decided', 'signal.issued', 'limit.warned', 'flatten.requested'] },
    (event) => void heard.push(event),
  );
  const service = new BrixService({ brix: desk.brix(), eventBus, clock });
  await service.start();
  return { desk, clock, eventBus, heard, service };
}
const publish = (bus: MemoryEventBus, id?: string) =>
  bus.publish({
    ...(id === undefined ? {} : { id }),
    type: 'recommendation.published',
    key: 'BTC-PERP',
    traceId: 'trace:1',
    payload: recommendationFor('BTC'),
  });

describe('BrixService', () => {
  it('default: a decision for each user and a signal for who passes, in one trace', async () => {
    const { clock, eventBus, heard, service } = await running((desk) => {
      desk.add({ id: 'ada' });
      desk.add({ id: 'bob' }, 0);
    });
    const cause = await publish(eventBus);
    await clock.idle();
    expect(heard.map(({ type, key, userId, traceId }) => [type, key, userId, traceId])).toEqual([
      ['risk.decided', 'ada', 'ada', 'trace:1'],
      ['signal.issued', 'ada', 'ada', 'trace:1'],
      ['risk.decided', 'bob', 'bob', 'trace:1'],
    ]);
    expect(heard[0]?.causationId).toBe(cause.id);
    expect(heard[1]?.causationId).toBe(heard[0]?.id);
    expect(service.health()).toEqual({ status: 'healthy' });
    await service.stop();
    expect(service.health()).toEqual({ status: 'stopped' });
  });

  it('behavior: the same recommendation again changes nothing', async () => {
    const { desk, clock, eventBus, heard, service } = await running();
    await publish(eventBus, 'first');
    await clock.idle();
    desk.accounts.set('ada', fresh(anAccount(9_000)));
    await publish(eventBus, 'second');
    await clock.idle();
    expect(heard.map(({ type }) => type)).toEqual(['risk.decided', 'signal.issued']);
    await service.stop();
  });

  it('behavior: looks at the limits on whole minutes, warns, and asks to flatten once a day', async () => {
    const { desk, clock, heard, service } = await running((made) => void made.add({ flattenOnDailyLoss: true }));
    await clock.advanceTo(noonMs + 60_000);
    desk.accounts.set('ada', fresh(anAccount(8_900, { deposits: toUsd(10_000) })));
    await clock.advanceTo(noonMs + 119_999);
    expect(heard).toEqual([]);
    await clock.advanceTo(noonMs + 240_000);
    expect(heard.map(({ type, key, payload }) => [type, key, payload])).toEqual([
      ['limit.warned', 'ada', { userId: 'ada', venue: 'paper', limit: 'daily-loss', percent: 100, actual: '1.1' }],
      ['flatten.requested', 'ada', { userId: 'ada', venue: 'paper', reason: 'daily-loss' }],
    ]);
    await service.stop();
    expect(clock.nextTimerAtMs()).toBeUndefined();
  });
});
