import { SimulatedClock, type TrackRecord } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { DailyRecords } from './daily-records.ts';

const hourMs = 3_600_000;
const startAtMs = Date.UTC(2026, 0, 5);

function days() {
  const clock = new SimulatedClock({ startAtMs });
  let scored = 0;
  const read = (): TrackRecord | undefined => (scored === 0 ? undefined : { scored, skill: 0, hitRate: 0 });
  const daily = new DailyRecords({ clock, agents: () => ['vanta'], read });
  /** A score due so many hours after the start is told. */
  const score = (hours: number): void => {
    daily.expect(startAtMs + hours * hourMs);
    scored += 1;
  };
  return { clock, score, weighs: () => daily.record('vanta')?.scored, daily };
}

describe('DailyRecords', () => {
  it('default: a record weighs from the next day on, and all day alike', async () => {
    const { clock, score, weighs } = days();
    score(1);
    score(22);
    expect(weighs()).toBeUndefined();
    await clock.advanceTo(startAtMs + 24 * hourMs);
    expect(weighs()).toBe(2);
    score(25);
    await clock.advanceTo(startAtMs + 47.9 * hourMs);
    expect(weighs()).toBe(2);
    await clock.advanceTo(startAtMs + 48 * hourMs);
    expect(weighs()).toBe(3);
  });

  it('behavior: whichever comes first at midnight, the round or the scores of the last hour, it weighs alike', async () => {
    const scores = [1, 22.9, 23, 23.5, 24];
    const told = days();
    for (const hours of scores) told.score(hours);
    const asked = days();
    for (const hours of scores.slice(0, 2)) asked.score(hours);
    for (const { clock } of [told, asked]) await clock.advanceTo(startAtMs + 24 * hourMs);
    expect([told.weighs(), asked.weighs()]).toEqual([2, 2]);
    for (const hours of scores.slice(2)) asked.score(hours);
    expect(asked.weighs()).toBe(2);
  });

  it('behavior: days without a round or a score pass', async () => {
    const { clock, score, weighs } = days();
    score(1);
    await clock.advanceTo(startAtMs + 100 * hourMs);
    score(100);
    expect(weighs()).toBe(1);
    await clock.advanceTo(startAtMs + 120 * hourMs);
    expect(weighs()).toBe(2);
  });

  it('behavior: begun anew, it goes by what is known then', () => {
    const { score, weighs, daily } = days();
    expect(weighs()).toBeUndefined();
    score(1);
    daily.reset();
    expect(weighs()).toBe(1);
  });
});
