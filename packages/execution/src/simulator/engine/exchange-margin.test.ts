import { Decimal, toPrice, toSize, toUsd } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { exampleEngineOrder, exampleExchange } from './example-exchange.ts';
import { listAsset, maintenanceMarginOf, toInstrument } from './listed-asset.ts';
import { hyperliquidAssets } from './simulated-assets.ts';

const price = toPrice;
const size = toSize;
const btc = hyperliquidAssets.find(({ coin }) => coin === 'BTC');
if (btc === undefined) throw new TypeError('BTC is listed.');

describe('SimulatedExchange: margin', () => {
  it('default: cross figures of an account, by mark', () => {
    const { exchange, place, mark } = exampleExchange();
    exchange.setLeverage('alice', 'BTC', 10, 'cross');
    place({ size: size('1'), limitPrice: price(50_010), timeInForce: 'ioc' });
    mark(51_000);
    expect(exchange.account('alice')).toMatchObject({
      accountValue: '10967.4955',
      totalMarginUsed: '5100',
      totalNotional: '51000',
      withdrawable: '5867.4955',
      crossMaintenanceMarginUsed: '637.5',
    });
    const [position] = exchange.account('alice').positions;
    // (entry·size − margin) / (size·(1 − 1/80)), margin = 10,000 − 22.5045.
    expect(Number(position?.liquidationPrice)).toBeCloseTo((50_010 - 9_977.4955) / (1 - 0.0125), 6);
  });

  it('behavior: maintenance is half the initial margin at the tier, continuous over tiers', () => {
    const listed = listAsset(btc);
    const at = (notional: number) => maintenanceMarginOf(listed, new Decimal(notional)).toNumber();
    expect(at(100_000_000)).toBe(1_250_000);
    expect(at(150_000_000)).toBe(1_875_000);
    expect(at(150_000_001) - at(150_000_000)).toBeCloseTo(0.025, 9);
    expect(at(200_000_000)).toBe(3_125_000);
    expect(toInstrument(btc)).toMatchObject({
      id: 'BTC-PERP@hyperliquid',
      lotSize: '0.00001',
      priceRule: { kind: 'significant-figures', figures: 5, maxDecimals: 1 },
      minNotional: '10',
      marginTiers: [
        { maintenanceMarginRate: '0.0125', maintenanceDeduction: '0' },
        { notionalFrom: '150000000', maintenanceMarginRate: '0.025', maintenanceDeduction: '1875000' },
      ],
      takerFeeRate: '0.00045',
    });
  });

  it('behavior: resting orders hold margin back, the larger side only', () => {
    const { exchange, place } = exampleExchange();
    exchange.setLeverage('alice', 'BTC', 5, 'cross');
    expect(place({ size: size('1'), limitPrice: price(49_000) }).kind).toBe('resting');
    expect(exchange.account('alice').withdrawable).toBe('200');
    expect(place({ side: 'sell', size: size('0.9'), limitPrice: price(51_000) }).kind).toBe('resting');
    expect(place({ size: size('0.1') })).toEqual({ kind: 'error', message: 'Insufficient margin to place order.' });
    exchange.cancel('alice', 'BTC', { orderId: 1 });
    expect(place({ size: size('0.1') }).kind).toBe('resting');
  });

  it('behavior: a modified order holds back its own margin only, a refused change leaves it as it was', () => {
    const { exchange, place } = exampleExchange();
    exchange.setLeverage('alice', 'BTC', 5, 'cross');
    place({ size: size('1'), limitPrice: price(49_000) });
    const change = (limitPrice: number, lots = '1') =>
      exchange.modify(
        'alice',
        { orderId: exchange.openOrders('alice')[0]?.orderId ?? 0 },
        exampleEngineOrder({ size: size(lots), limitPrice: price(limitPrice) }),
      );
    expect(change(49_500, '1.1').kind).toBe('error');
    expect(exchange.account('alice').withdrawable).toBe('200');
    expect(change(48_000).kind).toBe('resting');
    expect(exchange.account('alice').withdrawable).toBe('400');
    expect(place({ size: size('0.1') }).kind).toBe('error');
  });

  it('behavior: what a parent got keeps its children when the account can not afford the rest', () => {
    const { exchange, place, mark } = exampleExchange();
    exchange.setLeverage('alice', 'BTC', 10, 'cross');
    place({ size: size('1'), limitPrice: price(50_010), timeInForce: 'ioc' });
    const stop = { price: price(45_000), market: true, kind: 'stop-loss' } as const;
    exchange.place(
      'alice',
      [
        exampleEngineOrder({ size: size('0.9'), limitPrice: price(49_990) }),
        exampleEngineOrder({
          size: size('0.9'),
          side: 'sell',
          reduceOnly: true,
          limitPrice: price(44_000),
          trigger: stop,
        }),
      ],
      'normalTpsl',
    );
    exchange.marketTrade('BTC', 'sell', price(49_990), size('1.2'));
    mark(48_000);
    exchange.marketTrade('BTC', 'sell', price(49_990), size('1'));
    expect(exchange.order('alice', { orderId: 2 })).toMatchObject({ status: 'marginCanceled', remainingSize: '0.7' });
    expect(exchange.order('alice', { orderId: 3 })).toMatchObject({ remainingSize: '0.2', waitsFor: 'trigger' });
  });

  it('behavior: an order its account can no longer afford is cancelled when its turn comes', () => {
    const { exchange, place, mark } = exampleExchange();
    exchange.setLeverage('alice', 'BTC', 10, 'cross');
    place({ size: size('1'), limitPrice: price(50_010), timeInForce: 'ioc' });
    place({ size: size('0.9'), limitPrice: price(49_990) });
    mark(49_000);
    exchange.marketTrade('BTC', 'sell', price(49_990), size('2'));
    expect(exchange.order('alice', { orderId: 2 })?.status).toBe('marginCanceled');
  });

  it('behavior: isolated margin is set aside at the fill, moved by hand, given back at the close', () => {
    const { exchange, place } = exampleExchange();
    exchange.setLeverage('alice', 'BTC', 10, 'isolated');
    place({ size: size('1'), limitPrice: price(50_010), timeInForce: 'ioc' });
    expect(exchange.account('alice')).toMatchObject({ withdrawable: '4976.4955' });
    expect(exchange.account('alice').positions[0]).toMatchObject({ marginMode: 'isolated', marginUsed: '4991' });
    expect(exchange.setLeverage('alice', 'BTC', 10, 'cross')).toBe('Cannot switch leverage type with open position.');
    expect(exchange.adjustIsolatedMargin('alice', 'BTC', toUsd(1_000))).toBeUndefined();
    expect(exchange.adjustIsolatedMargin('alice', 'BTC', toUsd(-2_000))).toBeDefined();
    expect(exchange.adjustIsolatedMargin('alice', 'BTC', toUsd(-900))).toBeUndefined();
    expect(exchange.account('alice').positions[0]?.marginUsed).toBe('5091');
    place({ side: 'sell', size: size('1'), limitPrice: price(49_990), timeInForce: 'ioc' });
    // 10,000 − 20 of the spread − 45 bp/100 of both notionals.
    expect(exchange.account('alice')).toMatchObject({ accountValue: '9935', withdrawable: '9935' });
  });

  it('error: leverage above the maximum, of a tier, and lowering without the margin for it', () => {
    const { exchange, place } = exampleExchange();
    expect(exchange.setLeverage('alice', 'BTC', 41, 'cross')).toBe('Invalid leverage value.');
    exchange.setLeverage('alice', 'BTC', 40, 'cross');
    exchange.deposit('alice', toUsd(10_000_000));
    expect(place({ size: size('4000'), limitPrice: price(49_000) })).toEqual({
      kind: 'error',
      message: 'Order would cause position to exceed margin tier limit at current leverage',
    });
    const poor = exampleExchange();
    poor.place({ size: size('1'), limitPrice: price(50_010), timeInForce: 'ioc' });
    expect(poor.exchange.setLeverage('alice', 'BTC', 2, 'cross')).toBe('Insufficient margin to update leverage.');
    expect(poor.exchange.leverage('alice', 'BTC')).toEqual({ leverage: 20, marginMode: 'cross' });
  });

  it('behavior: funding at the full hour on size × oracle; longs pay a positive rate', async () => {
    const { exchange, place, clock, events } = exampleExchange();
    place({ size: size('0.5'), limitPrice: price(50_010), timeInForce: 'ioc' }, 'alice');
    place({ side: 'sell', size: size('0.5'), limitPrice: price(49_990), timeInForce: 'ioc' }, 'bob');
    exchange.setMark('BTC', price(50_000), price(50_100));
    exchange.setFundingRate('BTC', '0.0000125');
    await clock.advanceBy(2 * 3_600_000);
    exchange.advance(clock.nowMs());
    const funding = events.flatMap((event) => (event.kind === 'funding' ? [event] : []));
    expect(funding.map(({ account, usd, atMs }) => [account, usd, new Date(atMs).toISOString().slice(11, 16)])).toEqual(
      [
        ['alice', '-0.313125', '11:00'],
        ['bob', '0.313125', '11:00'],
        ['alice', '-0.313125', '12:00'],
        ['bob', '0.313125', '12:00'],
      ],
    );
    expect(exchange.account('alice').positions[0]?.fundingSinceOpen).toBe('-0.62625');
  });
});

describe('SimulatedExchange: liquidation', () => {
  it('default: a cross account below maintenance is closed in the book and keeps the rest', () => {
    const { exchange, place, mark, book } = exampleExchange();
    exchange.setLeverage('alice', 'BTC', 40, 'cross');
    place({ size: size('1.9'), limitPrice: price(50_020), timeInForce: 'ioc' });
    place({ size: size('0.01'), limitPrice: price(45_000) });
    book([[45_300, 10]], [[45_400, 1]]);
    mark(45_340);
    const [first] = exchange.fills('alice', 0).slice(-1);
    expect(first).toMatchObject({
      side: 'sell',
      size: '1.9',
      price: '45300',
      fee: '0',
      liquidation: { liquidatedUser: 'alice', markPrice: '45340', method: 'market' },
    });
    expect(exchange.historicalOrders('alice').find(({ orderId }) => orderId === 2)?.status).toBe('liquidatedCanceled');
    const { accountValue, positions } = exchange.account('alice');
    expect(positions).toEqual([]);
    expect(Number(accountValue)).toBeGreaterThan(0);
  });

  it('behavior: of a large position a fifth is sold first, the rest after 30 s', async () => {
    const { exchange, place, mark, book, clock } = exampleExchange();
    exchange.setLeverage('alice', 'BTC', 40, 'cross');
    book([[49_990, 5]], [[50_010, 5]]);
    place({ size: size('4'), limitPrice: price(50_020), timeInForce: 'ioc' });
    book([[48_090, 10]], [[48_110, 1]]);
    mark(48_100);
    expect(exchange.fills('alice', 0).at(-1)).toMatchObject({ size: '0.8' });
    expect(exchange.account('alice').positions[0]?.size).toBe('3.2');
    mark(47_990);
    expect(exchange.account('alice').positions[0]?.size).toBe('3.2');
    await clock.advanceBy(30_000);
    mark(47_980);
    expect(exchange.account('alice').positions).toEqual([]);
  });

  it('behavior: an isolated position loses its margin alone', () => {
    const { exchange, place, mark, book } = exampleExchange();
    exchange.setLeverage('alice', 'BTC', 20, 'isolated');
    place({ size: size('1'), limitPrice: price(50_010), timeInForce: 'ioc' });
    const free = exchange.account('alice').withdrawable;
    book([], [[48_000, 1]]);
    mark(47_600);
    const [fill] = exchange.fills('alice', 0).slice(-1);
    expect(fill).toMatchObject({ liquidation: { method: 'backstop' }, price: '47600', size: '1' });
    expect(exchange.account('alice')).toMatchObject({ accountValue: free, positions: [] });
    expect(exchange.totals().backstop.positions[0]).toMatchObject({ coin: 'BTC', size: '1' });
  });

  it('behavior: with nothing left, those who gain on the other side are closed at the mark before', () => {
    const { exchange, place, mark, book } = exampleExchange();
    exchange.setLeverage('alice', 'BTC', 20, 'cross');
    exchange.setLeverage('bob', 'BTC', 20, 'cross');
    exchange.setLeverage('carol', 'BTC', 5, 'cross');
    book([[49_990, 3]], [[50_010, 3]]);
    place({ size: size('3'), limitPrice: price(50_010), timeInForce: 'ioc' });
    place({ side: 'sell', size: size('2'), limitPrice: price(49_990), timeInForce: 'ioc' }, 'bob');
    place({ side: 'sell', size: size('0.9'), limitPrice: price(49_990), timeInForce: 'ioc' }, 'carol');
    book([], []);
    mark(48_500);
    mark(45_000);
    expect(exchange.fills('bob', 0).at(-1)).toMatchObject({
      autoDeleveraged: true,
      price: '48500',
      size: '2',
      fee: '0',
    });
    expect(exchange.fills('carol', 0).at(-1)).toMatchObject({ autoDeleveraged: true, price: '48500', size: '0.9' });
    expect(exchange.account('alice')).toMatchObject({ accountValue: '0', positions: [] });
    expect(exchange.account('bob').positions).toEqual([]);
    expect(exchange.totals().backstop.positions[0]?.size).toBe('0.1');
  });
});
