import { Decimal, SimulatedClock, silentLogger, VenueError } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { AccountFunding } from './account-funding.ts';
import type { NativeFunding } from './native-order.ts';
import { exampleInstrument, noonMs } from './testing/live-desk.ts';
import type { VenueAdapter } from './venue-adapter.ts';
import type { VenueWire } from './venue-wire.ts';

const minuteMs = 60_000;

/** Funding of an account since noon, at a venue that pays it every hour, or does not say when; `asked`: the minutes it was asked in. */
function setUp({ fundingEveryMs }: { readonly fundingEveryMs?: number } = { fundingEveryMs: 60 * minuteMs }) {
  const clock = new SimulatedClock({ startAtMs: noonMs - 10 * minuteMs });
  const asked: number[] = [];
  const booked: NativeFunding[] = [];
  let fails = false;
  const adapter = {
    ...(fundingEveryMs === undefined ? {} : { fundingEveryMs }),
    fetchFunding: async () => {
      asked.push((clock.nowMs() - noonMs) / minuteMs);
      if (fails) throw new VenueError('venue.unreachable', 'No answer.', { retryable: true });
      return [...booked];
    },
  } as unknown as VenueAdapter;
  const instrument = exampleInstrument('hyperliquid');
  const wire = { in: () => wire, market: () => ({ instrument, unit: new Decimal(1) }) } as unknown as VenueWire;
  const sinceMs = noonMs - 60 * minuteMs;
  const funding = new AccountFunding({
    ...{ userId: 'alice', name: 'hyperliquid', adapter, wire, clock, logger: silentLogger, sinceMs },
  });
  /** Asks at a minute after noon; how many payments are known then. */
  const at = async (minute: number): Promise<number> => {
    await clock.advanceTo(noonMs + minute * minuteMs);
    return (await funding.fetch(sinceMs)).length;
  };
  const book = (hour: number): void => {
    const atMs = noonMs + hour * 60 * minuteMs;
    booked.push({
      ...{ nativeId: 'BTC', id: `BTC:${hour}`, amount: new Decimal(-1), rate: undefined, size: undefined },
      ...{ price: undefined, atMs },
    });
  };
  return {
    ...{ asked, at, book, clock, funding, sinceMs },
    fail: (on: boolean) => {
      fails = on;
    },
  };
}

describe('AccountFunding', () => {
  it('default: is read each time after an instant that pays, then each minute, and every ten once none can have come', async () => {
    const { asked, at, book } = setUp();
    await at(-10);
    expect(await at(-9.5)).toBe(0);
    book(0);
    for (const minute of [0, 0.1, 1.9, 2, 2.5, 2.95]) expect(await at(minute)).toBe(1);
    expect(asked).toEqual([-10, 0, 0.1, 1.9, 2.95]);
    for (let minute = 4; minute < 60; minute += 1) await at(minute);
    expect(asked.slice(5)).toEqual([4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 24, 34, 44, 54]);
    book(1);
    expect(await at(60)).toBe(2);
  });

  it('behavior: the sums that are told are read as seldom', async () => {
    const { asked, at, clock, funding } = setUp();
    await at(-10);
    await funding.read();
    await clock.advanceTo(noonMs - minuteMs);
    await funding.read();
    expect(asked).toEqual([-10]);
    await clock.advanceTo(noonMs);
    await funding.read();
    expect(asked).toEqual([-10, 0]);
  });

  it('behavior: what was not answered, and what is older than all that is known, is asked for', async () => {
    const { asked, at, fail, funding, sinceMs } = setUp();
    fail(true);
    await expect(at(-10)).rejects.toThrow('No answer.');
    fail(false);
    await at(-9);
    await at(-8);
    await funding.fetch(sinceMs - 1);
    expect(asked).toEqual([-10, -9, -8]);
  });

  it('behavior: where it is not known when funding is paid, it is read each time', async () => {
    const { asked, at } = setUp({});
    expect(asked).toEqual([]);
    for (const minute of [-9, -8, -7.9]) await at(minute);
    expect(asked).toEqual([-9, -8, -7.9]);
  });
});
