import { type OrderIntent, type Position, toPrice, toSize, VenueError, type VenueUpdate } from '@perpdesk/core';
import { sql } from 'kysely';
import { afterEach, describe, expect, it } from 'vitest';
import { examplePaperIntent } from '../paper/example-paper.ts';
import { place, TradingDesk, type TradingDeskOptions } from '../testing/trading-desk.ts';

const desks: TradingDesk[] = [];
/** A desk of which only the portfolio runs. */
const run = async (options?: TradingDeskOptions): Promise<TradingDesk> => {
  const desk = await TradingDesk.open(options);
  desks.push(desk);
  await desk.price(60_000);
  await desk.portfolio.start();
  return desk;
};
/** The next life on the same files. */
const next = async (desk: TradingDesk, options: TradingDeskOptions = {}): Promise<TradingDesk> => {
  await desk.portfolio.stop();
  const seed = `life ${desks.length}`;
  return run({ folder: desk.folder, startAtMs: desk.clock.nowMs(), seed, ...options });
};
afterEach(async () => {
  for (const desk of desks.splice(0).reverse()) {
    await desk.portfolio.stop();
    await desk.stop();
  }
});

/** Trades at the venue, past the desk. */
const trade = async (desk: TradingDesk, changes: Partial<OrderIntent> = {}): Promise<OrderIntent> => {
  const intent = examplePaperIntent({ size: toSize('0.1'), tradeId: 'trade:1', traceId: 'trace:1', ...changes });
  const outcome = await desk.paper.place(desk.market.authority.mint(intent, 'by hand'));
  if (outcome.outcome !== 'accepted') throw new Error(JSON.stringify(outcome));
  await desk.clock.idle();
  return intent;
};
const sell = { side: 'sell', reduceOnly: true, purpose: 'exit' } as const;
const told = (desk: TradingDesk): Promise<readonly string[]> => desk.story('funding.paid');
const deaf = (desk: TradingDesk): void => {
  desk.venue.on.tell = () => {};
};
const unreachable = async (): Promise<never> => {
  throw new VenueError('venue.unreachable', 'No answer.');
};

describe('Portfolio', () => {
  it('default: what the venue says is known at once, and told', async () => {
    const desk = await run();
    await trade(desk);
    expect(desk.portfolio.positions('alice')).toMatchObject([
      { ...place, direction: 'long', size: '0.1', protection: { stopSize: '0', takeProfits: [] } },
    ]);
    expect(desk.portfolio.holding(place)).toMatchObject({ number: 1, tradeIds: ['trade:1'] });
    expect(desk.portfolio.filledTrades('alice', 'paper')).toBe(1);
    expect(desk.portfolio.filledTrades('alice', 'live')).toBe(0);
    await trade(desk, { ...sell, size: toSize('0.04') });
    await trade(desk, { ...sell, size: toSize('0.06') });
    expect(desk.portfolio.positions('alice')).toEqual([]);
    expect(await told(desk)).toEqual([
      ...['order.filled', 'position.opened'],
      ...['order.filled', 'position.changed'],
      ...['order.filled', 'position.closed'],
    ]);
    const [closed] = await desk.events('position.closed');
    expect(closed).toMatchObject({ traceId: 'trace:1', key: 'alice' });
    expect(closed?.payload).toMatchObject({
      reason: 'manual',
      exitPrice: '60000',
      realizedPnl: '0',
      fees: '6',
      tradeId: 'trade:1',
      trades: [{ tradeId: 'trade:1', size: '0.1' }],
    });
  });

  it("behavior: the account at the present mark is the venue's, to the last digit, with an entry that has no end of digits", async () => {
    const desk = await run();
    await trade(desk);
    await desk.price(60_100);
    await trade(desk, { size: toSize('0.2') });
    await trade(desk, { ...sell, size: toSize('0.07') });
    for (const price of [60_123.45, 59_876.55, 61_234.05]) {
      await desk.price(price);
      const ours = desk.portfolio.account('alice', 'paper')?.value;
      const theirs = await desk.paper.fetchAccount('alice');
      expect(ours).toEqual({ ...theirs, atMs: desk.clock.nowMs() });
      expect(desk.portfolio.position(place)?.unrealizedPnl).toBe(theirs.unrealizedPnl);
      const { deposits, equity, fees, funding, realizedPnl, unrealizedPnl } = theirs;
      const sum = [deposits, realizedPnl, unrealizedPnl, funding].reduce(
        (total, part) => total + BigInt(scaled(part)),
        0n,
      );
      expect(sum - BigInt(scaled(fees))).toBe(BigInt(scaled(equity)));
      expect(unrealizedPnl.length).toBeLessThan(26);
    }
  });

  it('behavior: profits that are not taken are not free to trade with', async () => {
    const desk = await run();
    await trade(desk, { leverage: 10 });
    const before = desk.portfolio.account('alice', 'paper')?.value;
    await desk.price(63_000);
    const after = desk.portfolio.account('alice', 'paper')?.value;
    expect(after?.equity).toBe('10297');
    expect(after?.availableMargin).toBe(before?.availableMargin);
  });

  it('behavior: a position that turns round is one that closed and another that opened', async () => {
    const desk = await run();
    await trade(desk);
    await trade(desk, { side: 'sell', size: toSize('0.3'), tradeId: 'trade:2' });
    expect(await told(desk)).toEqual([
      ...['order.filled', 'position.opened'],
      ...['order.filled', 'position.closed', 'order.filled', 'position.opened'],
    ]);
    expect(desk.portfolio.holding(place)).toMatchObject({
      number: 2,
      tradeIds: ['trade:2'],
      position: { direction: 'short', size: '0.2' },
    });
  });

  it('behavior: of an entry is told what went into a position of the other direction, of an exit nothing', async () => {
    const desk = await run();
    await trade(desk, { size: toSize('0.4') });
    await trade(desk, { ...sell, size: toSize('0.1') });
    await trade(desk, { side: 'sell', size: toSize('0.1'), tradeId: 'trade:2' });
    await trade(desk, { side: 'sell', size: toSize('0.5'), tradeId: 'trade:2' });
    const fills = await desk.events('order.filled');
    expect(fills.map(({ payload }) => [payload.fill.size, payload.netted])).toEqual([
      ...[
        ['0.4', undefined],
        ['0.1', undefined],
      ],
      ...[
        ['0.1', '0.1'],
        ['0.2', '0.2'],
        ['0.3', undefined],
      ],
    ]);
  });

  it('behavior: a venue that tells a turn in one word is understood as well', async () => {
    const desk = await run();
    await trade(desk);
    let short: Position | undefined;
    desk.venue.on.tell = (update, hear) => {
      if (update.kind !== 'position') return hear(update);
      if (update.position !== undefined) hear(update);
      short = update.position;
    };
    await trade(desk, { side: 'sell', size: toSize('0.3') });
    expect(short).toMatchObject({ direction: 'short', size: '0.2' });
    expect((await told(desk)).slice(2)).toEqual(['order.filled', 'position.closed', 'order.filled', 'position.opened']);
    expect(desk.portfolio.position(place)).toMatchObject({ direction: 'short', size: '0.2' });
  });

  it('behavior: a fill of an order that nobody here knows is told with the order the venue gives', async () => {
    const desk = await run();
    desk.venue.on.tell = (update, hear) => {
      if (update.kind !== 'order') hear(update);
    };
    const intent = await trade(desk, { tradeId: 'trade:7' });
    await desk.clock.idle();
    const [filled] = await desk.events('order.filled');
    expect(filled?.payload.order).toMatchObject({ clientOrderId: intent.clientOrderId, status: 'filled' });
    expect(desk.portfolio.holding(place)?.tradeIds).toEqual(['trade:7']);
    expect(await told(desk)).toEqual(['order.filled', 'position.opened']);
  });

  it('behavior: what a venue tells twice counts once', async () => {
    const desk = await run();
    desk.venue.on.tell = (update, hear) => {
      hear(update);
      hear(update);
    };
    await trade(desk);
    await trade(desk, { ...sell, size: toSize('0.04') });
    expect(desk.portfolio.position(place)).toMatchObject({ size: '0.06' });
    expect(await told(desk)).toEqual(['order.filled', 'position.opened', 'order.filled', 'position.changed']);
    await trade(desk, { ...sell, size: toSize('0.06') });
    expect((await desk.events('position.closed'))[0]?.payload.fees).toBe('6');
  });

  it('behavior: a position that is gone before its fills were told is asked after before it is told as closed', async () => {
    const desk = await run();
    await trade(desk);
    const late: VenueUpdate[] = [];
    desk.venue.on.tell = (update, hear) => {
      if (update.kind === 'fill') late.push(update);
      else hear(update);
    };
    await desk.price(60_500);
    await trade(desk, sell);
    await desk.clock.idle();
    const [closed] = await desk.events('position.closed');
    expect(closed?.payload).toMatchObject({ reason: 'manual', exitPrice: '60500', realizedPnl: '50' });
    // The fill itself comes at last and is known.
    desk.venue.on = {};
    const before = await told(desk);
    expect(late).toHaveLength(1);
    await desk.portfolio.reconcile();
    expect(await told(desk)).toEqual(before);
  });

  it('behavior: funding belongs to the position that stood, once', async () => {
    const desk = await run();
    await trade(desk, { side: 'sell', purpose: 'entry' });
    for (const rate of [0.0001, -0.0002]) {
      await desk.clock.advanceTo(Math.ceil((desk.clock.nowMs() + 1) / 3_600_000) * 3_600_000);
      desk.market.settle(rate);
      await desk.price(60_000);
    }
    await desk.portfolio.reconcile();
    await trade(desk, { ...sell, side: 'buy' });
    expect((await desk.events('funding.paid')).map(({ payload }) => payload.amount)).toEqual(['0.6', '-1.2']);
    expect((await desk.events('position.closed'))[0]?.payload.funding).toBe('-0.6');
  });
});

describe('Portfolio after a restart', () => {
  it('behavior: what was kept is not told again', async () => {
    const first = await run();
    await trade(first);
    const before = await told(first);
    const second = await next(first);
    await second.portfolio.reconcile();
    expect(await told(second)).toEqual(before);
    expect(second.portfolio.holding(place)).toMatchObject({ number: 1, tradeIds: ['trade:1'] });
    expect(second.portfolio.filledTrades('alice', 'paper')).toBe(1);
  });

  it('behavior: what the venue committed and nobody heard is told, once', async () => {
    const first = await run();
    const resting = await trade(first, { type: 'limit', price: toPrice(59_000), timeInForce: 'gtc' });
    deaf(first);
    await trade(first);
    await first.paper.cancel('alice', resting.clientOrderId);
    expect(await told(first)).toEqual([]);
    const second = await next(first);
    expect((await told(second)).toSorted()).toEqual(['order.filled', 'position.opened']);
    // The order is one that the desk has never kept: that it is gone is nobody's news.
    const third = await next(second);
    expect((await told(third)).length).toBe(2);
    expect((await third.events('order.filled'))[0]?.payload).toMatchObject({
      order: { tradeId: 'trade:1' },
      fill: { size: '0.1' },
    });
  });

  it('behavior: a position that closed meanwhile closes with its profit, fees and funding', async () => {
    const first = await run();
    await trade(first);
    deaf(first);
    await first.clock.advanceTo(first.clock.nowMs() + 3_600_000);
    first.market.settle(0.0001);
    await first.price(60_500);
    await trade(first, { ...sell, origin: 'guard', purpose: 'stop-loss' });
    const second = await next(first);
    const [closed] = await second.events('position.closed');
    const ledger = await second.paper.fetchAccount('alice');
    expect(closed?.payload).toMatchObject({
      reason: 'stop-loss',
      realizedPnl: ledger.realizedPnl,
      fees: ledger.fees,
      funding: ledger.funding,
      tradeId: 'trade:1',
    });
    expect(ledger).toMatchObject({ realizedPnl: '50', fees: '6.025', funding: '-0.605' });
    expect((await told(await next(second))).filter((type) => type === 'position.closed')).toHaveLength(1);
  });

  it('behavior: positions that opened and closed meanwhile are told one after the other, each with its own', async () => {
    const first = await run();
    await trade(first);
    deaf(first);
    await first.price(60_100);
    await trade(first, sell);
    await trade(first, { side: 'sell', size: toSize('0.2'), tradeId: 'trade:2' });
    await first.price(60_000);
    await trade(first, { ...sell, side: 'buy', size: toSize('0.2') });
    await trade(first, { size: toSize('0.05'), tradeId: 'trade:3' });
    const second = await next(first);
    expect((await told(second)).filter((type) => type.startsWith('position'))).toEqual([
      ...['position.opened', 'position.closed'],
      ...['position.opened', 'position.closed'],
      'position.opened',
    ]);
    expect(
      (await second.events('position.closed')).map(({ payload }) => [
        payload.tradeId,
        payload.realizedPnl,
        payload.fees,
      ]),
    ).toEqual([
      ['trade:1', '10', '6.005'],
      ['trade:2', '20', '12.01'],
    ]);
    expect(second.portfolio.holding(place)).toMatchObject({
      number: 3,
      tradeIds: ['trade:3'],
      position: { size: '0.05' },
    });
    expect(second.portfolio.filledTrades('alice', 'paper')).toBe(3);
  });

  it('behavior: a desk that begins on an account with a past adopts what stands and tells none of the past', async () => {
    const desk = await TradingDesk.open();
    desks.push(desk);
    await desk.price(60_000);
    await trade(desk);
    await trade(desk, { ...sell, size: toSize('0.04') });
    await desk.portfolio.start();
    expect(await told(desk)).toEqual(['position.opened']);
    expect(desk.portfolio.position(place)).toMatchObject({ size: '0.06' });
  });
});

describe('Portfolio without a database', () => {
  it('behavior: it goes on in memory, and tells all in order when it may write again, once', async () => {
    const desk = await run();
    await sql`create trigger broken before insert on execution_cursors begin select raise(abort, 'the disk is gone'); end`.execute(
      desk.database.kysely,
    );
    await trade(desk);
    await trade(desk, { ...sell, size: toSize('0.04') });
    expect(desk.portfolio.position(place)).toMatchObject({ size: '0.06' });
    expect(await told(desk)).toEqual([]);
    expect(desk.portfolio.health()).toMatchObject({ status: 'degraded' });
    await sql`drop trigger broken`.execute(desk.database.kysely);
    await desk.clock.advanceBy(1_000);
    expect(await told(desk)).toEqual(['order.filled', 'position.opened', 'order.filled', 'position.changed']);
    expect(desk.portfolio.health()).toEqual({ status: 'healthy' });
    expect(await told(await next(desk))).toHaveLength(4);
  });
});

describe('Portfolio.reconcile', () => {
  it('behavior: an order that is gone is told as cancelled, one whose question fails is not', async () => {
    const desk = await run();
    const intents = [await trade(desk, limit(59_000)), await trade(desk, limit(59_100))];
    deaf(desk);
    for (const { clientOrderId } of intents) await desk.paper.cancel('alice', clientOrderId);
    desk.venue.on.fetchOrder = (venue, userId, id) =>
      id === intents[1]?.clientOrderId ? unreachable() : venue.fetchOrder(userId, id);
    await desk.portfolio.reconcile();
    expect(desk.portfolio.openOrders('alice')).toHaveLength(2);
    expect(desk.portfolio.health()).toMatchObject({ status: 'degraded' });
    desk.venue.on.fetchOrder = async (venue, userId, id) =>
      id === intents[1]?.clientOrderId ? undefined : venue.fetchOrder(userId, id);
    // The failed comparison is made again by itself. The venue does not know the second any more.
    await desk.clock.advanceBy(6_000);
    expect(desk.portfolio.openOrders('alice')).toEqual([]);
    expect((await desk.events('order.canceled')).map(({ payload }) => payload.clientOrderId).toSorted()).toEqual(
      intents.map(({ clientOrderId }) => clientOrderId).toSorted(),
    );
    expect(desk.portfolio.health()).toEqual({ status: 'healthy' });
  });

  it('behavior: what was told of a position before its last fill, and comes after it, takes nothing back', async () => {
    const desk = await run();
    const early: VenueUpdate[] = [];
    desk.venue.on.tell = (update, next) => (update.kind === 'position' ? early.push(update) : next(update));
    // Two fills of one instant: by its time alone the first word is no older than the second.
    await trade(desk);
    await trade(desk);
    desk.venue.on = {};
    const [stale, latest] = early;
    if (stale === undefined || latest === undefined) throw new Error('The venue told of no position.');
    desk.venue.on.tell = (_, next) => {
      next(latest);
      next(stale);
    };
    await trade(desk, { instrumentId: desk.market.instruments[1]?.id ?? place.instrumentId });
    expect(desk.portfolio.position(place)?.size).toBe((await desk.positionAtVenue())?.size);
  });

  it('behavior: what is told waits for no reading', async () => {
    const desk = await run();
    const answers: (() => void)[] = [];
    desk.venue.on.fetchOpenOrders = async () => {
      await new Promise<void>((resolve) => answers.push(resolve));
      return [];
    };
    const reading = desk.portfolio.reconcile();
    // The clock stands while it is read.
    const intent = examplePaperIntent({ size: toSize('0.1') });
    await desk.paper.place(desk.market.authority.mint(intent, 'by hand'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(desk.portfolio.position(place)?.size).toBe('0.1');
    for (const answer of answers) answer();
    await reading;
    expect(desk.portfolio.position(place)?.size).toBe('0.1');
  });

  it('behavior: of words that disagree with the fills the larger counts until the venue was asked, the smaller does not', async () => {
    const desk = await run();
    const late: VenueUpdate[] = [];
    const sizes = (): readonly (string | undefined)[] => [desk.portfolio.position(place)?.size];
    await trade(desk);
    // The second fill comes late, what it made of the position does not.
    desk.venue.on.tell = (update, next) => (update.kind === 'fill' ? late.push(update) : next(update));
    desk.venue.on.fetchOpenOrders = unreachable;
    await trade(desk);
    expect(sizes()).toEqual(['0.2']);
    const [fill] = late;
    if (fill === undefined) throw new Error('No fill was told.');
    desk.venue.on.tell = (_, next) => {
      next(fill);
      next({ kind: 'position', instrumentId: place.instrumentId, position: { ...stale, updatedAtMs: 0 } });
    };
    const stale = desk.portfolio.position(place) as Position;
    Object.assign(stale, { size: toSize('0.1') });
    await trade(desk, { instrumentId: desk.market.instruments[1]?.id ?? place.instrumentId });
    // The fill comes on top of what was taken for it, until the venue is asked: too large, not too small.
    expect(sizes()).toEqual(['0.3']);
    desk.venue.on = {};
    await desk.clock.advanceBy(5_000);
    expect(desk.portfolio.position(place)?.size).toBe((await desk.positionAtVenue())?.size);
  });

  it('behavior: an entry that fills before the end of the last position was told begins the next', async () => {
    const desk = await run();
    await trade(desk);
    desk.venue.on.tell = (update, next) => {
      if (update.kind !== 'position') next(update);
    };
    await trade(desk, sell);
    await trade(desk, { side: 'sell', tradeId: 'trade:2', stopLoss: toPrice(61_000) });
    desk.venue.on = {};
    await desk.portfolio.reconcile();
    expect(desk.portfolio.holding(place)).toMatchObject({ number: 2, tradeIds: ['trade:2'] });
    expect((await desk.events('position.closed')).map(({ payload }) => payload.trades)).toEqual([
      [{ tradeId: 'trade:1', size: '0.1' }],
    ]);
  });

  it('behavior: a position that went without a trace is closed elsewhere, one that came is adopted', async () => {
    const desk = await run();
    await trade(desk);
    deaf(desk);
    desk.venue.on.fetchPositions = async () => [];
    await desk.portfolio.reconcile();
    await desk.clock.advanceBy(115_000);
    expect(await desk.events('position.closed')).toEqual([]);
    expect(desk.portfolio.account('alice', 'paper')?.quality).toBe('stale');
    await desk.clock.advanceBy(10_000);
    expect((await desk.events('position.closed'))[0]?.payload).toMatchObject({
      reason: 'closed-elsewhere',
      exitPrice: '60000',
    });
    desk.venue.on.fetchPositions = (venue) => venue.fetchPositions('alice');
    await desk.portfolio.reconcile();
    expect(await told(desk)).toEqual(['order.filled', 'position.opened', 'position.closed', 'position.opened']);
    expect(desk.portfolio.holding(place)).toMatchObject({ number: 2, tradeIds: [] });
  });

  it.each(['fetchPositions', 'fetchOpenOrders', 'fetchFills', 'fetchAccount'] as const)(
    'behavior: a %s that fails is not flat',
    async (query) => {
      const first = await run();
      await trade(first);
      await trade(first, limit(59_000));
      first.venue.on[query] = unreachable;
      const before = await told(first);
      await first.portfolio.reconcile();
      expect(first.portfolio.positions('alice')).toHaveLength(1);
      expect(first.portfolio.openOrders('alice')).toHaveLength(1);
      expect(first.portfolio.account('alice', 'paper')).toMatchObject({ quality: 'stale', value: { venue: 'paper' } });
      expect(await told(first)).toEqual(before);

      await first.portfolio.stop();
      const second = await TradingDesk.open({ folder: first.folder, startAtMs: first.clock.nowMs(), seed: 'second' });
      desks.push(second);
      await second.price(60_000);
      second.venue.on[query] = unreachable;
      await second.portfolio.start();
      // What an earlier life kept is held; that nothing is known of the account says so.
      expect(second.portfolio.positions('alice')).toHaveLength(1);
      expect(second.portfolio.account('alice', 'paper')).toBeUndefined();
      expect(second.portfolio.isKnown(place)).toBe(false);
      second.venue.on = {};
      await second.clock.advanceBy(5_000);
      expect(second.portfolio.isKnown(place)).toBe(true);
      expect(await told(second)).toEqual(before);
    },
  );

  it.each([1, 2, 3, 5])(
    'behavior: what happens while the account is read is not undone by it (%i times)',
    async (count) => {
      const desk = await run();
      await trade(desk);
      const acts = [
        () => trade(desk, sell),
        () => trade(desk, { size: toSize('0.3'), tradeId: 'trade:2' }),
        () => trade(desk, { size: toSize('0.1'), tradeId: 'trade:2' }),
        () => trade(desk, { ...sell, size: toSize('0.2') }),
        () => trade(desk, { ...sell, size: toSize('0.1') }),
      ].slice(0, count);
      desk.venue.on.fetchAccount = async (venue) => {
        const account = await venue.fetchAccount('alice');
        // In the venue alone: the clock waits for the reading.
        const act = acts.shift();
        if (act !== undefined) void act();
        for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
        return account;
      };
      await desk.portfolio.reconcile();
      // It is read again a while after each reading in which something was told.
      await desk.clock.advanceBy(5_000 * count);
      expect(desk.portfolio.position(place)?.size).toBe((await desk.positionAtVenue())?.size);
      expect((await told(desk)).filter((type) => type === 'position.closed')).toHaveLength(1);
      expect((await told(desk)).filter((type) => type === 'position.opened')).toHaveLength(count > 1 ? 2 : 1);
      expect(await told(await next(desk))).toEqual(await told(desk));
    },
  );
});

describe('Portfolio.account', () => {
  it('behavior: fresh only while the venue is well, was read, and the marks are recent', async () => {
    const desk = await run();
    await trade(desk);
    expect(desk.portfolio.account('alice', 'paper')?.quality).toBe('fresh');
    desk.venue.on.unhealthy = 'maintenance';
    expect(desk.portfolio.account('alice', 'paper')?.quality).toBe('stale');
    delete desk.venue.on.unhealthy;
    await desk.clock.advanceBy(61_000);
    expect(desk.portfolio.account('alice', 'paper')).toMatchObject({ quality: 'stale' });
    await desk.price(60_000);
    expect(desk.portfolio.account('alice', 'paper')?.quality).toBe('fresh');
    expect(desk.portfolio.account('bob', 'paper')).toBeUndefined();
    expect(desk.portfolio.account('alice', 'elsewhere')).toBeUndefined();
  });
});

const limit = (price: number): Partial<OrderIntent> => ({ type: 'limit', timeInForce: 'gtc', price: toPrice(price) });
const scaled = (amount: string): string => {
  const [whole = '0', part = ''] = amount.split('.');
  return `${whole}${part.padEnd(30, '0')}`;
};
