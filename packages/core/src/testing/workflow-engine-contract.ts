import assert from 'node:assert/strict';
import { PerpDeskError } from '../errors/perpdesk-error.ts';
import type { JsonValue } from '../events/json.ts';
import { type Body, deferred, scenario, type WorkflowEngineCase, workflow } from './workflow-engine-harness.ts';

export type { MakeWorkflowEngine, WorkflowEngineCase, WorkflowEngineHarness } from './workflow-engine-harness.ts';

/** What every WorkflowEngine does. */
export const workflowEngineContract: readonly WorkflowEngineCase[] = [
  scenario('default: steps run in order, each once, and the result is kept', async ({ engine, settled, open }) => {
    const calls: string[] = [];
    const body: Body = async (context, input) => {
      const first = await context.step('first', () => {
        calls.push('first');
        return { n: 1, gone: undefined };
      });
      await context.step('nothing', async () => {
        calls.push('nothing');
      });
      return { first, input, runId: context.runId };
    };
    const workflows = await engine(body);
    const started = await workflows.start('w', 'run-1', { symbol: 'BTC' });
    assert.equal(started.status, 'running');
    const run = await settled(workflows);
    assert.deepEqual(
      [run.status, run.result],
      ['succeeded', { first: { n: 1 }, input: { symbol: 'BTC' }, runId: 'run-1' }],
    );
    assert.deepEqual(calls, ['first', 'nothing']);
    const later = await open();
    assert.deepEqual(await later.get('run-1'), run);
    assert.equal(await later.recover(), 0);
    assert.equal(await later.get('run-2'), undefined);
  }),

  scenario('behavior: starting an id again gives the run there is', async ({ engine, settled }) => {
    let calls = 0;
    const workflows = await engine(async (context) => context.step('once', () => (calls += 1)));
    await Promise.all([workflows.start('w', 'run-1', 'a'), workflows.start('w', 'run-1', 'b')]);
    const run = await settled(workflows);
    const again = await workflows.start('w', 'run-1', 'c');
    assert.deepEqual([calls, again.status, again.result, again.input], [1, 'succeeded', 1, run.input]);
  }),

  scenario(
    'behavior: what a crash interrupted goes on: done steps are not repeated, the step in flight is, under the same id',
    async (given) => {
      const { engine, settled } = given;
      const calls: string[] = [];
      const answer = deferred();
      let processes = 0;
      const body = (): Body => {
        processes += 1;
        const process = processes;
        return async (context) => {
          await context.step('before', () => void calls.push(`before ${process}`));
          const id = context.id('place');
          await context.step('place', async () => {
            calls.push(`place ${process} ${id}`);
            if (process === 1) await answer.promise;
          });
          await context.step('after', () => void calls.push(`after ${process}`));
          return id;
        };
      };
      const first = await engine(body());
      await first.start('w', 'run-1', null);
      while (calls.length < 2) await Promise.resolve().then(() => first.get('run-1'));
      const second = await engine(body());
      assert.equal(await second.recover(), 1);
      // The dead process wakes once more: what it has to say does not count any more.
      answer.resolve();
      const run = await settled(second);
      const id = String(run.result);
      assert.match(id, /^[0-9a-f]{32}$/);
      assert.deepEqual([...calls].sort(), [`after 2`, 'before 1', `place 1 ${id}`, `place 2 ${id}`]);
      assert.equal(run.status, 'succeeded');
    },
  ),

  scenario('behavior: ids differ by run and step and never by try', async ({ engine, settled }) => {
    const workflows = await engine(async (context) => [context.id('a'), context.id('b'), context.id('a')]);
    await workflows.start('w', 'run-1', null);
    await workflows.start('w', 'run-2', null);
    const one = (await settled(workflows)).result;
    const two = (await settled(workflows, 'run-2')).result;
    assert.ok(Array.isArray(one) && Array.isArray(two));
    assert.equal(one[0], one[2]);
    assert.equal(new Set([...one, ...two]).size, 4);
  }),

  scenario(
    'behavior: sleep and now are kept: a restart waits only for what is left',
    async ({ engine, clock, settled }) => {
      const body: Body = async (context) => {
        const from = await context.now('from');
        await context.sleep('rest', 10_000);
        return (await context.now('to')) - from;
      };
      const first = await engine(body);
      await first.start('w', 'run-1', null);
      await clock.advanceBy(4_000);
      assert.equal((await settled(first)).status, 'running');
      const second = await engine(body);
      await second.recover();
      await clock.advanceBy(5_999);
      assert.equal((await settled(second)).status, 'running');
      await clock.advanceBy(1);
      assert.equal((await settled(second)).result, 10_000);
    },
  ),

  scenario('behavior: the clock stands while a step runs and goes on while a run waits', async ({ engine, clock }) => {
    const seen: number[] = [];
    const startMs = clock.nowMs();
    const workflows = await engine(async (context) => {
      await context.step('slow', async () => {
        for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
        seen.push(clock.nowMs() - startMs);
      });
      await context.receive('never', 5_000);
      await context.step('later', () => void seen.push(clock.nowMs() - startMs));
    });
    await workflows.start('w', 'run-1', null);
    await clock.advanceBy(60_000);
    assert.deepEqual(seen, [0, 5_000]);
  }),

  scenario(
    'behavior: signals wait in the mailbox, in order, by topic, and a repeated key is dropped',
    async ({ engine, settled }) => {
      const workflows = await engine(async (context) => {
        const got: JsonValue[] = [];
        for (const topic of ['a', 'b', 'a', 'a']) got.push((await context.receive(topic, 1_000)) ?? null);
        return got;
      });
      await workflows.signal('run-1', 'a', 1, 'key-1');
      await workflows.signal('run-1', 'a', 2, 'key-2');
      await workflows.signal('run-1', 'a', 'again', 'key-1');
      await workflows.start('w', 'run-1', null);
      await workflows.signal('run-1', 'b', { deep: [true] }, 'key-1');
      await workflows.signal('run-1', 'a', 3, 'key-3');
      await workflows.signal('run-1', 'a', 'again', 'key-2');
      assert.deepEqual((await settled(workflows)).result, [1, { deep: [true] }, 2, 3]);
    },
  ),

  scenario(
    'behavior: receive ends without a signal when its time is over, also when a restart lies between',
    async ({ engine, clock, settled }) => {
      const body: Body = async (context) => {
        const first = await context.receive('news', 10_000);
        const second = await context.receive('news');
        return [first ?? 'nothing', second ?? 'nothing'];
      };
      const one = await engine(body);
      await one.start('w', 'run-1', null);
      await clock.advanceBy(9_000);
      const two = await engine(body);
      await two.recover();
      await clock.advanceBy(999);
      assert.equal((await settled(two)).status, 'running');
      await clock.advanceBy(1);
      await two.signal('run-1', 'news', 'late', 'key');
      assert.deepEqual((await settled(two)).result, ['nothing', 'late']);
    },
  ),

  scenario(
    'behavior: a signal that arrived while no process ran is there after the restart, and read once',
    async ({ engine, settled, open }) => {
      const body: Body = async (context) => {
        const first = await context.receive('news');
        const second = await context.receive('news', 0);
        return [first ?? null, second ?? null];
      };
      const one = await engine(body);
      await one.start('w', 'run-1', null);
      await settled(one);
      const between = await open();
      await between.signal('run-1', 'news', 'told', 'key');
      const two = await engine(body);
      await two.recover();
      assert.deepEqual((await settled(two)).result, ['told', null]);
    },
  ),

  scenario('behavior: a signal that was read stays read after a restart', async ({ engine, settled }) => {
    const body: Body = async (context) => {
      const first = await context.receive('news');
      const second = await context.receive('news');
      return [first ?? null, second ?? null];
    };
    const one = await engine(body);
    await one.start('w', 'run-1', null);
    await one.signal('run-1', 'news', 'first', 'key-1');
    assert.equal((await settled(one)).status, 'running');
    const two = await engine(body);
    await two.recover();
    assert.equal((await settled(two)).status, 'running');
    await two.signal('run-1', 'news', 'second', 'key-2');
    assert.deepEqual((await settled(two)).result, ['first', 'second']);
  }),

  scenario(
    'behavior: retryable failures are tried again with growing pauses, others are not',
    async ({ engine, clock, settled }) => {
      const startMs = clock.nowMs();
      const tries: number[] = [];
      const workflows = await engine(async (context, input) =>
        context.step(
          'flaky',
          () => {
            tries.push(clock.nowMs() - startMs);
            if (tries.length < 4)
              throw new PerpDeskError('test.flaky', 'Not yet.', { retryable: input === 'retryable' });
            return tries.length;
          },
          { retry: { attempts: 5, delayMs: 100 } },
        ),
      );
      await workflows.start('w', 'run-1', 'retryable');
      await clock.advanceBy(10_000);
      assert.deepEqual([(await settled(workflows)).result, tries], [4, [0, 100, 300, 700]]);
      tries.length = 0;
      await workflows.start('w', 'run-2', 'final');
      const failed = await settled(workflows, 'run-2');
      assert.deepEqual([failed.status, tries.length], ['failed', 1]);
      assert.match(failed.error ?? '', /test\.flaky/);
    },
  ),

  scenario('behavior: a failure that the workflow catches is the same after a crash', async ({ engine, settled }) => {
    let works = false;
    const body: Body = async (context) => {
      const how = await context
        .step('fragile', () => {
          if (!works) throw new PerpDeskError('test.broken', 'Broken.');
          return 'fine';
        })
        .catch((error: unknown) => (PerpDeskError.is(error) ? error.code : 'unknown'));
      await context.receive('go');
      return how;
    };
    const first = await engine(body);
    await first.start('w', 'run-1', null);
    await settled(first);
    works = true;
    const second = await engine(body);
    await second.recover();
    await second.signal('run-1', 'go', null, 'key');
    assert.equal((await settled(second)).result, 'test.broken');
  }),

  scenario('error: changed steps fail the run loudly instead of guessing', async ({ engine, settled }) => {
    const first = await engine(async (context) => {
      await context.step('a', () => 1);
      await context.receive('go');
    });
    await first.start('w', 'run-1', null);
    await settled(first);
    let ran = false;
    const second = await engine(async (context) => {
      try {
        await context.step('b', () => {
          ran = true;
        });
      } catch {
        // Also a workflow that swallows errors fails.
      }
    });
    await second.recover();
    const run = await settled(second);
    assert.deepEqual([run.status, ran], ['failed', false]);
    assert.match(run.error ?? '', /workflow\.steps-changed.*"a".*"b"/);
  }),

  scenario(
    'behavior: a run goes on under the version it began with, and fails when that is gone',
    async ({ engine, settled }) => {
      const old: Body = async (context) => context.receive('go').then(() => 'old');
      const first = await engine(old);
      await first.start('w', 'run-1', null);
      await first.start('w', 'run-2', null);
      await settled(first);
      const second = await engine(old);
      second.define(workflow(async () => 'new', 2));
      await second.recover();
      await second.start('w', 'run-3', null);
      await second.signal('run-1', 'go', null, 'key');
      assert.deepEqual([(await settled(second)).result, (await settled(second, 'run-3')).result], ['old', 'new']);
      const third = await engine(async () => 'new', { version: 2 });
      await third.recover();
      const gone = await settled(third, 'run-2');
      assert.equal(gone.status, 'failed');
      assert.match(gone.error ?? '', /version 1/);
    },
  ),

  scenario(
    'behavior: a cancelled run stops where it waits, tells its steps, and stays cancelled',
    async ({ engine, clock, settled }) => {
      let aborted = false;
      let went = false;
      const body: Body = async (context) => {
        context.signal.addEventListener('abort', () => {
          aborted = true;
        });
        await context.receive('never');
        went = true;
      };
      const workflows = await engine(body);
      await workflows.start('w', 'run-1', null);
      await settled(workflows);
      await workflows.cancel('run-1');
      await workflows.signal('run-1', 'never', 1, 'key');
      await clock.advanceBy(1_000);
      assert.deepEqual([(await settled(workflows)).status, aborted, went], ['canceled', true, false]);
      const next = await engine(body);
      assert.equal(await next.recover(), 0);
      await next.cancel('run-1');
      await next.cancel('nobody');
    },
  ),

  scenario(
    'behavior: one run has one writer: another engine waits for the lease to end, and the old one can not write any more',
    async (given) => {
      const { engine, settled, clock, leaseMs } = given;
      const calls: string[] = [];
      const stuck = deferred();
      const body =
        (name: string): Body =>
        async (context) => {
          await context.step('place', async () => {
            calls.push(`place by ${name}`);
            if (name === 'a') await stuck.promise;
            return name;
          });
          return context.step('after', () => {
            calls.push(`after by ${name}`);
            return name;
          });
        };
      const a = await engine(body('a'), { name: 'a' });
      await a.start('w', 'run-1', null);
      while (calls.length < 1) await a.get('run-1');
      const b = await engine(body('b'), { name: 'b' });
      assert.equal(await b.recover(), 0);
      assert.deepEqual(calls, ['place by a']);
      // Process a hangs: it shows no sign of life while the wall clock goes on.
      const jumped = clock.nowMs() + leaseMs + 1;
      clock.nowMs = () => jumped;
      assert.equal(await b.recover(), 1);
      stuck.resolve();
      const run = await settled(b);
      assert.deepEqual([run.status, run.result], ['succeeded', 'b']);
      assert.deepEqual(calls, ['place by a', 'place by b', 'after by b']);
    },
    { sideBySide: true },
  ),

  scenario(
    'behavior: two engines race for one id: it runs once',
    async ({ engine, settled }) => {
      let calls = 0;
      const body: Body = async (context) => context.step('once', () => (calls += 1));
      const a = await engine(body, { name: 'a' });
      const b = await engine(body, { name: 'b' });
      for (let i = 0; i < 10; i += 1)
        await Promise.all([a.start('w', `run-${i}`, null), b.start('w', `run-${i}`, null)]);
      await settled(a, 'run-9');
      await settled(b, 'run-9');
      assert.equal(calls, 10);
      assert.equal((await b.list({ name: 'w', status: 'succeeded' })).length, 10);
    },
    { sideBySide: true },
  ),

  scenario('behavior: runs go side by side and are listed by name and status', async ({ engine, settled }) => {
    const workflows = await engine(async (context, input) => {
      for (let i = 0; i < 5; i += 1) await context.step(`step-${i}`, () => i);
      if (input === 0) await context.receive('never');
      return input;
    });
    await Promise.all(Array.from({ length: 20 }, (_, i) => workflows.start('w', `run-${i}`, i)));
    for (let i = 1; i < 20; i += 1) assert.equal((await settled(workflows, `run-${i}`)).result, i);
    assert.deepEqual(
      (await workflows.list({ status: 'running' })).map(({ id }) => id),
      ['run-0'],
    );
    assert.equal((await workflows.list({ name: 'w' })).length, 20);
    assert.deepEqual(await workflows.list({ name: 'other' }), []);
  }),

  scenario('behavior: steps that are begun together are kept by their place', async ({ engine, settled }) => {
    let processes = 0;
    const calls: string[] = [];
    const body = (): Body => {
      processes += 1;
      const process = processes;
      return async (context) => {
        const [a, b] = await Promise.all([
          context.step('a', () => void calls.push(`a ${process}`)),
          context.receive('go'),
          context.step('c', () => void calls.push(`c ${process}`)),
        ]);
        return [a ?? null, b ?? null];
      };
    };
    const first = await engine(body());
    await first.start('w', 'run-1', null);
    await settled(first);
    const second = await engine(body());
    await second.recover();
    await second.signal('run-1', 'go', 7, 'key');
    assert.deepEqual(
      [(await settled(second)).result, calls],
      [
        [null, 7],
        ['a 1', 'c 1'],
      ],
    );
  }),

  scenario(
    'error: unknown workflows, results that are not JSON and throwing workflows are told',
    async ({ engine, settled }) => {
      const workflows = await engine(async (context, input) => {
        if (input === 'nan') await context.step('nan', () => Number.NaN);
        throw new TypeError('no such thing');
      });
      await assert.rejects(workflows.start('other', 'run-0', null), /other/);
      await workflows.start('w', 'run-1', 'nan');
      await workflows.start('w', 'run-2', null);
      const [nan, thrown] = [await settled(workflows), await settled(workflows, 'run-2')];
      assert.deepEqual([nan.status, thrown.status], ['failed', 'failed']);
      assert.match(nan.error ?? '', /json\.unsafe/);
      assert.match(thrown.error ?? '', /no such thing/);
    },
  ),
];
