import { SimulatedClock, StaticUserDirectory, toPrice, toSize } from '@perpdesk/core';
import { expect, it } from 'vitest';
import { examplePaperIntent } from '../paper/example-paper.ts';
import { exampleUser, TradingDesk } from '../testing/trading-desk.ts';
import { Portfolio } from './portfolio.ts';

it('behavior: each user sees what is theirs and nothing of anybody else', async () => {
  const desk = await TradingDesk.open();
  const { clock, database, eventBus, venues } = desk;
  const users = new StaticUserDirectory({
    users: [exampleUser({ venues: ['paper'] }), exampleUser({ id: 'bob', venues: ['paper'] })],
  });
  const portfolio = new Portfolio({ users, venues, marketView: desk.market.marketView, eventBus, database, clock });
  try {
    expect(clock).toBeInstanceOf(SimulatedClock);
    await desk.price(60_000);
    await portfolio.start();
    const order = async (clientOrderId: string, changes: Parameters<typeof examplePaperIntent>[0]): Promise<void> => {
      const intent = examplePaperIntent({ size: toSize('0.1'), ...changes, clientOrderId: clientOrderId.repeat(32) });
      await desk.paper.place(desk.market.authority.mint(intent, 'test'));
      await clock.idle();
    };
    const limit = { type: 'limit', price: toPrice(59_000), timeInForce: 'gtc' } as const;
    await order('a', {});
    await order('b', limit);
    await order('c', { ...limit, userId: 'bob' });
    const ids = (userId: string) => portfolio.openOrders(userId).map(({ clientOrderId }) => clientOrderId.slice(0, 1));
    expect([ids('alice'), ids('bob'), ids('carol')]).toEqual([['b'], ['c'], []]);
    expect(['alice', 'bob'].map((userId) => portfolio.positions(userId).length)).toEqual([1, 0]);
    expect(['alice', 'bob'].map((userId) => portfolio.filledTrades(userId, 'paper'))).toEqual([1, 0]);
    const foreign = { userId: 'bob', venue: 'paper', clientOrderId: 'b'.repeat(32) };
    expect(portfolio.order(foreign)).toBeUndefined();
    expect(portfolio.order({ ...foreign, userId: 'alice' })?.userId).toBe('alice');
    expect(portfolio.account('alice', 'paper')?.value.userId).toBe('alice');
    expect(portfolio.account('bob', 'paper')?.value.userId).toBe('bob');
  } finally {
    await portfolio.stop();
    await desk.stop();
  }
});
