import { SimulatedClock, StoreError } from '@perpdesk/core';
import { openDatabase } from '@perpdesk/core/database';
import { describe, expect, it } from 'vitest';
import { RunContext } from './run-context.ts';
import { RunHold } from './run-hold.ts';
import { RunInterruption } from './run-interruption.ts';
import { type JournalEntry, type MailboxSignal, StepJournal } from './step-journal.ts';

/** Lives of one run over a journal in memory. */
async function lives() {
  const database = await openDatabase({ url: 'sqlite::memory:' });
  const clock = new SimulatedClock({ startAtMs: 1_000 });
  const entries: JournalEntry[] = [];
  const state = { mine: true, broken: false };
  const journal = new (class extends StepJournal {
    override async append(_: unknown, entry: JournalEntry): Promise<boolean> {
      if (state.broken) throw new StoreError('test.broken', 'It can not be written.');
      if (state.mine) entries.push(entry);
      return state.mine;
    }
    override async settle(_: unknown, entry: JournalEntry): Promise<boolean> {
      const index = entries.findIndex(({ position }) => position === entry.position);
      if (state.mine) entries[index] = entry;
      return state.mine;
    }
  })(database);
  const run = { id: 'run-1', name: 'w', version: 3, input: 'null', owner: 'local#1', startedAtMs: 0 };
  let hold: RunHold | undefined;
  // A life that does not wait holds the clock.
  const end = (): void => hold?.end();
  const begin = (signals: readonly MailboxSignal[] = []): RunContext => {
    end();
    hold = new RunHold(clock);
    const context = new RunContext({ run, journal, clock, hold });
    context.load(entries, signals);
    return context;
  };
  return { begin, end, clock, entries, state, [Symbol.asyncDispose]: () => database.close() };
}
const signal = (sequence: number, payload: string, topic = 'news'): MailboxSignal => ({
  ...{ sequence, runId: 'run-1', topic, payload },
});

describe('a run on its journal', () => {
  it('default: a done step gives back what is kept and is not done again', async () => {
    await using desk = await lives();
    let done = 0;
    const work = (context: RunContext) =>
      context.step('work', () => {
        done += 1;
        return { at: done };
      });
    expect(await work(desk.begin())).toEqual({ at: 1 });
    expect(desk.entries).toEqual([
      {
        ...{ position: 0, kind: 'step', name: 'work', state: 'done', data: '{"at":1}', atMs: 1_000 },
        ...{ deadlineMs: null, signalSequence: null },
      },
    ]);
    expect(await work(desk.begin())).toEqual({ at: 1 });
    expect(done).toBe(1);
    expect(desk.entries).toHaveLength(1);
  });

  it('behavior: a step that failed fails again in the same words', async () => {
    await using desk = await lives();
    let tries = 0;
    const work = (context: RunContext) =>
      context.step('work', () => {
        tries += 1;
        throw new StoreError('test.away', 'Away.');
      });
    await expect(work(desk.begin())).rejects.toMatchObject({ code: 'test.away', message: 'Away.' });
    await expect(work(desk.begin())).rejects.toMatchObject({ code: 'test.away', message: 'Away.' });
    expect(tries).toBe(1);
    expect(desk.entries[0]).toMatchObject({ state: 'failed' });
  });

  it('behavior: a step without a result', async () => {
    await using desk = await lives();
    expect(await desk.begin().step('nothing', () => {})).toBeUndefined();
    expect(desk.entries[0]).toMatchObject({ state: 'done', data: null });
    expect(await desk.begin().step('nothing', () => {})).toBeUndefined();
  });

  it('behavior: the id of a step is the same whenever it is asked for', async () => {
    await using desk = await lives();
    const before = desk.begin().id('entry-0');
    desk.end();
    await desk.clock.advanceBy(60_000);
    expect(desk.begin().id('entry-0')).toBe(before);
    expect(desk.begin().id('entry-1')).not.toBe(before);
    expect(before).toMatch(/^[0-9a-f]{32}$/);
  });

  it('behavior: now is when it was first asked', async () => {
    await using desk = await lives();
    expect(await desk.begin().now('began')).toBe(1_000);
    desk.end();
    await desk.clock.advanceBy(5_000);
    const context = desk.begin();
    expect(await context.now('began')).toBe(1_000);
    expect(await context.now('next')).toBe(6_000);
  });

  it('behavior: a sleep waits for what is left of it', async () => {
    await using desk = await lives();
    const first = desk.begin();
    const cut = first.sleep('rest', 10_000);
    await desk.clock.idle();
    expect(desk.entries[0]).toMatchObject({
      kind: 'sleep',
      name: 'rest',
      state: 'done',
      data: null,
      deadlineMs: 11_000,
    });
    first.interrupt(new RunInterruption('stopped', 'The engine stops.'));
    await expect(cut).rejects.toMatchObject({ kind: 'stopped' });
    desk.end();
    await desk.clock.advanceBy(4_000);
    let over = false;
    const rest = desk.begin().sleep('rest', 10_000);
    void rest.then(() => {
      over = true;
      desk.end();
    });
    await desk.clock.advanceBy(5_999);
    expect(over).toBe(false);
    await desk.clock.advanceBy(1);
    await rest;
    expect(over).toBe(true);
    // Sizes of time that are none: at once, and whole milliseconds.
    const context = desk.begin();
    await context.sleep('rest', 10_000);
    await context.sleep('none', -5);
    const part = context.sleep('part', 0.4).then(desk.end);
    await desk.clock.advanceBy(1);
    await part;
    expect(desk.entries.slice(1).map(({ deadlineMs }) => deadlineMs)).toEqual([11_000, 11_001]);
  });

  it('default: a signal is read once, also by the next life', async () => {
    await using desk = await lives();
    const signals = [signal(1, '"one"'), signal(2, '"two"')];
    expect(await desk.begin(signals).receive('news')).toBe('one');
    expect(desk.entries).toEqual([
      {
        ...{ position: 0, kind: 'receive', name: 'news', state: 'done', data: '"one"', atMs: 1_000 },
        ...{ deadlineMs: null, signalSequence: 1 },
      },
    ]);
    const next = desk.begin(signals);
    expect(await next.receive('news')).toBe('one');
    expect(await next.receive('news')).toBe('two');
  });

  it('behavior: a wait with an end is kept, ends once, and stays ended', async () => {
    await using desk = await lives();
    const waiting = desk.begin().receive('news', 5_000);
    await desk.clock.idle();
    expect(desk.entries).toMatchObject([{ state: 'waiting', data: null, deadlineMs: 6_000, signalSequence: null }]);
    void waiting.then(desk.end);
    await desk.clock.advanceBy(5_000);
    expect(await waiting).toBeUndefined();
    expect(desk.entries).toMatchObject([{ state: 'timed-out', data: null, deadlineMs: 6_000 }]);
    // A signal that came after the end is for the next wait.
    const next = desk.begin([signal(1, '"late"')]);
    expect(await next.receive('news', 5_000)).toBeUndefined();
    expect(await next.receive('news', 5_000)).toBe('late');
  });

  it('behavior: the next life waits to the end that was set, and hears what comes meanwhile', async () => {
    await using desk = await lives();
    const first = desk.begin();
    const cut = first.receive('news', 5_000);
    await desk.clock.idle();
    first.interrupt(new RunInterruption('stopped', 'The engine stops.'));
    await expect(cut).rejects.toMatchObject({ kind: 'stopped' });
    desk.end();
    await desk.clock.advanceBy(3_000);
    const second = desk.begin();
    const heard = second.receive('news', 5_000);
    await desk.clock.idle();
    expect(desk.entries).toHaveLength(1);
    second.mailbox.put([signal(4, '"other"', 'other'), signal(5, '"it"')]);
    expect(await heard).toBe('it');
    expect(desk.entries).toMatchObject([{ state: 'done', data: '"it"', signalSequence: 5, deadlineMs: 6_000 }]);
    expect(desk.clock.nowMs()).toBe(4_000);
  });

  it('error: calls that are not those of the journal fail the run, by kind, by name and at its end', async () => {
    await using desk = await lives();
    const first = desk.begin();
    await first.step('a', () => 1);
    await first.now('b');
    await expect(desk.begin().step('other', () => 1)).rejects.toMatchObject({ code: 'workflow.steps-changed' });
    await expect(desk.begin().now('a')).rejects.toMatchObject({ kind: 'failed' });
    const short = desk.begin();
    await short.step('a', () => 1);
    short.checkEnd();
    expect(short.interruption).toMatchObject({ kind: 'failed', code: 'workflow.steps-changed' });
    const whole = desk.begin();
    await whole.step('a', () => 1);
    await whole.now('b');
    whole.checkEnd();
    expect(whole.interruption).toBeUndefined();
  });

  it('default: calls have their places in the order of calling', async () => {
    await using desk = await lives();
    const context = desk.begin();
    await Promise.all([context.step('a', () => 1), context.now('b'), context.step('c', () => 2)]);
    expect(desk.entries.map(({ name, position }) => [name, position]).sort()).toEqual([
      ...[
        ['a', 0],
        ['b', 1],
        ['c', 2],
      ],
    ]);
  });

  it('behavior: what may be tried again is, after growing pauses, as often as it may', async () => {
    await using desk = await lives();
    const at: number[] = [];
    const failing = (error: Error) => () => {
      at.push(desk.clock.nowMs());
      throw error;
    };
    const retry = { attempts: 3, delayMs: 100 };
    const away = new StoreError('test.away', 'Away.', { retryable: true });
    const tried = desk.begin().step('a', failing(away), { retry });
    void tried.then(desk.end, desk.end);
    await desk.clock.advanceBy(10_000);
    await expect(tried).rejects.toMatchObject({ code: 'test.away', retryable: true });
    expect(at).toEqual([1_000, 1_100, 1_300]);
    // The next life fails alike, without a try.
    await expect(desk.begin().step('a', failing(away), { retry })).rejects.toMatchObject({ retryable: true });
    expect(at).toHaveLength(3);
  });

  it('behavior: once without a policy, and once for what no repeating helps', async () => {
    await using desk = await lives();
    let tries = 0;
    const failing = (error: Error) => () => {
      tries += 1;
      throw error;
    };
    const retry = { attempts: 5, delayMs: 100 };
    const context = desk.begin();
    await expect(context.step('a', failing(new StoreError('x.y', 'X.', { retryable: true })))).rejects.toThrow('X.');
    await expect(
      context.step('b', failing(new StoreError('x.z', 'Z.', { retryable: false })), { retry }),
    ).rejects.toMatchObject({
      ...{ code: 'x.z', retryable: false },
    });
    await expect(context.step('c', failing(new RangeError('odd')), { retry })).rejects.toMatchObject({
      ...{ code: 'workflow.step-failed', message: 'Step "c" failed: RangeError: odd', retryable: false },
    });
    expect(tries).toBe(3);
  });

  it('behavior: a step that is told to stop keeps no result', async () => {
    await using desk = await lives();
    const context = desk.begin();
    const step = context.step('a', () => {
      context.interrupt(new RunInterruption('stopped', 'The engine stops.'));
      throw new RangeError('cut off');
    });
    await expect(step).rejects.toMatchObject({ kind: 'stopped' });
    expect(desk.entries).toEqual([]);
    // The first reason stays.
    expect(context.interrupt(new RunInterruption('lost', 'Another has it.')).kind).toBe('stopped');
  });

  it('error: a writer that was replaced, or can not write, goes on with nothing', async () => {
    await using desk = await lives();
    desk.state.mine = false;
    const replaced = desk.begin();
    await expect(replaced.step('a', () => 1)).rejects.toMatchObject({ kind: 'lost' });
    expect(replaced.signal.aborted).toBe(true);
    let acted = false;
    const more = replaced.step('b', () => {
      acted = true;
    });
    await expect(more).rejects.toMatchObject({ kind: 'lost' });
    expect(acted).toBe(false);
    desk.state.mine = true;
    desk.state.broken = true;
    await expect(desk.begin().step('a', () => 1)).rejects.toMatchObject({ kind: 'stalled' });
    expect(desk.entries).toEqual([]);
  });
});
