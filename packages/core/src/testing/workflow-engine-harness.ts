import assert from 'node:assert/strict';
import type { SimulatedClock } from '../clock/simulated-clock.ts';
import type { JsonValue } from '../events/json.ts';
import type { WorkflowContext, WorkflowDefinition, WorkflowEngine, WorkflowRun } from '../ports/workflow-engine.ts';
import type { ContractCase } from './contract-case.ts';

/** Engines over one database. */
export interface WorkflowEngineHarness {
  readonly clock: SimulatedClock;
  /**
   * Opens another engine on the database. One of the same name replaces the last as a restarted process does: at once, and
   * the last can write no more. Engines of different names run side by side, with a lease of `leaseMs`.
   */
  open(name?: string): Promise<WorkflowEngine>;
  readonly leaseMs: number;
  close(): Promise<void>;
}

/** One case of the contract. An engine that a process can have only one of skips those with `sideBySide`, and shows the same with processes. */
export interface WorkflowEngineCase extends ContractCase<MakeWorkflowEngine> {
  /** Whether it needs two engines that are alive in one process. */
  readonly sideBySide: boolean;
}

/** Makes an empty database. */
export type MakeWorkflowEngine = () => Promise<WorkflowEngineHarness>;

/** What a case's one workflow does. */
export type Body = (context: WorkflowContext, input: JsonValue) => Promise<JsonValue | void>;

/** What a case works with. */
export interface Given extends WorkflowEngineHarness {
  /** Opens an engine that knows one workflow, `w`. */
  engine(body: Body, options?: { readonly name?: string; readonly version?: number }): Promise<WorkflowEngine>;
  /** What a run has come to, once nothing is in flight. */
  settled(engine: WorkflowEngine, id?: string): Promise<WorkflowRun>;
}

/** The workflow `w` that does this. */
export const workflow = (body: Body, version = 1): WorkflowDefinition<JsonValue, JsonValue | void> => ({
  name: 'w',
  version,
  run: body,
});

/** One case, on an empty database that is closed at its end. */
export function scenario(
  name: string,
  run: (given: Given) => Promise<void>,
  options: { readonly sideBySide?: boolean } = {},
): WorkflowEngineCase {
  return {
    name,
    sideBySide: options.sideBySide ?? false,
    run: async (make) => {
      const harness = await make();
      try {
        await run({
          ...harness,
          engine: async (body, options = {}) => {
            const engine = await harness.open(options.name);
            engine.define(workflow(body, options.version));
            return engine;
          },
          settled: async (engine, id = 'run-1') => {
            await harness.clock.idle();
            const found = await engine.get(id);
            assert.ok(found !== undefined, `there is no run ${id}`);
            return found;
          },
        });
      } finally {
        await harness.close();
      }
    },
  };
}

/** A promise to be resolved from outside: a call whose answer has not come. */
export function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((fulfil) => {
    resolve = fulfil;
  });
  return { promise, resolve };
}
