import { AsyncLocalStorage } from 'node:async_hooks';
import { type Clock, canonicalJson, type Logger } from '@perpdesk/core';
import { RunHold } from '../workflow-engine/run-hold.ts';
import { RunInterruption } from '../workflow-engine/run-interruption.ts';
import { RunLife, textOf } from '../workflow-engine/run-life.ts';
import type { StepJournal } from '../workflow-engine/step-journal.ts';
import { undefinedWorkflow, type WorkflowDefinitions } from '../workflow-engine/workflow-definitions.ts';
import type { DbosProcess, RunFunction } from './dbos-process.ts';
import { DbosRunContext, never } from './dbos-run-context.ts';
import type { RunEnd } from './run-of-status.ts';
import { WorkflowFailure } from './workflow-failure.ts';

interface Workflow {
  readonly name: string;
  readonly version: number;
}

interface LiveRun {
  readonly life: RunLife;
  readonly context: DbosRunContext;
  done: Promise<unknown>;
}

/** Options of {@link DbosRuns}. */
export interface DbosRunsOptions {
  readonly process: DbosProcess;
  readonly journal: StepJournal;
  readonly definitions: WorkflowDefinitions;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called when a run has begun. */
  readonly onBegin: () => void;
}

/** The runs that this process executes, as DBOS calls for them. */
export class DbosRuns {
  readonly #options: DbosRunsOptions;
  readonly #live = new Map<string, LiveRun>();
  /** Who waits for a run to begin here. */
  readonly #expected = new Map<string, Set<() => void>>();
  #closed = false;

  constructor(options: DbosRunsOptions) {
    this.#options = options;
  }

  has(id: string): boolean {
    return this.#live.has(id);
  }

  ids(): readonly string[] {
    return [...this.#live.keys()];
  }

  /** What the run has in memory, while it is executed here. */
  get(id: string): RunLife | undefined {
    return this.#live.get(id)?.life;
  }

  /** When a run of this process last wrote something down; 0 when it is not executed here. */
  updatedAtMs(id: string): number {
    return this.#live.get(id)?.context.updatedAtMs ?? 0;
  }

  interruptAll(interruption: RunInterruption): void {
    for (const { life } of this.#live.values()) life.interrupt(interruption);
  }

  /** Calls back when a run begins here. Returns how to wait no more. */
  expect(id: string, begun: () => void): () => void {
    const all = this.#expected.get(id) ?? new Set();
    this.#expected.set(id, all.add(begun));
    return () => {
      if (all.delete(begun) && all.size === 0) this.#expected.delete(id);
    };
  }

  /** Calls back whoever waits for a run to begin: it has, or it never will here. */
  settle(id: string): void {
    for (const begun of this.#expected.get(id) ?? []) begun();
    this.#expected.delete(id);
  }

  /** Interrupts every run and begins no more. Unless they are abandoned, waits for steps in flight and for the functions' ends. */
  async close(options: { readonly abandon: boolean }): Promise<void> {
    this.#closed = true;
    const live = [...this.#live.values()];
    this.interruptAll(new RunInterruption('stopped', 'The workflow engine stops.'));
    if (!options.abandon) await Promise.all(live.map(({ context, done }) => context.quiet().then(() => done)));
    for (const { life } of live) life.hold.end();
    for (const id of [...this.#expected.keys()]) this.settle(id);
  }

  /** What DBOS calls for each run of a workflow, on its start and on its recovery. */
  functionOf(workflow: Workflow): RunFunction {
    return async (input, startedAtMs) => {
      if (this.#closed) return never();
      const { clock, onBegin, process } = this.#options;
      const { DBOS } = process.dbos;
      const id = DBOS.workflowID ?? '';
      const hold = new RunHold(clock);
      const life = new RunLife({ clock, hold });
      const inside = AsyncLocalStorage.snapshot();
      const context = new DbosRunContext({
        ...{ run: { id, ...workflow }, life, clock },
        runStep: (name, act) => inside(() => DBOS.runStep(act, { name })),
        interruptionOf: (cause) => this.#interruptionOf(id, cause),
      });
      const live: LiveRun = { life, context, done: Promise.resolve() };
      this.#live.set(id, live);
      this.settle(id);
      onBegin();
      const end = this.#execute(workflow, id, input, live, startedAtMs);
      live.done = end.catch(() => {}).then(() => this.#live.get(id) === live && this.#live.delete(id));
      await live.done;
      const kind = life.interruption?.kind;
      if (kind === 'canceled' || kind === 'failed') {
        this.#endHold(id, hold);
        return end;
      }
      hold.end();
      // Another has the run, or it goes on later: DBOS is told nothing that it would keep.
      return kind === 'lost' ? end : never();
    };
  }

  async #execute(
    workflow: Workflow,
    id: string,
    input: string,
    { context, life }: LiveRun,
    startedAtMs: number,
  ): Promise<RunEnd> {
    const { clock, definitions, journal, logger, process } = this.#options;
    try {
      const [steps, signals] = await Promise.all([
        process.outside(({ DBOS }) => DBOS.listWorkflowSteps(id)),
        journal.signals([id]),
      ]);
      context.load(steps ?? [], signals);
    } catch (cause) {
      life.interrupt(this.#interruptionOf(id, cause));
    }
    try {
      life.check();
      const definition = definitions.get(workflow.name, workflow.version);
      if (definition === undefined) throw undefinedWorkflow(workflow.name, workflow.version);
      const result = await definition.run(context, JSON.parse(input));
      context.checkEnd();
      life.check();
      return { result: result === undefined ? null : canonicalJson(result), atMs: clock.nowMs() };
    } catch (error) {
      const why = life.interruption ?? error;
      const text = textOf(why);
      if (!(why instanceof RunInterruption) || why.kind === 'failed')
        logger.error({ runId: id, workflow: workflow.name, error: text }, 'a workflow failed');
      throw new WorkflowFailure(text, Math.max(startedAtMs, clock.nowMs()));
    } finally {
      // Calls that nobody waits for any more, such as the loser of a race, end with the run.
      life.interrupt(new RunInterruption('failed', `The run "${id}" has ended.`, { code: 'workflow.ended' }));
    }
  }

  /** Lets go of the clock once the run's end is written, which DBOS does after its function has returned. */
  #endHold(id: string, hold: RunHold): void {
    void this.#options.process
      .outside(({ DBOS }) => DBOS.getResult(id, { pollingIntervalMs: 5 }))
      .catch(() => {})
      .finally(() => hold.end());
  }

  #interruptionOf(id: string, cause: unknown): RunInterruption {
    const { logger, process } = this.#options;
    const { errors } = process.dbos;
    if (cause instanceof errors.DBOSWorkflowCancelledError) return canceled(id);
    if (cause instanceof errors.DBOSWorkflowConflictError) {
      logger.warn({ runId: id }, 'a run was canceled elsewhere or taken over by another engine');
      return new RunInterruption('lost', 'The run was canceled or another engine has it.');
    }
    // Lost connections DBOS bears by itself: this is a statement that PostgreSQL refuses.
    logger.error({ error: cause, runId: id }, 'a workflow waits for the next start: its steps can not be kept');
    return new RunInterruption('stalled', 'The steps can not be read or written.', { cause });
  }
}

/** Why a run stops that was cancelled. */
export const canceled = (id: string): RunInterruption =>
  new RunInterruption('canceled', `The run "${id}" was canceled.`);
