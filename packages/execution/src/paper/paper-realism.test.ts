import { type OrderIntent, toPrice, toRate, toSize, toUsd } from '@perpdesk/core';
import { openDatabase } from '@perpdesk/core/database';
import { afterEach, describe, expect, it } from 'vitest';
import { examplePaperIntent, exampleRules } from './example-paper.ts';
import { PaperDesk } from './paper-desk.ts';
import { latencyOf } from './paper-latency.ts';
import type { PaperVenueOptions } from './paper-venue-options.ts';

const dayMs = 86_400_000;
const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function setUp(options: Partial<PaperVenueOptions> = {}) {
  const database = await openDatabase({ url: 'sqlite::memory:' });
  const desk = new PaperDesk(options);
  const venue = await desk.open(database);
  open.push(
    () => database.close(),
    () => venue.stop(),
  );
  await desk.quote({ bid: 100, ask: 101, depth: 8 });
  const intent = (changes: Partial<OrderIntent>) => examplePaperIntent({ size: toSize('2'), ...changes });
  return {
    desk,
    venue,
    database,
    place: async (changes: Partial<OrderIntent> = {}) => {
      const given = intent(changes);
      await venue.place(desk.authority.mint(given, 'decision-1'));
      return given.clientOrderId;
    },
    fills: async (at = venue) =>
      (await at.fetchFills('alice', 0)).map(
        ({ side, size, price, liquidity, fee }) => `${liquidity} ${side} ${size} @ ${price} − ${fee}`,
      ),
  };
}
const limit = { type: 'limit', timeInForce: 'gtc', price: toPrice('100') } as const;

describe('PaperVenue: what it assumes of the market', () => {
  it('default: a limit at the touch waits for its turn in the queue, then fills as maker by what trades bring', async () => {
    const { desk, venue, place, fills } = await setUp();
    const id = await place(limit);
    expect(await venue.fetchSizeAhead('alice', id)).toBe('8');
    await desk.clock.advanceBy(10);
    desk.trade('sell', 100, 7);
    await desk.clock.idle();
    expect(await fills()).toEqual([]);
    expect(await venue.fetchSizeAhead('alice', id)).toBe('1');
    desk.trade('sell', 100, 1.5);
    desk.trade('sell', 100, 0.25);
    await desk.clock.idle();
    expect(await fills()).toEqual(['maker buy 0.5 @ 100 − 0.005', 'maker buy 0.25 @ 100 − 0.0025']);
    await desk.clock.advanceBy(10);
    desk.trade('sell', 99.9, 40);
    await desk.clock.idle();
    expect((await fills()).at(-1)).toBe('maker buy 1.25 @ 100 − 0.0125');
  });

  it('behavior: after a restart an order queues behind everything again', async () => {
    const { desk, venue, database, place } = await setUp();
    const id = await place(limit);
    await desk.clock.advanceBy(10);
    desk.trade('sell', 100, 7);
    await desk.clock.idle();
    await venue.stop();
    const again = await desk.open(database);
    await desk.quote({ bid: 100, ask: 101, depth: 6 });
    expect(await again.fetchSizeAhead('alice', id)).toBe('6');
    await again.stop();
  });

  it('behavior: until a cancellation arrives the order may fill; it arrives over a restart too', async () => {
    const { desk, venue, database, place, fills } = await setUp({ cancelLatencyMs: 200 });
    const [filled, cancelled] = [await place(limit), await place({ ...limit, price: toPrice('90') })];
    expect(await venue.cancel('alice', filled)).toEqual({ outcome: 'accepted' });
    expect(await venue.cancel('alice', cancelled)).toEqual({ outcome: 'accepted' });
    await desk.clock.advanceBy(199);
    desk.trade('sell', 99, 2);
    await desk.clock.idle();
    expect(await fills()).toEqual(['maker buy 2 @ 100 − 0.02']);
    expect((await venue.fetchOpenOrders('alice')).map(({ clientOrderId }) => clientOrderId)).toEqual([cancelled]);
    await venue.stop();
    const again = await desk.open(database);
    await desk.clock.advanceBy(1);
    expect(await again.fetchOrder('alice', cancelled)).toMatchObject({ status: 'canceled', filledSize: '0' });
    await again.stop();
  });

  it('behavior: jitter derives from seed and order id, within its bound', () => {
    const rules = exampleRules({ latencyMs: 100, cancelLatencyMs: 50, latencyJitterMs: 40 });
    const delays = Array.from({ length: 200 }, (_, i) => latencyOf(rules, 'place', String(i)));
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(100);
    expect(Math.max(...delays)).toBeLessThanOrEqual(140);
    expect(new Set(delays).size).toBeGreaterThan(30);
    expect(latencyOf(rules, 'place', '7')).toBe(delays[7]);
    const reseeded = { ...rules, latencySeed: 'another' };
    expect(delays.some((delay, i) => delay !== latencyOf(reseeded, 'place', String(i)))).toBe(true);
    expect(delays.some((delay, i) => delay - 50 !== latencyOf(rules, 'cancel', String(i)))).toBe(true);
    expect(latencyOf(exampleRules({ latencyMs: 7 }), 'place', 'x')).toBe(7);
    expect(latencyOf(rules, 'cancel', '7')).toBeGreaterThanOrEqual(50);
    expect(latencyOf(rules, 'cancel', '7')).toBeLessThanOrEqual(90);
  });

  it('behavior: fees fall from the day after the volume was traded, also for a venue that was restarted', async () => {
    const feeTiers = [
      { volumeFrom: toUsd('0'), maker: toRate('0.0002'), taker: toRate('0.001') },
      { volumeFrom: toUsd('200'), maker: toRate('0.0001'), taker: toRate('0.0005') },
    ];
    const { desk, venue, database, place, fills } = await setUp({ feeTiers });
    await place();
    await place({ side: 'sell', reduceOnly: true });
    await desk.clock.advanceBy(dayMs);
    await desk.quote({ bid: 100, ask: 101, depth: 8 });
    await place();
    expect(await fills()).toEqual([
      'taker buy 2 @ 101 − 0.202',
      'taker sell 2 @ 100 − 0.2',
      'taker buy 2 @ 101 − 0.101',
    ]);
    await venue.stop();
    const again = await desk.open(database);
    await again.place(
      desk.authority.mint(examplePaperIntent({ side: 'sell', size: toSize('2'), reduceOnly: true }), 'decision-1'),
    );
    expect((await fills(again)).at(-1)).toBe('taker sell 2 @ 100 − 0.1');
    await again.stop();
  });
});
