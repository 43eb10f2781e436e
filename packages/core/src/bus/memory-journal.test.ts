import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DomainEvent } from '../events/envelope.ts';
import type { EventQuery } from '../ports/event-bus.ts';
import { matchesQuery } from './event-query.ts';
import { MemoryJournal } from './memory-journal.ts';

const types = ['round.opened', 'order.filled', 'position.closed'] as const;

const event = (index: number, type: (typeof types)[number], userId: string): DomainEvent =>
  ({ id: `e${index}`, type, version: 1, atMs: index, key: userId, userId, traceId: 't', payload: {} }) as never;

const query: fc.Arbitrary<EventQuery> = fc.record(
  {
    types: fc.array(fc.constantFrom(...types), { maxLength: 4 }),
    userId: fc.constantFrom('u1', 'u2'),
    afterPosition: fc.integer({ min: 0, max: 60 }),
    limit: fc.integer({ min: 0, max: 20 }),
    order: fc.constantFrom('ascending' as const, 'descending' as const),
  },
  { requiredKeys: [] },
);

describe('MemoryJournal', () => {
  it('behavior: whatever is asked for, it gives what looking at every held event would', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.array(fc.tuple(fc.constantFrom(...types), fc.constantFrom('u1', 'u2')), { maxLength: 60 }),
        fc.array(query, { minLength: 1, maxLength: 8 }),
        (capacity, told, queries) => {
          const journal = new MemoryJournal(capacity);
          const all = told.map(([type, userId], index) => journal.append(event(index, type, userId)));
          for (const asked of queries) {
            const held = all.slice(-capacity).filter(({ position }) => position > (asked.afterPosition ?? 0));
            const ordered = asked.order === 'descending' ? held.reverse() : held;
            const expected = ordered.filter((stored) => matchesQuery(stored, asked)).slice(0, asked.limit ?? 1_000);
            expect(journal.read(asked)).toEqual(expected);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('behavior: a rare type is found among many others, also after those of it that are forgotten', () => {
    const journal = new MemoryJournal(3_000);
    for (let index = 0; index < 20_000; index += 1)
      journal.append(event(index, index % 1_000 === 0 ? 'position.closed' : 'round.opened', 'u1'));
    const closed = journal.read({ types: ['position.closed'], order: 'descending' });
    expect(closed.map(({ position }) => position)).toEqual([19_001, 18_001, 17_001]);
    expect(journal.read({ types: ['round.opened'], limit: 1 }).map(({ position }) => position)).toEqual([17_002]);
  });
});
