import { toPrice, toSize } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { exampleEngineOrder, exampleExchange } from './example-exchange.ts';
import type { EngineOrder } from './exchange-engine.ts';

const price = toPrice;
const size = toSize;

const exit = (kind: 'stop-loss' | 'take-profit', at: number, order: Partial<EngineOrder> = {}): EngineOrder =>
  exampleEngineOrder({
    side: 'sell',
    reduceOnly: true,
    limitPrice: price(kind === 'stop-loss' ? at * 0.9 : at * 0.95),
    trigger: { price: price(at), market: true, kind },
    ...order,
  });

const setup = () => {
  const given = exampleExchange();
  const status = (orderId: number) => given.exchange.order('alice', { orderId })?.status;
  const bracket = (entry: Partial<EngineOrder>) =>
    given.exchange.place(
      'alice',
      [exampleEngineOrder(entry), exit('stop-loss', 49_000), exit('take-profit', 52_000)],
      'normalTpsl',
    );
  return { ...given, status, bracket };
};

describe('SimulatedExchange: stops and take profits', () => {
  it('default: children wait for the fill of their parent, then for the mark, and cancel each other', () => {
    const { exchange, bracket, mark, status } = setup();
    expect(bracket({ limitPrice: price(49_990) })).toEqual([
      { kind: 'resting', orderId: 1 },
      { kind: 'waiting', for: 'fill', orderId: 2 },
      { kind: 'waiting', for: 'fill', orderId: 3 },
    ]);
    expect(exchange.openOrders('alice').map(({ orderId, children }) => [orderId, children])).toEqual([[1, [2, 3]]]);
    exchange.marketTrade('BTC', 'sell', price(49_990), size('1.05'));
    expect(exchange.order('alice', { orderId: 2 })?.waitsFor).toBe('fill');
    exchange.marketTrade('BTC', 'sell', price(49_990), size('0.05'));
    expect(exchange.order('alice', { orderId: 2 })).toMatchObject({ waitsFor: 'trigger', status: 'open', parent: 1 });
    mark(49_000);
    expect([status(1), status(2), status(3)]).toEqual(['filled', 'filled', 'siblingFilledCanceled']);
    expect(exchange.fills('alice', 0).at(-1)).toMatchObject({ orderId: 2, price: '49980', size: '0.1', crossed: true });
    expect(exchange.account('alice').positions).toEqual([]);
  });

  it('behavior: a parent that is filled at once has children waiting for the mark; one at its trigger fires at once', () => {
    const { exchange, bracket, mark, status } = setup();
    expect(bracket({ limitPrice: price(50_010), timeInForce: 'ioc' }).map((answer) => answer.kind)).toEqual([
      'filled',
      'waiting',
      'waiting',
    ]);
    expect(exchange.openOrders('alice').map(({ waitsFor }) => waitsFor)).toEqual(['trigger', 'trigger']);
    exchange.cancel('alice', 'BTC', { orderId: 2 });
    expect(status(3)).toBe('open');
    const second = setup();
    second.bracket({ limitPrice: price(49_990) });
    second.mark(48_900);
    second.exchange.marketTrade('BTC', 'sell', price(49_990), size('1.1'));
    expect([second.status(2), second.status(3)]).toEqual(['filled', 'siblingFilledCanceled']);
    mark(48_900);
    expect(status(3)).toBe('open');
  });

  it('behavior: cancelling the parent cancels its children; an immediate parent leaves them for what it got', () => {
    const { exchange, bracket, status } = setup();
    bracket({});
    exchange.cancel('alice', 'BTC', { orderId: 1 });
    expect([status(2), status(3)]).toEqual(['canceled', 'canceled']);
    exchange.place(
      'alice',
      [
        exampleEngineOrder({ size: size('1.5'), limitPrice: price(50_010), timeInForce: 'ioc' }),
        exit('stop-loss', 49_000, { size: size('1.5') }),
      ],
      'normalTpsl',
    );
    expect(exchange.order('alice', { orderId: 5 })).toMatchObject({ remainingSize: '1', waitsFor: 'trigger' });
  });

  it('error: a refused parent refuses its children; a group needs triggers that reduce', () => {
    const { exchange, bracket } = setup();
    const message = 'Order could not immediately match against any resting orders.';
    expect(bracket({ timeInForce: 'ioc' }).map((answer) => answer.kind === 'error' && answer.message)).toEqual([
      message,
      message,
      message,
    ]);
    expect(exchange.openOrders('alice')).toEqual([]);
    expect(exchange.place('alice', [exampleEngineOrder(), exampleEngineOrder()], 'normalTpsl')).toMatchObject([
      { kind: 'error' },
      { kind: 'error' },
    ]);
    expect(exchange.place('alice', [exit('stop-loss', 51_000)], 'na')).toEqual([
      { kind: 'error', message: 'Invalid TP/SL price.' },
    ]);
  });

  it('behavior: one bound to the position closes whatever is there then, and ends with the position', () => {
    const { exchange, place, mark, status } = setup();
    place({ size: size('0.1'), limitPrice: price(50_010), timeInForce: 'ioc' });
    exchange.place('alice', [exit('stop-loss', 49_000, { size: size('0') })], 'positionTpsl');
    place({ size: size('0.3'), limitPrice: price(50_010), timeInForce: 'ioc' });
    expect(exchange.order('alice', { orderId: 2 })).toMatchObject({ remainingSize: '0.4', isPositionTpsl: true });
    mark(49_000);
    expect(exchange.fills('alice', 0).at(-1)).toMatchObject({ size: '0.4', startPosition: '0.4' });
    expect(status(2)).toBe('filled');
    place({ size: size('0.1'), limitPrice: price(50_010), timeInForce: 'ioc' });
    exchange.place('alice', [exit('stop-loss', 48_000, { size: size('0') })], 'positionTpsl');
    place({ side: 'sell', size: size('0.1'), limitPrice: price(49_980), timeInForce: 'ioc' });
    expect(exchange.openOrders('alice')).toEqual([]);
    expect(exchange.historicalOrders('alice').find(({ isPositionTpsl }) => isPositionTpsl)?.status).toBe(
      'reduceOnlyCanceled',
    );
  });

  it('behavior: a limit child rests at its limit when the price has gone past; a market one gives up', () => {
    const { exchange, place, mark, book } = setup();
    place({ limitPrice: price(50_010), timeInForce: 'ioc' });
    const stop = { price: price(49_000), kind: 'stop-loss' } as const;
    const terms = { side: 'sell', reduceOnly: true, limitPrice: price(48_900) } as const;
    place({ ...terms, trigger: { ...stop, market: false } });
    place({ ...terms, trigger: { ...stop, market: true } });
    book([[48_000, 5]], [[48_950, 1]]);
    mark(48_500);
    expect(exchange.order('alice', { orderId: 2 })).toMatchObject({ status: 'triggered', remainingSize: '0.1' });
    expect(exchange.book('BTC').asks[0]).toMatchObject({ price: '48900', size: '0.1' });
    expect(exchange.order('alice', { orderId: 3 })?.status).toBe('iocCancelRejected');
  });

  it('behavior: a stop may be placed before its position, and then lives with it', () => {
    const { exchange, place, status } = setup();
    exchange.place('alice', [exit('stop-loss', 49_000)], 'na');
    expect(status(1)).toBe('open');
    place({ limitPrice: price(50_010), timeInForce: 'ioc' });
    place({ side: 'sell', limitPrice: price(49_990), timeInForce: 'ioc' });
    expect(status(1)).toBe('reduceOnlyCanceled');
  });

  it('behavior: a scheduled cancellation takes everything, stops too; ≥ 5 s ahead, ten times a day', async () => {
    const { exchange, place, clock, status } = setup();
    place({ limitPrice: price(50_010), timeInForce: 'ioc' });
    exchange.place('alice', [exit('stop-loss', 49_000)], 'na');
    expect(exchange.scheduleCancel('alice', clock.nowMs() + 4_999)).toBe(
      'Scheduled cancel time too early, must be at least 5 seconds from now.',
    );
    expect(exchange.scheduleCancel('alice', clock.nowMs() + 5_000)).toBeUndefined();
    await clock.advanceBy(4_999);
    exchange.advance(clock.nowMs());
    expect(status(2)).toBe('open');
    await clock.advanceBy(1);
    exchange.advance(clock.nowMs());
    expect(status(2)).toBe('scheduledCancel');
    for (let i = 0; i < 9; i += 1) {
      exchange.scheduleCancel('alice', clock.nowMs() + 5_000);
      await clock.advanceBy(5_000);
    }
    expect(exchange.scheduleCancel('alice', clock.nowMs() + 5_000)).toMatch(/10 times today/);
    expect(exchange.scheduleCancel('alice', undefined)).toBeUndefined();
    await clock.advanceBy(86_400_000);
    expect(exchange.scheduleCancel('alice', clock.nowMs() + 5_000)).toBeUndefined();
  });
});
