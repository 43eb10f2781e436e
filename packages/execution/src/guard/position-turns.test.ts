import { SimulatedClock, silentLogger } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { place } from '../testing/trading-desk.ts';
import { PositionTurns } from './position-turns.ts';

/** Turns with a position that fails until told otherwise; `at`: when it was looked at, ms. */
function setUp(options: { readonly dueAtMs?: number } = {}) {
  const clock = new SimulatedClock({ startAtMs: 0 });
  const state = { done: false, at: [] as number[] };
  const { dueAtMs } = options;
  const turns = new PositionTurns({
    ...{ clock, logger: silentLogger, retryMs: 250 },
    act: async () => {
      state.at.push(clock.nowMs());
      return state.done;
    },
    ...(dueAtMs === undefined ? {} : { dueAtMs: () => dueAtMs }),
  });
  return { clock, state, turns };
}

describe('PositionTurns', () => {
  it('default: what did not succeed is done again soon, then at most a second later, until it has', async () => {
    const { clock, state, turns } = setUp();
    await turns.take(place);
    await clock.advanceBy(4_000);
    expect(state.at).toEqual([0, 250, 750, 1_750, 2_750, 3_750]);
    state.done = true;
    await clock.advanceBy(10_000);
    expect(state.at.slice(6)).toEqual([4_750]);
    // The next that fails begins anew.
    state.done = false;
    await turns.take(place);
    await clock.advanceBy(750);
    expect(state.at.slice(7)).toEqual([14_000, 14_250, 14_750]);
    await turns.stop();
  });

  it('behavior: a position is looked at when it is due, though its pause lasts longer', async () => {
    const { clock, state, turns } = setUp({ dueAtMs: 2_000 });
    await turns.take(place);
    await clock.advanceBy(4_500);
    expect(state.at).toEqual([0, 250, 750, 1_750, 2_000, 3_000, 4_000]);
    await turns.stop();
  });

  it('behavior: a change is taken up at once, and does not shorten the pauses', async () => {
    const { clock, state, turns } = setUp();
    await turns.take(place);
    await clock.advanceBy(1_000);
    await turns.take(place);
    await clock.advanceBy(2_000);
    expect(state.at).toEqual([0, 250, 750, 1_000, 2_000, 3_000]);
    await turns.stop();
  });
});
