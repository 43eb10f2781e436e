import {
  type Clock,
  type IdGenerator,
  type LanguageModel,
  type Logger,
  type ModelAnswer,
  type ModelCallOptions,
  ModelError,
  type ModelFacts,
  type ModelRequest,
  type ModelUsage,
  silentLogger,
} from '@perpdesk/core';
import { type Redactor, sha256Hex } from '@perpdesk/core/security';
import type * as z from 'zod';
import { jsonOf } from '../call/json-of.ts';
import { questionKey, schemaText } from '../call/question-key.ts';
import { asModelError } from '../call/within-time.ts';
import type { HearsRefusals } from '../guard/hears-refusals.ts';
import { maskCredentials } from './mask-credentials.ts';
import type { ModelJournal } from './model-journal.ts';
import type { ModelOutcome, ModelRecord } from './model-record.ts';

/** Options of {@link RecordingModel}. */
export interface RecordingModelOptions {
  /** What stands outside all other wrappers records kept answers and refused questions too. */
  readonly model: LanguageModel;
  /** Its `open()` is the caller's to call. */
  readonly journal: ModelJournal;
  /** Of the desk: the instants in the journal. */
  readonly clock: Clock;
  /** The machine's time: how long answers took. Default: `clock`. */
  readonly wallClock?: Clock;
  readonly ids: IdGenerator;
  /** Knows the secrets that must not be written; what looks like a credential is masked in any case. */
  readonly redactor?: Redactor;
  readonly logger?: Logger;
}

/** What is recorded of a question beside what was asked. */
interface QuestionEnd {
  readonly id: string;
  readonly atMs: number;
  readonly latencyMs: number;
  readonly late?: boolean;
  readonly model: string;
  readonly outcome: ModelOutcome;
  readonly usage: ModelUsage | undefined;
  readonly costUsd?: number | undefined;
}

/** Records that may wait for a slow journal; further ones are counted as lost. */
const mostWaiting = 1_000;

/**
 * Writes every question with its answer or failure to a journal. Answers do not wait for it, and one that can not be written is given all
 * the same; {@link unrecorded} and the log say so.
 */
export class RecordingModel implements LanguageModel, HearsRefusals {
  readonly name: string;
  readonly about: ModelFacts;
  readonly #options: RecordingModelOptions;
  readonly #logger: Logger;
  #writing: Promise<void> = Promise.resolve();
  #waiting = 0;
  #unrecorded = 0;
  #ended = 0;

  constructor(options: RecordingModelOptions) {
    this.name = options.model.name;
    this.about = options.model.about ?? {};
    this.#options = options;
    this.#logger = options.logger ?? silentLogger;
  }

  /** How many questions could not be written. */
  get unrecorded(): number {
    return this.#unrecorded;
  }

  async generate<Schema extends z.ZodType>(
    request: ModelRequest<Schema>,
    options: ModelCallOptions = {},
  ): Promise<ModelAnswer<z.infer<Schema>>> {
    const { model, clock, wallClock = clock, ids } = this.#options;
    const id = ids.next('question');
    const atMs = clock.nowMs();
    const askedAtMs = wallClock.nowMs();
    const asked = () => ({
      ...{ id, atMs, latencyMs: wallClock.nowMs() - askedAtMs },
      ...(options.signal?.aborted === true ? { late: true } : {}),
    });
    try {
      const answer = await model.generate(request, options);
      const { value, attempts, kept = false, usage, costUsd } = answer;
      const outcome = { kind: 'answered', value: jsonOf(value), attempts, kept } as const;
      this.#write(request, { ...asked(), model: answer.model, outcome, usage, costUsd });
      return answer;
    } catch (error) {
      const failure = asModelError(error);
      const { code, message, retryable } = failure;
      const usage = ModelError.is(failure) ? failure.usage : undefined;
      const outcome = { kind: 'failed', code, message, retryable } as const;
      this.#write(request, { ...asked(), model: model.name, outcome, usage });
      throw failure;
    }
  }

  /** Writes down a question that was kept from the model, as one that failed at once. */
  refused(request: ModelRequest<z.ZodType>, { code, message, retryable, usage }: ModelError): void {
    const { model, clock, ids } = this.#options;
    const outcome = { kind: 'failed', code, message, retryable } as const;
    const [id, atMs] = [ids.next('question'), clock.nowMs()];
    this.#write(request, { id, atMs, latencyMs: 0, model: model.name, outcome, usage });
  }

  /** Resolves when all that was asked so far is written or lost. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  #write(request: ModelRequest<z.ZodType>, end: QuestionEnd): void {
    this.#ended += 1;
    if (this.#waiting >= mostWaiting) {
      this.#lose({ waiting: this.#waiting });
      return;
    }
    this.#waiting += 1;
    const record = this.#record(request, end);
    this.#writing = this.#writing
      .then(() => this.#options.journal.append(record))
      .catch((error: unknown) => this.#lose({ error }))
      .finally(() => {
        this.#waiting -= 1;
      });
  }

  #lose(fields: object): void {
    this.#unrecorded += 1;
    this.#logger.error(
      { ...fields, unrecorded: this.#unrecorded },
      'a question to a model could not be recorded: its decision can not be replayed',
    );
  }

  #record(request: ModelRequest<z.ZodType>, { usage, costUsd, outcome, ...more }: QuestionEnd): ModelRecord {
    const { redactor } = this.#options;
    const mask = (text: string): string => maskCredentials(redactor?.mask(text) ?? text);
    const system = mask(request.system);
    const schema = schemaText(request.schema);
    return {
      ...more,
      endOrder: this.#ended,
      key: questionKey(request),
      purpose: request.purpose,
      system,
      systemHash: sha256Hex(system),
      prompt: mask(request.prompt),
      schemaName: request.schemaName,
      schema,
      schemaHash: sha256Hex(schema),
      context: { ...request.context },
      outcome: JSON.parse(mask(JSON.stringify(outcome))),
      ...(usage === undefined ? {} : { usage }),
      ...(costUsd === undefined ? {} : { costUsd }),
    };
  }
}
