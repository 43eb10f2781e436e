import type { InstrumentId, OpenInterest } from '@perpdesk/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OpenInterestTrack } from './open-interest-track.ts';

const instrumentId: InstrumentId = 'BTC-PERP@hyperliquid';
const value = (seconds: number, size = seconds): OpenInterest => ({
  ...{ instrumentId, size, notionalUsd: size * 100 },
  ...{ exchangeAtMs: seconds * 1_000, receivedAtMs: seconds * 1_000 + 50 },
});

describe('OpenInterestTrack', () => {
  it('default: the last word of each minute, whole, the oldest minutes forgotten', () => {
    const track = new OpenInterestTrack(instrumentId, 3);
    expect(track.last(9)).toEqual([]);
    for (const seconds of [5, 30, 61, 119, 120, 180, 181, 240]) track.add(value(seconds));
    expect(track.last(9)).toEqual([value(120), value(181), value(240)]);
    expect(track.last(1)).toEqual([value(240)]);
    expect(track.last(0)).toEqual([]);
  });

  it('behavior: what is not newer changes nothing', () => {
    const track = new OpenInterestTrack(instrumentId, 3);
    for (const seconds of [0, 70, 65, 70, 3]) track.add(value(seconds, seconds + track.last(9).length));
    expect(track.last(9)).toEqual([value(0, 0), value(70, 71)]);
  });

  it('behavior: equals a list that keeps everything', () => {
    void fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 60 }),
        (capacity, steps) => {
          const track = new OpenInterestTrack(instrumentId, capacity);
          const minutes = new Map<number, OpenInterest>();
          let seconds = 0;
          for (const step of steps) {
            seconds += step;
            const known = minutes.get(Math.floor(seconds / 60));
            if (known?.exchangeAtMs !== seconds * 1_000) minutes.set(Math.floor(seconds / 60), value(seconds));
            track.add(value(seconds));
          }
          expect(track.last(99)).toEqual([...minutes.values()].slice(-capacity));
        },
      ),
    );
  });
});
