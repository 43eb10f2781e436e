import { type Account, type Position, toPrice, toSize, toUsd, zeroUsd } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { AbsenceDoubt } from './absence-doubt.ts';
import { newCursor } from './fill-cursor.ts';
import { adoptedPosition } from './held-position.ts';
import { type AccountReading, VenueAccount } from './venue-account.ts';

const place = { userId: 'alice', venue: 'paper', instrumentId: 'BTC-PERP@hyperliquid' } as const;
const position: Position = {
  ...place,
  direction: 'short',
  size: toSize('0.2'),
  entryPrice: toPrice(60_000),
  markPrice: toPrice(60_000),
  leverage: 5,
  marginMode: 'isolated',
  margin: toUsd(2_400),
  unrealizedPnl: zeroUsd,
  realizedPnl: zeroUsd,
  openedAtMs: 0,
  updatedAtMs: 0,
};
const empty: Omit<AccountReading, 'atMs'> = {
  ...{ openOrders: [], lookedUp: [], isSettled: true, fills: [], payments: [], positions: [] },
  account: {} as Account,
};

/** Whether the position's absence is doubted at each reading: when it was begun, and when it came to its end, in seconds. */
function doubts(...readings: readonly (readonly [begunAt: number, endedAt: number])[]): readonly boolean[] {
  const held = [adoptedPosition(position, 1)];
  const account = new VenueAccount({ ...place, cursor: newCursor(0, []), held, openOrders: [] });
  const doubt = new AbsenceDoubt();
  return readings.map(
    ([begunAt, endedAt]) =>
      doubt.doubted(account, { ...empty, atMs: begunAt * 1_000 }, endedAt * 1_000, new Set()).length > 0,
  );
}
const every = (seconds: number, to: number): [number, number][] =>
  Array.from({ length: to / seconds + 1 }, (_, index) => [index * seconds, index * seconds]);

describe('AbsenceDoubt', () => {
  it('default: what is not shown again and again for two minutes is gone', () => {
    expect(doubts(...every(5, 115)).every(Boolean)).toBe(true);
    expect(doubts(...every(5, 120)).at(-1)).toBe(false);
  });

  it('behavior: a hole in which nobody could read begins them anew', () => {
    expect(doubts([0, 0], [2, 2], [120, 120], [122, 122])).toEqual([true, true, true, true]);
    const after = every(10, 120).map(([at]): [number, number] => [60 + at, 60 + at]);
    expect(doubts([0, 0], ...after.slice(0, -1)).every(Boolean)).toBe(true);
    expect(doubts([0, 0], ...after).at(-1)).toBe(false);
    expect(doubts(...every(20, 120)).at(-1)).toBe(false);
  });

  it('behavior: a reading that broke off and went on says what was so when it began', () => {
    expect(doubts(...every(10, 110), [115, 124]).at(-1)).toBe(true);
    expect(doubts(...every(10, 110), [120, 124]).at(-1)).toBe(false);
  });
});
