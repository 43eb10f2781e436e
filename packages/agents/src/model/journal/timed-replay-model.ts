import {
  type LanguageModel,
  type ModelAnswer,
  type ModelCallOptions,
  ModelError,
  type ModelFacts,
  type ModelRequest,
  SimulatedClock,
} from '@perpdesk/core';
import type * as z from 'zod';
import { outOfTime } from '../call/within-time.ts';
import type { ModelRecord } from './model-record.ts';
import { answerAgain, RecordedQuestions } from './recorded-questions.ts';
import type { ReplayModelOptions } from './replay-model.ts';

/** Options of {@link TimedReplayModel}. */
export interface TimedReplayModelOptions extends ReplayModelOptions {
  /** The desk's: an answer comes when all else is done. */
  readonly deskClock: SimulatedClock;
}

/** A question whose answer is not due yet. */
interface Waiting {
  readonly record: ModelRecord;
  readonly dueAtMs: number;
  readonly release: () => void;
}

/** How much sooner than then whoever bounds a question may be: beside its models the recorded desk had work of its own. */
const slackMs = 1_000;

/**
 * Replays the models of a whole run: answers as {@link ReplayModel} does, and as late, in the order in which answers came. What bounds a
 * model's time must run on {@link clock}, which passes only while answers are waited for, so that what was late then is late again and
 * nobody waits.
 *
 * Its failures are of the past, and it answers a run whose agents were given a {@link SettledModel}: give it to agents in one that never opens.
 * Made anew for each replay.
 *
 * @example
 * ```ts
 * const replay = new TimedReplayModel({ journal, deskClock });
 * const model = new SettledModel({ model: replay, clock: replay.clock, deskClock, failures: Number.POSITIVE_INFINITY });
 * const vanta = new Vanta({ marketView, clock: replay.clock, model });
 * ```
 */
export class TimedReplayModel implements LanguageModel {
  readonly name: string;
  readonly about: ModelFacts;
  /** The machine's time of the run that is replayed, for agents, Riven, War Room and Koda's thinking. */
  readonly clock = new SimulatedClock();
  readonly #deskClock: SimulatedClock;
  readonly #questions: RecordedQuestions;
  readonly #waiting = new Set<Waiting>();
  #isPassing = false;
  #notRecorded = 0;

  constructor(options: TimedReplayModelOptions) {
    this.name = options.name ?? 'replay';
    this.about = options.about ?? {};
    this.#deskClock = options.deskClock;
    this.#questions = new RecordedQuestions(options.journal, options.of);
  }

  /** How many questions were asked that the journal does not have. */
  get notRecorded(): number {
    return this.#notRecorded;
  }

  /** @throws ModelError the recorded failure, `model.not-recorded`, or `model.timeout` when the caller gives up. @throws StoreError */
  async generate<Schema extends z.ZodType>(
    request: ModelRequest<Schema>,
    options: ModelCallOptions = {},
  ): Promise<ModelAnswer<z.infer<Schema>>> {
    const release = this.clock.hold();
    let due: Promise<void>;
    let record: ModelRecord;
    try {
      const askedAtMs = this.clock.nowMs();
      record = await this.#questions.take(request);
      due = this.#wait(record, askedAtMs, request.timeoutMs, options.signal);
    } catch (error) {
      if (ModelError.is(error) && error.code === 'model.not-recorded') this.#notRecorded += 1;
      throw error;
    } finally {
      release();
    }
    await due;
    return answerAgain(record, request, options);
  }

  #wait(record: ModelRecord, askedAtMs: number, timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    // What was late stays away until whoever waits has had enough; what was not is there before.
    const afterMs = record.late === true ? record.latencyMs + slackMs : Math.min(record.latencyMs, timeoutMs - 1);
    const waiting: Waiting = { record, dueAtMs: askedAtMs + Math.max(0, afterMs), release: resolve };
    const leave = (): void => {
      this.#waiting.delete(waiting);
      reject(outOfTime());
    };
    if (signal?.aborted) leave();
    else {
      signal?.addEventListener('abort', leave, { once: true });
      this.#waiting.add(waiting);
      if (!this.#isPassing) void this.#pass();
    }
    return promise;
  }

  /** Lets time pass until nobody waits: to the next timer, or to the answer that came next. */
  async #pass(): Promise<void> {
    this.#isPassing = true;
    for (;;) {
      // Who is yet to ask may have heard first.
      await this.#deskClock.settled();
      await this.clock.idle();
      const next = [...this.#waiting].reduce<Waiting | undefined>(sooner, undefined);
      if (next === undefined) break;
      const nowMs = this.clock.nowMs();
      const timerAtMs = this.clock.nextTimerAtMs() ?? Number.POSITIVE_INFINITY;
      const untilMs = Math.min(timerAtMs, next.dueAtMs);
      if (timerAtMs <= nowMs || untilMs > nowMs) await this.clock.advanceTo(Math.max(nowMs, untilMs));
      else {
        this.#waiting.delete(next);
        next.release();
      }
    }
    this.#isPassing = false;
  }
}

const endOf = ({ record }: Waiting): number => record.endOrder ?? 0;

/** Whose end came first: by its place in the journal, or where there is none by its instant. */
function sooner(first: Waiting | undefined, other: Waiting): Waiting {
  if (first === undefined) return other;
  const order = endOf(first) - endOf(other) || first.dueAtMs - other.dueAtMs;
  return order <= 0 ? first : other;
}
