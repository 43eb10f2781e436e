import { type Order, type OrderIntent, toPrice, toSize, VenueError, type VenueUpdate } from '@perpdesk/core';
import { afterEach, describe, expect, it } from 'vitest';
import { examplePaperIntent } from '../paper/example-paper.ts';
import { place, TradingDesk } from '../testing/trading-desk.ts';

// A venue that tells of a stop's fill at once and of the position only when it is asked, as Hyperliquid.

const desks: TradingDesk[] = [];
afterEach(async () => {
  for (const desk of desks.splice(0).reverse()) await desk.stop();
});

const isStop = ({ purpose }: Pick<OrderIntent, 'purpose'>): boolean => purpose === 'stop-loss';

/** A desk over a position of 0.1 with its stop at 59,500, whose venue's words on positions wait until they are let through. */
async function quietOnPositions() {
  const desk = await TradingDesk.run();
  desks.push(desk);
  await desk.guard.plan({
    ...{ ...place, tradeId: 'trade:1', traceId: 'trace:1', leverage: 6 },
    ...{ stopLoss: toPrice(59_500), takeProfits: [] },
  });
  const intent = examplePaperIntent({ size: toSize('0.1'), tradeId: 'trade:1', traceId: 'trace:1', origin: 'agent' });
  await desk.orderDesk.send(intent);
  await desk.clock.idle();
  expect(await desk.resting()).toEqual(['stop-loss 0.1 @ 59500']);
  const waiting: (() => void)[] = [];
  const sent: string[] = [];
  let answers = false;
  desk.venue.on.tell = (update, next) => {
    if (update.kind === 'position' || update.kind === 'account') waiting.push(() => next(update));
    else next(update);
  };
  desk.venue.on.fetchPositions = async (venue, ...given) => {
    if (!answers) throw new VenueError('venue.rate-limited', 'Too many requests.', { retryable: true });
    return venue.fetchPositions(...given);
  };
  desk.venue.on.place = async (venue, order) => {
    sent.push(`${order.intent.purpose} ${order.intent.size}`);
    return venue.place(order);
  };
  // What opened it was a moment ago: what fires is news of another instant.
  await desk.clock.advanceBy(1_000);
  return {
    desk,
    sent,
    /** Lets through what the venue says of positions, from now on too. */
    async sayPositions() {
      answers = true;
      delete desk.venue.on.tell;
      for (const say of waiting.splice(0)) say();
      await desk.clock.idle();
    },
    answer: () => {
      answers = true;
    },
  };
}

const missing = async (desk: TradingDesk): Promise<readonly string[]> =>
  (await desk.events('protection.missing')).map(({ payload }) => payload.uncovered);

/** Stands between the venue and the desk as the stop fires: what the venue says of the order and its fills is changed. */
function onFiring(desk: TradingDesk, change: (update: VenueUpdate) => VenueUpdate | undefined): void {
  const { tell } = desk.venue.on;
  desk.venue.on.tell = (update, next) => {
    const changed = change(update);
    if (changed !== undefined) (tell ?? ((told, hear) => hear(told)))(changed, next);
  };
}

describe('a stop that fires before the venue has told of the position', () => {
  it('default: its own fill says that there is nothing left to cover: nothing is told missing, nothing is sent', async () => {
    const { desk, sent, sayPositions } = await quietOnPositions();
    await desk.price(59_400);
    expect(await desk.positionAtVenue()).toBeUndefined();
    expect(desk.portfolio.position(place)?.size).toBe('0.1');
    await desk.clock.advanceBy(1_500);
    expect(desk.guard.uncovered()).toBe(0);
    await sayPositions();
    expect(desk.portfolio.position(place)).toBeUndefined();
    await desk.clock.advanceBy(60_000);
    expect(await missing(desk)).toEqual([]);
    expect(sent).toEqual([]);
    expect((await desk.events('position.closed'))[0]?.payload.reason).toBe('stop-loss');
  });

  it('behavior: nothing is sent for as long as the venue’s fills say it all and its positions can not be read', async () => {
    const { desk, sent, sayPositions } = await quietOnPositions();
    await desk.price(59_400);
    await desk.clock.advanceBy(40_000);
    expect(sent).toEqual([]);
    expect(await missing(desk)).toEqual([]);
    await sayPositions();
    expect(desk.portfolio.position(place)).toBeUndefined();
  });

  it('behavior: where the fills can not be read either, what the venue said last counts again after two seconds', async () => {
    const { desk, sent } = await quietOnPositions();
    desk.venue.on.fetchFills = async () => {
      throw new VenueError('venue.rate-limited', 'Too many requests.', { retryable: true });
    };
    await desk.price(59_400);
    await desk.clock.advanceBy(1_900);
    expect([sent, await missing(desk)]).toEqual([[], []]);
    await desk.clock.advanceBy(1_000);
    expect(await missing(desk)).toEqual(['0.1']);
    expect(sent[0]).toBe('stop-loss 0.1');
  });

  it('behavior: what stood beside it unheard is closed ten seconds after it fired, not after that was noticed', async () => {
    const { answer, desk } = await quietOnPositions();
    desk.venue.on.fetchFills = async () => {
      throw new VenueError('venue.rate-limited', 'Too many requests.', { retryable: true });
    };
    const hear = desk.venue.on.tell;
    desk.venue.on.tell = () => {};
    await desk.paper.place(desk.market.authority.mint(examplePaperIntent({ size: toSize('0.05') }), 'by hand'));
    if (hear !== undefined) desk.venue.on.tell = hear;
    desk.venue.on.place = async (venue, order) =>
      isStop(order.intent)
        ? { outcome: 'rejected', rejection: { code: 'venue.unhealthy', message: 'No stops today.' } }
        : venue.place(order);
    // The account can not be read without its fills, and only who closes asks for positions alone.
    answer();
    await desk.price(59_400);
    const firedMs = desk.clock.nowMs();
    expect((await desk.positionAtVenue())?.size).toBe('0.05');
    await desk.clock.advanceTo(firedMs + 9_900);
    expect((await desk.positionAtVenue())?.size).toBe('0.05');
    await desk.clock.advanceTo(firedMs + 10_100);
    expect(await desk.positionAtVenue()).toBeUndefined();
  });

  it('behavior: the venue is asked for the position where it does not tell of it by itself', async () => {
    const { desk, answer } = await quietOnPositions();
    answer();
    await desk.price(59_400);
    expect(desk.portfolio.position(place)?.size).toBe('0.1');
    await desk.clock.advanceBy(600);
    expect(desk.portfolio.position(place)).toBeUndefined();
  });

  it('behavior: one that fills in part and ends leaves the rest uncovered: it is told and covered at once', async () => {
    const { desk, sent } = await quietOnPositions();
    let stop: Order | undefined;
    onFiring(desk, (update) => {
      if (update.kind !== 'order' || !isStop(update.order) || update.order.status !== 'partially-filled') return update;
      stop = update.order;
      return { kind: 'order', order: { ...update.order, status: 'canceled' } };
    });
    let takes = false;
    desk.venue.on.place = async (venue, order) => {
      sent.push(`${order.intent.purpose} ${order.intent.size}`);
      return takes
        ? venue.place(order)
        : { outcome: 'rejected', rejection: { code: 'venue.unhealthy', message: 'No stops today.' } };
    };
    await desk.market.quote({ bid: 59_400, ask: 59_401, depth: 0.04 });
    expect(stop?.filledSize).toBe('0.04');
    expect([sent, await missing(desk)]).toEqual([['stop-loss 0.1'], ['0.06']]);
    takes = true;
    await desk.clock.advanceBy(250);
    expect(desk.guard.uncovered()).toBe(0);
  });

  it('behavior: one that is filling is left as it is', async () => {
    const { desk, sent } = await quietOnPositions();
    const amended: string[] = [];
    desk.venue.on.amend = async (venue, order) => {
      amended.push(order.intent.size);
      return venue.amend(order);
    };
    await desk.market.quote({ bid: 59_400, ask: 59_401, depth: 0.04 });
    await desk.clock.advanceBy(1_500);
    expect([amended, sent, await missing(desk)]).toEqual([[], [], []]);
  });

  it('error: one that the venue rejects as it fires leaves all uncovered: told and covered at once', async () => {
    const { desk, sent } = await quietOnPositions();
    onFiring(desk, (update) => {
      if (update.kind === 'fill') return undefined;
      if (update.kind !== 'order' || !isStop(update.order) || update.order.status === 'open') return update;
      return {
        kind: 'order',
        order: {
          ...update.order,
          status: 'rejected',
          filledSize: toSize(0),
          rejection: { code: 'margin.insufficient', message: 'No.' },
        },
      };
    });
    await desk.price(59_400);
    expect(await missing(desk)).toEqual(['0.1']);
    expect(sent[0]).toBe('stop-loss 0.1');
  });
});
