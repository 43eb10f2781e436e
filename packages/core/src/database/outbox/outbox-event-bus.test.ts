import { describe, it } from 'vitest';
import { durableEventBusContract, eventBusContract } from '../../testing/event-bus-contract.ts';
import { testDatabases } from '../../testing/test-databases.ts';
import { testClock, testIds } from '../../testing/test-ids.ts';
import { OutboxEventBus } from './outbox-event-bus.ts';

for (const { title, available, make } of await testDatabases()) {
  describe.skipIf(!available)(`OutboxEventBus on ${title} keeps the contract of a durable event bus`, () => {
    const harness = async () => {
      const clock = testClock();
      const files = await make();
      const ids = testIds();
      const open = async () => {
        const bus = new OutboxEventBus({
          database: await files.open(),
          clock,
          ids,
          retry: { attempts: 3, delayMs: 100 },
          pollMs: 0,
        });
        await bus.start();
        return bus;
      };
      const database = await files.open();
      let bus = new OutboxEventBus({ database, clock, ids, retry: { attempts: 3, delayMs: 100 }, pollMs: 0 });
      await bus.start();
      return {
        bus,
        clock,
        transaction: database.transaction.bind(database),
        reopen: async () => {
          await bus.close();
          bus = await open();
          return bus;
        },
        close: async () => {
          await bus.close();
          await files.drop();
        },
      };
    };
    for (const c of [...eventBusContract, ...durableEventBusContract]) it(c.name, () => c.run(harness));
  });
}
