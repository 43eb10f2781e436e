import {
  Decimal,
  type Fill,
  type Order,
  type OrderIntent,
  toPrice,
  toRate,
  toSize,
  toUsd,
  VenueError,
  type VenueUpdate,
} from '@perpdesk/core';
import { afterEach, describe, expect, it } from 'vitest';
import { examplePaperIntent } from '../paper/example-paper.ts';
import { noonMs, place, TradingDesk, type TradingDeskOptions } from '../testing/trading-desk.ts';
import type { GuardPlan } from './position-guard.ts';

const desks: TradingDesk[] = [];
const run = async (options?: TradingDeskOptions): Promise<TradingDesk> => {
  const desk = await TradingDesk.run(options);
  desks.push(desk);
  return desk;
};
afterEach(async () => {
  for (const desk of desks.splice(0).reverse()) await desk.stop();
});

const plan: GuardPlan = {
  ...place,
  tradeId: 'trade:1',
  traceId: 'trace:1',
  leverage: 6,
  stopLoss: toPrice(59_500),
  takeProfits: [
    { price: toPrice(60_750), fraction: toRate('0.5') },
    { price: toPrice(61_500), fraction: toRate('0.5') },
  ],
};
/** Sends an order past the engine, as a trade would. */
const send = async (desk: TradingDesk, changes: Partial<OrderIntent> = {}): Promise<OrderIntent> => {
  const intent = examplePaperIntent({
    size: toSize('0.1'),
    tradeId: 'trade:1',
    traceId: 'trace:1',
    origin: 'agent',
    ...changes,
  });
  const sent = await desk.orderDesk.send(intent);
  if (sent.outcome !== 'accepted') throw new Error(JSON.stringify(sent));
  await desk.clock.idle();
  return intent;
};
const resting = (price: number): Partial<OrderIntent> => ({ type: 'limit', timeInForce: 'gtc', price: toPrice(price) });
/** Sends past the desk altogether. */
const byHand = async (desk: TradingDesk, changes: Partial<OrderIntent> = {}): Promise<void> => {
  await desk.paper.place(
    desk.market.authority.mint(examplePaperIntent({ size: toSize('0.1'), ...changes }), 'by hand'),
  );
  await desk.clock.idle();
};
const stopsOf = async (desk: TradingDesk): Promise<readonly Order[]> =>
  (await desk.paper.fetchOpenOrders('alice')).filter(({ purpose }) => purpose === 'stop-loss');
const isStop = ({ intent }: { readonly intent: OrderIntent }): boolean => intent.purpose === 'stop-loss';
const missing = { code: 'venue.unhealthy', message: 'No stops today.' } as const;
const unreachable = async (): Promise<never> => {
  throw new VenueError('venue.unreachable', 'No answer.');
};

/** Looks at every change the venue makes: the stops must never come to cover less than they did, or than there is. */
function watchCover(desk: TradingDesk): { readonly least: () => readonly string[] } {
  const orders = new Map<string, Order>();
  const losses: string[] = [];
  let size = new Decimal(0);
  const cover = (): Decimal =>
    [...orders.values()]
      .filter(
        ({ purpose, status }) => purpose === 'stop-loss' && ['open', 'partially-filled', 'triggered'].includes(status),
      )
      .reduce((sum, order) => sum.plus(order.size).minus(order.filledSize), new Decimal(0));
  desk.paper.watch('alice', (update) => {
    const before = Decimal.min(cover(), size);
    if (update.kind === 'order') orders.set(update.order.clientOrderId, update.order);
    if (update.kind === 'position') size = new Decimal(update.position?.size ?? 0);
    if (Decimal.min(cover(), size).lessThan(Decimal.min(before, size))) losses.push(`${cover()} of ${size}`);
  });
  return { least: () => losses };
}

describe.each([
  ['amends orders', true],
  ['can not amend', false],
])('PositionGuard where the venue %s', (_, amend) => {
  const prepared = async (options?: TradingDeskOptions): Promise<TradingDesk> => {
    const desk = await run(options);
    desk.venue.on.capabilities = { amend };
    await desk.guard.plan(plan);
    return desk;
  };

  it('default: a stop over all and the targets, as the position grows and shrinks, with no instant of less cover', async () => {
    const desk = await prepared();
    const watched = watchCover(desk);
    await send(desk, resting(59_990));
    for (const [depth, rests] of [
      [0.03, ['stop-loss 0.03 @ 59500', 'take-profit 0.015 @ 60750', 'take-profit 0.015 @ 61500']],
      [0.05, ['stop-loss 0.08 @ 59500', 'take-profit 0.04 @ 60750', 'take-profit 0.04 @ 61500']],
      [0.05, ['stop-loss 0.1 @ 59500', 'take-profit 0.05 @ 60750', 'take-profit 0.05 @ 61500']],
    ] as const) {
      desk.market.tick(59_970, 59_980, depth);
      await desk.clock.idle();
      expect((await desk.resting()).filter((order) => !order.startsWith('entry'))).toEqual(rests);
    }
    await desk.market.quote({ bid: 60_760, ask: 60_761, depth: 0.02 });
    // A part of a target is taken: the stop follows, the target asks for its own rest and no more.
    expect(await desk.resting()).toEqual([
      'stop-loss 0.08 @ 59500',
      'take-profit 0.03 @ 60750',
      'take-profit 0.05 @ 61500',
    ]);
    await desk.market.quote({ bid: 60_761, ask: 60_762, depth: 9 });
    expect(await desk.resting()).toEqual(['stop-loss 0.05 @ 59500', 'take-profit 0.05 @ 61500']);
    expect(watched.least()).toEqual([]);
    expect(desk.guard.uncovered()).toBe(0);
    await desk.market.quote({ bid: 59_499, ask: 59_500, depth: 9 });
    expect(await desk.resting()).toEqual([]);
    expect(await desk.positionAtVenue()).toBeUndefined();
    expect((await desk.events('position.closed'))[0]?.payload.reason).toBe('stop-loss');
    expect(await desk.events('protection.missing')).toEqual([]);
  });

  it('behavior: each state of the protection is told once, no more of it than there is', async () => {
    const desk = await prepared();
    await send(desk, { size: toSize('0.2') });
    await desk.guard.protect(place);
    await desk.price(60_750);
    await desk.price(61_500);
    expect(
      (await desk.events('protection.changed')).map(({ payload, traceId }) => [traceId, payload.protection.stopSize]),
    ).toEqual([
      ['trace:1', '0.2'],
      ['trace:1', '0.1'],
    ]);
    expect(await desk.positionAtVenue()).toBeUndefined();
  });

  it('behavior: what is cancelled by hand is put back', async () => {
    const desk = await prepared();
    await send(desk);
    const rests = await desk.resting();
    for (const order of await desk.paper.fetchOpenOrders('alice')) {
      await desk.paper.cancel('alice', order.clientOrderId);
      await desk.clock.idle();
      expect(await desk.resting()).toEqual(rests);
    }
    expect(desk.guard.uncovered()).toBe(0);
  });

  it('behavior: a target that was reached in part and cancelled by hand is put back for its rest', async () => {
    const desk = await prepared();
    await send(desk);
    await desk.market.quote({ bid: 60_760, ask: 60_761, depth: 0.02 });
    const partial = (await desk.paper.fetchOpenOrders('alice')).find(({ filledSize }) => filledSize === '0.02');
    await desk.paper.cancel('alice', partial?.clientOrderId ?? '');
    await desk.clock.idle();
    expect(await desk.resting()).toEqual([
      'stop-loss 0.08 @ 59500',
      'take-profit 0.03 @ 60750',
      'take-profit 0.05 @ 61500',
    ]);
  });

  it('behavior: what was lost unheard is found by the sweep', async () => {
    const desk = await prepared();
    await send(desk);
    const rests = await desk.resting();
    desk.venue.on.tell = () => {};
    for (const { clientOrderId } of await stopsOf(desk)) await desk.paper.cancel('alice', clientOrderId);
    await byHand(desk, { size: toSize('0.05') });
    desk.venue.on = { capabilities: { amend } };
    expect(await stopsOf(desk)).toEqual([]);
    await desk.clock.advanceTo(noonMs + 59_999);
    expect(await stopsOf(desk)).toEqual([]);
    await desk.clock.advanceTo(noonMs + 60_000);
    expect(rests).toContain('stop-loss 0.1 @ 59500');
    expect(await desk.resting()).toContain('stop-loss 0.15 @ 59500');
  });

  it('behavior: a larger stop that is not taken leaves the smaller where it is', async () => {
    const desk = await prepared();
    await send(desk);
    const watched = watchCover(desk);
    desk.venue.on.place = async (venue, order) =>
      isStop(order) ? { outcome: 'rejected', rejection: missing } : venue.place(order);
    desk.venue.on.amend = async () => ({ outcome: 'rejected', rejection: missing });
    await send(desk, { size: toSize('0.05') });
    await desk.pass(5_000);
    expect(await stopsOf(desk)).toMatchObject([{ size: '0.1' }]);
    expect(desk.guard.uncovered()).toBe(1);
    expect((await desk.events('protection.missing')).map(({ payload }) => payload.uncovered)).toEqual(['0.05']);
    expect(watched.least()).toEqual([]);
    desk.venue.on = { capabilities: { amend } };
    await desk.pass(1_000);
    expect(await stopsOf(desk)).toMatchObject([{ size: '0.15' }]);
    expect(desk.guard.health()).toEqual({ status: 'healthy' });
  });

  it('behavior: a stop whose answer is lost is not laid twice', async () => {
    const desk = await prepared();
    desk.venue.on.place = async (venue, order) => {
      const outcome = await venue.place(order);
      return isStop(order) ? { outcome: 'unknown', reason: 'timeout' } : outcome;
    };
    desk.venue.on.tell = (update, hear) => {
      if (update.kind !== 'order' || update.order.purpose === 'entry') hear(update);
    };
    await send(desk);
    await desk.pass(5_000);
    expect(await stopsOf(desk)).toMatchObject([{ size: '0.1' }]);
    expect(desk.guard.uncovered()).toBe(0);
  });

  it('behavior: a stop of which nobody can say whether it rests is not waited for; one too many goes once it is known', async () => {
    const desk = await prepared();
    const ids = new Set<string>();
    desk.venue.on.place = async (venue, order) => {
      const outcome = await venue.place(order);
      if (!isStop(order)) return outcome;
      ids.add(order.intent.clientOrderId);
      return ids.size === 1 ? { outcome: 'unknown', reason: 'timeout' } : outcome;
    };
    desk.venue.on.fetchOrder = unreachable;
    desk.venue.on.tell = (update, hear) => {
      if (update.kind !== 'order' || update.order.purpose !== 'stop-loss' || ids.size > 0) hear(update);
    };
    await send(desk);
    expect(desk.guard.uncovered()).toBe(1);
    await desk.clock.advanceBy(1_000);
    expect(desk.guard.uncovered()).toBe(0);
    await desk.clock.advanceBy(5_000);
    expect(ids.size).toBe(2);
    desk.venue.on.fetchOrder = (venue, ...given) => venue.fetchOrder(...given);
    await desk.portfolio.reconcile();
    await desk.orderDesk.resolveUnsettled();
    await desk.guard.protect(place);
    await desk.clock.idle();
    expect(await stopsOf(desk)).toMatchObject([{ size: '0.1' }]);
  });

  it('behavior: however long a venue is silent, no more than one stop is laid beside another', async () => {
    const desk = await prepared();
    const ids = new Set<string>();
    desk.venue.on.place = async (venue, order) => {
      if (!isStop(order)) return venue.place(order);
      ids.add(order.intent.clientOrderId);
      return { outcome: 'unknown', reason: 'timeout' };
    };
    desk.venue.on.fetchOrder = unreachable;
    await send(desk);
    await desk.clock.advanceBy(9_000);
    expect(ids.size).toBe(2);
  });

  it('behavior: a restart protects what it finds, under the plan it kept', async () => {
    const first = await prepared();
    await send(first);
    await first.stop({ keepFiles: true });
    const second = await TradingDesk.open({ folder: first.folder, startAtMs: first.clock.nowMs(), seed: 'second' });
    desks.push(second);
    second.venue.on.capabilities = { amend };
    await second.price(60_000);
    // While nobody looked, stop and targets went and half of the position with them.
    for (const { clientOrderId } of await second.paper.fetchOpenOrders('alice'))
      await second.paper.cancel('alice', clientOrderId);
    await byHand(second, { side: 'sell', size: toSize('0.05'), reduceOnly: true, purpose: 'exit' });
    await second.start();
    expect(await second.resting()).toEqual(['stop-loss 0.05 @ 59500', 'take-profit 0.05 @ 60750']);
    expect(second.guard.uncovered()).toBe(0);
  });

  it('behavior: a process that ended while it laid the stop lays it in its next life, once', async () => {
    for (const landed of [false, true]) {
      const first = await prepared();
      const hang = new Promise<never>(() => {});
      first.venue.on.place = async (venue, order) => {
        if (!isStop(order)) return venue.place(order);
        if (landed) await venue.place(order);
        return hang;
      };
      void send(first);
      for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      first.abandon();
      const second = await run({ folder: first.folder, startAtMs: first.clock.nowMs() + 500, seed: 'second' });
      expect(await second.resting()).toEqual([
        'stop-loss 0.1 @ 59500',
        'take-profit 0.05 @ 60750',
        'take-profit 0.05 @ 61500',
      ]);
    }
  });

  it('behavior: without a database what fills is protected and what is open can be closed', async () => {
    const desk = await prepared();
    await send(desk, resting(59_990));
    await desk.database.close();
    await desk.price(59_980);
    expect(await desk.resting()).toEqual([
      'stop-loss 0.1 @ 59500',
      'take-profit 0.05 @ 60750',
      'take-profit 0.05 @ 61500',
    ]);
    await desk.price(60_750);
    expect(await desk.resting()).toEqual(['stop-loss 0.05 @ 59500', 'take-profit 0.05 @ 61500']);
    expect(await desk.closer.close(place, { origin: 'manual', reason: 'manual' })).toMatchObject({
      order: { status: 'filled' },
    });
    expect(await desk.resting()).toEqual([]);
  });
});

describe('PositionGuard', () => {
  it.each([
    ['says so', { outcome: 'rejected', rejection: { code: 'order.throttled', message: 'Too many requests.' } }],
    ['says nothing more', { outcome: 'unknown', reason: '429 Too Many Requests' }],
    ['says nothing more and may take an id twice', { outcome: 'unknown', reason: '429 Too Many Requests' }],
  ] as const)(
    'behavior: after a venue that takes no requests and %s, the stop rests within a second and the targets after it',
    async (how, throttled) => {
      const desk = await run();
      if (how.endsWith('twice')) desk.venue.on.capabilities = { clientOrderIds: 'unique-among-open' };
      await desk.guard.plan(plan);
      const taken: string[] = [];
      let storms = true;
      desk.venue.on.place = async (venue, order) => {
        const { purpose, reduceOnly } = order.intent;
        if (storms && reduceOnly) return throttled;
        taken.push(purpose);
        return venue.place(order);
      };
      desk.venue.on.fetchOrder = async (venue, ...given) => {
        if (storms) throw new VenueError('venue.rate-limited', 'Too many requests.', { retryable: true });
        return venue.fetchOrder(...given);
      };
      await send(desk);
      await desk.clock.advanceBy(7_600);
      expect(desk.guard.uncovered()).toBe(1);
      storms = false;
      await desk.clock.advanceBy(1_000);
      expect(taken).toEqual(['entry', 'stop-loss', 'take-profit', 'take-profit']);
      expect(desk.guard.uncovered()).toBe(0);
      expect(await desk.resting()).toEqual([
        'stop-loss 0.1 @ 59500',
        'take-profit 0.05 @ 60750',
        'take-profit 0.05 @ 61500',
      ]);
    },
  );

  it('behavior: a change of the stop that is refused for the rate is asked for again, not sent as another order', async () => {
    const desk = await run();
    await desk.guard.plan({ ...plan, takeProfits: [] });
    await send(desk);
    let amendments = 0;
    desk.venue.on.amend = async (venue, order) => {
      amendments += 1;
      if (amendments < 3) return { outcome: 'rejected', rejection: { code: 'order.throttled', message: 'Too many.' } };
      return venue.amend(order);
    };
    const before = desk.gate.asked.length;
    await send(desk, { size: toSize('0.05') });
    expect(desk.guard.uncovered()).toBe(1);
    await desk.clock.advanceBy(750);
    expect(await desk.resting()).toEqual(['stop-loss 0.15 @ 59500']);
    const stops = desk.gate.asked.slice(before).filter((intent) => isStop({ intent }));
    expect(new Set(stops.map(({ clientOrderId }) => clientOrderId)).size).toBe(1);
    expect(amendments).toBe(3);
  });

  it.each(['venue', 'gate'])(
    'behavior: where the %s refuses stops it tells, tries again, and closes at 10 s',
    async (who) => {
      const desk = await run();
      await desk.guard.plan(plan);
      if (who === 'gate') desk.gate.refuse = (intent) => (isStop({ intent }) ? missing : undefined);
      else
        desk.venue.on.place = async (venue, order) =>
          isStop(order) ? { outcome: 'rejected', rejection: missing } : venue.place(order);
      await send(desk);
      expect((await desk.events('protection.missing')).map(({ payload }) => payload.uncovered)).toEqual(['0.1']);
      await desk.clock.advanceTo(noonMs + 9_999);
      expect(desk.gate.asked.filter((intent) => isStop({ intent })).length).toBeGreaterThanOrEqual(12);
      expect(desk.gate.asked.filter((intent) => isStop({ intent })).length).toBeLessThanOrEqual(14);
      // Targets wait for the stop.
      expect(desk.gate.asked.filter(({ purpose }) => purpose === 'take-profit')).toEqual([]);
      expect(await desk.positionAtVenue()).toBeDefined();
      expect(desk.guard.health()).toEqual({ status: 'degraded', detail: '1 position without a whole stop' });
      await desk.clock.advanceTo(noonMs + 10_000);
      expect(await desk.positionAtVenue()).toBeUndefined();
      expect((await desk.events('position.closed'))[0]?.payload.reason).toBe('unprotected');
      expect(await desk.events('protection.missing')).toHaveLength(1);
      expect(await desk.resting()).toEqual([]);
      expect(desk.guard.uncovered()).toBe(0);
      await desk.pass(60_000);
      expect(await desk.events('position.closed')).toHaveLength(1);
    },
  );

  it.each([
    ['that no stop covers, at 10 s,', 'unprotected', 10_000, {}],
    ['whose time has come', 'time-exit', 5_000, { exits: { maxHoldMs: 5_000 } }],
  ] as const)(
    'behavior: a position %s is closed though its venue does not say which positions stand',
    async (_, reason, afterMs, exits) => {
      const desk = await run();
      await desk.guard.plan({ ...plan, ...exits });
      desk.venue.on.place = async (venue, order) =>
        isStop(order) ? { outcome: 'rejected', rejection: missing } : venue.place(order);
      await send(desk);
      desk.venue.on.fetchPositions = unreachable;
      await desk.clock.advanceTo(noonMs + afterMs - 1);
      expect((await desk.positionAtVenue())?.size).toBe('0.1');
      await desk.clock.advanceTo(noonMs + afterMs);
      expect(await desk.positionAtVenue()).toBeUndefined();
      const sent = desk.gate.asked.filter(({ purpose }) => purpose === 'exit');
      expect(sent).toMatchObject([{ size: '0.1', reduceOnly: true, closeReason: reason }]);
    },
  );

  it('behavior: an exit that has filled is not sent again while neither its fills nor the position can be read', async () => {
    const desk = await run();
    await desk.guard.plan(plan);
    desk.gate.refuse = (intent) => (isStop({ intent }) ? missing : undefined);
    await send(desk);
    desk.venue.on.fetchPositions = unreachable;
    desk.venue.on.fetchFills = unreachable;
    desk.venue.on.tell = () => {};
    await desk.clock.advanceTo(noonMs + 15_000);
    expect(await desk.positionAtVenue()).toBeUndefined();
    expect(desk.portfolio.position(place)?.size).toBe('0.1');
    expect(desk.gate.asked.filter(({ purpose }) => purpose === 'exit')).toHaveLength(1);
    desk.venue.on = {};
    await desk.clock.advanceBy(6_000);
    expect(desk.portfolio.position(place)).toBeUndefined();
    expect((await desk.events('position.closed'))[0]?.payload.reason).toBe('unprotected');
  });

  it('behavior: an exit that finds nobody to trade with is made again until the position is gone', async () => {
    const desk = await run();
    await desk.guard.plan(plan);
    desk.gate.refuse = (intent) => (isStop({ intent }) ? missing : undefined);
    await send(desk);
    // Nobody bids within what an exit takes.
    await desk.market.quote({ bid: 50_000, ask: 60_001 });
    await desk.clock.advanceTo(noonMs + 12_000);
    const exits = () => desk.gate.asked.filter(({ purpose }) => purpose === 'exit');
    expect(exits()).toHaveLength(3);
    expect(new Set(exits().map(({ clientOrderId }) => clientOrderId)).size).toBe(3);
    expect((await desk.positionAtVenue())?.size).toBe('0.1');
    await desk.price(60_000);
    await desk.clock.advanceBy(1_000);
    expect(await desk.positionAtVenue()).toBeUndefined();
  });

  it('behavior: a position that nobody planned gets a stop of last resort', async () => {
    const desk = await run();
    await byHand(desk, { leverage: 5 });
    expect(await desk.resting()).toEqual(['stop-loss 0.1 @ 58800']);
    // Half the way to its liquidation where that is nearer; the stop stays where it was laid.
    await desk.price(61_000);
    await desk.guard.protect(place);
    expect(await desk.resting()).toEqual(['stop-loss 0.1 @ 58800']);
    await byHand(desk, { side: 'sell', reduceOnly: true, purpose: 'exit' });
    await byHand(desk, { leverage: 40, side: 'sell' });
    const position = await desk.positionAtVenue();
    const half = new Decimal(position?.liquidationPrice ?? 0).plus(61_000).dividedBy(2);
    const [stop] = await stopsOf(desk);
    expect(new Decimal(stop?.triggerPrice ?? 0).minus(half).abs().lessThanOrEqualTo('0.1')).toBe(true);
    expect(half.lessThan(61_000 * 1.02)).toBe(true);
  });

  it("behavior: a user's own stop over an adopted position stays, and is missed when it goes", async () => {
    const desk = await TradingDesk.open();
    desks.push(desk);
    await desk.price(60_000);
    await byHand(desk);
    const stop = {
      side: 'sell',
      type: 'stop-market',
      triggerPrice: toPrice(57_000),
      timeInForce: 'gtc',
      purpose: 'stop-loss',
      reduceOnly: true,
    } as const;
    await byHand(desk, stop);
    await desk.start();
    await desk.pass(120_000);
    expect(await desk.resting()).toEqual(['stop-loss 0.1 @ 57000']);
    expect((await desk.events('protection.changed')).map(({ payload }) => payload.protection)).toEqual([
      { stopLoss: '57000', stopSize: '0.1', takeProfits: [] },
    ]);
    for (const { clientOrderId } of await stopsOf(desk)) await desk.paper.cancel('alice', clientOrderId);
    await desk.clock.idle();
    expect(await desk.resting()).toEqual(['stop-loss 0.1 @ 58800']);
  });

  it('behavior: the plan of a trade is for its own positions: not for another, but for one that comes late', async () => {
    const desk = await run();
    await desk.guard.plan(plan);
    await send(desk);
    await desk.price(59_499);
    expect(await desk.positionAtVenue()).toBeUndefined();
    await desk.price(58_000);
    await byHand(desk);
    expect(await desk.resting()).toEqual(['stop-loss 0.1 @ 56840']);
    await byHand(desk, { side: 'sell', reduceOnly: true, purpose: 'exit' });
    // Another leg of the trade fills after its first position was stopped.
    await desk.price(60_000);
    await send(desk, { size: toSize('0.02') });
    expect(await desk.resting()).toEqual([
      'stop-loss 0.02 @ 59500',
      'take-profit 0.01 @ 60750',
      'take-profit 0.01 @ 61500',
    ]);
    await desk.guard.forget(place, 'trade:1');
    await desk.guard.protect(place);
    expect(await desk.resting()).toHaveLength(3);
  });

  it('behavior: a second trade moves what protects once it has filled, not before', async () => {
    const desk = await run();
    await desk.guard.plan(plan);
    await send(desk);
    await desk.guard.plan({
      ...plan,
      tradeId: 'trade:2',
      stopLoss: toPrice(59_700),
      takeProfits: [{ price: toPrice(62_000), fraction: toRate(1) }],
    });
    await desk.guard.protect(place);
    expect(await desk.resting()).toContain('stop-loss 0.1 @ 59500');
    const watched = watchCover(desk);
    await send(desk, { tradeId: 'trade:2', size: toSize('0.05') });
    expect(await desk.resting()).toEqual(['stop-loss 0.15 @ 59700', 'take-profit 0.15 @ 62000']);
    expect(watched.least()).toEqual([]);
    await desk.price(59_700);
    const [closed] = await desk.events('position.closed');
    expect(closed?.payload.trades).toEqual([
      { tradeId: 'trade:1', size: '0.1' },
      { tradeId: 'trade:2', size: '0.05' },
    ]);
  });

  it('behavior: nothing that protects is cancelled while it is not known what is held', async () => {
    const first = await run();
    await first.guard.plan(plan);
    await send(first);
    const rests = await first.resting();
    await first.stop({ keepFiles: true });
    const second = await TradingDesk.open({ folder: first.folder, startAtMs: first.clock.nowMs(), seed: 'second' });
    desks.push(second);
    await second.price(60_000);
    second.venue.on.fetchPositions = unreachable;
    await second.start();
    await second.guard.protect(place);
    await second.pass(30_000);
    expect(await second.resting()).toEqual(rests);
    second.venue.on.fetchPositions = async () => [];
    await second.pass(135_000);
    // The venue has said that there is nothing: what is left of the protection goes.
    expect(await second.resting()).toEqual([]);
  });

  it('behavior: what fills while the stop is laid is covered next, and is no alarm', async () => {
    const desk = await run();
    await desk.guard.plan(plan);
    let more = 1;
    desk.venue.on.place = async (venue, order) => {
      const outcome = await venue.place(order);
      if (!isStop(order) || more === 0) return outcome;
      more -= 1;
      const intent = examplePaperIntent({ size: toSize('0.05'), tradeId: 'trade:1' });
      await venue.place(desk.market.authority.mint(intent, 'another leg'));
      return outcome;
    };
    await send(desk);
    expect(await desk.resting()).toContain('stop-loss 0.15 @ 59500');
    expect(await desk.events('protection.missing')).toEqual([]);
  });

  it('behavior: a target that is told as filled before its fill is not laid again, nor the stop', async () => {
    const desk = await run();
    await desk.guard.plan(plan);
    await send(desk);
    const late: VenueUpdate[] = [];
    desk.venue.on.tell = (update, next) => (update.kind === 'order' ? next(update) : late.push(update));
    const before = desk.gate.asked.length;
    await desk.price(60_750);
    await desk.guard.protect(place);
    expect(desk.gate.asked.slice(before)).toEqual([]);
    const tell = late.splice(0);
    desk.venue.on.tell = (update, next) => {
      desk.venue.on = {};
      for (const one of [...tell, update]) next(one);
    };
    await desk.price(60_760);
    await desk.pass(2_000);
    expect(await desk.resting()).toEqual(['stop-loss 0.05 @ 59500', 'take-profit 0.05 @ 61500']);
    expect(desk.gate.asked.slice(before).filter(({ triggerPrice }) => triggerPrice === '60750')).toEqual([]);
  });

  it('behavior: an amendment names the whole of an order that has filled in part', async () => {
    const desk = await run();
    await desk.guard.plan(plan);
    await send(desk);
    const target = (await desk.paper.fetchOpenOrders('alice')).find(({ triggerPrice }) => triggerPrice === '60750');
    if (target === undefined) throw new Error('There is no target.');
    // A venue where targets are limits: they fill in part without being triggered.
    const filled: Fill = {
      ...{
        id: 'f',
        clientOrderId: target.clientOrderId,
        venueOrderId: '7',
        userId: 'alice',
        venue: 'paper',
        side: 'sell',
      },
      ...{ instrumentId: target.instrumentId, price: toPrice(60_750), size: toSize('0.01'), fee: toUsd(0) },
      ...{ feeRate: toRate(0), liquidity: 'maker', realizedPnl: toUsd(7.5), reason: 'order', atMs: desk.clock.nowMs() },
    };
    desk.venue.on.tell = (update, next) => {
      desk.venue.on = {};
      next({ kind: 'order', order: { ...target, status: 'partially-filled', filledSize: filled.size } });
      next({ kind: 'fill', fill: filled });
      next(update);
    };
    await send(desk, { size: toSize('0.05') });
    // Half of all, 0.15 held and 0.01 taken, of which 0.01 is filled.
    expect(desk.gate.asked.findLast(({ triggerPrice }) => triggerPrice === '60750')?.size).toBe('0.08');
  });

  it('behavior: where nothing was kept and the venue can not be read, what protects stays', async () => {
    const desk = await TradingDesk.open();
    desks.push(desk);
    await desk.price(60_000);
    await byHand(desk);
    await byHand(desk, {
      ...{ side: 'sell', type: 'stop-market', triggerPrice: toPrice(57_000), timeInForce: 'gtc' },
      ...{ purpose: 'stop-loss', reduceOnly: true },
    });
    desk.venue.on.fetchPositions = unreachable;
    await desk.start();
    for (const order of await stopsOf(desk)) desk.portfolio.noteOrder(order);
    await desk.guard.protect(place);
    expect(await desk.resting()).toEqual(['stop-loss 0.1 @ 57000']);
  });

  it('behavior: a stop that is being executed counts, and is left alone', async () => {
    const desk = await run();
    await desk.guard.plan({ ...plan, takeProfits: [] });
    await send(desk);
    await desk.market.quote({ bid: 59_490, ask: 59_500, depth: 0.04 });
    expect(await desk.resting()).toEqual(['stop-loss 0.06 @ 59500']);
    expect(desk.guard.uncovered()).toBe(0);
    await desk.clock.advanceBy(20_000);
    await desk.market.quote({ bid: 59_480, ask: 59_490, depth: 1 });
    expect(await desk.positionAtVenue()).toBeUndefined();
    expect((await desk.events('position.closed'))[0]?.payload.reason).toBe('stop-loss');
    expect(await desk.events('protection.missing')).toEqual([]);
  });
});
