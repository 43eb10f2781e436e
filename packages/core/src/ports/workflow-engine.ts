import type { JsonValue } from '../events/json.ts';

export type WorkflowStatus = 'running' | 'succeeded' | 'failed' | 'canceled';

export interface WorkflowRun {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly status: WorkflowStatus;
  readonly input: JsonValue;
  readonly result?: JsonValue;
  readonly error?: string;
  readonly startedAtMs: number;
  readonly updatedAtMs: number;
}

/** How a step that throws is tried again. Only errors with `retryable` are. */
export interface RetryPolicy {
  /** Tries in all. Default 1. */
  readonly attempts: number;
  /** The first pause; each next is twice as long. */
  readonly delayMs: number;
}

type Json = JsonValue;

/** What a workflow function does everything through, so that it can be run again from its journal. */
export interface WorkflowContext {
  readonly runId: string;
  /** Aborted when the run is cancelled or the engine stops. */
  readonly signal: AbortSignal;
  /**
   * Runs `fn` once and journals its JSON result; after a crash it is given back, not run again. A crash inside `fn` runs it
   * again: what it does outside must be found by `id(step)` first.
   */
  step<Result extends Json | void>(
    name: string,
    fn: () => Promise<Result> | Result,
    options?: { readonly retry?: RetryPolicy },
  ): Promise<Result>;
  /** Waits, durably. */
  sleep(name: string, durationMs: number): Promise<void>;
  /** The oldest unread signal of a topic, or undefined after the time. Durable: a signal sent before is waiting. */
  receive(topic: string, timeoutMs?: number): Promise<Json | undefined>;
  /** The instant, journaled. */
  now(name: string): Promise<number>;
  /** A client order id: the first 128 bits of SHA-256 over (run id, step), hexadecimal. The same on every try. */
  id(step: string): string;
}

export interface WorkflowDefinition<Input extends Json = Json, Result extends Json | void = Json | void> {
  readonly name: string;
  /** Raise it when the order of steps changes; running ones go on under the version they began with, or fail loudly. */
  readonly version: number;
  readonly run: (context: WorkflowContext, input: Input) => Promise<Result>;
}

/** Durable workflows: each step's result is kept before the next begins, and what was running goes on after a crash. */
export interface WorkflowEngine {
  define<Input extends Json, Result extends Json | void>(definition: WorkflowDefinition<Input, Result>): void;
  /** Starts a run. The same id again gives the run there is. @throws StoreError */
  start(name: string, id: string, input: Json, options?: { readonly signal?: AbortSignal }): Promise<WorkflowRun>;
  /** Puts a signal in a run's mailbox, also before it waits for it; a repeated `dedupKey` is dropped. @throws StoreError */
  signal(id: string, topic: string, payload: Json, dedupKey: string): Promise<void>;
  get(id: string): Promise<WorkflowRun | undefined>;
  list(query: { readonly name?: string; readonly status?: WorkflowStatus }): Promise<readonly WorkflowRun[]>;
  cancel(id: string): Promise<void>;
  /** Goes on with every run that an earlier process left. Called once after all definitions. Returns how many. */
  recover(): Promise<number>;
}
