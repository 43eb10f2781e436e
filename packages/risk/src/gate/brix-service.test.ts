import { type DomainEvent, MemoryEventBus, toPrice, toRate, toUsd } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { FakeDesk, recommendationFor } from '../testing/fake-desk.ts';
import { anAccount, aPosition, fresh, noonMs } from '../testing/fixtures.ts';
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

  it('behavior: losing trades in a row end new risk for a while, and are warned of', async () => {
    const { desk, clock, eventBus, heard, service } = await running(
      (made) => void made.add({ limits: { maxLossesInRow: 2, coolingOffMs: 300_000 } }),
    );
    const close = (n: number, realizedPnl: number, fees = 0) =>
      eventBus.publish({
        id: `closed:${n}`,
        type: 'position.closed',
        key: 'ada',
        payload: {
          position: aPosition({ updatedAtMs: clock.nowMs() }),
          reason: 'stop-loss',
          exitPrice: toPrice(2_900),
          realizedPnl: toUsd(realizedPnl),
          fees: toUsd(fees),
          funding: toUsd(0),
          entries: [],
        } as never,
      });
    await close(1, -5);
    await close(1, -5);
    await clock.advanceTo(noonMs + 60_000);
    expect(heard.map(({ payload }) => payload)).toEqual([
      { userId: 'ada', venue: 'paper', limit: 'losses-in-row', percent: 50, actual: '0.5' },
    ]);
    // A gain of 1 that cost 2 is a loss.
    await close(2, 1, 2);
    await publish(eventBus);
    await clock.idle();
    const decided = heard.find(({ type }) => type === 'risk.decided')?.payload;
    expect(decided).toMatchObject({ rejection: { code: 'losses.cooling-off', limit: '2', actual: '2' } });
    await clock.advanceTo(noonMs + 60_000 + 300_000);
    await eventBus.publish({
      type: 'recommendation.published',
      key: 'BTC-PERP',
      payload: recommendationFor('BTC', 2),
    });
    await clock.idle();
    expect(heard.filter(({ type }) => type === 'signal.issued')).toHaveLength(1);
    expect(desk.users).toHaveLength(1);
    await service.stop();
  });

  it('behavior: the week, the drawdown and the venue are warned of at 50, 75, 90 and 100 %, each once', async () => {
    const { desk, clock, heard, service } = await running(
      (made) =>
        void made.add({
          limits: { weeklyLoss: toRate('0.2'), maxDrawdown: toRate('0.4'), maxVenueNotional: toUsd(6_000) },
        }),
    );
    await clock.advanceTo(noonMs + 60_000);
    desk.positions.set('ada', [aPosition({ margin: toUsd(1) })]);
    for (const [minute, equity] of [
      [2, 8_900],
      [3, 8_400],
      [4, 8_150],
      [5, 8_000],
      [6, 8_000],
    ] as const) {
      desk.accounts.set('ada', fresh(anAccount(equity, { deposits: toUsd(10_000) })));
      await clock.advanceTo(noonMs + minute * 60_000);
    }
    const told = heard.flatMap(({ type, payload }) =>
      type === 'limit.warned' ? [payload as { limit: string; percent: number }] : [],
    );
    const of = (name: string) => told.filter(({ limit }) => limit === name).map(({ percent }) => percent);
    expect(of('weekly-loss')).toEqual([50, 75, 90, 100]);
    expect(of('drawdown')).toEqual([50]);
    expect(of('venue-exposure')).toEqual([50]);
    await service.stop();
  });
});
