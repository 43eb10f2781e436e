import type { Clock, JsonValue, RetryPolicy, WorkflowContext } from '@perpdesk/core';
import { deriveClientOrderId } from '@perpdesk/core/security';
import * as z from 'zod';
import type { RunInterruption } from '../workflow-engine/run-interruption.ts';
import type { RunLife } from '../workflow-engine/run-life.ts';
import { resultOf } from '../workflow-engine/run-life.ts';
import type { MailboxSignal } from '../workflow-engine/step-journal.ts';
import { stepsChanged } from '../workflow-engine/steps-changed.ts';

const recordSchema = z.object({
  state: z.enum(['done', 'failed', 'timed-out']),
  /** JSON of the result, the received payload, or the error; null for none. */
  data: z.string().nullable(),
  deadlineMs: z.number().optional(),
  /** The signal a receive took. */
  signalSequence: z.number().optional(),
  atMs: z.number(),
});

/** What a step of DBOS gives back: one call of a workflow on its context. */
export type DbosRecord = z.infer<typeof recordSchema>;

/** A step as DBOS has kept it. */
export interface KeptStep {
  readonly functionID: number;
  readonly name: string;
  readonly output: unknown;
}

type Kind = 'step' | 'sleep' | 'receive' | 'deadline' | 'now';

/** Options of {@link DbosRunContext}. */
export interface DbosRunContextOptions {
  readonly run: { readonly id: string; readonly name: string; readonly version: number };
  readonly life: RunLife;
  readonly clock: Clock;
  /** Runs `act` as the next step of the run in DBOS, or gives back what DBOS has there. Takes its place when called. */
  readonly runStep: (name: string, act: () => Promise<DbosRecord>) => Promise<DbosRecord>;
  /** What a failure of `runStep` itself means to the run. */
  readonly interruptionOf: (cause: unknown) => RunInterruption;
}

/**
 * What a workflow's function runs on: each call is one step of DBOS (a receive with a time is two), whose result is our own
 * record of it. Waiting is done on the desk's clock, retries are made inside, failures are values: DBOS only keeps.
 */
export class DbosRunContext implements WorkflowContext {
  readonly runId: string;
  readonly #options: DbosRunContextOptions;
  readonly #life: RunLife;
  readonly #clock: Clock;
  readonly #kept = new Map<number, { readonly kind: string; readonly name: string }>();
  readonly #acting = new Set<Promise<unknown>>();
  #next = 0;
  /** Settles when the last call has begun or needs not: DBOS looks calls up side by side, what they do begins in their order. */
  #begun: Promise<void> = Promise.resolve();
  #updatedAtMs = 0;

  constructor(options: DbosRunContextOptions) {
    this.runId = options.run.id;
    this.#options = options;
    this.#life = options.life;
    this.#clock = options.clock;
  }

  get signal(): AbortSignal {
    return this.#life.signal;
  }

  /** When the run last wrote something down. */
  get updatedAtMs(): number {
    return this.#updatedAtMs;
  }

  /** Loads what was kept. Called once, before the function. */
  load(steps: readonly KeptStep[], signals: readonly MailboxSignal[]): void {
    for (const { functionID, name, output } of steps) {
      const space = name.indexOf(' ');
      this.#kept.set(functionID, { kind: name.slice(0, space), name: name.slice(space + 1) });
      const { atMs, signalSequence } = recordSchema.parse(output);
      this.#updatedAtMs = Math.max(this.#updatedAtMs, atMs);
      if (signalSequence !== undefined) this.#life.mailbox.markTaken(signalSequence);
    }
    this.#life.mailbox.put(signals);
  }

  /** Fails the run when its function ended before its steps did. */
  checkEnd(): void {
    const left = this.#kept.get(this.#next);
    if (left !== undefined) this.#life.interrupt(stepsChanged(this.#options.run, this.#next, left));
  }

  /** Resolves when no step's function runs any more. */
  async quiet(): Promise<void> {
    await Promise.allSettled(this.#acting);
  }

  step<Result extends JsonValue | void>(
    name: string,
    fn: () => Promise<Result> | Result,
    options: { readonly retry?: RetryPolicy } = {},
  ): Promise<Result> {
    return this.#life.hold.during(async () => {
      const record = await this.#journaled('step', name, () => this.#life.attempt(name, fn, options.retry));
      return resultOf(record.state === 'failed' ? { ...record, state: 'failed' } : { ...record, state: 'done' });
    });
  }

  sleep(name: string, durationMs: number): Promise<void> {
    return this.#life.hold.during(async () => {
      const { deadlineMs } = await this.#journaled('sleep', name, () => this.#dueIn(durationMs));
      await this.#life.until(deadlineMs);
    });
  }

  receive(topic: string, timeoutMs?: number): Promise<JsonValue | undefined> {
    return this.#life.hold.during(async () => {
      // Both steps take their places now, so that calls made side by side keep theirs.
      const due =
        timeoutMs === undefined ? undefined : this.#journaled('deadline', topic, () => this.#dueIn(timeoutMs));
      due?.catch(() => {});
      const { data } = await this.#journaled('receive', topic, async () => {
        const deadlineMs = (await due)?.deadlineMs;
        let signal = this.#life.mailbox.take(topic);
        while (signal === undefined) {
          const isDue = !(await this.#life.until(deadlineMs, topic));
          signal = this.#life.mailbox.take(topic);
          if (isDue) break;
        }
        return signal === undefined
          ? { state: 'timed-out', data: null }
          : { state: 'done', data: signal.payload, signalSequence: signal.sequence };
      });
      return data === null ? undefined : JSON.parse(data);
    });
  }

  now(name: string): Promise<number> {
    return this.#life.hold.during(async () => {
      const { atMs } = await this.#journaled('now', name, async () => ({ state: 'done', data: null }));
      return atMs;
    });
  }

  id(step: string): string {
    return deriveClientOrderId(this.runId, step);
  }

  async #dueIn(durationMs: number): Promise<Omit<DbosRecord, 'atMs'>> {
    return { state: 'done', data: null, deadlineMs: this.#clock.nowMs() + Math.max(0, Math.ceil(durationMs)) };
  }

  /** Gives a call its place, in the order of calling, and what DBOS has there, else what `act` does now. */
  async #journaled(kind: Kind, name: string, act: () => Promise<Omit<DbosRecord, 'atMs'>>): Promise<DbosRecord> {
    this.#life.check();
    const { interruptionOf, run, runStep } = this.#options;
    const position = this.#next;
    this.#next += 1;
    const kept = this.#kept.get(position);
    if (kept !== undefined && (kept.kind !== kind || kept.name !== name))
      throw this.#life.interrupt(stepsChanged(run, position, kept, { kind, name }));
    const earlier = this.#begun;
    const { promise, resolve: begin } = Promise.withResolvers<void>();
    this.#begun = promise;
    let record: DbosRecord;
    try {
      const result = runStep(`${kind} ${name}`, async () => {
        await earlier;
        begin();
        return this.#act(act);
      });
      record = await this.#untilInterrupted(result.finally(begin));
    } catch (cause) {
      this.#life.check();
      throw this.#life.interrupt(interruptionOf(cause));
    }
    this.#updatedAtMs = Math.max(this.#updatedAtMs, record.atMs);
    return record;
  }

  /** Acts inside a step of DBOS. What comes of it once the run must not go on is not told: DBOS would keep it. */
  async #act(act: () => Promise<Omit<DbosRecord, 'atMs'>>): Promise<DbosRecord> {
    if (this.#life.interruption !== undefined) return never();
    const acting = act();
    this.#acting.add(acting);
    try {
      const record = await acting;
      return this.#life.interruption === undefined ? { ...record, atMs: this.#clock.nowMs() } : await never();
    } catch (error) {
      if (this.#life.interruption !== undefined) return await never();
      throw error;
    } finally {
      this.#acting.delete(acting);
    }
  }

  /** What is in flight at an interruption is not waited for. */
  #untilInterrupted<Result>(result: Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      const interrupted = (): void => reject(this.#life.interruption);
      this.signal.addEventListener('abort', interrupted, { once: true });
      result.then(resolve, reject).finally(() => this.signal.removeEventListener('abort', interrupted));
    });
  }
}

/** A promise that stays open: a step or a run that this process has nothing more to say about. */
export const never = (): Promise<never> => new Promise(() => {});
