import {
  Decimal,
  type FundingRate,
  type Instrument,
  type OrderBookSnapshot,
  toPrice,
  toRate,
  toSize,
  toUsd,
} from '@perpdesk/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exampleInstrument } from '../paper/example-paper.ts';
import { chooseRoute } from './choose-route.ts';
import type { RouteCandidate, RouteRequest } from './route-candidate.ts';

const hourMs = 3_600_000;
const request = (changes: Partial<RouteRequest> = {}): RouteRequest => ({
  ...{ side: 'buy', size: new Decimal(1), liquidity: 'taker', holdingMs: 0, maxSlippage: new Decimal('0.01') },
  ...changes,
});
const venue = (
  name: string,
  {
    asks = [],
    bids = [],
    ...changes
  }: Partial<RouteCandidate> & {
    readonly asks?: [number, number][];
    readonly bids?: [number, number][];
    readonly fee?: string;
  } = {},
): RouteCandidate => {
  const { fee = '0', ...rest } = changes;
  const id = `BTC-PERP@${name}` as const;
  const instrument: Instrument = {
    ...exampleInstrument(),
    ...{ id, venue: name, lotSize: toSize('0.1'), minSize: toSize('0.1'), minNotional: toUsd(10) },
    ...{ makerFeeRate: toRate(0), takerFeeRate: toRate(fee), priceRule: { kind: 'tick', tick: toPrice('0.01') } },
  };
  const value: OrderBookSnapshot = { instrumentId: id, bids, asks, sequence: 1, exchangeAtMs: 0, receivedAtMs: 0 };
  return { venue: name, instrument, book: { quality: 'fresh', value, atMs: 0 }, ...rest };
};
const funding = (rate: number, intervalMs: number): FundingRate => ({
  ...{ instrumentId: 'BTC-PERP@x', rate, intervalMs, settlesAtMs: 0, predicted: true },
  ...{ exchangeAtMs: 0, receivedAtMs: 0 },
});
const legs = (...args: Parameters<typeof chooseRoute>) =>
  chooseRoute(...args).legs.map((leg) => `${leg.venue} ${leg.size} @ ${leg.expectedPrice}`);

describe('chooseRoute', () => {
  it('default: the best price of the whole size, not of the touch', () => {
    const thin = venue('thin', {
      asks: [
        [99, 0.1],
        [101, 5],
      ],
    });
    const deep = venue('deep', { asks: [[100, 5]] });
    expect(legs(request(), [thin, deep])).toEqual(['deep 1 @ 100']);
    expect(legs(request({ size: new Decimal('0.1') }), [deep, thin])).toEqual(['thin 0.1 @ 99']);
  });

  it('behavior: fees of entry and exit count, also against a better price', () => {
    const dear = venue('dear', { asks: [[100, 5]], fee: '0.001' });
    const cheap = venue('cheap', { asks: [[100.1, 5]], fee: '0.0002' });
    expect(legs(request(), [dear, cheap])).toEqual(['cheap 1 @ 100.1']);
    const sale = [
      venue('dear', { bids: [[100, 5]], fee: '0.001' }),
      venue('cheap', { bids: [[99.9, 5]], fee: '0.0002' }),
    ];
    expect(legs(request({ side: 'sell' }), sale)).toEqual(['cheap 1 @ 99.9']);
  });

  it('behavior: funding over the time held counts, whatever its interval; one that is not known counts as the dearest', () => {
    const hourly = venue('hourly', { asks: [[100, 5]], funding: funding(0.0001, hourMs) });
    const eight = venue('eight', { asks: [[100.05, 5]], funding: funding(0.0002, 8 * hourMs) });
    const silent = venue('silent', { asks: [[100, 5]] });
    const held = request({ holdingMs: 24 * hourMs });
    expect(legs(held, [hourly, silent, eight])).toEqual(['eight 1 @ 100.05']);
    expect(legs(request(), [hourly, eight])).toEqual(['hourly 1 @ 100']);
    const short = [
      venue('hourly', { bids: [[100, 5]], funding: funding(0.0001, hourMs) }),
      venue('other', { bids: [[100, 5]] }),
    ];
    expect(legs(request({ side: 'sell', holdingMs: 24 * hourMs }), short)).toEqual(['hourly 1 @ 100']);
  });

  it('behavior: a preferred venue is kept while it is hardly dearer', () => {
    const best = venue('best', { asks: [[100, 5]] });
    expect(legs(request(), [venue('mine', { asks: [[100.02, 5]] }), best])).toEqual(['mine 1 @ 100.02']);
    expect(legs(request(), [venue('mine', { asks: [[100.03, 5]] }), best])).toEqual(['best 1 @ 100']);
  });

  it('behavior: splits only what no book takes alone, each unit where it is cheapest, and says what is left', () => {
    const a = venue('a', {
      asks: [
        [100, 0.45],
        [100.2, 0.2],
      ],
    });
    const b = venue('b', { asks: [[100.1, 0.4]] });
    const decision = chooseRoute(request({ size: new Decimal('0.8') }), [a, b]);
    expect(decision.legs.map(({ venue: name, size }) => [name, size])).toEqual([
      ['a', '0.4'],
      ['b', '0.4'],
    ]);
    expect(decision.unrouted).toBe('0');
    expect(chooseRoute(request({ size: new Decimal(3) }), [a, b]).unrouted).toBe('2');
    expect(decision.considered.map(({ reason }) => reason)).toEqual(['takes 0.4 of 0.8', 'takes 0.4 of 0.8']);
  });

  it("behavior: no leg is below its venue's minimum, and no more venues than allowed", () => {
    const small = venue('small', { asks: [[99, 0.05]] });
    const a = venue('a', { asks: [[100, 0.5]] });
    const b = venue('b', { asks: [[100, 0.4]] });
    const c = venue('c', { asks: [[100, 0.3]] });
    expect(legs(request(), [small, a, b, c], { maxLegs: 2 })).toEqual(['a 0.5 @ 100', 'b 0.4 @ 100']);
  });

  it('behavior: what a limit leaves bounds a venue', () => {
    const full = venue('full', { asks: [[99, 5]], room: toUsd(50) });
    const free = venue('free', { asks: [[100, 5]] });
    expect(legs(request(), [full, free])).toEqual(['free 1 @ 100']);
    expect(legs(request({ size: new Decimal('0.5') }), [full, free])).toEqual(['full 0.5 @ 99']);
  });

  it('behavior: a maker rests at its own touch and pays its own fee', () => {
    const quiet = venue('quiet', { bids: [[99.9, 0.1]], asks: [[100.1, 0.1]], fee: '0.0005' });
    expect(legs(request({ liquidity: 'maker' }), [quiet])).toEqual(['quiet 1 @ 99.9']);
  });

  it('error: says of each venue why it can not be used', () => {
    const decision = chooseRoute(request(), [
      { venue: 'gone', instrument: undefined, unhealthy: 'is not there' },
      { venue: 'other', instrument: undefined },
      venue('ill', { asks: [[100, 5]], unhealthy: 'its socket is down' }),
      venue('old', { book: undefined }),
      venue('thin', { asks: [[100, 0.2]] }),
    ]);
    expect(decision.considered.map(({ reason }) => reason)).toEqual([
      'is not there',
      'does not list the market',
      'its socket is down',
      'has no fresh prices',
      'takes 0.2 of 1',
    ]);
    expect(decision.unrouted).toBe('0.8');
  });

  it('behavior: whatever the books, legs and what is left sum to the order, in lots, none beyond its book or its limit', () => {
    const level = fc.tuple(
      fc.integer({ min: 9_900, max: 10_100 }).map((price) => price / 100),
      fc.double({ min: 0.01, max: 2, noNaN: true }),
    );
    const made = fc.record({
      asks: fc.array(level, { maxLength: 6 }),
      room: fc.option(fc.integer({ min: 1, max: 300 })),
    });
    fc.assert(
      fc.property(fc.array(made, { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 60 }), (given, lots) => {
        const candidates = given.map(({ asks, room }, index) =>
          venue(`v${index}`, {
            asks: asks.sort(([x], [y]) => x - y),
            ...(room === null ? {} : { room: toUsd(room) }),
          }),
        );
        const size = new Decimal(lots).dividedBy(10);
        const decision = chooseRoute(request({ size }), candidates);
        const routed = decision.legs.reduce((total, leg) => total.plus(leg.size), new Decimal(0));
        expect(routed.plus(decision.unrouted).toFixed()).toBe(size.toFixed());
        expect(new Set(decision.legs.map((leg) => leg.venue)).size).toBe(decision.legs.length);
        for (const leg of decision.legs) {
          const from = candidates.find((candidate) => candidate.venue === leg.venue);
          const depth = (from?.book?.value.asks ?? []).reduce((total, [, there]) => total + there, 0);
          expect(Number(leg.size)).toBeLessThanOrEqual(depth + 1e-9);
          expect(new Decimal(leg.size).mod('0.1').toFixed()).toBe('0');
          if (from?.room !== undefined)
            expect(new Decimal(leg.size).times(leg.expectedPrice).minus(from.room).toNumber()).toBeLessThanOrEqual(
              1e-9,
            );
        }
      }),
    );
  });
});
