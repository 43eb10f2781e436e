import { compileOnce } from '@perpdesk/core/database';
import { type Kysely, type Selectable, sql } from 'kysely';
import type { WorkflowTables } from './workflow-migrations.ts';

// What the journal asks with each call of a run.

type Tables = Kysely<WorkflowTables>;
type Step = Selectable<WorkflowTables['workflow_steps']>;
type StepOf = Step & { readonly owner: string };

const appendTo = (row: StepOf) => sql`
  insert into workflow_steps (run_id, position, kind, name, state, data, deadline_ms, signal_sequence, at_ms)
  select cast(${row.run_id} as text), cast(${row.position} as integer), cast(${row.kind} as text), cast(${row.name} as text),
    cast(${row.state} as text), cast(${row.data} as text), cast(${row.deadline_ms} as bigint),
    cast(${row.signal_sequence} as bigint), cast(${row.at_ms} as bigint)
  from workflow_runs where id = ${row.run_id} and owner = ${row.owner} and status = 'running'`;

/** Adds a step while its run is running and `owner`'s. */
export const appendStep = {
  sqlite: compileOnce((kysely: Tables, row: StepOf) => appendTo(row).compile(kysely)),
  // The row of the run is locked until the entry is there, so that who takes the run over sees it.
  postgres: compileOnce((kysely: Tables, row: StepOf) => sql`${appendTo(row)} for share`.compile(kysely)),
};

/** Ends the waiting of a step while its run is running and `owner`'s. */
export const settleStep = compileOnce((kysely: Tables, row: Omit<StepOf, 'kind' | 'name' | 'deadline_ms'>) =>
  kysely
    .updateTable('workflow_steps')
    .set({ state: row.state, data: row.data, signal_sequence: row.signal_sequence, at_ms: row.at_ms })
    .where('run_id', '=', row.run_id)
    .where('position', '=', row.position)
    .where('state', '=', 'waiting')
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('workflow_runs')
          .select('id')
          .where('id', '=', row.run_id)
          .where('owner', '=', row.owner)
          .where('status', '=', 'running'),
      ),
    )
    .compile(),
);

/** Puts a signal in a mailbox; no row when its key is there already. */
export const putSignal = compileOnce(
  (kysely: Tables, row: Omit<Selectable<WorkflowTables['workflow_signals']>, 'sequence'>) =>
    kysely
      .insertInto('workflow_signals')
      .values({
        run_id: row.run_id,
        topic: row.topic,
        dedup_key: row.dedup_key,
        payload: row.payload,
        at_ms: row.at_ms,
      })
      .onConflict((conflict) => conflict.columns(['run_id', 'topic', 'dedup_key']).doNothing())
      .returning('sequence')
      .compile(),
);

/** Runs, each with when its last step was. */
export const selectRuns = (kysely: Tables) =>
  kysely
    .selectFrom('workflow_runs')
    .selectAll()
    .select(({ selectFrom }) =>
      selectFrom('workflow_steps')
        .select(({ fn }) => fn.max('workflow_steps.at_ms').as('at_ms'))
        .whereRef('workflow_steps.run_id', '=', 'workflow_runs.id')
        .as('last_step_at_ms'),
    );

export const selectRun = compileOnce((kysely: Tables, { id }: { readonly id: string }) =>
  selectRuns(kysely).where('id', '=', id).compile(),
);
