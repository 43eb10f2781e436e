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
import { EngineLease } from './engine-lease.ts';
import { RunContext } from './run-context.ts';
import { RunHold } from './run-hold.ts';
import { RunInterruption } from './run-interruption.ts';
import { textOf } from './run-life.ts';
import { type RunRow, StepJournal } from './step-journal.ts';
import { undefinedWorkflow, WorkflowDefinitions } from './workflow-definitions.ts';

/** Options of {@link LocalWorkflowEngine}. */
export interface LocalWorkflowEngineOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly logger?: Logger;
  /**
   * The name this process has as a writer. A later engine of the same name takes over at once what an earlier one left, so
   * a process that is restarted goes on without waiting; engines that run side by side need different names. Default `local`.
   */
  readonly ownerId?: string;
  /**
   * For how long nobody else takes a run over after the last sign of life. It is renewed at half of it, while runs are
   * alive; signals that another engine took in are looked for then too. Default 60,000.
   */
  readonly leaseMs?: number;
}

interface LiveRun {
  readonly run: RunRow;
  readonly context: RunContext;
  done: Promise<void>;
}

/** Pauses before a run whose journal could not be written is tried again. */
const stallPausesMs = [1_000, 2_000, 5_000, 10_000, 30_000] as const;

/**
 * Durable workflows on a step journal in SQLite or PostgreSQL: each call's result is one row, written before the next call
 * begins. After a crash the function runs again from its start and gets from the journal what is there. A run has one
 * writer at a time; one that was replaced can not write any more. It opens by itself at the first use.
 */
export class LocalWorkflowEngine implements WorkflowEngine {
  readonly #journal: StepJournal;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #lease: EngineLease;
  readonly #definitions = new WorkflowDefinitions();
  readonly #live = new Map<string, LiveRun>();
  readonly #timers = new Set<Release>();
  readonly #stalls = new Map<string, number>();
  #heartbeat: Release | undefined;
  #health: Health = { status: 'stopped' };
  #closed = false;

  constructor(options: LocalWorkflowEngineOptions) {
    this.#journal = new StepJournal(options.database);
    this.#clock = options.clock;
    this.#logger = options.logger ?? silentLogger;
    const { clock, ownerId = 'local', leaseMs = 60_000 } = options;
    this.#lease = new EngineLease({ journal: this.#journal, clock, ownerId, leaseMs });
  }

  /** Several versions of a name can be defined: a run goes on under the one it began with. @throws ConfigError `workflow.defined-twice` */
  define<Input extends JsonValue, Result extends JsonValue | void>(
    definition: WorkflowDefinition<Input, Result>,
  ): void {
    this.#definitions.add(definition);
  }

  /** Makes the tables and takes the writer's name. Called by the first use otherwise. @throws StoreError, ConfigError */
  async open(): Promise<void> {
    await this.#owner();
  }

  /** @throws StoreError; ValidationError `workflow.undefined`, `json.unsafe` */
  async start(name: string, id: string, input: JsonValue): Promise<WorkflowRun> {
    return this.#held(async () => {
      const version = this.#definitions.latest(name);
      const owner = await this.#owner();
      const run: RunRow = { id, name, version, input: canonicalJson(input), owner, startedAtMs: this.#clock.nowMs() };
      await this.#ensureLease();
      if (await this.#journal.insertRun(run)) {
        this.#launch(run);
        return {
          id,
          name,
          version,
          status: 'running',
          input: JSON.parse(run.input),
          startedAtMs: run.startedAtMs,
          updatedAtMs: run.startedAtMs,
        };
      }
      const found = await this.#journal.run(id);
      if (found === undefined) throw new ValidationError('workflow.unknown', `The run "${id}" is gone.`);
      return found;
    });
  }

  async signal(id: string, topic: string, payload: JsonValue, dedupKey: string): Promise<void> {
    await this.#held(async () => {
      await this.#owner();
      const signal = { runId: id, topic, payload: canonicalJson(payload), dedupKey, atMs: this.#clock.nowMs() };
      const put = await this.#journal.putSignal(signal);
      if (put !== undefined) this.#live.get(id)?.context.mailbox.put([put]);
    });
  }

  async get(id: string): Promise<WorkflowRun | undefined> {
    await this.#owner();
    return this.#journal.run(id);
  }

  async list(query: { readonly name?: string; readonly status?: WorkflowStatus }): Promise<readonly WorkflowRun[]> {
    await this.#owner();
    return this.#journal.runs(query);
  }

  /** Ends a run where it stands, whoever executes it. One that has ended stays as it is. */
  async cancel(id: string): Promise<void> {
    await this.#held(async () => {
      await this.#owner();
      if (await this.#journal.finish({ id }, { status: 'canceled', atMs: this.#clock.nowMs() })) {
        this.#live.get(id)?.context.interrupt(new RunInterruption('canceled', `The run "${id}" was canceled.`));
      }
    });
  }

  /**
   * Goes on with what earlier processes of this name left, and with what others left whose lease is over. Runs of others
   * that are alive are looked at again when their lease ends.
   */
  async recover(): Promise<number> {
    return this.#held(async () => {
      const owner = await this.#owner();
      await this.#ensureLease();
      const leases = await this.#journal.leases();
      const nowMs = this.#clock.nowMs();
      let recovered = 0;
      let nextLookMs = Number.POSITIVE_INFINITY;
      for (const run of await this.#journal.runningRuns()) {
        if (this.#live.has(run.id)) continue;
        const leaseUntilMs = this.#lease.leaseOf(run.owner, leases);
        if (leaseUntilMs > nowMs) nextLookMs = Math.min(nextLookMs, leaseUntilMs);
        else if (run.owner === owner || (await this.#journal.claim(run, owner))) {
          this.#launch({ ...run, owner });
          recovered += 1;
        }
      }
      if (Number.isFinite(nextLookMs)) this.#later(nextLookMs - nowMs + 1, () => this.#recoverAgain());
      return recovered;
    });
  }

  /** Stops executing: steps in flight end, their results are not kept, and the runs go on with the next `recover`. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#health = { status: 'stopped' };
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    const live = [...this.#live.values()];
    for (const { context } of live) context.interrupt(new RunInterruption('stopped', 'The workflow engine stops.'));
    await Promise.all(live.map(({ done }) => done));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** The engine's life as a service of a desk, to be started before what defines workflows. */
  asService(): Service {
    return { name: 'workflow-engine', start: () => this.open(), stop: () => this.close(), health: () => this.#health };
  }

  #launch(run: RunRow): void {
    const hold = new RunHold(this.#clock);
    const context = new RunContext({ run, journal: this.#journal, clock: this.#clock, hold });
    const live: LiveRun = { run, context, done: Promise.resolve() };
    this.#live.set(run.id, live);
    this.#beat();
    live.done = this.#execute(live).finally(() => hold.end());
  }

  /** Runs a run to its end or its interruption. Never rejects. */
  async #execute({ run, context }: LiveRun): Promise<void> {
    try {
      context.load(await this.#journal.entries(run.id), await this.#journal.signals([run.id]));
      const end = await this.#call(run, context);
      this.#live.delete(run.id);
      const { interruption } = context;
      // Calls that nobody waits for any more, such as the loser of a race, end with the run.
      context.interrupt(new RunInterruption('stopped', `The run "${run.id}" has ended.`));
      if (interruption !== undefined && interruption.kind !== 'failed') this.#interrupted(run, interruption);
      else {
        await this.#journal.finish(run, { ...end, atMs: this.#clock.nowMs() });
        this.#stalls.delete(run.id);
        if (end.status === 'failed')
          this.#logger.error({ runId: run.id, workflow: run.name, error: end.error }, 'a workflow failed');
      }
    } catch (cause) {
      this.#live.delete(run.id);
      this.#interrupted(run, new RunInterruption('stalled', 'The journal can not be read or written.', { cause }));
    }
  }

  async #call(
    run: RunRow,
    context: RunContext,
  ): Promise<{ readonly status: WorkflowStatus; readonly result?: string; readonly error?: string }> {
    const definition = this.#definitions.get(run.name, run.version);
    if (definition === undefined) return { status: 'failed', error: textOf(undefinedWorkflow(run.name, run.version)) };
    try {
      const result = await definition.run(context, JSON.parse(run.input));
      context.checkEnd();
      if (context.interruption !== undefined) return { status: 'failed', error: textOf(context.interruption) };
      return result === undefined ? { status: 'succeeded' } : { status: 'succeeded', result: canonicalJson(result) };
    } catch (error) {
      return { status: 'failed', error: textOf(context.interruption ?? error) };
    }
  }

  #interrupted(run: RunRow, interruption: RunInterruption): void {
    if (interruption.kind === 'lost')
      this.#logger.warn({ runId: run.id }, 'a run was canceled elsewhere or taken over by another engine');
    if (interruption.kind !== 'stalled' || this.#closed) return;
    const stalls = this.#stalls.get(run.id) ?? 0;
    this.#stalls.set(run.id, stalls + 1);
    const pauseMs = stallPausesMs[Math.min(stalls, stallPausesMs.length - 1)] ?? 0;
    this.#logger.error({ error: interruption.cause, runId: run.id, pauseMs }, 'a workflow waits for its journal');
    this.#later(pauseMs, () => {
      if (!this.#live.has(run.id)) this.#launch(run);
    });
  }

  async #owner(): Promise<string> {
    const owner = await this.#lease.owner();
    if (this.#health.status === 'stopped' && !this.#closed) this.#health = { status: 'healthy' };
    return owner;
  }

  async #ensureLease(): Promise<void> {
    if (await this.#lease.renew()) return;
    const message = `Another engine named "${this.#lease.ownerId}" has taken over on this database.`;
    this.#health = { status: 'failed', detail: message };
    for (const { context } of this.#live.values()) context.interrupt(new RunInterruption('lost', message));
    throw new ConfigError('workflow.replaced', message);
  }

  /** Shows signs of life while runs are alive, and looks for signals that other engines took in. */
  #beat(): void {
    if (this.#heartbeat !== undefined) return;
    this.#heartbeat = this.#later(this.#lease.leaseMs / 2, () => {
      this.#heartbeat = undefined;
      if (this.#live.size === 0) return;
      this.#beat();
      void this.#held(async () => {
        try {
          await this.#ensureLease();
          const signals = await this.#journal.signals([...this.#live.keys()]);
          for (const signal of signals) this.#live.get(signal.runId)?.context.mailbox.put([signal]);
        } catch (error) {
          this.#logger.error({ error }, 'the lease of the workflow engine could not be renewed');
        }
      });
    });
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
