import {
  Decimal,
  type Fill,
  type OrderIntent,
  type Position,
  toPrice,
  toSize,
  toUsd,
  VenueError,
} from '@perpdesk/core';
import { afterEach, describe, expect, it } from 'vitest';
import { examplePaperIntent } from '../paper/example-paper.ts';
import { place, TradingDesk, type TradingDeskOptions } from '../testing/trading-desk.ts';
import { exampleGuidance, limitLeg } from '../trade/example-signal.ts';

// What the desk believes and what the venue holds are made to differ, in each way a venue is known for. Within one cycle of
// reconciliation they agree again, and no order was sent to "fix" the difference: only what protects may be laid.

const desks: TradingDesk[] = [];
const run = async (options?: TradingDeskOptions): Promise<TradingDesk> => {
  const desk = await TradingDesk.run(options);
  desks.push(desk);
  return desk;
};
afterEach(async () => {
  for (const desk of desks.splice(0).reverse()) await desk.stop();
});

/** Has the desk hear nothing of what the venue tells. */
const deafen = (desk: TradingDesk): void => {
  desk.venue.on.tell = () => {};
};
/** Trades at the venue, past the desk. */
const byHand = async (desk: TradingDesk, changes: Partial<OrderIntent> = {}): Promise<OrderIntent> => {
  const intent = examplePaperIntent({ size: toSize('0.1'), tradeId: 'elsewhere', ...changes });
  const outcome = await desk.paper.place(desk.market.authority.mint(intent, 'by hand'));
  if (outcome.outcome !== 'accepted') throw new Error(JSON.stringify(outcome));
  await desk.clock.idle();
  return intent;
};
const sell = { side: 'sell', reduceOnly: true, purpose: 'exit', origin: 'manual' } as const;
const ladder = exampleGuidance([limitLeg(59_990, '0.5'), limitLeg(59_900, '0.5')]);

/** One cycle: everything is read and compared once, and the guard looks at what it found. */
async function cycle(desk: TradingDesk): Promise<void> {
  await desk.portfolio.reconcile();
  await desk.guard.protect(place);
  await desk.clock.idle();
}

/** What the desk and what the venue say, side by side. */
async function expectAligned(desk: TradingDesk): Promise<void> {
  const brief = ({ instrumentId, direction, size }: Position): string => `${instrumentId} ${direction} ${size}`;
  expect(desk.portfolio.positions('alice').map(brief)).toEqual((await desk.paper.fetchPositions('alice')).map(brief));
  const ids = (orders: readonly { readonly clientOrderId: string }[]) =>
    orders.map((order) => order.clientOrderId).sort();
  expect(ids(desk.portfolio.openOrders('alice'))).toEqual(ids(await desk.paper.fetchOpenOrders('alice')));
  const account = await desk.paper.fetchAccount('alice');
  expect(desk.portfolio.account('alice', 'paper')).toMatchObject({
    quality: 'fresh',
    value: { balance: account.balance, equity: account.equity },
  });
}

/** Orders the desk asked for since, protection apart. */
const sentSince = (desk: TradingDesk, before: number): readonly string[] =>
  desk.gate.asked
    .slice(before)
    .filter(({ purpose }) => purpose !== 'stop-loss' && purpose !== 'take-profit')
    .map(({ purpose, side, size }) => `${purpose} ${side} ${size}`);

/** A fill that only the venue's engine makes: nobody's order. */
const forced = (position: Position, reason: Fill['reason']): Fill => ({
  ...{ id: `${reason}-1`, clientOrderId: `${reason}-x`, venueOrderId: '77', reason, liquidity: 'taker' },
  ...{ userId: 'alice', venue: 'paper', instrumentId: position.instrumentId, side: 'sell', size: position.size },
  ...{ price: toPrice(59_000), fee: toUsd(3), feeRate: '0.0005' as Fill['feeRate'], realizedPnl: toUsd(-100) },
  atMs: position.updatedAtMs + 1_000,
});

interface Scenario {
  readonly title: string;
  readonly differ: (desk: TradingDesk) => Promise<void>;
  /** What is to be true after one cycle, beside that both agree. */
  readonly after?: (desk: TradingDesk) => Promise<void>;
}

const scenarios: readonly Scenario[] = [
  {
    title: 'fills missed while nothing was heard',
    differ: async (desk) => {
      await desk.guide({}, ladder);
      deafen(desk);
      await desk.price(59_950);
    },
    after: async (desk) => {
      expect(desk.portfolio.position(place)).toMatchObject({ size: '0.05' });
      expect(await desk.events('order.filled')).toHaveLength(1);
      expect((await desk.resting())[0]).toBe('entry 0.05 @ 59900');
      expect(await desk.resting()).toContain('stop-loss 0.05 @ 59500');
    },
  },
  {
    title: 'an entry cancelled by hand',
    differ: async (desk) => {
      await desk.guide({}, ladder);
      deafen(desk);
      for (const { clientOrderId } of await desk.paper.fetchOpenOrders('alice'))
        await desk.paper.cancel('alice', clientOrderId);
    },
    after: async (desk) => {
      expect(await desk.events('order.canceled')).toHaveLength(2);
      expect((await desk.events('trade.settled')).map(({ payload }) => payload.outcome)).toEqual(['not-entered']);
    },
  },
  {
    title: 'a position opened elsewhere',
    differ: async (desk) => {
      deafen(desk);
      await byHand(desk);
    },
    after: async (desk) => {
      expect((await desk.events('position.opened')).map(({ payload }) => payload.size)).toEqual(['0.1']);
      expect((await desk.resting()).map((order) => order.split(' ').slice(0, 2).join(' '))).toEqual(['stop-loss 0.1']);
    },
  },
  {
    title: 'an order placed elsewhere',
    differ: async (desk) => {
      deafen(desk);
      await byHand(desk, { type: 'limit', price: toPrice(59_000), timeInForce: 'gtc' });
    },
    after: async (desk) =>
      expect(desk.portfolio.openOrders('alice')).toMatchObject([{ price: '59000', status: 'open' }]),
  },
  {
    title: 'a part of the position sold by hand',
    differ: async (desk) => {
      await desk.guide();
      deafen(desk);
      await byHand(desk, { ...sell, size: toSize('0.04') });
    },
    after: async (desk) => expect((await desk.resting())[0]).toBe('stop-loss 0.06 @ 59500'),
  },
  {
    title: 'the whole position sold by hand',
    differ: async (desk) => {
      await desk.guide();
      deafen(desk);
      await byHand(desk, sell);
    },
    after: async (desk) => {
      expect(await desk.resting()).toEqual([]);
      expect((await desk.events('position.closed')).map(({ payload }) => payload.reason)).toEqual(['manual']);
      expect(await desk.events('trade.settled')).toHaveLength(1);
    },
  },
  {
    title: 'a stop removed by hand',
    differ: async (desk) => {
      await desk.guide();
      deafen(desk);
      for (const order of await desk.paper.fetchOpenOrders('alice'))
        if (order.purpose === 'stop-loss') await desk.paper.cancel('alice', order.clientOrderId);
    },
    after: async (desk) => {
      expect((await desk.resting())[0]).toBe('stop-loss 0.1 @ 59500');
      expect(desk.guard.uncovered()).toBe(0);
    },
  },
  {
    title: 'a stop that fired unheard',
    differ: async (desk) => {
      await desk.guide();
      deafen(desk);
      await desk.price(59_400);
      await desk.price(60_000);
    },
    after: async (desk) => {
      expect((await desk.events('position.closed')).map(({ payload }) => payload.reason)).toEqual(['stop-loss']);
      expect(await desk.resting()).toEqual([]);
    },
  },
  {
    title: 'a liquidation',
    differ: async (desk) => {
      await byHand(desk, { leverage: 20, marginMode: 'isolated' });
      deafen(desk);
      for (const { clientOrderId } of await desk.paper.fetchOpenOrders('alice'))
        await desk.paper.cancel('alice', clientOrderId);
      await desk.price(56_000);
      await desk.price(60_000);
    },
    after: async (desk) =>
      expect((await desk.events('position.closed')).map(({ payload }) => payload.reason)).toEqual(['liquidation']),
  },
  {
    title: 'funding that was paid unheard',
    differ: async (desk) => {
      await desk.guide();
      deafen(desk);
      await desk.clock.advanceBy(3_600_000);
      desk.market.settle(0.000125);
      await desk.price(60_000);
    },
    after: async (desk) => expect(await desk.events('funding.paid')).toHaveLength(1),
  },
  {
    title: 'a fill on an order that was believed dead',
    differ: async (desk) => {
      // The answer to the sending is lost, the venue does not know the order at first: it counts as expired; then it fills.
      let landed: (() => Promise<unknown>) | undefined;
      desk.venue.on.place = async (venue, order) => {
        if (order.intent.purpose !== 'entry') return venue.place(order);
        landed = () => venue.place(order);
        return { outcome: 'unknown', reason: 'the answer was lost' };
      };
      await desk.guide({}, exampleGuidance([limitLeg(59_990, '1')]));
      await landed?.();
      deafen(desk);
      desk.venue.on.place = (venue, order) => venue.place(order);
      await desk.price(59_980);
    },
    after: async (desk) => {
      expect(desk.portfolio.position(place)).toMatchObject({ size: '0.1' });
      expect((await desk.resting())[0]).toBe('stop-loss 0.1 @ 59500');
    },
  },
];

describe('what the desk believes and what the venue holds', () => {
  it.each(scenarios)('behavior: $title: agrees within one cycle, and nothing is sent to mend it', async (scenario) => {
    const desk = await run();
    await scenario.differ(desk);
    const before = desk.gate.asked.length;
    await cycle(desk);
    await expectAligned(desk);
    expect(sentSince(desk, before)).toEqual([]);
    await scenario.after?.(desk);
    // A second look finds nothing to do.
    const asked = desk.gate.asked.length;
    await cycle(desk);
    await expectAligned(desk);
    expect(desk.gate.asked.length).toBe(asked);
  });

  it('behavior: auto-deleveraging is a reason of its own', async () => {
    const desk = await run();
    await desk.guide();
    const position = await desk.positionAtVenue();
    if (position === undefined) throw new Error('no position');
    const before = desk.gate.asked.length;
    desk.venue.on.fetchPositions = async () => [];
    desk.venue.on.fetchFills = async (venue, userId, sinceMs) => [
      ...(await venue.fetchFills(userId, sinceMs)),
      forced(position, 'auto-deleveraging'),
    ];
    await desk.portfolio.reconcile();
    await desk.clock.idle();
    expect((await desk.events('position.closed')).map(({ payload }) => [payload.reason, payload.realizedPnl])).toEqual([
      ['auto-deleveraging', '-100'],
    ]);
    expect(sentSince(desk, before)).toEqual([]);
  });

  it('behavior: an empty answer is not flat: position and protection stay, and new risk has no fresh account', async () => {
    const desk = await run();
    await desk.guide();
    const rests = await desk.resting();
    const before = desk.gate.asked.length;
    desk.venue.on.fetchPositions = async () => [];
    await desk.portfolio.reconcile();
    await desk.guard.protect(place);
    expect(desk.portfolio.position(place)).toMatchObject({ size: '0.1' });
    expect(desk.portfolio.account('alice', 'paper')).toMatchObject({ quality: 'stale' });
    expect(await desk.resting()).toEqual(rests);
    desk.venue.on = {};
    await desk.clock.advanceBy(5_000);
    await expectAligned(desk);
    expect(await desk.events('position.closed')).toEqual([]);
    expect(desk.gate.asked.length).toBe(before);
  });

  it('behavior: a position that filled unheard is there by its fill, though the answer about positions is empty', async () => {
    const desk = await run();
    deafen(desk);
    await byHand(desk, { stopLoss: toPrice(59_500) });
    desk.venue.on.fetchPositions = async () => [];
    await desk.portfolio.reconcile();
    expect(desk.portfolio.position(place)).toMatchObject({ size: '0.1', direction: 'long' });
    desk.venue.on = {};
    await cycle(desk);
    await expectAligned(desk);
    expect(await desk.events('position.closed')).toEqual([]);
  });

  it('behavior: nor is one that turned unheard gone for that the answer is empty', async () => {
    const desk = await run();
    await byHand(desk, {
      ...sell,
      reduceOnly: false,
      purpose: 'entry',
      stopLoss: toPrice(61_000),
      size: toSize('0.02'),
    });
    deafen(desk);
    await byHand(desk, { purpose: 'exit', reduceOnly: true, size: toSize('0.02') });
    await byHand(desk, { stopLoss: toPrice(59_500) });
    desk.venue.on.fetchPositions = async () => [];
    await desk.portfolio.reconcile();
    expect(desk.portfolio.position(place)).toMatchObject({ size: '0.1', direction: 'long' });
    expect(await desk.events('position.closed')).toHaveLength(1);
  });

  it('behavior: a position that the venue does not show and has nothing to reduce of is gone, without waiting two minutes', async () => {
    const desk = await run();
    await desk.guide();
    deafen(desk);
    desk.venue.on.fetchFills = async () => [];
    await byHand(desk, { ...sell, size: toSize('0.1') });
    const sent = desk.gate.asked.length;
    // The venue has ended its stop with it; the one that is laid anew is refused, for there is nothing to reduce.
    await desk.portfolio.reconcile();
    expect(desk.portfolio.position(place)).toMatchObject({ size: '0.1' });
    await desk.guard.protect(place);
    await desk.clock.advanceBy(3_000);
    expect(desk.portfolio.position(place)).toBeUndefined();
    expect(await desk.events('position.closed')).toHaveLength(1);
    expect(sentSince(desk, sent)).toEqual([]);
    expect(desk.gate.asked.length - sent).toBeLessThanOrEqual(6);
  });

  it('behavior: what was refuted of one position says nothing of the next', async () => {
    const desk = await run();
    await desk.guide();
    desk.portfolio.refute(place);
    desk.portfolio.refute(place);
    await byHand(desk, { ...sell, size: toSize('0.1') });
    await cycle(desk);
    await byHand(desk, { stopLoss: toPrice(59_500) });
    expect(desk.portfolio.position(place)).toMatchObject({ size: '0.1' });
    desk.venue.on.fetchPositions = async () => [];
    for (let times = 0; times < 3; times += 1) await desk.portfolio.reconcile();
    expect(desk.portfolio.position(place)).toMatchObject({ size: '0.1' });
  });

  it('behavior: a fill that was dropped while the venue could not be read for minutes is found, though newer ones were told', async () => {
    const desk = await run();
    await desk.guide({}, ladder);
    const hear = desk.venue.on.tell;
    expect(hear).toBeUndefined();
    desk.venue.on.fetchFills = async () => {
      throw new VenueError('venue.unreachable', 'No answer.');
    };
    deafen(desk);
    await desk.price(59_980);
    await desk.pass(180_000, 59_980);
    // Updates are heard again, of the second leg alone.
    desk.venue.on.tell = (update, next) => next(update);
    await desk.price(59_890);
    await desk.pass(10_000, 59_890);
    desk.venue.on = {};
    await cycle(desk);
    await expectAligned(desk);
    const fills = (await desk.events('order.filled')).map(({ payload }) => payload.fill.id);
    expect(new Set(fills).size).toBe(2);
    expect(fills).toHaveLength(2);
    expect(desk.portfolio.position(place)).toMatchObject({ size: '0.1' });
  });

  it('behavior: a query that fails is not flat either', async () => {
    const desk = await run();
    await desk.guide();
    const rests = await desk.resting();
    desk.venue.on.fetchPositions = async () => {
      throw new VenueError('venue.unreachable', 'No answer.');
    };
    await desk.portfolio.reconcile();
    await desk.guard.protect(place);
    expect(new Decimal(desk.portfolio.position(place)?.size ?? 0).toFixed()).toBe('0.1');
    expect(await desk.resting()).toEqual(rests);
  });
});
