import { SeededRandom } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { type DriftChange, type DriftState, driftDefaults, noDrift, stepDrift } from './drift-detector.ts';

const { blockMs, leastScores } = driftDefaults;

/** Normal deviates of a seed (Box and Muller 1958). */
function normal(random: SeededRandom): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

/** Days of as many equal excesses as a block needs, from the first on. */
function play(days: readonly number[], from: DriftState = noDrift, firstDay = 0) {
  let state = from;
  const changes: (DriftChange & { readonly day: number })[] = [];
  // A day is judged with the first score of the next one.
  for (const [index, value] of [...days, 0].entries()) {
    const day = firstDay + index;
    const scores = index === days.length ? 1 : leastScores;
    for (let i = 0; i < scores; i += 1) {
      const step = stepDrift(state, { atMs: day * blockMs + i, excess: value });
      state = step.state;
      if (step.change !== undefined) changes.push({ ...step.change, day: day - 1 });
    }
  }
  return { state, changes };
}

const calm = (random: SeededRandom, days: number, mean = 0): number[] =>
  Array.from({ length: days }, () => mean + 0.02 * normal(random));

describe('stepDrift', () => {
  it('default: rings some days after scores have become worse, and ends some days after they are as before', () => {
    const random = new SeededRandom('drift');
    const { changes } = play([...calm(random, 60), ...calm(random, 30, 0.04), ...calm(random, 60)]);
    expect(changes.map(({ state }) => state)).toEqual(['drifted', 'recovered']);
    const [alarm, end] = changes;
    expect(alarm?.day).toBeGreaterThanOrEqual(61);
    expect(alarm?.day).toBeLessThan(70);
    expect(alarm?.atMs).toBe(((alarm?.day ?? 0) + 1) * blockMs);
    expect(alarm?.statistic).toBeGreaterThanOrEqual(driftDefaults.limit);
    expect(alarm?.recent).toBeGreaterThan((alarm?.usual ?? 0) + 0.02);
    expect(end?.day).toBeGreaterThanOrEqual(90);
    expect(end?.day).toBeLessThan(120);
  });

  it('behavior: better scores ring nothing', () => {
    const random = new SeededRandom('better');
    expect(play([...calm(random, 60), ...calm(random, 60, -0.04)]).changes).toEqual([]);
  });

  it('behavior: one bad day rings nothing, however bad', () => {
    const random = new SeededRandom('one day');
    expect(play([...calm(random, 60), 1, ...calm(random, 20)]).changes).toEqual([]);
  });

  it('behavior: of a past that never varied another day is an alarm soon, the same one never', () => {
    expect(play(Array.from({ length: 60 }, () => 0.1)).changes).toEqual([]);
    expect(play([...Array.from({ length: 20 }, () => 0.1), 0.3, 0.3, 0.3]).changes).toMatchObject([{ day: 21 }]);
  });

  it('behavior: days of too few scores are joined', () => {
    let state = noDrift;
    for (let day = 0; day < 100; day += 1) ({ state } = stepDrift(state, { atMs: day * blockMs, excess: 0 }));
    expect(state.blocks).toBe(9);
  });

  it('behavior: goes on from what was kept as if it had never stopped', () => {
    const random = new SeededRandom('kept');
    const days = [...calm(random, 40), ...calm(random, 20, 0.05)];
    let state = noDrift;
    for (const [day, value] of days.entries())
      for (let i = 0; i < leastScores; i += 1)
        ({ state } = stepDrift(JSON.parse(JSON.stringify(state)), { atMs: day * blockMs + i, excess: value }));
    const { state: whole } = play(days);
    expect({ ...state, block: undefined }).not.toEqual(noDrift);
    expect(stepDrift(state, { atMs: days.length * blockMs, excess: 0 }).state).toEqual(whole);
  });

  it('behavior: among 400 agents that never change one in eight has rung within a year', { timeout: 60_000 }, () => {
    const random = new SeededRandom('false alarms');
    const rung = Array.from({ length: 400 }, () => play(calm(random, 365)).changes.length > 0).filter(Boolean).length;
    expect(rung / 400).toBeGreaterThan(0.07);
    expect(rung / 400).toBeLessThan(0.19);
  });
});
