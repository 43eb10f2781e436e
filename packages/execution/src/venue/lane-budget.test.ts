import { SimulatedClock, type VenueLane } from '@perpdesk/core';
import { describe, expect, it } from 'vitest';
import { LaneBudget } from './lane-budget.ts';

/** 60 may go at once, and 40 come back in a second. */
function setUp() {
  const clock = new SimulatedClock({ startAtMs: 0 });
  const budget = new LaneBudget({ clock, weight: 100, windowMs: 1_000 });
  const went: string[] = [];
  const ask = (name: string, lane: VenueLane, weight: number, signal?: AbortSignal): Promise<void> =>
    budget
      .acquire(lane, weight, signal === undefined ? {} : { signal })
      .then(() => void went.push(`${name}@${clock.nowMs()}`));
  return { clock, budget, went, ask };
}

describe('LaneBudget', () => {
  it('default: a part goes at once, the rest as the window brings it back', async () => {
    const { clock, went, ask } = setUp();
    void ask('a', 'open', 50);
    void ask('b', 'open', 10);
    void ask('c', 'open', 20);
    await clock.idle();
    expect(went).toEqual(['a@0', 'b@0']);
    await clock.advanceBy(499);
    expect(went).toHaveLength(2);
    await clock.advanceBy(1);
    expect(went).toEqual(['a@0', 'b@0', 'c@500']);
  });

  it('behavior: in no window more goes than the venue takes', async () => {
    const { clock, ask } = setUp();
    const at: number[] = [];
    for (let index = 0; index < 60; index += 1) void ask(`${index}`, 'open', 5).then(() => at.push(clock.nowMs()));
    await clock.advanceBy(10_000);
    expect(at).toHaveLength(60);
    const busiest = Math.max(...at.map((from) => at.filter((ms) => ms >= from && ms < from + 1_000).length * 5));
    expect(busiest).toBeLessThanOrEqual(100);
    expect(busiest).toBeGreaterThanOrEqual(95);
  });

  it('behavior: a stop overtakes everything that waits; lanes go in their order, each in the order of asking', async () => {
    const { clock, went, ask } = setUp();
    void ask('first', 'open', 60);
    for (const lane of ['read', 'open', 'account', 'close', 'protect'] as const)
      for (const name of ['1', '2']) void ask(`${lane}-${name}`, lane, 3);
    await clock.advanceBy(2_000);
    expect(went.map((line) => line.split('@')[0])).toEqual([
      ...['first', 'protect-1', 'protect-2', 'close-1', 'close-2', 'account-1', 'account-2'],
      ...['open-1', 'open-2', 'read-1', 'read-2'],
    ]);
  });

  it('behavior: readings leave a quarter of what may go at once to orders', async () => {
    const { clock, went, ask } = setUp();
    void ask('history', 'read', 45);
    void ask('more history', 'read', 45);
    void ask('stop', 'protect', 15);
    await clock.idle();
    expect(went).toEqual(['history@0', 'stop@0']);
    await clock.advanceBy(1_500);
    expect(went.at(-1)).toBe('more history@1500');
  });

  it('behavior: what the account holds is read while history waits, and leaves a tenth to orders', async () => {
    const { clock, went, ask } = setUp();
    void ask('history', 'read', 45);
    void ask('more history', 'read', 10);
    void ask('account', 'account', 9);
    void ask('more of it', 'account', 1);
    void ask('stop', 'protect', 6);
    await clock.idle();
    expect(went).toEqual(['history@0', 'account@0', 'stop@0']);
    await clock.advanceBy(1_000);
    expect(went.map((line) => line.split('@')[0]).slice(3)).toEqual(['more of it', 'more history']);
  });

  it('behavior: one heavier than the burst waits for the whole of it instead of for ever', async () => {
    const { clock, went, ask } = setUp();
    void ask('small', 'open', 5);
    void ask('huge', 'close', 1_000);
    await clock.advanceBy(1_000);
    expect(went).toEqual(['small@0', 'huge@125']);
  });

  it('behavior: after a refusal by the venue new risk and the market wait, stops, exits and the account do not', async () => {
    const { clock, budget, went, ask } = setUp();
    budget.refused();
    void ask('market', 'read', 1);
    void ask('entry', 'open', 1);
    void ask('account', 'account', 5);
    void ask('stop', 'protect', 2);
    void ask('exit', 'close', 2);
    await clock.idle();
    expect(went).toEqual(['account@0', 'stop@0', 'exit@0']);
    await clock.advanceBy(1_500);
    // Each refusal holds them anew.
    budget.refused();
    await clock.advanceBy(1_999);
    expect(went).toHaveLength(3);
    await clock.advanceBy(1);
    expect(went.slice(3)).toEqual(['entry@3500', 'market@3500']);
  });

  it('behavior: after a refusal no more goes at once than readings always leave', async () => {
    const { clock, budget, went, ask } = setUp();
    budget.refused();
    void ask('stops', 'protect', 15);
    void ask('more stops', 'protect', 4);
    await clock.idle();
    expect(went).toEqual(['stops@0']);
    await clock.advanceBy(100);
    expect(went.at(-1)).toBe('more stops@100');
  });

  it('error: one that is given up leaves its place to the next', async () => {
    const { clock, budget, went, ask } = setUp();
    void ask('first', 'open', 60);
    const gaveUp = new AbortController();
    const given = ask('given up', 'open', 25, gaveUp.signal);
    void ask('next', 'open', 15);
    gaveUp.abort(new Error('no longer wanted'));
    await expect(given).rejects.toThrow('no longer wanted');
    await expect(budget.acquire('read', 1, { signal: gaveUp.signal })).rejects.toThrow('no longer wanted');
    await clock.advanceBy(400);
    expect(went).toEqual(['first@0', 'next@375']);
    expect(budget.waiting).toBe(0);
  });

  it('error: a budget of nothing', () => {
    const clock = new SimulatedClock();
    for (const weight of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => new LaneBudget({ clock, weight })).toThrow(expect.objectContaining({ code: 'budget.invalid' }));
  });
});
