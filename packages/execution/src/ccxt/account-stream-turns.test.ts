import { type Order, SimulatedClock, silentLogger, type VenueUpdate } from '@perpdesk/core';
import type { CcxtClient } from '@perpdesk/core/ccxt';
import { describe, expect, it } from 'vitest';
import type { AccountSession } from './account-session.ts';
import { AccountStream } from './account-stream.ts';
import type { NativeFill, NativeOrder } from './native-order.ts';
import type { NativeNews, VenueAdapter } from './venue-adapter.ts';

/** A stream whose session answers when told to; `log`: what was asked and told, in that order. */
async function setUp() {
  const clock = new SimulatedClock();
  const log: string[] = [];
  const pending: (() => void)[] = [];
  let isSlow = false;
  const answered = (): Promise<void> | undefined =>
    isSlow ? new Promise((resolve) => pending.push(resolve)) : undefined;
  const ask = async <Answer>(name: string, answer: Answer): Promise<Answer> => {
    log.push(name);
    await answered();
    return answer;
  };
  const session = {
    client: { venue: 'hyperliquid', watch: () => new Promise(() => {}) } as unknown as CcxtClient,
    funding: { read: async () => {}, onPayment: () => {} },
    see: () => {},
    lacksFills: () => false,
    readFills: () => ask('read fills', undefined),
    fetchOpenOrders: () => ask('open', []),
    fetchPositions: () => ask('positions', []),
    fetchAccount: () => ask('account', { atMs: 0 }),
    takeFill: async ({ id }: NativeFill) => void log.push(`fill ${id}`),
    orderOfNews: ({ clientId, status }: NativeOrder) =>
      ask(`look up ${clientId}`, { clientOrderId: clientId, status } as Order),
  } as unknown as AccountSession;
  const adapter = { venue: 'hyperliquid', watches: [], readNews: (frame: unknown) => frame as NativeNews };
  const stream = new AccountStream({
    ...{ session, clock, logger: silentLogger, onFill: () => {} },
    adapter: adapter as unknown as VenueAdapter,
  });
  stream.listen((update: VenueUpdate) => {
    if (update.kind === 'order') log.push(`order ${update.order.clientOrderId} ${update.order.status}`);
  });
  await stream.settled();
  log.length = 0;
  return {
    ...{ clock, log, stream },
    slow: () => {
      isSlow = true;
    },
    /** Answers all that was asked so far. */
    answer: async () => {
      for (const resolve of pending.splice(0)) resolve();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}
const fill = (id: string): NativeNews => ({ fills: [{ id } as NativeFill] });
const order = (clientId: string, status: Order['status']) => ({ clientId, status }) as NativeOrder;

describe('the turns of an AccountStream', () => {
  it('default: what fills have made of positions is asked once, after the last that has come', async () => {
    const { log, stream } = await setUp();
    for (const id of ['1', '2', '3']) stream.take(fill(id));
    await stream.settled();
    expect(log.filter((entry) => entry === 'positions')).toHaveLength(1);
    expect(log.indexOf('positions')).toBeGreaterThan(log.lastIndexOf('fill 3'));
  });

  it('behavior: a fill that comes while positions are asked for has them asked for again', async () => {
    const { answer, log, slow, stream } = await setUp();
    slow();
    stream.take(fill('1'));
    await answer();
    expect(log).toEqual(['fill 1', 'positions']);
    stream.take(fill('2'));
    for (let times = 0; times < 4; times += 1) await answer();
    expect(log).toEqual(['fill 1', 'positions', 'account', 'fill 2', 'positions', 'account']);
  });

  it('behavior: though more and more comes, positions are asked for within a quarter of a second', async () => {
    const { answer, clock, log, slow, stream } = await setUp();
    slow();
    stream.take(fill('1'));
    stream.take({ orders: [order('a', 'open')] });
    stream.take({ orders: [order('b', 'open')] });
    await answer();
    expect(log).toEqual(['fill 1', 'look up a']);
    await clock.advanceBy(250);
    await answer();
    expect(log).toEqual(['fill 1', 'look up a', 'order a open', 'positions']);
  });

  it('behavior: orders of one message are asked after together, and what was given up is told after the fills that came meanwhile', async () => {
    const { answer, log, slow, stream } = await setUp();
    slow();
    stream.take({ orders: [order('target', 'canceled'), order('stop', 'filled')] });
    stream.take(fill('1'));
    await answer();
    expect(log).toEqual(['look up target', 'look up stop']);
    await answer();
    expect(log.slice(2, 5)).toEqual(['order stop filled', 'fill 1', 'order target canceled']);
  });
});
