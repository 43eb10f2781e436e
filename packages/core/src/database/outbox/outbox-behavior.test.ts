import fc from 'fast-check';
import { sql } from 'kysely';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { MemoryEventBus } from '../../bus/memory-event-bus.ts';
import type { SimulatedClock } from '../../clock/simulated-clock.ts';
import { SystemClock } from '../../clock/system-clock.ts';
import type { NewDomainEvent } from '../../events/envelope.ts';
import { SeededRandom } from '../../ids/random.ts';
import type { EventBus } from '../../ports/event-bus.ts';
import { collect } from '../../testing/collect.ts';
import { type TestDatabase, type TestDatabaseKind, testDatabases } from '../../testing/test-databases.ts';
import { testClock, testIds } from '../../testing/test-ids.ts';
import { type Database, OutboxEventBus, type OutboxEventBusOptions } from '../index.ts';
import type { OutboxTables } from './outbox-tables.ts';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const warned = (key: string, text: string, id?: string): NewDomainEvent<'limit.warned'> => ({
  ...(id === undefined ? {} : { id }),
  type: 'limit.warned',
  key,
  userId: key,
  payload: { userId: key, limit: 'daily-loss', percent: 50, actual: text },
});

const [sqliteFile, sqliteMemory, postgres] = await testDatabases();

async function database(kind: TestDatabaseKind | undefined): Promise<TestDatabase> {
  if (kind === undefined) throw new Error('no such database');
  const files = await kind.make();
  cleanups.push(() => files.drop());
  return files;
}

let made = 0;

/** A bus with ids of its own, as each process has. */
async function started(
  open: Database,
  clock: SimulatedClock,
  options: Partial<OutboxEventBusOptions> = {},
): Promise<OutboxEventBus> {
  made += 1;
  const bus = new OutboxEventBus({
    database: open,
    clock,
    ids: testIds(made),
    retry: { attempts: 3, delayMs: 100 },
    pollMs: 0,
    ...options,
  });
  await bus.start();
  cleanups.push(() => bus.close());
  return bus;
}

const push = (lists: Record<string, number[]>, name: string, number: number): void => {
  lists[name] = [...(lists[name] ?? []), number];
};
const turns = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i += 1) await new Promise((resolve) => setImmediate(resolve));
};
const cursors = (open: Database) =>
  open.as<OutboxTables>().selectFrom('perpdesk_event_cursors').selectAll().orderBy('type').execute();

describe('event buses under random load', () => {
  /** Publishes `count` events over some keys; handlers take random turns and fail now and then. Gives what each group saw per key. */
  async function run(
    bus: EventBus,
    clock: SimulatedClock,
    seed: number,
    count: number,
  ): Promise<Record<string, Record<string, number[]>>> {
    const random = new SeededRandom(seed);
    const seen: Record<string, Record<string, number[]>> = { quick: {}, slow: {}, shaky: {} };
    const note = (group: string, key: string, text: string): void => {
      push(seen[group] ?? {}, key, Number(text));
    };
    bus.subscribe({ group: 'quick', types: ['limit.warned'] }, ({ key, payload }) =>
      note('quick', key, payload.actual),
    );
    bus.subscribe({ group: 'slow', types: ['limit.warned'] }, async ({ key, payload }) => {
      if (random.next() < 0.02) await turns(Math.floor(random.next() * 4));
      note('slow', key, payload.actual);
    });
    bus.subscribe({ group: 'shaky', types: ['limit.warned'] }, async ({ key, payload }) => {
      if (random.next() < 0.005) throw new Error('not this time');
      note('shaky', key, payload.actual);
    });
    for (let index = 0; index < count; ) {
      const together = 1 + Math.floor(random.next() * 80);
      const batch = Array.from({ length: Math.min(together, count - index) }, (_, offset) => index + offset);
      await Promise.all(batch.map((number) => bus.publish(warned(`user-${number % 7}`, String(number)))));
      index += batch.length;
      if (random.next() < 0.1) await clock.advanceBy(150);
    }
    await clock.advanceBy(60_000);
    return seen;
  }

  const expected = (count: number) => {
    const keys: Record<string, number[]> = {};
    for (let number = 0; number < count; number += 1) push(keys, `user-${number % 7}`, number);
    return { quick: keys, slow: keys, shaky: keys };
  };

  it('behavior: 10,000 events reach every group, in order per key, whatever the handlers do', async () => {
    const clock = testClock();
    const bus = await started(await (await database(sqliteMemory)).open(), clock, {
      maxPending: 40,
      retry: { attempts: 50, delayMs: 10 },
    });
    expect(await run(bus, clock, 1, 10_000)).toEqual(expected(10_000));
    const memoryClock = testClock();
    const memory = new MemoryEventBus({ clock: memoryClock, ids: testIds(), retry: { attempts: 50, delayMs: 10 } });
    expect(await run(memory, memoryClock, 1, 10_000)).toEqual(expected(10_000));
  });

  it('behavior: the same for any seed and any bound of what waits in memory', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.integer({ min: 1, max: 60 }), async (seed, maxPending) => {
        const clock = testClock();
        const files = await database(sqliteMemory);
        const bus = await started(await files.open(), clock, { maxPending, retry: { attempts: 50, delayMs: 10 } });
        expect(await run(bus, clock, seed, 400)).toEqual(expected(400));
        await bus.close();
      }),
      { numRuns: 25, seed: 7 },
    );
  });
});

describe('OutboxEventBus', () => {
  it('behavior: no more than maxPending events wait in memory for a group', async () => {
    const clock = testClock();
    const bus = await started(await (await database(sqliteMemory)).open(), clock, { maxPending: 10 });
    let running = 0;
    let most = 0;
    const gate = Promise.withResolvers<void>();
    const seen: string[] = [];
    bus.subscribe({ group: 'g', types: ['limit.warned'] }, async ({ key }) => {
      running += 1;
      most = Math.max(most, running);
      await gate.promise;
      running -= 1;
      seen.push(key);
    });
    await Promise.all(Array.from({ length: 100 }, (_, index) => bus.publish(warned(`user-${index}`, ''))));
    await turns(10);
    expect(most).toBe(10);
    gate.resolve();
    await clock.idle();
    expect(new Set(seen).size).toBe(100);
    expect(seen).toHaveLength(100);
    expect(most).toBeLessThanOrEqual(15);
  });

  it('behavior: cursors are written after so many events, so long after the first, and at the close', async () => {
    const clock = testClock();
    const open = await (await database(sqliteFile)).open();
    const bus = await started(open, clock, { cursorEveryEvents: 3, cursorAfterMs: 5_000 });
    collect(bus, ['limit.warned'], { group: 'g' });
    await clock.idle();
    const position = async () => (await cursors(open))[0]?.position;
    expect(await position()).toBe(0);
    for (const text of ['1', '2']) await bus.publish(warned('ann', text));
    await clock.advanceBy(4_999);
    expect(await position()).toBe(0);
    await clock.advanceBy(1);
    expect(await position()).toBe(2);
    for (const text of ['3', '4', '5']) await bus.publish(warned('ann', text));
    await clock.idle();
    expect(await position()).toBe(5);
    await bus.publish(warned('ann', '6'));
    await bus.close();
    expect(await position()).toBe(6);
  });

  it('behavior: a new group that a crash ends before any cursor was written goes on where it began', async () => {
    const clock = testClock();
    const files = await database(sqliteFile);
    const bus = await started(await files.open(), clock);
    await bus.publish(warned('ann', 'before'));
    const end = Promise.withResolvers<void>();
    cleanups.push(async () => end.resolve());
    bus.subscribe({ group: 'g', types: ['limit.warned'] }, () => end.promise);
    await bus.publish(warned('ann', '1'));
    await bus.publish(warned('ann', '2'));
    // The first process is gone without a close: another begins on what it left on disk.
    const next = testClock();
    const again = collect(await started(await files.open(), next), ['limit.warned'], { group: 'g' });
    await next.idle();
    expect(again.events.map(({ payload }) => payload.actual)).toEqual(['1', '2']);
  });

  it('behavior: a group that comes back while an event is handed out gets that event too', async () => {
    const clock = testClock();
    const bus = await started(await (await database(sqliteMemory)).open(), clock);
    const before = collect(bus, ['limit.warned'], { group: 'late' });
    await bus.publish(warned('ann', '1'));
    await clock.idle();
    before.stop();
    const seen: string[] = [];
    bus.subscribe({ group: 'opener', types: ['limit.warned'] }, () => {
      if (seen.length === 0)
        bus.subscribe({ group: 'late', types: ['limit.warned'] }, ({ payload }) => void seen.push(payload.actual));
      seen.push('opened');
    });
    await bus.publish(warned('ann', '2'));
    await clock.idle();
    expect(seen).toEqual(['opened', '2']);
  });

  it('behavior: a beginning that could not be written is written before the next event, or that event fails', async () => {
    const clock = testClock();
    const open = await (await database(sqliteMemory)).open();
    const bus = await started(open, clock);
    await sql`create trigger refuse before insert on perpdesk_event_cursors begin select raise(abort, 'no room'); end`.execute(
      open.kysely,
    );
    collect(bus, ['limit.warned'], { group: 'g' });
    await clock.idle();
    await expect(bus.publish(warned('ann', '1'))).rejects.toMatchObject({ name: 'StoreError' });
    expect(await bus.read({})).toEqual([]);
    await sql`drop trigger refuse`.execute(open.kysely);
    await bus.publish(warned('ann', '2'));
    expect(await cursors(open)).toMatchObject([{ group_name: 'g', position: 0 }]);
  });

  it('behavior: a type that a group takes later begins where it is first taken', async () => {
    const clock = testClock();
    const files = await database(sqliteFile);
    const bus = await started(await files.open(), clock);
    collect(bus, ['limit.warned'], { group: 'g' });
    await bus.publish(warned('ann', '1'));
    await bus.close();
    const second = await started(await files.open(), clock);
    await second.publish({ type: 'service.failed', key: 'luma', payload: { service: 'luma', message: 'early' } });
    await second.publish(warned('ann', '2'));
    const events = collect(second, ['limit.warned', 'service.failed'], { group: 'g' });
    await second.publish({ type: 'service.failed', key: 'luma', payload: { service: 'luma', message: 'late' } });
    await clock.idle();
    expect(
      events.events.map((event) => (event.type === 'limit.warned' ? event.payload.actual : event.payload.message)),
    ).toEqual(['2', 'late']);
  });

  it('behavior: those who subscribe before the start begin with it', async () => {
    const clock = testClock();
    const open = await (await database(sqliteMemory)).open();
    const bus = new OutboxEventBus({ database: open, clock, ids: testIds() });
    const events = collect(bus, ['limit.warned'], { group: 'a' });
    const gone = collect(bus, ['limit.warned'], { group: 'b' });
    gone.stop();
    await expect(bus.publish(warned('ann', '0'))).rejects.toMatchObject({ name: 'StoreError', code: 'bus.closed' });
    await bus.start();
    await bus.publish(warned('ann', '1'));
    await clock.idle();
    expect([events.events.length, gone.events.length]).toEqual([1, 0]);
    await bus.close();
    await expect(bus.publish(warned('ann', '2'))).rejects.toMatchObject({ code: 'bus.closed' });
  });

  it('behavior: closing waits for the handlers that run and keeps what they publish; what waited comes after the restart', async () => {
    const clock = testClock();
    const files = await database(sqliteFile);
    const bus = await started(await files.open(), clock);
    const seen: string[] = [];
    const handler = async ({ payload }: { payload: { actual: string } }): Promise<void> => {
      await turns(3);
      await bus.publish({
        id: `echo-${payload.actual}`,
        type: 'service.failed',
        key: 'echo',
        payload: { service: payload.actual, message: '' },
      });
      seen.push(payload.actual);
    };
    bus.subscribe({ group: 'g', types: ['limit.warned'] }, handler);
    await Promise.all(['1', '2'].map((text) => bus.publish(warned('ann', text))));
    await bus.close();
    expect(seen).toEqual(['1']);
    const second = await started(await files.open(), clock);
    const rest = collect(second, ['limit.warned'], { group: 'g' });
    await clock.idle();
    expect(rest.events.map(({ payload }) => payload.actual)).toEqual(['2']);
    expect((await second.read({ types: ['service.failed'] })).map(({ event }) => event.id)).toEqual(['echo-1']);
  });

  it('behavior: a handler that does not end does not keep the bus from closing, and its event comes again', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    cleanups.push(async () => void vi.useRealTimers());
    const files = await database(sqliteFile);
    const bus = new OutboxEventBus({
      database: await files.open(),
      clock: new SystemClock(),
      ids: testIds(),
      closeWithinMs: 2_000,
    });
    await bus.start();
    bus.subscribe({ group: 'g', types: ['limit.warned'] }, () => Promise.withResolvers<void>().promise);
    await bus.publish(warned('ann', '1'));
    let closed = false;
    const closing = bus.close().then(() => {
      closed = true;
    });
    await vi.advanceTimersByTimeAsync(1_999);
    expect(closed).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await closing;
    await expect(bus.publish(warned('ann', '2'))).rejects.toMatchObject({ code: 'bus.closed' });
    expect(() => collect(bus, ['limit.warned'])).toThrow(expect.objectContaining({ code: 'bus.closed' }));
    const clock = testClock();
    const again = collect(await started(await files.open(), clock), ['limit.warned'], { group: 'g' });
    await clock.idle();
    expect(again.events.map(({ payload }) => payload.actual)).toEqual(['1']);
  });

  it('behavior: another who comes while the journal is read misses nothing', async () => {
    const clock = testClock();
    const files = await database(sqliteFile);
    const [one, other] = [await started(await files.open(), clock), await started(await files.open(), clock)];
    const early = collect(one, ['service.failed'], { group: 'early' });
    await other.publish(warned('ann', '1'));
    // The hole in the positions makes the first bus read; meanwhile somebody wants the type it does not read.
    const publishing = one.publish(warned('ann', '2'));
    const late = collect(one, ['limit.warned'], { group: 'late' });
    await publishing;
    await clock.idle();
    expect(late.events.map(({ payload }) => payload.actual)).toEqual(['1', '2']);
    expect(early.events).toEqual([]);
  });

  it('behavior: what another process publishes on the same database is found by polling', async () => {
    for (const kind of [sqliteFile, ...(postgres?.available ? [postgres] : [])]) {
      const clock = testClock();
      const files = await database(kind);
      const listener = await started(await files.open(), clock, { pollMs: 250 });
      const publisher = await started(await files.open(), clock);
      const events = collect(listener, ['limit.warned']);
      await clock.idle();
      await publisher.publish(warned('ann', '1'));
      await listener.publish(warned('ann', '2'));
      await publisher.publish(warned('ann', '3'));
      await clock.advanceBy(300);
      expect(events.events.map(({ payload }) => payload.actual)).toEqual(['1', '2', '3']);
    }
  });

  it('behavior: a dead letter that can not be kept is tried again, its key waiting', async () => {
    const clock = testClock();
    const open = await (await database(sqliteMemory)).open();
    const bus = await started(open, clock);
    const seen: string[] = [];
    bus.subscribe({ group: 'g', types: ['limit.warned'] }, ({ payload }) => {
      if (payload.actual === 'poison') throw new Error('no');
      seen.push(payload.actual);
    });
    await sql`create trigger refuse before insert on perpdesk_dead_letters begin select raise(abort, 'no room'); end`.execute(
      open.kysely,
    );
    await bus.publish(warned('ann', 'poison'));
    await bus.publish(warned('ann', 'after'));
    await clock.advanceBy(10_000);
    expect([seen, (await bus.deadLetters()).length]).toEqual([[], 0]);
    await sql`drop trigger refuse`.execute(open.kysely);
    await clock.advanceBy(10_000);
    expect([seen, (await bus.deadLetters()).length]).toEqual([['after'], 1]);
  });

  it('error: a transaction of another database is refused, and what can not be JSON too', async () => {
    const clock = testClock();
    const bus = await started(await (await database(sqliteMemory)).open(), clock);
    const stranger = await (await database(sqliteMemory)).open();
    await stranger.transaction(async (transaction) => {
      await expect(bus.publish(warned('ann', '1'), { transaction })).rejects.toMatchObject({
        code: 'transaction.foreign',
      });
    });
    const unsafe: string = JSON.parse('0', () => 1n);
    await expect(
      bus.publish({ ...warned('ann', '1'), payload: { ...warned('ann', '1').payload, actual: unsafe } }),
    ).rejects.toMatchObject({ code: 'event.unsafe' });
  });

  it('error: a database of a newer version is refused', async () => {
    const clock = testClock();
    const open = await (await database(sqliteMemory)).open();
    await (await started(open, clock)).close();
    await sql`insert into perpdesk_migrations (namespace, name, applied_at_ms) values ('outbox', '9999-future', 0)`.execute(
      open.kysely,
    );
    await expect(started(open, clock)).rejects.toMatchObject({
      name: 'ConfigError',
      code: 'database.newer',
      message: expect.stringContaining('9999-future'),
    });
  });
});

describe.skipIf(!postgres?.available)(`OutboxEventBus on ${postgres?.title}: order of visibility`, () => {
  it('behavior: of two transactions open at once none is lost, whichever commits first', async () => {
    for (const firstCommits of ['first', 'second'] as const) {
      const clock = testClock();
      const open = await (await database(postgres)).open();
      const bus = await started(open, clock);
      const events = collect(bus, ['limit.warned']);
      await clock.idle();
      const transact = (name: string) => {
        const [published, commit] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
        const done = open.transaction(async (transaction) => {
          await bus.publish(warned('ann', name, name), { transaction });
          published.resolve();
          await commit.promise;
        });
        return { name, published: published.promise, commit: () => commit.resolve(), done };
      };
      const first = transact('first');
      await first.published;
      const second = transact('second');
      await second.published;
      const order = firstCommits === 'first' ? [first, second] : [second, first];
      for (const { name, commit, done } of order) {
        commit();
        await done;
        // The bus is not held up by the transaction that is still open.
        await bus.publish(warned('ann', `after-${name}`));
        await clock.idle();
      }
      const wanted = order.flatMap(({ name }) => [name, `after-${name}`]);
      expect(events.events.map(({ payload }) => payload.actual)).toEqual(wanted);
      expect(
        (await bus.read({})).map(({ event }) => (event.type === 'limit.warned' ? event.payload.actual : '')),
      ).toEqual(wanted);
    }
  });

  it('behavior: an event whose process died between the commit and giving it a place is found at the next start', async () => {
    const clock = testClock();
    const files = await database(postgres);
    const open = await files.open();
    const bus = await started(open, clock);
    collect(bus, ['limit.warned'], { group: 'g' });
    await clock.idle();
    await bus.close();
    await open
      .as<OutboxTables>()
      .insertInto('perpdesk_events')
      .values({
        id: 'orphan',
        type: 'limit.warned',
        version: 1,
        at_ms: 0,
        key: 'ann',
        user_id: null,
        trace_id: 't',
        causation_id: null,
        payload: '{"actual":"orphan"}',
      })
      .execute();
    const events = collect(await started(open, clock), ['limit.warned'], { group: 'g' });
    await clock.idle();
    expect(events.events.map(({ id }) => id)).toEqual(['orphan']);
  });

  it('behavior: several processes publishing at once lose and double nothing', async () => {
    const clock = testClock();
    const files = await database(postgres);
    const buses = [
      await started(await files.open(), clock),
      await started(await files.open(), clock),
      await started(await files.open(), clock),
    ];
    const listener = await started(await files.open(), clock, { pollMs: 100 });
    const events = collect(listener, ['limit.warned']);
    await clock.idle();
    await Promise.all(
      buses.map(async (bus, which) => {
        for (let index = 0; index < 30; index += 1)
          await bus.publish(warned(`user-${which}`, String(index), `${which}-${index}`));
      }),
    );
    await clock.advanceBy(500);
    for (const which of [0, 1, 2]) {
      expect(
        events.events.filter(({ key }) => key === `user-${which}`).map(({ payload }) => Number(payload.actual)),
      ).toEqual(Array.from({ length: 30 }, (_, index) => index));
    }
  });
});
