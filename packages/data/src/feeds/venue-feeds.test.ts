import { instrumentSchema } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { FrameProbe } from './testing/frame-probe.ts';
import { isSound } from './testing/payload-mutations.ts';
import { sampleAtMs, venueSamples } from './testing/venue-samples.ts';
import { type FeedVenue, venueFeeds } from './venue-feeds.ts';

describe('venues', () => {
  for (const venue of Object.keys(venueFeeds) as FeedVenue[]) {
    it(`behavior: every frame of ${venue} is read whole and told as the domain has it`, () => {
      const { listing, frames, instrumentId } = venueSamples[venue];
      const probe = new FrameProbe(venue, listing);
      for (const instrument of probe.catalog.instruments())
        expect(instrumentSchema.parse(instrument)).toEqual(instrument);
      for (const { frame } of frames) expect(probe.take(frame)).toBe(true);
      expect(probe.refusals.byReason()).toEqual({});
      expect(probe.accepted).toBeGreaterThanOrEqual(frames.reduce((total, { facts }) => total + facts, 0));
      expect(probe.updates.length).toBeGreaterThan(0);
      expect(probe.updates.filter((update) => !isSound(update))).toEqual([]);
      const [first] = probe.of('trade');
      expect(first?.trade).toMatchObject({ instrumentId, price: 100.5, size: 0.25, exchangeAtMs: sampleAtMs });
    });
  }

  it('behavior: a long that is liquidated is a sell, in the words of each venue', () => {
    for (const venue of ['binance', 'okx', 'bybit', 'lighter'] as const) {
      const { listing, frames } = venueSamples[venue];
      const probe = new FrameProbe(venue, listing);
      for (const { frame } of frames) probe.take(frame);
      expect(
        probe.of('liquidation').map(({ liquidation: { side, price, size } }) => [side, price, size]),
        venue,
      ).toEqual([['sell', 99.5, 0.5]]);
    }
  });

  it('behavior: an inverse contract of Bybit is a dollar, whatever the smallest order is', () => {
    const probe = new FrameProbe('bybit', venueSamples.bybit.listing);
    expect(probe.catalog.get('BTC.USD-PERP@bybit')?.instrument).toMatchObject({
      contract: 'inverse',
      settle: 'BTC',
      contractSize: '1',
      lotSize: '1',
    });
    probe.take({
      topic: 'publicTrade.BTCUSD',
      type: 'snapshot',
      ts: sampleAtMs,
      data: [{ T: sampleAtMs, s: 'BTCUSD', S: 'Buy', v: '500', p: '50000', i: 'x' }],
    });
    expect(probe.of('trade')[0]?.trade.size).toBe(500);
    probe.take({
      topic: 'tickers.BTCUSD',
      type: 'snapshot',
      ts: sampleAtMs,
      data: { symbol: 'BTCUSD', openInterest: '700' },
    });
    expect(probe.of('open-interest')[0]?.openInterest).toMatchObject({ size: 700, notionalUsd: 700 });
  });

  it('behavior: a change of a Bybit ticker keeps what it does not say', () => {
    const probe = new FrameProbe('bybit', venueSamples.bybit.listing);
    const ticker = venueSamples.bybit.frames[4]?.frame;
    probe.take(ticker);
    probe.take({
      topic: 'tickers.BTCUSDT',
      type: 'delta',
      ts: sampleAtMs,
      data: { symbol: 'BTCUSDT', markPrice: '100.55' },
    });
    expect(probe.of('ticker').at(-1)?.ticker).toMatchObject({ last: 100.5, mark: 100.55, bid: 100.4, ask: 100.6 });
  });

  it('behavior: what Coinbase counts shows a lost message of a book', () => {
    const { listing, frames } = venueSamples.coinbase;
    const probe = new FrameProbe('coinbase', listing);
    for (const { frame } of frames) probe.take(frame);
    const last = frames.at(-1)?.frame;
    probe.take({ ...last, sequence: 5 });
    expect(probe.of('book-delta').map(({ delta }) => delta.sequence)).toEqual([3]);
  });
});
