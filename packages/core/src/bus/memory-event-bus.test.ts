import { describe, it } from 'vitest';
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
