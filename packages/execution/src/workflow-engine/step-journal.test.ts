import { testDatabases } from '@perpdesk/core/testing';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { type JournalEntry, type RunRow, StepJournal } from './step-journal.ts';

const run: RunRow = { id: 'run-1', name: 'trade', version: 1, input: '{}', owner: 'a#1', startedAtMs: 1 };
const entry: JournalEntry = {
  ...{ position: 0, kind: 'receive', name: 'answer', state: 'waiting', data: null },
  ...{ deadlineMs: 9, signalSequence: null, atMs: 2 },
};
const settled: JournalEntry = { ...entry, state: 'done', data: '{"yes":true}', signalSequence: 7, atMs: 3 };

for (const { title, available, make } of await testDatabases()) {
  describe.skipIf(!available)(`the journal on ${title}`, () => {
    it("behavior: what the run's writer writes is kept, what another writes is not", async () => {
      const made = await make();
      const journal = new StepJournal(await made.open());
      await journal.migrate();
      await journal.insertRun(run);
      const other = { id: run.id, owner: 'b#1' };
      expect([await journal.append(other, entry), await journal.append(run, entry)]).toEqual([false, true]);
      expect(await journal.entries(run.id)).toEqual([entry]);
      expect([await journal.settle(other, settled), await journal.settle(run, settled)]).toEqual([false, true]);
      expect(await journal.entries(run.id)).toEqual([settled]);
      expect(await journal.run(run.id)).toMatchObject({ status: 'running', updatedAtMs: 3 });
      expect(await journal.run('run-2')).toBeUndefined();
      await made.drop();
    });

    it('behavior: one who takes a run over sees all that its last writer has written', async () => {
      const made = await make();
      const database = await made.open();
      const journal = new StepJournal(database);
      await journal.migrate();
      await journal.insertRun(run);
      let appended: Promise<boolean> | undefined;
      let answered = false;
      await database.transaction(async (transaction) => {
        await sql`update workflow_runs set owner = 'b#1' where id = ${run.id}`.execute(transaction.as());
        appended = journal.append(run, entry).finally(() => {
          answered = true;
        });
        if (database.dialect === 'sqlite') return;
        for (let waiting = 0; waiting === 0 && !answered; ) {
          const { rows } = await sql<{ n: number }>`select count(*)::int as n from pg_stat_activity
            where datname = current_database() and wait_event_type = 'Lock'`.execute(database.kysely);
          waiting = rows[0]?.n ?? 0;
        }
      });
      expect(await appended).toBe(false);
      expect(await journal.entries(run.id)).toEqual([]);
      await made.drop();
    });
  });
}
