import { describe, expect, it } from 'vitest';
import { WorkInFlight } from '../../bus/work-in-flight.ts';
import type { DomainEvent } from '../../events/envelope.ts';
import { testDatabases } from '../../testing/test-databases.ts';
import { testClock } from '../../testing/test-ids.ts';
import { migrate } from '../migrate.ts';
import { AppendQueue } from './append-queue.ts';
import { EventReader } from './event-reader.ts';
import { eventWriter } from './event-writer.ts';
import { outboxMigrations, outboxNamespace } from './outbox-tables.ts';

const event = (id: string, type: 'service.failed' | 'candle.closed' = 'service.failed'): DomainEvent =>
  ({ id, type, version: 1, atMs: 0, key: 'k', traceId: 't', payload: { service: id, message: 'gone' } }) as DomainEvent;

async function queue() {
  const [, memory] = await testDatabases();
  if (memory === undefined) throw new Error('no database');
  const files = await memory.make();
  const database = await files.open();
  await migrate(database, { namespace: outboxNamespace, migrations: outboxMigrations });
  const commits: string[] = [];
  const committed: string[] = [];
  const writer = eventWriter(database);
  const clock = testClock();
  const appendQueue = new AppendQueue({
    writer: {
      ...writer,
      place: () => writer.place(),
      appendIn: (transaction, row) => writer.appendIn(transaction, row),
      append: (rows, durability) => {
        commits.push(`${rows.length} ${durability}`);
        return writer.append(rows, durability);
      },
    },
    reader: new EventReader(database),
    work: new WorkInFlight(clock),
    nextTurn: (run) => setImmediate(run),
    relaxedTypes: new Set(['candle.closed']),
    beforeWriting: async () => {},
    onCommitted: (batch) => committed.push(...batch.map(({ event }) => event.id)),
  });
  return { appendQueue, commits, committed, drop: () => files.drop(), close: () => database.close(), clock };
}

describe('AppendQueue', () => {
  it('behavior: events of one turn of the event loop share a commit, 200 at most', async () => {
    const { appendQueue, commits, committed, drop } = await queue();
    const ids = Array.from({ length: 450 }, (_, index) => `e${index}`);
    // Publishers that go on in microtasks are of the same turn.
    await Promise.all(
      ids.map(async (id, index) => {
        if (index % 2 === 1) await Promise.resolve();
        return appendQueue.append(event(id));
      }),
    );
    expect(commits).toEqual(['200 full', '200 full', '50 full']);
    expect([...committed].sort()).toEqual([...ids].sort());
    await drop();
  });

  it('behavior: only a commit of nothing but relaxed types does not wait for the disk', async () => {
    const { appendQueue, commits, drop } = await queue();
    await Promise.all([
      appendQueue.append(event('a', 'candle.closed')),
      appendQueue.append(event('b', 'candle.closed')),
    ]);
    await Promise.all([appendQueue.append(event('c', 'candle.closed')), appendQueue.append(event('d'))]);
    expect(commits).toEqual(['2 normal', '2 full']);
    await drop();
  });

  it('error: when a commit fails every publisher of it hears of it, and the next commit works', async () => {
    const { appendQueue, close, clock } = await queue();
    await appendQueue.append(event('a'));
    await close();
    const outcomes = await Promise.allSettled([appendQueue.append(event('b')), appendQueue.append(event('c'))]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await clock.idle();
  });

  it('error: a payload that is no JSON is refused before anything is written', async () => {
    const { appendQueue, commits, drop } = await queue();
    const circular: { self?: unknown } = {};
    circular.self = circular;
    expect(() => appendQueue.append({ ...event('a'), payload: circular } as DomainEvent)).toThrow(
      expect.objectContaining({ code: 'event.unsafe' }),
    );
    expect(commits).toEqual([]);
    await drop();
  });
});
