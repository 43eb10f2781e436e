import { SimulatedClock } from '@perpdesk/core';
import { openDatabase } from '@perpdesk/core/database';
import { expect, it } from 'vitest';
import { RunContext } from './run-context.ts';
import { RunHold } from './run-hold.ts';
import { type JournalEntry, StepJournal } from './step-journal.ts';

it('behavior: a signal that comes while the wait for it is being written down is heard at once', async () => {
  await using database = await openDatabase({ url: 'sqlite::memory:' });
  const clock = new SimulatedClock();
  const journal = new (class extends StepJournal {
    override async append(_: unknown, entry: JournalEntry): Promise<boolean> {
      // The signal arrives between the decision to wait and the wait.
      if (entry.state === 'waiting') {
        context.mailbox.put([{ sequence: 1, runId: 'run-1', topic: 'news', payload: '"good"' }]);
      }
      return true;
    }
    override async settle(): Promise<boolean> {
      return true;
    }
  })(database);
  const run = { id: 'run-1', name: 'w', version: 1, input: 'null', owner: 'local#1', startedAtMs: 0 };
  const context = new RunContext({ run, journal, clock, hold: new RunHold(clock) });
  context.load([], []);
  expect(await context.receive('news', 60_000)).toBe('good');
  expect(clock.nowMs()).toBe(0);
});
