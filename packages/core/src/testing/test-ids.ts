import type { Clock } from '../clock/clock.ts';
import { SimulatedClock } from '../clock/simulated-clock.ts';
import { type IdGenerator, SortableIdGenerator } from '../ids/id-generator.ts';
import { SeededRandom } from '../ids/random.ts';

/** 2025-01-01T00:00:00Z, where test clocks start: a whole day, hour and minute. */
export const testStartAtMs = 1_735_689_600_000;

/** A simulated clock at {@link testStartAtMs}. */
export const testClock = (startAtMs = testStartAtMs): SimulatedClock => new SimulatedClock({ startAtMs });

/** Ids that are the same for the same seed. On a clock of its own, so that they say nothing of the test's. */
export const testIds = (seed: string | number = 'test', clock: Clock = testClock()): IdGenerator =>
  new SortableIdGenerator({ clock, random: new SeededRandom(seed) });
