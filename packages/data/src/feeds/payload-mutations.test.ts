import { describe, expect, it } from 'vitest';
import { runPayloadMutations } from './testing/payload-mutations.ts';
import { type FeedVenue, venueFeeds } from './venue-feeds.ts';

describe('mutated payloads', () => {
  for (const venue of Object.keys(venueFeeds) as FeedVenue[]) {
    it(`behavior: ${venue} never crashes, tells nothing unsound, counts what is bad and goes on`, () => {
      const result = runPayloadMutations({ venue, seed: 'test', cases: 300 });
      expect(result).toMatchObject({ cases: 300, crashes: 0, unsound: 0, vanished: 0, goodLost: 0 });
      expect(result.refused).toBeGreaterThan(100);
      // All of it happens within one minute, of which only samples go to the log.
      expect(result.sampled).toBe(6);
    });
  }

  it('behavior: nothing reaches the prototype of objects', () => {
    runPayloadMutations({ venue: 'binance', seed: 'prototype', cases: 200 });
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });
});
