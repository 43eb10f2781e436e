import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { clockContract } from '../testing/clock-contract.ts';
import { testClock, testStartAtMs } from '../testing/test-ids.ts';
import { SimulatedClock } from './simulated-clock.ts';
import { SystemClock } from './system-clock.ts';

describe('SimulatedClock keeps the contract of a clock', () => {
  for (const c of clockContract)
    it(c.name, () =>
      c.run(async () => {
        const clock = testClock();
        return { clock, pass: (durationMs) => clock.advanceBy(durationMs), close: async () => {} };
      }),
    );
});

describe('SystemClock keeps the contract of a clock', () => {
  // The machine's time is the platform's; here it is vitest's, so that nothing waits.
  beforeEach(() => void vi.useFakeTimers({ now: testStartAtMs }));
  afterEach(() => void vi.useRealTimers());
  for (const c of clockContract)
    it(c.name, () =>
      c.run(async () => ({
        clock: new SystemClock(),
        pass: async (durationMs) => void (await vi.advanceTimersByTimeAsync(durationMs)),
        close: async () => {},
      })),
    );

  it('behavior: a timer of forty days fires after forty days', async () => {
    const clock = new SystemClock();
    const days = 86_400_000;
    let calls = 0;
    clock.setTimer(40 * days, () => (calls += 1));
    await vi.advanceTimersByTimeAsync(40 * days - 1);
    expect(calls).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(calls).toBe(1);
  });
});

describe('SimulatedClock', () => {
  const turns = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i += 1) await new Promise((resolve) => setImmediate(resolve));
  };

  it('default: it begins where it is told, or at zero', () => {
    expect(new SimulatedClock().nowMs()).toBe(0);
    expect(new SimulatedClock({ startAtMs: 5 }).nowMs()).toBe(5);
  });

  it('behavior: it does not move while anything is in flight', async () => {
    const clock = new SimulatedClock();
    const release = clock.hold();
    const moving = clock.advanceTo(100);
    await turns(10);
    expect(clock.nowMs()).toBe(0);
    release();
    await moving;
    expect(clock.nowMs()).toBe(100);
  });

  it('behavior: what a timer starts settles before the next fires, at the same instant', async () => {
    const clock = new SimulatedClock();
    const log: string[] = [];
    const work = (name: string, count: number) => () => {
      const release = clock.hold();
      void turns(count).then(() => {
        log.push(`${name} ${clock.nowMs()}`);
        release();
      });
    };
    clock.setTimer(10, work('slow', 30));
    clock.setTimer(20, work('quick', 1));
    await clock.advanceTo(1_000);
    expect(log).toEqual(['slow 10', 'quick 20']);
  });

  it('behavior: idle sees work that starts two turns after other work ended', async () => {
    const clock = new SimulatedClock();
    let done = false;
    const first = clock.hold();
    void turns(3).then(() => {
      first();
      void turns(2).then(() => {
        const second = clock.hold();
        void turns(3).then(() => {
          done = true;
          second();
        });
      });
    });
    await clock.idle();
    expect(done).toBe(true);
  });

  it('behavior: idle fires no timer, not even one that is due', async () => {
    const clock = new SimulatedClock();
    let calls = 0;
    clock.setTimer(0, () => (calls += 1));
    await clock.idle();
    expect([calls, clock.nextTimerAtMs()]).toEqual([0, 0]);
    await clock.advanceTo(0);
    expect([calls, clock.nextTimerAtMs()]).toEqual([1, undefined]);
  });

  it('behavior: fractions of a millisecond are rounded up', async () => {
    const clock = new SimulatedClock();
    clock.setTimer(1.2, () => {});
    expect(clock.nextTimerAtMs()).toBe(2);
  });

  it('error: it can not go back', async () => {
    const clock = new SimulatedClock({ startAtMs: 10 });
    await expect(clock.advanceTo(9)).rejects.toMatchObject({ name: 'ValidationError', code: 'clock.backwards' });
  });

  it('behavior: it can jump to its start, timers keeping the time they have left, until it has moved', async () => {
    const clock = new SimulatedClock();
    const calls: number[] = [];
    clock.setTimer(10, () => calls.push(clock.nowMs()));
    clock.startAt(100);
    expect([clock.nowMs(), clock.nextTimerAtMs(), clock.moved]).toEqual([100, 110, false]);
    expect(() => clock.startAt(99)).toThrow(expect.objectContaining({ code: 'clock.backwards' }));
    await clock.advanceBy(10);
    expect([calls, clock.moved]).toEqual([[110], true]);
    expect(() => clock.startAt(200)).toThrow(expect.objectContaining({ code: 'clock.started' }));
  });
});
