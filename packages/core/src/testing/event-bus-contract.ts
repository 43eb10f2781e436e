import assert from 'node:assert/strict';
import type { SimulatedClock } from '../clock/simulated-clock.ts';
import { PerpDeskError } from '../errors/perpdesk-error.ts';
import type { DomainEvent, NewDomainEvent } from '../events/envelope.ts';
import type { DatabaseTransaction } from '../ports/database-transaction.ts';
import type { EventBus } from '../ports/event-bus.ts';
import { collect } from './collect.ts';
import type { ContractCase } from './contract-case.ts';

/** A bus to test, started. It tries a handler three times, pausing 100 and 200 ms, and looks for others' events by itself only when told. */
export interface EventBusHarness {
  readonly bus: EventBus;
  readonly clock: SimulatedClock;
  close(): Promise<void>;
}

/** Makes a bus with an empty journal. */
export type MakeEventBus = () => Promise<EventBusHarness>;

/** A bus that keeps its events in a database. */
export interface DurableEventBusHarness extends EventBusHarness {
  /** A transaction of its database. */
  transaction<Result>(act: (transaction: DatabaseTransaction) => Promise<Result>): Promise<Result>;
  /** Closes the bus and opens another on the same database, as a restart does. */
  reopen(): Promise<EventBus>;
}

/** Makes a durable bus with an empty journal. */
export type MakeDurableEventBus = () => Promise<DurableEventBusHarness>;

type Warned = DomainEvent<'limit.warned'>;

/** An event whose key is the user and whose text tells it apart. */
const warned = (
  userId: string,
  text: string,
  more: { readonly id?: string; readonly traceId?: string } = {},
): NewDomainEvent<'limit.warned'> => ({
  ...more,
  type: 'limit.warned',
  key: userId,
  userId,
  payload: { userId, limit: 'daily-loss', percent: 50, actual: text },
});
const failed = (service: string): NewDomainEvent<'service.failed'> => ({
  type: 'service.failed',
  key: service,
  payload: { service, message: 'gone' },
});
const texts = (events: readonly Warned[]): string[] => events.map(({ payload }) => payload.actual);

function scenario<Harness extends EventBusHarness>(
  name: string,
  run: (harness: Harness) => Promise<void>,
): ContractCase<() => Promise<Harness>> {
  return {
    name,
    run: async (make) => {
      const harness = await make();
      try {
        await run(harness);
      } finally {
        await harness.close();
      }
    },
  };
}

/** So many turns of the host's event loop: work that takes time, of which the clock knows nothing. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) await new Promise((resolve) => setImmediate(resolve));
}

const code = (expected: string) => (error: unknown) => PerpDeskError.is(error) && error.code === expected;

/** What every EventBus keeps to. */
export const eventBusContract: readonly ContractCase<MakeEventBus>[] = [
  scenario<EventBusHarness>(
    'default: publish gives the event its id, time and trace, and every group gets it once',
    async ({ bus, clock }) => {
      const first = collect(bus, ['limit.warned'], { group: 'first' });
      const second = collect(bus, ['limit.warned', 'service.failed'], { group: 'second' });
      const event = await bus.publish(warned('ann', 'a'));
      await bus.publish(failed('luma'));
      await clock.idle();
      assert.match(event.id, /^evt_[0-9a-z]{26}$/);
      assert.match(event.traceId, /^trc_[0-9a-z]{26}$/);
      assert.equal(event.atMs, clock.nowMs());
      assert.deepEqual(first.events, [event]);
      assert.deepEqual(
        second.events.map(({ type }) => type),
        ['limit.warned', 'service.failed'],
      );
    },
  ),

  scenario<EventBusHarness>(
    'default: an event keeps the trace and the cause its publisher gives',
    async ({ bus, clock }) => {
      const events = collect(bus, ['limit.warned']);
      await bus.publish({ ...warned('ann', 'a'), id: 'derived', traceId: 'trace', causationId: 'cause' });
      await clock.idle();
      const [event] = events.events;
      assert.deepEqual(
        [event?.id, event?.traceId, event?.causationId, event?.version],
        ['derived', 'trace', 'cause', 1],
      );
    },
  ),

  scenario<EventBusHarness>(
    'behavior: events of a key come one after another in order, keys side by side',
    async ({ bus, clock }) => {
      const log: string[] = [];
      bus.subscribe({ group: 'slow', types: ['limit.warned'] }, async ({ key, payload }) => {
        log.push(`+${key}${payload.actual}`);
        await turns(key === 'ann' ? 50 : 1);
        log.push(`-${key}${payload.actual}`);
      });
      await Promise.all(['1', '2'].flatMap((text) => ['ann', 'bob'].map((user) => bus.publish(warned(user, text)))));
      await clock.idle();
      assert.deepEqual(
        log.filter((line) => line.includes('ann')),
        ['+ann1', '-ann1', '+ann2', '-ann2'],
      );
      assert.deepEqual(
        log.filter((line) => line.includes('bob')),
        ['+bob1', '-bob1', '+bob2', '-bob2'],
      );
      assert.ok(log.indexOf('-bob2') < log.indexOf('-ann1'), `bob waited for ann: ${log.join(' ')}`);
    },
  ),

  scenario<EventBusHarness>('behavior: events published together keep their order', async ({ bus, clock }) => {
    const events = collect(bus, ['limit.warned']);
    const wanted = Array.from({ length: 50 }, (_, index) => String(index));
    await Promise.all(wanted.map((text) => bus.publish(warned('ann', text))));
    await clock.idle();
    assert.deepEqual(texts(events.events), wanted);
    assert.deepEqual(
      (await bus.read({ key: 'ann' })).map(({ event }) => (event.type === 'limit.warned' ? event.payload.actual : '')),
      wanted,
    );
  }),

  scenario<EventBusHarness>(
    'behavior: a repeated id gives the event that was kept and is not delivered again',
    async ({ bus, clock }) => {
      const events = collect(bus, ['limit.warned']);
      const [first, twin] = await Promise.all([
        bus.publish(warned('ann', 'a', { id: 'one' })),
        bus.publish(warned('ann', 'b', { id: 'one' })),
      ]);
      await clock.advanceBy(1_000);
      const later = await bus.publish(warned('ann', 'c', { id: 'one' }));
      await clock.idle();
      assert.deepEqual([twin, later], [first, first]);
      assert.deepEqual(texts(events.events), ['a']);
    },
  ),

  scenario<EventBusHarness>(
    'behavior: the clock stands still until every group has handled',
    async ({ bus, clock }) => {
      const gate = Promise.withResolvers<void>();
      let handled = false;
      bus.subscribe({ group: 'slow', types: ['limit.warned'] }, async () => {
        await gate.promise;
        handled = true;
      });
      let idle = false;
      void bus.publish(warned('ann', 'a'));
      const waiting = clock.idle().then(() => (idle = true));
      await turns(20);
      assert.equal(idle, false);
      gate.resolve();
      await waiting;
      assert.equal(handled, true);
    },
  ),

  scenario<EventBusHarness>(
    'behavior: a failing handler is tried again after growing pauses, its key waiting and the others not',
    async ({ bus, clock }) => {
      const startAtMs = clock.nowMs();
      const log: string[] = [];
      // Each of ann's events works at the third try, its last.
      const tries = new Map<string, number>();
      bus.subscribe({ group: 'shaky', types: ['limit.warned'] }, async ({ id, key, payload }) => {
        log.push(`${clock.nowMs() - startAtMs} ${key}${payload.actual}`);
        tries.set(id, (tries.get(id) ?? 0) + 1);
        if (key === 'ann' && tries.get(id) !== 3) throw new Error('not yet');
      });
      for (const text of ['1', '2']) for (const user of ['ann', 'bob']) await bus.publish(warned(user, text));
      await clock.idle();
      assert.deepEqual([...log].sort(), ['0 ann1', '0 bob1', '0 bob2']);
      await clock.advanceBy(1_000);
      assert.deepEqual(log.slice(3), ['100 ann1', '300 ann1', '300 ann2', '400 ann2', '600 ann2']);
      assert.deepEqual(await bus.deadLetters(), []);
    },
  ),

  scenario<EventBusHarness>(
    'behavior: what fails every time becomes a dead letter and listener.failed, and its key and the other groups go on',
    async ({ bus, clock }) => {
      const told = collect(bus, ['listener.failed']);
      const others = collect(bus, ['limit.warned'], { group: 'others' });
      const seen: string[] = [];
      bus.subscribe({ group: 'shaky', types: ['limit.warned'] }, ({ payload }) => {
        if (payload.actual === 'poison') throw new Error('I can not');
        seen.push(payload.actual);
      });
      const poison = await bus.publish(warned('ann', 'poison'));
      await bus.publish(warned('ann', 'after'));
      await bus.publish(warned('bob', 'beside'));
      await clock.advanceBy(10_000);
      assert.deepEqual(seen, ['beside', 'after']);
      assert.deepEqual(texts(others.events), ['poison', 'after', 'beside']);
      const [letter, ...rest] = await bus.deadLetters();
      assert.deepEqual(rest, []);
      assert.deepEqual(
        [letter?.group, letter?.event, letter?.attempts, letter?.error],
        ['shaky', poison, 3, 'I can not'],
      );
      assert.deepEqual(
        told.events.map(({ payload, causationId, traceId }) => ({ ...payload, causationId, traceId })),
        [
          {
            group: 'shaky',
            eventId: poison.id,
            eventType: 'limit.warned',
            message: 'I can not',
            attempts: 3,
            causationId: poison.id,
            traceId: poison.traceId,
          },
        ],
      );
    },
  ),

  scenario<EventBusHarness>(
    'behavior: a failing listener of listener.failed ends in a dead letter',
    async ({ bus, clock }) => {
      const fail = (): void => {
        throw new Error('no');
      };
      bus.subscribe({ group: 'shaky', types: ['limit.warned'] }, fail);
      bus.subscribe({ group: 'watcher', types: ['listener.failed'] }, fail);
      await bus.publish(warned('ann', 'a'));
      await clock.advanceBy(60_000);
      assert.deepEqual(
        (await bus.deadLetters()).map(({ group, event }) => `${group} ${event.type}`),
        ['watcher listener.failed', 'shaky limit.warned'],
      );
    },
  ),

  scenario<EventBusHarness>(
    'behavior: a dead letter can be delivered again, and is none once it is handled',
    async ({ bus, clock }) => {
      let works = false;
      const seen: string[] = [];
      bus.subscribe({ group: 'shaky', types: ['limit.warned'] }, async ({ payload }) => {
        if (!works) throw new Error('no');
        seen.push(payload.actual);
      });
      const event = await bus.publish(warned('ann', 'a'));
      await clock.advanceBy(10_000);
      await bus.redeliver('shaky', event.id);
      await clock.advanceBy(10_000);
      assert.equal((await bus.deadLetters()).length, 1);
      works = true;
      await bus.redeliver('shaky', event.id);
      await clock.idle();
      assert.deepEqual(seen, ['a']);
      assert.deepEqual(await bus.deadLetters(), []);
      await assert.rejects(bus.redeliver('shaky', event.id), code('dead-letter.unknown'));
    },
  ),

  scenario<EventBusHarness>(
    'behavior: a new group begins at the next event, at the start or after a position',
    async ({ bus, clock }) => {
      for (const text of ['1', '2', '3']) await bus.publish(warned('ann', text));
      await clock.idle();
      const [, second] = await bus.read({});
      const now = collect(bus, ['limit.warned'], { group: 'now' });
      const start = collect(bus, ['limit.warned'], { group: 'start', from: 'start' });
      const after = collect(bus, ['limit.warned'], { group: 'after', from: second?.position ?? 0 });
      await bus.publish(warned('ann', '4'));
      await clock.idle();
      assert.deepEqual(
        [now, start, after].map(({ events }) => texts(events)),
        [['4'], ['1', '2', '3', '4'], ['3', '4']],
      );
    },
  ),

  scenario<EventBusHarness>(
    'behavior: a group that comes back goes on where it left, with each type',
    async ({ bus, clock }) => {
      const before = collect(bus, ['limit.warned'], { group: 'g' });
      await bus.publish(warned('ann', '1'));
      await clock.idle();
      before.stop();
      before.stop();
      await bus.publish(warned('ann', '2'));
      await bus.publish(failed('luma'));
      await clock.idle();
      const again = collect(bus, ['limit.warned', 'service.failed'], { group: 'g' });
      await bus.publish(warned('ann', '3'));
      await bus.publish(failed('vanta'));
      await clock.idle();
      assert.equal(before.events.length, 1);
      assert.deepEqual(
        again.events.map((event) => (event.type === 'limit.warned' ? event.payload.actual : event.payload.service)),
        ['2', '3', 'vanta'],
      );
    },
  ),

  scenario<EventBusHarness>('behavior: two groups go at their own speeds', async ({ bus, clock }) => {
    const slow: string[] = [];
    let slowWhenFastHadAll = -1;
    const wanted = Array.from({ length: 20 }, (_, index) => String(index));
    bus.subscribe({ group: 'slow', types: ['limit.warned'] }, async ({ payload }) => {
      await turns(5);
      slow.push(payload.actual);
    });
    bus.subscribe({ group: 'fast', types: ['limit.warned'] }, ({ payload }) => {
      if (payload.actual === '19') slowWhenFastHadAll = slow.length;
    });
    await Promise.all(wanted.map((text) => bus.publish(warned('ann', text))));
    await clock.idle();
    assert.ok(
      slowWhenFastHadAll >= 0 && slowWhenFastHadAll < 5,
      `the fast group waited until the slow one had handled ${slowWhenFastHadAll}`,
    );
    assert.deepEqual(slow, wanted);
  }),

  scenario<EventBusHarness>(
    'behavior: the journal is read by type, key, user, trace and position, either way round',
    async ({ bus }) => {
      await bus.publish(warned('ann', '1', { traceId: 't' }));
      await bus.publish(failed('luma'));
      await bus.publish(warned('bob', '2', { traceId: 't' }));
      await bus.publish(warned('ann', '3'));
      const all = await bus.read({});
      const found = async (query: Parameters<EventBus['read']>[0]): Promise<number[]> =>
        (await bus.read(query)).map(({ position }) => all.findIndex((stored) => stored.position === position) + 1);
      assert.deepEqual(
        all.map(({ position }) => position),
        [...all.map(({ position }) => position)].sort((a, b) => a - b),
      );
      assert.deepEqual(await found({ types: ['service.failed'] }), [2]);
      assert.deepEqual(await found({ types: [] }), []);
      assert.deepEqual(await found({ key: 'ann' }), [1, 4]);
      assert.deepEqual(await found({ userId: 'bob' }), [3]);
      assert.deepEqual(await found({ traceId: 't' }), [1, 3]);
      assert.deepEqual(await found({ afterPosition: all[1]?.position ?? 0 }), [3, 4]);
      assert.deepEqual(await found({ order: 'descending', limit: 2 }), [4, 3]);
      assert.deepEqual(await found({ types: ['limit.warned'], key: 'ann', traceId: 't', limit: 5 }), [1]);
    },
  ),

  scenario<EventBusHarness>(
    'behavior: a handler may publish, and what it publishes is delivered',
    async ({ bus, clock }) => {
      const seen = collect(bus, ['service.failed']);
      bus.subscribe({ group: 'echo', types: ['limit.warned'] }, async (event) => {
        await bus.publish({ ...failed(event.payload.actual), traceId: event.traceId, causationId: event.id });
      });
      const event = await bus.publish(warned('ann', 'luma'));
      await clock.idle();
      assert.deepEqual(
        seen.events.map(({ payload, causationId }) => [payload.service, causationId]),
        [['luma', event.id]],
      );
    },
  ),

  scenario<EventBusHarness>('error: a group can not take a type twice', async ({ bus }) => {
    const stop = bus.subscribe({ group: 'g', types: ['limit.warned'] }, () => {});
    assert.throws(
      () => bus.subscribe({ group: 'g', types: ['service.failed', 'limit.warned'] }, () => {}),
      code('subscription.duplicate'),
    );
    assert.throws(() => bus.subscribe({ group: 'g', types: [] }, () => {}), code('subscription.empty'));
    stop();
    bus.subscribe({ group: 'g', types: ['limit.warned'] }, () => {})();
  }),

  scenario<EventBusHarness>(
    'error: a dead letter that is none, or that nobody takes, is not delivered again',
    async ({ bus, clock }) => {
      const stop = bus.subscribe({ group: 'g', types: ['limit.warned'] }, () => {
        throw new Error('no');
      });
      const event = await bus.publish(warned('ann', 'a'));
      await clock.advanceBy(10_000);
      stop();
      await assert.rejects(bus.redeliver('other', event.id), code('dead-letter.unknown'));
      await assert.rejects(bus.redeliver('g', event.id), code('dead-letter.no-consumer'));
    },
  ),
];

/** What a durable EventBus keeps to besides. */
export const durableEventBusContract: readonly ContractCase<MakeDurableEventBus>[] = [
  scenario<DurableEventBusHarness>(
    'behavior: an event published in a transaction goes out after its commit, and never when it is rolled back',
    async ({ bus, clock, transaction }) => {
      const events = collect(bus, ['limit.warned']);
      let during = -1;
      await transaction(async (current) => {
        await bus.publish(warned('ann', '1'), { transaction: current });
        await bus.publish(warned('ann', '2'), { transaction: current });
        during = events.events.length;
      });
      await assert.rejects(
        transaction(async (current) => {
          await bus.publish(warned('ann', 'lost'), { transaction: current });
          throw new Error('rolled back');
        }),
        /rolled back/,
      );
      await bus.publish(warned('ann', '3'));
      await clock.idle();
      assert.equal(during, 0);
      assert.deepEqual(texts(events.events), ['1', '2', '3']);
      assert.equal((await bus.read({ key: 'ann' })).length, 3);
    },
  ),

  scenario<DurableEventBusHarness>(
    'behavior: after a restart groups go on, and what was handled is not delivered again',
    async ({ bus, clock, reopen }) => {
      const before = collect(bus, ['limit.warned'], { group: 'g' });
      await bus.publish(warned('ann', '1'));
      await clock.idle();
      before.stop();
      await bus.publish(warned('ann', '2'));
      const second = await reopen();
      const after = collect(second, ['limit.warned'], { group: 'g' });
      await second.publish(warned('ann', '3'));
      await clock.idle();
      assert.deepEqual(texts(after.events), ['2', '3']);
      assert.equal((await second.read({})).length, 3);
    },
  ),
];
