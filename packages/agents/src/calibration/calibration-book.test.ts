import { SimulatedClock } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { calibrationFactor } from '../consensus/calibration-factor.ts';
import { exampleScore } from '../testing/opinion-score.ts';
import { CalibrationBook } from './calibration-book.ts';

const dayMs = 86_400_000;
const bookAt = (nowMs: number, halfLifeMs?: number): CalibrationBook =>
  new CalibrationBook({
    clock: new SimulatedClock({ startAtMs: nowMs }),
    ...(halfLifeMs === undefined ? {} : { halfLifeMs }),
  });

describe('CalibrationBook', () => {
  it('default: hit rate and skill of published opinions four bars on, and the factor they make', () => {
    const book = bookAt(dayMs, Number.POSITIVE_INFINITY);
    expect(book.record('vanta')).toBeUndefined();
    expect(calibrationFactor(book.record('vanta'))).toBe(1);
    for (let i = 0; i < 50; i += 1) book.take(exampleScore({ atMs: i, move: i % 5 < 3 ? 'up' : 'flat' }));
    // Up 0.6, the others 0.2: 0.12 for a hit, 0.52 for a miss; thirds score a third.
    const skill = 1 - (0.6 * 0.12 + 0.4 * 0.52) / (1 / 3);
    expect(book.record('vanta')).toEqual({
      scored: 50,
      hitRate: expect.closeTo(0.6, 12),
      skill: expect.closeTo(skill, 9),
    });
    expect(calibrationFactor(book.record('vanta'))).toBeCloseTo(1 + skill / 2, 9);
    expect(book.record('luma')).toBeUndefined();
  });

  it('behavior: one bar on, last turns and what the rules would have said stand apart', () => {
    const book = bookAt(dayMs);
    book.take(exampleScore({ source: 'model' }));
    book.take(exampleScore({ source: 'model', bars: 1, move: 'down' }));
    book.take(exampleScore({ word: 'final-turn', source: 'model', move: 'down' }));
    book.take(exampleScore({ word: 'ruled', move: 'flat' }));
    book.take(exampleScore({ atMs: 900_000, source: 'rules', move: 'down' }));
    expect(book.record('vanta')).toMatchObject({ scored: 2, hitRate: expect.closeTo(0.5, 3) });
    expect(book.record('vanta', 'model')).toMatchObject({ scored: 1, hitRate: 1 });
    // The rules' own opinion, and theirs beside the model.
    expect(book.record('vanta', 'rules')).toMatchObject({ scored: 2, hitRate: 0 });
    expect(book.detail({ agent: 'vanta', word: 'final-turn' })).toMatchObject({ count: 1, hitRate: 0 });
    expect(book.detail({ agent: 'vanta', word: 'opinion', bars: 1 })).toMatchObject({ count: 1, hitRate: 0 });
  });

  it('behavior: by regime, and of views told when none was known', () => {
    const book = bookAt(dayMs);
    book.take(exampleScore({ regime: 'trending' }));
    book.take(exampleScore({ regime: 'quiet', move: 'flat' }));
    book.take(exampleScore({ move: 'down' }));
    expect(book.detail({ regime: 'trending' })?.hitRate).toBe(1);
    expect(book.detail({ regime: 'unknown' })?.hitRate).toBe(0);
    expect(book.detail()).toMatchObject({ count: 3, baseBrier: expect.closeTo(1 / 3, 12) });
    expect(book.detail({ regime: 'volatile' })).toBeUndefined();
  });

  it('behavior: a score of one half-life ago counts half, and records fade', async () => {
    const clock = new SimulatedClock();
    const book = new CalibrationBook({ clock, halfLifeMs: 30 * dayMs });
    for (let i = 0; i < 90; i += 1) book.take(exampleScore({ dueAtMs: 0, atMs: i }));
    for (let i = 0; i < 45; i += 1) book.take(exampleScore({ dueAtMs: 30 * dayMs, atMs: i, move: 'down' }));
    await clock.advanceTo(30 * dayMs);
    // 90 · ½ hits and 45 misses.
    expect(book.record('vanta')).toMatchObject({ scored: 90, hitRate: expect.closeTo(0.5, 12) });
    await clock.advanceTo(60 * dayMs);
    expect(book.record('vanta')).toMatchObject({ scored: 45, hitRate: expect.closeTo(0.5, 12) });
    expect(book.detail({ agent: 'vanta' })?.count).toBe(135);
    // One that comes late counts by its own age.
    book.take(exampleScore({ dueAtMs: 0 }));
    expect(book.detail({ agent: 'vanta' })?.hitRate).toBeCloseTo((90 / 4 + 1 / 4) / (45 + 1 / 4), 9);
  });

  it('behavior: filled ahead, a score counts from when its horizon has passed and not a moment before', async () => {
    const clock = new SimulatedClock({ startAtMs: 0 });
    const book = new CalibrationBook({ clock });
    const [late, early] = [exampleScore({ atMs: 900_000, move: 'down' }), exampleScore()];
    book.fill([late, early]);
    await clock.advanceTo(early.dueAtMs - 1);
    expect(book.record('vanta')).toBeUndefined();
    await clock.advanceTo(early.dueAtMs);
    expect(book.record('vanta')).toMatchObject({ scored: 1, hitRate: 1 });
    await clock.advanceTo(late.dueAtMs);
    expect(book.detail()?.count).toBe(2);
  });

  it('behavior: restored from its lines it says the same', () => {
    const book = bookAt(dayMs);
    for (let i = 0; i < 20; i += 1) book.take(exampleScore({ atMs: i, confidence: i / 20, agent: i % 2 ? 'a' : 'b' }));
    const again = bookAt(dayMs);
    again.take(exampleScore({ agent: 'gone' }));
    again.restore(JSON.parse(JSON.stringify(book.entries())));
    expect(again.detail()).toEqual(book.detail());
    expect(again.record('gone')).toBeUndefined();
  });
});
