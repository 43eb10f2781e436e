import {
  type DomainEvent,
  type MarketView,
  SeededRandom,
  type SensingAgent,
  SimulatedClock,
  SortableIdGenerator,
  timeframeMs,
  type WarRoomMode,
} from '@perpdesk/core';
import { OutboxEventBus } from '@perpdesk/core/database';
import { type TestDatabase, testDatabases } from '@perpdesk/core/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { openCheckpoints } from '../checkpoints/open-checkpoints.ts';
import { agent, closeAtMs, instrument, market, opinion, round, turnOf } from './scripted-panel.ts';
import { WarRoom } from './war-room.ts';
import { WarRoomService } from './war-room-service.ts';

const panel = ['vanta', 'luma', 'meridian'] as const;
type Ask = NonNullable<SensingAgent['debate']>;
const speaks: Ask = async ({ opinion: own, transcript }) => turnOf(own, transcript.length);
const hangs: Ask = () => new Promise(() => {});
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Waits until something is so, without a clock. */
async function until(met: () => Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 5_000; turn += 1) {
    if (await met()) return;
    await nextTurn();
  }
  throw new Error('It did not come to that.');
}

// In memory nothing outlives a process.
const kinds = (await testDatabases()).filter(({ title }) => title !== 'SQLite in memory');

describe.each(kinds)('a round that the end of a process broke off, on $title', ({ available, make }) => {
  const opened: TestDatabase[] = [];
  afterEach(async () => {
    for (const test of opened.splice(0)) await test.drop();
  });

  /** One life of a process: its own connection, bus and service on the database. */
  async function live(
    test: TestDatabase,
    {
      mode = 'handoff',
      answers = {},
      afterMs = 0,
      checkpoints = true,
      view,
      losing,
    }: {
      readonly mode?: WarRoomMode;
      readonly answers?: Partial<Record<string, Ask>>;
      /** How long after the close it begins. */
      readonly afterMs?: number;
      readonly checkpoints?: boolean;
      readonly view?: (clock: SimulatedClock) => MarketView;
      /** The type of event at which the process ends. */
      readonly losing?: DomainEvent['type'];
    } = {},
  ) {
    const database = await test.open();
    const clock = new SimulatedClock({ startAtMs: closeAtMs + afterMs });
    const ids = new SortableIdGenerator({ clock, random: new SeededRandom(`life:${afterMs}`) });
    const eventBus = new OutboxEventBus({ database, clock, ids, pollMs: 0 });
    await eventBus.start();
    if (losing !== undefined) {
      const publish = eventBus.publish.bind(eventBus);
      eventBus.publish = ((event, options) =>
        event.type === losing ? new Promise(() => {}) : publish(event, options)) as typeof eventBus.publish;
    }
    const asked: string[] = [];
    const agents = panel.map((name) =>
      agent(name, (request, options) => {
        asked.push(name);
        return (answers[name] ?? speaks)(request, options);
      }),
    );
    const marketView = view?.(clock) ?? market({ clock: new SimulatedClock({ startAtMs: closeAtMs }) });
    const checkpointer = await openCheckpoints({ database, clock });
    const service = new WarRoomService({
      warRoom: new WarRoom({
        ...{ agents, mode, marketView, wallClock: new SimulatedClock() },
        ...(checkpoints ? { checkpointer } : {}),
      }),
      ...{ eventBus, marketView, clock },
    });
    await service.start();
    const told = async () =>
      (
        await eventBus.read({
          types: ['round.opened', 'turn.completed', 'recommendation.published', 'round.concluded'],
        })
      ).map(({ event }) => event);
    const conclude = async () => {
      await until(async () => (await told()).some(({ type }) => type === 'round.concluded'));
      await service.stop();
      await eventBus.close();
      return told();
    };
    /** Ends as a killed process does: nothing is finished, nothing let go of but the connection. */
    const kill = () => database.close();
    return { clock, eventBus, checkpointer, service, asked, told, conclude, kill };
  }

  async function begin(life: Awaited<ReturnType<typeof live>>): Promise<void> {
    for (const name of panel) {
      const given = opinion(name, 'long', 0.74);
      await life.eventBus.publish({ id: given.id, type: 'opinion.published', key: given.market, payload: given });
    }
    await life.eventBus.publish({
      id: `candle.closed:${closeAtMs}`,
      type: 'candle.closed',
      key: `${instrument.id}:15m`,
      payload: {
        instrumentId: instrument.id,
        timeframe: '15m',
        openAtMs: closeAtMs - timeframeMs('15m'),
        ...{ open: 60_000, high: 60_050, low: 59_950, close: 60_000, volume: 10 },
      },
    });
  }

  const test = async (): Promise<TestDatabase> => {
    const made = await make();
    opened.push(made);
    return made;
  };
  const count = (events: readonly DomainEvent[], type: DomainEvent['type']): number =>
    events.filter((event) => event.type === type).length;

  it.skipIf(!available).each(['handoff', 'graph'] as const)(
    'default: in %s mode the next process goes on from what was said, and publishes one plan',
    async (mode) => {
      const database = await test();
      const first = await live(database, { mode, answers: { luma: hangs } });
      await begin(first);
      const thread = { configurable: { thread_id: `round:${mode}:${round.key}` } };
      // Vanta has spoken (in graph mode Meridian too) and that is kept; Luma hangs.
      await until(async () => {
        const kept = await first.checkpointer.getTuple(thread);
        const spoken = kept?.checkpoint.channel_values.spoken;
        return mode === 'handoff'
          ? Array.isArray(spoken) && spoken.length === 1
          : kept?.pendingWrites?.filter(([, channel]) => channel === 'words').length === 2;
      });
      await first.kill();
      const second = await live(database, { mode, afterMs: 20_000 });
      const events = await second.conclude();
      expect(second.asked).toEqual(mode === 'handoff' ? ['luma', 'meridian'] : ['luma']);
      expect(events.map(({ type }) => type)).toEqual([
        'round.opened',
        ...['turn.completed', 'turn.completed', 'turn.completed'],
        'recommendation.published',
        'round.concluded',
      ]);
      expect(events.at(-1)?.payload).toMatchObject({
        outcome: 'published',
        recommendationId: `recommendation:${round.key}`,
        consensus: { missing: [], votes: [{ agent: 'vanta' }, { agent: 'luma' }, { agent: 'meridian' }] },
      });
    },
  );

  it.skipIf(!available)(
    'behavior: one that ended between plan and conclusion is concluded with that plan',
    async () => {
      const database = await test();
      const first = await live(database, { losing: 'round.concluded' });
      await begin(first);
      await until(async () => count(await first.told(), 'recommendation.published') === 1);
      await first.kill();
      const second = await live(database, { afterMs: 5_000 });
      const events = await second.conclude();
      expect(second.asked).toEqual([]);
      expect(count(events, 'recommendation.published')).toBe(1);
      expect(count(events, 'turn.completed')).toBe(3);
      expect(events.at(-1)?.payload).toMatchObject({
        outcome: 'published',
        recommendationId: `recommendation:${round.key}`,
      });
    },
  );

  it.skipIf(!available)('behavior: without checkpoints it is held again, and a turn that was told stands', async () => {
    const database = await test();
    const first = await live(database, { checkpoints: false, answers: { luma: hangs } });
    await begin(first);
    await until(async () => count(await first.told(), 'turn.completed') === 1);
    await first.kill();
    const changed: Ask = async ({ opinion: own }) => turnOf(own, 0, { direction: 'short', confidence: 0.9 });
    const second = await live(database, { checkpoints: false, answers: { vanta: changed }, afterMs: 5_000 });
    const events = await second.conclude();
    expect(second.asked).toEqual([...panel]);
    expect(events.at(-1)?.payload).toMatchObject({
      consensus: { votes: [{ agent: 'vanta', direction: 'long' }, {}, {}] },
    });
  });

  it.skipIf(!available)('behavior: one that is too old is closed as out of time, once', async () => {
    const database = await test();
    const first = await live(database, { answers: { luma: hangs } });
    await begin(first);
    await until(async () => count(await first.told(), 'turn.completed') === 1);
    await first.kill();
    const second = await live(database, { afterMs: 120_000 });
    const events = await second.conclude();
    expect(second.asked).toEqual([]);
    expect(events.at(-1)?.payload).toMatchObject({ outcome: 'stood-aside', reason: 'deadline' });
    const third = await live(database, { afterMs: 125_000 });
    expect(await third.conclude()).toEqual(events);
  });

  it.skipIf(!available)('behavior: it waits for prices, and is closed as out of time where none come', async () => {
    const database = await test();
    const first = await live(database, { answers: { luma: hangs } });
    await begin(first);
    await until(async () => count(await first.told(), 'turn.completed') === 1);
    await first.kill();
    const empty = await live(database, { afterMs: 5_000, view: (clock) => market({ bars: 0, clock }) });
    await empty.clock.advanceBy(10_000);
    expect(count(await empty.told(), 'round.concluded')).toBe(0);
    await empty.service.stop();
    await empty.eventBus.close();
    const ready = await live(database, { afterMs: 60_000, view: (clock) => market({ bars: 0, clock }) });
    await ready.clock.advanceBy(60_000);
    expect((await ready.conclude()).at(-1)?.payload).toMatchObject({ outcome: 'stood-aside', reason: 'deadline' });
  });
});
