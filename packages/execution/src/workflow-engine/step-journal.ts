import { type JsonValue, StoreError, type WorkflowRun, type WorkflowStatus } from '@perpdesk/core';
import { type Database, firstRow, migrate, writtenRows } from '@perpdesk/core/database';
import { type Kysely, type Selectable, sql } from 'kysely';
import { appendStep, putSignal, selectRun, selectRuns, settleStep } from './journal-statements.ts';
import { type WorkflowTables, workflowMigrations, workflowNamespace } from './workflow-migrations.ts';

/** One call of a workflow on its context, as it is kept. */
export interface JournalEntry {
  /** Its place among the run's calls, from 0. */
  readonly position: number;
  readonly kind: 'step' | 'sleep' | 'receive' | 'now';
  readonly name: string;
  /** `waiting`: a receive whose deadline is set and nothing has come. */
  readonly state: 'done' | 'failed' | 'waiting' | 'timed-out';
  /** JSON of the result, the received payload, or the error; null for none. */
  readonly data: string | null;
  readonly deadlineMs: number | null;
  /** The signal a receive took. */
  readonly signalSequence: number | null;
  readonly atMs: number;
}

/** A signal in a run's mailbox. */
export interface MailboxSignal {
  readonly sequence: number;
  readonly runId: string;
  readonly topic: string;
  readonly payload: string;
}

/** A run that is to go on. */
export interface RunRow {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly input: string;
  /** Who may write its journal: `<owner id>#<epoch>`. */
  readonly owner: string;
  readonly startedAtMs: number;
}

/**
 * Runs, steps, signals and leases in the database. What a run writes, it writes in one statement that takes hold only while
 * the run is still running and still this writer's: a writer that was replaced, however late it wakes, changes nothing.
 */
export class StepJournal {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async migrate(): Promise<void> {
    await migrate(this.#database, { namespace: workflowNamespace, migrations: workflowMigrations });
  }

  /** Takes a new epoch for an owner: earlier writers of the same name are replaced. Returns the writer's name. */
  async takeOwnership(
    ownerId: string,
    leaseUntilMs: number,
  ): Promise<{ readonly owner: string; readonly epoch: number }> {
    const { epoch } = await this.#kysely
      .insertInto('workflow_owners')
      .values({ owner_id: ownerId, epoch: 1, lease_until_ms: leaseUntilMs })
      .onConflict((conflict) =>
        conflict
          .column('owner_id')
          .doUpdateSet({ epoch: sql`workflow_owners.epoch + 1`, lease_until_ms: leaseUntilMs }),
      )
      .returning('epoch')
      .executeTakeFirstOrThrow();
    return { owner: `${ownerId}#${epoch}`, epoch };
  }

  /** Prolongs a lease. False when a later writer has the owner's name. */
  async renewLease(ownerId: string, epoch: number, leaseUntilMs: number): Promise<boolean> {
    const { numUpdatedRows } = await this.#kysely
      .updateTable('workflow_owners')
      .set({ lease_until_ms: leaseUntilMs })
      .where('owner_id', '=', ownerId)
      .where('epoch', '=', epoch)
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  /** Until when each owner's lease runs. */
  async leases(): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#kysely.selectFrom('workflow_owners').selectAll().execute();
    return new Map(rows.map((row) => [row.owner_id, row.lease_until_ms]));
  }

  /** Writes a new run. False when there is one of this id. */
  async insertRun(run: RunRow): Promise<boolean> {
    const { numInsertedOrUpdatedRows } = await this.#write((kysely) =>
      kysely
        .insertInto('workflow_runs')
        .values({
          id: run.id,
          name: run.name,
          version: run.version,
          status: 'running',
          input: run.input,
          owner: run.owner,
          started_at_ms: run.startedAtMs,
          updated_at_ms: run.startedAtMs,
        })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .executeTakeFirst(),
    );
    return numInsertedOrUpdatedRows === 1n;
  }

  /** All runs that are running, oldest first. */
  async runningRuns(): Promise<readonly RunRow[]> {
    const rows = await this.#kysely
      .selectFrom('workflow_runs')
      .selectAll()
      .where('status', '=', 'running')
      .orderBy('started_at_ms')
      .orderBy('id')
      .execute();
    return rows.map(({ id, name, version, input, owner, started_at_ms }) => ({
      id,
      name,
      version,
      input,
      owner,
      startedAtMs: started_at_ms,
    }));
  }

  /** Takes a run over from its last writer. False when another was faster. */
  async claim(run: RunRow, owner: string): Promise<boolean> {
    const { numUpdatedRows } = await this.#kysely
      .updateTable('workflow_runs')
      .set({ owner })
      .where('id', '=', run.id)
      .where('owner', '=', run.owner)
      .where('status', '=', 'running')
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  async entries(runId: string): Promise<readonly JournalEntry[]> {
    const rows = await this.#kysely
      .selectFrom('workflow_steps')
      .selectAll()
      .where('run_id', '=', runId)
      .orderBy('position')
      .execute();
    return rows.map((row) => ({
      position: row.position,
      kind: row.kind as JournalEntry['kind'],
      name: row.name,
      state: row.state as JournalEntry['state'],
      data: row.data,
      deadlineMs: row.deadline_ms,
      signalSequence: row.signal_sequence,
      atMs: row.at_ms,
    }));
  }

  /** Adds an entry to a run's journal. False when this writer may not any more. */
  async append(run: Pick<RunRow, 'id' | 'owner'>, entry: JournalEntry): Promise<boolean> {
    const row = rowOf(run, entry);
    const { numAffectedRows } = await this.#write((kysely) => appendStep[this.#database.dialect](kysely, row));
    return numAffectedRows === 1n;
  }

  /** Ends the waiting of a receive. False when this writer may not any more. */
  async settle(run: Pick<RunRow, 'id' | 'owner'>, entry: JournalEntry): Promise<boolean> {
    const row = rowOf(run, entry);
    return (await this.#write((kysely) => writtenRows(settleStep(kysely, row)))) === 1n;
  }

  /** Ends a run. False when it has ended already or is another writer's (`owner` left out: whoever's). */
  async finish(
    run: { readonly id: string; readonly owner?: string },
    end: { readonly status: WorkflowStatus; readonly result?: string; readonly error?: string; readonly atMs: number },
  ): Promise<boolean> {
    const { owner } = run;
    const { numUpdatedRows } = await this.#write((kysely) => {
      const update = kysely
        .updateTable('workflow_runs')
        .set({ status: end.status, result: end.result ?? null, error: end.error ?? null, updated_at_ms: end.atMs })
        .where('id', '=', run.id)
        .where('status', '=', 'running');
      return (owner === undefined ? update : update.where('owner', '=', owner)).executeTakeFirst();
    });
    return numUpdatedRows === 1n;
  }

  /** Puts a signal in a mailbox; undefined when its key is there already. */
  async putSignal(signal: {
    readonly runId: string;
    readonly topic: string;
    readonly payload: string;
    readonly dedupKey: string;
    readonly atMs: number;
  }): Promise<MailboxSignal | undefined> {
    const { runId, topic, payload } = signal;
    const row = { run_id: runId, topic, dedup_key: signal.dedupKey, payload, at_ms: signal.atMs };
    const put = await this.#write((kysely) => firstRow(putSignal(kysely, row)));
    return put && { sequence: put.sequence, runId, topic, payload };
  }

  /** The signals of some runs after a sequence number, oldest first. */
  async signals(runIds: readonly string[], afterSequence = 0): Promise<readonly MailboxSignal[]> {
    if (runIds.length === 0) return [];
    const rows = await this.#kysely
      .selectFrom('workflow_signals')
      .selectAll()
      .where('run_id', 'in', runIds)
      .where('sequence', '>', afterSequence)
      .orderBy('sequence')
      .execute();
    return rows.map(({ sequence, run_id, topic, payload }) => ({ sequence, runId: run_id, topic, payload }));
  }

  async run(id: string): Promise<WorkflowRun | undefined> {
    const row = await firstRow(selectRun(this.#kysely, { id }));
    return row && readRun(row);
  }

  /** Runs, oldest first. */
  async runs(query: { readonly name?: string; readonly status?: WorkflowStatus }): Promise<readonly WorkflowRun[]> {
    let select = selectRuns(this.#kysely);
    if (query.name !== undefined) select = select.where('name', '=', query.name);
    if (query.status !== undefined) select = select.where('status', '=', query.status);
    const rows = await select.orderBy('started_at_ms').orderBy('id').execute();
    return rows.map(readRun);
  }

  /** One statement of a run, which shares its commit with those of other runs. */
  #write<Result>(statement: (kysely: Kysely<WorkflowTables>) => Promise<Result>): Promise<Result> {
    return this.#database.write((kysely) => statement(kysely as Kysely<WorkflowTables>));
  }

  get #kysely(): Kysely<WorkflowTables> {
    return this.#database.as<WorkflowTables>();
  }
}

const rowOf = ({ id, owner }: Pick<RunRow, 'id' | 'owner'>, entry: JournalEntry) => ({
  run_id: id,
  owner,
  position: entry.position,
  kind: entry.kind,
  name: entry.name,
  state: entry.state,
  data: entry.data,
  deadline_ms: entry.deadlineMs,
  signal_sequence: entry.signalSequence,
  at_ms: entry.atMs,
});

type RunWithSteps = Selectable<WorkflowTables['workflow_runs']> & { readonly last_step_at_ms: number | null };

const readRun = (row: RunWithSteps): WorkflowRun => ({
  id: row.id,
  name: row.name,
  version: row.version,
  status: statusOf(row.status),
  input: parse(row.input),
  ...(row.result === null ? {} : { result: parse(row.result) }),
  ...(row.error === null ? {} : { error: row.error }),
  startedAtMs: row.started_at_ms,
  updatedAtMs: Math.max(row.updated_at_ms, row.last_step_at_ms ?? 0),
});

const parse = (text: string): JsonValue => JSON.parse(text);

const statuses: readonly WorkflowStatus[] = ['running', 'succeeded', 'failed', 'canceled'];
function statusOf(text: string): WorkflowStatus {
  const status = statuses.find((candidate) => candidate === text);
  if (status === undefined) throw new StoreError('workflow.corrupt', `The journal has a run of status "${text}".`);
  return status;
}
