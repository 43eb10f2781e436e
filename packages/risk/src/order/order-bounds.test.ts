import { type Order, toPrice, toRate, toSize, toUsd } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { show } from '../decision/show.ts';
import { emptyMemory } from '../state/risk-memory.ts';
import {
  anEntryInput,
  anInstrument,
  anIntent,
  anOrderBook,
  aPending,
  aPosition,
  aTicker,
  aUser,
  fresh,
  noonMs,
  stale,
} from '../testing/fixtures.ts';
import { contentOf } from './duplicate.ts';
import { notionalPrice, worstPrice } from './entry-order.ts';
import { liquidation } from './liquidation.ts';
import { entryThrottle, exitThrottle } from './message-throttle.ts';
import { oneDirection } from './one-direction.ts';
import type { EntryInput, OrderControl } from './order-input.ts';
import { orderLimitDefaults } from './order-limits.ts';
import { orderSize } from './order-size.ts';
import { priceCollar } from './price-collar.ts';
import { RecentOrders } from './recent-orders.ts';
import { isAutomated, otherEntries, tradeOf, trips, withEntry } from './repeated-entries.ts';
import { selfMatch } from './self-match.ts';
import { unresolved } from './unresolved.ts';
import { venueRules } from './venue-rules.ts';
import { committedSize, withinSignal } from './within-signal.ts';

const btc = 'BTC-PERP@hyperliquid';
const quoted = (changes: Parameters<typeof aTicker>[2]) => fresh(aTicker(btc, 60_000, changes));
/** What a control says: code, limit and actual. */
const said = (control: OrderControl<EntryInput>, input: EntryInput): string => {
  const rejection = control.check(input);
  return rejection === undefined ? 'passed' : `${rejection.code} ${rejection.limit} ${rejection.actual}`;
};
const resting = (overrides: Record<string, unknown> = {}, state: Partial<Order> = {}): Order => ({
  ...anIntent({ clientOrderId: '1'.repeat(32), ...overrides }),
  ...{ status: 'open', filledSize: toSize(0), createdAtMs: noonMs, updatedAtMs: noonMs },
  ...state,
});
const signalled = (overrides: Record<string, unknown> = {}) =>
  anIntent({ signalId: 'signal:1', origin: 'agent', size: '1', ...overrides });
const reserved = (changes: Parameters<typeof aPending>[0] = {}) => aPending({ instrumentId: btc, ...changes });

describe('the price of an entry', () => {
  it('default: the worst is its limit, its trigger, else the other side of the spread', () => {
    const ticker = quoted({ bid: 59_990, ask: 60_010 });
    const worst = (overrides: Record<string, unknown>) =>
      show(worstPrice(anEntryInput({ ticker, intent: anIntent(overrides) })) ?? 'none');
    expect(worst({ price: '60000' })).toBe('60000');
    expect(worst({ type: 'market', price: undefined })).toBe('60010');
    expect(worst({ type: 'market', price: undefined, side: 'sell' })).toBe('59990');
    expect(worst({ type: 'stop-market', price: '1', triggerPrice: '61000' })).toBe('61000');
    expect(worst({ type: 'take-profit-market', price: '1', triggerPrice: '62000' })).toBe('62000');
  });

  it('behavior: a sell may fill above its limit, at the bid', () => {
    const ticker = quoted({ bid: 59_990, ask: 60_010 });
    const at = (overrides: Record<string, unknown>) =>
      show(notionalPrice(anEntryInput({ ticker, intent: anIntent(overrides) })) ?? 'none');
    expect(at({ side: 'sell', price: '59000' })).toBe('59990');
    expect(at({ side: 'sell', price: '60500' })).toBe('60500');
    expect(at({ side: 'buy', price: '59000' })).toBe('59000');
  });
});

describe('price-collar', () => {
  it('default: from the mark, the bound itself passes', () => {
    const at = (price: string) => said(priceCollar, anEntryInput({ intent: anIntent({ price }) }));
    expect(at('63000')).toBe('passed');
    expect(at('57000')).toBe('passed');
    expect(at('63000.6')).toBe('price.collar 0.05 0.05001');
    expect(at('56999.4')).toBe('price.collar 0.05 0.05001');
  });

  it('behavior: the second reference is the index, else the reference’s mark, else the own mid', () => {
    const at = (changes: Partial<EntryInput>) => said(priceCollar, anEntryInput(changes));
    const apart = aTicker('BTC-PERP@other', 66_000);
    expect(at({ ticker: quoted({ index: 50_000 }), referenceTicker: fresh(aTicker(btc, 60_000)) })).toBe(
      'price.collar 0.05 0.2',
    );
    // Of the reference its mark counts, not its mid.
    expect(at({ referenceTicker: fresh({ ...apart, mark: 60_000 }) })).toBe('passed');
    expect(at({ referenceTicker: fresh(aTicker(btc, 60_000, { mark: 50_000 })) })).toBe('price.collar 0.05 0.2');
    // One that is not fresh does not count: then it is the mid.
    expect(at({ referenceTicker: stale(apart) })).toBe('passed');
    expect(at({ ticker: quoted({ bid: 50_000, ask: 50_000, last: 50_000 }) })).toBe('price.collar 0.05 0.2');
  });

  it('behavior: near the mark and far from the second reference', () => {
    const ticker = quoted({ index: 57_150 });
    expect(said(priceCollar, anEntryInput({ ticker, intent: anIntent({ price: '57000' }) }))).toBe('passed');
    expect(said(priceCollar, anEntryInput({ ticker, intent: anIntent({ price: '61000' }) }))).toMatch(
      /^price\.collar 0\.05 0\.0673/,
    );
  });

  it('error: without a price to compare with', () => {
    expect(said(priceCollar, anEntryInput({ ticker: undefined }))).toMatch(/^market-data\.missing/);
  });
});

describe('order-size', () => {
  const limits = { ...anEntryInput().limits, maxOrderNotional: toUsd(1_200) };
  const at = (size: string, changes: Partial<EntryInput> = {}) =>
    said(orderSize, anEntryInput({ intent: anIntent({ size }), ...changes }));

  it('default: the notional of the user and of the operator, the bound itself passes', () => {
    expect(at('0.02', { limits })).toBe('passed');
    expect(at('0.0201', { limits })).toBe('order-notional.limit 1200 1206');
    const operator = { usedNotional: toUsd(0), maxOrderNotional: toUsd(1_199) };
    expect(at('0.02', { limits, operator })).toBe('order-notional.limit 1199 1200');
    expect(at('1000')).toBe('passed');
    expect(at('1', { ticker: undefined, intent: anIntent({ type: 'market', price: undefined }) })).toMatch(
      /^market-data\.missing/,
    );
  });

  it('default: the size of one market', () => {
    const orderLimits = { ...orderLimitDefaults, maxOrderSize: { 'BTC-PERP': toSize('0.02') } };
    expect(at('0.02', { orderLimits })).toBe('passed');
    expect(at('0.0201', { orderLimits })).toBe('order-size.limit 0.02 0.0201');
    expect(at('9', { orderLimits: { ...orderLimitDefaults, maxOrderSize: { 'ETH-PERP': toSize('0.02') } } })).toBe(
      'passed',
    );
  });

  const book = fresh(
    anOrderBook({
      asks: [
        [60_010, 1],
        [63_000, 2],
        [63_001, 4],
      ],
      bids: [
        [59_990, 1],
        [57_000, 4],
        [56_999, 4],
      ],
    }),
  );
  const taking = (side: 'buy' | 'sell', size: string, changes: Partial<EntryInput> = {}) =>
    at(size, { book, intent: anIntent({ side, size, type: 'market', price: undefined }), ...changes });

  it('default: what takes is held against the book within the collar, its edge included', () => {
    expect(taking('buy', '3')).toBe('passed');
    expect(taking('buy', '3.1')).toBe('depth.limit 3 3.1');
    expect(taking('sell', '5')).toBe('passed');
    expect(taking('sell', '5.1')).toBe('depth.limit 5 5.1');
    const orderLimits = { ...orderLimitDefaults, depthShare: toRate('0.5') };
    expect(taking('buy', '1.6', { orderLimits })).toBe('depth.limit 1.5 1.6');
  });

  it('behavior: a limit takes where it reaches the other side', () => {
    const ticker = quoted({ bid: 59_990, ask: 60_010 });
    const limit = (side: 'buy' | 'sell', price: string) =>
      at('9', { book, ticker, intent: anIntent({ side, size: '9', price }) });
    expect(limit('buy', '60009')).toBe('passed');
    expect(limit('buy', '60010')).toBe('depth.limit 3 9');
    expect(limit('sell', '59991')).toBe('passed');
    expect(limit('sell', '59990')).toBe('depth.limit 5 9');
    // A market order takes, however it is bounded.
    const bounded = anIntent({ type: 'market', price: '59000', size: '9' });
    expect(at('9', { book, ticker, intent: bounded })).toBe('depth.limit 3 9');
    const trigger = anIntent({ type: 'stop-market', price: undefined, triggerPrice: '61000', size: '9' });
    expect(at('9', { book, ticker, intent: trigger })).toBe('passed');
  });

  it('behavior: without a book there is nothing to hold it against, one that is not fresh is no knowledge', () => {
    expect(taking('buy', '9', { book: undefined })).toBe('passed');
    expect(taking('buy', '1', { book: stale(anOrderBook()) })).toBe('market-data.stale fresh stale');
    expect(at('1', { book: stale(anOrderBook()), intent: anIntent({ price: '59000' }) })).toBe('passed');
  });
});

describe('venue-rules', () => {
  const at = (overrides: Record<string, unknown>, changes: Partial<EntryInput> = {}) =>
    said(venueRules, anEntryInput({ intent: anIntent(overrides), ...changes }));

  it('default: every price on the rule, the size on the lot and above the least', () => {
    expect(at({})).toBe('passed');
    expect(at({ price: '60000.05' })).toBe('price.invalid multiples of 0.1 60000.05');
    expect(at({ stopLoss: '59400.05' })).toBe('price.invalid multiples of 0.1 59400.05');
    expect(at({ type: 'stop-market', triggerPrice: '61000.01' })).toBe('price.invalid multiples of 0.1 61000.01');
    expect(at({ size: '0.020001' })).toBe('size.invalid 0.00001 0.020001');
    expect(at({ size: '0.00017' })).toBe('passed');
    expect(at({ size: '0.00016' })).toBe('size.below-minimum 0.00017 0.00016');
  });

  it('behavior: a rule of figures', () => {
    const instrument = anInstrument({ priceRule: { kind: 'significant-figures', figures: 5, maxDecimals: 1 } });
    expect(at({}, { instrument })).toBe('passed');
    expect(at({ price: '6000.1' }, { instrument })).toBe('passed');
    expect(at({ price: '60000.1' }, { instrument })).toBe('price.invalid 5 figures, 1 decimals 60000.1');
  });
});

describe('what was let pass lately', () => {
  it('default: counts by user and kind within the window, whose end does not count', () => {
    const recent = new RecentOrders(10_000);
    recent.add(anIntent(), 1_000);
    recent.add(anIntent({ reduceOnly: true, purpose: 'exit' }), 1_500);
    recent.add(anIntent(), 2_000);
    expect(recent.count('entries', 'ada', 2_000, 10_000)).toBe(2);
    expect(recent.count('exits', 'ada', 2_000, 10_000)).toBe(1);
    expect(recent.count('entries', 'bob', 2_000, 10_000)).toBe(0);
    expect(recent.count('entries', 'ada', 11_000, 10_000)).toBe(1);
    expect(recent.count('entries', 'ada', 10_999, 10_000)).toBe(2);
  });

  it('behavior: equal content under another id within the window is a duplicate', () => {
    const recent = new RecentOrders(3_000);
    recent.add(anIntent({ clientOrderId: 'a'.repeat(32) }), 1_000);
    const again = anIntent({ clientOrderId: 'b'.repeat(32) });
    expect(recent.duplicateOf(again, 3_999, 3_000)).toBe('a'.repeat(32));
    expect(recent.duplicateOf(again, 4_000, 3_000)).toBeUndefined();
    expect(recent.duplicateOf(anIntent({ clientOrderId: 'a'.repeat(32) }), 2_000, 3_000)).toBeUndefined();
    for (const other of [{ size: '0.03' }, { side: 'sell' }, { price: '60001' }, { venue: 'okx' }, { userId: 'bob' }])
      expect(recent.duplicateOf(anIntent({ ...other, clientOrderId: 'b'.repeat(32) }), 2_000, 3_000)).toBeUndefined();
    expect(recent.duplicateOf(anIntent({ reduceOnly: true, purpose: 'exit' }), 2_000, 3_000)).toBe('a'.repeat(32));
  });

  it('behavior: what nobody counts any more is forgotten', () => {
    const recent = new RecentOrders(1_000);
    recent.add(anIntent(), 0);
    recent.add(anIntent(), 1_000);
    expect(recent.count('entries', 'ada', 1_000, 1e9)).toBe(1);
    recent.add(anIntent(), 1_999);
    expect(recent.count('entries', 'ada', 1_999, 1e9)).toBe(2);
  });

  it('default: the content of an order', () => {
    expect(contentOf(anIntent())).toBe(`ada|paper|${btc}|buy|limit|0.02|60000|`);
    expect(contentOf(anIntent({ type: 'stop-market', price: undefined, triggerPrice: '61000' }))).toBe(
      `ada|paper|${btc}|buy|stop-market|0.02||61000`,
    );
  });

  it('default: throttles count the order itself', () => {
    expect(said(entryThrottle, anEntryInput({ entryMessages: 29 }))).toBe('passed');
    expect(said(entryThrottle, anEntryInput({ entryMessages: 30 }))).toBe('order.throttled 30 31');
    expect(said(exitThrottle, anEntryInput({ exitMessages: 119 }))).toBe('passed');
    expect(said(exitThrottle, anEntryInput({ exitMessages: 120 }))).toBe('order.throttled 120 121');
  });
});

describe('repeated entries', () => {
  const entry = (trade: string, atMs: number, market = 'BTC-PERP') => ({ trade, market, atMs });

  it('default: other trades of the last hour in the market, each once', () => {
    const memory = {
      ...emptyMemory,
      entries: [entry('a', 1), entry('a', 2), entry('b', 0), entry('c', 5), entry('d', 5, 'ETH-PERP')],
    };
    expect(otherEntries(memory, 'BTC-PERP', 'c', 3_600_000)).toBe(1);
    expect(otherEntries(memory, 'BTC-PERP', 'none', 3_600_000)).toBe(2);
    expect(otherEntries(memory, 'BTC-PERP', 'none', 3_599_999)).toBe(3);
  });

  it('default: remembers a trade once and forgets what is older than an hour', () => {
    const memory = { ...emptyMemory, entries: [entry('old', 0), entry('kept', 1)] };
    const intent = anIntent({ tradeId: 'trade' });
    const next = withEntry(memory, intent, 3_600_000);
    expect(next.entries).toEqual([entry('kept', 1), entry('trade', 3_600_000)]);
    expect(withEntry(next, intent, 3_600_000).entries).toEqual(next.entries);
  });

  it('default: who asked, and what joins the legs', () => {
    expect(['agent', 'api', 'guard', 'manual', 'chat'].map((origin) => isAutomated(anIntent({ origin })))).toEqual([
      ...[true, true, true, false, false],
    ]);
    expect(tradeOf(anIntent({ tradeId: 't', signalId: 's' }))).toBe('t');
    expect(tradeOf(anIntent({ signalId: 's' }))).toBe('s');
    expect(tradeOf(anIntent())).toBe('0'.repeat(32));
  });

  it('default: the entry too many trips its market, by machines alone', () => {
    const memory = { ...emptyMemory, entries: ['1', '2', '3', '4', '5', '6'].map((id) => entry(id, noonMs)) };
    const fewer = { ...memory, entries: memory.entries.slice(1) };
    expect(trips(anEntryInput({ memory, intent: anIntent({ origin: 'agent' }) }))).toBe(true);
    expect(trips(anEntryInput({ memory, intent: anIntent() }))).toBe(false);
    expect(trips(anEntryInput({ memory: fewer, intent: anIntent({ origin: 'agent' }) }))).toBe(false);
  });
});

describe('self-match', () => {
  const against = (own: Order, intent = anIntent(), changes: Partial<EntryInput> = {}) =>
    said(selfMatch, anEntryInput({ intent, openOrders: [own], ...changes }));
  const sell = (price: string | undefined, state: Partial<Order> = {}) => resting({ side: 'sell', price }, state);

  it('default: an own limit on the other side within reach, the price itself included', () => {
    expect(against(sell('60000'))).toBe('order.self-match 60000 60000');
    expect(against(sell('60000.1'))).toBe('passed');
    expect(against(resting({ price: '60000' }), anIntent({ side: 'sell' }))).toBe('order.self-match 60000 60000');
    expect(against(resting({ price: '59999.9' }), anIntent({ side: 'sell' }))).toBe('passed');
  });

  it('behavior: a market order reaches to the collar', () => {
    const market = { type: 'market', price: undefined };
    expect(against(sell('63000'), anIntent(market))).toBe('order.self-match 63000 63000');
    expect(against(sell('63000.1'), anIntent(market))).toBe('passed');
    expect(against(resting({ price: '57000' }), anIntent({ ...market, side: 'sell' }))).toBe(
      'order.self-match 57000 57000',
    );
    expect(against(resting({ price: '56999.9' }), anIntent({ ...market, side: 'sell' }))).toBe('passed');
    // Without a price nobody knows how far: everything is in reach.
    expect(against(sell('99999'), anIntent(market), { ticker: undefined })).toBe('order.self-match 99999 the market');
  });

  it('behavior: not itself, not what has ended, not elsewhere, not what rests on its own side', () => {
    expect(against(sell('60000', { clientOrderId: '0'.repeat(32) }))).toBe('passed');
    expect(against(sell('60000', { status: 'canceled' }))).toBe('passed');
    expect(against(sell('60000', { venue: 'okx' }))).toBe('passed');
    expect(against(sell('60000', { instrumentId: 'ETH-PERP@hyperliquid' }))).toBe('passed');
    expect(against(resting({ price: '60000' }))).toBe('passed');
    expect(against(resting({ side: 'sell', type: 'stop-market', triggerPrice: '60000' }))).toBe('passed');
  });
});

describe('one-direction', () => {
  const held = (changes: Parameters<typeof aPosition>[0] = {}) => aPosition({ instrumentId: btc, ...changes });
  const at = (changes: Partial<EntryInput>) => said(oneDirection, anEntryInput(changes));

  it('default: nothing opposite, nothing added to unless the user pyramids', () => {
    expect(at({})).toBe('passed');
    expect(at({ positions: [held({ direction: 'short' })] })).toBe('position.opposite long opposite');
    expect(at({ positions: [held()] })).toBe('position.exists none long');
    expect(at({ positions: [held()], user: aUser({ pyramiding: true }) })).toBe('passed');
    expect(at({ positions: [held({ direction: 'short' })], user: aUser({ pyramiding: true }) })).toBe(
      'position.opposite long opposite',
    );
  });

  it('behavior: at any venue, but not in another market and not what is empty', () => {
    expect(at({ positions: [held({ venue: 'okx', direction: 'short' })] })).toBe('position.opposite long opposite');
    expect(at({ positions: [aPosition({ direction: 'short' })] })).toBe('passed');
    expect(at({ positions: [held({ direction: 'short', size: toSize(0) })] })).toBe('passed');
  });

  it('behavior: the same trade’s earlier leg is added to, another trade’s position is not', () => {
    const intent = signalled();
    expect(at({ intent, positions: [held()], pending: [reserved()] })).toBe('passed');
    expect(at({ intent, positions: [held()], pending: [reserved({ baseline: toSize(1) })] })).toBe(
      'position.exists none long',
    );
  });
});

describe('within a signal', () => {
  const leg = (clientOrderId: string, size: string, heldBefore = '0', expiresAtMs = noonMs + 5_000) => ({
    ...{ clientOrderId, size: toSize(size), heldBefore: toSize(heldBefore), expiresAtMs },
  });
  const held = (size: string) => [aPosition({ instrumentId: btc, size: toSize(size) })];
  const committed = (pending: ReturnType<typeof aPending>, changes: Partial<EntryInput> = {}) => {
    const sizes = committedSize(anEntryInput({ intent: signalled(), pending: [pending], ...changes }), pending);
    return [show(sizes.held), show(sizes.open), show(sizes.underway)];
  };

  it('default: filled beyond the baseline, resting, and let pass but seen nowhere', () => {
    expect(committed(reserved())).toEqual(['0', '0', '0']);
    expect(committed(reserved({ baseline: toSize(2) }), { positions: held('5') })).toEqual(['3', '0', '0']);
    expect(committed(reserved({ baseline: toSize(9) }), { positions: held('5') })).toEqual(['0', '0', '0']);
    const openOrders = [resting({ signalId: 'signal:1', size: '4' }, { filledSize: toSize(1) })];
    expect(committed(reserved(), { openOrders })).toEqual(['0', '3', '0']);
    expect(committed(reserved({ legs: [leg('x', '2')] }))).toEqual(['0', '0', '2']);
  });

  it('behavior: what was let pass and shows as filled or resting is not under way any more', () => {
    const openOrders = [resting({ signalId: 'signal:1', size: '2' })];
    expect(committed(reserved({ legs: [leg('x', '3')] }), { openOrders })).toEqual(['0', '2', '1']);
    expect(committed(reserved({ legs: [leg('x', '3')] }), { positions: held('2') })).toEqual(['2', '0', '1']);
    expect(committed(reserved({ legs: [leg('x', '3', '2')] }), { positions: held('2') })).toEqual(['2', '0', '3']);
    expect(committed(reserved({ legs: [leg('x', '1')] }), { openOrders })).toEqual(['0', '2', '0']);
  });

  it('behavior: an authorisation counts through its last millisecond, the order’s own and other signals’ do not', () => {
    expect(committed(reserved({ legs: [leg('x', '2', '0', noonMs)] }))[2]).toBe('2');
    expect(committed(reserved({ legs: [leg('x', '2', '0', noonMs - 1)] }))[2]).toBe('0');
    expect(committed(reserved({ legs: [leg('0'.repeat(32), '2')] }))[2]).toBe('0');
    const openOrders = [
      resting({ signalId: 'signal:1', size: '4', clientOrderId: '0'.repeat(32) }),
      resting({ signalId: 'signal:2', size: '4' }),
      resting({ signalId: 'signal:1', size: '4' }, { status: 'canceled' }),
    ];
    expect(committed(reserved(), { openOrders })[1]).toBe('0');
  });

  it('default: all of it together is the signal at most', () => {
    const at = (size: string, pending: ReturnType<typeof aPending>, changes: Partial<EntryInput> = {}) => {
      const rejection = withinSignal(anEntryInput({ intent: signalled({ size }), pending: [pending], ...changes }));
      return rejection === undefined ? 'passed' : `${rejection.code} ${rejection.limit} ${rejection.actual}`;
    };
    expect(at('10', reserved())).toBe('passed');
    expect(at('10.1', reserved())).toBe('order-size.limit 10 10.1');
    expect(at('8', reserved({ legs: [leg('x', '2')] }))).toBe('passed');
    expect(at('8.1', reserved({ legs: [leg('x', '2')] }))).toBe('order-size.limit 10 10.1');
    expect(at('4', reserved({ remaining: toSize(4) }))).toBe('passed');
    expect(at('5', reserved({ remaining: toSize(4) }))).toBe('order-size.limit 4 5');
    expect(at('4', reserved(), { positions: held('6') })).toBe('passed');
    expect(at('5', reserved(), { positions: held('6') })).toBe('order-size.limit 10 11');
    expect(at('1', reserved({ expiresAtMs: noonMs }))).toMatch(/^recommendation\.expired/);
    for (const other of [
      { venue: 'okx' },
      { instrumentId: 'ETH-PERP@paper' as const },
      { direction: 'short' as const },
    ])
      expect(at('1', reserved(other))).toMatch(/^order\.invalid/);
  });
});

describe('unresolved', () => {
  it('default: one of the market under another id blocks', () => {
    const at = (own: Order) => said(unresolved, anEntryInput({ openOrders: [own] }));
    const open = (changes: Partial<Order> = {}) => resting({}, { status: 'unresolved', ...changes });
    expect(at(open())).toBe(`order.unresolved no unresolved order ${'1'.repeat(32)}`);
    expect(at(open({ venue: 'okx' }))).toMatch(/^order\.unresolved/);
    expect(at(open({ status: 'open' }))).toBe('passed');
    expect(at(open({ clientOrderId: '0'.repeat(32) }))).toBe('passed');
    expect(at(open({ instrumentId: 'ETH-PERP@hyperliquid' }))).toBe('passed');
  });
});

describe('liquidation', () => {
  const at = (overrides: Record<string, unknown>, changes: Partial<EntryInput> = {}) =>
    said(liquidation, anEntryInput({ intent: anIntent(overrides), tier: 'advanced', ...changes }));

  it('default: leverage up to the user’s, the tier’s and the position’s own', () => {
    expect(at({ leverage: 12 })).toBe('passed');
    expect(at({ leverage: 12.5 })).toBe('leverage.limit 12 12.5');
    const held = [aPosition({ instrumentId: btc, leverage: 5, size: toSize('0.01'), markPrice: toPrice(60_000) })];
    expect(at({ leverage: 5 }, { positions: held })).not.toMatch(/^leverage/);
    expect(at({ leverage: 6 }, { positions: held })).toBe('leverage.limit 5 6');
    expect(at({ leverage: undefined })).toBe('leverage.limit 12 unknown');
    const tiers = [{ notionalFrom: toUsd(0), maxLeverage: 4, maintenanceMarginRate: toRate('0.0125') }];
    const instrument = anInstrument({
      marginTiers: tiers.map((tier) => ({ ...tier, maintenanceDeduction: toUsd(0) })),
    });
    expect(at({ leverage: 5 }, { instrument })).toBe('leverage.limit 4 5');
  });

  it('behavior: a signal’s leg goes at the leverage it was sized with', () => {
    const pending = [reserved({ leverage: 3, stopLoss: toPrice(59_400) })];
    expect(at({ ...signalled(), leverage: 3 }, { pending })).toBe('passed');
    expect(at({ ...signalled(), leverage: 2 }, { pending })).toBe('leverage.limit 3 2');
  });

  it('behavior: liquidation at least 1.5 stop distances and 2 % away', () => {
    // At 12× a long at 60,000 is liquidated about 4,303.8 below: 7.1 %.
    expect(at({ leverage: 12, stopLoss: '57200' })).toBe('passed');
    expect(at({ leverage: 12, stopLoss: '57000' })).toMatch(/^liquidation\.too-close 4500 4303/);
    expect(at({ leverage: 12, stopLoss: '55000' })).toMatch(/^stop\.beyond-liquidation 4303\.\d+ 5000$/);
    const orderLimits = { ...orderLimitDefaults, minLiquidationDistance: toRate('0.08') };
    expect(at({ leverage: 12, stopLoss: undefined }, { orderLimits })).toMatch(/^liquidation\.too-close 4800 4303/);
    expect(at({ leverage: 1, stopLoss: '30000' })).toBe('passed');
  });

  it('behavior: a signal’s leg may come nearer, never so near that its stop comes second', () => {
    const pending = (stop: number) => [reserved({ leverage: 12, stopLoss: toPrice(stop) })];
    const leg = { ...signalled(), leverage: 12, stopLoss: undefined };
    expect(at(leg, { pending: pending(57_000) })).toBe('passed');
    expect(at(leg, { pending: pending(55_000) })).toMatch(/^stop\.beyond-liquidation/);
  });
});
