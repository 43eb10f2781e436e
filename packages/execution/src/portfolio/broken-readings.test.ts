import { type OrderIntent, toSize, VenueError } from '@perpdesk/core';
import { afterEach, describe, expect, it } from 'vitest';
import { examplePaperIntent } from '../paper/example-paper.ts';
import { place, TradingDesk } from '../testing/trading-desk.ts';

// A venue that answers few requests, while a desk starts over a position whose stop is gone.

const desks: TradingDesk[] = [];
afterEach(async () => {
  for (const desk of desks.splice(0).reverse()) await desk.stop();
});

/** Trades at the venue, past the desk. */
const byHand = async (desk: TradingDesk, size: string, changes: Partial<OrderIntent> = {}): Promise<void> => {
  const intent = examplePaperIntent({ size: toSize(size), tradeId: 'trade:1', ...changes });
  await desk.paper.place(desk.market.authority.mint(intent, 'by hand'));
  await desk.clock.idle();
};

type Failure = 'venue.rate-limited' | 'venue.unreachable';

/** A desk that has never seen the account, at a venue that answers every so many-th question (`every`); `asked`: all of them. */
async function limited(every: number, failure: Failure) {
  const desk = await TradingDesk.open();
  desks.push(desk);
  await desk.price(60_000);
  await byHand(desk, '0.1');
  const asked: string[] = [];
  const take = async <Answer>(name: string, answer: () => Promise<Answer>): Promise<Answer> => {
    asked.push(name);
    if (asked.length % every !== 0) throw new VenueError(failure, 'No.', { retryable: true });
    return answer();
  };
  Object.assign(desk.venue.on, {
    fetchOpenOrders: (venue, ...given) => take('open', () => venue.fetchOpenOrders(...given)),
    fetchPositions: (venue, ...given) => take('positions', () => venue.fetchPositions(...given)),
    fetchFills: (venue, ...given) => take('fills', () => venue.fetchFills(...given)),
    fetchAccount: (venue, ...given) => take('account', () => venue.fetchAccount(...given)),
  } satisfies typeof desk.venue.on);
  return { desk, asked };
}

describe('an account at a venue that answers few requests', () => {
  it.each<Failure>(['venue.rate-limited', 'venue.unreachable'])(
    'default: is read a question at a time, so that what is held gets its stop within seconds (%s)',
    async (failure) => {
      const { desk, asked } = await limited(2, failure);
      await desk.start();
      expect(desk.portfolio.isKnown(place)).toBe(false);
      await desk.clock.advanceBy(6_000);
      expect(desk.portfolio.isKnown(place)).toBe(true);
      expect(await desk.resting()).toEqual(['stop-loss 0.1 @ 58800']);
      expect(asked).toEqual(['fills', 'open', 'fills', 'fills', 'positions', 'positions', 'account', 'account']);
    },
  );

  it('behavior: what is told while the reading pauses is not undone by what it read before', async () => {
    const desk = await TradingDesk.run();
    desks.push(desk);
    await byHand(desk, '0.1');
    let takes = false;
    desk.venue.on.fetchAccount = async (venue, ...given) => {
      if (!takes) throw new VenueError('venue.rate-limited', 'Too many requests.', { retryable: true });
      return venue.fetchAccount(...given);
    };
    await desk.portfolio.reconcile();
    await byHand(desk, '0.04', { side: 'sell', reduceOnly: true, purpose: 'exit' });
    takes = true;
    const sizes: (string | undefined)[] = [];
    desk.portfolio.watch((key) => void sizes.push(desk.portfolio.position(key)?.size));
    await desk.clock.advanceBy(1_000);
    expect(desk.portfolio.health().status).toBe('healthy');
    expect(desk.portfolio.position(place)?.size).toBe('0.06');
    await desk.clock.advanceBy(10_000);
    expect(sizes.filter((size) => size !== '0.06')).toEqual([]);
    expect(await desk.resting()).toEqual(['stop-loss 0.06 @ 58800']);
  });

  it('error: one that answers none is asked once a second, and the desk is up all the same', async () => {
    const { desk, asked } = await limited(Number.POSITIVE_INFINITY, 'venue.rate-limited');
    await desk.start();
    const before = asked.length;
    await desk.clock.advanceBy(20_000);
    expect(asked.length - before).toBeGreaterThanOrEqual(19);
    expect(asked.length - before).toBeLessThanOrEqual(21);
    expect(desk.portfolio.health().status).toBe('degraded');
  });
});
