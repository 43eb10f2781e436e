import { describe, expect, it } from 'vitest';
import { Consumers } from '../../bus/consumers.ts';
import { Delivery } from '../../bus/delivery.ts';
import { StartPositions } from '../../bus/start-positions.ts';
import { WorkInFlight } from '../../bus/work-in-flight.ts';
import type { DomainEvent } from '../../events/envelope.ts';
import type { DomainEventType } from '../../events/event-map.ts';
import { silentLogger } from '../../logger/logger.ts';
import type { StoredEvent } from '../../ports/event-bus.ts';
import { EventBusInstruments } from '../../telemetry/event-bus-instruments.ts';
import { testClock } from '../../testing/test-ids.ts';
import { OutboxConsumer } from './outbox-consumer.ts';
import { Relay } from './relay.ts';

const stored = (position: number, type: DomainEventType = 'limit.warned'): StoredEvent => ({
  position,
  event: { id: String(position), type, version: 1, atMs: 0, key: 'ann', traceId: 't', payload: {} } as DomainEvent,
});

/** A relay over a journal in memory, each of whose reads waits for `onPage`. */
async function relay(onPage: () => Promise<void> = async () => {}) {
  const clock = testClock();
  const work = new WorkInFlight(clock);
  const journal: StoredEvent[] = [];
  const reader = {
    head: async () => journal.length,
    page: async (types: readonly DomainEventType[], after: number, upTo: number, limit: number) => {
      const page = journal.filter(
        ({ position, event }) => position > after && position <= upTo && types.includes(event.type),
      );
      await onPage();
      return page.slice(0, limit);
    },
  };
  const consumers = new Consumers<OutboxConsumer>();
  const common = { reader, clock, work, logger: silentLogger };
  const made = new Relay({ ...common, consumers, writer: { place: async () => {} }, pollMs: 0, onRelayed: () => {} });
  await made.start();
  const subscribe = (group: string, type: DomainEventType): number[] => {
    const seen: number[] = [];
    const consumer: OutboxConsumer = new OutboxConsumer({
      ...common,
      group,
      starts: new StartPositions([type], () => made.relayedTo),
      maxPending: 10,
      relayedTo: () => made.relayedTo,
      delivery: new Delivery({
        ...common,
        group,
        handler: (event) => void seen.push(Number(event.id)),
        retry: { attempts: 1, delayMs: 0 },
        instruments: new EventBusInstruments(),
        giveUp: async () => {},
        onSettled: () => consumer.catchUp(),
      }),
    });
    consumers.add(consumer);
    consumer.catchUp();
    return seen;
  };
  return { clock, journal, relay: made, subscribe };
}

describe('Relay', () => {
  it('default: what was committed here is handed out from memory, each event once', async () => {
    let reads = 0;
    const given = await relay(async () => {
      reads += 1;
    });
    const seen = given.subscribe('g', 'limit.warned');
    await given.clock.idle();
    given.journal.push(stored(1), stored(2), stored(3));
    given.relay.committed([stored(1), stored(2)]);
    given.relay.committed([stored(2), stored(3)]);
    given.relay.committed([stored(1)]);
    await given.clock.idle();
    expect([seen, reads, given.relay.relayedTo]).toEqual([[1, 2, 3], 0, 3]);
  });

  it('behavior: a hole in the positions is read from the journal, before what lies behind it', async () => {
    const given = await relay();
    const seen = given.subscribe('g', 'limit.warned');
    await given.clock.idle();
    given.journal.push(stored(1), stored(2, 'service.failed'), stored(3));
    given.relay.committed([stored(3)]);
    expect(seen).toEqual([]);
    await given.clock.idle();
    expect([seen, given.relay.relayedTo]).toEqual([[1, 3], 3]);
  });

  it('behavior: who comes while a page is read, for a type that was not asked for, misses nothing of it', async () => {
    const gate = Promise.withResolvers<void>();
    let reads = 0;
    const given = await relay(async () => {
      reads += 1;
      if (reads === 1) await gate.promise;
    });
    given.subscribe('early', 'service.failed');
    await given.clock.advanceBy(0);
    given.journal.push(stored(1), stored(2), stored(3, 'service.failed'));
    given.relay.lookForMore();
    while (reads === 0) await new Promise((resolve) => setImmediate(resolve));
    const late = given.subscribe('late', 'limit.warned');
    await new Promise((resolve) => setImmediate(resolve));
    gate.resolve();
    await given.clock.idle();
    expect(late).toEqual([1, 2]);
  });

  it('behavior: what is committed while the journal is read is handed out once, in order', async () => {
    const gate = Promise.withResolvers<void>();
    let reads = 0;
    const given = await relay(async () => {
      reads += 1;
      if (reads === 1) await gate.promise;
    });
    const seen = given.subscribe('g', 'limit.warned');
    await given.clock.idle();
    given.journal.push(stored(1), stored(2));
    given.relay.lookForMore();
    while (reads === 0) await new Promise((resolve) => setImmediate(resolve));
    given.journal.push(stored(3));
    given.relay.committed([stored(1), stored(2)]);
    given.relay.committed([stored(3)]);
    gate.resolve();
    await given.clock.idle();
    expect(seen).toEqual([1, 2, 3]);
  });

  it('error: a journal that can not be read is asked again a second later', async () => {
    let reads = 0;
    const given = await relay(async () => {
      reads += 1;
      if (reads === 1) throw new Error('the database is away');
    });
    const seen = given.subscribe('g', 'limit.warned');
    await given.clock.idle();
    given.journal.push(stored(1));
    given.relay.lookForMore();
    await given.clock.idle();
    expect(seen).toEqual([]);
    await given.clock.advanceBy(1_000);
    expect(seen).toEqual([1]);
  });
});
