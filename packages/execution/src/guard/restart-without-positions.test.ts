import { type ExitRules, type OrderIntent, toPrice, toSize, VenueError } from '@perpdesk/core';
import { afterEach, describe, expect, it } from 'vitest';
import { examplePaperIntent } from '../paper/example-paper.ts';
import type { ExecutionTables } from '../store/execution-tables.ts';
import { place, TradingDesk } from '../testing/trading-desk.ts';

// A desk that starts again at a venue that answers what became of orders, and not which positions stand.

const desks: TradingDesk[] = [];
afterEach(async () => {
  for (const desk of desks.splice(0).reverse()) await desk.stop();
});

const no = (): never => {
  throw new VenueError('venue.rate-limited', 'Too many requests.', { retryable: true });
};

/** A desk that has sent an entry of 0.1, and the next life of it, which is not started yet. */
async function twoLives(entry: Partial<OrderIntent> = {}, stops?: 'no stops', exits?: ExitRules) {
  const first = await TradingDesk.run();
  desks.push(first);
  first.gate.refuse = ({ purpose }) =>
    stops !== undefined && purpose === 'stop-loss' ? { code: 'venue.unhealthy', message: 'None.' } : undefined;
  await first.guard.plan({
    ...{ ...place, tradeId: 'trade:1', traceId: 'trace:1', leverage: 6 },
    ...{ stopLoss: toPrice(59_500), takeProfits: [] },
    ...(exits === undefined ? {} : { exits }),
  });
  const intent = examplePaperIntent({ size: toSize('0.1'), tradeId: 'trade:1', traceId: 'trace:1', origin: 'agent' });
  await first.orderDesk.send({ ...intent, ...entry });
  await first.clock.advanceBy(1_000);
  await first.stop({ keepFiles: true });
  const desk = await TradingDesk.open({ folder: first.folder, startAtMs: first.clock.nowMs() + 1_000, seed: 'second' });
  desks.push(desk);
  await desk.price(60_000);
  const sent: OrderIntent[] = [];
  desk.venue.on.fetchPositions = async () => no();
  desk.venue.on.place = async (venue, order) => {
    sent.push(order.intent);
    return venue.place(order);
  };
  const words = (): readonly string[] => sent.map(({ purpose, size }) => `${purpose} ${size}`);
  const answer = async (): Promise<void> => {
    delete desk.venue.on.fetchPositions;
    await desk.clock.advanceBy(6_000);
  };
  return { desk, sent, words, answer };
}

const resting: Partial<OrderIntent> = { type: 'limit', timeInForce: 'gtc', price: toPrice(59_990) };

describe('a start at a venue that does not say which positions stand', () => {
  it('default: what an entry filled meanwhile is covered by its fills, at its plan, once', async () => {
    const { answer, desk, sent } = await twoLives(resting);
    await desk.market.quote({ bid: 59_970, ask: 59_980, depth: 0.06 });
    expect((await desk.positionAtVenue())?.size).toBe('0.06');
    await desk.start();
    expect(sent).toMatchObject([{ purpose: 'stop-loss', size: '0.06', triggerPrice: '59500', reduceOnly: true }]);
    expect(desk.portfolio.isKnown(place)).toBe(false);
    expect((await desk.events('order.filled')).map(({ payload }) => payload.fill.size)).toEqual(['0.06']);
    await desk.clock.advanceBy(20_000);
    await answer();
    expect(desk.portfolio.isKnown(place)).toBe(true);
    expect(await desk.resting()).toEqual(['entry 0.04 @ 59990', 'stop-loss 0.06 @ 59500']);
    expect(sent).toHaveLength(1);
    expect(await desk.events('order.filled')).toHaveLength(1);
    expect(await desk.events('position.opened')).toHaveLength(1);
  });

  it('behavior: what a stop has taken meanwhile is neither covered nor closed again', async () => {
    const { answer, desk, words } = await twoLives();
    await desk.price(59_400);
    expect(await desk.positionAtVenue()).toBeUndefined();
    await desk.start();
    await desk.clock.advanceBy(40_000);
    expect(words()).toEqual([]);
    expect(await desk.events('protection.missing')).toEqual([]);
    expect(await desk.events('position.closed')).toEqual([]);
    await answer();
    expect((await desk.events('position.closed'))[0]?.payload.reason).toBe('stop-loss');
    expect(words()).toEqual([]);
  });

  it('behavior: a stop that was cancelled meanwhile is laid again, reduce-only', async () => {
    const { desk, sent } = await twoLives();
    for (const { clientOrderId } of await desk.paper.fetchOpenOrders('alice'))
      await desk.paper.cancel('alice', clientOrderId);
    await desk.clock.advanceBy(3_000);
    await desk.start();
    expect(sent).toMatchObject([{ purpose: 'stop-loss', size: '0.1', triggerPrice: '59500', reduceOnly: true }]);
    expect(await desk.resting()).toEqual(['stop-loss 0.1 @ 59500']);
  });

  it('behavior: what no stop can cover is closed at 10 s by what was kept and what its fills say', async () => {
    const { desk, sent, words } = await twoLives();
    for (const { clientOrderId } of await desk.paper.fetchOpenOrders('alice'))
      await desk.paper.cancel('alice', clientOrderId);
    await desk.clock.advanceBy(3_000);
    desk.gate.refuse = ({ purpose }) =>
      purpose === 'stop-loss' ? { code: 'venue.unhealthy', message: 'No stops today.' } : undefined;
    await desk.start();
    const startMs = desk.clock.nowMs();
    await desk.clock.advanceTo(startMs + 9_900);
    expect(words()).toEqual([]);
    await desk.clock.advanceTo(startMs + 10_100);
    expect(sent).toMatchObject([{ purpose: 'exit', size: '0.1', reduceOnly: true, closeReason: 'unprotected' }]);
    expect(await desk.positionAtVenue()).toBeUndefined();
  });

  it('behavior: a stop stays over what was not kept, whatever the venue tells of the account', async () => {
    const { desk, answer } = await twoLives();
    await desk.database.as<ExecutionTables>().deleteFrom('execution_positions').execute();
    await desk.start();
    const far = examplePaperIntent({ size: toSize('0.01'), type: 'limit', timeInForce: 'gtc', price: toPrice(50_000) });
    await desk.paper.place(desk.market.authority.mint(far, 'by hand'));
    await desk.clock.idle();
    // The account was told, what it holds was not.
    expect(desk.portfolio.account('alice', 'paper')?.value).toMatchObject({ userId: 'alice', venue: 'paper' });
    expect(desk.portfolio.isKnown(place)).toBe(false);
    await desk.guard.protect(place);
    expect(await desk.resting()).toEqual(['entry 0.01 @ 50000', 'stop-loss 0.1 @ 59500']);
    await answer();
    expect(desk.portfolio.position(place)?.size).toBe('0.1');
    expect(desk.guard.uncovered()).toBe(0);
  });

  it('error: where its fills can not be read either, it is covered reduce-only and not closed: what was kept may be gone', async () => {
    const { desk, sent } = await twoLives({}, 'no stops', { maxHoldMs: 5_000 });
    desk.venue.on.fetchFills = async () => no();
    desk.venue.on.place = async (_, order) => {
      sent.push(order.intent);
      return { outcome: 'rejected', rejection: { code: 'venue.unhealthy', message: 'No.' } };
    };
    await desk.start();
    await desk.clock.advanceBy(30_000);
    expect(desk.guard.uncovered()).toBe(1);
    expect(sent.length).toBeGreaterThan(10);
    expect(sent.filter(({ purpose, reduceOnly }) => purpose !== 'stop-loss' || !reduceOnly)).toEqual([]);
  });
});
