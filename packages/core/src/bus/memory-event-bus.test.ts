import { describe, expect, it } from 'vitest';
import type { DatabaseTransaction } from '../ports/database-transaction.ts';
import { eventBusContract } from '../testing/event-bus-contract.ts';
import { testClock, testIds } from '../testing/test-ids.ts';
import { MemoryEventBus } from './memory-event-bus.ts';

describe('MemoryEventBus keeps the contract of an event bus', () => {
  for (const c of eventBusContract)
    it(c.name, () =>
      c.run(async () => {
        const clock = testClock();
        const bus = new MemoryEventBus({ clock, ids: testIds(), retry: { attempts: 3, delayMs: 100 } });
        return { bus, clock, close: () => bus.close() };
      }),
    );
});

describe('MemoryEventBus', () => {
  const failed = (message: string, id?: string) =>
    ({
      ...(id === undefined ? {} : { id }),
      type: 'service.failed',
      key: 'luma',
      payload: { service: 'luma', message },
    }) as const;

  it('behavior: of two transactions that were given one id, and of what is published between, the first is taken', async () => {
    const bus = new MemoryEventBus({ clock: testClock(), ids: testIds() });
    const commits: (() => void)[] = [];
    const transaction = { afterCommit: (act: () => void) => commits.push(act) } as unknown as DatabaseTransaction;
    await bus.publish(failed('a', 'one'), { transaction });
    await bus.publish(failed('b', 'one'), { transaction });
    await bus.publish(failed('c', 'two'), { transaction });
    await bus.publish(failed('d', 'two'));
    for (const commit of commits) commit();
    const held = await bus.read({ types: ['service.failed'] });
    expect(held.map(({ position, event }) => [position, event.id, event.payload])).toEqual([
      [1, 'two', { service: 'luma', message: 'd' }],
      [2, 'one', { service: 'luma', message: 'a' }],
    ]);
  });

  it('behavior: an id that is made and was given to an event before is taken once', async () => {
    const bus = new MemoryEventBus({ clock: testClock(), ids: { next: () => 'one' } });
    await bus.publish(failed('a', 'one'));
    await bus.publish(failed('b'));
    expect((await bus.read({})).map(({ event }) => event.payload)).toEqual([{ service: 'luma', message: 'a' }]);
  });
});
