import { type MacroEvent, SimulatedClock } from '@perpdesk/core';
import { StaticMarketView } from '@perpdesk/core/testing';
import { describe, expect, it } from 'vitest';
import { catalystNews, nextPauseMs } from './catalyst-pause.ts';

const noonMs = Date.UTC(2026, 0, 5, 12);
const minuteMs = 60_000;
const event = (minutes: number, changes: Partial<MacroEvent> = {}): MacroEvent => ({
  ...{ id: `at-${minutes}`, series: 'US.CPI.YOY', title: 'CPI', country: 'US', importance: 'high' },
  ...{ theme: 'rate-expectations', polarity: -1, unit: '%', scheduledAtMs: noonMs + minutes * minuteMs },
  ...changes,
});
const view = (macroEvents: readonly MacroEvent[], startAtMs = noonMs) =>
  new StaticMarketView({ clock: new SimulatedClock({ startAtMs }), instruments: [], macroEvents });
const policy = { importance: 'high', beforeMs: 30 * minuteMs, afterMs: 15 * minuteMs, otherwise: 'decline' } as const;

describe('catalystNews', () => {
  it('default: an event that is near, none, or a calendar that is not known', () => {
    expect(catalystNews(policy, view([event(30)]))).toEqual({
      ...{ kind: 'near', title: 'CPI', scheduledAtMs: noonMs + 30 * minuteMs },
    });
    expect(catalystNews(policy, view([event(31)]))).toEqual({ kind: 'clear' });
    expect(catalystNews(policy, view([]))).toEqual({ kind: 'unknown' });
  });
});

describe('nextPauseMs', () => {
  /** When the next pause begins within the hour, in minutes from now. */
  const next = (events: readonly MacroEvent[], clockMs = noonMs): number | undefined => {
    const times = { nowMs: noonMs, untilMs: noonMs + 60 * minuteMs };
    const atMs = nextPauseMs(policy, view(events, clockMs), times);
    return atMs === undefined ? undefined : (atMs - noonMs) / minuteMs;
  };

  it('default: that of the soonest event, up to the end itself and no further', () => {
    expect([next([event(80), event(40), event(60)]), next([event(90)]), next([event(91)])]).toEqual([
      ...[10, 60, undefined],
    ]);
    expect(next([event(40, { importance: 'medium' })])).toBeUndefined();
  });

  it('behavior: a pause that has begun, at this instant too, is not the next', () => {
    expect([next([event(29)]), next([event(30)]), next([event(31)])]).toEqual([undefined, undefined, 1]);
    expect(next([event(10), event(50)])).toBe(20);
  });

  it('behavior: the end counts from the instant that is asked for, should the view be later', () => {
    expect(next([event(92)], noonMs + 5 * minuteMs)).toBeUndefined();
  });
});
