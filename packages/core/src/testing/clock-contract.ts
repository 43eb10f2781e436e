import assert from 'node:assert/strict';
import type { Clock } from '../clock/clock.ts';
import type { ContractCase } from './contract-case.ts';

/** A clock and a way to let its time pass. */
export interface ClockHarness {
  readonly clock: Clock;
  /** Resolves when so much of the clock's time has passed and what it started has run. */
  pass(durationMs: number): Promise<void>;
  close(): Promise<void>;
}

/** Makes a clock on which no timer is set. */
export type MakeClock = () => Promise<ClockHarness>;

function scenario(name: string, run: (harness: ClockHarness) => Promise<void>): ContractCase<MakeClock> {
  return {
    name,
    run: async (make) => {
      const harness = await make();
      try {
        await run(harness);
      } finally {
        await harness.close();
      }
    },
  };
}

/** What every Clock keeps to. */
export const clockContract: readonly ContractCase<MakeClock>[] = [
  scenario('default: now is an integer that grows with the time that passes', async ({ clock, pass }) => {
    const before = clock.nowMs();
    await pass(250);
    assert.ok(Number.isSafeInteger(before));
    assert.equal(clock.nowMs() - before, 250);
  }),

  scenario('default: a timer calls back once, when its time has come and not before', async ({ clock, pass }) => {
    const startAtMs = clock.nowMs();
    const calls: number[] = [];
    clock.setTimer(100, () => calls.push(clock.nowMs() - startAtMs));
    await pass(99);
    assert.deepEqual(calls, []);
    await pass(1);
    await pass(500);
    assert.deepEqual(calls, [100]);
  }),

  scenario(
    'behavior: timers call back in the order of their times, and of setting within one',
    async ({ clock, pass }) => {
      const log: string[] = [];
      for (const [name, delayMs] of [
        ['late', 30],
        ['early', 10],
        ['twin', 10],
        ['now', 0],
        ['past', -5],
      ] as const)
        clock.setTimer(delayMs, () => log.push(name));
      assert.deepEqual(log, []);
      await pass(100);
      assert.deepEqual(log, ['now', 'past', 'early', 'twin', 'late']);
    },
  ),

  scenario('behavior: a timer may set another', async ({ clock, pass }) => {
    const startAtMs = clock.nowMs();
    const log: number[] = [];
    const tick = (): void => {
      log.push(clock.nowMs() - startAtMs);
      if (log.length < 3) clock.setTimer(20, tick);
    };
    clock.setTimer(20, tick);
    await pass(100);
    assert.deepEqual(log, [20, 40, 60]);
  }),

  scenario(
    'behavior: a cancelled timer never calls back, whenever and however often it is cancelled',
    async ({ clock, pass }) => {
      let calls = 0;
      const cancel = clock.setTimer(10, () => (calls += 1));
      const other = clock.setTimer(10, () => (calls += 10));
      cancel();
      cancel();
      await pass(50);
      other();
      assert.equal(calls, 10);
    },
  ),

  scenario(
    'behavior: a timer further away than the platform can count does not fire at once',
    async ({ clock, pass }) => {
      let calls = 0;
      const cancel = clock.setTimer(40 * 86_400_000, () => (calls += 1));
      await pass(1_000);
      assert.equal(calls, 0);
      cancel();
    },
  ),

  scenario('default: sleep resolves when the time has passed', async ({ clock, pass }) => {
    let awake = false;
    const sleeping = clock.sleep(100).then(() => (awake = true));
    await pass(99);
    assert.equal(awake, false);
    await pass(1);
    await sleeping;
  }),

  scenario('error: a sleep that is aborted, before or meanwhile, rejects with the reason', async ({ clock, pass }) => {
    const reason = new Error('wake up');
    await assert.rejects(clock.sleep(100, { signal: AbortSignal.abort(reason) }), (error) => error === reason);
    const abort = new AbortController();
    const sleeping = assert.rejects(clock.sleep(100, { signal: abort.signal }), (error) => error === reason);
    await pass(10);
    abort.abort(reason);
    await sleeping;
    await pass(200);
  }),

  scenario('behavior: a hold can be released more than once', async ({ clock, pass }) => {
    const release = clock.hold();
    release();
    release();
    await pass(10);
  }),
];
