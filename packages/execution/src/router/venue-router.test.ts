import { type Instrument, SimulatedClock, type Ticker, toRate, toSize } from '@perpdesk/core';
import { StaticMarketView } from '@perpdesk/core/testing';
import { describe, expect, it } from 'vitest';
import { exampleInstrument } from '../paper/example-paper.ts';
import { VenueDirectory } from '../venue/venue-directory.ts';
import { type RoutedOrder, VenueRouter } from './venue-router.ts';

const nowMs = 1_000_000;
const listed = (venue: string, takerFeeRate: string): Instrument => ({
  ...exampleInstrument(),
  ...{ id: `BTC-PERP@${venue}`, market: 'BTC-PERP', venue, takerFeeRate: toRate(takerFeeRate) },
});
const ticker = ({ id }: Instrument, bid: number): Ticker => ({
  ...{ instrumentId: id, last: bid, mark: bid, bid, ask: bid + 1 },
  ...{ exchangeAtMs: nowMs, receivedAtMs: nowMs },
});

function router(unhealthy: readonly string[] = []) {
  const instruments = [listed('a', '0.0006'), listed('b', '0.0002'), listed('c', '0.0004')];
  const tickers = instruments.map((instrument) => ticker(instrument, 60_000));
  const marketView = new StaticMarketView({ clock: new SimulatedClock({ startAtMs: nowMs }), instruments, tickers });
  const venues = new VenueDirectory(
    instruments.map((instrument) => {
      const { venue: name } = instrument;
      const unhealthyWhy = (): string | undefined => (unhealthy.includes(name) ? 'its socket is down' : undefined);
      return { name, instruments: () => [instrument], unhealthy: unhealthyWhy } as never;
    }),
  );
  return new VenueRouter({ venues, marketView });
}
const order: RoutedOrder = {
  ...{ userId: 'alice', market: 'BTC-PERP', side: 'buy', size: toSize('0.5'), venues: ['a', 'b', 'c', 'gone'] },
};

describe('VenueRouter', () => {
  it('default: routes by what the venues list and the market shows, and says of each why', () => {
    const { considered, legs } = router().route(order);
    expect(legs.map(({ size, venue }) => [venue, size])).toEqual([['b', '0.5']]);
    expect(considered.map(({ reason }) => reason)).toEqual([
      'dearer all in',
      'chosen: the best all-in price for the whole size',
      'dearer all in',
      'is not there',
    ]);
  });

  it('behavior: ranks the rest by price too, and leaves out what can not be used', () => {
    expect(
      router()
        .rank(order)
        .map(({ venue }) => venue),
    ).toEqual(['b', 'c', 'a']);
    expect(
      router()
        .rank({ ...order, side: 'sell' })
        .map(({ venue }) => venue),
    ).toEqual(['b', 'c', 'a']);
    expect(router(['b']).rank(order)).toEqual([
      { venue: 'c', reason: 'chosen: the best all-in price for the whole size' },
      { venue: 'a', reason: 'dearer all in' },
    ]);
  });
});
