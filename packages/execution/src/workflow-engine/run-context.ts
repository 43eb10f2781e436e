import type { Clock, JsonValue, RetryPolicy, WorkflowContext } from '@perpdesk/core';
import { deriveClientOrderId } from '@perpdesk/core/security';
import type { Mailbox } from './mailbox.ts';
import type { RunHold } from './run-hold.ts';
import { RunInterruption } from './run-interruption.ts';
import { RunLife, resultOf, type StepOutcome } from './run-life.ts';
import type { JournalEntry, MailboxSignal, RunRow, StepJournal } from './step-journal.ts';
import { stepsChanged } from './steps-changed.ts';

type Kind = JournalEntry['kind'];

/** What a workflow's function runs on: gives back what is in the journal, does and writes down what is not. */
export class RunContext implements WorkflowContext {
  readonly runId: string;
  readonly #run: RunRow;
  readonly #journal: StepJournal;
  readonly #clock: Clock;
  readonly #life: RunLife;
  readonly #entries = new Map<number, JournalEntry>();
  #next = 0;

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
    this.#life = new RunLife(options);
  }

  get mailbox(): Mailbox {
    return this.#life.mailbox;
  }

  get signal(): AbortSignal {
    return this.#life.signal;
  }

  /** Why the run must not go on, once it must not. */
  get interruption(): RunInterruption | undefined {
    return this.#life.interruption;
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
    return this.#life.interrupt(interruption);
  }

  /** Fails the run when its function ended before the journal did. */
  checkEnd(): void {
    const left = this.#entries.get(this.#next);
    if (left !== undefined) this.interrupt(stepsChanged(this.#run, this.#next, left));
  }

  step<Result extends JsonValue | void>(
    name: string,
    fn: () => Promise<Result> | Result,
    options: { readonly retry?: RetryPolicy } = {},
  ): Promise<Result> {
    return this.#call('step', name, async (position, kept) => {
      const outcome: StepOutcome =
        kept === undefined
          ? await this.#life.attempt(name, fn, options.retry)
          : { state: kept.state === 'failed' ? 'failed' : 'done', data: kept.data };
      if (kept === undefined) await this.#append({ position, kind: 'step', name, ...outcome });
      return resultOf(outcome);
    });
  }

  sleep(name: string, durationMs: number): Promise<void> {
    return this.#call('sleep', name, async (position, kept) => {
      const deadlineMs = kept?.deadlineMs ?? this.#clock.nowMs() + Math.max(0, Math.ceil(durationMs));
      if (kept === undefined)
        await this.#append({ position, kind: 'sleep', name, state: 'done', data: null, deadlineMs });
      await this.#life.until(deadlineMs);
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
        const due = !(await this.#life.until(deadlineMs ?? undefined, topic));
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
    return this.#life.hold.during(async () => {
      this.#life.check();
      const position = this.#next;
      this.#next += 1;
      const kept = this.#entries.get(position);
      if (kept !== undefined && (kept.kind !== kind || kept.name !== name))
        throw this.interrupt(stepsChanged(this.#run, position, kept, { kind, name }));
      return act(position, kept);
    });
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
    this.#life.check();
    let written: boolean;
    try {
      written = await write();
    } catch (cause) {
      throw this.interrupt(new RunInterruption('stalled', 'The journal can not be written.', { cause }));
    }
    if (!written) throw this.interrupt(new RunInterruption('lost', 'The run was canceled or another engine has it.'));
    this.#life.check();
  }
}

const parse = (text: string): JsonValue => JSON.parse(text);
