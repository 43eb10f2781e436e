import type { WorkflowStatusString } from '@dbos-inc/dbos-sdk';
import {
  type Clock,
  ConfigError,
  canonicalJson,
  type Health,
  type JsonValue,
  type Logger,
  type Release,
  type Service,
  silentLogger,
  ValidationError,
  type WorkflowDefinition,
  type WorkflowEngine,
  type WorkflowRun,
  type WorkflowStatus,
} from '@perpdesk/core';
import type { Database } from '@perpdesk/core/database';
import { EngineLease } from '../workflow-engine/engine-lease.ts';
import { RunInterruption } from '../workflow-engine/run-interruption.ts';
import { StepJournal } from '../workflow-engine/step-journal.ts';
import { WorkflowDefinitions } from '../workflow-engine/workflow-definitions.ts';
import { DbosProcess } from './dbos-process.ts';
import { canceled, DbosRuns } from './dbos-runs.ts';
import { dbosStatuses, runOfStatus } from './run-of-status.ts';
import { SignalWatermark } from './signal-watermark.ts';

/** Options of {@link DbosWorkflowEngine}. */
export interface DbosWorkflowEngineOptions {
  /** Where signals and leases are kept: PostgreSQL. */
  readonly database: Database;
  /** Where DBOS keeps runs and steps, in a schema of its own. Best the database above: one thing to back up. */
  readonly url: string;
  readonly clock: Clock;
  readonly logger?: Logger;
  /** DBOS's schema. Default `dbos`. */
  readonly schema?: string;
  /** The connections of DBOS's own pool. Default 10. */
  readonly connections?: number;
  /**
   * The name this process has as a writer. A later engine of the same name takes over at once what an earlier one left, so
   * a process that is restarted goes on without waiting; engines that run side by side need different names. Default `local`.
   */
  readonly ownerId?: string;
  /** For how long nobody else takes a run over after the last sign of life; renewed at half of it. Default 60,000. */
  readonly leaseMs?: number;
  /** How often signals and cancellations that other processes took in are looked for, while runs are alive. Default 1,000; 0: only with the lease. */
  readonly pollMs?: number;
}

/**
 * Durable workflows on DBOS and PostgreSQL, for desks that run in several processes. It does what {@link LocalWorkflowEngine}
 * does, under the same client order ids; DBOS keeps the steps and sees to it that a run has one writer. A process can have one
 * at a time, and everything is defined before the first run. What an earlier process left goes on within a second or so of
 * `recover`. A cancelled run's `updatedAtMs` is the database's time; a running one's is known to the process that executes it.
 */
export class DbosWorkflowEngine implements WorkflowEngine {
  readonly #options: DbosWorkflowEngineOptions;
  readonly #journal: StepJournal;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #lease: EngineLease;
  readonly #process: DbosProcess;
  readonly #definitions = new WorkflowDefinitions();
  readonly #runs: DbosRuns;
  readonly #timers = new Set<Release>();
  readonly #watermark = new SignalWatermark();
  #opening: Promise<string> | undefined;
  #launching: Promise<void> | undefined;
  #heartbeat: Release | undefined;
  #health: Health = { status: 'stopped' };
  #closed = false;

  constructor(options: DbosWorkflowEngineOptions) {
    const { clock, logger = silentLogger, ownerId = 'local', leaseMs = 60_000 } = options;
    this.#options = options;
    this.#journal = new StepJournal(options.database);
    this.#clock = clock;
    this.#logger = logger;
    this.#lease = new EngineLease({ journal: this.#journal, clock, ownerId, leaseMs });
    const { connections = 10, schema = 'dbos', url } = options;
    this.#process = new DbosProcess({ url, schema, connections, logger });
    this.#runs = new DbosRuns({
      ...{ process: this.#process, journal: this.#journal, definitions: this.#definitions, clock, logger },
      onBegin: () => this.#beat(),
    });
  }

  /** Several versions of a name can be defined: a run goes on under the one it began with. @throws ConfigError `workflow.defined-twice` */
  define<Input extends JsonValue, Result extends JsonValue | void>(
    definition: WorkflowDefinition<Input, Result>,
  ): void {
    this.#definitions.add(definition);
  }

  /**
   * Takes DBOS and the writer's name, makes the tables. Called by the first use otherwise. DBOS itself is launched by the
   * first use that needs it, when all is defined.
   * @throws StoreError; ConfigError `workflow.one-engine`, `workflow.needs-postgres`, `package.missing`
   */
  async open(): Promise<void> {
    await this.#opened();
  }

  /** @throws StoreError; ValidationError `workflow.undefined`, `json.unsafe`; ConfigError `workflow.defined-late` */
  async start(name: string, id: string, input: JsonValue): Promise<WorkflowRun> {
    return this.#held(async () => {
      const version = this.#definitions.latest(name);
      const json = canonicalJson(input);
      await this.#launched();
      await this.#ensureLease();
      const startedAtMs = this.#clock.nowMs();
      const run = this.#process.function(name, version);
      let forget = (): void => {};
      const begun = new Promise<void>((resolve) => {
        forget = this.#runs.expect(id, resolve);
      });
      try {
        await this.#process.outside(({ DBOS }) =>
          DBOS.startWorkflow(run, { workflowID: id, workflowIDReusePolicy: 'reject' })(json, startedAtMs),
        );
      } catch (error) {
        forget();
        if (!this.#process.dbos.errors.isWorkflowIDInUseError(error)) throw error;
        const found = await this.get(id);
        if (found === undefined) throw new ValidationError('workflow.unknown', `The run "${id}" is gone.`);
        return found;
      }
      await begun;
      return { id, name, version, status: 'running', input: JSON.parse(json), startedAtMs, updatedAtMs: startedAtMs };
    });
  }

  async signal(id: string, topic: string, payload: JsonValue, dedupKey: string): Promise<void> {
    await this.#held(async () => {
      await this.#opened();
      const signal = { runId: id, topic, payload: canonicalJson(payload), dedupKey, atMs: this.#clock.nowMs() };
      const put = await this.#journal.putSignal(signal);
      if (put !== undefined) this.#runs.get(id)?.mailbox.put([put]);
    });
  }

  async get(id: string): Promise<WorkflowRun | undefined> {
    await this.#launched();
    const status = await this.#process.outside(({ DBOS }) => DBOS.getWorkflowStatus(id));
    const run = status === null ? undefined : runOfStatus(status);
    return run && this.#current(run);
  }

  async list(query: { readonly name?: string; readonly status?: WorkflowStatus }): Promise<readonly WorkflowRun[]> {
    await this.#launched();
    const { name, status } = query;
    const found = await this.#process.outside(({ DBOS }) =>
      DBOS.listWorkflows(status === undefined ? {} : { status: [...dbosStatuses[status]] }),
    );
    return found
      .flatMap((dbos) => runOfStatus(dbos) ?? [])
      .filter((run) => name === undefined || run.name === name)
      .map((run) => this.#current(run))
      .toSorted((a, b) => a.startedAtMs - b.startedAtMs || (a.id < b.id ? -1 : 1));
  }

  /** Ends a run where it stands, whoever executes it. One that has ended stays as it is. */
  async cancel(id: string): Promise<void> {
    await this.#held(async () => {
      if ((await this.get(id))?.status !== 'running') return;
      await this.#process.outside(({ DBOS }) => DBOS.cancelWorkflow(id));
      this.#runs.get(id)?.interrupt(canceled(id));
    });
  }

  /**
   * Goes on with what earlier processes of this name left, and with what others left whose lease is over. Runs of others
   * that are alive are looked at again when their lease ends.
   */
  async recover(): Promise<number> {
    return this.#held(async () => {
      const owner = await this.#launched();
      await this.#ensureLease();
      const leases = await this.#journal.leases();
      const nowMs = this.#clock.nowMs();
      const gone = new Set<string>();
      const going = new Set<string>();
      let nextLookMs = Number.POSITIVE_INFINITY;
      for (const { executorId = '', status, workflowID } of await this.#statuses({ status: dbosStatuses.running })) {
        if (this.#runs.has(workflowID)) continue;
        const leaseUntilMs = this.#lease.leaseOf(executorId, leases);
        // What an earlier process gave back to the queue before it died is in this one's hands as well.
        if (status !== 'PENDING') going.add(workflowID);
        else if (executorId === owner) continue;
        else if (leaseUntilMs > nowMs) nextLookMs = Math.min(nextLookMs, leaseUntilMs);
        else {
          gone.add(executorId);
          going.add(workflowID);
        }
      }
      // Time stands until they have begun.
      for (const id of going) this.#runs.expect(id, this.#clock.hold());
      await this.#process.outside((dbos) => dbos.reenqueue([...gone]));
      if (going.size > 0) await this.#forgetUnless(going);
      if (Number.isFinite(nextLookMs)) this.#later(nextLookMs - nowMs + 1, () => this.#recoverAgain());
      return going.size;
    });
  }

  /**
   * Stops executing: steps in flight end, their results are not kept, and the runs go on with the next `recover`. With
   * `abandon` not even their end is waited for, as when the process died.
   */
  async close(options: { readonly abandon?: boolean } = {}): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#health = { status: 'stopped' };
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    await this.#launching?.catch(() => {});
    await this.#runs.close({ abandon: options.abandon === true });
    await this.#process.leave();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** The engine's life as a service of a desk, to be started before what defines workflows. */
  asService(): Service {
    return { name: 'workflow-engine', start: () => this.open(), stop: () => this.close(), health: () => this.#health };
  }

  /** Forgets who waits for runs to begin that are over already, or that another process has. */
  async #forgetUnless(going: ReadonlySet<string>): Promise<void> {
    const left = await this.#statuses({ workflowIDs: [...going], status: dbosStatuses.running });
    const here = new Set(left.map(({ workflowID }) => workflowID));
    for (const id of going) if (!here.has(id) || this.#runs.has(id)) this.#runs.settle(id);
  }

  #statuses(query: { readonly status: readonly WorkflowStatusString[]; readonly workflowIDs?: string[] }) {
    return this.#process.outside(({ DBOS }) =>
      DBOS.listWorkflows({ ...query, status: [...query.status], loadInput: false, loadOutput: false }),
    );
  }

  #current(run: WorkflowRun): WorkflowRun {
    if (run.status !== 'running') return run;
    return { ...run, updatedAtMs: Math.max(run.updatedAtMs, this.#runs.updatedAtMs(run.id)) };
  }

  #opened(): Promise<string> {
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  async #open(): Promise<string> {
    if (this.#closed) throw new ConfigError('workflow.closed', 'The workflow engine is closed.');
    if (this.#options.database.dialect !== 'postgres')
      throw new ConfigError('workflow.needs-postgres', 'DBOS needs PostgreSQL; LocalWorkflowEngine runs on SQLite.');
    await this.#process.take();
    try {
      const owner = await this.#lease.owner();
      this.#health = { status: 'healthy' };
      return owner;
    } catch (error) {
      await this.#process.leave();
      throw error;
    }
  }

  /** Has DBOS launched; the answer is the writer's name. */
  async #launched(): Promise<string> {
    const owner = await this.#opened();
    this.#launching ??= this.#process
      .launch(owner, this.#definitions.all(), (workflow) => this.#runs.functionOf(workflow))
      .catch((error: unknown) => {
        this.#launching = undefined;
        throw error;
      });
    await this.#launching;
    return owner;
  }

  async #ensureLease(): Promise<void> {
    if (await this.#lease.renew()) return;
    const message = `Another engine named "${this.#lease.ownerId}" has taken over on this database.`;
    this.#health = { status: 'failed', detail: message };
    this.#runs.interruptAll(new RunInterruption('lost', message));
    throw new ConfigError('workflow.replaced', message);
  }

  /** Shows signs of life while runs are alive, and looks for what other processes took in for them. */
  #beat(): void {
    if (this.#heartbeat !== undefined || this.#closed) return;
    const { leaseMs } = this.#lease;
    const { pollMs = 1_000 } = this.#options;
    this.#heartbeat = this.#later(pollMs === 0 ? leaseMs / 2 : Math.min(pollMs, leaseMs / 2), () => {
      this.#heartbeat = undefined;
      if (this.#runs.ids().length === 0) return;
      this.#beat();
      void this.#held(async () => {
        try {
          await this.#ensureLease();
          await this.#lookAround();
        } catch (error) {
          this.#logger.error({ error }, 'the workflow engine could not renew its lease or look for signals');
        }
      });
    });
  }

  async #lookAround(): Promise<void> {
    const ids = [...this.#runs.ids()];
    const signals = await this.#journal.signals(ids, this.#watermark.after(this.#clock.nowMs()));
    for (const signal of signals) this.#runs.get(signal.runId)?.mailbox.put([signal]);
    this.#watermark.saw(signals.at(-1)?.sequence ?? 0);
    for (const { workflowID } of await this.#statuses({ workflowIDs: ids, status: dbosStatuses.canceled }))
      this.#runs.get(workflowID)?.interrupt(canceled(workflowID));
  }

  #recoverAgain(): void {
    this.recover().catch((error: unknown) =>
      this.#logger.error({ error }, 'runs of other engines could not be looked at'),
    );
  }

  #later(delayMs: number, act: () => void): Release {
    const cancel = this.#clock.setTimer(delayMs, () => {
      this.#timers.delete(cancel);
      act();
    });
    this.#timers.add(cancel);
    return cancel;
  }

  async #held<Result>(act: () => Promise<Result>): Promise<Result> {
    const release = this.#clock.hold();
    try {
      return await act();
    } finally {
      release();
    }
  }
}
