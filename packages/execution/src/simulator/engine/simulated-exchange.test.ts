import { toPrice, toSize } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { exampleEngineOrder, exampleExchange } from './example-exchange.ts';

const price = toPrice;
const size = toSize;

describe('SimulatedExchange: orders', () => {
  it('default: takes by price, rests the remainder, fees by side', () => {
    const { exchange, place } = exampleExchange();
    const answer = place({ size: size('1.5'), limitPrice: price(50_010) });
    expect(answer).toEqual({ kind: 'resting', orderId: 1 });
    const [fill] = exchange.fills('alice', 0);
    expect(fill).toMatchObject({ price: '50010', size: '1', fee: '22.5045', crossed: true, startPosition: '0' });
    expect(exchange.book('BTC').bids[0]).toEqual({ price: '50010', size: '0.5', count: 1 });
    expect(exchange.openOrders('alice')[0]).toMatchObject({
      remainingSize: '0.5',
      originalSize: '1.5',
      status: 'open',
    });
    exchange.marketTrade('BTC', 'sell', price(50_010), size('0.2'));
    expect(exchange.fills('alice', 0)[1]).toMatchObject({ price: '50010', size: '0.2', fee: '1.5003', crossed: false });
    expect(exchange.account('alice').positions[0]).toMatchObject({ size: '1.2', entryPrice: '50010' });
  });

  it('behavior: price comes before time, time before size, over accounts and other participants', () => {
    const { exchange, place, book } = exampleExchange();
    place({ limitPrice: price(49_990), size: size('0.1') }, 'alice');
    book([[49_990, 1.5]], [[50_010, 1]]);
    place({ limitPrice: price(49_990), size: size('0.1') }, 'bob');
    place({ limitPrice: price(49_995), size: size('0.1') }, 'carol');
    exchange.marketTrade('BTC', 'sell', price(49_990), size('0.1'));
    expect(exchange.fills('carol', 0)).toMatchObject([{ price: '49995', size: '0.1' }]);
    exchange.marketTrade('BTC', 'sell', price(49_990), size('1'));
    expect(exchange.fills('alice', 0)).toEqual([]);
    exchange.marketTrade('BTC', 'sell', price(49_990), size('0.35'));
    expect(exchange.fills('alice', 0)).toMatchObject([{ price: '49990', size: '0.1' }]);
    expect(exchange.fills('bob', 0)).toEqual([]);
    exchange.marketTrade('BTC', 'sell', price(49_990), size('0.3'));
    expect(exchange.fills('bob', 0)).toMatchObject([{ price: '49990', size: '0.05' }]);
  });

  it('behavior: a new book keeps the place in the queue; what shrinks leaves from behind first', () => {
    const { exchange, place, book } = exampleExchange();
    place({ limitPrice: price(49_990), size: size('0.1') });
    book([[49_990, 3]], [[50_010, 1]]);
    book([[49_990, 0.4]], [[50_010, 1]]);
    exchange.marketTrade('BTC', 'sell', price(49_990), size('0.4'));
    expect(exchange.fills('alice', 0)).toEqual([]);
    exchange.marketTrade('BTC', 'sell', price(49_990), size('0.04'));
    expect(exchange.fills('alice', 0)).toMatchObject([{ size: '0.04' }]);
  });

  it('behavior: a book that comes through a resting order fills it at its own price', () => {
    const { exchange, place, book } = exampleExchange();
    place({ limitPrice: price(49_995), size: size('0.3') });
    book([[49_900, 1]], [[49_950, 0.2]]);
    expect(exchange.fills('alice', 0)).toMatchObject([{ price: '49995', size: '0.2', crossed: false }]);
    expect(exchange.book('BTC')).toMatchObject({
      bids: [{ price: '49995', size: '0.1' }, { price: '49900' }],
      asks: [],
    });
  });

  it("error: the venue's words for post-only, immediate, reduce-only, tick, lot, minimum, distance, margin", () => {
    const { exchange, place } = exampleExchange();
    const message = (order: Parameters<typeof place>[0]) => {
      const answer = place(order);
      return answer.kind === 'error' ? answer.message : answer.kind;
    };
    expect(message({ timeInForce: 'post-only', limitPrice: price(50_010) })).toBe(
      'Post only order would have immediately matched, bbo was 49990@50010.',
    );
    expect(message({ timeInForce: 'ioc' })).toBe('Order could not immediately match against any resting orders.');
    expect(message({ reduceOnly: true })).toBe('Reduce only order would increase position.');
    expect(message({ limitPrice: price('49000.5') })).toBe('Price must be divisible by tick size.');
    expect(message({ limitPrice: price('123456') })).toBe(
      'Order price cannot be more than 80% away from the reference price',
    );
    expect(message({ size: size('0.000001') })).toBe('Order has invalid size.');
    expect(message({ size: size('0') })).toBe('Order has zero size.');
    expect(message({ size: size('0.0002') })).toBe('Order must have minimum value of $10.');
    expect(message({ size: size('5') })).toBe('Insufficient margin to place order.');
    expect(message({ coin: 'NOPE' })).toBe('Invalid asset.');
    expect(place({}, 'nobody')).toEqual({ kind: 'error', message: 'User or API Wallet nobody does not exist.' });
    expect(exchange.openOrders('alice')).toEqual([]);
    expect(exchange.historicalOrders('alice').map(({ status }) => status)).toEqual([
      'perpMarginRejected',
      'minTradeNtlRejected',
      'oracleRejected',
      'tickRejected',
      'reduceOnlyRejected',
      'iocCancelRejected',
      'badAloPxRejected',
    ]);
  });

  it('behavior: an immediate order takes what there is and cancels the rest', () => {
    const { exchange, place } = exampleExchange();
    const answer = place({ size: size('1.5'), limitPrice: price(50_010), timeInForce: 'ioc' });
    expect(answer).toEqual({ kind: 'filled', orderId: 1, totalSize: '1', averagePrice: '50010' });
    expect(exchange.order('alice', { orderId: 1 })).toMatchObject({ status: 'canceled', remainingSize: '0.5' });
  });

  it("behavior: an account's own resting order is cancelled in place of a trade with itself", () => {
    const { exchange, place } = exampleExchange();
    place({ limitPrice: price(50_005), size: size('0.2') });
    const answer = place({ side: 'sell', limitPrice: price(49_990), size: size('0.2'), timeInForce: 'ioc' });
    expect(answer).toMatchObject({ kind: 'filled', totalSize: '0.2', averagePrice: '49990' });
    expect(exchange.order('alice', { orderId: 1 })?.status).toBe('selfTradeCanceled');
  });

  it('behavior: what rests to reduce shrinks with the position and ends with it', () => {
    const { exchange, place } = exampleExchange();
    place({ size: size('1'), limitPrice: price(50_010), timeInForce: 'ioc' });
    place({ side: 'sell', size: size('1'), limitPrice: price(51_000), reduceOnly: true });
    place({ side: 'sell', size: size('0.6'), limitPrice: price(49_980), timeInForce: 'ioc' });
    expect(exchange.order('alice', { orderId: 2 })).toMatchObject({ remainingSize: '0.4', status: 'open' });
    place({ side: 'sell', size: size('9'), limitPrice: price(49_000), timeInForce: 'ioc', reduceOnly: true });
    expect(exchange.account('alice').positions).toEqual([]);
    expect(exchange.order('alice', { orderId: 2 })?.status).toBe('reduceOnlyCanceled');
  });

  it('behavior: a fill that turns the position closes, then opens, in one', () => {
    const { exchange, place } = exampleExchange();
    place({ size: size('0.5'), limitPrice: price(50_010), timeInForce: 'ioc' });
    place({ side: 'sell', size: size('0.8'), limitPrice: price(49_990), timeInForce: 'ioc' });
    expect(exchange.fills('alice', 0)[1]).toMatchObject({ startPosition: '0.5', closedPnl: '-10', size: '0.8' });
    expect(exchange.account('alice').positions[0]).toMatchObject({ size: '-0.3', entryPrice: '49990' });
  });

  it('behavior: a modified order has a new number, the back of the queue and its client id; a refused one stands', () => {
    const { exchange, place } = exampleExchange();
    const clientOrderId = `0x${'a'.repeat(32)}`;
    place({ clientOrderId });
    const order = exampleEngineOrder({ limitPrice: price(49_100) });
    expect(exchange.modify('alice', { clientOrderId }, order)).toEqual({ kind: 'resting', orderId: 2, clientOrderId });
    expect(exchange.order('alice', { orderId: 1 })?.status).toBe('canceled');
    expect(exchange.order('alice', { clientOrderId })?.orderId).toBe(2);
    const bad = exampleEngineOrder({ limitPrice: price(50_010), timeInForce: 'post-only' });
    expect(exchange.modify('alice', { orderId: 2 }, bad).kind).toBe('error');
    expect(exchange.openOrders('alice').map(({ orderId }) => orderId)).toEqual([2]);
    expect(exchange.modify('alice', { orderId: 1 }, order)).toEqual({
      kind: 'error',
      message: 'Cannot modify canceled or filled order',
    });
    expect(exchange.cancel('alice', 'BTC', { clientOrderId })).toBeUndefined();
    expect(exchange.cancel('alice', 'BTC', { clientOrderId })).toBe(
      'Order was never placed, already canceled, or filled.',
    );
  });

  it.each([
    ['unique-forever', ['error', 'error']],
    ['unique-among-open', ['error', 'resting']],
    ['not-enforced', ['resting', 'resting']],
    ['same-after-modify', ['error', 'resting']],
  ] as const)('behavior: client ids %s: while open, after the end', (clientIds, expected) => {
    const { exchange, place } = exampleExchange({ clientIds });
    const clientOrderId = `0x${'b'.repeat(32)}`;
    place({ clientOrderId });
    const kinds = [place({ clientOrderId }).kind];
    exchange.cancel('alice', 'BTC', { orderId: 1 });
    kinds.push(place({ clientOrderId }).kind);
    expect(kinds).toEqual(expected);
    const own = `0x${'c'.repeat(32)}`;
    place({ clientOrderId: `0x${'d'.repeat(32)}` });
    const modified = exchange.modify(
      'alice',
      { clientOrderId: `0x${'d'.repeat(32)}` },
      exampleEngineOrder({ clientOrderId: own }),
    );
    const carried = clientIds === 'same-after-modify' ? `0x${'d'.repeat(32)}` : own;
    expect(modified).toMatchObject({ kind: 'resting', clientOrderId: carried });
  });

  it('behavior: events come in order after the act, and a listener may act in turn', () => {
    const { exchange, place, events } = exampleExchange();
    exchange.on((event) => {
      if (event.kind === 'fill' && event.fill.orderId === 1) place({ limitPrice: price(48_000) });
    });
    place({ limitPrice: price(50_010), timeInForce: 'ioc' });
    expect(events.map((event) => event.kind)).toEqual(['fill', 'trade', 'order', 'book', 'order', 'book']);
    expect(exchange.openOrders('alice')).toHaveLength(1);
  });

  it('behavior: fees fall with the volume of the 14 days before', async () => {
    const { exchange, place, clock, book } = exampleExchange({
      feeTiers: [
        { volumeFrom: '0', maker: '0.0002', taker: '0.0005' },
        { volumeFrom: '50000', maker: '0.0001', taker: '0.0004' },
      ] as never,
    });
    place({ size: size('1'), limitPrice: price(50_010), timeInForce: 'ioc' });
    expect(exchange.feeRates('alice')).toEqual({ maker: '0.0002', taker: '0.0005' });
    await clock.advanceBy(86_400_000);
    book([[49_990, 1]], [[50_010, 1]]);
    place({ side: 'sell', size: size('1'), limitPrice: price(49_990), timeInForce: 'ioc' });
    expect(exchange.fills('alice', 0).map(({ fee }) => fee)).toEqual(['25.005', '19.996']);
  });
});
