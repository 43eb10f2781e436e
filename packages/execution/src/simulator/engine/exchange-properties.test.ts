import { Decimal, SeededRandom, SimulatedClock, toPrice, toSize, toUsd } from '@perpdesk/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EngineFill, EngineOrder } from './exchange-engine.ts';
import { backstopName } from './exchange-state.ts';
import { rebuildBalances } from './rebuild-balances.ts';
import { SimulatedExchange } from './simulated-exchange.ts';

const accounts = ['alice', 'bob', 'carol'];
const coins = ['BTC', 'ETH'] as const;
const base = { BTC: 50_000, ETH: 2_000 };
const steps = { BTC: 10, ETH: 1 };

/** A seeded life of an exchange: every kind of call, many of them refused, with prices that wander and jump. */
function live(seed: number, acts: number, check?: (exchange: SimulatedExchange) => void): SimulatedExchange {
  const random = new SeededRandom(seed);
  const clock = new SimulatedClock({ startAtMs: Date.parse('2026-03-02T10:10:00Z') });
  const exchange = new SimulatedExchange({ clock });
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random.next() * values.length)] as T;
  const whole = (low: number, high: number): number => low + Math.floor(random.next() * (high - low + 1));
  const mids = { ...base };
  const priceNear = (coin: 'BTC' | 'ETH', spread: number) =>
    toPrice(Math.max(1, Math.round(mids[coin] / steps[coin]) + whole(-spread, spread)) * steps[coin]);
  const sizeOf = (coin: 'BTC' | 'ETH', most: number) =>
    toSize(new Decimal(whole(1, most)).times(coin === 'BTC' ? '0.01' : '0.1'));
  const order = (coin: 'BTC' | 'ETH', isExit: boolean): EngineOrder => {
    const side = pick(['buy', 'sell'] as const);
    const limitPrice = priceNear(coin, 12);
    const isTrigger = isExit || random.next() < 0.15;
    return {
      coin,
      side,
      size: sizeOf(coin, 60),
      limitPrice,
      timeInForce: pick(['gtc', 'gtc', 'ioc', 'post-only'] as const),
      reduceOnly: isExit || random.next() < 0.2,
      ...(isTrigger
        ? {
            trigger: {
              price: priceNear(coin, 25),
              market: random.next() < 0.6,
              kind: pick(['stop-loss', 'take-profit'] as const),
            },
          }
        : {}),
    };
  };
  const quote = (coin: 'BTC' | 'ETH'): void => {
    const levels = (sign: 1 | -1) =>
      Array.from({ length: whole(0, 4) }, (_, i) => {
        const step = Math.max(1, Math.round(mids[coin] / steps[coin]) + sign * (i + whole(0, 2)));
        return [toPrice(step * steps[coin]), sizeOf(coin, 80)] as const;
      });
    exchange.setBook(coin, levels(-1), levels(1));
  };
  for (const coin of coins) exchange.setMark(coin, toPrice(base[coin]));
  for (const account of accounts) exchange.deposit(account, toUsd(whole(500, 20_000)));
  for (const coin of coins) exchange.setFundingRate(coin, '0.0000417');
  for (let i = 0; i < acts; i += 1) {
    const account = pick(accounts);
    const coin = pick(coins);
    const roll = random.next();
    if (roll < 0.42) exchange.place(account, [order(coin, false)], 'na');
    else if (roll < 0.5) {
      const entry = order(coin, false);
      exchange.place(account, [{ ...entry, reduceOnly: false }, order(coin, true), order(coin, true)], 'normalTpsl');
    } else if (roll < 0.53) exchange.place(account, [order(coin, true)], 'positionTpsl');
    else if (roll < 0.6) exchange.cancel(account, coin, { orderId: whole(1, i + 2) });
    else if (roll < 0.65) exchange.modify(account, { orderId: whole(1, i + 2) }, order(coin, false));
    else if (roll < 0.7) exchange.setLeverage(account, coin, whole(8, 25), pick(['isolated', 'cross'] as const));
    else if (roll < 0.72) exchange.adjustIsolatedMargin(account, coin, toUsd(whole(-200, 400)));
    else if (roll < 0.74) exchange.scheduleCancel(account, clock.nowMs() + whole(0, 60_000));
    else if (roll < 0.86) quote(coin);
    else if (roll < 0.92)
      exchange.marketTrade(coin, pick(['buy', 'sell'] as const), priceNear(coin, 4), sizeOf(coin, 50));
    else if (roll < 0.97) {
      const jump = random.next() < 0.1 ? 0.6 : 0.004;
      mids[coin] = Math.max(steps[coin] * 40, mids[coin] * (1 + (random.next() - 0.5) * jump));
      exchange.setMark(coin, priceNear(coin, 1));
    } else {
      clock.startAt(clock.nowMs() + whole(1, 40) * 60_000);
      exchange.advance(clock.nowMs());
    }
    check?.(exchange);
  }
  return exchange;
}

const runs = { numRuns: 40 };
const seeds = fc.integer({ min: 0, max: 2 ** 31 });

function expectNoCross(exchange: SimulatedExchange): void {
  for (const coin of coins) {
    const { bids, asks } = exchange.book(coin);
    const [bid] = bids;
    const [ask] = asks;
    if (bid !== undefined && ask !== undefined) expect(Number(bid.price)).toBeLessThan(Number(ask.price));
    for (const { size } of [...bids, ...asks]) expect(new Decimal(size).greaterThan(0)).toBe(true);
  }
}

/** Σ accounts + fees + the outside + the backstop − deposits, at the marks. */
function imbalance(exchange: SimulatedExchange): Decimal {
  const { fees, outside, backstop } = exchange.totals();
  let sum = new Decimal(fees).plus(outside.cash).plus(backstop.accountValue);
  for (const [coin, size] of Object.entries(outside.positions))
    sum = sum.plus(new Decimal(size).times(exchange.markPrice(coin)));
  for (const account of exchange.accountNames()) sum = sum.plus(exchange.account(account).accountValue);
  for (const { kind, detail } of exchange.ledger()) if (kind === 'deposit') sum = sum.minus(String(detail.usd));
  return sum;
}

describe('SimulatedExchange: properties', () => {
  it('behavior: accounts, fees, outside and backstop sum to the deposits, to the last decimal, after every act', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        let acts = 0;
        live(seed, 250, (exchange) => {
          acts += 1;
          expectNoCross(exchange);
          if (acts % 25 === 0) expect(imbalance(exchange).toFixed()).toBe('0');
        });
      }),
      runs,
    );
  }, 60_000);

  it('behavior: the ledger alone gives every balance and position, and fills chain from one position to the next', () => {
    const seen = { liquidations: 0, deleveraged: 0, backstops: 0, children: 0 };
    fc.assert(
      fc.property(seeds, (seed) => {
        const exchange = live(seed, 250);
        const rebuilt = rebuildBalances(exchange.ledger());
        for (const name of accounts) {
          const { accountValue, positions } = exchange.account(name);
          const pnl = positions.reduce((sum, { unrealizedPnl }) => sum.plus(unrealizedPnl), new Decimal(0));
          expect(rebuilt.get(name)?.balance).toBe(toUsd(new Decimal(accountValue).minus(pnl)));
          expect(rebuilt.get(name)?.positions).toEqual(
            Object.fromEntries(positions.map(({ coin, size }) => [coin, size])),
          );
          expectChained(exchange.fills(name, 0));
          for (const fill of exchange.fills(name, 0)) {
            if (fill.liquidation !== undefined) seen.liquidations += 1;
            if (fill.liquidation?.method === 'backstop') seen.backstops += 1;
            if (fill.autoDeleveraged === true) seen.deleveraged += 1;
          }
          seen.children += exchange
            .historicalOrders(name)
            .filter(({ status }) => status === 'siblingFilledCanceled').length;
        }
        expect(rebuilt.get(backstopName)?.balance ?? '0').toBe(
          rebuilt.has(backstopName) ? backstopBalance(exchange) : '0',
        );
      }),
      { ...runs, seed: 7 },
    );
    // The lives are full enough to mean something.
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(0);
  }, 60_000);

  it('behavior: no order ever fills beyond its size, worse than its limit, or as reduce-only beyond the position', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const exchange = live(seed, 250);
        for (const name of accounts) {
          const filled = new Map<number, Decimal>();
          for (const fill of exchange.fills(name, 0)) {
            const order = exchange.order(name, { orderId: fill.orderId });
            const total = (filled.get(fill.orderId) ?? new Decimal(0)).plus(fill.size);
            filled.set(fill.orderId, total);
            if (order === undefined || fill.autoDeleveraged === true) continue;
            expect(total.lessThanOrEqualTo(order.isPositionTpsl ? total : order.originalSize)).toBe(true);
            if (fill.liquidation === undefined) {
              const isWithin =
                fill.side === 'buy'
                  ? Number(fill.price) <= Number(order.limitPrice)
                  : Number(fill.price) >= Number(order.limitPrice);
              expect(isWithin).toBe(true);
            }
            if (order.reduceOnly) {
              const start = new Decimal(fill.startPosition);
              expect(start.isNegative()).toBe(fill.side === 'buy');
              expect(start.abs().greaterThanOrEqualTo(fill.size)).toBe(true);
            }
          }
        }
      }),
      runs,
    );
  }, 60_000);

  it('behavior: what orders hold back is gone with them', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const exchange = live(seed, 250);
        for (const name of accounts) {
          for (const { coin, orderId } of exchange.openOrders(name)) exchange.cancel(name, coin, { orderId });
          expect(exchange.openOrders(name)).toEqual([]);
          const { accountValue, positions, withdrawable } = exchange.account(name);
          let value = new Decimal(accountValue);
          let initial = new Decimal(0);
          let notional = new Decimal(0);
          for (const { marginMode, marginUsed, positionValue } of positions) {
            if (marginMode === 'isolated') value = value.minus(marginUsed);
            else initial = initial.plus(marginUsed);
            if (marginMode === 'cross') notional = notional.plus(positionValue);
          }
          const free = Decimal.max(0, value.minus(Decimal.max(initial, notional.dividedBy(10))));
          expect(new Decimal(withdrawable).minus(free).abs().lessThan('1e-20')).toBe(true);
        }
      }),
      runs,
    );
  }, 60_000);

  it('behavior: the same calls give the same ledger', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        expect(JSON.stringify(live(seed, 120).ledger())).toBe(JSON.stringify(live(seed, 120).ledger()));
      }),
      { numRuns: 10 },
    );
  }, 60_000);

  it('behavior: price, then time: whoever queues first at the best price is filled first', () => {
    const arrivals = fc.array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 1, max: 9 })), {
      minLength: 2,
      maxLength: 12,
    });
    fc.assert(
      fc.property(arrivals, fc.integer({ min: 1, max: 60 }), (orders, taken) => {
        const exchange = new SimulatedExchange({ clock: new SimulatedClock() });
        exchange.setMark('BTC', toPrice(50_000));
        const queue = orders.map(([step, lots], index) => {
          const account = `a${index}`;
          exchange.deposit(account, toUsd(1_000_000));
          const limitPrice = toPrice(50_000 + step * 10);
          const size = toSize(lots);
          exchange.place(
            account,
            [{ coin: 'BTC', side: 'sell', size, limitPrice, timeInForce: 'gtc', reduceOnly: false }],
            'na',
          );
          return { account, step, index, lots };
        });
        exchange.marketTrade('BTC', 'buy', toPrice(51_000), toSize(taken));
        let left = taken;
        for (const { account, lots } of [...queue].sort((a, b) => a.step - b.step || a.index - b.index)) {
          const part = Math.min(lots, left);
          left -= part;
          const filled = exchange.fills(account, 0).reduce((sum, { size }) => sum + Number(size), 0);
          expect(filled).toBe(part);
        }
      }),
    );
  });
});

function expectChained(fills: readonly EngineFill[]): void {
  const positions = new Map<string, Decimal>();
  for (const { coin, startPosition, side, size } of fills) {
    const held = positions.get(coin) ?? new Decimal(0);
    expect(startPosition).toBe(held.toFixed());
    positions.set(coin, side === 'buy' ? held.plus(size) : held.minus(size));
  }
}

function backstopBalance(exchange: SimulatedExchange): string {
  const { accountValue, positions } = exchange.totals().backstop;
  return positions.reduce((sum, { unrealizedPnl }) => sum.minus(unrealizedPnl), new Decimal(accountValue)).toFixed();
}
