import { type Clock, canonicalJson, type JsonValue, PerpDeskError, type RetryPolicy } from '@perpdesk/core';
import { Mailbox } from './mailbox.ts';
import type { RunHold } from './run-hold.ts';
import type { RunInterruption } from './run-interruption.ts';

/** What came of a step, as it is kept: its result or its error in JSON, null for none. */
export interface StepOutcome {
  readonly state: 'done' | 'failed';
  readonly data: string | null;
}

/** What a run has while a process executes it, whatever keeps its journal: its mailbox, its waiting, its interruption. */
export class RunLife {
  readonly mailbox = new Mailbox();
  readonly hold: RunHold;
  readonly #clock: Clock;
  readonly #abort = new AbortController();
  #interruption: RunInterruption | undefined;

  constructor(options: { readonly clock: Clock; readonly hold: RunHold }) {
    this.#clock = options.clock;
    this.hold = options.hold;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Why the run must not go on, once it must not. */
  get interruption(): RunInterruption | undefined {
    return this.#interruption;
  }

  /** Ends the run's life here: every call on its context, present and to come, throws. The first reason stays. */
  interrupt(interruption: RunInterruption): RunInterruption {
    if (this.#interruption === undefined) {
      this.#interruption = interruption;
      this.#abort.abort(interruption);
    }
    return this.#interruption;
  }

  /** @throws RunInterruption when there is one. */
  check(): void {
    if (this.#interruption !== undefined) throw this.#interruption;
  }

  /** Calls a step's function as often as its policy has it. @throws RunInterruption */
  async attempt<Result extends JsonValue | void>(
    name: string,
    fn: () => Promise<Result> | Result,
    retry: RetryPolicy = { attempts: 1, delayMs: 0 },
  ): Promise<StepOutcome> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const result = await fn();
        return { state: 'done', data: result === undefined ? null : canonicalJson(result) };
      } catch (error) {
        // What a step throws because it was told to stop is not its result.
        this.check();
        if (attempt >= retry.attempts || !PerpDeskError.is(error) || !error.retryable)
          return { state: 'failed', data: failureData(name, error) };
        await this.until(this.#clock.nowMs() + retry.delayMs * 2 ** (attempt - 1));
      }
    }
  }

  /** Waits for an instant, or a signal of a topic. False when the instant came. The clock is held again from the moment of waking. */
  async until(deadlineMs: number | undefined, topic?: string): Promise<boolean> {
    this.check();
    const leftMs = deadlineMs === undefined ? undefined : deadlineMs - this.#clock.nowMs();
    if (leftMs !== undefined && leftMs <= 0) return false;
    const goOn = this.hold.wait();
    const ends: (() => void)[] = [goOn];
    try {
      return await new Promise<boolean>((resolve, reject) => {
        const wake = (signaled: boolean): void => {
          goOn();
          resolve(signaled);
        };
        const interrupted = (): void => {
          goOn();
          reject(this.#interruption);
        };
        if (leftMs !== undefined) ends.push(this.#clock.setTimer(leftMs, () => wake(false)));
        if (topic !== undefined) ends.push(this.mailbox.listen(topic, () => wake(true)));
        this.signal.addEventListener('abort', interrupted, { once: true });
        ends.push(() => this.signal.removeEventListener('abort', interrupted));
      });
    } finally {
      for (const end of ends) end();
    }
  }
}

/**
 * What a step gives back: also on the first try a copy that went through JSON, as the journal would give it; a failure
 * throws the same code and message on every replay, whatever its class was.
 */
export function resultOf<Result extends JsonValue | void>({ data, state }: StepOutcome): Result {
  if (state === 'failed') {
    const { code, message, retryable } = JSON.parse(data ?? '{}');
    throw new PerpDeskError(String(code), String(message), { retryable: retryable === true });
  }
  return (data === null ? undefined : JSON.parse(data)) as Result;
}

/** An error as a run's end keeps it. */
export const textOf = (error: unknown): string =>
  PerpDeskError.is(error)
    ? `${error.code}: ${error.message}`
    : error instanceof Error
      ? `${error.name}: ${error.message}`
      : String(error);

function failureData(step: string, error: unknown): string {
  if (PerpDeskError.is(error))
    return canonicalJson({ code: error.code, message: error.message, retryable: error.retryable });
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return canonicalJson({
    code: 'workflow.step-failed',
    message: `Step "${step}" failed: ${message}`,
    retryable: false,
  });
}
