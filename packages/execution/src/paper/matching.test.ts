import { type Candle, Decimal, toPrice, toSize } from '@perpdesk/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Transition } from './account-draft.ts';
import { exactPrice, liquidationPriceOf, reachesLiquidation, reachesTrigger, tellAccount } from './account-figures.ts';
import {
  exampleAccount,
  exampleContext,
  exampleInstrument,
  examplePaperIntent,
  exampleQuote,
  placed,
} from './example-paper.ts';
import { matchBar } from './match-bar.ts';
import { matchFunding } from './match-funding.ts';
import { matchQuote } from './match-quote.ts';
import type { PaperAccount } from './paper-account.ts';

const btc = 'BTC-PERP@hyperliquid';
const eth = 'ETH-PERP@hyperliquid';
const instrument = exampleInstrument();
const quote = exampleQuote(100, 100);
const context = exampleContext({ marks: { [btc]: 100 } });
const later = exampleContext({ atMs: 60_000, marks: { [btc]: 100 } });

const bar = (prices: Partial<Candle>): Candle => ({
  instrumentId: btc,
  timeframe: '1m',
  openAtMs: 0,
  open: 100,
  high: 100,
  low: 100,
  close: 100,
  volume: 1000,
  ...prices,
});
const fills = (transition: Transition | undefined): readonly string[] =>
  (transition?.updates ?? []).flatMap((update) =>
    update.kind === 'fill'
      ? [
          `${update.fill.reason} ${update.fill.liquidity} ${update.fill.side} ${update.fill.size} @ ${update.fill.price}`,
        ]
      : [],
  );
const long = placed(exampleAccount(), examplePaperIntent(), quote, context);
const short = placed(exampleAccount(), examplePaperIntent({ side: 'sell' }), quote, context);
const exit = { side: 'sell', reduceOnly: true, timeInForce: 'gtc' } as const;
const withStop = (account: PaperAccount, trigger: string, changes: object = {}): PaperAccount =>
  placed(
    account,
    examplePaperIntent({ ...exit, type: 'stop-market', triggerPrice: toPrice(trigger), ...changes }),
    quote,
    context,
  );
const withTarget = (account: PaperAccount, trigger: string, changes: object = {}): PaperAccount =>
  placed(
    account,
    examplePaperIntent({ ...exit, type: 'take-profit-market', triggerPrice: toPrice(trigger), ...changes }),
    quote,
    context,
  );
const withLimit = (account: PaperAccount, price: string, changes: object = {}): PaperAccount =>
  placed(
    account,
    examplePaperIntent({ type: 'limit', timeInForce: 'gtc', price: toPrice(price), ...changes }),
    quote,
    context,
  );

describe('where a float price of the market lies', () => {
  /** Prices around a level: apart by a last bit, by a part of a billion, by far. */
  const around = fc
    .tuple(
      fc.integer({ min: 1, max: 10 ** 9 }),
      fc.integer({ min: 0, max: 8 }),
      fc.double({ min: -3, max: 3, noNaN: true }),
    )
    .chain(([digits, places, step]) => {
      const level = toPrice(new Decimal(digits).div(new Decimal(10).pow(places)));
      const near = Number(level);
      return fc.record({
        level: fc.constant(level),
        market: fc.constantFrom(
          ...[near, near * (1 + Number.EPSILON * step), near * (1 + 1e-14 * step), near * (1 + 1e-9 * step)],
          near * (1 + 0.1 * step),
        ),
      });
    });

  it('behavior: a trigger is reached as exact prices say, however near', () => {
    fc.assert(
      fc.property(around, fc.boolean(), ({ level, market }, onFall) => {
        const order = exactPrice(market).comparedTo(level);
        expect(reachesTrigger(onFall, level, market)).toBe(onFall ? order <= 0 : order >= 0);
      }),
      { numRuns: 2_000 },
    );
    expect(reachesTrigger(true, toPrice('0.3'), 0.1 + 0.2)).toBe(true);
    expect(reachesTrigger(true, toPrice('0.3'), Number.NaN)).toBe(false);
  });

  it('behavior: a liquidation price is reached as exact prices say, however near', () => {
    for (const account of [long, short]) {
      const position = [...account.positions.values()][0] ?? never();
      const price = liquidationPriceOf(account, position, context) ?? never();
      fc.assert(
        fc.property(
          fc.double({ min: -3, max: 3, noNaN: true }),
          fc.constantFrom(1e-16, 1e-15, 1e-9, 0.1),
          (step, part) => {
            const market = price.toNumber() * (1 + step * part);
            const order = exactPrice(market).comparedTo(price);
            const reached = position.direction === 'long' ? order <= 0 : order >= 0;
            expect(reachesLiquidation(account, position, market, context)).toBe(reached);
          },
        ),
        { numRuns: 1_000 },
      );
    }
  });
});

describe('matchBar', () => {
  it('default: a stop is hit by a touch and fills at its trigger', () => {
    expect(fills(matchBar(withStop(long, '99'), bar({ low: 99 }), instrument, later))).toEqual([
      'order taker sell 1 @ 99',
    ]);
    expect(matchBar(withStop(long, '99'), bar({ low: 99.1 }), instrument, later)).toBeUndefined();
  });

  it('behavior: a bar that gaps through a stop fills it at the open, and slippage comes on top', () => {
    const slipping = exampleContext({
      atMs: 60_000,
      marks: { [btc]: 100 },
      rules: { slippage: exampleAccount(0.01).deposits },
    });
    const gap = bar({ open: 97, high: 97, low: 96, close: 96 });
    expect(fills(matchBar(withStop(long, '99'), gap, instrument, later))).toEqual(['order taker sell 1 @ 97']);
    expect(fills(matchBar(withStop(long, '99'), gap, instrument, slipping))).toEqual(['order taker sell 1 @ 96']);
    const buyStop = { side: 'buy' } as const;
    const up = bar({ open: 103, high: 104, low: 103, close: 104 });
    expect(fills(matchBar(withStop(short, '101', buyStop), up, instrument, later))).toEqual([
      'order taker buy 1 @ 103',
    ]);
  });

  it('behavior: where stop and take profit lie in one bar, the stop comes first and the target is cancelled', () => {
    const both = withTarget(withStop(long, '98'), '102');
    const wide = bar({ low: 97, high: 103, close: 103 });
    const result = matchBar(both, wide, instrument, later);
    expect(fills(result)).toEqual(['order taker sell 1 @ 98']);
    expect(result?.account.orders.size).toBe(0);
    const bothShort = withTarget(withStop(short, '102', { side: 'buy' }), '98', { side: 'buy' });
    expect(fills(matchBar(bothShort, wide, instrument, later))).toEqual(['order taker buy 1 @ 102']);
  });

  it('behavior: a take profit needs a price beyond its trigger and fills at the trigger', () => {
    const target = withTarget(long, '102');
    expect(matchBar(target, bar({ high: 102 }), instrument, later)).toBeUndefined();
    expect(fills(matchBar(target, bar({ open: 105, high: 106, low: 105, close: 105 }), instrument, later))).toEqual([
      'order taker sell 1 @ 102',
    ]);
  });

  it('behavior: a limit fills only when the price trades beyond it, up to its share of the volume', () => {
    const resting = withLimit(exampleAccount(), '99', { size: toSize('5') });
    expect(matchBar(resting, bar({ low: 99 }), instrument, later)).toBeUndefined();
    expect(fills(matchBar(resting, bar({ low: 98.9 }), instrument, later))).toEqual(['order maker buy 5 @ 99']);
    const thin = matchBar(resting, bar({ low: 98.9, volume: 20 }), instrument, later);
    expect(fills(thin)).toEqual(['order maker buy 2 @ 99']);
    expect([...(thin?.account.orders.values() ?? [])].map(({ order }) => order.status)).toEqual(['partially-filled']);
  });

  it('behavior: a rung bought on the way down is held when the stop behind it is hit', () => {
    const ladder = withLimit(withStop(long, '97', { size: toSize('1') }), '98');
    const result = matchBar(ladder, bar({ low: 96, high: 100, close: 100 }), instrument, later);
    expect(fills(result)).toEqual(['order maker buy 1 @ 98', 'order taker sell 1 @ 97']);
  });

  it('behavior: an order does not fill in a bar that opened before it was placed', () => {
    const placedLater = exampleContext({ atMs: 30_000, marks: { [btc]: 100 } });
    const stop = examplePaperIntent({ ...exit, type: 'stop-market', triggerPrice: toPrice('99') });
    const account = placed(long, stop, quote, placedLater);
    expect(matchBar(account, bar({ low: 95 }), instrument, later)).toBeUndefined();
    const next = exampleContext({ atMs: 120_000, marks: { [btc]: 100 } });
    expect(fills(matchBar(account, bar({ openAtMs: 60_000, low: 98 }), instrument, next))).toEqual([
      'order taker sell 1 @ 99',
    ]);
  });

  it('behavior: a stop before the liquidation price saves the position, one behind it does not', () => {
    const price = Number(liquidationPriceOf(long, [...long.positions.values()][0] ?? never(), context));
    expect(price).toBeCloseTo((100 - 10) / (1 - 0.0125), 9);
    expect(fills(matchBar(withStop(long, '95'), bar({ low: 80 }), instrument, later))).toEqual([
      'order taker sell 1 @ 95',
    ]);
    const late = matchBar(withStop(long, '91'), bar({ low: 80 }), instrument, later);
    expect(fills(late)).toEqual(['liquidation taker sell 1 @ 91.1']);
    expect(late?.account.orders.size).toBe(0);
  });
});

describe('matchQuote', () => {
  it('default: stops and take profits fire by the mark and take the touch', () => {
    const down = { mark: 98.9, bid: 98.5, ask: 99.3 };
    expect(fills(matchQuote(withStop(long, '99'), instrument, down, later))).toEqual(['order taker sell 1 @ 98.5']);
    const up = { mark: 102, bid: 101.5, ask: 102.5 };
    expect(fills(matchQuote(withTarget(long, '102'), instrument, up, later))).toEqual(['order taker sell 1 @ 101.5']);
    expect(
      matchQuote(withTarget(withStop(long, '99'), '102'), instrument, exampleQuote(100, 101), later),
    ).toBeUndefined();
  });

  it('behavior: a triggered stop that finds no depth takes on with the next book', () => {
    const thin = { mark: 98, bid: 97, ask: 99, book: { bids: [[97, 0.3]] as [number, number][], asks: [] } };
    const first = matchQuote(withStop(long, '99'), instrument, thin, later);
    expect(fills(first)).toEqual(['order taker sell 0.3 @ 97']);
    const again = first?.account ?? never();
    expect(fills(matchQuote(again, instrument, thin, later))).toEqual([]);
    const next = { mark: 98.9, bid: 96, ask: 99, book: { bids: [[96, 5]] as [number, number][], asks: [] } };
    expect(fills(matchQuote(again, instrument, next, later))).toEqual(['order taker sell 0.7 @ 96']);
  });

  it('behavior: a limit rests while the touch equals it and fills as maker when the touch is beyond', () => {
    const resting = withLimit(exampleAccount(), '99');
    expect(matchQuote(resting, instrument, exampleQuote(98.9, 99), later)).toBeUndefined();
    expect(fills(matchQuote(resting, instrument, exampleQuote(98.8, 98.9), later))).toEqual(['order maker buy 1 @ 99']);
    const book = {
      bids: [],
      asks: [
        [98.9, 0.25],
        [99.5, 3],
      ] as [number, number][],
    };
    const partly = matchQuote(resting, instrument, exampleQuote(98.8, 98.9, book), later);
    expect(fills(partly)).toEqual(['order maker buy 0.25 @ 99']);
    expect(fills(matchQuote(partly?.account ?? never(), instrument, exampleQuote(98.8, 98.9, book), later))).toEqual(
      [],
    );
  });

  it('behavior: an isolated position that is liquidated loses its margin, no more, and its orders', () => {
    for (const [mark, price] of [
      [91, '91'],
      [85, '90'],
    ] as const) {
      const result = matchQuote(withStop(long, '80'), instrument, exampleQuote(mark, mark), later);
      expect(fills(result)).toEqual([`liquidation taker sell 1 @ ${price}`]);
      const account = result?.account ?? never();
      expect(account.orders.size).toBe(0);
      // 10,000 less the taker fee of 0.05 and the margin of 10.
      expect(tellAccount(account, later)).toMatchObject({ equity: '9989.95', balance: '9989.95' });
    }
  });

  it('behavior: a mark beyond stop and liquidation price at once liquidates', () => {
    const result = matchQuote(withStop(long, '92'), instrument, exampleQuote(85, 85), later);
    expect(fills(result)).toEqual(['liquidation taker sell 1 @ 90']);
    expect(fills(matchQuote(withStop(long, '92'), instrument, exampleQuote(91.5, 91.5), later))).toEqual([
      'order taker sell 1 @ 91.5',
    ]);
  });

  it('behavior: cross positions are liquidated together, profits bearing losses, never below zero', () => {
    const instruments = [instrument, exampleInstrument({ id: eth, market: 'ETH-PERP' })];
    const opening = exampleContext({ instruments, marks: { [btc]: 100, [eth]: 100 } });
    const cross = { marginMode: 'cross', leverage: 20 } as const;
    let account = placed(exampleAccount(1000), examplePaperIntent({ ...cross, size: toSize('80') }), quote, opening);
    account = placed(account, examplePaperIntent({ ...cross, instrumentId: eth, size: toSize('40') }), quote, opening);
    const fine = exampleContext({ instruments, marks: { [btc]: 91, [eth]: 105 } });
    expect(matchQuote(account, instrument, exampleQuote(91, 91), fine)).toBeUndefined();
    const worse = exampleContext({ instruments, marks: { [btc]: 89, [eth]: 100 } });
    const forced = matchQuote(account, instrument, exampleQuote(89, 89), worse);
    expect(fills(forced)).toEqual(['liquidation taker sell 40 @ 100', 'liquidation taker sell 80 @ 89']);
    // 1,000 − 6 taker fees − 880 loss = 114, less 50 and then the 64 that are left of 89 maintenance.
    expect(tellAccount(forced?.account ?? never(), worse).equity).toBe('0');
    const crash = exampleContext({ instruments, marks: { [btc]: 50, [eth]: 100 } });
    const bankrupt = matchQuote(account, instrument, exampleQuote(50, 50), crash);
    expect(Number(tellAccount(bankrupt?.account ?? never(), crash).equity)).toBe(0);
    expect(bankrupt?.account.positions.size).toBe(0);
  });

  it('behavior: an order with latency is matched at the prices of its arrival', () => {
    const slow = (atMs: number) => exampleContext({ atMs, marks: { [btc]: 100 }, rules: { latencyMs: 200 } });
    const account = placed(exampleAccount(), examplePaperIntent(), quote, slow(0));
    expect([...account.orders.values()].map(({ order }) => order.status)).toEqual(['open']);
    expect(matchQuote(account, instrument, exampleQuote(104, 105), slow(199))).toBeUndefined();
    expect(fills(matchQuote(account, instrument, exampleQuote(104, 105), slow(200)))).toEqual([
      'order taker buy 1 @ 105',
    ]);
  });
});

describe('matchFunding', () => {
  const hourMs = 3_600_000;
  const at = (atMs: number, fundingRate?: number) =>
    exampleContext({ atMs, marks: { [btc]: 110 }, ...(fundingRate === undefined ? {} : { fundingRate }) });

  it('default: longs pay a positive rate on the notional at the mark, shorts receive it', () => {
    const paid = matchFunding(long, instrument, hourMs, at(hourMs, 0.0001));
    const received = matchFunding(short, instrument, hourMs, at(hourMs, 0.0001));
    expect(paid?.account.funding.toFixed()).toBe('-0.011');
    expect(received?.account.funding.toFixed()).toBe('0.011');
    expect(paid?.updates[0]).toMatchObject({
      kind: 'funding',
      payment: { id: `paper:alice:${btc}:${hourMs}`, amount: '-0.011', notional: '110', rate: '0.0001', atMs: hourMs },
    });
    expect([...(paid?.account.positions.values() ?? [])][0]?.margin.toFixed()).toBe('9.989');
  });

  it('behavior: an instant is paid once, and instants that were missed are paid with the next', () => {
    const once = matchFunding(long, instrument, hourMs, at(hourMs, 0.0001))?.account ?? never();
    expect(matchFunding(once, instrument, hourMs, at(hourMs, 0.0001))).toBeUndefined();
    const caughtUp = matchFunding(once, instrument, 4 * hourMs, at(4 * hourMs, 0.0001));
    expect(
      caughtUp?.updates.flatMap((update) => (update.kind === 'funding' ? [update.payment.atMs / hourMs] : [])),
    ).toEqual([2, 3, 4]);
  });

  it('behavior: an instant that is due is paid before a fill changes the size it is on', () => {
    const due = at(hourMs + 5_000, 0.0001);
    const account = placed(long, examplePaperIntent({ side: 'sell', reduceOnly: true }), exampleQuote(110, 110), due);
    expect(account.funding.toFixed()).toBe('-0.011');
    const insideBar = matchBar(
      withStop(long, '99'),
      bar({ openAtMs: hourMs - 60_000, low: 98 }),
      instrument,
      at(hourMs, 0.0001),
    );
    expect(insideBar?.account.funding.toFixed()).toBe('0');
  });
});

describe('funding of a position that a bar opened', () => {
  it('behavior: it stood at the instant the bar ended with', () => {
    const hourMs = 3_600_000;
    const at = exampleContext({ atMs: hourMs, marks: { [btc]: 100 }, fundingRate: 0.0001 });
    const resting = withLimit(exampleAccount(), '99');
    const opened = matchBar(resting, bar({ openAtMs: hourMs - 60_000, low: 98 }), instrument, at)?.account ?? never();
    expect(opened.funding.toFixed()).toBe('0');
    expect(matchFunding(opened, instrument, hourMs, at)?.account.funding.toFixed()).toBe('-0.01');
  });
});

function never(): never {
  throw new Error('nothing happened');
}
