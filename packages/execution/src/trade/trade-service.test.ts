import {
  type Guidance,
  type OrderIntent,
  StoreError,
  toPrice,
  toRate,
  toSize,
  toUsd,
  VenueError,
} from '@perpdesk/core';
import { openDatabase } from '@perpdesk/core/database';
import { testDatabases } from '@perpdesk/core/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { examplePaperIntent } from '../paper/example-paper.ts';
import { marketLeg, noonMs, place, TradingDesk, type TradingDeskOptions } from '../testing/trading-desk.ts';
import { exampleGuidance, exampleSignal, limitLeg } from './example-signal.ts';
import type { ReverseInput } from './reverse-workflow.ts';

const desks: TradingDesk[] = [];
const run = async (options?: TradingDeskOptions): Promise<TradingDesk> => {
  const desk = await TradingDesk.run(options);
  desks.push(desk);
  return desk;
};
afterEach(async () => {
  for (const desk of desks.splice(0).reverse()) await desk.stop();
});

const hourMs = 3_600_000;
const tradeId = `trade:${exampleSignal().id}`;
const ladder = (): Guidance => exampleGuidance([limitLeg(59_990, '0.5'), limitLeg(59_900, '0.5')]);
const settled = async (desk: TradingDesk) => (await desk.events('trade.settled')).map(({ payload }) => payload);
const declined = async (desk: TradingDesk) =>
  (await desk.events('signal.declined')).map(({ payload }) => payload.rejection.code);
const releases = (desk: TradingDesk) => desk.gate.released.map(({ remaining }) => remaining);
/** Sums of an account's ledger. */
const ledger = async (desk: TradingDesk) => {
  const { fees, funding, realizedPnl } = await desk.paper.fetchAccount('alice');
  return { fees, funding, realizedPnl };
};
const entries = (desk: TradingDesk): readonly OrderIntent[] =>
  desk.gate.asked.filter(({ purpose }) => purpose === 'entry');
/** Trades at the venue, past the desk. */
const byHand = async (desk: TradingDesk, changes: Partial<OrderIntent>): Promise<void> => {
  const intent = examplePaperIntent({ origin: 'manual', ...changes });
  await desk.paper.place(desk.market.authority.mint(intent, 'by hand'));
  await desk.clock.idle();
};
const ended = async (desk: TradingDesk): Promise<string | undefined> => (await desk.engine.get(tradeId))?.status;

describe.each(['outbox', 'memory'] as const)('a trade over the %s bus', (bus) => {
  it("default: entered at the market, protected, stopped, settled as the venue's ledger has it", async () => {
    const desk = await run({ bus });
    await desk.guide();
    expect(await desk.resting()).toEqual([
      'stop-loss 0.1 @ 59500',
      'take-profit 0.05 @ 60750',
      'take-profit 0.05 @ 61500',
    ]);
    await desk.clock.advanceTo(noonMs + hourMs);
    desk.market.settle(0.000125);
    await desk.price(60_100);
    await desk.price(59_499.9);
    expect(await settled(desk)).toEqual([
      {
        ...{ tradeId, userId: 'alice', signalId: exampleSignal().id, instrumentId: place.instrumentId },
        ...{ direction: 'long', outcome: 'closed', realizedPnl: '-50.01', fees: '5.974995', funding: '-0.75125' },
      },
    ]);
    expect(await ledger(desk)).toEqual({ fees: '5.974995', funding: '-0.75125', realizedPnl: '-50.01' });
    expect(await desk.resting()).toEqual([]);
    expect(releases(desk)).toEqual([undefined]);
    expect(await ended(desk)).toBe('succeeded');
    expect(await desk.story('order.filled', 'order.submitted', 'order.accepted')).toEqual([
      ...['guidance.published', 'signal.approved', 'position.opened', 'protection.changed', 'funding.paid'],
      ...['position.closed', 'order.canceled', 'order.canceled', 'trade.settled'],
    ]);
    const traces = new Set(
      (await desk.events('order.filled', 'position.closed', 'trade.settled')).map(({ traceId }) => traceId),
    );
    expect([...traces]).toEqual([`trace:${exampleSignal().id}`]);
  });

  it('behavior: in parts at prices without an end of digits, out in parts: exactly what the ledger has', async () => {
    const desk = await run({ bus });
    await desk.guide(
      {},
      exampleGuidance([limitLeg(59_990, '0.33'), limitLeg(59_950, '0.33'), limitLeg(59_901.1, '0.34')]),
    );
    for (const price of [59_989, 59_949, 59_900]) await desk.price(price);
    await desk.price(60_750);
    await desk.price(61_512.3);
    const [result] = await settled(desk);
    expect(result).toMatchObject({ outcome: 'closed', ...(await ledger(desk)) });
    expect(result?.realizedPnl).toBe((await desk.events('position.closed'))[0]?.payload.realizedPnl);
    expect(releases(desk)).toEqual(['670', '340', undefined]);
  });

  it('behavior: guidance that comes twice starts one trade', async () => {
    const desk = await run({ bus });
    const signal = await desk.guide();
    await desk.eventBus.publish({
      id: 'again',
      type: 'guidance.published',
      key: 'alice',
      payload: { signal, guidance: exampleGuidance([marketLeg]) },
    });
    await desk.clock.idle();
    expect(entries(desk)).toHaveLength(1);
    expect(await desk.engine.list({ name: 'trade' })).toHaveLength(1);
  });
});

for (const { title, available, make } of (await testDatabases()).filter(({ title }) =>
  title.startsWith('PostgreSQL'),
)) {
  describe.skipIf(!available)(`a trade on ${title}`, () => {
    it('default: entered in parts, protected, out in parts, settled exactly', async () => {
      const files = await make();
      try {
        const openFile = (path: string) =>
          openDatabase(path.endsWith('desk.db') ? { url: files.url } : { url: 'sqlite::memory:' });
        const desk = await run({ openFile });
        await desk.guide({}, ladder());
        await desk.price(59_950);
        await desk.price(59_890);
        await desk.price(60_750);
        await desk.price(61_500);
        expect(await settled(desk)).toMatchObject([{ outcome: 'closed', ...(await ledger(desk)) }]);
        expect((await desk.events('position.opened', 'position.closed')).length).toBe(2);
        await desk.stop();
      } finally {
        await files.drop();
      }
    });
  });
}

describe('the entry of a trade', () => {
  it('behavior: what an answer says has filled stays held back until the account shows the fill', async () => {
    const desk = await run();
    const late: (() => void)[] = [];
    desk.venue.on.tell = (update, next) =>
      update.kind === 'order' ? next(update) : void late.push(() => next(update));
    desk.venue.on.fetchFills = async () => {
      throw new VenueError('venue.unreachable', 'No answer.', { retryable: true });
    };
    await desk.guide({}, exampleGuidance([limitLeg(60_500, '0.5'), limitLeg(59_900, '0.5')]));
    expect(entries(desk)).toHaveLength(2);
    expect(await desk.positionAtVenue()).toMatchObject({ size: '0.05' });
    expect(desk.portfolio.positions('alice')).toEqual([]);
    expect(releases(desk)).toEqual(['1000']);
    desk.venue.on = {};
    for (const tell of late) tell();
    await desk.clock.idle();
    expect(desk.portfolio.positions('alice')).toMatchObject([{ size: '0.05' }]);
    expect(releases(desk)).toEqual(['1000', '500']);
  });

  it('behavior: a ladder that filled in part is cancelled when its time is over; the reservation goes step by step', async () => {
    const desk = await run();
    await desk.guide({}, ladder());
    expect(await desk.resting()).toEqual(['entry 0.05 @ 59900', 'entry 0.05 @ 59990']);
    desk.market.tick(59_970, 59_980, 0.02);
    await desk.clock.idle();
    expect(releases(desk)).toEqual(['800']);
    desk.market.tick(59_971, 59_981, 1);
    await desk.clock.idle();
    expect(releases(desk)).toEqual(['800', '500']);
    await desk.pass(600_000, 59_990);
    expect(await desk.resting()).toEqual([
      'stop-loss 0.05 @ 59500',
      'take-profit 0.025 @ 60750',
      'take-profit 0.025 @ 61500',
    ]);
    expect(releases(desk)).toEqual(['800', '500', undefined]);
    expect(await settled(desk)).toEqual([]);
    await desk.price(60_750);
    await desk.price(61_500);
    expect(await settled(desk)).toMatchObject([{ outcome: 'closed', ...(await ledger(desk)) }]);
  });

  it('behavior: nothing filled is not entered, and nothing is held back', async () => {
    const desk = await run();
    await desk.guide({}, ladder());
    await desk.pass(610_000);
    expect(await settled(desk)).toMatchObject([{ outcome: 'not-entered', realizedPnl: '0', fees: '0', funding: '0' }]);
    expect(releases(desk)).toEqual(['500', undefined]);
    expect(await desk.resting()).toEqual([]);
    expect((await desk.events('order.canceled')).length).toBe(2);
  });

  it('behavior: a leg that is refused leaves the others, and gives back its part', async () => {
    const desk = await run();
    desk.gate.refuse = ({ price }) => (price === '59900' ? { code: 'price.collar', message: 'Too far.' } : undefined);
    await desk.guide({}, ladder());
    expect(releases(desk)).toEqual(['500']);
    await desk.price(59_980);
    expect(releases(desk)).toEqual(['500', undefined]);
    expect((await desk.positionAtVenue())?.size).toBe('0.05');
    desk.gate.refuse = (intent) =>
      intent.purpose === 'entry' ? { code: 'trading.halted', message: 'Halted.' } : undefined;
    await desk.guide({ id: 'signal:2' });
    expect(await settled(desk)).toMatchObject([{ signalId: 'signal:2', outcome: 'not-entered' }]);
  });

  it('behavior: the position closes while a leg rests: the leg is cancelled, the trade is over', async () => {
    const desk = await run();
    await desk.guide({}, ladder());
    await desk.price(59_950);
    expect((await desk.positionAtVenue())?.size).toBe('0.05');
    await desk.closer.close(place, { origin: 'manual', reason: 'manual' });
    await desk.clock.idle();
    expect(await desk.resting()).toEqual([]);
    expect(await settled(desk)).toMatchObject([{ outcome: 'closed', ...(await ledger(desk)) }]);
  });

  it('behavior: a leg that fills after the first position has closed is protected, and counts', async () => {
    const desk = await run();
    await desk.guide({}, ladder());
    await desk.price(59_950);
    // The cancellation does not get through before the price does.
    desk.venue.on.cancel = async () => ({ outcome: 'unknown', reason: 'timeout' });
    await desk.closer.close(place, { origin: 'manual', reason: 'manual' });
    await desk.clock.idle();
    await desk.price(59_890);
    expect(await desk.resting()).toEqual([
      'stop-loss 0.05 @ 59500',
      'take-profit 0.025 @ 60750',
      'take-profit 0.025 @ 61500',
    ]);
    expect(await settled(desk)).toEqual([]);
    await desk.price(60_750);
    await desk.price(61_500);
    expect(await settled(desk)).toMatchObject([{ outcome: 'closed', ...(await ledger(desk)) }]);
    expect(await desk.events('position.closed')).toHaveLength(2);
  });

  it('behavior: a leg of unknown outcome that never landed is not entered', async () => {
    const desk = await run();
    desk.venue.on.place = async () => ({ outcome: 'unknown', reason: 'timeout' });
    await desk.guide();
    await desk.pass(30_000);
    // Asked for again once the first could not land any more, and lost as well.
    expect(entries(desk)).toHaveLength(2);
    expect(desk.portfolio.openOrders('alice')).toMatchObject([{ status: 'unresolved' }]);
    await desk.pass(60_000);
    expect(await settled(desk)).toMatchObject([{ outcome: 'not-entered' }]);
    expect(desk.portfolio.openOrders('alice')).toEqual([]);
    expect(releases(desk)).toEqual([undefined]);
  });

  it('behavior: a leg of unknown outcome that landed is a leg', async () => {
    const desk = await run();
    desk.venue.on.place = async (venue, order) => {
      const outcome = await venue.place(order);
      return order.intent.purpose === 'entry' ? { outcome: 'unknown', reason: 'timeout' } : outcome;
    };
    desk.venue.on.fetchOrder = async () => {
      throw new Error('no answer');
    };
    desk.venue.on.tell = () => {};
    await desk.guide({}, ladder());
    await desk.pass(8_000);
    expect(await desk.story('order.submitted', 'order.accepted')).toEqual([
      'guidance.published',
      'signal.approved',
      'order.unresolved',
    ]);
    delete desk.venue.on.fetchOrder;
    delete desk.venue.on.tell;
    await desk.pass(20_000);
    expect(await desk.resting()).toEqual(['entry 0.05 @ 59900', 'entry 0.05 @ 59990']);
    expect(entries(desk)).toHaveLength(2);
  });

  it('behavior: an end that was never told is found when the leg is to be cancelled', async () => {
    const desk = await run({ guard: { sweepMs: 86_400_000 } });
    await desk.guide({}, ladder());
    desk.venue.on.tell = () => {};
    for (const { clientOrderId } of await desk.paper.fetchOpenOrders('alice'))
      await desk.paper.cancel('alice', clientOrderId);
    await desk.pass(610_000);
    expect(await settled(desk)).toMatchObject([{ outcome: 'not-entered' }]);
  });

  it('behavior: a closing that was never told is found in the journal', async () => {
    const desk = await run();
    await desk.guide();
    const signal = desk.engine.signal.bind(desk.engine);
    desk.engine.signal = async () => {};
    await desk.price(59_499);
    desk.engine.signal = signal;
    expect(await settled(desk)).toEqual([]);
    await desk.clock.advanceBy(hourMs);
    expect(await settled(desk)).toMatchObject([{ outcome: 'closed', ...(await ledger(desk)) }]);
  });

  it('behavior: what only lessened a position that was there is over at once, though that stands', async () => {
    const desk = await run();
    await byHand(desk, { side: 'sell', size: toSize('0.3') });
    await desk.guide();
    expect(await desk.positionAtVenue()).toMatchObject({ direction: 'short', size: '0.2' });
    expect(await settled(desk)).toMatchObject([{ outcome: 'closed', realizedPnl: '0', fees: '0' }]);
  });

  it('behavior: an entry that turned a position round is over when what it entered has closed, though another stands', async () => {
    const desk = await run();
    await desk.guide({}, exampleGuidance([limitLeg(59_990, '1')]));
    await byHand(desk, { side: 'sell', size: toSize('0.03') });
    await desk.price(59_980);
    expect(await desk.positionAtVenue()).toMatchObject({ direction: 'long', size: '0.07' });
    await byHand(desk, { side: 'sell', size: toSize('0.07'), reduceOnly: true, purpose: 'exit' });
    await byHand(desk, { side: 'buy', size: toSize('0.02') });
    const [, closing] = await desk.events('position.closed');
    const { fees, realizedPnl, trades } = closing?.payload ?? {};
    expect(trades).toEqual([{ tradeId, size: '0.07' }]);
    expect(await settled(desk)).toMatchObject([{ outcome: 'closed', realizedPnl, fees }]);
    expect(await ended(desk)).toBe('succeeded');
  });

  it('behavior: a leg whose end was never told is asked after once what it entered has closed', async () => {
    const desk = await run();
    desk.venue.on.tell = (update, next) => {
      if (update.kind !== 'order' || update.order.purpose !== 'entry') next(update);
    };
    await desk.guide({}, exampleGuidance([limitLeg(59_990, '1')]));
    await desk.price(59_980);
    // Neither does the answer to its cancellation arrive.
    desk.venue.on.cancel = async () => ({ outcome: 'unknown', reason: 'timeout' });
    await desk.price(59_499);
    expect(await desk.positionAtVenue()).toBeUndefined();
    desk.venue.on = {};
    await desk.pass(10_000, 59_499);
    expect(await settled(desk)).toMatchObject([{ outcome: 'closed', ...(await ledger(desk)) }]);
  });

  it('behavior: two trades in one position settle their shares, which sum to the whole', async () => {
    const desk = await run();
    await desk.guide();
    await desk.price(60_010);
    await desk.guide({
      id: 'signal:2',
      size: toSize('0.05'),
      takeProfits: [{ price: toPrice(61_000), fraction: toRate(1) }],
    });
    await desk.price(61_000);
    const [first, second] = await settled(desk);
    expect([first?.signalId, second?.signalId].toSorted()).toEqual(['signal:2', exampleSignal().id].toSorted());
    const whole = await ledger(desk);
    for (const figure of ['realizedPnl', 'fees'] as const)
      expect(Number(first?.[figure]) + Number(second?.[figure])).toBeCloseTo(Number(whole[figure]), 9);
    expect(await desk.engine.list({ status: 'running' })).toEqual([]);
  });

  it('behavior: a database that is away for a moment is waited for', async () => {
    const desk = await run();
    let failures = 3;
    const release = desk.gate.release.bind(desk.gate);
    desk.gate.release = async (signalId, options) => {
      failures -= 1;
      if (failures >= 0) throw new StoreError('database.busy', 'Busy.', { retryable: true });
      return release(signalId, options);
    };
    await desk.guide();
    await desk.pass(5_000);
    await desk.price(59_499);
    expect(await settled(desk)).toMatchObject([{ outcome: 'closed' }]);
  });

  it('error: a trade that can not begin gives back what was held for it', async () => {
    const desk = await run();
    desk.guard.plan = async () => {
      throw new TypeError('a mistake in the guard');
    };
    await desk.guide();
    expect(await ended(desk)).toBe('failed');
    expect(entries(desk)).toEqual([]);
    expect(releases(desk)).toEqual([undefined]);
  });

  it('error: a trade that can not go on leaves no entry behind', async () => {
    const desk = await run();
    desk.gate.refuse = ({ price }) => {
      if (price === '59900') throw new TypeError('a mistake in the gate');
      return undefined;
    };
    await desk.guide({}, ladder());
    expect(await ended(desk)).toBe('failed');
    expect(await desk.resting()).toEqual([]);
    expect(releases(desk)).toEqual([undefined]);
  });
});

describe('the approval of a trade', () => {
  const asked = async (options?: TradingDeskOptions) => {
    const desk = await run({ user: { autonomy: 'suggest' }, ...options });
    await desk.guide();
    const [approval] = await desk.trades.fetchApprovals('alice');
    if (approval === undefined) throw new Error('Nothing waits.');
    return { desk, signalId: approval.signal.id, hash: approval.contentHash };
  };

  it('default: suggest asks, and the hash that was shown lets it out', async () => {
    const { desk, signalId, hash } = await asked();
    expect((await desk.events('approval.requested')).map(({ payload }) => payload.contentHash)).toEqual([hash]);
    expect(entries(desk)).toEqual([]);
    await desk.trades.approve('alice', signalId, hash);
    await desk.clock.idle();
    expect((await desk.events('signal.approved')).map(({ payload }) => payload)).toEqual([
      { signalId, userId: 'alice', contentHash: hash, by: 'user' },
    ]);
    expect((await desk.positionAtVenue())?.size).toBe('0.1');
    expect(await desk.trades.fetchApprovals('alice')).toEqual([]);
    // Answered is answered.
    await expect(desk.trades.decline('alice', signalId, 'no')).rejects.toMatchObject({ code: 'approval.unknown' });
  });

  it('error: another hash sends nothing', async () => {
    const { desk, signalId } = await asked();
    await desk.trades.approve('alice', signalId, 'f'.repeat(64));
    await desk.clock.idle();
    expect(await declined(desk)).toEqual(['approval.altered']);
    expect(entries(desk)).toEqual([]);
    expect(releases(desk)).toEqual([undefined]);
    expect(await settled(desk)).toMatchObject([{ outcome: 'not-entered' }]);
  });

  it('behavior: declined', async () => {
    const { desk, signalId, hash } = await asked();
    await expect(desk.trades.approve('bob', signalId, hash)).rejects.toMatchObject({ code: 'approval.unknown' });
    await desk.trades.decline('alice', signalId, 'Not today.');
    await desk.clock.idle();
    expect((await desk.events('signal.declined'))[0]?.payload.rejection).toEqual({
      code: 'approval.declined',
      message: 'Not today.',
    });
    expect(entries(desk)).toEqual([]);
  });

  it('behavior: the time to answer runs on the wall, not on the desk', async () => {
    const { desk, signalId, hash } = await asked();
    await desk.pass(600_000);
    await desk.wallClock.advanceBy(899_999);
    await desk.clock.idle();
    expect(await desk.trades.fetchApprovals('alice')).toHaveLength(1);
    await desk.wallClock.advanceBy(1);
    await desk.clock.idle();
    expect(await declined(desk)).toEqual(['approval.expired']);
    await expect(desk.trades.approve('alice', signalId, hash)).rejects.toMatchObject({ code: 'approval.unknown' });
    expect(entries(desk)).toEqual([]);
  });

  it('behavior: the time goes on over a restart', async () => {
    const { desk: first, signalId, hash } = await asked();
    await first.wallClock.advanceBy(600_000);
    await first.stop({ keepFiles: true });
    const second = await TradingDesk.open({
      folder: first.folder,
      startAtMs: first.clock.nowMs(),
      user: { autonomy: 'suggest' },
      seed: 'second',
    });
    desks.push(second);
    await second.price(60_000);
    await second.start();
    expect(await second.trades.fetchApprovals('alice')).toHaveLength(1);
    await second.wallClock.advanceBy(899_999);
    await second.clock.idle();
    expect(await declined(second)).toEqual([]);
    await second.wallClock.advanceBy(1);
    await second.clock.idle();
    expect(await declined(second)).toEqual(['approval.expired']);
    await expect(second.trades.approve('alice', signalId, hash)).rejects.toMatchObject({ code: 'approval.unknown' });
    expect(await second.events('approval.requested')).toHaveLength(1);
  });

  it('error: an answer that comes before the timer but after the time is too late', async () => {
    const { desk, signalId, hash } = await asked();
    const expiresAtMs = desk.wallClock.nowMs() + 900_000;
    desk.wallClock.nowMs = () => expiresAtMs;
    await expect(desk.trades.approve('alice', signalId, hash)).rejects.toMatchObject({ code: 'approval.expired' });
    await desk.clock.idle();
    expect(await declined(desk)).toEqual(['approval.expired']);
    expect(entries(desk)).toEqual([]);
  });

  it.each([
    ['run from the plan', 60_251, 'approval.drifted'],
    ['gone beyond the stop', 59_400, 'approval.drifted'],
  ])('behavior: void when the price has %s', async (_, price, code) => {
    const { desk, signalId, hash } = await asked();
    await desk.price(price);
    await desk.trades.approve('alice', signalId, hash);
    await desk.clock.idle();
    expect(await declined(desk)).toEqual([code]);
    expect(entries(desk)).toEqual([]);
  });

  it('behavior: void without a fresh price, and when the signal is too old', async () => {
    const stale = await asked();
    await stale.desk.clock.advanceBy(61_000);
    await stale.desk.trades.approve('alice', stale.signalId, stale.hash);
    await stale.desk.clock.idle();
    expect(await declined(stale.desk)).toEqual(['market-data.stale']);
    const old = await asked();
    await old.desk.pass(901_000);
    await old.desk.trades.approve('alice', old.signalId, old.hash);
    await old.desk.clock.idle();
    expect(await declined(old.desk)).toEqual(['recommendation.expired']);
  });

  it('behavior: monitor shows and sends nothing', async () => {
    const desk = await run({ user: { autonomy: 'monitor' } });
    await desk.guide();
    expect(await declined(desk)).toEqual(['approval.declined']);
    expect(desk.gate.asked).toEqual([]);
    expect(releases(desk)).toEqual([undefined]);
  });

  it("behavior: auto-bounded acts inside the user's bounds and asks beyond them, by the user's day", async () => {
    const desk = await run({
      startAtMs: Date.UTC(2026, 0, 5, 22),
      user: {
        autonomy: 'auto-bounded',
        timeZone: 'Europe/Berlin',
        bounds: { maxNotional: toUsd(6000), minConfidence: 0.5, maxTradesPerDay: 1 },
      },
    });
    const outcome = async (id: string): Promise<string> => {
      await desk.guide({ id: `signal:${id}` }, ladder());
      return (await desk.trades.fetchApprovals('alice')).some(({ signal }) => signal.id === `signal:${id}`)
        ? 'asked'
        : 'sent';
    };
    expect([await outcome('1'), await outcome('2')]).toEqual(['sent', 'asked']);
    // Midnight in Berlin is 23:00 UTC.
    await desk.pass(hourMs);
    expect([await outcome('3'), await outcome('4')]).toEqual(['sent', 'asked']);
  });

  it('behavior: a signal that is too old when it comes is not entered', async () => {
    const desk = await run();
    await desk.guide({ expiresAtMs: noonMs - 1 });
    expect(await declined(desk)).toEqual(['recommendation.expired']);
    expect(desk.gate.asked).toEqual([]);
    expect(await settled(desk)).toMatchObject([{ outcome: 'not-entered' }]);
  });
});

describe('an entry over time', () => {
  const twap = (changes: Partial<Guidance> = {}): Guidance =>
    exampleGuidance([marketLeg], { pacing: { kind: 'twap', slices: 4, durationMs: 240_000 }, ...changes });
  const chase = (finish: 'cancel' | 'take'): Guidance =>
    exampleGuidance([marketLeg], {
      pacing: { kind: 'chase', moves: 2, pauseMs: 10_000, maxDistance: toRate('0.001'), finish },
    });
  const sentEntries = (desk: TradingDesk) => entries(desk).map(({ type, size, price }) => `${type} ${size} @ ${price}`);
  const heldSize = async (desk: TradingDesk) => (await desk.positionAtVenue())?.size;

  it('default: a TWAP goes in equal slices over the time, protected from the first on', async () => {
    const desk = await run();
    await desk.guide({}, twap());
    expect(await heldSize(desk)).toBe('0.025');
    expect((await desk.resting())[0]).toBe('stop-loss 0.025 @ 59500');
    await desk.pass(59_000);
    expect(await heldSize(desk)).toBe('0.025');
    await desk.pass(181_000);
    expect(await heldSize(desk)).toBe('0.1');
    expect(sentEntries(desk)).toEqual(Array.from({ length: 4 }, () => 'market 0.025 @ 60060'));
    expect((await desk.resting())[0]).toBe('stop-loss 0.1 @ 59500');
    expect(releases(desk)).toEqual(['750', '500', '250', undefined]);
  });

  it('behavior: what a slice could not fill goes with the next', async () => {
    const desk = await run();
    await desk.guide({}, twap());
    await desk.price(60_100);
    await desk.pass(90_000, 60_100);
    expect(await heldSize(desk)).toBe('0.025');
    await desk.price(60_000);
    await desk.pass(40_000, 60_000);
    expect(await heldSize(desk)).toBe('0.075');
    expect(sentEntries(desk)[2]).toBe('market 0.05 @ 60060');
    await desk.pass(100_000);
    expect(await heldSize(desk)).toBe('0.1');
  });

  it('behavior: nothing more is sent once the stop was hit, or the time is over', async () => {
    const desk = await run();
    await desk.guide({}, twap());
    await desk.price(59_400);
    await desk.pass(240_000);
    expect(entries(desk)).toHaveLength(1);
    expect(await settled(desk)).toMatchObject([{ outcome: 'closed' }]);
    const short = await run();
    await short.guide({}, twap({ expiresAfterMs: 100_000 }));
    await short.pass(240_000);
    expect(await heldSize(short)).toBe('0.05');
    expect(releases(short).at(-1)).toBeUndefined();
  });

  it('behavior: a chase follows the touch, one order at a time, and is filled at it', async () => {
    const desk = await run();
    await desk.price(60_000, 10);
    await desk.guide({}, chase('cancel'));
    expect(sentEntries(desk)).toEqual(['limit 0.1 @ 59995']);
    await desk.clock.advanceTo(desk.clock.nowMs() + 10_000);
    expect(sentEntries(desk)).toHaveLength(1);
    await desk.clock.advanceTo(desk.clock.nowMs() + 9_000);
    await desk.price(60_020, 10);
    await desk.clock.advanceTo(desk.clock.nowMs() + 1_000);
    await desk.price(60_020, 10);
    expect(sentEntries(desk)).toEqual(['limit 0.1 @ 59995', 'limit 0.1 @ 60015']);
    expect((await desk.resting()).filter((order) => order.startsWith('entry'))).toEqual(['entry 0.1 @ 60015']);
    await desk.price(60_000, 10);
    expect(await heldSize(desk)).toBe('0.1');
    expect((await desk.resting())[0]).toBe('stop-loss 0.1 @ 59500');
  });

  it.each([
    ['cancel', undefined, 3],
    ['take', '0.1', 4],
  ] as const)('behavior: a chase ends after its moves: %s', async (finish, size, sent) => {
    const desk = await run();
    await desk.price(60_000, 10);
    await desk.guide({}, chase(finish));
    for (const price of [60_010, 60_020, 60_030, 60_040]) {
      await desk.price(price, 10);
      await desk.clock.advanceTo(desk.clock.nowMs() + 12_000);
      await desk.price(price, 10);
    }
    expect(await heldSize(desk)).toBe(size);
    expect(entries(desk)).toHaveLength(sent);
    if (finish === 'take') expect(sentEntries(desk).at(-1)).toBe('market 0.1 @ 60060');
  });

  it('behavior: a chase goes no further than it may', async () => {
    const desk = await run();
    await desk.price(60_500, 10);
    await desk.guide({}, chase('cancel'));
    expect(sentEntries(desk)).toEqual(['limit 0.1 @ 60060']);
  });
});

describe('a position with exit rules', () => {
  const guided = (exits: NonNullable<Guidance['exits']>): Guidance => exampleGuidance([marketLeg], { exits });
  const stopOf = async (desk: TradingDesk) => (await desk.resting()).find((order) => order.startsWith('stop-loss'));
  const minute = async (desk: TradingDesk, price: number) => {
    await desk.price(price);
    await desk.clock.advanceTo(desk.clock.nowMs() + 6_000);
    await desk.clock.idle();
  };

  it('default: the stop at the venue follows the price and is what ends the position', async () => {
    const desk = await run();
    await desk.guide(
      { takeProfits: [{ price: toPrice(70_000), fraction: toRate(1) }] },
      guided({
        trailing: { distance: toRate('0.005'), fromR: 1 },
      }),
    );
    await minute(desk, 60_400);
    expect(await stopOf(desk)).toBe('stop-loss 0.1 @ 59500');
    await minute(desk, 60_600);
    expect(await stopOf(desk)).toBe('stop-loss 0.1 @ 60297');
    await minute(desk, 61_000);
    await minute(desk, 60_900);
    expect(await stopOf(desk)).toBe('stop-loss 0.1 @ 60695');
    await desk.price(60_690);
    expect((await desk.events('position.closed')).map(({ payload }) => payload.reason)).toEqual(['stop-loss']);
  });

  it('behavior: a stop that has moved is where it was after a restart', async () => {
    const desk = await run();
    await desk.guide({}, guided({ breakEven: { atR: 1, offset: toRate('0.001') } }));
    await minute(desk, 60_600);
    expect(await stopOf(desk)).toBe('stop-loss 0.1 @ 60060');
    await desk.stop({ keepFiles: true });
    const after = await TradingDesk.open({ folder: desk.folder, startAtMs: desk.clock.nowMs(), seed: 'second' });
    desks.push(after);
    await after.price(60_100);
    await after.start();
    await minute(after, 60_100);
    expect(await stopOf(after)).toBe('stop-loss 0.1 @ 60060');
  });

  it('behavior: a position is closed when its time has come, and says so', async () => {
    const desk = await run();
    await desk.guide({}, guided({ maxHoldMs: 1_800_000 }));
    await desk.pass(1_790_000);
    expect(await desk.positionAtVenue()).toBeDefined();
    await desk.pass(20_000);
    expect((await desk.events('position.closed')).map(({ payload }) => payload.reason)).toEqual(['time-exit']);
    expect(await desk.resting()).toEqual([]);
    expect(await settled(desk)).toHaveLength(1);
  });

  it('behavior: the rules of the user hold where the guidance has none', async () => {
    const desk = await run({ user: { exits: { maxHoldMs: 60_000 } } });
    await desk.guide();
    await desk.pass(90_000);
    expect((await desk.events('position.closed')).map(({ payload }) => payload.reason)).toEqual(['time-exit']);
  });

  it('behavior: a position that would pay too much funding is closed', async () => {
    let rate = 0.0001;
    const fundingRate = (instrumentId: typeof place.instrumentId) => ({
      ...{ instrumentId, rate, intervalMs: hourMs, settlesAtMs: 0, predicted: true },
      ...{ exchangeAtMs: 0, receivedAtMs: 0 },
    });
    const desk = await run({ guard: { fundingRate: (id) => fundingRate(id as typeof place.instrumentId) } });
    await desk.guide({}, guided({ maxFundingPerDay: toRate('0.003') }));
    await minute(desk, 60_000);
    expect(await desk.positionAtVenue()).toBeDefined();
    rate = 0.0002;
    await minute(desk, 60_000);
    expect((await desk.events('position.closed')).map(({ payload }) => payload.reason)).toEqual(['funding-exit']);
  });
});

describe('a position that its user edits', () => {
  it('default: stop and targets move at the venue, and stay so over a restart', async () => {
    const desk = await run();
    await desk.guide();
    await desk.guard.edit(place, {
      stopLoss: toPrice(59_800),
      takeProfits: [{ price: toPrice(61_000), fraction: toRate(1) }],
    });
    const wanted = ['stop-loss 0.1 @ 59800', 'take-profit 0.1 @ 61000'];
    expect(await desk.resting()).toEqual(wanted);
    await desk.stop({ keepFiles: true });
    const after = await TradingDesk.open({ folder: desk.folder, startAtMs: desk.clock.nowMs(), seed: 'second' });
    desks.push(after);
    await after.price(60_000);
    await after.start();
    expect(await after.resting()).toEqual(wanted);
    await after.guard.edit(place, { stopLoss: toPrice(59_500) });
    expect((await after.resting())[0]).toBe('stop-loss 0.1 @ 59500');
  });

  it('error: a stop further away than was approved, and a position that is not there', async () => {
    const desk = await run();
    await desk.guide();
    await expect(desk.guard.edit(place, { stopLoss: toPrice(59_000) })).rejects.toMatchObject({
      code: 'stop.beyond-approved',
    });
    expect((await desk.resting())[0]).toBe('stop-loss 0.1 @ 59500');
    const nowhere = { ...place, userId: 'bob' };
    await expect(desk.guard.edit(nowhere, {})).rejects.toMatchObject({ code: 'position.unknown' });
  });
});

describe('a position that is reversed', () => {
  const wanted: ReverseInput = {
    ...{ ...place, direction: 'short', size: toSize('0.05'), stopLoss: toPrice(60_500), leverage: 3 },
    ...{ takeProfits: [], marginMode: 'isolated', traceId: 'trace:reverse' },
  };
  const reversed = async (desk: TradingDesk) => {
    await desk.trades.reverse('request-1', wanted);
    await desk.trades.reverse('request-1', wanted);
    await desk.clock.advanceTo(desk.clock.nowMs() + 15_000);
    await desk.clock.idle();
    return (await desk.engine.get('reverse:alice:request-1'))?.result;
  };

  it('default: closed first, then opened the other way and protected by its own stop, once', async () => {
    const desk = await run();
    await desk.guide();
    expect(await reversed(desk)).toEqual({ outcome: 'reversed' });
    expect(await desk.positionAtVenue()).toMatchObject({ direction: 'short', size: '0.05', leverage: 3 });
    expect(await desk.resting()).toEqual(['stop-loss 0.05 @ 60500']);
    expect((await desk.events('position.closed')).map(({ payload }) => payload.reason)).toEqual(['manual']);
    expect(entries(desk).map(({ side, size }) => `${side} ${size}`)).toEqual(['buy 0.1', 'sell 0.05']);
  });

  it('behavior: what Brix refuses is not opened, and the old position is gone', async () => {
    const desk = await run();
    await desk.guide();
    const rejection = { code: 'daily-loss.limit', message: 'No.' } as const;
    desk.gate.refuse = (intent) => (intent.purpose === 'entry' ? rejection : undefined);
    expect(await reversed(desk)).toEqual({ outcome: 'closed', rejection });
    expect(await desk.positionAtVenue()).toBeUndefined();
    expect(await desk.resting()).toEqual([]);
  });

  it('behavior: nothing is opened while the old position can not be closed', async () => {
    const desk = await run();
    await desk.guide();
    desk.gate.refuse = (intent) =>
      intent.purpose === 'exit' ? { code: 'order.throttled', message: 'No.' } : undefined;
    expect(await reversed(desk)).toMatchObject({ outcome: 'kept', rejection: { code: 'order.throttled' } });
    expect(await desk.positionAtVenue()).toMatchObject({ direction: 'long', size: '0.1' });
    expect(entries(desk)).toHaveLength(1);
  });
});
