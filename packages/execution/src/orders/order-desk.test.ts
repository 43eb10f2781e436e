import { type OrderIntent, toPrice, toSize, VenueError } from '@perpdesk/core';
import { afterEach, describe, expect, it } from 'vitest';
import { examplePaperIntent } from '../paper/example-paper.ts';
import { TestGate } from '../testing/test-gate.ts';
import { TradingDesk, type TradingDeskOptions } from '../testing/trading-desk.ts';
import { OrderStore } from './order-store.ts';

const desks: TradingDesk[] = [];
const run = async (options?: TradingDeskOptions): Promise<TradingDesk> => {
  const desk = await TradingDesk.run(options);
  desks.push(desk);
  return desk;
};
afterEach(async () => {
  for (const desk of desks.splice(0).reverse()) await desk.stop();
});

const entry = (changes: Partial<OrderIntent> = {}): OrderIntent =>
  examplePaperIntent({ type: 'limit', timeInForce: 'gtc', price: toPrice(59_900), size: toSize('0.1'), ...changes });
const bought = (size: string): OrderIntent =>
  examplePaperIntent({ type: 'market', price: toPrice(60_100), size: toSize(size) });
const exit = (changes: Partial<OrderIntent> = {}): OrderIntent =>
  examplePaperIntent({ side: 'sell', size: toSize('0.1'), reduceOnly: true, purpose: 'exit', ...changes });
const kept = async (desk: TradingDesk, { clientOrderId }: OrderIntent) =>
  (await new OrderStore(desk.database).get(clientOrderId))?.order.status;
/** How many orders the venue ever took. */
const taken = (desk: TradingDesk): number => desk.paper.departures().filter(({ act }) => act === 'place').length;
const told = async (desk: TradingDesk): Promise<readonly string[]> =>
  (
    await desk.events(
      'order.submitted',
      'order.accepted',
      'order.rejected',
      'order.refused',
      'order.unresolved',
      'order.canceled',
    )
  ).map(({ type }) => type.slice('order.'.length));
const never = new Promise<never>(() => {});

describe('OrderDesk.send', () => {
  it('default: kept before it leaves, told, accepted', async () => {
    const desk = await run();
    const intent = entry();
    let before: string | undefined;
    desk.venue.on.place = async (venue, order) => {
      before = await kept(desk, intent);
      return venue.place(order);
    };
    expect(await desk.orderDesk.send(intent)).toMatchObject({ outcome: 'accepted', order: { status: 'open' } });
    expect(before).toBe('intended');
    expect(await kept(desk, intent)).toBe('open');
    expect(await told(desk)).toEqual(['submitted', 'accepted']);
  });

  it('behavior: the same id again, one after the other or at once, is one order', async () => {
    const desk = await run();
    const intent = entry();
    const outcomes = await Promise.all([1, 2, 3].map(() => desk.orderDesk.send(intent)));
    outcomes.push(await desk.orderDesk.send(intent));
    expect(outcomes.map((outcome) => outcome.outcome)).toEqual(['accepted', 'accepted', 'accepted', 'accepted']);
    expect(taken(desk)).toBe(1);
    expect(desk.gate.asked).toHaveLength(1);
    expect(await kept(desk, intent)).toBe('open');
    expect(await told(desk)).toEqual(['submitted', 'accepted']);
  });

  it('behavior: an order that has ended is known as that when it is asked for again', async () => {
    const desk = await run();
    const intent = entry();
    await desk.orderDesk.send(intent);
    await desk.price(59_899);
    await desk.clock.idle();
    expect(await kept(desk, intent)).toBe('filled');
    expect(await desk.orderDesk.send(intent)).toMatchObject({ order: { status: 'filled', filledSize: '0.1' } });
  });

  it('error: refused by Brix nothing leaves and nothing is kept', async () => {
    const desk = await run();
    const intent = entry();
    desk.gate.refuse = () => ({ code: 'trading.halted', message: 'Trading is halted.' });
    expect(await desk.orderDesk.send(intent)).toMatchObject({
      outcome: 'refused',
      rejection: { code: 'trading.halted' },
    });
    expect(taken(desk)).toBe(0);
    expect(await kept(desk, intent)).toBeUndefined();
    const [refused] = await desk.events('order.refused');
    expect(refused?.payload).toMatchObject({
      order: { clientOrderId: intent.clientOrderId },
      rejection: { code: 'trading.halted' },
    });
    expect(desk.portfolio.openOrders('alice')).toEqual([]);
  });

  it('behavior: kept with the decision in one commit, and again where the authorisation ends later than was kept', async () => {
    const desk = await run();
    const authorize = desk.gate.authorize.bind(desk.gate);
    const keptUntil = async (intent: OrderIntent) =>
      (await new OrderStore(desk.database).get(intent.clientOrderId))?.authorizationExpiresAtMs;
    let [withDecision, atVenue] = [0, 0] as (number | undefined)[];
    desk.gate.authorize = async (intent, options) => {
      const decision = await authorize(intent, options);
      withDecision = await keptUntil(intent);
      return decision;
    };
    desk.venue.on.place = async (venue, order) => {
      atVenue = await keptUntil(order.intent);
      return venue.place(order);
    };
    const until = desk.clock.nowMs() + 10_000;
    await desk.orderDesk.send(entry());
    expect([withDecision, atVenue]).toEqual([until, until]);
    // A gate that minds no end: what is on disk must not say that the order can not land while it can.
    desk.gate.authorize = (intent, { keep } = {}) =>
      authorize(intent, keep && { keep: (transaction, expiresAtMs) => keep(transaction, expiresAtMs - 1_000) });
    await desk.orderDesk.send(entry({ clientOrderId: '2'.repeat(32) }));
    expect(atVenue).toBe(until);
    // A gate that keeps nothing for anybody.
    desk.gate.authorize = (intent) => authorize(intent);
    await desk.orderDesk.send(entry({ clientOrderId: '3'.repeat(32) }));
    expect(atVenue).toBe(until);
    expect(taken(desk)).toBe(3);
  });

  it('behavior: a gate that keeps its decisions in another database: the order is kept in ours', async () => {
    const [desk, elsewhere] = [await run(), await run()];
    const gate = new TestGate(desk.market.authority, { database: elsewhere.database, clock: desk.clock });
    desk.gate.authorize = gate.authorize.bind(gate);
    let before: string | undefined;
    desk.venue.on.place = async (venue, order) => {
      before = await kept(desk, order.intent);
      return venue.place(order);
    };
    expect(await desk.orderDesk.send(entry())).toMatchObject({ outcome: 'accepted' });
    expect(before).toBe('intended');
    expect(await kept(elsewhere, entry())).toBeUndefined();
    expect(await told(desk)).toEqual(['submitted', 'accepted']);
  });

  it('error: refused after it was kept nothing leaves, and it has ended', async () => {
    const desk = await run();
    const intent = entry();
    desk.gate.refuseLate = () => ({ code: 'trading.halted', message: 'Trading is halted.' });
    const refused = { outcome: 'refused', rejection: { code: 'trading.halted' } };
    expect(await desk.orderDesk.send(intent)).toMatchObject(refused);
    expect(taken(desk)).toBe(0);
    expect(await kept(desk, intent)).toBe('rejected');
    expect(await told(desk)).toEqual(['submitted', 'rejected']);
    expect(desk.portfolio.openOrders('alice')).toEqual([]);
    expect(await desk.orderDesk.resolveUnsettled()).toBe(0);
    desk.gate.refuseLate = () => undefined;
    expect(await desk.orderDesk.send(intent)).toMatchObject({
      outcome: 'rejected',
      rejection: { code: 'trading.halted' },
    });
  });

  it('error: rejected by the venue it stays rejected', async () => {
    const desk = await run();
    const intent = entry({ size: toSize('0.0015') });
    for (let time = 0; time < 2; time += 1)
      expect(await desk.orderDesk.send(intent)).toMatchObject({
        outcome: 'rejected',
        rejection: { code: 'size.invalid' },
      });
    expect(desk.gate.asked).toHaveLength(1);
    expect(await told(desk)).toEqual(['submitted', 'rejected']);
    expect(await desk.orderDesk.send(entry({ venue: 'nowhere' }))).toMatchObject({ rejection: { code: 'venue.none' } });
  });

  it('behavior: an answer that is lost leaves it unresolved, which blocks, until the venue is asked', async () => {
    const desk = await run();
    const intent = entry();
    desk.venue.on.place = async (venue, order) => {
      await venue.place(order);
      throw new Error('the socket hung up');
    };
    desk.venue.on.fetchOrder = async () => {
      throw new VenueError('venue.unreachable', 'No answer.');
    };
    desk.venue.on.tell = () => {};
    expect(await desk.orderDesk.send(intent)).toEqual({ outcome: 'unknown' });
    expect(await kept(desk, intent)).toBe('unresolved');
    expect(desk.portfolio.openOrders('alice')).toMatchObject([{ status: 'unresolved', ...intent }]);
    // Asked after on a timer, for as long as it takes.
    await desk.pass(50_000);
    expect(await kept(desk, intent)).toBe('unresolved');
    desk.venue.on = {};
    await desk.pass(6_000);
    expect(await kept(desk, intent)).toBe('open');
    expect(desk.portfolio.openOrders('alice')).toMatchObject([{ status: 'open' }]);
    expect(taken(desk)).toBe(1);
    expect(await told(desk)).toEqual(['submitted', 'unresolved', 'accepted']);
  });

  it('behavior: what provably never landed has expired, and is told as an end', async () => {
    const desk = await run();
    const intent = entry();
    desk.venue.on.place = async () => ({ outcome: 'unknown', reason: 'timeout' });
    expect(await desk.orderDesk.send(intent)).toEqual({ outcome: 'unknown' });
    await desk.pass(10_000);
    // The authorisation is over only now, and a moment longer it may be on its way.
    expect(await kept(desk, intent)).toBe('unresolved');
    expect(await desk.orderDesk.send(intent)).toEqual({ outcome: 'unknown' });
    await desk.pass(6_000);
    expect(await kept(desk, intent)).toBe('expired');
    expect(desk.portfolio.openOrders('alice')).toEqual([]);
    expect(await told(desk)).toEqual(['submitted', 'unresolved', 'canceled']);
    expect(taken(desk)).toBe(0);
  });

  it('behavior: it may be sent again once the first can not land any more, with a new authorisation', async () => {
    const desk = await run();
    const intent = entry();
    desk.venue.on.place = async () => ({ outcome: 'unknown', reason: 'timeout' });
    await desk.orderDesk.send(intent);
    await desk.clock.advanceBy(12_001);
    await desk.price(60_000);
    desk.venue.on = {};
    await new OrderStore(desk.database).put(
      { ...(await orderOf(desk, intent)), status: 'intended' },
      desk.clock.nowMs() - 12_001,
    );
    expect(await desk.orderDesk.send(intent)).toMatchObject({ outcome: 'accepted' });
    expect(taken(desk)).toBe(1);
    expect(desk.gate.asked).toHaveLength(2);
  });

  it.each(['before it landed', 'after it landed'])(
    'behavior: a process that ends inside the venue %s: the next looks it up and sends nothing twice',
    async (when) => {
      const first = await run();
      const intent = entry();
      first.venue.on.place = async (venue, order) => {
        if (when === 'after it landed') await venue.place(order);
        return never;
      };
      first.venue.on.tell = () => {};
      void first.orderDesk.send(intent);
      for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      expect(await kept(first, intent)).toBe('intended');

      const second = await run({ folder: first.folder, startAtMs: first.clock.nowMs() + 1_000, seed: 'second' });
      if (when === 'after it landed') {
        expect(await second.orderDesk.send(intent)).toMatchObject({ outcome: 'accepted', order: { status: 'open' } });
        expect(await second.resting()).toEqual(['entry 0.1 @ 59900']);
      } else {
        expect(second.portfolio.openOrders('alice')).toMatchObject([{ status: 'unresolved' }]);
        expect(await second.orderDesk.send(intent)).toEqual({ outcome: 'unknown' });
        await second.pass(20_000);
        expect(await kept(second, intent)).toBe('expired');
        expect(await second.resting()).toEqual([]);
      }
      expect(taken(second)).toBe(0);
    },
  );

  it('behavior: an exit does not wait to know: an earlier try that left no trace is made again at once', async () => {
    const first = await run();
    await first.orderDesk.send(bought('0.1'));
    await first.clock.idle();
    const intent = exit();
    first.venue.on.place = () => never;
    void first.orderDesk.send(intent);
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(await kept(first, intent)).toBe('intended');

    const second = await run({ folder: first.folder, startAtMs: first.clock.nowMs() + 1_000, seed: 'second' });
    expect(await second.orderDesk.send(intent)).toMatchObject({ outcome: 'accepted', order: { status: 'filled' } });
    expect(await second.positionAtVenue()).toBeUndefined();
  });

  it('behavior: an exit that landed unheard is found, also when the venue can not be asked before it is sent again', async () => {
    const desk = await run();
    await desk.orderDesk.send(bought('0.2'));
    const intent = exit();
    desk.venue.on.place = async (venue, order) => {
      await venue.place(order);
      return { outcome: 'unknown', reason: 'timeout' };
    };
    desk.venue.on.tell = () => {};
    expect(await desk.orderDesk.send(intent)).toEqual({ outcome: 'unknown' });
    let asked = 0;
    desk.venue.on = {
      fetchOrder: async (venue, userId, id) => {
        asked += 1;
        if (asked === 1) throw new VenueError('venue.unreachable', 'No answer.');
        return venue.fetchOrder(userId, id);
      },
    };
    // The venue says that it has one of this id: which, it is asked again.
    expect(await desk.orderDesk.send(intent)).toMatchObject({ outcome: 'accepted', order: { status: 'filled' } });
    expect((await desk.positionAtVenue())?.size).toBe('0.1');
  });

  it('behavior: an exit that may have filled does not go again unasked where an id may be taken twice', async () => {
    const desk = await run();
    await desk.orderDesk.send(bought('0.2'));
    const intent = exit();
    desk.venue.on = {
      capabilities: { clientOrderIds: 'unique-among-open' },
      place: async (venue, order) => {
        await venue.place(order);
        return { outcome: 'unknown', reason: 'timeout' };
      },
      fetchOrder: async () => {
        throw new VenueError('venue.unreachable', 'No answer.');
      },
      tell: () => {},
    };
    expect(await desk.orderDesk.send(intent)).toEqual({ outcome: 'unknown' });
    expect(await desk.orderDesk.send(intent)).toEqual({ outcome: 'unknown' });
    const { clientOrderId } = intent;
    expect(desk.gate.asked.filter((asked) => asked.clientOrderId === clientOrderId)).toHaveLength(1);
    desk.venue.on = {};
    expect(await desk.orderDesk.send(intent)).toMatchObject({ outcome: 'accepted', order: { status: 'filled' } });
    expect((await desk.positionAtVenue())?.size).toBe('0.1');
  });

  it('behavior: an exit that goes again stays unresolved for all who look, until it is answered', async () => {
    const desk = await run();
    await desk.orderDesk.send(bought('0.1'));
    await desk.clock.idle();
    const intent = exit();
    desk.venue.on.place = async () => ({ outcome: 'unknown', reason: 'timeout' });
    await desk.orderDesk.send(intent);
    const standing = () =>
      desk.portfolio
        .openOrders('alice')
        .filter(({ clientOrderId }) => clientOrderId === intent.clientOrderId)
        .map(({ status }) => status);
    let meanwhile: readonly string[] = [];
    desk.venue.on.place = async (venue, order) => {
      meanwhile = standing();
      return venue.place(order);
    };
    expect(standing()).toEqual(['unresolved']);
    expect(await desk.orderDesk.send(intent)).toMatchObject({ outcome: 'accepted' });
    expect(meanwhile).toEqual(['unresolved']);
    expect(standing()).toEqual([]);
  });

  it('behavior: where orders may land long after their authorisation, none is given up before', async () => {
    const desk = await run();
    const intent = entry();
    desk.venue.on = {
      capabilities: { landsLateByMs: 60_000 },
      place: async () => ({ outcome: 'unknown', reason: 'timeout' }),
    };
    await desk.orderDesk.send(intent);
    await desk.pass(70_000);
    expect(await kept(desk, intent)).toBe('unresolved');
    await desk.pass(10_000);
    expect(await kept(desk, intent)).toBe('expired');
  });

  it('behavior: an order is looked up with its instrument, without which some venues can not be asked', async () => {
    const desk = await run();
    const intent = entry();
    let named: string | undefined;
    desk.venue.on.place = async () => ({ outcome: 'unknown', reason: 'timeout' });
    desk.venue.on.fetchOrder = async (venue, userId, id, options) => {
      named = options?.instrumentId;
      return venue.fetchOrder(userId, id);
    };
    await desk.orderDesk.send(intent);
    await desk.orderDesk.fetchFate(intent);
    expect(named).toBe(intent.instrumentId);
  });
});

describe('OrderDesk.cancel', () => {
  it('behavior: where the answer is lost, the venue is asked whether the order has ended', async () => {
    const desk = await run();
    const intent = entry();
    await desk.orderDesk.send(intent);
    desk.venue.on = { cancel: async () => ({ outcome: 'unknown', reason: 'timeout' }), tell: () => {} };
    expect(await desk.orderDesk.cancel(intent)).toMatchObject({ outcome: 'unknown' });
    expect(await kept(desk, intent)).toBe('open');
    desk.venue.on.cancel = async (venue, userId, id) => {
      await venue.cancel(userId, id);
      return { outcome: 'unknown', reason: 'timeout' };
    };
    expect(await desk.orderDesk.cancel(intent)).toEqual({ outcome: 'accepted' });
    expect(await kept(desk, intent)).toBe('canceled');
    const filled = bought('0.1');
    await desk.orderDesk.send(filled);
    expect(await desk.orderDesk.cancel(filled)).toMatchObject({
      outcome: 'rejected',
      rejection: { code: 'order.final' },
    });
  });
});

describe('OrderDesk without a database', () => {
  it('error: new risk throws before anything leaves; exits, stops and cancels go out', async () => {
    const desk = await run();
    const resting = entry();
    await desk.orderDesk.send(resting);
    await desk.orderDesk.send(bought('0.1'));
    await desk.clock.idle();
    await desk.database.close();
    const before = taken(desk);

    await expect(desk.orderDesk.send(entry())).rejects.toMatchObject({ name: 'StoreError' });
    expect(taken(desk)).toBe(before);
    expect(await desk.orderDesk.cancel(resting)).toEqual({ outcome: 'accepted' });
    const stop = exit({
      type: 'stop-market',
      purpose: 'stop-loss',
      triggerPrice: toPrice(59_000),
      timeInForce: 'gtc',
      size: toSize('0.05'),
    });
    expect(await desk.orderDesk.send(stop)).toMatchObject({ outcome: 'accepted', order: { status: 'open' } });
    // A repeat finds it without the database.
    expect(await desk.orderDesk.send(stop)).toMatchObject({ outcome: 'accepted', order: { status: 'open' } });
    const out = exit();
    expect(await desk.orderDesk.send(out)).toMatchObject({ outcome: 'accepted', order: { status: 'filled' } });
    expect(await desk.positionAtVenue()).toBeUndefined();
    expect(
      desk.portfolio.position({ userId: 'alice', venue: 'paper', instrumentId: 'BTC-PERP@hyperliquid' }),
    ).toBeUndefined();
    expect(desk.portfolio.health()).toMatchObject({ status: 'degraded' });
  });

  it('behavior: one that goes away after an entry has left changes nothing of the outcome', async () => {
    const desk = await run();
    const intent = entry();
    desk.venue.on.place = async (venue, order) => {
      const outcome = await venue.place(order);
      await desk.database.close();
      return outcome;
    };
    expect(await desk.orderDesk.send(intent)).toMatchObject({ outcome: 'accepted', order: { status: 'open' } });
    expect(await desk.orderDesk.send(intent)).toMatchObject({ outcome: 'accepted' });
    expect(taken(desk)).toBe(1);
  });
});

describe('OrderDesk.amend', () => {
  it('default: the order rests as it was asked for, kept as such', async () => {
    const desk = await run();
    const intent = entry();
    await desk.orderDesk.send(intent);
    expect(await desk.orderDesk.amend({ ...intent, size: toSize('0.2') })).toMatchObject({
      outcome: 'accepted',
      order: { size: '0.2' },
    });
    expect(await orderOf(desk, intent)).toMatchObject({ status: 'open', size: '0.2' });
    expect(await desk.resting()).toEqual(['entry 0.2 @ 59900']);
  });

  it('error: refused by Brix, by the venue or left open, what is kept of the resting order stays', async () => {
    const desk = await run();
    const intent = entry();
    await desk.orderDesk.send(intent);
    const larger = { ...intent, size: toSize('0.2') };
    desk.gate.refuse = () => ({ code: 'total-margin.limit', message: 'Too much.' });
    expect(await desk.orderDesk.amend(larger)).toMatchObject({ outcome: 'refused' });
    desk.gate.refuse = () => undefined;
    desk.venue.on.amend = async () => ({ outcome: 'rejected', rejection: { code: 'order.invalid', message: 'No.' } });
    expect(await desk.orderDesk.amend(larger)).toMatchObject({ outcome: 'rejected' });
    desk.venue.on.amend = async () => ({ outcome: 'unknown', reason: 'timeout' });
    // Asked, the venue says what rests.
    expect(await desk.orderDesk.amend(larger)).toMatchObject({ outcome: 'accepted', order: { size: '0.1' } });
    expect(await orderOf(desk, intent)).toMatchObject({ status: 'open', size: '0.1' });
    expect(desk.portfolio.openOrders('alice')).toMatchObject([{ status: 'open', size: '0.1' }]);
    expect(await told(desk)).toEqual(['submitted', 'accepted', 'refused']);
  });
});

async function orderOf(desk: TradingDesk, { clientOrderId }: OrderIntent) {
  const stored = await new OrderStore(desk.database).get(clientOrderId);
  if (stored === undefined) throw new Error('The order is not kept.');
  return stored.order;
}
