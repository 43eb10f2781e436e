import {
  type Clock,
  canonicalJson,
  type JsonValue,
  PerpDeskError,
  type RetryPolicy,
  type WorkflowContext,
} from '@perpdesk/core';
import { deriveClientOrderId } from '@perpdesk/core/security';
import { Mailbox } from './mailbox.ts';
import type { RunHold } from './run-hold.ts';
import { RunInterruption } from './run-interruption.ts';
import type { JournalEntry, MailboxSignal, RunRow, StepJournal } from './step-journal.ts';

type Kind = JournalEntry['kind'];
type Outcome = { readonly state: 'done' | 'failed'; readonly data: string | null };

/** What a workflow's function runs on: gives back what is in the journal, does and writes down what is not. */
export class RunContext implements WorkflowContext {
  readonly runId: string;
  readonly mailbox = new Mailbox();
  readonly #run: RunRow;
  readonly #journal: StepJournal;
  readonly #clock: Clock;
  readonly #hold: RunHold;
  readonly #entries = new Map<number, JournalEntry>();
  readonly #abort = new AbortController();
  #next = 0;
  #interruption: RunInterruption | undefined;

  constructor(options: {
    readonly run: RunRow;
    readonly journal: StepJournal;
    readonly clock: Clock;
    readonly hold: RunHold;
  }) {
    this.runId = options.run.id;
    this.#run = options.run;
    this.#journal = options.journal;
    this.#clock = options.clock;
    this.#hold = options.hold;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Why the run must not go on, once it must not. */
  get interruption(): RunInterruption | undefined {
    return this.#interruption;
  }

  /** Loads what was kept. Called once, before the function. */
  load(entries: readonly JournalEntry[], signals: readonly MailboxSignal[]): void {
    for (const entry of entries) {
      this.#entries.set(entry.position, entry);
      if (entry.signalSequence !== null) this.mailbox.markTaken(entry.signalSequence);
    }
    this.mailbox.put(signals);
  }

  /** Ends the run's life here: every call on the context, present and to come, throws. The first reason stays. */
  interrupt(interruption: RunInterruption): RunInterruption {
    if (this.#interruption === undefined) {
      this.#interruption = interruption;
      this.#abort.abort(interruption);
    }
    return this.#interruption;
  }

  /** Fails the run when its function ended before the journal did. */
  checkEnd(): void {
    const left = this.#entries.get(this.#next);
    if (left !== undefined)
      this.#mismatch(`The workflow ends where its journal goes on with ${left.kind} "${left.name}".`);
  }

  step<Result extends JsonValue | void>(
    name: string,
    fn: () => Promise<Result> | Result,
    options: { readonly retry?: RetryPolicy } = {},
  ): Promise<Result> {
    return this.#call('step', name, async (position, kept) => {
      const outcome: Outcome =
        kept === undefined
          ? await this.#attempt(name, fn, options.retry)
          : { state: kept.state === 'failed' ? 'failed' : 'done', data: kept.data };
      if (kept === undefined) await this.#append({ position, kind: 'step', name, ...outcome });
      if (outcome.state === 'failed') throw failureOf(outcome.data);
      // Also on the first try the result is what the journal would give: a copy that went through JSON.
      return (outcome.data === null ? undefined : JSON.parse(outcome.data)) as Result;
    });
  }

  sleep(name: string, durationMs: number): Promise<void> {
    return this.#call('sleep', name, async (position, kept) => {
      const deadlineMs = kept?.deadlineMs ?? this.#clock.nowMs() + Math.max(0, Math.ceil(durationMs));
      if (kept === undefined)
        await this.#append({ position, kind: 'sleep', name, state: 'done', data: null, deadlineMs });
      await this.#until(deadlineMs);
    });
  }

  receive(topic: string, timeoutMs?: number): Promise<JsonValue | undefined> {
    return this.#call('receive', topic, async (position, kept) => {
      if (kept !== undefined && kept.state !== 'waiting')
        return kept.state === 'done' && kept.data !== null ? parse(kept.data) : undefined;
      const base = { position, kind: 'receive', name: topic } as const;
      const deadlineMs =
        kept?.deadlineMs ?? (timeoutMs === undefined ? null : this.#clock.nowMs() + Math.max(0, Math.ceil(timeoutMs)));
      let signal = this.mailbox.take(topic);
      let waits = kept !== undefined;
      if (signal === undefined && !waits && deadlineMs !== null) {
        // The deadline outlives the process; without one there is nothing to keep yet.
        await this.#append({ ...base, state: 'waiting', data: null, deadlineMs });
        waits = true;
        // One that came while the wait was written down has woken nobody.
        signal = this.mailbox.take(topic);
      }
      while (signal === undefined) {
        const due = !(await this.#until(deadlineMs ?? undefined, topic));
        signal = this.mailbox.take(topic);
        if (due) break;
      }
      const end = {
        ...base,
        deadlineMs,
        data: signal?.payload ?? null,
        state: signal === undefined ? 'timed-out' : 'done',
        signalSequence: signal?.sequence ?? null,
      } as const;
      await (waits ? this.#settle(end) : this.#append(end));
      return signal === undefined ? undefined : parse(signal.payload);
    });
  }

  now(name: string): Promise<number> {
    return this.#call('now', name, async (position, kept) => {
      if (kept?.data != null) return Number(kept.data);
      const nowMs = this.#clock.nowMs();
      await this.#append({ position, kind: 'now', name, state: 'done', data: String(nowMs) });
      return nowMs;
    });
  }

  id(step: string): string {
    return deriveClientOrderId(this.runId, step);
  }

  /** Gives a call its place, in the order of calling, and what the journal has there. */
  #call<Result>(
    kind: Kind,
    name: string,
    act: (position: number, kept: JournalEntry | undefined) => Promise<Result>,
  ): Promise<Result> {
    return this.#hold.during(async () => {
      if (this.#interruption !== undefined) throw this.#interruption;
      const position = this.#next;
      this.#next += 1;
      const kept = this.#entries.get(position);
      if (kept !== undefined && (kept.kind !== kind || kept.name !== name)) {
        throw this.#mismatch(`Call ${position} was ${kept.kind} "${kept.name}" and is ${kind} "${name}" now.`);
      }
      return act(position, kept);
    });
  }

  #mismatch(message: string): RunInterruption {
    const { name, version } = this.#run;
    return this.interrupt(
      new RunInterruption(
        'failed',
        `The steps of workflow "${name}" version ${version} are not those of its journal: ${message}`,
        {
          code: 'workflow.steps-changed',
        },
      ),
    );
  }

  async #attempt<Result extends JsonValue | void>(
    name: string,
    fn: () => Promise<Result> | Result,
    retry: RetryPolicy = { attempts: 1, delayMs: 0 },
  ): Promise<Outcome> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const result = await fn();
        return { state: 'done', data: result === undefined ? null : canonicalJson(result) };
      } catch (error) {
        // What a step throws because it was told to stop is not its result.
        if (this.#interruption !== undefined) throw this.#interruption;
        if (attempt >= retry.attempts || !PerpDeskError.is(error) || !error.retryable)
          return { state: 'failed', data: failureData(name, error) };
        await this.#until(this.#clock.nowMs() + retry.delayMs * 2 ** (attempt - 1));
      }
    }
  }

  async #append(
    entry: Omit<JournalEntry, 'atMs' | 'deadlineMs' | 'signalSequence'> & Partial<JournalEntry>,
  ): Promise<void> {
    await this.#write(() =>
      this.#journal.append(this.#run, { deadlineMs: null, signalSequence: null, atMs: this.#clock.nowMs(), ...entry }),
    );
  }

  async #settle(entry: Omit<JournalEntry, 'atMs'>): Promise<void> {
    await this.#write(() => this.#journal.settle(this.#run, { ...entry, atMs: this.#clock.nowMs() }));
  }

  async #write(write: () => Promise<boolean>): Promise<void> {
    if (this.#interruption !== undefined) throw this.#interruption;
    let written: boolean;
    try {
      written = await write();
    } catch (cause) {
      throw this.interrupt(new RunInterruption('stalled', 'The journal can not be written.', { cause }));
    }
    if (!written) throw this.interrupt(new RunInterruption('lost', 'The run was canceled or another engine has it.'));
    if (this.#interruption !== undefined) throw this.#interruption;
  }

  /** Waits for an instant, or a signal of a topic. False when the instant came. The clock is held again from the moment of waking. */
  async #until(deadlineMs: number | undefined, topic?: string): Promise<boolean> {
    if (this.#interruption !== undefined) throw this.#interruption;
    const leftMs = deadlineMs === undefined ? undefined : deadlineMs - this.#clock.nowMs();
    if (leftMs !== undefined && leftMs <= 0) return false;
    const goOn = this.#hold.wait();
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

const parse = (text: string): JsonValue => JSON.parse(text);

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

/** A failed step throws the same on every replay: the error's code and message, whatever its class was. */
function failureOf(data: string | null): PerpDeskError {
  const { code, message, retryable } = JSON.parse(data ?? '{}');
  return new PerpDeskError(String(code), String(message), { retryable: retryable === true });
}
