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

  it('behavior: idle lets two turns of the host pass after the one in which work ends, however many steps that takes', async () => {
    const clock = new SimulatedClock();
    const release = clock.hold();
    let ended = false;
    void (async () => {
      for (let step = 0; step < 100; step += 1) await undefined;
      ended = true;
      release();
    })();
    const immediate = vi.spyOn(globalThis, 'setImmediate');
    try {
      await clock.idle();
      expect([ended, immediate.mock.calls.length]).toEqual([true, 3]);
    } finally {
      immediate.mockRestore();
    }
  });

  it('behavior: who has just seen it idle moves it without another look, once, and not where anything was begun', async () => {
    let looks = 0;
    const clock = new SimulatedClock({
      yieldToHost: async () => {
        looks += 1;
        await turns(1);
      },
    });
    const looksOf = async (act: () => Promise<unknown>): Promise<number> => {
      const before = looks;
      await act();
      return looks - before;
    };
    const move = (): Promise<void> => clock.advanceTo(clock.nowMs() + 10, { afterIdle: true });
    expect(await looksOf(move)).toBe(2);
    expect(await looksOf(() => clock.idle())).toBe(1);
    expect(await looksOf(move)).toBe(0);
    expect(await looksOf(move)).toBe(1);
    await clock.idle();
    clock.hold()();
    expect(await looksOf(move)).toBe(2);
    await clock.idle();
    const fired: number[] = [];
    for (const afterMs of [3, 4]) clock.setTimer(afterMs, () => fired.push(clock.nowMs()));
    await clock.idle();
    // None before the first timer, one after each.
    expect(await looksOf(move)).toBe(2);
    expect(fired).toEqual([43, 44]);
    await clock.idle();
    const release = clock.hold();
    const moving = move();
    await turns(5);
    expect(clock.nowMs()).toBe(50);
    release();
    await moving;
    await clock.idle();
    const visited = clock.visit(async ({ atMs }) => atMs);
    await move();
    expect(await visited).toBe(60);
  });

  it('behavior: settled waits for work in flight to rest, not to end', async () => {
    const clock = new SimulatedClock();
    const release = clock.hold();
    const order: string[] = [];
    const working = (async () => {
      for (let step = 0; step < 3; step += 1) {
        const done = clock.hold();
        for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
        done();
      }
      order.push('rests');
    })();
    await clock.settled();
    order.push('settled');
    await working;
    expect(order).toEqual(['rests', 'settled']);
    release();
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

  it('behavior: who comes from outside acts between two timers, when what the first set off has settled', async () => {
    const clock = new SimulatedClock();
    const log: string[] = [];
    const work = (name: string) => () => {
      const release = clock.hold();
      log.push(`${name} begins`);
      void turns(5).then(() => {
        log.push(`${name} ends`);
        release();
      });
    };
    for (const name of ['one', 'two', 'three']) clock.setTimer(10, work(name));
    const moving = clock.advanceTo(20);
    while (log.length < 3) await turns(1);
    const places = await Promise.all(
      ['first', 'second'].map((name) =>
        clock.visit(async (place) => {
          work(name)();
          return place;
        }),
      ),
    );
    await moving;
    const names = ['one', 'two', 'first', 'second', 'three'];
    expect(log).toEqual(names.flatMap((name) => [`${name} begins`, `${name} ends`]));
    expect(places).toEqual(Array(2).fill({ atMs: 10, fired: 2 }));
  });

  it('behavior: a clock that nobody moves lets in as well, and tells what went wrong inside', async () => {
    const clock = new SimulatedClock({ startAtMs: 7 });
    const release = clock.hold();
    const places: unknown[] = [];
    const visited = clock.visit(async (place) => void places.push(place));
    await turns(5);
    expect(places).toEqual([]);
    release();
    await visited;
    expect(places).toEqual([{ atMs: 7, fired: 0 }]);
    await expect(clock.visit(() => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
    await clock.advanceTo(8);
    expect(clock.nowMs()).toBe(8);
  });

  it('behavior: whoever came is let in at the same place again, wherever it was', async () => {
    const run = async (visit: (clock: SimulatedClock, log: string[]) => void): Promise<string[]> => {
      const clock = new SimulatedClock();
      const log: string[] = [];
      for (const atMs of [10, 10, 10, 30]) clock.setTimer(atMs, () => log.push(`timer ${clock.nowMs()}`));
      visit(clock, log);
      await clock.advanceTo(25);
      await clock.advanceTo(40);
      return log;
    };
    for (const atMs of [0, 10, 25, 30])
      for (const fired of [0, 1, 3]) {
        const place = { atMs, fired };
        const log = await run((clock, seen) => {
          void clock.visit(async (at) => void seen.push(`visit ${at.atMs}`), place);
        });
        const timers = [10, 10, 10, 30].map((at) => `timer ${at}`);
        const before = [10, 10, 10, 30].filter((at) => at < atMs).length;
        // At an instant with fewer timers than were then, after the last.
        const there = Math.min(fired, [10, 10, 10, 30].filter((at) => at === atMs).length);
        expect(log, JSON.stringify(place)).toEqual(timers.toSpliced(before + there, 0, `visit ${atMs}`));
      }
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
