import { type Order, toPrice, toSize, toUsd } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { show } from '../decision/show.ts';
import { anAccount, anInstrument, anIntent, aPending, aPosition, noonMs } from '../testing/fixtures.ts';
import {
  countedPending,
  grossNotional,
  isOpenEntry,
  openMarkets,
  unreservedEntries,
  type VenueBook,
  type VenueBookInput,
  venueBook,
} from './venue-book.ts';

const btc = anInstrument();
const order = (overrides: Record<string, unknown> = {}, state: Partial<Order> = {}): Order => ({
  ...anIntent({ clientOrderId: '1'.repeat(32), ...overrides }),
  ...{ status: 'open', filledSize: toSize('0.01'), createdAtMs: noonMs, updatedAtMs: noonMs },
  ...state,
});
const input = (changes: Partial<VenueBookInput> = {}): VenueBookInput => ({
  account: anAccount(10_000, { availableMargin: toUsd(9_000) }),
  ...{ positions: [], openOrders: [], pending: [], atMs: noonMs },
  instrument: (venue, id) => (venue === 'paper' && id === btc.id ? btc : undefined),
  ...changes,
});
const figures = ({ marginOf, parts: _, unknown, ...amounts }: VenueBook) => ({
  ...Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, show(amount)])),
  marginOf: Object.fromEntries([...marginOf].map(([id, amount]) => [id, show(amount)])),
  ...(unknown === undefined ? {} : { unknown }),
});

describe('venueBook', () => {
  it('default: nothing', () => {
    expect(figures(venueBook(input()))).toEqual({
      ...{ equity: '10000', available: '9000', margin: '0', risk: '0', notional: '0' },
      ...{ pendingMargin: '0', pendingFees: '0', pendingNotional: '0', marginOf: {} },
    });
  });

  it('default: what is held, pending and resting at the venue, no more', () => {
    const book = venueBook(
      input({
        positions: [aPosition(), aPosition({ venue: 'okx' }), aPosition({ size: toSize(0), margin: toUsd(77) })],
        pending: [
          aPending(),
          aPending({ signalId: 'signal:2', venue: 'okx' }),
          aPending({ signalId: 'signal:3', expiresAtMs: noonMs }),
        ],
        openOrders: [order(), order({ venue: 'okx' }), order({}, { status: 'filled' })],
        correlation: () => undefined,
      }),
    );
    // ETH is not listed here: its stop 100 away with 10 bp of 2,900; 0.01 BTC 600 to the stop with 5 bp of both prices.
    expect(figures(book)).toEqual({
      ...{ equity: '10000', available: '8498', margin: '1700', risk: '159.497', notional: '5100' },
      ...{ pendingMargin: '500', pendingFees: '2', pendingNotional: '1500' },
      marginOf: { 'ETH-PERP@hyperliquid': '1000', 'SOL-PERP@hyperliquid': '500', 'BTC-PERP@hyperliquid': '200' },
    });
    expect(book.parts?.map(({ market, direction, risk }) => [market, direction, show(risk)])).toEqual([
      ['ETH-PERP', 'long', '102.9'],
      ['SOL-PERP', 'long', '50'],
      ['BTC-PERP', 'long', '6.597'],
    ]);
    expect(venueBook(input()).parts).toBeUndefined();
  });

  it('behavior: the instrument’s own fee counts where it is listed, and margins of one instrument add up', () => {
    const held = aPosition({ instrumentId: btc.id, markPrice: toPrice(60_000), size: toSize('0.1') });
    const protection = { stopLoss: toPrice(59_000), stopSize: toSize('0.1'), takeProfits: [] };
    const book = venueBook(input({ positions: [{ ...held, protection }], openOrders: [order({ side: 'sell' })] }));
    expect(figures(book)).toMatchObject({ marginOf: { [btc.id]: '1200' }, notional: '6600' });
    // 0.1 × (1,000 + 29.5), and the resting sell's 6.597.
    expect(show(book.risk)).toBe('109.547');
  });

  it('behavior: a resting entry without a stop may lose all, without a leverage it holds all', () => {
    const { margin, risk } = venueBook(input({ openOrders: [order({ stopLoss: undefined, leverage: undefined })] }));
    expect([show(margin), show(risk)]).toEqual(['600', '600']);
  });

  it('behavior: a price is the limit, else the trigger, else what was paid so far', () => {
    const marginAt = (overrides: Record<string, unknown>, state: Partial<Order> = {}) =>
      show(venueBook(input({ openOrders: [order({ leverage: 1, ...overrides }, state)] })).margin);
    const stopEntry = { type: 'stop-market', price: undefined, triggerPrice: '61000' };
    expect(marginAt(stopEntry)).toBe('610');
    expect(marginAt({ type: 'market', price: undefined }, { averagePrice: toPrice(62_000) })).toBe('620');
    expect(marginAt({ price: '60000', triggerPrice: '61000' })).toBe('600');
  });

  it('behavior: one that has filled more than it asked for holds nothing back', () => {
    expect(show(venueBook(input({ openOrders: [order({}, { filledSize: toSize(9) })] })).margin)).toBe('0');
  });

  it('error: what can not be reckoned is named', () => {
    const marketOrder = order({ type: 'market', price: undefined });
    expect(venueBook(input({ openOrders: [marketOrder] })).unknown).toBe('1'.repeat(32));
    expect(venueBook(input({ positions: [aPosition({ margin: toUsd(-1) })] })).unknown).toBe('ETH-PERP@hyperliquid');
    const both = venueBook(input({ positions: [aPosition({ margin: toUsd(-1) })], openOrders: [marketOrder] }));
    expect(both.unknown).toBe('ETH-PERP@hyperliquid');
    expect(venueBook(input({ positions: [aPosition({ margin: toUsd(0) })] }))).not.toHaveProperty('unknown');
  });
});

describe('what counts', () => {
  const held = { positions: [], openOrders: [], pending: [], atMs: noonMs };

  it('default: of pending entries those that are live, not the judged order’s own, not what rests already', () => {
    const own = aPending({ signalId: `order:${'2'.repeat(32)}` });
    const rests = aPending({ signalId: `order:${'1'.repeat(32)}` });
    const pending = [aPending(), own, rests, aPending({ signalId: 'signal:9', expiresAtMs: noonMs })];
    const counted = (changes: Partial<Parameters<typeof countedPending>[0]>) =>
      countedPending({ ...held, pending, ...changes }).map(({ reservation }) => reservation.signalId);
    expect(counted({})).toEqual(['signal:1', own.reservation.signalId, rests.reservation.signalId]);
    expect(counted({ except: '2'.repeat(32) })).toEqual(['signal:1', rests.reservation.signalId]);
    expect(counted({ openOrders: [order()] })).toEqual(['signal:1', own.reservation.signalId]);
    expect(counted({ openOrders: [order({}, { status: 'canceled' })] })).toHaveLength(3);
  });

  it('default: of resting entries those that no live signal holds back', () => {
    const signalled = order({ signalId: 'signal:1', clientOrderId: '3'.repeat(32) });
    const ids = (changes: Partial<Parameters<typeof unreservedEntries>[0]>) =>
      unreservedEntries({ ...held, openOrders: [order(), signalled], ...changes }).map(({ clientOrderId }) =>
        clientOrderId.slice(0, 1),
      );
    expect(ids({})).toEqual(['1', '3']);
    expect(ids({ pending: [aPending()] })).toEqual(['1']);
    expect(ids({ pending: [aPending({ expiresAtMs: noonMs })] })).toEqual(['1', '3']);
    expect(ids({ except: '1'.repeat(32) })).toEqual(['3']);
  });

  it('default: an open entry adds risk and has not ended', () => {
    expect(isOpenEntry(order())).toBe(true);
    expect(isOpenEntry(order({}, { status: 'canceled' }))).toBe(false);
    expect(isOpenEntry(order({}, { purpose: 'exit' }))).toBe(false);
    expect(isOpenEntry(order({}, { reduceOnly: true }))).toBe(false);
  });

  it('default: gross notional and markets over all venues', () => {
    const all = {
      ...held,
      positions: [aPosition(), aPosition({ venue: 'okx', size: toSize(2) }), aPosition({ size: toSize(0) })],
      pending: [aPending()],
      openOrders: [order({ venue: 'bybit' })],
    };
    // 3,000 + 6,000 held, 1,500 pending, 0.01 BTC resting.
    expect(show(grossNotional(all))).toBe('11100');
    expect([...openMarkets(all)]).toEqual(['paper/ETH-PERP', 'okx/ETH-PERP', 'paper/SOL-PERP', 'bybit/BTC-PERP']);
    expect([...openMarkets({ ...held, positions: [aPosition({ size: toSize(0) })] })]).toEqual([]);
    const none = { ...held, positions: [], pending: [], openOrders: [] };
    expect([...openMarkets({ ...none, openOrders: [order({ venue: 'bybit' })] })]).toEqual(['bybit/BTC-PERP']);
    expect([...openMarkets({ ...none, pending: [aPending()] })]).toEqual(['paper/SOL-PERP']);
    expect([...openMarkets({ ...none, positions: [aPosition()] })]).toEqual(['paper/ETH-PERP']);
  });
});
