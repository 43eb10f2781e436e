import { toPrice, toRate } from '@perpdesk/core';
import { afterEach, describe, expect, it } from 'vitest';
import { hyperliquidDesk, type WeighedRequest, weightByType } from './testing/hyperliquid-desk.ts';

type Desk = Awaited<ReturnType<typeof hyperliquidDesk>>;
const desks: Desk[] = [];
afterEach(async () => {
  for (const desk of desks.splice(0)) await desk.stop();
});

/** A guarded long of 2 SOL at 100.1 with its stop at 95 and two targets, each replaced when the second half had filled. */
async function guarded(latencyMs: number): Promise<Desk> {
  const desk = await hyperliquidDesk({ latencyMs });
  desks.push(desk);
  await desk.pass(5_000);
  await desk.guard.plan({
    ...{ ...desk.place, tradeId: 'trade:1', traceId: 'trace:1', leverage: 5, stopLoss: toPrice(95) },
    takeProfits: [
      { price: toPrice(110), fraction: toRate(0.5) },
      { price: toPrice(120), fraction: toRate(0.5) },
    ],
  });
  await desk.entry('1');
  await desk.pass(10_000);
  await desk.entry('1', { clientOrderId: 'b'.repeat(32) });
  await desk.pass(75_000);
  return desk;
}
const total = (requests: readonly WeighedRequest[]): number => requests.reduce((sum, { weight }) => sum + weight, 0);
/** What has filled, in the order it was told. */
const filled = async ({ eventBus }: Desk): Promise<readonly string[]> =>
  (await eventBus.read({ types: ['order.filled'], limit: 99 })).flatMap(({ event }) =>
    event.type === 'order.filled' ? `${event.payload.order.purpose} ${event.payload.fill.size}` : [],
  );

describe('a stop that fires at Hyperliquid, 50 ms away', () => {
  it('default: costs four orders looked up and one look at what stands, in its minute a sixth of what the venue takes at most', async () => {
    const desk = await guarded(50);
    const count = desk.requests.length;
    desk.quote(94.5, 94.6, 0.25, 20);
    await desk.pass(10_000);
    expect(desk.portfolio.position(desk.place)).toBeUndefined();
    const fired = desk.requests.slice(count);
    expect(weightByType(fired)).toEqual({ orderStatus: 8, clearinghouseState: 4 });
    await desk.pass(50_000);
    expect(total(desk.requests.slice(count))).toBeLessThanOrEqual(136);
    expect(desk.portfolio.openOrders('alice')).toEqual([]);
  });

  it('behavior: fills that are not told are read at once where the order’s end is', async () => {
    const desk = await guarded(50);
    desk.unheard.add('userFills');
    desk.quote(94.5, 94.6);
    // Told with the exchange’s next tick, then 20 ms for the fills to come, and 100 ms for the question.
    await desk.pass(300);
    expect((await filled(desk)).at(-1)).toBe('stop-loss 2');
    await desk.pass(700);
    expect(desk.portfolio.position(desk.place)).toBeUndefined();
    expect(desk.portfolio.openOrders('alice')).toEqual([]);
  });

  it('behavior: where nothing is told the next comparison finds it, within a minute', async () => {
    const desk = await guarded(50);
    desk.unheard.add('userFills').add('orderUpdates');
    desk.quote(94.5, 94.6);
    await desk.pass(62_000);
    expect(desk.portfolio.position(desk.place)).toBeUndefined();
    expect(await filled(desk)).toEqual(['entry 1', 'entry 1', 'stop-loss 2']);
    expect(desk.portfolio.openOrders('alice')).toEqual([]);
  });

  it('behavior: after a cut it is found when the socket is back', async () => {
    const desk = await guarded(50);
    desk.exchange.dropSockets();
    desk.quote(94.5, 94.6);
    await desk.pass(3_000);
    expect(desk.portfolio.position(desk.place)).toBeUndefined();
    expect(await filled(desk)).toEqual(['entry 1', 'entry 1', 'stop-loss 2']);
  });
});
