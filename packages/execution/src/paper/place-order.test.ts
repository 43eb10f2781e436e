import { toPrice, toSize } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import type { Transition } from './account-draft.ts';
import { tellAccount, tellPosition } from './account-figures.ts';
import { amendOrder, cancelOrder } from './amend-order.ts';
import {
  exampleAccount,
  exampleContext,
  exampleInstrument,
  examplePaperIntent,
  exampleQuote,
  placed,
} from './example-paper.ts';
import type { PaperAccount } from './paper-account.ts';
import { type PlaceResult, placeOrder } from './place-order.ts';

const btc = 'BTC-PERP@hyperliquid';
const instrument = exampleInstrument();
const quote = exampleQuote(100, 101);
const context = exampleContext({ marks: { [btc]: 100.5 } });
const request = { account: exampleAccount(), instrument, quote, context };

const fills = (transition: Transition | undefined): readonly string[] =>
  (transition?.updates ?? []).flatMap((update) =>
    update.kind === 'fill' ? [`${update.fill.side} ${update.fill.size} @ ${update.fill.price}`] : [],
  );
const change = (result: PlaceResult): Transition => {
  if (result.outcome === 'rejected') throw new Error(result.rejection.code);
  return result.transition;
};
const refusal = (result: PlaceResult): string => (result.outcome === 'rejected' ? result.rejection.code : 'accepted');
const position = (account: PaperAccount): string => {
  const held = account.positions.get(btc);
  return held === undefined ? 'flat' : `${held.direction} ${held.size} cost ${held.cost} margin ${held.margin}`;
};

describe('placeOrder', () => {
  it('default: a market order takes the touch, with taker fee and margin by leverage', () => {
    const result = placeOrder({ ...request, intent: examplePaperIntent({ size: toSize('2'), leverage: 4 }) });
    const { account } = change(result);
    expect(fills(change(result))).toEqual(['buy 2 @ 101']);
    expect(position(account)).toBe('long 2 cost 202 margin 50.5');
    expect(tellAccount(account, context)).toMatchObject({
      fees: '0.101',
      unrealizedPnl: '-1',
      equity: '9998.899',
      usedMargin: '50.5',
      availableMargin: '9949.399',
    });
    const held = account.positions.get(btc);
    expect(held && tellPosition(account, held, context)).toMatchObject({
      direction: 'long',
      entryPrice: '101',
      leverage: 4,
      unrealizedPnl: '-1',
    });
  });

  it('behavior: watchers hear order, then fill, then position, and the account last', () => {
    const { updates } = change(placeOrder({ ...request, intent: examplePaperIntent() }));
    expect(updates.map((update) => (update.kind === 'order' ? `order ${update.order.status}` : update.kind))).toEqual([
      'order open',
      'order filled',
      'fill',
      'position',
      'account',
    ]);
  });

  it('behavior: ids derive from a counter of the account', () => {
    const { account, updates } = change(placeOrder({ ...request, intent: examplePaperIntent() }));
    const ids = updates.flatMap((update) => (update.kind === 'fill' ? [update.fill.venueOrderId, update.fill.id] : []));
    expect(ids).toEqual(['paper:alice:o1', 'paper:alice:f2']);
    expect(account.sequence).toBe(2);
  });

  it('behavior: without a book the touch is moved by the assumed slippage against the taker', () => {
    const slipping = exampleContext({ marks: { [btc]: 100.5 }, rules: { slippage: exampleAccount(0.01).deposits } });
    const buy = placeOrder({ ...request, context: slipping, intent: examplePaperIntent() });
    const sell = placeOrder({ ...request, context: slipping, intent: examplePaperIntent({ side: 'sell' }) });
    expect([fills(change(buy)), fills(change(sell))]).toEqual([['buy 1 @ 102.1'], ['sell 1 @ 99']]);
  });

  it('behavior: with a book it walks the depth, and what is gone is not taken twice', () => {
    const book = {
      bids: [[100, 1]] as [number, number][],
      asks: [
        [101, 0.4],
        [102, 0.4],
        [110, 5],
      ] as [number, number][],
    };
    const deep = { ...request, quote: { ...quote, book } };
    const first = change(placeOrder({ ...deep, intent: examplePaperIntent({ size: toSize('0.6') }) }));
    expect(fills(first)).toEqual(['buy 0.4 @ 101', 'buy 0.2 @ 102']);
    const second = change(
      placeOrder({ ...deep, account: first.account, intent: examplePaperIntent({ size: toSize('0.6') }) }),
    );
    expect(fills(second)).toEqual(['buy 0.2 @ 102', 'buy 0.4 @ 110']);
  });

  it('behavior: a bounded market order fills to its bound and the rest is cancelled', () => {
    const book = {
      bids: [[100, 1]] as [number, number][],
      asks: [
        [101, 0.4],
        [110, 5],
      ] as [number, number][],
    };
    const result = change(
      placeOrder({ ...request, quote: { ...quote, book }, intent: examplePaperIntent({ price: toPrice('105') }) }),
    );
    expect(fills(result)).toEqual(['buy 0.4 @ 101']);
    expect(result.orders.at(-1)?.order).toMatchObject({ status: 'canceled', filledSize: '0.4', averagePrice: '101' });
  });

  it('behavior: a limit that crosses takes, then rests; ioc does not rest; post-only is refused', () => {
    const limit = { type: 'limit', price: toPrice('101.5'), timeInForce: 'gtc' } as const;
    const book = {
      bids: [[100, 1]] as [number, number][],
      asks: [
        [101, 0.4],
        [110, 5],
      ] as [number, number][],
    };
    const thin = { ...request, quote: { ...quote, book } };
    const rests = change(placeOrder({ ...thin, intent: examplePaperIntent(limit) }));
    expect([...rests.account.orders.values()].map(({ order }) => [order.status, order.filledSize])).toEqual([
      ['partially-filled', '0.4'],
    ]);
    const ioc = change(placeOrder({ ...thin, intent: examplePaperIntent({ ...limit, timeInForce: 'ioc' }) }));
    expect(ioc.account.orders.size).toBe(0);
    expect(refusal(placeOrder({ ...thin, intent: examplePaperIntent({ ...limit, timeInForce: 'post-only' }) }))).toBe(
      'price.invalid',
    );
  });

  it('behavior: a reduce-only order beyond the position is clipped to it, and never opens', () => {
    const long = placed(exampleAccount(), examplePaperIntent({ size: toSize('0.5') }), quote, context);
    const result = change(
      placeOrder({
        ...request,
        account: long,
        intent: examplePaperIntent({ side: 'sell', size: toSize('2'), reduceOnly: true }),
      }),
    );
    expect(fills(result)).toEqual(['sell 0.5 @ 100']);
    expect(position(result.account)).toBe('flat');
    expect(result.orders.at(-1)?.order.status).toBe('canceled');
    expect(refusal(placeOrder({ ...request, intent: examplePaperIntent({ side: 'sell', reduceOnly: true }) }))).toBe(
      'reduce-only.violated',
    );
    expect(refusal(placeOrder({ ...request, account: long, intent: examplePaperIntent({ reduceOnly: true }) }))).toBe(
      'reduce-only.violated',
    );
  });

  it('behavior: a plain order turns a position round in two fills, the close and the opening', () => {
    const long = placed(exampleAccount(), examplePaperIntent(), quote, context);
    const result = change(
      placeOrder({ ...request, account: long, intent: examplePaperIntent({ side: 'sell', size: toSize('3') }) }),
    );
    expect(fills(result)).toEqual(['sell 1 @ 100', 'sell 2 @ 100']);
    expect(position(result.account)).toBe('short 2 cost 200 margin 20');
    const told = result.updates.flatMap((update) =>
      update.kind === 'position' ? [update.position?.direction ?? 'flat'] : [],
    );
    expect(told).toEqual(['flat', 'short']);
    expect(result.account.realizedPnl.toFixed()).toBe('-1');
  });

  it('behavior: realised profit is by average entry, and partial closes leave no rounding behind', () => {
    let account = placed(
      exampleAccount(),
      examplePaperIntent({ size: toSize('0.001') }),
      exampleQuote(100, 100.1),
      context,
    );
    account = placed(account, examplePaperIntent({ size: toSize('0.002') }), exampleQuote(100, 100.3), context);
    for (const size of ['0.001', '0.001', '0.001'] as const) {
      account = placed(
        account,
        examplePaperIntent({ side: 'sell', size: toSize(size), reduceOnly: true }),
        exampleQuote(101, 101.1),
        context,
      );
    }
    expect(position(account)).toBe('flat');
    expect(account.realizedPnl.toFixed()).toBe('0.0023');
  });

  it('behavior: a stop whose trigger is passed already fires at once', () => {
    const long = placed(exampleAccount(), examplePaperIntent(), quote, context);
    const stop = examplePaperIntent({
      side: 'sell',
      type: 'stop-market',
      triggerPrice: toPrice('100.6'),
      reduceOnly: true,
      purpose: 'stop-loss',
    });
    const result = change(placeOrder({ ...request, account: long, intent: stop }));
    expect(fills(result)).toEqual(['sell 1 @ 100']);
  });

  it('error: what would carry more risk than the account or the tier allows is refused with limit and actual', () => {
    const poor = { ...request, account: exampleAccount(10) };
    const intent = examplePaperIntent({ size: toSize('2') });
    expect(placeOrder({ ...poor, intent })).toEqual({
      outcome: 'rejected',
      rejection: {
        code: 'margin.insufficient',
        message: 'The account has not the margin for this order.',
        limit: '10',
        actual: '20.301',
      },
    });
    expect(refusal(placeOrder({ ...request, intent: examplePaperIntent({ leverage: 41 }) }))).toBe('leverage.limit');
    const cross = placed(exampleAccount(), examplePaperIntent({ marginMode: 'cross' }), quote, context);
    expect(
      refusal(placeOrder({ ...request, account: cross, intent: examplePaperIntent({ marginMode: 'isolated' }) })),
    ).toBe('margin-mode.not-permitted');
    expect(refusal(placeOrder({ ...request, quote: undefined, intent: examplePaperIntent() }))).toBe(
      'market-data.missing',
    );
  });

  it('behavior: open orders reserve margin, so that two can not spend it twice', () => {
    const limit = {
      type: 'limit',
      price: toPrice('100'),
      timeInForce: 'gtc',
      size: toSize('60'),
      leverage: 1,
    } as const;
    const account = placed(exampleAccount(), examplePaperIntent(limit), quote, context);
    expect(refusal(placeOrder({ ...request, account, intent: examplePaperIntent(limit) }))).toBe('margin.insufficient');
  });
});

describe('amendOrder, cancelOrder', () => {
  const long = placed(exampleAccount(), examplePaperIntent(), quote, context);
  const stop = examplePaperIntent({
    side: 'sell',
    type: 'stop-market',
    triggerPrice: toPrice('90'),
    reduceOnly: true,
    timeInForce: 'gtc',
  });
  const account = placed(long, stop, quote, context);
  const entry = [...account.orders.values()][0];

  it('default: an amendment replaces the order in one change under both its ids', () => {
    if (entry === undefined) throw new Error('no order');
    const result = amendOrder({
      account,
      entry,
      intent: { ...stop, triggerPrice: toPrice('95') },
      instrument,
      quote,
      context,
    });
    const orders = [...change(result).account.orders.values()].map(({ order }) => order);
    expect(orders).toMatchObject([
      { clientOrderId: stop.clientOrderId, venueOrderId: entry.order.venueOrderId, triggerPrice: '95', status: 'open' },
    ]);
    expect(change(result).updates.map(({ kind }) => kind)).toEqual(['order', 'account']);
  });

  it('error: side, type and reduce-only can not be amended', () => {
    if (entry === undefined) throw new Error('no order');
    const amend = (changes: Partial<typeof stop>) =>
      refusal(amendOrder({ account, entry, intent: { ...stop, ...changes }, instrument, quote, context }));
    expect([amend({ side: 'buy' }), amend({ reduceOnly: false }), amend({ type: 'limit' })]).toEqual([
      'order.invalid',
      'order.invalid',
      'order.invalid',
    ]);
  });

  it('default: a cancelled order is gone and told', () => {
    if (entry === undefined) throw new Error('no order');
    const result = cancelOrder(account, entry, context);
    expect(result?.account.orders.size).toBe(0);
    expect(result?.updates[0]).toMatchObject({ kind: 'order', order: { status: 'canceled' } });
  });
});
