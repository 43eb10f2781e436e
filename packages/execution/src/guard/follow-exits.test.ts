import { type ExitRules, type FundingRate, toPrice, toRate } from '@perpdesk/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ExitSituation, exitDue, followTrail, tighterStop } from './follow-exits.ts';
import type { Trail } from './guard-store.ts';

const instrument = { priceRule: { kind: 'tick', tick: toPrice('0.1') } } as const;
const situation = (changes: Partial<ExitSituation> & { readonly mark: number }): ExitSituation => {
  const { mark, ...rest } = changes;
  return {
    rules: {},
    position: { direction: 'long', entryPrice: toPrice(100), markPrice: toPrice(mark), openedAtMs: 0 },
    stopLoss: toPrice(98),
    trail: undefined,
    instrument,
    nowMs: 10_000,
    ...rest,
  };
};
const trailing: ExitRules = { trailing: { distance: toRate('0.01'), fromR: 1 } };
const breakEven: ExitRules = { breakEven: { atR: 1, offset: toRate('0.001') } };

/** The stop after each of the marks, ten seconds apart. */
function stopsAfter(rules: ExitRules, marks: readonly number[], direction: 'long' | 'short' = 'long'): string[] {
  let trail: Trail | undefined;
  const stopLoss = toPrice(direction === 'long' ? 98 : 102);
  return marks.map((mark, index) => {
    const position = { direction, entryPrice: toPrice(100), markPrice: toPrice(mark), openedAtMs: 0 };
    trail = followTrail({ rules, position, stopLoss, trail, instrument, nowMs: (index + 1) * 10_000 });
    return tighterStop(direction, stopLoss, trail.stopLoss);
  });
}

describe('followTrail', () => {
  it('default: a trailing stop starts at its gain and follows the best mark, never back', () => {
    expect(stopsAfter(trailing, [101, 102, 104, 103, 106])).toEqual(['98', '101', '103', '103', '105']);
  });

  it('behavior: it follows a short downwards', () => {
    expect(stopsAfter(trailing, [99, 98, 96, 97], 'short')).toEqual(['102', '98.9', '96.9', '96.9']);
  });

  it('behavior: break-even moves once, beyond the entry by the offset', () => {
    expect(stopsAfter(breakEven, [101.9, 102, 110])).toEqual(['98', '100.1', '100.1']);
  });

  it('behavior: it triggers towards firing earlier when rounded', () => {
    expect(stopsAfter(trailing, [103.33])).toEqual(['102.3']);
  });

  it('behavior: a small step does not move an order at the venue, nor do two within five seconds', () => {
    // 0.1 % of the way is a tenth of the distance: below it the order stays.
    expect(stopsAfter(trailing, [104, 104.05])).toEqual(['103', '103']);
    const first = followTrail(situation({ rules: trailing, mark: 104 }));
    const soon = followTrail(situation({ rules: trailing, mark: 108, trail: first, nowMs: 14_999 }));
    expect(soon).toEqual({ ...first, best: '108' });
    expect(followTrail(situation({ rules: trailing, mark: 108, trail: soon, nowMs: 15_000 })).stopLoss).toBe('107');
  });

  it('behavior: a stop that the price has passed already is not laid', () => {
    const trail = { best: toPrice(110), movedAtMs: 0 };
    expect(followTrail(situation({ rules: trailing, mark: 105, trail })).stopLoss).toBeUndefined();
  });

  it('behavior: whatever the price does, a stop never moves against the position and never stands beyond the mark', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 80, max: 140, noNaN: true }), { maxLength: 60 }),
        fc.constantFrom('long', 'short'),
        (marks, direction) => {
          const sign = direction === 'long' ? 1 : -1;
          const rounded = marks.map((mark) => Number(mark.toFixed(2)));
          const stops = stopsAfter({ ...trailing, ...breakEven }, rounded, direction).map(Number);
          const plan = direction === 'long' ? 98 : 102;
          stops.forEach((stop, index) => {
            const before = stops[index - 1] ?? plan;
            expect((stop - before) * sign).toBeGreaterThanOrEqual(0);
            if (stop !== before) expect(((rounded[index] ?? 0) - stop) * sign).toBeGreaterThan(0);
          });
        },
      ),
    );
  });
});

describe('exitDue', () => {
  const position = { direction: 'long', openedAtMs: 1_000 } as const;
  const rate = (value: number, intervalMs: number): FundingRate => ({
    instrumentId: 'BTC-PERP@paper',
    rate: value,
    intervalMs,
    settlesAtMs: 0,
    predicted: true,
    exchangeAtMs: 0,
    receivedAtMs: 0,
  });

  it('default: time comes with its last millisecond', () => {
    const rules = { maxHoldMs: 60_000 };
    expect(exitDue({ rules, position, funding: undefined, nowMs: 60_999 })).toBeUndefined();
    expect(exitDue({ rules, position, funding: undefined, nowMs: 61_000 })).toBe('time-exit');
  });

  it('behavior: funding counts by the day and only when it is paid', () => {
    const rules = { maxFundingPerDay: toRate('0.003') };
    const at = (funding: FundingRate | undefined, direction: 'long' | 'short' = 'long') =>
      exitDue({ rules, position: { ...position, direction }, funding, nowMs: 2_000 });
    expect(at(rate(0.000126, 3_600_000))).toBe('funding-exit');
    expect(at(rate(0.000125, 3_600_000))).toBeUndefined();
    expect(at(rate(0.001001, 28_800_000))).toBe('funding-exit');
    expect(at(rate(0.001001, 28_800_000), 'short')).toBeUndefined();
    expect(at(rate(-0.001001, 28_800_000), 'short')).toBe('funding-exit');
    expect(at(undefined)).toBeUndefined();
  });
});
