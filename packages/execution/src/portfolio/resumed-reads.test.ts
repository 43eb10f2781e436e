import { VenueError } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { ResumedReads } from './resumed-reads.ts';

type Venue = ConstructorParameters<typeof ResumedReads>[0];

/** A venue that answers each question with how many it was asked, and writes down what it was asked. */
function setUp(overrides: Partial<Venue> = {}) {
  const asked: string[] = [];
  const answer =
    (name: string) =>
    async (...given: readonly unknown[]): Promise<never> =>
      [asked.push([name, ...given.filter((part) => part !== undefined)].join(' '))] as never;
  const venue: Venue = {
    ...{ fetchOrder: answer('order'), fetchOpenOrders: answer('open'), fetchPositions: answer('positions') },
    ...{ fetchFills: answer('fills'), fetchAccount: answer('account'), ...overrides },
  };
  return { asked, reads: new ResumedReads(venue) };
}

describe('ResumedReads', () => {
  it('default: what was answered is not asked again, and a question asked twice has two answers', async () => {
    let limited = true;
    const { asked, reads } = setUp({
      fetchPositions: async (userId) => {
        asked.push(`positions ${userId}`);
        if (limited) throw new VenueError('venue.rate-limited', 'Too many requests.');
        return [];
      },
    });
    const read = async () => {
      const venue = reads.fromStart();
      const before = await venue.fetchFills('alice', 5);
      await venue.fetchPositions('alice');
      return [before, await venue.fetchFills('alice', 5)];
    };
    await expect(read()).rejects.toThrow('Too many requests.');
    limited = false;
    expect(await read()).toEqual([[1], [4]]);
    expect(asked).toEqual(['fills alice 5', 'positions alice', 'positions alice', 'fills alice 5']);
  });

  it('behavior: from the first other question on all is asked anew', async () => {
    const { asked, reads } = setUp();
    const first = reads.fromStart();
    await first.fetchOpenOrders('alice');
    await first.fetchOrder('alice', 'a');
    await first.fetchAccount('alice');
    const second = reads.fromStart();
    expect(await second.fetchOpenOrders('alice')).toEqual([1]);
    expect(await second.fetchOrder('alice', 'b')).toEqual([4]);
    expect(await second.fetchAccount('alice')).toEqual([5]);
    expect(asked).toHaveLength(5);
  });

  it('behavior: funding is there where the venue tells it', async () => {
    expect(setUp().reads.fromStart().fetchFunding).toBeUndefined();
    const { reads } = setUp({ fetchFunding: async () => [] });
    expect(await reads.fromStart().fetchFunding?.('alice', 0)).toEqual([]);
  });
});
