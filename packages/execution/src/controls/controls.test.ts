import { type OrderIntent, type TradingScope, toPrice, toSize, VenueError } from '@perpdesk/core';
import { afterEach, describe, expect, it } from 'vitest';
import { examplePaperIntent } from '../paper/example-paper.ts';
import { noonMs, place, TradingDesk, type TradingDeskOptions } from '../testing/trading-desk.ts';
import { exampleGuidance, limitLeg } from '../trade/example-signal.ts';
import { FlattenService } from './flatten-service.ts';
import { KillSwitch } from './kill-switch.ts';

const desks: TradingDesk[] = [];
const run = async (options?: TradingDeskOptions): Promise<TradingDesk> => {
  const desk = await TradingDesk.run(options);
  desks.push(desk);
  return desk;
};
afterEach(async () => {
  for (const desk of desks.splice(0).reverse()) await desk.stop();
});

const manual = { origin: 'manual', reason: 'manual' } as const;
const send = async (desk: TradingDesk, changes: Partial<OrderIntent> = {}): Promise<void> => {
  const sent = await desk.orderDesk.send(examplePaperIntent({ size: toSize('0.101'), ...changes }));
  if (sent.outcome !== 'accepted') throw new Error(JSON.stringify(sent));
  await desk.clock.idle();
};
const size = async (desk: TradingDesk): Promise<string | undefined> => (await desk.positionAtVenue())?.size;
const exits = (desk: TradingDesk): readonly OrderIntent[] =>
  desk.gate.asked.filter(({ purpose }) => purpose === 'exit');

describe('PositionCloser', () => {
  it('default: closes the whole at the market, to the last lot, with a limit the venue takes', async () => {
    const desk = await run();
    await send(desk);
    expect(await desk.closer.close(place, manual)).toMatchObject({
      outcome: 'accepted',
      order: { status: 'filled', filledSize: '0.101' },
    });
    await desk.clock.idle();
    expect(exits(desk)).toMatchObject([
      { side: 'sell', type: 'market', size: '0.101', price: '57000', reduceOnly: true, timeInForce: 'ioc' },
    ]);
    expect(await size(desk)).toBeUndefined();
    expect(await desk.closer.close(place, manual)).toEqual({ outcome: 'flat' });
  });

  it('behavior: a share is rounded down to the lot; less than a lot, or no share, is refused', async () => {
    const desk = await run();
    await send(desk, { side: 'sell' });
    await desk.closer.close(place, { ...manual, fraction: 0.5 });
    expect(await size(desk)).toBe('0.051');
    expect(exits(desk)).toMatchObject([{ side: 'buy', size: '0.05', price: '63000' }]);
    expect(await desk.closer.close(place, { ...manual, fraction: 0.01 })).toMatchObject({
      rejection: { code: 'size.below-minimum' },
    });
    for (const fraction of [0, -1, 1.01, Number.NaN])
      expect(await desk.closer.close(place, { ...manual, fraction })).toMatchObject({
        outcome: 'refused',
        rejection: { code: 'size.invalid' },
      });
    expect(await size(desk)).toBe('0.051');
  });

  it('behavior: a dust that no lot divides goes whole', async () => {
    const desk = await run();
    await send(desk);
    desk.venue.on.fetchPositions = async (venue) =>
      (await venue.fetchPositions('alice')).map((position) => ({ ...position, size: toSize('0.1005') }));
    desk.venue.on.place = async (_, order) => ({ outcome: 'unknown', reason: order.intent.size });
    await desk.closer.close(place, manual);
    expect(exits(desk).at(-1)?.size).toBe('0.1005');
  });

  it('behavior: asked for twice at once it is one order', async () => {
    const desk = await run();
    await send(desk);
    const outcomes = await Promise.all([desk.closer.close(place, manual), desk.closer.close(place, manual)]);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['accepted', 'accepted']);
    expect(exits(desk)).toHaveLength(1);
  });

  it('behavior: the second finds the first while nobody knows what became of it, and makes room for the next once it has ended', async () => {
    const desk = await run();
    await send(desk);
    desk.venue.on.place = async () => ({ outcome: 'unknown', reason: 'timeout' });
    for (let time = 0; time < 3; time += 1)
      expect(await desk.closer.close(place, manual)).toEqual({ outcome: 'unknown' });
    expect(new Set(exits(desk).map(({ clientOrderId }) => clientOrderId)).size).toBe(1);
    desk.venue.on = {};
    // Nobody bids: it ends without a fill, and the next try is another order.
    await desk.market.quote({ bid: 60_000, ask: 60_000, depth: 0 });
    expect(await desk.closer.close(place, manual)).toMatchObject({ order: { status: 'canceled' } });
    await desk.market.quote({ bid: 60_000, ask: 60_000, depth: 9 });
    expect(await desk.closer.close(place, manual)).toMatchObject({ order: { status: 'filled' } });
    expect(new Set(exits(desk).map(({ clientOrderId }) => clientOrderId)).size).toBe(2);
  });

  it.each(['refuses', 'keeps silent'])(
    'behavior: where the venue %s what there is, what is known to be held is closed, reduce-only',
    async (how) => {
      const desk = await run();
      await send(desk);
      const known = desk.portfolio.position(place);
      if (known === undefined) throw new Error('nothing is held');
      desk.venue.on.fetchPositions = async () => {
        if (how === 'keeps silent') return new Promise(() => {});
        throw new VenueError('venue.rate-limited', 'Too many requests.', { retryable: true });
      };
      const closed = desk.closer.close(place, { ...manual, known });
      await desk.clock.advanceBy(how === 'keeps silent' ? 1_000 : 0);
      expect(await closed).toMatchObject({ outcome: 'accepted', order: { status: 'filled', filledSize: '0.101' } });
      expect(exits(desk)).toMatchObject([{ side: 'sell', type: 'market', size: '0.101', reduceOnly: true }]);
      expect(await size(desk)).toBeUndefined();
    },
  );

  it('behavior: what the venue says there is goes before what is known', async () => {
    const desk = await run();
    await send(desk);
    const known = desk.portfolio.position(place);
    if (known === undefined) throw new Error('nothing is held');
    await desk.closer.close(place, { ...manual, fraction: 0.5 });
    await desk.closer.close(place, { ...manual, known });
    expect(exits(desk).map((intent) => intent.size)).toEqual(['0.05', '0.051']);
    expect(await desk.closer.close(place, { ...manual, known })).toEqual({ outcome: 'flat' });
  });

  it('error: a venue that can not say what there is, or is not there', async () => {
    const desk = await run();
    desk.venue.on.fetchPositions = async () => {
      throw new VenueError('venue.unreachable', 'No answer.');
    };
    await expect(desk.closer.close(place, manual)).rejects.toMatchObject({ code: 'venue.unreachable' });
    expect(await desk.closer.close({ ...place, venue: 'nowhere' }, manual)).toMatchObject({
      rejection: { code: 'venue.none' },
    });
  });
});

describe('KillSwitch', () => {
  /** A switch that can be told to fail at being kept. */
  const armed = (desk: TradingDesk, options: { readonly broken?: boolean } = {}) => {
    const set: string[] = [];
    const tradingSwitch = {
      state: () => 'active' as const,
      set: async (scope: TradingScope, state: string, reason: string) => {
        set.push(`${scope} ${state} ${reason}`);
        if (options.broken === true) throw new Error('the disk is gone');
      },
    };
    const { closer, orderDesk, portfolio } = desk;
    return { set, killSwitch: new KillSwitch({ tradingSwitch, accounts: portfolio, orderDesk, closer }) };
  };

  it('default: halts, cancels entries, leaves the stops', async () => {
    const desk = await run();
    await desk.guide({}, exampleGuidance([limitLeg(59_990, '0.5'), limitLeg(59_900, '0.5')]));
    await desk.price(59_950);
    const { killSwitch, set } = armed(desk);
    expect(await killSwitch.trip('user:alice', 'enough', ['alice', 'bob'])).toBe(1);
    await desk.clock.idle();
    expect(set).toEqual(['user:alice halted enough']);
    expect(await desk.resting()).toEqual([
      'stop-loss 0.05 @ 59500',
      'take-profit 0.025 @ 60750',
      'take-profit 0.025 @ 61500',
    ]);
  });

  it('behavior: without a database, and with an order of unknown outcome', async () => {
    const desk = await run();
    await send(desk, { type: 'limit', timeInForce: 'gtc', price: toPrice(59_000) });
    desk.venue.on.place = async (venue, order) => {
      await venue.place(order);
      return { outcome: 'unknown', reason: 'timeout' };
    };
    desk.venue.on.tell = () => {};
    await desk.orderDesk.send(examplePaperIntent({ type: 'limit', timeInForce: 'gtc', price: toPrice(59_100) }));
    await desk.database.close();
    const { killSwitch } = armed(desk, { broken: true });
    expect(await killSwitch.trip('operator', 'enough', ['alice'])).toBe(2);
    expect(await desk.resting()).toEqual([]);
  });

  it('behavior: flatten closes what is open, one failing does not keep the others', async () => {
    const desk = await run();
    await send(desk);
    const { killSwitch } = armed(desk);
    expect(await killSwitch.flatten('alice', 'elsewhere')).toEqual([]);
    const [outcome] = await killSwitch.flatten('alice');
    expect(outcome).toMatchObject({ status: 'fulfilled', value: { outcome: 'accepted' } });
    await desk.clock.idle();
    expect(await size(desk)).toBeUndefined();
    expect(await desk.resting()).toEqual([]);
    expect((await desk.events('position.closed'))[0]?.payload.reason).toBe('kill-switch');
  });

  it('behavior: flatten waits for no answer of what a venue holds', async () => {
    const desk = await run();
    await send(desk);
    desk.venue.on.fetchPositions = async () => {
      throw new VenueError('venue.rate-limited', 'Too many requests.', { retryable: true });
    };
    const [outcome] = await armed(desk).killSwitch.flatten('alice');
    expect(outcome).toMatchObject({
      status: 'fulfilled',
      value: { outcome: 'accepted', order: { filledSize: '0.101' } },
    });
    expect(await desk.positionAtVenue()).toBeUndefined();
  });

  it('behavior: the daily loss limit closes, and closes again until all is closed', async () => {
    const desk = await run();
    const { killSwitch } = armed(desk);
    const service = new FlattenService({ killSwitch, eventBus: desk.eventBus });
    await service.start();
    expect(service.health()).toEqual({ status: 'healthy' });
    await send(desk);
    await desk.market.quote({ bid: 60_000, ask: 60_000, depth: 0 });
    await desk.eventBus.publish({
      id: 'flatten:1',
      type: 'flatten.requested',
      key: 'alice',
      payload: { userId: 'alice', venue: 'paper', reason: 'daily-loss' },
    });
    await desk.clock.advanceTo(noonMs + 500);
    expect(await size(desk)).toBe('0.101');
    await desk.market.quote({ bid: 60_000, ask: 60_000, depth: 9 });
    await desk.clock.advanceTo(noonMs + 1_000);
    expect(await size(desk)).toBeUndefined();
    await desk.pass(10_000);
    expect(await desk.eventBus.deadLetters()).toEqual([]);
    await service.stop();
    expect(service.health()).toEqual({ status: 'stopped' });
  });
});
