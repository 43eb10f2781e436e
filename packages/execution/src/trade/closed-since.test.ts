import type { EventQuery, StoredEvent } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { closedSince } from './closed-since.ts';

const hourMs = 3_600_000;
const signal = { userId: 'alice', createdAtMs: 100 * hourMs };

/** A journal with one closing an hour up to `lastHour`, and how many of them were read. */
function journal(lastHour: number) {
  const read: number[] = [];
  return {
    read,
    bus: {
      read: async ({ limit = 0, ...query }: EventQuery): Promise<readonly StoredEvent[]> => {
        expect(query).toEqual({ types: ['position.closed'], userId: 'alice', order: 'descending' });
        read.push(limit);
        return Array.from({ length: Math.min(limit, lastHour) }, (_, index) => {
          const position = lastHour - index;
          return { position, event: { atMs: position * hourMs } } as StoredEvent;
        });
      },
    },
  };
}

describe('closedSince', () => {
  it('default: all closings of the user while they are few', async () => {
    const { bus, read } = journal(5);
    expect((await closedSince(bus, signal)).map(({ position }) => position)).toEqual([5, 4, 3, 2, 1]);
    expect(await closedSince(journal(0).bus, signal)).toEqual([]);
    expect(read).toEqual([20]);
  });

  it('behavior: no further back than an hour before the signal, for clocks that are apart', async () => {
    const within = journal(117);
    expect((await closedSince(within.bus, signal)).at(-1)?.event.atMs).toBe(98 * hourMs);
    expect(within.read).toEqual([20]);
    // The twentieth is of the hour before: an older one may be of the signal.
    const beyond = journal(118);
    expect((await closedSince(beyond.bus, signal)).at(-1)?.position).toBe(1);
    expect(beyond.read).toEqual([20, 200]);
  });

  it('behavior: a closing of the signal behind many newer ones is among them', async () => {
    const found = await closedSince(journal(260).bus, signal);
    expect(found.map(({ position }) => position)).toContain(101);
    expect(found).toHaveLength(200);
  });
});
