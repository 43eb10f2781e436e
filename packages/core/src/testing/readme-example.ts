import { Desk, SeededRandom, type Service, SimulatedClock, SortableIdGenerator } from '@perpdesk/core';
import { OutboxEventBus, openDatabase } from '@perpdesk/core/database';

// A desk that trades live has a SystemClock; on a simulated one every run is the same.
const clock = new SimulatedClock({ startAtMs: Date.UTC(2026, 0, 5) });
const ids = new SortableIdGenerator({ clock, random: new SeededRandom('readme') });
await using database = await openDatabase({ url: 'sqlite::memory:' });
await using eventBus = new OutboxEventBus({ database, clock, ids });
await eventBus.start();

// A group hears each event at least once and in order per key, from the journal's beginning, over restarts.
eventBus.subscribe({ group: 'pager', types: ['service.failed'], from: 'start' }, ({ payload }) =>
  console.log(`page somebody: ${payload.service} says "${payload.message}"`),
);

const service = (name: string, start: () => Promise<void>): Service => ({
  name,
  start,
  stop: async () => console.log(`${name} stops`),
  health: () => ({ status: 'healthy' }),
});
const feed = service('feed', async () => console.log('feed starts'));
const venue = service('venue', () => Promise.reject(new Error('No answer.')));
await using desk = new Desk({ services: [feed, venue], clock, eventBus });
await desk.start();
await clock.idle();
for (const { service, health } of desk.health()) console.log(`${service}: ${health.status}`);
